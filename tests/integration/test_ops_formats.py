"""JSON and XML from a file to the catalogue, by the same runs as CSV."""

import gzip
import json
from pathlib import Path

import pytest
from ops_world import Connect, World

from pim_pipelines.importing.lifecycle import JobStatus

TITLES = ["Boisson 33 cl", "Pâte à tartiner 400 g", "Stylo feutre bleu"]
PRODUCTS = [
    ("5449000000996", "Boisson 33 cl", "0.89", "Coca-Cola"),
    ("3017620422003", "Pâte à tartiner 400 g", "3.49", "Ferrero"),
    ("4006381333931", "Stylo feutre bleu", "1.95", "Stabilo"),
]
IMAGES = ["https://img.example/1.jpg", "https://img.example/2.jpg"]

# Each format's document, and its mapping.
DOCUMENT = {
    "shop": {"name": "Maison", "currency": "EUR"},
    "categories": [{"id": number, "name": f"Rayon numéro {number}"} for number in range(20)],
    "products": [
        {"ean": int(ean), "title": title, "offer": {"price": float(price)}, "brand": {"name": brand}, "images": IMAGES}
        for ean, title, price, brand in PRODUCTS
    ],
}
ENTRIES = "".join(
    f"<item><g:gtin>{ean}</g:gtin><title>{title.replace('â', '&acirc;')}</title><g:price>{price} EUR</g:price>"
    f"<g:brand>{brand}</g:brand>{''.join(f'<g:image_link>{image}</g:image_link>' for image in IMAGES)}</item>"
    for ean, title, price, brand in PRODUCTS
)
FEED = (
    '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/none.dtd">\n'
    '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Boutique &amp; Co</title><link>https://shop.example'
    f"</link>{ENTRIES}</channel></rss>"
)
JSON_MAPPING: dict[str, str | None] = {
    "ean": "ean",
    "title": "title",
    "offer.price": "price",
    "brand.name": "brand_name",
    "images": "image_urls",
}
XML_MAPPING: dict[str, str | None] = {
    "g:gtin": "ean",
    "title": "title",
    "g:price": "price",
    "g:brand": "brand_name",
    "g:image_link": "image_urls",
}
LINES = "\n".join(json.dumps(product, ensure_ascii=False) for product in DOCUMENT["products"])


@pytest.fixture
def world(connect: Connect, database: str, tmp_path: Path) -> World:
    return World(connect, database, tmp_path / "files")


@pytest.mark.parametrize(
    ("kind", "content", "mapping"),
    [
        ("json", json.dumps(DOCUMENT, indent=1).encode(), JSON_MAPPING),
        ("ndjson", gzip.compress(LINES.encode()), JSON_MAPPING),
        ("xml", FEED.encode(), XML_MAPPING),
    ],
)
def test_file_goes_through_to_the_catalogue(
    world: World, kind: str, content: bytes, mapping: dict[str, str | None]
) -> None:
    uuid = world.upload(content, template_id=world.template(mapping).id, auto_process=True)

    world.run(uuid)

    job = world.job(uuid)
    assert (job.status, job.last_error) == (JobStatus.COMPLETED, None)
    assert (job.file_type, job.total_rows, job.products_created, job.failed_rows) == (kind, 3, 3, 0)
    assert job.analysis is not None
    assert (job.analysis["format"], job.analysis["encoding"], job.analysis["header_row"]) == (kind, "utf-8", None)
    assert world.titles() == TITLES
    assert world.rows("select ean, price::float, brand_name, image_urls from products order by ean") == [
        ("3017620422003", 3.49, "Ferrero", IMAGES),
        ("4006381333931", 1.95, "Stabilo", IMAGES),
        ("5449000000996", 0.89, "Coca-Cola", IMAGES),
    ]


@pytest.mark.parametrize(("kind", "content"), [("json", json.dumps(DOCUMENT).encode()), ("xml", FEED.encode())])
def test_a_feed_without_a_template_is_recognised(world: World, kind: str, content: bytes) -> None:
    uuid = world.upload(content)

    world.run(uuid)

    job = world.job(uuid)
    wanted = JSON_MAPPING if kind == "json" else XML_MAPPING
    assert job.status is JobStatus.READY
    assert job.suggested_mapping is not None
    fields = {column: each["field"] for column, each in job.suggested_mapping.items()}
    assert {column for column, field in wanted.items() if field in ("ean", "title", "price", "brand_name")} <= {
        column for column, field in fields.items() if field == wanted[column]
    }


def test_no_number_is_a_warning_and_the_field_keeps_its_value(world: World) -> None:
    template = world.template(JSON_MAPPING).id
    content = json.dumps(DOCUMENT)
    world.run(world.upload(content, template_id=template, auto_process=True))
    uuid = world.upload(content.replace("0.89", "NaN").replace("3.49", "3.99"), template_id=template, auto_process=True)

    world.run(uuid)

    job = world.job(uuid)
    assert (job.status, job.products_updated, job.failed_rows) == (JobStatus.COMPLETED, 3, 0)
    assert world.rows("select price::float from products order by ean") == [(3.99,), (1.95,), (0.89,)]
    assert world.rows("select row_number, severity, error_type, field, raw_value from import_errors") == [
        (1, "w", "number_invalid", "price", "NaN")
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (json.dumps(DOCUMENT["products"], indent=1)[:-20], "the JSON ends too early"),
        (FEED[:-40], "behind 2 records, the XML ends too early"),
        (FEED.replace("</title><g:price>3.49", "</titel><g:price>3.49"), "mismatched tag"),
    ],
)
def test_a_broken_file_fails_the_job_and_says_where(world: World, content: str, sentence: str) -> None:
    uuid = world.upload(content, template_id=world.template(JSON_MAPPING).id, auto_process=True)

    world.run(uuid)

    job = world.job(uuid)
    assert job.status is JobStatus.FAILED
    assert job.last_error is not None
    assert "In line " in job.last_error
    assert sentence in job.last_error
    assert world.titles() == []
