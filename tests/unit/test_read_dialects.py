"""Delimiters, quotes, frames and headers are told without being told."""

from pathlib import Path

import pytest

from pim_pipelines.errors import BrokenFile, EmptyFile, FileError
from pim_pipelines.importing.readers import ReadOptions, Table, normalise


def read(folder: Path, text: str | bytes, encoding: str = "utf-8", **options: int) -> Table:
    source = folder / "source"
    source.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return normalise(source, "list.csv", folder / "rows.parquet", ReadOptions(**options))


def first(table: Table) -> list[str | None]:
    return list(table.sample[0].values())


@pytest.mark.parametrize(
    ("text", "delimiter", "width"),
    [
        ("sku,title\n1,Lamp\n2,Chair\n", ",", 2),
        ("sku;title;price\n1;Lamp;1,50\n2;Chair;2,50\n", ";", 3),
        ("Nom;Prix\nLampe;12,50\nChaise;3,20\n", ";", 2),
        ("3760000000017;Lampe;1,5;2,5;3,5\n3760000000024;Chaise;1,5;2,5;9,5\n", ";", 5),
        ("sku\ttitle, long\tprice\n1\ta, b\t2,5\n2\tc, d\t3,5\n", "\t", 3),
        ("sku,title,categories\n1,Lamp,A|B\n2,Chair,A|C\n3,Table,A|D\n", ",", 3),
        ("sku|title|price\n1|a;b|2\n2|c;d|3\n", "|", 3),
        ('sku,"title; long"\n1,"a; b"\n2,"c; d"\n', ",", 2),
        ("sku^title^price\n1^Lamp^2\n2^Chair^3\n", "^", 3),
        ("sku:title:price\n1:Lamp:2\n2:Chair:3\n", ":", 3),
        ("Name\nLamp, red\nChair, blue, big\nTable\n", None, 1),
        ("sep=;\na,b;c\n1,2;3\n", ";", 2),
        ('"sep=,"\r\na;x,b\r\n1;y,2\r\n', ",", 2),
        ("ean,title,url,time\n1,Lamp,https://example.com/a:b,10:30\n2,Chair,https://example.com/c:d,11:30\n", ",", 4),
    ],
)
def test_the_delimiter_is_the_mark_that_divides_rows_evenly(
    tmp_path: Path, text: str, delimiter: str | None, width: int
) -> None:
    table = read(tmp_path, text)

    assert (table.delimiter, len(table.columns)) == (delimiter, width)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("| sku | title |\n|-----|:-----:|\n| 1 | Lamp |\n| 2 | |\n", ["1", "Lamp"]),
        ("+-----+-------+\n| sku | title |\n+-----+-------+\n|  1  | Lamp  |\n+-----+-------+\n", ["1", "Lamp"]),
        ("sku | title | price\n--- | ----- | ---\n1 | Lamp | 2\n2 | Chair | 3\n", ["1", "Lamp", "2"]),
        ('sku, title, price\n1, "Lamp, red", 2\n2, "Chair, blue", 3\n', ["1", "Lamp, red", "2"]),
        ('"sku" ; "title"\n"1" ; "Lamp; red"\n"2" ; "Chair"\n', ["1", "Lamp; red"]),
        ('sku,title\n1,"TV 55\\" big, red"\n2,"a \\"b\\", c"\n', ["1", 'TV 55" big, red']),
        ("sku,title\n1,'Lamp, red'\n2,'Chair, blue'\n", ["1", "Lamp, red"]),
        ("sku,title\n'1',Lamp\n'2',Chair\n", ["'1'", "Lamp"]),
        ('"sku,title"\n"1,Lamp ""x"""\n"2,Chair"\n', ["1", 'Lamp "x"']),
    ],
)
def test_frames_blanks_and_strange_quotes_are_taken_off(tmp_path: Path, text: str, cells: list[str]) -> None:
    assert first(read(tmp_path, text)) == cells


