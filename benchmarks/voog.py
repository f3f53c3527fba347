"""100,000 rows with variants as a Voog task, beside as many rows of like columns by the Pixee path, in one run.

    python -m benchmarks.voog [--rows 100000] [--rounds 2] [--formats csv xlsx]

From `queue` to `finished` against from `start-processing` to `completed`: both files have been read before. They take
turns, each with products that the catalogue does not have; asked is 1.5 at most. Also prints what reading took
(creation to `created`, upload to `ready`) and the highest peak of any process.
"""

import argparse
import csv
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

import openpyxl

from benchmarks.rows import gtin13, np
from benchmarks.running import System, system
from pim_pipelines.importing.voog.export import COLUMNS, ExportRow, writer_for

VARIANTS = 4
TASKS = "/admin/api/ecommerce/v1/products_imports"
PIXEE = {
    "EAN": "ean",
    "Product code": "sku",
    "Name": "title",
    "Description": "description",
    "Meta description": "short_description",
    "Price": "price",
    "Sale price": "sale_price",
    "Stock": "stock",
    "Status": "availability",
    "Variant attributes": "attributes.variant",
    "Categories": "category",
    "Length": "length",
    "Width": "width",
    "Height": "height",
    "Weight": "weight",
}
"""What of Voog's columns a Pixee file has, and an EAN for the id."""


def exported(rows: int, seed: int) -> Iterator[ExportRow]:
    """Give products, each with its variants below it; nothing in the catalogue has their ids or SKUs."""
    start = 10**12 + seed * 10**9
    for number in range(rows):
        family, place = divmod(number, VARIANTS + 1)
        head = start + family * (VARIANTS + 1)
        yield ExportRow(
            id=str(start + number),
            parent_id=str(head) if place else None,
            row_type="variant" if place else "matrix",
            sku=f"V{seed}-{number}",
            name=f"Modèle {family} de l'année",
            variant_attributes=[["Size", "SMLX"[place - 1]], ["Color", "Black"]] if place else None,
            description=f"Modèle {family} de l'année, livré avec sa notice, garanti deux ans.",
            og_description=f"Modèle {family}, en {VARIANTS} tailles",
            price=f"{number % 500 + 1}.95",
            sale_price=f"{number % 400 + 1}.5",
            effective_price=f"{number % 400 + 1}.5",
            currency="EUR",
            stock=str(number % 300),
            reserved_quantity=str(number % 3),
            available_stock=str(number % 300 - number % 3),
            status="live",
            is_variant=place > 0,
            categories=None if place else [f"Aisle {family % 40}", "Sale"],
            image=None,
            length="1.5",
            width="0.25",
            height=f"0.{number % 9 + 1}",
            dimension_unit="m",
            weight=f"{number % 20}.125",
            weight_unit="kg",
            created_at="2023-12-22T17:04:56.000+00:00",
            updated_at="2023-12-22T17:04:56.000+00:00",
            slug=None,
        )


def write_pixee(folder: Path, rows: int, seed: int, ending: str) -> Path:
    """Write the same rows for the Pixee path: as many columns that are imported, EANs for ids."""
    path = folder / f"pixee-{seed}.{ending}"
    eans = gtin13(np.arange(rows, dtype=np.int64) + 4_000_000_00000 + seed * 10_000_000).tolist()
    whole = folder / f"whole-{seed}.csv"
    writer_for(".csv", rows)(whole, exported(rows, seed))
    with whole.open(encoding="utf-8-sig", newline="") as source:
        lines = (
            [str(ean), *(line[name] for name in list(PIXEE)[1:])]
            for ean, line in zip(eans, csv.DictReader(source), strict=True)
        )
        if ending == "csv":
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([list(PIXEE), *lines])
        else:
            _write_workbook(path, [list(PIXEE), *lines])
    whole.unlink()
    return path


