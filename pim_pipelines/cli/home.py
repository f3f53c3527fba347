"""What `PIM_HOME` holds before anything starts: folders, the secret key, Dagster's configuration."""

import base64
import logging
import os
import secrets
from pathlib import Path

from pim_pipelines.errors import ConfigurationError

REPOSITORY = Path(__file__).parents[2]
FOLDERS = ("files", "logs", "keys", "run", "dagster")
LONGEST_LOG = 20 * 1024**2


def prepare(home: Path) -> None:
    """Make the folders of a home and what is in them at first; what is there stays."""
    try:
        for name in FOLDERS:
            (home / name).mkdir(parents=True, exist_ok=True)
        (home / "keys").chmod(0o700)
        (home / "run").chmod(0o700)
    except OSError as error:
        raise ConfigurationError(f"{home} cannot be used: {error.strerror}. Choose another with --home.") from error
    for name in ("dagster.yaml", "workspace.yaml"):
        _link(home / "dagster" / name, REPOSITORY / name)
    for log in (home / "logs").glob("*.log"):
        if log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".log.1"))


def secret_key(home: Path) -> str:
    """Return the key that encrypts stored credentials, made at the first start (mode 0600)."""
    path = home / "secret.key"
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
    except FileExistsError:
        pass
    return path.read_text().strip()


def log_to(path: Path) -> None:
    """Have our own log messages written to a file."""
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("pim")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _link(link: Path, target: Path) -> None:
    """Point a link at a file of the repository; a file that a person has put there instead stays."""
    if link.exists() and not link.is_symlink():
        return
    if not target.exists():
        raise ConfigurationError(f"{target} is missing: run PIM from a complete clone.")
    part = link.with_name(f"{link.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(link)
