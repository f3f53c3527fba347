"""stdout and stderr of runs in files, without a helper process."""

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TextIO

from dagster import Field, StringSource

from pim_pipelines.launcher.dagster_private import (
    CapturedLogContext,
    ConfigurableClassData,
    LocalComputeLogManager,
)
from pim_pipelines.settings import settings


class FileComputeLogManager(LocalComputeLogManager):
    """LocalComputeLogManager that points the process's own descriptors at the files.

    Dagster's own starts four processes a run, which copy the files to the terminal (40 ms). On a terminal
    (`dagster job execute`) it is what one wants, so there it is used. `base_dir` defaults to a
    folder below PIM_HOME.
    """

    @classmethod
    def config_type(cls) -> dict[str, Field]:
        """Return the fields of `config:` in `dagster.yaml`."""
        return {"base_dir": Field(StringSource, is_required=False)}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        """Make the manager that `dagster.yaml` describes."""
        base_dir = config_value.get("base_dir") or str(settings().home / "dagster" / "storage")
        return cls(base_dir=base_dir, inst_data=inst_data)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        """Send stdout and stderr to the files that the UI reads."""
        if sys.stderr.isatty():
            with super().capture_logs(log_key) as context:
                yield context
            return
        try:
            with (
                _into(1, sys.stdout, Path(self.get_captured_local_path(log_key, "out"))),
                _into(2, sys.stderr, Path(self.get_captured_local_path(log_key, "err"))),
            ):
                yield CapturedLogContext(log_key)
        finally:
            Path(self.get_captured_local_path(log_key, "complete")).touch()  # the UI stops waiting for more


@contextmanager
def _into(descriptor: int, stream: TextIO, path: Path) -> Iterator[None]:
    """Send what is written to a descriptor, by this process and by those it starts, to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stream.flush()
    text = stream if isinstance(stream, io.TextIOWrapper) and not stream.line_buffering else None
    if text:
        text.reconfigure(line_buffering=True)  # else a killed run's last lines are lost
    before = os.dup(descriptor)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    os.dup2(file, descriptor)
    os.close(file)
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            stream.flush()
        if text:
            text.reconfigure(line_buffering=False)
        os.dup2(before, descriptor)
        os.close(before)