@pytest.mark.parametrize(
    ("text", "header_row", "rows"),
    [
        ("sku,title,price\n1,Lamp,2.50\n", 0, 1),
        ("3760000000017,Lamp,5\n3760000000024,Chair,6\n", None, 2),
        ("3760000000017,Lamp,5\n", None, 1),
        ("Lampe rouge;3760000000017;\nChaise;3760000000024;\n", None, 2),
        ("title,brand,category\nLamp,Acme,Lights\nChair,Acme,Furniture\nDesk,Zeta,Furniture\n", 0, 3),
        ("Lamp,Acme,Lights\nChair,Acme,Furniture\nDesk,Zeta,Furniture\nSofa,Acme,Furniture\n", None, 4),
        (
            "Tarif 2026;;;\n;;;\nFournisseur : ACME;;;\nRéf;Nom;EAN;Prix\nA;Lampe;37600017;12,5\nB;Lit;37600024;8\n",
            3,
            2,
        ),
        ("Price list, valid from 2024-01-01\n\nsku,title,price\n1,Lamp,2.50\n2,Chair,3.50\n3,Desk,4\n", 2, 3),
        ("Supplier:,ACME\nDate:,2024-01-01\nsku,title,price,stock\n1,Lamp,2.5,1\n2,Chair,3.5,2\n3,Desk,4,5\n", 2, 3),
        (";;Preis;\nArtikelnr;Name;Netto;Brutto\n1001;Lampe;2,50;3\n1002;Stuhl;3,50;4\n1003;Tisch;4;5\n", 1, 3),
        ("Item code;Item;Unit price\nsku;title;price\n1001;Lamp;2,50\n1002;Chair;3,50\n1003;Desk;4\n", 1, 3),
        ("sku;title;weight\n;;kg\n1;Lamp;2,5\n2;Chair;3\n3;Desk;4\n", 0, 4),
        ("sku;title;price\nLAMPS;;\n1;Lamp;2\n2;Floor lamp;3\nTotal;;5\n", 0, 4),
        ("image,url\nhttps://a.example/1.jpg,/a\nhttps://a.example/2.jpg,/b\n", 0, 2),
        ("date;sku;qty\n01.02.2024;A;3\n02.02.2024;B;4\n", 0, 2),
        ("sku,open 1,open 2,open 3\nA 1,7:30,8:15,9:45\n", 0, 1),
        ("৳ 99,5;MacBook\n৳ 88,5;iPad\n", None, 2),
    ],
)
def test_the_header_is_the_row_that_is_unlike_those_below(
    tmp_path: Path, text: str, header_row: int | None, rows: int
) -> None:
    table = read(tmp_path, text)

    assert (table.header_row, table.total_rows) == (header_row, rows)


def test_skip_header_rows_counts_blank_rows_and_takes_exactly_the_next_row(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n\nx,y\n1,2\n3,4\n", skip_header_rows=2)

    assert (table.header_row, table.columns, table.total_rows) == (2, ["x", "y"], 2)


def test_skip_header_rows_may_reach_far_into_a_file(tmp_path: Path) -> None:
    table = read(tmp_path, "note\n" * 5_000 + "sku;title\n1;Lamp\n", skip_header_rows=5_000)

    assert (table.columns, table.total_rows) == (["sku", "title"], 1)


def test_skip_header_rows_beyond_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="skip_header_rows is 30"):
        read(tmp_path, "a,b\n1,2\n", skip_header_rows=30)


def test_blank_and_repeated_names_are_made_distinct(tmp_path: Path) -> None:
    table = read(tmp_path, "sku,,price,price,price (2), \n1,a,2,3,4,b\n2,c,5,6,7,d\n")

    assert table.columns == ["sku", "column_2", "price", "price (2)", "price (2) (2)", "column_6"]


def test_names_are_trimmed_and_may_hold_line_breaks(tmp_path: Path) -> None:
    table = read(tmp_path, '"Art.\nNr.";"\u00a0Preis\r\n(EUR)";  Titel \r\n1001;2,5;Lampe\r\n')

    assert table.columns == ["Art.\nNr.", "Preis\n(EUR)", "Titel"]


def test_repeated_header_rows_are_counted_and_told(tmp_path: Path) -> None:
    table = read(tmp_path, "sku,title\n1,Lamp\nsku,title\n2,Chair\n")

    assert table.total_rows == 3
    assert table.warnings == ["1 row repeats the header and is not loaded."]


def test_columns_that_the_header_forgot_are_read(tmp_path: Path) -> None:
    table = read(tmp_path, "sku,title\n" + "".join(f"{n},Lamp {n},{n}.50\n" for n in range(20)))

    assert table.columns == ["sku", "title", "column_3"]
    assert "column_3" in table.warnings[0]


def test_delimiters_that_only_the_header_ends_with_make_no_column(tmp_path: Path) -> None:
    table = read(tmp_path, "sku;title;;\n1;Lamp\n2;Chair\n")

    assert (table.columns, table.warnings) == (["sku", "title"], [])


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        (b"", EmptyFile, "is empty"),
        (b"\xef\xbb\xbf\r\n \r\n", EmptyFile, "nothing but blanks"),
        (b"ean,title,price\n", EmptyFile, "no rows below"),
        (b"ean,title\n,\n , \n", EmptyFile, "no rows below"),
        (b",".join([b"c"] * 10_000) + b"\n1\n", BrokenFile, "10,000 columns; at most 2,000"),
    ],
)
def test_files_without_products_are_refused_with_a_sentence(
    tmp_path: Path, text: bytes, kind: type[FileError], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        read(tmp_path, text)


def test_a_line_without_end_is_refused_without_being_held(tmp_path: Path) -> None:
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.write(b"ean,title\n")
        for _ in range(100):
            file.write(b"x" * (1 << 20))

    with pytest.raises(BrokenFile, match="more than 16 MiB"):
        normalise(source, "a.csv", tmp_path / "rows.parquet", ReadOptions())


def test_quotes_that_never_close_are_text(tmp_path: Path) -> None:
    table = read(tmp_path, "sku;title;price\n" + "".join(f'{n};"Lamp {n};2\n' for n in range(30_000)))

    assert (table.total_rows, first(table)) == (30_000, ["0", '"Lamp 0', "2"])


def test_table_survives_json(tmp_path: Path) -> None:
    table = read(tmp_path, "sku,title\n1,Lamp\n")

    assert Table.from_dict(table.to_dict()) == table
