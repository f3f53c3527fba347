"""JSON as product lists come in it: which records are taken, what their columns are called, what the cells say."""

import gzip
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows_read import problems, read_rows

from pim_pipelines.errors import BrokenFile, EmptyFile
from pim_pipelines.importing.readers.cells import normalise_cell

PRODUCTS: list[dict[str, Any]] = [
    {"sku": "L-100", "name": "Lampe de bureau rouge", "price": 24.9, "ean": "4006381333931"},
    {"sku": "C-200", "name": "Chaise pliante en bois", "price": 59.5, "ean": "3017620422003"},
    {"sku": "T-300", "name": "Table basse en verre", "price": 129.95, "ean": "5449000000996"},
]
CATEGORIES = [{"id": number, "name": f"Catégorie numéro {number}", "parent": 1} for number in range(2, 60)]
FLAT = [{name: str(value) for name, value in product.items()} for product in PRODUCTS]


@pytest.mark.parametrize(
    "document",
    [
        PRODUCTS,
        {"products": PRODUCTS},
        {"status": "ok", "page": 1, "total": 3, "data": {"items": PRODUCTS}},
        {"categories": CATEGORIES, "products": PRODUCTS},
        {"products": PRODUCTS, "categories": CATEGORIES},
        {"meta": {"generated": "2026-01-01", "by": "shop", "rows": 3}, "rows": PRODUCTS, "errors": []},
        {"export": {"shop": {"name": "Maison", "url": "https://shop.example"}, "articles": PRODUCTS}},
        {"log": [{"at": f"2026-01-01T00:00:{second:02}", "level": "info"} for second in range(60)], "x": PRODUCTS},
    ],
    ids=["array", "object", "nested", "behind", "before", "beside objects", "deep", "behind a log"],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("small", [0, 64])
def test_the_array_of_products_is_found(tmp_path: Path, document: Any, indent: int | None, small: int) -> None:
    limits = {"block": small} if small else {}

    table, rows = read_rows(tmp_path, json.dumps(document, ensure_ascii=False, indent=indent), **limits)

    assert (table.file_type, table.encoding, table.delimiter, table.header_row) == ("json", "utf-8", None, None)
    assert table.columns == ["sku", "name", "price", "ean"]
    assert rows == FLAT
    assert table.sample == rows


def test_products_within_categories_are_the_records(tmp_path: Path) -> None:
    document = {"categories": [{"name": "Maison", "products": PRODUCTS[:2]}, {"name": "x", "products": PRODUCTS[2:]}]}

    _, rows = read_rows(tmp_path, json.dumps(document))

    assert rows == FLAT


def test_variants_within_products_are_no_records(tmp_path: Path) -> None:
    variants = [{"id": number, "barcode": "4006381333931", "price": "1.95", "size": "M"} for number in range(7)]
    document = [{**product, "variants": variants} for product in PRODUCTS]

    table, rows = read_rows(tmp_path, json.dumps(document))

    assert len(rows) == 3
    assert table.columns[4:] == ["variants.id", "variants.barcode", "variants.price", "variants.size"]
    assert rows[0]["variants.id"] == "0"


@pytest.mark.parametrize(
    "document",
    [
        PRODUCTS[0],
        {
            "product": {
                **PRODUCTS[0],
                "images": [{"src": "https://x.example/1.jpg"}, {"src": "https://x.example/2.jpg"}],
            }
        },
        {**PRODUCTS[0], "images": [{"src": "https://x.example/1.jpg"}, {"src": "https://x.example/2.jpg"}]},
    ],
)
def test_a_single_object_is_one_record(tmp_path: Path, document: dict[str, Any]) -> None:
    _, [row] = read_rows(tmp_path, json.dumps(document))

    assert {name: row[name] for name in FLAT[0]} == FLAT[0]
    assert row.get("images.src", "https://x.example/1.jpg https://x.example/2.jpg").count(" ") == 1


@pytest.mark.parametrize("number", [3, 500])
def test_objects_under_keys_are_records_with_their_key(tmp_path: Path, number: int) -> None:
    products = {
        f"P{place}": {"name": f"Lampe numéro {place}", "price": "1.95", "note": "x" * 3000} for place in range(number)
    }

    table, rows = read_rows(tmp_path, json.dumps({"products": products}))

    assert table.columns == ["key", "name", "price", "note"]
    assert [row["key"] for row in rows] == list(products)


def test_arrays_in_an_array_are_a_table(tmp_path: Path) -> None:
    _, rows = read_rows(tmp_path, '[["sku","title","price"],["1","Lamp",2.50],["2","Chair",3]]')

    assert rows == [{"sku": "1", "title": "Lamp", "price": "2.50"}, {"sku": "2", "title": "Chair", "price": "3"}]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n\n", ",\n", " "])
@pytest.mark.parametrize("block", [16, 4096])
def test_json_lines_are_read(tmp_path: Path, line_end: str, block: int) -> None:
    content = line_end.join(json.dumps(product) for product in PRODUCTS) + line_end.strip(",")

    _, rows = read_rows(tmp_path, content, block=block)

    assert rows == FLAT


def test_objects_over_several_lines_may_follow_one_another(tmp_path: Path) -> None:
    _, rows = read_rows(tmp_path, "\n".join(json.dumps(product, indent=1) for product in PRODUCTS))

    assert rows == FLAT


def test_nested_objects_become_columns_in_the_order_in_which_they_appear(tmp_path: Path) -> None:
    records = [{"a": {"b": 1, "c": {"d": "x"}}, "e": 2}, {"a": {"b": 3, "f": 4}, "g": None, "e": 5}, {"h": []}]

    table, rows = read_rows(tmp_path, json.dumps(records))

    assert table.columns == ["a.b", "a.c.d", "e", "a.f", "g", "h"]
    assert rows == [{"a.b": "1", "a.c.d": "x", "e": "2"}, {"a.b": "3", "a.f": "4", "e": "5"}]


@pytest.mark.parametrize("block", [1, 4096])
def test_a_column_that_is_always_blank_is_one(tmp_path: Path, block: int) -> None:
    content = '[{"ean": null, "b": {"c": 1}}, {"b": null}, {"d": [{"e": 1}]}, {"d": [], "f": ""}]'

    table, _ = read_rows(tmp_path, content, block=block)

    assert table.columns == ["ean", "b.c", "b", "d.e", "d", "f"]


def test_columns_that_appear_late_are_blank_before(tmp_path: Path) -> None:
    records = [{"a": str(number)} for number in range(2000)] + [{"b": "x", "a": "y"}]

    table, rows = read_rows(tmp_path, json.dumps(records), block=256)

    assert table.columns == ["a", "b"]
    assert rows[0] == {"a": "0"}
    assert rows[-1] == {"a": "y", "b": "x"}


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (["x.jpg", "y.PNG?v=1"], {"f": "x.jpg y.PNG?v=1"}),
        (["x.jpg", "", "x.jpg", " y.jpg"], {"f": "x.jpg y.jpg"}),
        (["Home", "Garden"], {"f": "Home"}),
        (["", None, "4006381333931", "3017620422003"], {"f": "4006381333931"}),
        ([1, 2], {"f": "1"}),
        ([[["deep"]]], {"f": "deep"}),
        ([{"u": "a.jpg"}, {"u": "b.jpg", "w": 600}, {"w": 800}], {"f.u": "a.jpg b.jpg", "f.w": "600"}),
        ([{"v": ""}, {"v": "second"}], {"f.v": "second"}),
        (["plain", {"v": 1}], {"f": "plain", "f.v": "1"}),
        (True, {"f": "true"}),
        (False, {"f": "false"}),
        ("null", {"f": "null"}),
        ('  ="0012" ', {"f": "0012"}),
        ("a\r\nb\0", {"f": "a\nb"}),
    ],
)
def test_what_a_cell_keeps(tmp_path: Path, value: Any, columns: dict[str, str]) -> None:
    plain = {"sku": "L-100", "name": "Lampe de bureau", "price": "24.90"}

    _, rows = read_rows(tmp_path, json.dumps([{**plain, "f": value}]))

    assert rows == [{**plain, **columns}]


