"""A 10-row file from upload to `completed`, beside what `python -c "import dagster"` takes.

Prints the median of ten tries with a template and `auto_process` (one run), of ten without (two runs), and the
ratios to the median of five imports of Dagster on the same machine in the same minute.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.running import System, system

HEADER = "EAN;Titre;Prix HT;Marque\n"
MAPPING = {"EAN": "ean", "Titre": "title", "Prix HT": "price", "Marque": "brand_name"}


def small_file(folder: Path, number: int) -> Path:
    """Write a file of ten products that no other try has."""
    path = folder / f"small_{number}.csv"
    lines = []
    for row in range(10):
        digits = f"376{number:05}{row:04}"
        odd, even = sum(map(int, digits[0::2])), sum(map(int, digits[1::2]))
        lines.append(f"{digits}{(10 - (odd + 3 * even) % 10) % 10};Produit {number}-{row};{row},95;Marque\n")
    path.write_text(HEADER + "".join(lines))
    return path


def with_template(pim: System, path: Path, template: str) -> float:
    """Return the seconds of one run."""
    start = time.monotonic()
    job = pim.upload(path, supplier_code="S", template_id=template, auto_process="true")
    detail = pim.wait(job, "completed")
    assert detail["products_created"] == 10, detail
    return time.monotonic() - start


def without_template(pim: System, path: Path) -> float:
    """Return the seconds of two runs: analyse, then start processing."""
    start = time.monotonic()
    job = pim.upload(path, supplier_code="S")
    pim.wait(job, "ready", "awaiting_mapping")
    pim.client.post(f"/imports/{job}/save-mapping", json={"column_mapping": MAPPING}).raise_for_status()
    pim.client.post(f"/imports/{job}/start-processing").raise_for_status()
    detail = pim.wait(job, "completed")
    assert detail["products_created"] == 10, detail
    return time.monotonic() - start


def main() -> None:
    """Measure and print."""
    imports = []
    for _ in range(5):
        start = time.monotonic()
        subprocess.run([sys.executable, "-c", "import dagster"], check=True)
        imports.append(time.monotonic() - start)
    limit = statistics.median(imports)
    with tempfile.TemporaryDirectory() as folder, system() as pim:
        template = pim.template("small", MAPPING)
        with_template(pim, small_file(Path(folder), 0), template)  # the first run warms the caches
        one = [with_template(pim, small_file(Path(folder), n), template) for n in range(1, 11)]
        two = [without_template(pim, small_file(Path(folder), n)) for n in range(11, 21)]
    print(f"import dagster                    {limit:6.2f} s")
    for name, times in (("template and auto_process", one), ("without a template", two)):
        median = statistics.median(times)
        print(f"{name:33} {median:6.2f} s  ratio {median / limit:.2f}  (worst {max(times):.2f} s)")


if __name__ == "__main__":
    main()
