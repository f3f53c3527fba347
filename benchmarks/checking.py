"""How fast rows are checked: a good file, a file where every row is bad, and what a team writes first, in one run.

    .venv/bin/python benchmarks/checking.py [--rows 1000000] [--columns 14] [--threads 1] [--profile]

Prints seconds a million rows, the ratio to the peer (pandas for the frame, Python for each cell: GTIN check digit, both
number conventions, lengths, a dict of errors) on the same rows, and the ratio of the bad file to the good one. All are
CPU seconds, so that a busy machine changes little. Trust the ratios.
"""

import argparse
import cProfile
import os
import pstats
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--rows", type=int, default=1_000_000)
parser.add_argument("--columns", type=int, default=14, help="columns of the file, 14 or more")
parser.add_argument("--threads", type=int, default=1, help="threads that Polars may use")
parser.add_argument("--profile", action="store_true", help="print where the time of the good file goes")
arguments = parser.parse_args()
os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)  # read once, when Polars is imported

import pandas as pd  # noqa: E402
import polars as pl  # noqa: E402

from pim_pipelines.importing.pipeline import CheckSpec, check  # noqa: E402
from pim_pipelines.importing.rules.gtin import check_digit  # noqa: E402

FIELDS = "ean sku title description brand_name category price cost_price currency stock weight color url is_active"
NAMES = FIELDS.split()
RULES = {"price": {"required": True, "min": 0, "max": 100_000}, "title": {"max_length": 120}}
PEER_ROWS = 50_000


def spec(columns: int) -> CheckSpec:
    """Map the 14 fields, and further columns to attributes."""
    names = [*NAMES, *(f"attributes.a{number}" for number in range(columns - len(NAMES)))]
    return CheckSpec(names, {name: name for name in names}, RULES, {}, supplier_id=1)


def write(path: Path, rows: int, columns: int, *, bad: bool) -> None:
    """Write a rows.parquet of realistic cells; in a bad one every row has a wrong check digit, price and title."""
    draw = random.Random(1)
    block = 50_000
    parts = []
    for start in range(0, rows, block):
        numbers = range(start, min(rows, start + block))
        bodies = [f"{300_000_000_000 + number * 7:012d}" for number in numbers]
        eans = [body + str((check_digit(body) + bad) % 10) for body in bodies]
        prices = [f"{draw.randrange(100, 999_999) / 100:.2f}".replace(".", ",") + " €" for _ in numbers]
        cells: dict[str, Sequence[str | None]] = {
            "ean": eans,
            "sku": [f"SKU-{number:08d}" for number in numbers],
            "title": [("Perceuse à percussion " * (7 if bad else 2)) + str(number) for number in numbers],
            "description": ["Livrée avec mandrin et coffret, garantie de deux ans."] * len(numbers),
            "brand_name": [draw.choice(["Bosch", "Makita", "Ryobi"]) for _ in numbers],
            "category": ["Outils > Perceuses"] * len(numbers),
            "price": ["sur demande"] * len(numbers) if bad else prices,
            "cost_price": [f"{draw.randrange(100, 99_999) / 100:.2f}" for _ in numbers],
            "currency": ["EUR"] * len(numbers),
            "stock": [str(draw.randrange(500)) for _ in numbers],
            "weight": [f"{draw.randrange(1, 9000) / 1000:.3f}" for _ in numbers],
            "color": [draw.choice(["rouge", "bleu", None]) for _ in numbers],
            "url": [f"https://example.com/produits/{number}" for number in numbers],
            "is_active": [draw.choice(["oui", "non"]) for _ in numbers],
        }
        for extra in range(columns - len(NAMES)):
            cells[f"a{extra}"] = [f"valeur {extra}"] * len(numbers)
        blank = pl.Series([None], dtype=pl.String).new_from_index(0, len(numbers))
        frame = {
            "row_number": pl.Series([n + 1 for n in numbers], dtype=pl.Int32),
            "problem": blank,
            "problem_text": blank,
        }
        parts.append(
            pl.DataFrame(frame | {f"c{place}": pl.Series(c, dtype=pl.String) for place, c in enumerate(cells.values())})
        )
    pl.concat(parts).write_parquet(path, compression="lz4", row_group_size=block)


def ours(path: Path, columns: int) -> tuple[int, int, int]:
    """Check a whole file; return rows, failed rows, errors."""
    total = failed = errors = 0
    for block in check(path, spec(columns)):
        total, failed, errors = total + block.total_rows, failed + block.failed_rows, errors + block.errors.height
    return total, failed, errors


def peer(path: Path) -> int:
    """Check the same rows as most teams would write it first: a data frame and a Python function for each cell."""

    def number(text: str) -> float:
        text = text.replace("€", "").replace("\u00a0", "").replace(" ", "")
        if text.rfind(",") > text.rfind("."):
            text = text.replace(".", "").replace(",", ".")
        return float(text.replace(",", ""))

    frame = pd.read_parquet(path)
    errors: list[dict[str, object]] = []
    for column in frame.columns[3:]:
        frame[column] = frame[column].map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    good = []
    for row in frame.to_dict("records"):
        found = len(errors)
        if len(row["c0"]) not in (8, 12, 13, 14) or check_digit(row["c0"][:-1]) != int(row["c0"][-1]):
            errors.append({"row": row["row_number"], "field": "ean", "message": f"EAN checksum invalid: {row['c0']}"})
        for key in ("c6", "c7", "c10"):
            try:
                row[key] = number(row[key])
            except ValueError:
                errors.append({"row": row["row_number"], "field": key, "message": f"{row[key]} is no number"})
        if len(row["c2"]) > 120:
            errors.append({"row": row["row_number"], "field": "title", "message": "too long"})
        row["c9"], row["c13"] = int(row["c9"]), row["c13"] == "oui"
        row["hash"] = hash(tuple(row.values()))
        if len(errors) == found:
            good.append(row)
    pd.DataFrame(good)
    return len(errors)


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def peak(path: Path, columns: int) -> tuple[int, int]:
    """Check a file in a process of its own; return its peak memory in MiB after one block, and after all."""

    def high_water() -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024

    blocks = check(path, spec(columns))
    next(blocks)
    first = high_water()
    for _ in blocks:
        pass
    return first, high_water()


def main() -> None:
    """Measure and print."""
    rows, columns = arguments.rows, arguments.columns
    with tempfile.TemporaryDirectory() as folder:
        good, bad, small = Path(folder, "good"), Path(folder, "bad"), Path(folder, "small")
        write(good, rows, columns, bad=False)
        write(bad, rows, columns, bad=True)
        write(small, PEER_ROWS, columns, bad=False)
        for path in (small, bad):  # warm up
            next(check(path, spec(columns)))
        per_million = 1_000_000 / rows
        took_good = seconds(lambda: ours(good, columns)) * per_million
        took_bad = seconds(lambda: ours(bad, columns)) * per_million
        took_peer = seconds(lambda: peer(small)) * 1_000_000 / PEER_ROWS
        print(f"{rows:,} rows of {columns} columns, {arguments.threads} thread(s), CPU seconds a million rows")
        print(f"  all good      {took_good:6.2f}")
        print(f"  all bad       {took_bad:6.2f}   {took_bad / took_good:.2f} times the good file (at most 2)")
        print(f"  plain pandas  {took_peer:6.2f}   ours is {took_peer / took_good:.1f} times as fast")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
            first, all_ = processes.submit(peak, good, columns).result()
            print(f"  peak memory of a process {first} MiB after the first block, {all_} MiB after the last")
        if arguments.profile:
            with cProfile.Profile() as profile:
                ours(good, columns)
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
