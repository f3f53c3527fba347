"""The profile says what is in the columns of rows.parquet."""

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pim_pipelines.importing.profile import ColumnProfile, Profile, profile, profile_frame, sample
from pim_pipelines.importing.readers.table import Table


def column(values: list[str | None]) -> ColumnProfile:
    frame = pd.DataFrame({"c": pd.Series(values, dtype="str")})
    return profile_frame(frame).columns[0]


def rows_file(path: Path, cells: dict[str, list[str | None]], group: int = 50_000) -> Path:
    count = len(next(iter(cells.values()), []))
    table = pa.table(
        {
            "row_number": pa.array(range(1, count + 1), pa.int32()),
            "problem": pa.nulls(count, pa.string()),
            "problem_text": pa.nulls(count, pa.string()),
        }
        | {f"c{position}": pa.array(values, pa.string()) for position, values in enumerate(cells.values())}
    )
    pq.write_table(table, path, row_group_size=group, compression="lz4", use_dictionary=False)
    return path


def table_of(columns: list[str], *, header_row: int | None = 0, file_type: str = "csv") -> Table:
    return Table(file_type, "utf-8", ",", header_row, columns, total_rows=1)


def test_every_column_is_named_and_counted(tmp_path: Path) -> None:
    cells: dict[str, list[str | None]] = {"name": ["Lamp", "Chair", "Lamp", None], "note": [None, None, None, None]}
    path = rows_file(tmp_path / "rows.parquet", cells)

    found = profile(path, table_of(["name", "note"]))

    name, note = found.columns
    assert (found.rows, name.name, name.position) == (4, "name", 0)
    assert (name.filled, name.fill, name.distinct) == (3, 0.75, 2)
    assert (name.commonest, name.commonest_share) == ("Lamp", 0.6667)
    assert name.examples == ["Lamp", "Chair"]
    assert note.blank
    assert note.type == "blank"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["3086123456785", "4006381333931", "80446392", "036000291452"], "gtin"),
        (["'3086123456785'", "4006381333931.0", "3 086123 456785"], "gtin"),
        (["3086123456784", "4006381333932"], "integer or decimal"),
        (["1", "20", "300"], "integer"),
        (["1,50", "20,00", "3,25"], "decimal"),
        (["1 234,50 €", "$12.00", "549.00 PKR", "৳ 123,599"], "decimal"),
        (["12 kg", "1,5 kg", "300 g"], "measure"),
        (["true", "false", "TRUE"], "boolean"),
        (["oui", "non"], "boolean"),
        (["2026-03-15", "15.03.2026", "3/15/2026"], "date"),
        (["https://example.com/lamp", "www.example.com/chair"], "url"),
        (["https://example.com/lamp.jpg?v=1", "photos/chair.PNG"], "image"),
        (["<p>A lamp</p>", "<b>A</b> chair<br/>"], "html"),
        (["Lamp", "Chair with arms"], "text"),
    ],
)
def test_the_type_is_what_most_cells_are(values: list[str | None], expected: str) -> None:
    assert column(values).type in expected.split(" or ")


def test_one_bad_cell_in_ten_does_not_change_the_type() -> None:
    assert column([*["3086123456785"] * 9, "unknown"]).type == "gtin"
    assert column([*["3086123456785"] * 8, "unknown", "none"]).type == "text"


def test_shares_are_of_the_filled_cells() -> None:
    found = column(["3086123456785", "3086123456785", "3086123456784", "x", None, None])

    assert found.share("gtin") == 0.5
    assert found.share("code_digits") == 0.75
    assert found.share("nothing like this") == 0.0


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1,50", "1.234,50"], "comma"),
        (["1.50", "1,234.50"], "point"),
        (["1,50", "2.75"], "both"),
        (["1.234", "2.500"], None),
        (["12", "15"], None),
        (["Version 2.0", "Lamp, 3.5"], None),
    ],
)
def test_the_convention_is_told_by_cells_that_can_be_read_one_way(
    values: list[str | None], expected: str | None
) -> None:
    assert column(values).convention == expected


def test_the_range_of_numbers_is_read_in_both_conventions() -> None:
    assert (column(["1.234,50", "2,25"]).minimum, column(["1.234,50", "2,25"]).maximum) == (2.25, 1234.5)
    assert (column(["1,234.50", "2.25"]).minimum, column(["1,234.50", "2.25"]).maximum) == (2.25, 1234.5)
    assert column(["Lamp 20", "Chair 30"]).maximum is None


def test_lengths_and_words_are_means_over_cells() -> None:
    found = column(["a", "a", "a", "four words are here"])

    assert found.mean_length == 5.5
    assert found.max_length == 19
    assert found.mean_words == 1.8


def test_a_large_file_is_judged_by_rows_from_all_of_it(tmp_path: Path) -> None:
    count = 40_000
    cells: dict[str, list[str | None]] = {"n": [str(number) for number in range(count)]}
    path = rows_file(tmp_path / "rows.parquet", cells, group=5_000)

    numbers = sample(path, 1)["c0"].astype(int)

    assert 1_500 <= len(numbers) <= 2_500
    assert numbers.min() == 0
    assert numbers.max() >= count - 5_000
    assert numbers.is_monotonic_increasing


def test_a_single_row_group_is_judged_by_rows_from_all_of_it(tmp_path: Path) -> None:
    cells: dict[str, list[str | None]] = {"n": [str(number) for number in range(30_000)]}
    path = rows_file(tmp_path / "rows.parquet", cells)

    numbers = sample(path, 1)["c0"].astype(int)

    assert 1_500 <= len(numbers) <= 2_500
    assert numbers.max() >= 28_000


def test_a_very_wide_file_is_judged_by_fewer_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pim_pipelines.importing.profile.SAMPLE_CELLS", 10_000)
    cells: dict[str, list[str | None]] = {f"n{position}": [str(position)] * 300 for position in range(100)}
    path = rows_file(tmp_path / "rows.parquet", cells)

    assert len(sample(path, 100)) == 100


@pytest.mark.parametrize(
    ("header_row", "file_type", "expected"), [(0, "csv", True), (None, "csv", False), (None, "xml", True)]
)
def test_a_file_of_named_values_has_a_header(
    tmp_path: Path, header_row: int | None, file_type: str, expected: bool
) -> None:
    path = rows_file(tmp_path / "rows.parquet", {"a": ["1"]})

    found = profile(path, table_of(["a"], header_row=header_row, file_type=file_type))

    assert found.has_header is expected


def test_a_file_without_rows_has_blank_columns(tmp_path: Path) -> None:
    path = rows_file(tmp_path / "rows.parquet", {"a": [], "b": []})

    found = profile(path, table_of(["a", "b"]))

    assert (found.rows, [one.type for one in found.columns]) == (0, ["blank", "blank"])


def test_the_profile_goes_through_json() -> None:
    frame = pd.DataFrame({"n": pd.Series(["1,50", "ü" * 5_000, None], dtype="str")})
    found = profile_frame(frame)

    again = Profile.from_dict(json.loads(json.dumps(found.to_dict())))

    assert again == found
    assert max(map(len, again.columns[0].examples)) == 200