@pytest.mark.parametrize("name", ["images", "additional_image", "Fotos", "зображення"])
def test_addresses_under_an_images_name_are_all_kept(tmp_path: Path, name: str) -> None:
    _, rows = read_rows(tmp_path, json.dumps([{"k": "1", name: ["https://cdn.example/1", "https://cdn.example/2"]}]))

    assert rows[0][name] == "https://cdn.example/1 https://cdn.example/2"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("4006381333931", "4006381333931"),
        ("1.50", "1.50"),
        ("10.077777777777778000001", "10.077777777777778000001"),
        ("1699.0", "1699"),
        ("-0.5e-3", "-0.5e-3"),
        ("1.25E7", "1.25E7"),
        ("4.006381333931E12", "4006381333931"),  # how Java writes the double
        ("4.00638E+12", "4.00638E+12"),
    ],
)
def test_numbers_keep_their_digits(tmp_path: Path, number: str, text: str) -> None:
    _, rows = read_rows(tmp_path, f'[{{"n": {number}}}, {{"n": [{number}]}}]')

    assert rows == [{"n": text}, {"n": text}]


def test_no_numbers_are_blank_with_a_warning(tmp_path: Path) -> None:
    content = '[{"a": 1, "b": {"c": NaN}}, {"a": -Infinity, "d": [Infinity, 2]}, {"a": "NaN"}]'

    table, rows = read_rows(tmp_path, content)

    assert rows == [{"a": "1"}, {"d": "2"}, {"a": "NaN"}]
    assert problems(tmp_path) == [
        (1, "number_invalid", "c1\tNaN"),
        (2, "number_invalid", "c0\t-Infinity\nc2\tInfinity"),
    ]
    assert table.warnings == ["Rows with NaN or Infinity for a number, which is read as blank: 2."]


