"""What a Voog task's file is: its formats, its preview, its mapping."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from voog_page import write_csv, write_sheet_ods, write_xlsx
from workbooks import write_xls

from pim_pipelines.errors import EmptyFile, UnsupportedFormat
from pim_pipelines.importing.voog.analysis import VoogAnalysis, analyse


def read(path: Path) -> VoogAnalysis:
    return analyse(path, path.name, path.parent / "rows.parquet", max_bytes=10_000_000, mapping=None)


@pytest.mark.parametrize("write", [write_xlsx, write_sheet_ods, write_csv])
def test_a_long_text_is_shortened_in_the_preview_only(tmp_path: Path, write: object) -> None:
    assert callable(write)
    path = write(tmp_path / f"long.{str(write.__name__).rpartition('_')[2]}", ["ID", "Name"], [[1, "x" * 3000]])

    found = read(path)

    assert [len(str(each["values"][0])) for each in found.detected_data] == [1, 1000]
    assert len(pq.read_table(tmp_path / "rows.parquet")["c1"][0].as_py()) == 3000


def test_columns_are_named_alike_in_the_preview_and_in_the_mapping(tmp_path: Path) -> None:
    found = read(
        write_csv(tmp_path / "a.csv", ["NAME", "Name", "", "name "], [["a", "b", "c", "d"], ["e", "f", "g", "h"]])
    )

    assert [each["column"] for each in found.detected_data] == found.described()["columns"]
    assert found.described()["columns"] == ["NAME", "Name", "column_3", "name"]
    assert found.column_mapping == {"0": "name", "1": None, "2": None, "3": None}


def test_the_old_workbook_is_none_of_the_formats(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormat, match=r"The file is XLS\. Products are imported from XLSX, ODS and CSV"):
        read(write_xls(tmp_path / "old.xls", [["ID", "Name"], [1.0, "a"]]))


@pytest.mark.parametrize("write", [write_xlsx, write_sheet_ods, write_csv])
def test_a_header_alone_is_an_empty_file(tmp_path: Path, write: object) -> None:
    assert callable(write)
    with pytest.raises(EmptyFile, match="no rows below it"):
        read(write(tmp_path / "header.xlsx", ["ID", "Name", "Price"], []))
