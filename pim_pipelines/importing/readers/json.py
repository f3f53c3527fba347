"""The reader of JSON: an array of records, an object that holds one, and JSON lines; gzip and zip of them.

Every array of objects that is found, however deep in objects, is read as it comes, and the one that looks most like
products is kept. Objects that are alike and stand under keys (`{"4006381333931": {…}, …}`) are records too, and an
object on its own is a single one.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from pim_pipelines.errors import EmptyFile
from pim_pipelines.importing.readers.collecting import without_collecting
from pim_pipelines.importing.readers.compressed import unpacked
from pim_pipelines.importing.readers.encoding import detect_encoding
from pim_pipelines.importing.readers.json_records import Taking, are_alike
from pim_pipelines.importing.readers.json_stream import JsonStream
from pim_pipelines.importing.readers.limits import LIMITS, MIB, Limits
from pim_pipelines.importing.readers.nested import Record
from pim_pipelines.importing.readers.sniff import FileFormat, FileType
from pim_pipelines.importing.readers.table import ReadOptions, Table
from pim_pipelines.importing.readers.text import characters

_SMALL = MIB
_HEAD = 200
_LEVELS = 8
_MEMBERS_LOOKED_INTO = 20


def read(source: Path, target: Path, file_format: FileFormat, options: ReadOptions, limits: Limits = LIMITS) -> Table:
    """Write the records of a JSON file to `target`; raises the `FileError` tree."""
    with unpacked(source, target.parent, file_format, options.max_bytes) as plain:
        reading = _Reading(plain, target.parent, limits)
        with without_collecting():
            try:
                reading.read(in_lines=file_format.file_type is FileType.NDJSON)
                return reading.table(target, file_format.file_type)
            finally:
                reading.close()


class _Reading:
    """A file being read; `best` are the records that look most like products so far."""

    def __init__(self, source: Path, folder: Path, limits: Limits) -> None:
        self._source, self._folder, self._limits = source, folder, limits
        self._encoding = detect_encoding(source)
        self._best: Taking | None = None

    def close(self) -> None:
        if self._best is not None:
            self._best.close()
            self._best = None

    def read(self, *, in_lines: bool) -> None:
        stream = self._stream = JsonStream(characters(self._source, self._encoding, self._limits.block), self._limits)
        first = stream.peek()
        if in_lines:
            self._offer("", stream.lines())
        elif first == "[":
            self._offer("", stream.elements())
        elif first == "{":
            self._object("", _LEVELS)
        behind = stream.peek()
        if not behind:
            return
        if first != "{" or behind not in "{,":
            stream.stop_here()
        # One object after the other: JSON lines whose objects take several lines, or a very long one.
        self.close()
        self.read(in_lines=True)

    def table(self, target: Path, file_type: FileType) -> Table:
        best = self._best
        failure = best.failure if best is not None else None
        if failure is not None:
            raise failure
        if best is None or best.spool.is_blank:
            raise EmptyFile("The file has no objects with values in it. Please export it with its products.")
        names, rows = best.spool.write(target)
        warnings = [
            f"{sentence}: {number:,}."
            for sentence, number in (
                ("Rows with NaN or Infinity for a number, which is read as blank", rows.problems["number_invalid"]),
                ("Rows with bytes that the file's encoding does not have, not loaded", rows.problems["encoding"]),
                ("Elements beside the records that are no objects, left out", best.left_out),
            )
            if number
        ]
        return Table(
            file_type=str(file_type),
            encoding=self._encoding,
            delimiter=None,
            header_row=None,
            columns=names,
            total_rows=rows.total_rows,
            sample=[dict(zip(names, row, strict=True)) for row in rows.sample],
            warnings=warnings,
        )

    def _object(self, name: str, levels: int) -> None:
        """Look into an object that may be larger than memory: at what is in it, and at its members as records."""
        found, value = self._stream.small(_SMALL)
        if found:
            self._consider(name, value, levels)
            return
        members: list[Record] = []
        taking: Taking | None = None
        for number, key in enumerate(self._stream.members()):
            first = self._stream.peek()
            if first == "[":
                self._offer(key, self._stream.elements())
                continue
            found, value = self._stream.small(_SMALL)
            if not found and first == "{" and levels:
                self._object(key, levels - 1)
            elif not found:
                self._stream.value()
            elif first == "{":
                if number < _MEMBERS_LOOKED_INTO:
                    self._consider(key, value, levels - 1)
                members.append({"key": key, **value})
            if len(members) >= (10 * _HEAD if taking else _HEAD):
                if taking is None and are_alike(members):
                    taking = Taking(name, members, self._folder, self._limits)
                if taking is not None:
                    taking.add(members, marked=self._stream.has_marks)
                members.clear()
        if taking is not None:
            taking.add(members, marked=self._stream.has_marks)
            self._settle(taking)

    def _consider(self, name: str, value: Record, levels: int) -> None:
        """Look into an object that is in memory: at itself, at its members as records, and at what is in them."""
        plain = {key: each for key, each in value.items() if type(each) is not dict}
        own = bool(plain) and self._offer(name, [[value]], counted=plain)
        inner = {key: each for key, each in value.items() if type(each) is dict}
        if len(inner) > 1 and are_alike(list(inner.values())):
            self._offer(name, [[{"key": key, **each} for key, each in inner.items()]])
        if levels < 0:
            return
        for number, (key, each) in enumerate(value.items()):
            if type(each) is dict and number < _MEMBERS_LOOKED_INTO:
                self._consider(key, each, levels - 1)
            elif type(each) is list:
                self._offer(key, [each], within=own)

    def _offer(
        self,
        name: str,
        batches: Iterable[Sequence[Any]],
        *,
        within: bool = False,
        counted: Record | None = None,
    ) -> bool:
        """Read records to their end; keep them where they look more like products than those before.

        `within` says that they lie in what may be a product itself; `counted` is what of a single object speaks for
        it. Returns whether these may be products.
        """
        head: list[Any] = []
        rest = iter(batches)
        for batch in rest:
            head += batch
            if len(head) >= _HEAD:
                break
        looked_at = head if counted is None else [counted]
        taking = Taking(name, looked_at, self._folder, self._limits, within=within)
        for batch in chain([head], rest):
            taking.add(batch, marked=self._stream.has_marks)
        self._settle(taking)
        return taking.is_likely

    def _settle(self, taking: Taking) -> None:
        """Keep the better records of two, and throw the others away."""
        if self._best is not None and self._best.score >= taking.score:
            taking.close()
        else:
            self.close()
            self._best = taking
