"""200,000 rows of XLSX, JSON and XML from upload to `completed`, beside what libraries alone take to read them.

    python -m benchmarks.formats [--rows 200000]

Ours is the whole way of a running system: upload, reading, detection's profile, rules, plan, load. The libraries only
read the values, each in a process of its own. pandas.read_excel of openpyxl reads the workbook; ours should be quicker
in every format, and no process of the system above 700 MiB.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.rows import WIDE_COLUMNS, frame, np
from benchmarks.running import System, system
from benchmarks.whole_way import whole_way
from benchmarks.workbooks import REPORT, write_workbook

JSON_NAMES = {
    "EAN": "ean",
    "Référence": "ref",
    "Désignation": "title",
    "Description": "texts.description",
    "Marque": "brand.name",
    "Catégorie": "category",
    "Prix TTC": "offer.price",
    "Prix d'achat HT": "offer.cost",
    "Stock": "offer.stock",
    "Poids (kg)": "weight",
    "Couleur": "color",
    "Image": "images",
    "Devise": "offer.currency",
    "Lien": "url",
}
XML_NAMES = {
    "EAN": "g:gtin",
    "Référence": "g:id",
    "Désignation": "title",
    "Description": "description",
    "Marque": "g:brand",
    "Catégorie": "g:product_type",
    "Prix TTC": "g:price",
    "Prix d'achat HT": "g:cost_of_goods_sold",
    "Stock": "g:quantity",
    "Poids (kg)": "g:shipping_weight",
    "Couleur": "g:color",
    "Image": "g:image_link",
    "Devise": "g:currency",
    "Lien": "link",
}
READERS = {
    "xlsx": ("pandas.read_excel (openpyxl)", "import pandas\nrows = len(pandas.read_excel(source, engine='openpyxl'))"),
    "json": ("json.load", "rows = len(json.load(open(source, encoding='utf-8'))['products'])"),
    "xml": ("pandas.read_xml", "import pandas\nrows = len(pandas.read_xml(source, xpath='//item'))"),
}


def write_json(path: Path, rows: int, *, seed: int) -> None:
    """Write a shop's answer: products with an offer, a brand, texts and images, prices as numbers."""
    table = frame(np.arange(rows, dtype=np.int64), wide=True, seed=seed)
    columns = [table[name] for name in JSON_NAMES]
    with path.open("w", encoding="utf-8") as file:
        file.write('{"shop": {"name": "Maison", "currency": "EUR"}, "products": [')
        for number, values in enumerate(zip(*columns, strict=True)):
            ean, ref, title, text, brand, category, price, cost, stock, weight, color, image, currency, url = values
            product = {
                "ean": ean,
                "ref": ref,
                "title": title,
                "brand": {"name": brand},
                "category": category,
                "texts": {"description": text},
                "offer": {
                    "price": float(price.replace(",", ".")),
                    "cost": float(cost.replace(",", ".")),
                    "currency": currency,
                    "stock": int(stock),
                },
                "weight": float(weight.replace(",", ".")),
                "color": color,
                "images": [image],
                "url": url,
            }
            file.write(("," if number else "") + "\n" + json.dumps(product, ensure_ascii=False))
        file.write("\n]}\n")


def write_xml(path: Path, rows: int, *, seed: int) -> None:
    """Write a Google Merchant feed (RSS 2.0)."""
    table = frame(np.arange(rows, dtype=np.int64), wide=True, seed=seed).select(list(XML_NAMES))
    names = list(XML_NAMES.values())
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">'
            "<channel><title>Maison</title><link>https://www.example.com</link>\n"
        )
        for values in table.iter_rows():
            parts = "".join(f"<{name}>{escape(value)}</{name}>\n" for name, value in zip(names, values, strict=True))
            file.write(f"<item>\n{parts}</item>\n")
        file.write("</channel></rss>\n")


FILES: dict[str, tuple[Callable[..., None], dict[str, str]]] = {
    "xlsx": (write_workbook, {name: name for name in WIDE_COLUMNS}),
    "json": (write_json, JSON_NAMES),
    "xml": (write_xml, XML_NAMES),
}


def alone(code: str, source: Path) -> dict[str, float]:
    """Let a library read the file in a process of its own; return seconds, rows and peak MiB."""
    head = f"import json, time\nclock = time.perf_counter\nsource = {str(source)!r}\nstarted = clock()\n"
    done = subprocess.run([sys.executable, "-c", head + code + REPORT], capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def measured(pim: System, path: Path, names: dict[str, str], rows: int) -> tuple[float, str]:
    """Import a file by a template for its columns; return the seconds and where they went."""
    mapping = {names[column]: field for column, field in WIDE_COLUMNS.items()}
    return whole_way(pim, path, pim.template(path.stem, mapping), rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--formats", nargs="*", choices=tuple(FILES), default=tuple(FILES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pim-formats-") as folder:
        libraries = {}
        for seed, kind in enumerate(FILES):
            path = Path(folder) / f"list-{kind}.{kind}"
            FILES[kind][0](path, given.rows, seed=seed)
            if kind == "xlsx" or kind in given.formats:
                libraries[kind] = alone(READERS[kind][1], path)
        limit = libraries["xlsx"]["seconds"]
        print(f"{given.rows:,} rows of {len(WIDE_COLUMNS)} columns; openpyxl alone: {limit:.1f} s")
        for kind in given.formats:
            path = Path(folder) / f"list-{kind}.{kind}"
            with system() as pim:  # one each, so that the peaks are this format's
                seconds, where = measured(pim, path, FILES[kind][1], given.rows)
                peaks = sorted(pim.peaks().items(), key=lambda item: -item[1])
            print(f"\n{kind}, {path.stat().st_size / 1e6:.0f} MB{'':30}{'seconds':>9}{'peak MiB':>10}")
            print(f"{'ours, upload to completed':42}{seconds:9.1f}{peaks[0][1]:10}   {seconds / limit:.0%} of openpyxl")
            name, peer = READERS[kind][0], libraries[kind]
            print(f"{name:42}{peer['seconds']:9.1f}{peer['peak']:10.0f}")
            print(f"  {where}")
            for process, peak in peaks[:4]:
                print(f"  peak {peak:5} MiB  {process}")


if __name__ == "__main__":
    main()
