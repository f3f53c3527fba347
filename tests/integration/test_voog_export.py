"""The catalogue in Voog's columns: what stands in the cells, and that our own readers get every value back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from psycopg import Connection
from voog_page import COLUMNS as PAGE_COLUMNS

from pim_pipelines.errors import InvalidField, PimError
from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.report import xlsx
from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES, proposed_mapping
from pim_pipelines.importing.voog.export import COLUMNS, ExportRow, writer_for
from pim_pipelines.store import voog_export
from pim_pipelines.store.voog_export import Tenant

Connect = Callable[[], Connection[Any]]

ODD_TEXTS = [
    "=1+1",
    '="x"',
    "+1",
    "-5 %",
    "@cmd",
    "a,b;c",
    'say "hi"',
    "two\nlines",
    "_x0041_x0042_",
    "a\x07b",
    "<b>&amp;</b>",
    "Öö 漢字 😀",
    "C:\\dir\\",
    'a,\\"b\\"',
    "'quoted'",
    "#N/A",
    "007",
    "1,50",
]

OF_S, OF_M = '[["Size", "1,5"]]', '[["Size", "M"], ["Ratio", "16:9"]]'
LONG = "0.12345678901234567890"


def world(connect: Connect) -> Tenant:
    """Make a tenant with a product of two variants, one of the other API's, and translations."""
    with connect() as conn:
        row = conn.execute("insert into tenants (code, language) values ('acme', 'en') returning id").fetchone()
        tenant = Tenant(id=row[0] if row else 0, code="acme", language="en")
        conn.cursor().executemany(
            """insert into products (id, tenant_id, parent_id, position, sku, slug, title, variant_attributes, price,
                 sale_price, stock, reserved_quantity, weight, status, is_active, created_at)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '2023-12-22T17:04:56Z')""",
            [
                (10, tenant.id, None, None, None, "shirt", "Shirt", None, "10.00", "5", None, 0, "10", "live", True),
                (11, tenant.id, None, None, "P-1", None, "Pixee's", None, "1.234", None, 7, 2, None, None, False),
                (12, tenant.id, 10, 2, "S-M", None, "Shirt", OF_M, "12", None, 3, None, None, "draft", False),
                (13, tenant.id, 10, 1, "S-S", None, "Shirt", OF_S, LONG, None, 2**53 + 1, None, None, "live", True),
            ],
        )
        conn.execute("insert into product_texts (product_id, language, title) values (10, 'et', 'Särk')")
        for name, translated in (("Sale", "Müük"), ("Clothing", None)):
            conn.execute(
                """with made as (insert into categories (tenant_id, name) values (%(tenant)s, %(name)s) returning id),
                     member as (insert into product_categories select 10, id from made)
                   insert into category_texts select id, 'et', %(et)s from made where %(et)s::text is not null""",
                {"tenant": tenant.id, "name": name, "et": translated},
            )
    return tenant


def exported(connect: Connect, tenant: Tenant, path: Path, language: str = "en") -> Path:
    with connect() as conn:
        write = writer_for(path.suffix, voog_export.count(conn, tenant.id))
        write(path, map(ExportRow._make, voog_export.rows(conn, tenant, language)))
    return path


def read(path: Path) -> list[dict[str, str | None]]:
    """Read a file as an import does; by attribute."""
    rows = path.parent / "rows.parquet"
    table = normalise(path, path.name, rows, ReadOptions())
    names = {f"c{place}": attribute or table.columns[int(place)] for place, attribute in mapping_of(table.columns)}
    found = pq.read_table(rows, use_threads=False).to_pylist()
    return [{name: row[key] for key, name in names.items()} for row in found]


def mapping_of(columns: list[str]) -> list[tuple[str, str | None]]:
    return list(proposed_mapping(columns).items())


