"""The quick reader reads what the slow one reads, whatever the block size."""

import csv
import io
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from read_reference import Row, records, rfc_rows

from pim_pipelines.importing.readers.blocks import tables
from pim_pipelines.importing.readers.division import Divider
from pim_pipelines.importing.readers.limits import Limits
from pim_pipelines.importing.readers.records import Marks
from pim_pipelines.importing.readers.rows_file import RowsFile
from pim_pipelines.importing.readers.text import lines

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_rows(raw: bytes, delimiter: str, width: int, limits: Limits) -> list[Row]:
    """Read text without a header by the quick reader."""
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "rows.parquet"
        source.write_bytes(raw)
        divider = Divider(Marks(delimiter.encode(), b'"'), width, frozenset({width}), limits)
        with RowsFile(target, width) as file:
            for table in tables(lines(source, "utf-8", limits), divider):
                file.write(table)
        found: pa.Table = pq.read_table(target, use_threads=False)
    assert found["row_number"].to_pylist() == list(range(1, found.num_rows + 1))
    cells = [found[f"c{index}"].to_pylist() for index in range(width)]
    return [Row(tuple(row[:-1]), row[-1]) for row in zip(*cells, found["problem"].to_pylist(), strict=True)]


cell = st.text(st.sampled_from('ab1;,\t"\n\u00a0é ='), max_size=6)
block = st.integers(1, 60)


@QUICK
@given(
    rows=st.lists(st.lists(cell, max_size=6), max_size=12),
    width=st.integers(1, 5),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    size=block,
)
def test_well_formed_text_reads_as_by_the_csv_module(
    rows: list[list[str]], width: int, delimiter: str, line_end: str, quoting: int, size: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    raw = text.getvalue()
    if width > 1 or "\n" not in "".join(map("".join, rows)):
        expected = rfc_rows(raw, delimiter, width)
        # Text over several lines in a row of another width may be rows behind a lost quote: the sloppy rules decide.
        if not any("\n" in each and len(row) != width for row in rows for each in row):
            assert read_rows(raw.encode(), delimiter, width, Limits(block=size)) == expected
    assert read_rows(raw.encode(), delimiter, width, Limits(block=size)) == records(
        _ended(raw.replace("\r\n", "\n").replace("\r", "\n")), delimiter, width
    )


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(st.sampled_from('ab;;""\n\n '), max_size=60),
    width=st.integers(1, 4),
    size=block,
)
@example(text='"a"";b\n', width=2, size=1)
@example(text='a;"b\nc;d\n"e;f\n', width=2, size=4)
def test_broken_quoting_reads_alike_in_blocks_of_any_size(text: str, width: int, size: int) -> None:
    expected = records(_ended(text), ";", width)

    assert read_rows(text.encode(), ";", width, Limits(block=size)) == expected


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(st.sampled_from('a;;""\n\n'), max_size=80),
    size=block,
    open_cell=st.integers(4, 20),
    resume=st.integers(2, 12),
)
def test_limits_on_open_cells_do_not_depend_on_blocks(text: str, size: int, open_cell: int, resume: int) -> None:
    expected = records(_ended(text), ";", 2, open_cell=open_cell, resume=resume)

    found = read_rows(text.encode(), ";", 2, Limits(block=size, open_cell=open_cell, resume=resume))

    assert found == expected


def test_blocks_of_very_short_rows_are_cut_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pim_pipelines.importing.readers.blocks.MOST_MARKS", 5)
    raw = b"".join(b'%d;"a\n%d"\n;\n' % (n, n) for n in range(100))

    rows = read_rows(raw, ";", 2, Limits())

    assert [row.cells for row in rows] == [(str(n), f"a\n{n}") for n in range(100)]


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_mixed_line_ends_divide_rows_and_become_lf_in_cells(size: int) -> None:
    rows = read_rows(b'a;b\r\nc;"d\r\ne"\rf;g\nh;i', ";", 2, Limits(block=size))

    assert [row.cells for row in rows] == [("a", "b"), ("c", "d\ne"), ("f", "g"), ("h", "i")]


def test_short_rows_are_padded_and_surplus_blank_cells_ignored() -> None:
    rows = read_rows(b"a;b\nc\nd;e;; ;\n", ";", 2, Limits())

    assert rows == [Row(("a", "b"), None), Row(("c", None), "short"), Row(("d", "e"), None)]


