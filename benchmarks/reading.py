"""How fast a price list becomes a rows file, beside readers that only parse it.

    python benchmarks/reading.py [--rows 1000000]

Each reader runs in a process of its own, one after another, twice over; the better time counts. Ours detects encoding,
dialect and header, finds malformed rows, trims every cell and writes rows.parquet; the others parse what they are told.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = "ean;sku;title;description;brand;category;price;cost_price;stock;weight;image;color;size;origin"
COLUMNS = NAMES.split(";")
VOCABULARY = (
    "lampe chaise verre table bois rouge grand petit vélo montagne acier inox classique moderne étagère théière "
    "fenêtre poêle drap côtelé largeur hauteur"
)
WORDS = VOCABULARY.split()

READERS = {
    "ours (to rows.parquet)": """
from pathlib import Path
from pim_pipelines.importing.readers import ReadOptions, normalise
import pandas  # the warm host has it loaded, and pyarrow asks for it
import pim_pipelines.importing.readers.csv
started = clock()
rows = normalise(Path(source), "list.csv", Path(target), ReadOptions()).total_rows
""",
    "pyarrow.csv, streamed, one thread": """
import pyarrow as pa
from pyarrow import csv
started = clock()
reader = csv.open_csv(
    source,
    read_options=csv.ReadOptions(block_size=8 << 20, use_threads=False, encoding=encoding),
    parse_options=csv.ParseOptions(delimiter=";", newlines_in_values=True),
    convert_options=csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string())),
)
rows = sum(batch.num_rows for batch in reader)
""",
    "pandas.read_csv, as text": """
import pandas
started = clock()
rows = len(pandas.read_csv(source, sep=";", dtype=str, encoding=encoding, keep_default_na=False))
""",
    "pandas.read_csv, as text, in chunks": """
import pandas
started = clock()
chunks = pandas.read_csv(source, sep=";", dtype=str, encoding=encoding, keep_default_na=False, chunksize=50_000)
rows = sum(len(chunk) for chunk in chunks)
""",
}
REPORT = """
seconds = clock() - started
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(json.dumps({"seconds": seconds, "cpu": time.process_time() - cpu, "rows": rows, "peak": int(peak) / 1024}))
"""


def write_list(path: Path, rows: int, encoding: str) -> None:
    """Write a price list of 14 columns: every tenth title quoted, decimal commas, CRLF."""
    random.seed(1)
    with path.open("w", encoding=encoding, newline="") as file:
        file.write(";".join(COLUMNS) + "\r\n")
        for number in range(rows):
            title = " ".join(random.choices(WORDS, k=5))
            if number % 10 == 0:
                title = f'"{title}; ""neuf"""'
            price = f"{random.randint(1, 99999) / 100:.2f};{random.randint(1, 9999) / 100:.2f}".replace(".", ",")
            file.write(
                f"{3760000000000 + number};SKU-{number:07d};{title};{' '.join(random.choices(WORDS, k=9))};"
                f"Marque {number % 50};Maison > Salon;{price};{number % 100};{number % 7},5;"
                f"https://cdn.example.com/{number}.jpg;{WORDS[number % 9]};{number % 44};FR\r\n"
            )


def run(code: str, source: Path, target: Path, encoding: str) -> dict[str, float]:
    """Run one reader in a process of its own and return what it measured."""
    given = f"source, target, encoding, columns = {str(source)!r}, {str(target)!r}, {encoding!r}, {COLUMNS!r}\n"
    head = "import json, time\nclock = time.perf_counter\n" + given
    code = head + code.replace("started = clock()", "started = clock(); cpu = time.process_time()") + REPORT
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Print a table for UTF-8 and for cp1252."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="pim-reading-") as folder:
        source, target = Path(folder) / "list.csv", Path(folder) / "rows.parquet"
        for encoding in ("utf-8", "cp1252"):
            write_list(source, rows, encoding)
            size = source.stat().st_size / 1e6
            print(f"\n{rows:,} rows of {len(COLUMNS)} columns, {encoding}, {size:.0f} MB")
            print(f"{'':38}{'seconds':>9}{'CPU s':>9}{'ratio':>9}{'MB/s':>9}{'peak MiB':>10}")
            best: dict[str, dict[str, float]] = {}
            for _ in range(2):
                for name, code in READERS.items():
                    result = run(code, source, target, encoding)
                    if name not in best or result["seconds"] < best[name]["seconds"]:
                        best[name] = result
                    time.sleep(0.2)
            ours = next(iter(best.values()))["seconds"]
            for name, result in best.items():
                print(
                    f"{name:38}{result['seconds']:9.2f}{result['cpu']:9.2f}{result['seconds'] / ours:9.2f}"
                    f"{size / result['seconds']:9.0f}{result['peak']:10.0f}"
                )


if __name__ == "__main__":
    main()