def test_the_columns_are_the_pages_and_all_that_can_be_imported_is_mapped() -> None:
    assert list(COLUMNS[:-1]) == PAGE_COLUMNS
    assert {attribute for _, attribute in mapping_of(list(COLUMNS))} - {None} == set(SUPPORTED_ATTRIBUTES)
    assert len(COLUMNS) == len(ExportRow._fields)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_variants_stand_below_their_product_with_every_value(connect: Connect, tmp_path: Path, ending: str) -> None:
    rows = read(exported(connect, world(connect), tmp_path / f"out.{ending}"))

    assert [row["id"] for row in rows] == ["10", "13", "12", "11"]
    assert [row["parent_id"] for row in rows] == [None, "10", "10", None]
    assert [row["Row type"] for row in rows] == ["matrix", "variant", "variant", "product"]
    assert [row["product_is_variant"] for row in rows] == ["False", "True", "True", "False"]
    assert [row["variant_attributes_text"] for row in rows] == [None, "Size: 1,5", "Size: M, Ratio: 16:9", None]
    assert [row["status"] for row in rows] == ["Live", "Live", "Draft", "Draft"]
    assert rows[0]["categories"] == "Sale, Clothing"
    assert rows[0]["Created at"] == "2023-12-22T17:04:56.000+00:00"
    assert rows[1]["price"] == LONG.rstrip("0")
    assert [row["stock"] for row in rows] == [None, str(2**53 + 1), "3", "7"]
    assert [row["reserved_quantity"] for row in rows] == ["0", None, None, "2"]
    assert [row["Available stock"] for row in rows] == [None, str(2**53 + 1), "3", "5"]
    assert [float(row["Effective price"] or 0) for row in rows[::3]] == [5, 1.234]
    assert [row["slug"] for row in rows] == ["shirt", None, None, None]


def test_numbers_are_numbers_where_a_workbook_holds_them_exactly(connect: Connect, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(exported(connect, world(connect), tmp_path / "out.xlsx"))["Products"]

    prices = [cell.value for cell in sheet[xlsx.column_letters(COLUMNS.index("Price") + 1)][1:]]
    assert prices == [10, LONG.rstrip("0"), 12, 1.234]
    assert sheet["A2"].value == "10"


def test_another_language_has_its_own_texts_and_no_others(connect: Connect, tmp_path: Path) -> None:
    tenant = world(connect)
    with connect() as conn:
        conn.execute("insert into product_texts (product_id, language, title) values (11, 'et', 'Püksid')")
        conn.execute("insert into product_categories select 11, id from categories where name = 'Sale'")

    rows = read(exported(connect, tenant, tmp_path / "out.csv", "et"))

    assert [row["name"] for row in rows] == ["Särk", None, None, "Püksid"]
    assert [row["categories"] for row in rows] == [None, None, None, "Müük"]  # of the first's, one has no name in it
    assert rows[0]["slug"] == "shirt"


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_texts_come_back_as_they_were(connect: Connect, tmp_path: Path, ending: str) -> None:
    tenant = world(connect)
    with connect() as conn:
        conn.cursor().executemany(
            "insert into products (id, tenant_id, title, description) values (%s, %s, %s, %s)",
            [(100 + place, tenant.id, f"n{place}", text) for place, text in enumerate(ODD_TEXTS)],
        )

    path = exported(connect, tenant, tmp_path / f"out.{ending}")

    assert [row["description"] for row in read(path)][4:] == ODD_TEXTS
    if ending == "xlsx":
        sheet = openpyxl.load_workbook(path)["Products"]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    else:
        cells = [cell for line in path.read_text("utf-8-sig").splitlines() for cell in line.split(",")]
        assert not [cell for cell in cells if cell.strip('"')[:2] in ("=1", "+1", "-5", "@c")]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("variant_attributes", json.dumps([["Size", "S, Color: Red"]]), "variant attributes that"),
        ("description", "x" * (xlsx.MOST_CHARACTERS + 1), "Description of product 13 is longer"),
    ],
)
def test_what_a_workbook_cannot_say_is_refused_by_name(
    connect: Connect, tmp_path: Path, column: str, value: str, said: str
) -> None:
    tenant = world(connect)
    with connect() as conn:
        conn.execute(f"update products set {column} = %s where id = 13".encode(), (value,))

    with pytest.raises(PimError, match=said):
        exported(connect, tenant, tmp_path / "out.xlsx")


def test_other_endings_and_too_many_rows_are_refused() -> None:
    with pytest.raises(InvalidField, match=r"\.xlsx or \.csv"):
        writer_for(".ods", 1)
    with pytest.raises(PimError, match=r"1,048,576 rows.*as \.csv"):
        writer_for(".xlsx", xlsx.MOST_ROWS)