def test_of_duplicate_names_the_last_wins(tmp_path: Path) -> None:
    _, rows = read_rows(tmp_path, '[{"a": 1, "b": 2, "a": 3}]')

    assert rows == [{"a": "3", "b": "2"}]


def test_half_of_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    _, rows = read_rows(tmp_path, r'[{"a": "x\ud83dy"}, {"a": "\ud83d\ude00"}]')

    assert rows == [{"a": "x\ufffdy"}, {"a": "😀"}]


def test_names_are_trimmed_and_told_apart(tmp_path: Path) -> None:
    table, _ = read_rows(tmp_path, '[{"": 1, " a ": 2, "a": 3, "\\u00a0": 4}]')

    assert table.columns == ["column_1", "a", "a (2)", "column_4"]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"), ("cp1252", "cp1252")],
)
def test_encodings_are_found(tmp_path: Path, encoding: str, said: str) -> None:
    content = json.dumps([{"nom": "Théière émaillée à l’ancienne"}] * 3, ensure_ascii=False, indent=1)

    table, rows = read_rows(tmp_path, content.encode(encoding))

    assert (table.encoding, rows[2]) == (said, {"nom": "Théière émaillée à l’ancienne"})


def test_bytes_that_the_encoding_lacks_cost_their_row_only(tmp_path: Path) -> None:
    content = '[{"a": "été à Nîmes"}, {"a": "X"}, {"a": "été"}]'.encode().replace(b"X", b"\xff\xfe!")

    table, rows = read_rows(tmp_path, content)

    assert table.encoding == "utf-8"
    assert [(row, code) for row, code, _ in problems(tmp_path)] == [(2, "encoding")]
    assert rows[2] == {"a": "été"}


def test_packed_json_is_read(tmp_path: Path) -> None:
    table, rows = read_rows(tmp_path, gzip.compress(json.dumps(PRODUCTS).encode()))

    assert (table.file_type, rows) == ("json", FLAT)


@pytest.mark.parametrize("block", [8, 4096])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"a": 1},\n{"a": 2},]', "line 2, column 10"),
        ('[{"a": 1},\n{"a": 2', "line 2, column 8, the JSON ends too early"),
        ('[{"a": 1}', "ends too early"),
        ('[{"a": 1}\n{"a": 2}]', "line 2, column 1"),
        ('{"a": [{"b": 1}], }', "no valid JSON"),
        ('{"a": 1}\n{"a": 2}\n{"a": "x', "line 3, column"),
        ('{"a": 1}\n{"a": 2}\n{"a" 3}\n{"a": 4}\n', "line 3, column 6"),
        ('[{"a": 01}]', "line 1, column 9"),
        ('[{"a": tru}]', "line 1, column"),
        ('[{"a": 1}] and more', "“and more” cannot stand there"),
    ],
)
def test_broken_json_says_where(tmp_path: Path, content: str, words: str, block: int) -> None:
    with pytest.raises(BrokenFile, match="(?s)" + words.replace("(", r"\(")):
        read_rows(tmp_path, content, block=block)


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 100_000, '[{"a":' + "[" * 400 + "]" * 400 + "}]"])
def test_depth_without_end_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BrokenFile, match="too deep"):
        read_rows(tmp_path, content)


