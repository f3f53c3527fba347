"""Real product files of other people, through the whole import, to the numbers that an independent reading gives.

`../shared/data/README.md` says how its numbers read under our contract; where the contract reads more kindly, the
difference is named here with its reason.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ops_world import World

from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.fields import PRODUCT_FIELDS
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.importing.options import check_mapping

DATA = Path(__file__).parents[3] / "shared" / "data"
EXPECTATIONS = sorted(DATA.glob("*.expect.json"))

READ_KINDLY = {"ua-drinks-quoted": 17}  # '4823063106221': wrapping quotes are dropped, and the codes are valid then
NESTED = {"json", "jsonl", "xml"}  # of repeated images the contract keeps all, joined by a space; here is the first
TEXTS = ("sku", "title", "description", "brand_name", "category", "currency", "image_url")
NUMBERS = ("price", "cost_price", "sale_price", "stock", "weight")

pytestmark = pytest.mark.skipif(not EXPECTATIONS, reason=f"the real files of {DATA} are not here")


def named(path: Path) -> str:
    return path.name.removesuffix(".expect.json")


def source_of(expectation: Path) -> Path:
    name = named(expectation)
    [found] = [path for path in DATA.glob(f"{name}.*") if not path.name.endswith(".expect.json")]
    return found


def mapping_of(expected: dict[str, Any]) -> dict[str, str | None]:
    """Give the expected mapping, what is no product field of ours as an attribute."""
    return {
        column: field if field in PRODUCT_FIELDS else f"attributes.{field}"
        for column, field in expected["column_mapping"].items()
    }


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=named)
def test_real_file_imports_to_the_numbers_expected(
    expectation: Path, connect: Callable[[], psycopg.Connection[Any]], database: str, tmp_path: Path
) -> None:
    expected, source, name = json.loads(expectation.read_text()), source_of(expectation), named(expectation)
    mapping = mapping_of(expected)
    if not {"ean", "sku"} & set(mapping.values()):
        with pytest.raises(InvalidField, match="ean"):
            check_mapping(mapping, expected["columns"])
        return
    world = World(connect, database, tmp_path)

    uuid = world.upload(source.read_bytes(), template_id=world.template(mapping).id, auto_process=True)
    world.run(uuid)

    job = world.job(uuid)
    assert job.analysis, job.last_error
    assert job.analysis["columns"] == expected["columns"]
    assert job.total_rows == expected["total_rows"]
    valid, invalid = expected["valid_eans"], expected["invalid_eans"]
    assert bad_eans(world) == invalid - READ_KINDLY.get(name, 0)
    if not valid and not expected.get("distinct_skus") and name not in READ_KINDLY:
        assert (job.status, job.failed_rows) == (JobStatus.FAILED, job.total_rows)
        return
    assert job.status is JobStatus.COMPLETED, job.last_error
    assert job.total_rows == job.successful_rows + job.failed_rows
    assert job.successful_rows == job.products_created + job.products_updated + job.products_skipped
    known = {number for (number,) in world.rows("select gtin from products where gtin is not null")}
    waiting = {number for (number,) in world.rows("select gtin from pending_eans where state = 'open'")}
    assert not known & waiting
    assert len(known | waiting) == expected["distinct_valid_eans"] + READ_KINDLY.get(name, 0)
    [(products,)] = world.rows("select count(*) from products")
    assert products == job.products_created
    assert_sample(world, expected)


def bad_eans(world: World) -> int:
    [(rows,)] = world.rows(
        """select count(distinct row_number) from import_errors
           where severity = 'e' and error_type in ('ean_invalid', 'ean_precision_lost')"""
    )
    return int(rows)


def assert_sample(world: World, expected: dict[str, Any]) -> None:
    """Find the sample's rows among the products: by EAN, else by SKU; rows without a title may have none."""
    for row in expected["sample"]:
        code = (row.get("ean") or "").strip("'")
        key, value = ("gtin", int(code)) if code.isdigit() else ("sku", row.get("sku"))
        found = world.rows(
            f"select {', '.join(TEXTS + NUMBERS)}, attributes from products where {key} = %s order by id limit 1", value
        )
        if not found:
            assert not row.get("title") or code in (expected["invalid_examples"] or ()), row
            continue
        shown = dict(zip((*TEXTS, *NUMBERS, "attributes"), found[0], strict=True))
        for field, raw in row.items():
            if not raw or field == "ean":
                continue
            if field in NUMBERS:
                assert shown[field] == number_in(raw), (field, row)
            else:
                text = (shown[field] if field in PRODUCT_FIELDS else shown["attributes"][field]) or ""
                if field == "image_url" and expected["format"] in NESTED:
                    text = text.split(" ")[0]
                assert text[:400] == raw[:400], (field, row)


def number_in(raw: str) -> Decimal:
    """Read a number of the samples, which have a point or a comma before their decimals and no thousands."""
    return Decimal("".join(mark for mark in raw.replace(",", ".") if mark.isdigit() or mark in ".-"))
