"""Which mapping an import starts with."""

from pathlib import Path
from typing import Any

import pytest

from pim_pipelines.errors import FileError
from pim_pipelines.importing.analysis import LEAST_SURE, Analysis, analyse, with_template
from pim_pipelines.importing.mapping.detection import Suggestion

PLAIN = "EAN,Title,Price\n4006381333931,Pen,1.95\n3017620422003,Spread,3.49\n"
OBSCURE = "Alpha,Beta\nx1,hello\nx2,world\n"


def read(tmp_path: Path, content: str, **asked: Any) -> Analysis:
    source = tmp_path / "source"
    source.write_text(content)
    options = asked.pop("import_options", {})
    return analyse(source, "x.csv", tmp_path / "rows.parquet", import_options=options, max_bytes=1_000_000, **asked)


def test_plain_headers_give_a_mapping_of_every_column(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN)

    assert found.column_mapping == {"EAN": "ean", "Title": "title", "Price": "price"}
    assert not found.fits_template


def test_obscure_headers_give_suggestions_only(tmp_path: Path) -> None:
    found = read(tmp_path, OBSCURE)

    assert found.column_mapping is None
    assert list(found.suggestions) == ["Alpha", "Beta"]


def test_what_is_only_guessed_is_proposed_but_not_imported(tmp_path: Path) -> None:
    found = read(tmp_path, "EAN;Title;Price;Colour\n4006381333931;Red pen;1,95;\n3017620422003;Blue pen;2,95;\n")

    assert found.suggestions["Colour"].field == "color"
    assert 0 < found.suggestions["Colour"].confidence < LEAST_SURE
    assert found.column_mapping == {"EAN": "ean", "Title": "title", "Price": "price", "Colour": None}


def test_template_that_fits_is_the_mapping_by_the_files_own_names(tmp_path: Path) -> None:
    found = read(tmp_path, OBSCURE, template={" alpha": "sku", "BETA": "title"})

    assert found.fits_template
    assert found.column_mapping == {"Alpha": "sku", "Beta": "title"}
    assert found.suggested_mapping()["Alpha"] == {"field": "sku", "confidence": 1.0, "reason": "the template says so"}


def test_template_that_lacks_a_column_is_where_the_suggestions_start(tmp_path: Path) -> None:
    found = read(tmp_path, OBSCURE, template={"Alpha": "sku", "Gamma": "title"})

    assert not found.fits_template
    assert found.column_mapping is None
    assert found.suggestions["Alpha"].field == "sku"


def test_saved_mapping_wins_over_the_template(tmp_path: Path) -> None:
    own: dict[str, str | None] = {"Alpha": "ean", "Beta": "title"}

    found = read(tmp_path, OBSCURE, own_mapping=own, template={"Alpha": "sku", "Beta": "title"})

    assert found.column_mapping == own


def test_field_of_the_template_is_taken_from_the_column_that_looked_like_it() -> None:
    merged = with_template(
        {"Code": Suggestion(None, 0.0, "?"), "SKU": Suggestion("sku", 0.95, "named so")},
        {"Code": "sku"},
        ["Code", "SKU"],
    )

    assert merged["Code"].field == "sku"
    assert merged["SKU"].field is None


def test_template_may_ignore_a_column() -> None:
    merged = with_template({"SKU": Suggestion("sku", 0.95, "named so")}, {"SKU": None}, ["SKU"])

    assert merged["SKU"].field is None


def test_numbers_that_can_be_read_in_two_ways_are_warned_of_once(tmp_path: Path) -> None:
    content = "EAN,Title,Price\n4006381333931,Pen,1.950\n3017620422003,Spread,3.490\n"

    [warning] = [text for text in read(tmp_path, content).warnings if "Price" in text]
    assert "decimal_separator" in warning
    decided = read(tmp_path, content, import_options={"decimal_separator": "."})
    assert not [text for text in decided.warnings if "Price" in text]


def test_analysis_is_what_the_api_documents(tmp_path: Path) -> None:
    shown = read(tmp_path, PLAIN).described()

    assert set(shown) == {
        *("format", "encoding", "delimiter", "header_row", "columns", "total_rows", "sample", "warnings"),
    }
    assert (shown["format"], shown["delimiter"], shown["total_rows"]) == ("csv", ",", 2)
    assert shown["sample"][0]["Title"] == "Pen"


def test_rows_to_skip_are_skipped(tmp_path: Path) -> None:
    found = read(tmp_path, "Price list 2026,,\n" + PLAIN, import_options={"skip_header_rows": 1})

    assert found.table.columns == ["EAN", "Title", "Price"]


def test_file_without_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        read(tmp_path, "EAN,Title\n")
