"""JSON and XML that mean harm, or were made by accident: a sentence or the right rows, quickly, in little memory."""

import json
import time
import zipfile
from pathlib import Path

import pytest
from rows_read import read_rows

from pim_pipelines.errors import BrokenFile, FileError
from pim_pipelines.importing.readers import ReadOptions, normalise

PRODUCTS = [{"sku": f"A-{number}", "title": f"Lamp number {number}", "price": number + 0.5} for number in range(30)]
ROWS = [{name: str(value) for name, value in product.items()} for product in PRODUCTS]
ITEMS = "".join(
    f"<item><sku>{row['sku']}</sku><title>{row['title']}</title><price>{row['price']}</price></item>" for row in ROWS
)
MANY = range(20_000)
SECONDS = 60  # many times what any of these takes; those that were quadratic took minutes

FIELDS = "different fields"
REFUSED = {
    "a record of many fields": (json.dumps([{f"k{n}": n for n in MANY}]), FIELDS),
    "many records of other fields": (json.dumps([{"sku": "a", f"k{n}": n} for n in MANY]), FIELDS),
    "many other elements": ("<r>" + "".join(f"<p><a>a</a><n{n}>1</n{n}></p>" for n in MANY) + "</r>", FIELDS),
    "many attributes": ("<r><p " + " ".join(f"a{n}='1'" for n in MANY) + "/><p a1='2'/></r>", FIELDS),
    "arrays without end in a record": ('[{"sku": "a", "x": ' + "[" * 5_000 + "]" * 5_000 + "}]", "too deep"),
    "a tag without end": ("<r><p a='" + "x" * 40_000_000 + "'/></r>", "tag without end"),
    "entities that make it long": (
        f"<!DOCTYPE r [<!ENTITY a '{'A' * 250}'>]><r><p><a>1</a></p><p><a>{'&a;' * 200_000}</a></p></r>",
        "entities",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_take_all_memory_is_refused_soon(tmp_path: Path, name: str) -> None:
    content, words = REFUSED[name]
    started = time.monotonic()

    with pytest.raises(BrokenFile, match=words):
        read_rows(tmp_path, content)

    assert time.monotonic() - started < SECONDS


RATES = {f"R{number}": number / 7 for number in range(3_000)}
OTHERS = "".join(f"<c id='{number}'>C{number}</c>" for number in range(400))
SHEET = b"<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c></row></sheetData></worksheet>"
HARMFUL_STRINGS = {
    "texts without end": b"<si>" + b"<t>" * 600_000 + b"</si>",
    "items without end": b"<si>" * 600_000,
    "items in items": b"<si " * 600_000 + b"</si>",
    "sections without end": b"<![CDATA[" * 200_000 + b"<si><t>a</t></si>",
    "readings without end": b"<si>" + b"<rPh " * 400_000 + b"</si>",
    "attributes without end": b"<si><t " * 300_000 + b"</si>",
}


@pytest.mark.parametrize("name", HARMFUL_STRINGS)
def test_a_workbook_that_means_harm_is_told_soon(tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/workbook.xml", '<workbook><sheets><sheet name="A" r:id="1" xmlns:r="r"/></sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", '<R><R Id="1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></R>'
        )
        archive.writestr("xl/worksheets/sheet1.xml", SHEET)
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + HARMFUL_STRINGS[name] + b"</sst>")
    started = time.monotonic()

    with pytest.raises(FileError):
        normalise(path, path.name, tmp_path / "rows.parquet", ReadOptions())

    assert time.monotonic() - started < SECONDS


READ: dict[str, str | bytes] = {
    "an object of too many fields beside": json.dumps({"rates": RATES, "items": PRODUCTS}),
    "UTF-16 without a mark": json.dumps(PRODUCTS).encode("utf-16-le"),
    "UTF-16 of the other side": json.dumps(PRODUCTS).encode("utf-16-be"),
    "UTF-32": json.dumps(PRODUCTS).encode("utf-32"),
    "objects one after the other": "".join(map(json.dumps, PRODUCTS)),
    "an encoding that nobody knows": f'<?xml version="1.0" encoding="x-none"?><r>{ITEMS}</r>',
    "UTF-16 that says it is UTF-8": f'<?xml version="1.0" encoding="UTF-8"?><r>{ITEMS}</r>'.encode("utf-16"),
    "an envelope": f'<s:Envelope xmlns:s="s"><s:Body><r:Answer xmlns:r="r">{ITEMS}</r:Answer></s:Body></s:Envelope>',
    "a long comment": f"<r><!-- {'x' * 30_000_000} -->{ITEMS}</r>",
    "more of other elements": f"<r>{OTHERS}<offers>{ITEMS}</offers></r>",
    "an entity of an outer file": f'<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><r>{ITEMS}</r>',
    "an include": f'<r xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="/etc/passwd"/>{ITEMS}</r>',
}


@pytest.mark.parametrize("name", READ)
def test_the_products_are_read_all_the_same(tmp_path: Path, name: str) -> None:
    _, rows = read_rows(tmp_path, READ[name])

    assert rows == ROWS


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("list.json", 'callback([{"sku": "a"}]);', "called JSON, but what is in it is none"),
        ("list.json", "true", "called JSON"),
        ("list.xml", "<br>hello</br>", "called XML"),
        ("list.csv", "sku;title", "no rows below"),
    ],
)
def test_a_name_that_promises_something_else_is_said(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(FileError, match=words):
        normalise(tmp_path / name, name, tmp_path / "rows.parquet", ReadOptions())
