"""What a Voog task's file is: read once, its first rows kept by their types, its columns known by their titles.

Nothing is guessed from what stands in the columns: Voog's columns bear the attributes' titles, or the caller maps them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pim_pipelines.errors import EmptyFile, UnsupportedFormat
from pim_pipelines.importing.readers import FileFormat, FileType, ReadOptions, Table, normalise, sniff
from pim_pipelines.importing.readers.sniff import NoProductList
from pim_pipelines.importing.readers.table import JsonCell
from pim_pipelines.importing.voog.attributes import AttributeMapping, proposed_mapping

PREVIEW_ROWS = 4
LONGEST = 1000  # characters
_TAKEN = "Products are imported from XLSX, ODS and CSV files, as they are."
FORMATS = (FileType.XLSX, FileType.ODS, FileType.CSV)


@dataclass(frozen=True, slots=True)
class VoogAnalysis:
    """A task's file that was read, and the mapping that it is imported by: the caller's own, else the proposed one."""

    table: Table
    column_mapping: AttributeMapping

    @property
    def detected_data(self) -> list[dict[str, Any]]:
        """The page's preview: of each column the cells of the first four rows."""
        return [
            {"column": name, "values": [_shortened(row[place]) for row in self.table.first_cells]}
            for place, name in enumerate(self.table.columns)
        ]

    def described(self) -> dict[str, Any]:
        """Give what is kept of it in the job's `analysis`."""
        return self.table.described() | {"detected_data": self.detected_data}


def analyse(
    source: Path,
    file_name: str,
    rows_path: Path,
    *,
    max_bytes: int,
    mapping: AttributeMapping | None,
) -> VoogAnalysis:
    """Read a file into `rows_path` (rows.parquet) and find out what its columns are.

    Raises the FileError tree; UnsupportedFormat for all but XLSX, ODS and CSV; EmptyFile where there are no data rows.
    Whether a mapping fits the file is asked by `attributes.check_fit`, once what was found is kept.
    """
    look(source, file_name)
    table = normalise(source, file_name, rows_path, ReadOptions(max_bytes=max_bytes, first_cells=PREVIEW_ROWS))
    if table.total_rows == 0:
        raise EmptyFile("The file has no data rows: there is nothing below its header. Export it again with products.")
    return VoogAnalysis(table, mapping if mapping is not None else proposed_mapping(table.columns))


def _shortened(cell: JsonCell) -> JsonCell:
    """Return a cell for a preview: a description may be a whole page, and a sheet may have 2,000 columns."""
    return cell[:LONGEST] if isinstance(cell, str) else cell


def look(source: Path, file_name: str) -> FileFormat:
    """Tell a file's format by its beginning; raises UnsupportedFormat for all that a task does not import."""
    try:
        found = sniff(source, file_name)
    except NoProductList as error:
        raise NoProductList(error.found, _TAKEN) from error
    if found.compression is None and found.file_type in FORMATS:
        return found
    kind = str(found.file_type).upper()
    packed = f"{kind} packed with {found.compression}" if found.compression else kind
    raise UnsupportedFormat(f"The file is {packed}. {_TAKEN}")
