"""Whether the project's code has changed since it was imported."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import pim_pipelines

PROJECT = Path(pim_pipelines.__file__).parent


class LoadedSources:
    """The files of this process's modules below some folders, as they were when they were imported."""

    def __init__(self, folders: Iterable[Path]) -> None:
        roots = [str(folder.resolve()) + os.sep for folder in folders]
        # A virtual environment is often below the project's folder, and does not change while it is used.
        foreign = str(Path(sys.prefix).resolve()) + os.sep
        self._stamps: dict[str, int] = {}
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if not isinstance(file, str) or not file.endswith(".py"):
                continue
            path = os.path.realpath(file)
            if path.startswith(tuple(roots)) and not path.startswith(foreign):
                self._stamps[path] = _stamp(path)

    def changed(self) -> list[str]:
        """Return the files that have been written or removed since."""
        return [path for path, stamp in self._stamps.items() if _stamp(path) != stamp]


def _stamp(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except FileNotFoundError:
        return 0
