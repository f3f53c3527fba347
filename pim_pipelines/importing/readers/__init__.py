"""One reader a format: blocks of text rows out of a file.

`normalise` is the door: it looks at the content, takes the reader of that format and leaves `rows.parquet`.
Importing this package loads no frames (the API asks `sniff` only); a reader is loaded when it is needed.
"""

from importlib import import_module
from pathlib import Path, PurePath
from typing import cast

from pim_pipelines.errors import BrokenFile, EmptyFile
from pim_pipelines.importing.memory import WORTH_IT, give_back
from pim_pipelines.importing.readers.sniff import FileFormat, FileType, sniff
from pim_pipelines.importing.readers.table import ReadOptions, Table

# A new format is a module with `read(source, target, file_format, options) -> Table`, and one line here.
READERS: dict[FileType, str] = {
    FileType.CSV: "pim_pipelines.importing.readers.csv",
    FileType.XLSX: "pim_pipelines.importing.readers.workbook",
    FileType.XLS: "pim_pipelines.importing.readers.workbook",
    FileType.ODS: "pim_pipelines.importing.readers.workbook",
    FileType.JSON: "pim_pipelines.importing.readers.json",
    FileType.NDJSON: "pim_pipelines.importing.readers.json",
    FileType.XML: "pim_pipelines.importing.readers.xml",
}


def normalise(source: Path, file_name: str, target: Path, options: ReadOptions) -> Table:
    """Read a supplier file into a rows file at `target` and say what was found.

    rows file: `row_number i32, problem str|null, problem_text str|null`, then one string column a file column
    (`c0, c1, …`), cells trimmed, blanks null. Raises the `FileError` tree with a sentence for the user.
    """
    file_format = sniff(source, file_name)
    reader = import_module(READERS[file_format.file_type])
    try:
        return cast("Table", reader.read(source, target, file_format, options))
    except EmptyFile as error:
        named = NAMED.get(PurePath(file_format.member or file_name).suffix.lower())
        if file_format.file_type is not FileType.CSV or named is None:
            raise
        raise BrokenFile(
            f"The file is called {named}, but what is in it is none. Please open it and look at its beginning, and "
            "export it again."
        ) from error
    finally:
        if source.stat().st_size >= WORTH_IT:
            give_back()


NAMED = {".json": "JSON", ".ndjson": "JSON lines", ".jsonl": "JSON lines", ".xml": "XML"}

__all__ = ["READERS", "FileFormat", "FileType", "ReadOptions", "Table", "normalise", "sniff"]