def test_a_value_of_unreasonable_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="line 1, column 11 begins a value of more than"):
        read_rows(tmp_path, '[{"a": 1},{"a": "' + "x" * 5000 + '"}]', line=2000, block=500)


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="more than 20 different fields"):
        read_rows(tmp_path, json.dumps([{f"f{number}": 1} for number in range(21)]), columns=20)


@pytest.mark.parametrize("content", ["[]", "{}", "[[]]", '["a"]', '[{"a": null, "b": " "}]', "[{}, {}]"])
def test_nothing_to_import_is_said(tmp_path: Path, content: str) -> None:
    with pytest.raises(EmptyFile):
        read_rows(tmp_path, content)


def test_elements_that_are_no_objects_are_left_out_and_counted(tmp_path: Path) -> None:
    table, rows = read_rows(tmp_path, '[{"a": 1}, null, "x", {"a": 2}]')

    assert rows == [{"a": "1"}, {"a": "2"}]
    assert table.warnings == ["Elements beside the records that are no objects, left out: 1."]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufdd0\r\0"), max_size=8),
)
NAMES = st.text("abxyzé-", min_size=1, max_size=3)
RECORDS = st.lists(
    st.dictionaries(NAMES, st.one_of(SCALARS, st.dictionaries(NAMES, SCALARS, max_size=3)), max_size=5),
    min_size=1,
    max_size=12,
)


def written(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return normalise_cell(value)
    if isinstance(value, float):
        is_whole = "e" in repr(value) and Decimal(repr(value)).as_tuple().exponent == 0
        return str(int(value)) if is_whole else repr(value).removesuffix(".0")
    return json.dumps(value)


def flat(record: dict[str, Any]) -> dict[str, str]:
    cells: dict[str, str | None] = {}
    for name, value in record.items():
        inner = {f"{name}.{key}": each for key, each in value.items()} if isinstance(value, dict) else {name: value}
        cells |= {key: written(each) for key, each in inner.items()}
    return {name: text for name, text in cells.items() if text is not None}


@settings(max_examples=150, deadline=None)
@given(records=RECORDS, block=st.sampled_from([1, 7, 40, 4096]), indent=st.sampled_from([None, 1]), lines=st.booleans())
def test_any_records_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], block: int, indent: int | None, lines: bool
) -> None:
    folder = tmp_path_factory.mktemp("json")
    texts = [json.dumps(record, ensure_ascii=False, indent=indent) for record in records]
    wanted = [row for record in records if (row := flat(record))]
    content = "\n".join(texts) if lines else f"[{','.join(texts)}]"
    if not wanted:
        with pytest.raises(EmptyFile):
            read_rows(folder, content, block=block)
        return
    if lines and len(records) == 1:
        content = f"[{content}]"  # one object alone may also hold the records

    table, rows = read_rows(folder, content, block=block)

    assert rows == wanted
    assert set().union(*wanted) <= set(table.columns) <= {name for record in records for name in names(record)}


def names(record: dict[str, Any]) -> set[str]:
    return {
        key
        for name, value in record.items()
        for key in ([f"{name}.{each}" for each in value] if isinstance(value, dict) else [name])
    }


def test_many_records_are_read_at_once_however_alike_what_is_in_them(tmp_path: Path) -> None:
    # The text between two variants is the same as that between two products.
    records = [
        {"id": number, "text": '}{ ,\\"' * (number % 3), "variants": [{"id": number}, {"id": math.pi}], "z": {"id": 1}}
        for number in range(3000)
    ]

    _, rows = read_rows(tmp_path, json.dumps(records, separators=(",", ":")), block=4096)

    assert [row["id"] for row in rows] == [str(number) for number in range(3000)]
    assert {row["variants.id"] for row in rows[5:6]} == {"5"}
