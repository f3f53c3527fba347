"""Files from somewhere else into the file store.

| module | noun |
|---|---|
| `places.py` | what a `file_source` may say, and which of it is secret |
| `source.py` | what every source can do |
| `http.py ftp.py sftp.py mailbox.py` | one kind of source each |
| `choice.py` | which of the files that are there is meant, once it is whole |
| `egress.py` | which addresses may be reached; every connection is opened by it |
"""

from typing import TYPE_CHECKING, Any

from pim_pipelines.sources.egress import AddressRefused, Egress, NetworkTrouble
from pim_pipelines.sources.places import HIDDEN, SECRETS, divide, read
from pim_pipelines.sources.source import Candidate, Fetched, Source, Timeouts
from pim_pipelines.sources.storing import store

if TYPE_CHECKING:
    from pim_pipelines.settings import Settings


def of(
    file_source: dict[str, Any], secrets: dict[str, Any], settings: "Settings", timeouts: Timeouts | None = None
) -> Source:
    """Return the source that a `file_source` names, with the secrets that `divide` parted from it.

    Nothing is connected yet. Raises InvalidField for a `file_source` that is wrong.
    """
    place = read(file_source, secrets)
    guard = Egress(settings.egress_allow)
    # Each kind is loaded when it is needed: SSH alone takes 100 ms.
    if place.type == "http":
        from pim_pipelines.sources.http import HttpSource  # noqa: PLC0415

        return HttpSource(place.url, guard, timeouts)
    if place.type == "ftp":
        from pim_pipelines.sources.ftp import FtpSource  # noqa: PLC0415

        return FtpSource(place, guard, timeouts)
    if place.type == "sftp":
        from pim_pipelines.sources.host_keys import HostKeys  # noqa: PLC0415
        from pim_pipelines.sources.sftp import SftpSource  # noqa: PLC0415

        return SftpSource(place, guard, HostKeys(settings.home / "known_hosts"), settings.keys_directory, timeouts)
    from pim_pipelines.sources.mailbox import MailSource  # noqa: PLC0415

    return MailSource(place, guard, timeouts)


__all__ = [
    "HIDDEN",
    "SECRETS",
    "AddressRefused",
    "Candidate",
    "Egress",
    "Fetched",
    "NetworkTrouble",
    "Source",
    "Timeouts",
    "divide",
    "of",
    "read",
    "store",
]
