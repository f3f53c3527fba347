"""XML as product feeds come in it: which element is the record, what the columns are called, what the cells say."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows_read import problems, read_rows

from pim_pipelines.errors import BrokenFile, EmptyFile
from pim_pipelines.importing.readers.cells import normalise_cell

TITLES = ["Lampe de bureau rouge", "Chaise pliante en bois", "Table basse en verre"]
EANS = ["4006381333931", "3017620422003", "5449000000996"]


def heureka(count: int) -> str:
    params = "<PARAM><PARAM_NAME>Barva</PARAM_NAME><VAL>červená</VAL></PARAM>" * 6
    items = "".join(
        f"<SHOPITEM><ITEM_ID>K-{place}</ITEM_ID><PRODUCTNAME>{TITLES[place]}</PRODUCTNAME><EAN>{EANS[place]}</EAN>"
        f"<PRICE_VAT>249.90</PRICE_VAT><IMGURL>https://img.example/{place}.jpg</IMGURL>{params}</SHOPITEM>"
        for place in range(count)
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<SHOP>{items}</SHOP>'


def yml(count: int) -> str:
    categories = "".join(f'<category id="{number}">Посуд номер {number}</category>' for number in range(40))
    offers = "".join(
        f'<offer id="{place}" available="true"><price>199.50</price><currencyId>UAH</currencyId>'
        f"<picture>https://img.example/{place}-1.jpg</picture><picture>https://img.example/{place}-2.jpg</picture>"
        f"<name>{TITLES[place]}</name>"
        f'<param name="Штрихкод">{EANS[place]}</param><param name="Колір">синій</param></offer>'
        for place in range(count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE yml_catalog SYSTEM "shops.dtd">\n'
        f'<yml_catalog date="2026-01-01"><shop><name>Крамниця</name><url>https://shop.example</url>'
        f'<currencies><currency id="UAH" rate="1"/></currencies><categories>{categories}</categories>'
        f"<offers>{offers}</offers></shop></yml_catalog>"
    )


def google_rss(count: int) -> str:
    items = "".join(
        f"<item><g:id>{place}</g:id><title>{TITLES[place]}</title><g:gtin>{EANS[place]}</g:gtin>"
        f"<g:price>9.90 EUR</g:price><g:shipping><g:country>FR</g:country><g:price>0 EUR</g:price></g:shipping>"
        f"<g:shipping><g:country>BE</g:country><g:price>5 EUR</g:price></g:shipping></item>"
        for place in range(count)
    )
    return (
        '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Boutique</title>'
        f"<link>https://shop.example</link><description>Tous nos produits</description>{items}</channel></rss>"
    )


def atom(count: int) -> str:
    entries = "".join(
        f'<entry><g:id>{place}</g:id><title>{TITLES[place]}</title><link href="https://shop.example/{place}"/>'
        f"<g:gtin>{EANS[place]}</g:gtin></entry>"
        for place in range(count)
    )
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">'
        f'<title>Boutique</title><link rel="self" href="https://shop.example"/>{entries}</feed>'
    )


def commerce_ml(count: int) -> str:
    groups = "".join(
        f"<Группа><Ид>g{number}</Ид><Наименование>Группа {number}</Наименование></Группа>" for number in range(50)
    )
    features = "".join(
        f"<ЗначенияРеквизита><Наименование>Реквизит {number}</Наименование><Значение>{number}</Значение>"
        "</ЗначенияРеквизита>"
        for number in range(8)
    )
    goods = "".join(
        f"<Товар><Ид>t{place}</Ид><Штрихкод>{EANS[place]}</Штрихкод><Артикул>A-{place}</Артикул>"
        f"<Наименование>{TITLES[place]}</Наименование><Группы><Ид>g1</Ид></Группы>"
        f"<ЗначенияРеквизитов>{features}</ЗначенияРеквизитов></Товар>"
        for place in range(count)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.04"><Классификатор><Ид>1</Ид>'
        f"<Группы>{groups}</Группы></Классификатор><Каталог><Ид>2</Ид><Товары>{goods}</Товары></Каталог>"
        "</КоммерческаяИнформация>"
    )


def bmecat(count: int) -> str:
    features = "".join(
        f"<FEATURE><FNAME>Merkmal {number}</FNAME><FVALUE>{number}</FVALUE><FUNIT>mm</FUNIT></FEATURE>"
        for number in range(60)
    )
    products = "".join(
        f'<PRODUCT mode="new"><SUPPLIER_PID>W-{place}</SUPPLIER_PID><PRODUCT_DETAILS>'
        f'<DESCRIPTION_SHORT lang="deu">{TITLES[place]}</DESCRIPTION_SHORT>'
        f'<DESCRIPTION_SHORT lang="eng">In English</DESCRIPTION_SHORT><EAN>{EANS[place]}</EAN></PRODUCT_DETAILS>'
        f"<PRODUCT_FEATURES>{features}</PRODUCT_FEATURES></PRODUCT>"
        for place in range(count)
    )
    return (
        '<BMECAT xmlns="http://www.bmecat.org/bmecat/2005" version="2005"><HEADER><CATALOG><LANGUAGE>deu</LANGUAGE>'
        f"<CATALOG_ID>1</CATALOG_ID></CATALOG></HEADER><T_NEW_CATALOG>{products}</T_NEW_CATALOG></BMECAT>"
    )


def skroutz(count: int) -> str:
    products = "".join(
        f"<product><uid>{place}</uid><name>{TITLES[place]}</name><ean>{EANS[place]}</ean>"
        "<size>38,39</size><price_with_vat>12.30</price_with_vat></product>"
        for place in range(count)
    )
    return f"<mywebstore><created_at>2026-01-01</created_at><products>{products}</products></mywebstore>"


def prices(count: int) -> str:
    items = "".join(
        f"<Item><ItemCode>{EANS[place]}</ItemCode><ItemNm>{TITLES[place]}</ItemNm><ItemPrice>5.90</ItemPrice></Item>"
        for place in range(count)
    )
    return f'<Root><ChainId>1</ChainId><StoreId>2</StoreId><Items Count="{count}">{items}</Items></Root>'


def attributes_only(count: int) -> str:
    rows = "".join(
        f'<row code="{EANS[place]}" title={quoteattr(TITLES[place])} price="1.50"/>' for place in range(count)
    )
    return f"<table_export>{rows}</table_export>"


def in_categories(count: int) -> str:
    products = [f"<product><ean>{EANS[place]}</ean><name>{TITLES[place]}</name></product>" for place in range(count)]
    return (
        "<shop>"
        + "".join(f'<category id="{place}">{each}</category>' for place, each in enumerate(products))
        + "</shop>"
    )


# A feed of so many products, and the columns of their EANs and titles.
FEEDS: dict[str, tuple[Callable[[int], str], str, str]] = {
    "heureka": (heureka, "EAN", "PRODUCTNAME"),
    "yml": (yml, "param", "name"),
    "google rss": (google_rss, "g:gtin", "title"),
    "atom": (atom, "g:gtin", "title"),
    "commerceml": (commerce_ml, "Штрихкод", "Наименование"),
    "bmecat": (bmecat, "PRODUCT_DETAILS/EAN", "PRODUCT_DETAILS/DESCRIPTION_SHORT"),
    "skroutz": (skroutz, "ean", "name"),
    "prices": (prices, "ItemCode", "ItemNm"),
    "attributes": (attributes_only, "@code", "@title"),
    "in categories": (in_categories, "ean", "name"),
}


@pytest.mark.parametrize("block", [61, 4 * 1024**2])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", FEEDS)
def test_the_record_element_is_found(tmp_path: Path, name: str, count: int, block: int) -> None:
    write, ean, title = FEEDS[name]

    table, rows = read_rows(tmp_path, write(count), block=block)

    assert (table.file_type, table.encoding, table.delimiter, table.header_row) == ("xml", "utf-8", None, None)
    assert [row[ean] for row in rows] == EANS[:count]
    assert [row[title] for row in rows] == TITLES[:count]


def test_columns_are_paths_in_the_order_in_which_they_appear(tmp_path: Path) -> None:
    table, rows = read_rows(tmp_path, yml(2))

    assert table.columns == ["@id", "@available", "price", "currencyId", "picture", "name", "param/@name", "param"]
    assert rows[1]["picture"] == "https://img.example/1-1.jpg https://img.example/1-2.jpg"
    assert rows[1]["param/@name"] == "Штрихкод"


def test_prefixes_are_kept_and_the_default_namespace_is_not(tmp_path: Path) -> None:
    assert read_rows(tmp_path, google_rss(2))[0].columns[-2:] == ["g:shipping/g:country", "g:shipping/g:price"]
    assert read_rows(tmp_path, atom(2))[0].columns == ["g:id", "title", "link/@href", "link", "g:gtin"]
    assert read_rows(tmp_path, bmecat(2))[0].columns[:4] == [
        "@mode",
        "SUPPLIER_PID",
        "PRODUCT_DETAILS/DESCRIPTION_SHORT/@lang",
        "PRODUCT_DETAILS/DESCRIPTION_SHORT",
    ]


def test_a_prefix_that_nobody_declared_is_kept(tmp_path: Path) -> None:
    table, _ = read_rows(tmp_path, google_rss(2).replace(' xmlns:g="http://base.google.com/ns/1.0"', ""))

    assert table.columns[0] == "g:id"


def test_products_behind_much_else_are_found(tmp_path: Path) -> None:
    groups = "".join(
        f"<group><code>g{number}</code><label>Group number {number}</label></group>" for number in range(50_000)
    )

    _, rows = read_rows(tmp_path, f"<export><groups>{groups}</groups>{skroutz(3)}</export>")

    assert [row["ean"] for row in rows] == EANS


@pytest.mark.parametrize(
    ("document", "row"),
    [
        (
            "<product><sku>1</sku><name>Lamp</name><price>2.50</price></product>",
            {"sku": "1", "name": "Lamp", "price": "2.50"},
        ),
        ("<x><y><c>1</c><d>2</d></y></x>", {"c": "1", "d": "2"}),
        ('<x sku="1" name="Lamp"/>', {"@sku": "1", "@name": "Lamp"}),
        (
            "<product><sku>1</sku><n>x</n><img u='a.jpg'/><img u='b.jpg'/></product>",
            {"sku": "1", "n": "x", "img/@u": "a.jpg b.jpg"},
        ),
    ],
)
def test_a_document_of_one_product_is_one_record(tmp_path: Path, document: str, row: dict[str, str]) -> None:
    _, rows = read_rows(tmp_path, document)

    assert rows == [row]


@pytest.mark.parametrize(
    ("inner", "cells"),
    [
        ("<f>Home</f><f>Garden</f>", {"f": "Home"}),
        ("<f/><f> </f><f>second</f>", {"f": "second"}),
        ("<f>a.jpg</f><f>\n b.png </f>", {"f": "a.jpg b.png"}),
        ("<images><image>//cdn/1</image><image>//cdn/2</image></images>", {"images/image": "//cdn/1 //cdn/2"}),
        ("<f><![CDATA[<b>5 & 6</b>]]></f>", {"f": "<b>5 & 6</b>"}),
        ("<f><!-- a note -->x<?php echo ?>y</f>", {"f": "xy"}),
        ("<f>one <b>two</b> three</f>", {"f/b": "two", "f": "one  three"}),
        ("<f>\r\n a\r\n b \t</f>", {"f": "a\n b"}),
        ('<f>="0012"</f>', {"f": "0012"}),
        ("<f>NULL</f>", {"f": "NULL"}),
        ('<f a="1" xmlns="urn:x" xsi:type="y">z</f>', {"f/@a": "1", "f": "z"}),
    ],
)
def test_what_a_cell_keeps(tmp_path: Path, inner: str, cells: dict[str, str]) -> None:
    plain = "<sku>L-1</sku><name>Lampe de bureau</name>"

    _, rows = read_rows(tmp_path, f"<r><product>{plain}{inner}</product><product>{plain}</product></r>")

    assert rows[0] == {"sku": "L-1", "name": "Lampe de bureau", **cells}


def test_a_column_that_is_always_blank_is_one(tmp_path: Path) -> None:
    document = "<r><p><a>1</a><ean/><b/></p><p><a>2</a><ean></ean><b><c>x</c></b></p></r>"

    table, _ = read_rows(tmp_path, document)

    assert table.columns == ["a", "ean", "b", "b/c"]


ENTITIES = [
    ("&nbsp;&eacute;&Alpha;&euro;", "éΑ€"),
    ("a &lt; b &amp;amp; &#233;&#xE9;", "a < b &amp; éé"),
    ("&unknown; &co", "&unknown; &co"),
    ("AT&T & Söhne &", "AT&T & Söhne &"),
    ("https://x.example/?a=1&b=2&copy=3", "https://x.example/?a=1&b=2&copy=3"),
    ("<![CDATA[&nbsp;&firm;]]>&firm;", "&nbsp;&firm;Müller und Co"),
    ("&nested; &file; &markup;", "&nested; &file; &markup;"),
    ("&#150;&#1;x&#xD800;y&#0;", "–xy"),
]


@pytest.mark.parametrize("block", [1, 5, 4096])
@pytest.mark.parametrize(("text", "cell"), ENTITIES)
def test_entities_and_what_only_looks_like_them(tmp_path: Path, text: str, cell: str, block: int) -> None:
    doctype = (
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd" [<!-- ]> --> <!ENTITY firm "M&#252;ller und Co">'
        '<!ENTITY nested "&firm;&firm;"><!ENTITY markup "<b/>"><!ENTITY file SYSTEM "file:///etc/passwd">]>'
    )

    _, rows = read_rows(tmp_path, f"{doctype}<r><p><a>{text}</a><b>1</b></p><p><b>2</b></p></r>", block=block)

    assert rows[0] == {"a": cell, "b": "1"}


def test_entities_that_multiply_are_not_expanded(tmp_path: Path) -> None:
    laughs = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

    _, rows = read_rows(tmp_path, f"<!DOCTYPE r [{laughs}]><r><p><a>&l9;</a><b>&l0;</b></p><p><b>1</b></p></r>")

    assert rows[0] == {"a": "&l9;", "b": "ha"}


@pytest.mark.parametrize(
    ("declared", "written", "found"),
    [
        ("windows-1251", "cp1251", "cp1251"),
        ("ISO-8859-2", "iso8859-2", "iso8859-2"),
        ("utf-8", "cp1251", "cp1251"),
        ("windows-1251", "utf-8", "utf-8"),
        ("utf-16", "utf-8", "utf-8"),
        ("no-such-thing", "utf-8", "utf-8"),
        (None, "utf-16", "utf-16"),
        ("UTF-16", "utf-16", "utf-16"),
        ("utf-8", "utf-8-sig", "utf-8-sig"),
        ("gb2312", "gb18030", "gb18030"),
        ("Shift_JIS", "shift_jis", "shift_jis"),
        ("iso-8859-1", "cp1252", "cp1252"),
    ],
)
def test_where_the_declared_encoding_fails_the_one_that_fits_is_taken(
    tmp_path: Path, declared: str | None, written: str, found: str
) -> None:
    texts = {
        "cp1251": "Кухонная сковорода с крышкой",
        "iso8859-2": "Żółta łyżka do zupy",
        "gb18030": "镕不锈钢保温杯，大容量运动水壶，送货上门",
        "shift_jis": "ステンレス水筒、大容量、送料無料",
        "cp1252": "Théière “émaillée” à l’ancienne",
    }
    text = texts.get(written, texts["cp1251"])
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    document = f"{declaration}<r>\n" + f"<p><a>{text}</a><b>1</b></p>\n" * 3 + "</r>"

    table, rows = read_rows(tmp_path, document.encode(written))

    assert (table.encoding, rows[2]) == (found, {"a": text, "b": "1"})


def test_bytes_that_the_encoding_lacks_cost_their_row_only(tmp_path: Path) -> None:
    document = "<r><p><a>été à Nîmes</a></p><p><a>X</a></p><p><a>été</a></p></r>".encode().replace(b"X", b"\xff!")

    table, rows = read_rows(tmp_path, document)

    assert [(row, code) for row, code, _ in problems(tmp_path)] == [(2, "encoding")]
    assert rows[2] == {"a": "été"}
    assert table.warnings == ["Rows with bytes that the file's encoding does not have, not loaded: 1."]


@pytest.mark.parametrize("before", ["\n\n", "\ufeff", "<!-- export -->\n", "<?xml-stylesheet href='x'?>"])
def test_what_stands_before_the_first_element_does_no_harm(tmp_path: Path, before: str) -> None:
    _, rows = read_rows(tmp_path, f'{before}<?xml version="1.1" encoding="utf-8"?>\n{skroutz(2)}')

    assert [row["ean"] for row in rows] == EANS[:2]


def test_control_characters_are_dropped(tmp_path: Path) -> None:
    _, rows = read_rows(tmp_path, f"<r><p><a>x\x0by\0</a></p><p><a>\x1f{'z' * 200}</a></p></r>")

    assert rows == [{"a": "xy"}, {"a": "z" * 200}]


def test_packed_xml_is_read(tmp_path: Path) -> None:
    table, rows = read_rows(tmp_path, gzip.compress(skroutz(3).encode()))

    assert (table.file_type, len(rows)) == ("xml", 3)


@pytest.mark.parametrize("block", [16, 4096])
@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("<r>\n<p><a>1</a></p>\n<p><a>2</a>", "line 3, column 12, behind 1 records, the XML ends too early"),
        ("<r>\n<p><a>1</a></p>\n<p><a>2</b></p></r>", r"line 3, column 10, behind 1 records.*mismatched tag"),
        ("<?xml version='1.0'?>\n<!DOCTYPE r\n[<!ENTITY a 'b'>\n]>\n<r><p a=1/></r>", "line 5, column"),
        ("<r><p><a>1</a></p></r><r/>", "junk after document element"),
        ("<r><p><![CDATA[ never closed", "ends too early"),
        ("<!-- never closed <r><p/></r>", "no XML element"),
        ("<!DOCTYPE r [ <!ENTITY a 'b'> <r><p/></r>", "no XML element"),
    ],
)
def test_broken_xml_says_where(tmp_path: Path, document: str, words: str, block: int) -> None:
    with pytest.raises(BrokenFile, match=words):
        read_rows(tmp_path, document, block=block)


@pytest.mark.parametrize("document", ["<x>" * 50_000, "<r><p>" + "<a>" * 200 + "</a>" * 200 + "</p><p/></r>"])
def test_depth_without_end_is_refused(tmp_path: Path, document: str) -> None:
    with pytest.raises(BrokenFile, match="too deep"):
        read_rows(tmp_path, document)


def test_a_record_of_unreasonable_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="begins behind 1 others"):
        read_rows(tmp_path, f"<r><p><a>1</a></p><p><a>{'x' * 5000}</a></p></r>", line=2000, block=500)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    cells = "".join(f"<c{number}>1</c{number}>" for number in range(21))

    with pytest.raises(BrokenFile, match="more than 20 different fields"):
        read_rows(tmp_path, f"<r><p>{cells}</p><p/></r>", columns=20)


@pytest.mark.parametrize("document", ["<r></r>", "<r/>", "<r><p/><p> </p></r>"])
def test_nothing_to_import_is_said(tmp_path: Path, document: str) -> None:
    with pytest.raises(EmptyFile):
        read_rows(tmp_path, document)


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufdd0\ufffe\uffff"), max_size=8
)
NAMES = st.sampled_from(["a", "b", "ean", "é", "g:x", "long-name"])
CELLS = st.dictionaries(NAMES, st.one_of(TEXT, st.dictionaries(NAMES, TEXT, min_size=1, max_size=3)), max_size=5)


def element(name: str, value: Any, *, wrapped: bool) -> str:
    if isinstance(value, dict):
        return f"<{name}>{''.join(element(key, each, wrapped=wrapped) for key, each in value.items())}</{name}>"
    text = f"<![CDATA[{value}]]>" if wrapped and "]]>" not in value else escape(value)
    return f"<{name}>{text}</{name}>"


def flat(record: dict[str, Any]) -> dict[str, str]:
    cells: dict[str, str | None] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            cells |= {f"{name}/{key}": normalise_cell(each) for key, each in value.items()}
        else:
            cells[name] = normalise_cell(value)
    return {name: text for name, text in cells.items() if text is not None}


@settings(max_examples=150, deadline=None)
@given(
    records=st.lists(CELLS, min_size=1, max_size=10),
    block=st.sampled_from([1, 7, 50, 4096]),
    space=st.sampled_from(["", "\n  "]),
    wrapped=st.booleans(),
)
def test_any_records_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], block: int, space: str, wrapped: bool
) -> None:
    folder = tmp_path_factory.mktemp("xml")
    body = "".join(
        f'{space}<product n="{number}">'
        + "".join(space + element(name, value, wrapped=wrapped) for name, value in record.items())
        + f"{space}</product>"
        for number, record in enumerate(records)
    )

    _, rows = read_rows(folder, f"<list>{body}</list>", block=block)

    assert rows == [{"@n": str(number), **flat(record)} for number, record in enumerate(records)]


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.sampled_from("&;#x1amp<![CDATA]>-? \n"), max_size=30), block=st.sampled_from([1, 3, 4096]))
def test_references_cut_in_two_read_as_whole_ones(
    tmp_path_factory: pytest.TempPathFactory, text: str, block: int
) -> None:
    folder = tmp_path_factory.mktemp("xml")
    document = f"<r><p><a>{text}</a><b>1</b></p><p><b>2</b></p></r>"

    def outcome(size: int) -> Any:
        try:
            return read_rows(folder, document, block=size)[1]
        except BrokenFile:
            return BrokenFile

    assert outcome(block) == outcome(10_000)
