"""Tables that wait in a file for what is only known at the end: which columns there are."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import pyarrow as pa


class BatchFile:
    """Takes record batches, each with columns of its own, and gives them back in their order."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.NamedTemporaryFile(dir=folder, prefix=".spool-", suffix=".part")  # noqa: SIM115

    def __enter__(self) -> "BatchFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Throw the batches away."""
        self._file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch."""
        with pa.ipc.new_stream(self._file, batch.schema) as stream:
            stream.write_batch(batch)

    def tables(self) -> Iterator[pa.Table]:
        """Yield the batches, each as a table."""
        self._file.flush()
        with pa.OSFile(self._file.name) as source:
            while source.tell() < source.size():
                yield pa.ipc.open_stream(source).read_all()


def cells_of(table: pa.Table, names: Iterable[str]) -> list[pa.ChunkedArray | pa.Array]:
    """Return a batch's columns of these names, blank ones for those that it has not."""
    blank = pa.nulls(table.num_rows, pa.string())
    there = set(table.column_names)
    return [table[name] if name in there else blank for name in names]
