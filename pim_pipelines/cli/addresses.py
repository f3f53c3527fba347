"""The addresses that a system listens on."""

import socket
from dataclasses import dataclass

from pim_pipelines.errors import ConfigurationError


@dataclass(frozen=True)
class Addresses:
    """Host and ports of the API and of Dagster's web server."""

    host: str
    api_port: int
    ui_port: int

    @property
    def api_url(self) -> str:
        """Where this machine reaches the API."""
        return f"http://{self._reachable}:{self.api_port}"

    @property
    def ui_url(self) -> str:
        """Where this machine reaches Dagster."""
        return f"http://{self._reachable}:{self.ui_port}"

    @property
    def _reachable(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104
        return f"[{host}]" if ":" in host else host


def choose(host: str, api_port: int, ui_port: int) -> Addresses:
    """Check that both ports can be listened on; a port 0 becomes a free one.

    Raises ConfigurationError that names the port which is taken. The check is made before anything is
    started: some servers would share a taken port without a word (SO_REUSEPORT).
    """
    if api_port == ui_port != 0:
        raise ConfigurationError(f"The API and Dagster cannot both listen on port {api_port}.")
    with _listen(host, api_port, "--api-port") as api, _listen(host, ui_port, "--ui-port") as ui:
        return Addresses(host, api.getsockname()[1], ui.getsockname()[1])


def _listen(host: str, port: int, flag: str) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ConfigurationError(f"{host} is no address of this machine: {error.strerror}. Change --host.") from error
    listener = socket.socket(family, kind, protocol)
    # As the servers do: a port whose last connections are still closing may be taken again.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(1)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"Port {port} on {host} cannot be listened on ({(error.strerror or str(error)).lower()}): end what uses "
            f"it, or choose another with {flag}."
        ) from error
    return listener
