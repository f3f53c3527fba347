"""What Dagster's UI is given to show."""

from dagster import TableMetadataValue

from pim_pipelines import metadata


def preview(rows: list[dict[str, str]]) -> str:
    return metadata.preview(rows).md_str or ""


def test_preview_is_a_table_of_the_first_rows() -> None:
    rows = [{"EAN": f"{number:013}", "Prix": "1,95"} for number in range(30)]
    lines = preview(rows).splitlines()
    assert lines[0].split("|")[1].strip() == "EAN"
    assert len(lines) == 2 + metadata.PREVIEW_ROWS
    assert "0000000000009" in lines[-1]


def test_cells_of_a_supplier_cannot_become_markup() -> None:
    shown = preview([{"a|b": "<script>x</script>", "c": "![](http://x.example/p.png) | `rm`"}])
    assert "<script>" not in shown
    assert "![" not in shown
    assert r"\|" in shown


def test_preview_of_a_wide_file_says_how_much_it_leaves_out() -> None:
    shown = preview([{f"c{number}": "x" for number in range(20)}])
    assert "… and 8 more columns" in shown


def test_preview_of_nothing_is_not_an_error() -> None:
    assert preview([]).strip() == ""


def test_long_cells_are_cut() -> None:
    assert len(preview([{"a": "x" * 500}]).splitlines()[2]) < 80


def test_counts_come_commonest_first() -> None:
    table = metadata.counted({"ean_invalid": 2, "number_invalid": 7}, "error_type")
    assert isinstance(table, TableMetadataValue)
    assert [record.data for record in table.records] == [
        {"error_type": "number_invalid", "rows": 7},
        {"error_type": "ean_invalid", "rows": 2},
    ]


def test_columns_keep_numbers_as_numbers() -> None:
    table = metadata.columns([{"column": "EAN", "confidence": 0.98, "example": None}])
    assert table.records[0].data == {"column": "EAN", "confidence": 0.98, "example": ""}
    assert [column.type for column in table.schema.columns] == ["string", "float", "string"]


def test_rate_of_no_time_is_no_division_by_zero() -> None:
    assert metadata.rate(100, 0.0) == 0
    assert metadata.rate(100, 2.0) == 50