def _write_workbook(path: Path, rows: list[list[str]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    numbers = {"Price", "Sale price", "Stock", "Length", "Width", "Height", "Weight"}
    kinds = [float if name in numbers else str for name in rows[0]]
    sheet.append(rows[0])
    for row in rows[1:]:
        sheet.append([kind(cell) if cell else None for kind, cell in zip(kinds, row, strict=True)])
    book.save(path)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder's files, as a shop would; give the address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def by_voog(pim: System, address: str, rows: int) -> tuple[float, float]:
    """Import a file as a task; return the seconds of its reading and of its loading."""
    base = str(pim.client.base_url).split("/api/v1")[0]
    token = {"X-API-TOKEN": pim.client.headers["X-API-Key"]}

    def ask(method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = pim.client.request(method, f"{base}{TASKS}{path}", headers=token, json=body or None)
        answer.raise_for_status()
        task: dict[str, Any] = answer.json()
        return task

    start = time.monotonic()
    made = ask("POST", "", file_url=address)
    path = f"/{made['id']}"
    _until(lambda: ask("GET", path), pim, lambda task: task["total_items"] is not None)
    read = time.monotonic()
    ask("PUT", f"{path}/queue")
    done = _until(lambda: ask("GET", path), pim, lambda task: task["status"] == "finished")
    assert (done["processed_items"], done["failed_items"]) == (rows, 0), done
    assert done["imported_products"] == -(-rows // (VARIANTS + 1)), done
    return read - start, time.monotonic() - read


def by_pixee(pim: System, path: Path, template: str, rows: int) -> tuple[float, float]:
    """Import a file by upload and start-processing; return the seconds of its reading and of its loading."""
    start = time.monotonic()
    job = pim.upload(path, supplier_code="BENCH", template_id=template)
    pim.wait(job, "ready", every=0.05)
    read = time.monotonic()
    pim.client.post(f"/imports/{job}/start-processing").raise_for_status()
    detail = pim.wait(job, "completed", every=0.05)
    assert detail["products_created"] == rows, detail
    return read - start, time.monotonic() - read


def _until(
    look: Callable[[], dict[str, Any]], pim: System, is_so: Callable[[dict[str, Any]], bool], limit: float = 600
) -> dict[str, Any]:
    end, looked = time.monotonic() + limit, 0.0
    while time.monotonic() < end:
        if time.monotonic() - looked > 0.3:
            pim.peaks()
            looked = time.monotonic()
        task = look()
        if is_so(task):
            return task
        if task["status"] in {"failed", "cancelled"}:
            raise RuntimeError(f"the task is {task['status']}: {task['failure_reason_details']}")
        time.sleep(0.05)
    raise TimeoutError("the task did not end")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--formats", nargs="*", choices=("csv", "xlsx"), default=("csv", "xlsx"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pim-voog-") as name:
        folder = Path(name)
        with served(folder) as address, system(PIM_EGRESS_ALLOW="127.0.0.1") as pim:
            template = pim.template("bench", PIXEE)
            for place, ending in enumerate(given.formats):
                seconds: dict[str, list[tuple[float, float]]] = {"voog": [], "pixee": []}
                for turn in range(given.rounds):
                    seed = place * given.rounds + turn
                    pixee = write_pixee(folder, given.rows, seed, ending)
                    voog = folder / f"voog-{seed}.{ending}"
                    writer_for(f".{ending}", given.rows)(voog, exported(given.rows, seed))
                    seconds["pixee"].append(by_pixee(pim, pixee, template, given.rows))
                    seconds["voog"].append(by_voog(pim, f"{address}/{voog.name}", given.rows))
                loads = {way: median(load for _, load in each) for way, each in seconds.items()}
                print(
                    f"{ending:5} {given.rows:,} rows of {len(PIXEE)} columns (Voog's file: {len(COLUMNS)}): "
                    f"Voog {loads['voog']:.1f} s, Pixee {loads['pixee']:.1f} s, "
                    f"{loads['voog'] / loads['pixee']:.2f} times as long"
                )
                for way, each in seconds.items():
                    turns = ", ".join(f"{read:.1f} + {load:.1f}" for read, load in each)
                    print(f"  {way:6} reading + loading of each turn: {turns} s")
            for process, peak in sorted(pim.peaks().items(), key=lambda item: -item[1])[:4]:
                print(f"peak {peak:5} MiB  {process}")


if __name__ == "__main__":
    main()
