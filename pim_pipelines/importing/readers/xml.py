"""The reader of XML: product feeds of every kind, gzip and zip of them.

The record element is found, and its texts and attributes become columns. The document is streamed through expat,
which is given plain text only: no declaration, no DOCTYPE, no entity. No tree is ever built.
"""

from pathlib import Path

from pim_pipelines.errors import EmptyFile
from pim_pipelines.importing.readers.collecting import without_collecting
from pim_pipelines.importing.readers.compressed import unpacked
from pim_pipelines.importing.readers.limits import LIMITS, Limits
from pim_pipelines.importing.readers.sniff import FileFormat
from pim_pipelines.importing.readers.spool import Spool
from pim_pipelines.importing.readers.table import ReadOptions, Table
from pim_pipelines.importing.readers.text import MARK
from pim_pipelines.importing.readers.xml_records import XmlRecords
from pim_pipelines.importing.readers.xml_shape import record_place
from pim_pipelines.importing.readers.xml_text import well_formed, xml_encoding


def read(source: Path, target: Path, file_format: FileFormat, options: ReadOptions, limits: Limits = LIMITS) -> Table:
    """Write the records of an XML file to `target`; raises the `FileError` tree."""
    with (
        unpacked(source, target.parent, file_format, options.max_bytes) as plain,
        Spool(target.parent, limits) as spool,
        without_collecting(),
    ):
        encoding = xml_encoding(plain)
        records = XmlRecords(record_place(plain, encoding, limits), limits)
        marked = False
        for piece in well_formed(plain, encoding, limits):
            marked = marked or MARK in piece
            records.feed(piece)
            _move(records, spool, marked=marked)
        records.feed("", final=True)
        _move(records, spool, marked=marked)
        return _written(spool, target, file_format, encoding)


def _move(records: XmlRecords, spool: Spool, *, marked: bool) -> None:
    total, columns = records.take()
    if total:
        spool.add(total, columns, marked=marked)


def _written(spool: Spool, target: Path, file_format: FileFormat, encoding: str) -> Table:
    if spool.is_blank:
        raise EmptyFile("The file has no elements with values in it. Please export it with its products.")
    names, rows = spool.write(target)
    number = rows.problems["encoding"]
    return Table(
        file_type=str(file_format.file_type),
        encoding=encoding,
        delimiter=None,
        header_row=None,
        columns=names,
        total_rows=rows.total_rows,
        sample=[dict(zip(names, row, strict=True)) for row in rows.sample],
        warnings=[f"Rows with bytes that the file's encoding does not have, not loaded: {number:,}."] if number else [],
    )
