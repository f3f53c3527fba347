"""`checked.arrow` and `errors.arrow`: checked rows and their errors on disk, a record batch a block (IPC, lz4)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl
import pyarrow as pa
from pyarrow import ipc

OPTIONS = ipc.IpcWriteOptions(compression="lz4")

KEYS = ("row_number", "gtin", "gtin_scope", "ean", "sku", "row_hash", "has_title", "clear")
ERRORS: dict[str, pl.DataType] = {
    "row_number": pl.Int32(),
    "severity": pl.String(),
    "error_type": pl.String(),
    "field": pl.String(),
    "message": pl.String(),
    "raw_value": pl.String(),
}


class FrameWriter:
    """Writes frames of one schema to a file, a record batch each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None

    def write(self, frame: pl.DataFrame) -> None:
        """Add a frame."""
        # The oldest layout: views would keep the whole block's text alive in every batch.
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()
        if self._writer is None:
            self._writer = ipc.new_file(str(self._path), table.schema, options=OPTIONS)
        batches = table.to_batches()
        self._writer.write_batch(batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._writer is not None:
            self._writer.close()
        elif error is None:
            self._path.touch()


@dataclass(frozen=True)
class Block:
    """A block of the file as it was checked: its good rows, and the errors of all its rows."""

    rows: pl.DataFrame
    errors: pl.DataFrame


def blocks(checked_path: Path, errors_path: Path) -> Iterator[Block]:
    """Read back the blocks in the file's order; memory holds one at a time."""
    if checked_path.stat().st_size == 0:
        return
    with pa.OSFile(str(checked_path)) as rows_file, pa.OSFile(str(errors_path)) as errors_file:
        rows, errors = ipc.open_file(rows_file), ipc.open_file(errors_file)
        for number in range(rows.num_record_batches):
            yield Block(_frame(rows.get_batch(number)), _frame(errors.get_batch(number)))


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("a record batch is a frame")
    return frame


def csv(frame: pl.DataFrame) -> bytes:
    """Write a frame as PostgreSQL's COPY reads CSV: no header, null is nothing, an empty text is `""`."""
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False)
    return buffer.getvalue()