def test_surplus_text_is_a_problem_that_shows_the_row() -> None:
    assert read_rows(b"a;b;x\n" * 40 + b"a;b\n", ";", 2, Limits())[0] == Row(("a", "b"), "surplus")


def test_many_widths_in_one_block_keep_their_order() -> None:
    raw = b"".join(b";".join([b"%d" % number] * (1 + number % 5)) + b"\n" for number in range(500))

    rows = read_rows(raw, ";", 3, Limits())

    assert [row.cells[0] for row in rows] == [str(number) for number in range(500)]
    assert {row.problem for row in rows} == {None, "short", "surplus"}


def test_file_cut_in_a_quoted_cell_loses_only_its_last_row() -> None:
    rows = read_rows(b'1;"a"\n2;"b"\n3;"cut he', ";", 2, Limits(block=8))

    assert rows == [Row(("1", "a"), None), Row(("2", "b"), None), Row(("3", "cut he"), "cut_quote")]


def test_file_cut_in_a_cell_of_several_lines_makes_one_row_of_it() -> None:
    rows = read_rows(b'1;"a"\n2;"first\nsecond\nthi', ";", 2, Limits())

    assert rows == [Row(("1", "a"), None), Row(("2", "first\nsecond\nthi"), "cut_quote")]


def test_lost_quote_in_the_middle_swallows_no_other_row() -> None:
    raw = b"".join(b'%d;"text %d";x\n' % (n, n) for n in range(1000)).replace(b'"text 500"', b'"text 500')

    rows = read_rows(raw, ";", 3, Limits(block=100))

    assert len(rows) == 1000
    assert [number for number, row in enumerate(rows) if row.problem] == [500]


def test_inches_within_cells_are_text() -> None:
    raw = b'1;TV 55" black;9\n2;"TV 55" black";9\n3;"Hammer 5" long;9\n4;"";9\n'

    rows = read_rows(raw, ";", 3, Limits())

    assert [row.cells[1] for row in rows] == ['TV 55" black', 'TV 55" black', '"Hammer 5" long', None]
    assert not any(row.problem for row in rows)


def test_markup_with_bare_quotes_over_several_lines_is_one_cell() -> None:
    raw = b"".join(b'%d;"<p class="x">\n<b id="y">\n</p>";9\n' % n for n in range(50))

    rows = read_rows(raw, ";", 3, Limits(block=64))

    assert [row.cells for row in rows] == [(str(n), '<p class="x">\n<b id="y">\n</p>', "9") for n in range(50)]


def test_rows_over_many_lines_are_read_in_bulk_and_whole() -> None:
    raw = b"".join(b'%d;"<p>\n%d ""x""\n</p>"\n' % (n, n) for n in range(2000))

    rows = read_rows(raw, ";", 2, Limits(block=1000))

    assert [row.cells for row in rows] == [(str(n), f'<p>\n{n} "x"\n</p>') for n in range(2000)]


def test_invalid_bytes_cost_their_row_only() -> None:
    rows = read_rows("é;1\n".encode() + b"\xff\xfe;2\n" + "ü;3\n".encode() + b"\xed\xa0\x80;4\n", ";", 2, Limits())

    assert [row.problem for row in rows] == [None, "encoding", None, "encoding"]
    assert rows[1].cells == ("\ufffd\ufffd", "2")


def test_zero_bytes_are_dropped() -> None:
    assert read_rows(b"a\0b;\0\n\0c;d\n", ";", 2, Limits()) == [Row(("ab", None), None), Row(("c", "d"), None)]


def test_blanks_of_every_kind_are_trimmed_and_blank_rows_are_no_rows() -> None:
    raw = "\u00a0a\u200b;\u3000\n;\n \t;\u2009\n\ufeffb\u202f;c\u0085\n".encode()

    assert read_rows(raw, ";", 2, Limits()) == [Row(("a", None), None), Row(("b", "c"), None)]


def test_formulas_that_keep_digits_as_text_are_unwrapped() -> None:
    raw = b'="0012";"=""0034"""\n=" 5 ";=""\n=A1+B1;x\n'

    rows = read_rows(raw, ";", 2, Limits())

    assert [row.cells for row in rows] == [("0012", "0034"), ("5", None), ("=A1+B1", "x")]
