"""Supplier rows in any number, quickly: valid GTIN-13s, ordered or shuffled, the same for the same seed.

    .venv/bin/python -m benchmarks.rows TARGET.csv [--rows 300000] [--shuffled] [--wide] [--seed 0]

Semicolons, UTF-8, decimal commas, as French suppliers write; 300,000 rows of 12 columns in a second or so.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

COLUMNS = {
    "EAN": "ean",
    "Référence": "sku",
    "Désignation": "title",
    "Description": "description",
    "Marque": "brand_name",
    "Catégorie": "category",
    "Prix TTC": "price",
    "Prix d'achat HT": "cost_price",
    "Stock": "stock",
    "Poids (kg)": "weight",
    "Couleur": "color",
    "Image": "image_url",
}
"""The file's 12 columns and the product field of each."""

WIDE_COLUMNS = COLUMNS | {"Devise": "currency", "Lien": "url"}
"""The same, 14 columns."""

BLOCK = 1_000_000
PER_SEED = 20_000_000  # item numbers of one seed, so that files of different seeds share no product
BRANDS = [f"Marque {letter}{number}" for letter in "ABCDEFGHIJ" for number in range(1, 21)]
CATEGORIES = [
    f"{aisle} > {shelf}"
    for aisle in ("Maison", "Jardin", "Bureau", "Cuisine")
    for shelf in ("Neuf", "Bois", "Métal", "Verre")
]
NOUNS = [
    "Stylo bille",
    "Cahier à spirale",
    "Perceuse visseuse",
    "Lampe de bureau",
    "Poêle en fonte",
    "Tuyau d'arrosage",
]
COLORS = ["bleu", "rouge", "noir", "blanc", "vert", "gris"]


def write_rows(path: Path, rows: int, *, shuffled: bool = False, wide: bool = False, seed: int = 0) -> None:
    """Write `rows` products, each another; ascending GTINs, or the same ones in random order."""
    numbers = np.arange(rows, dtype=np.int64)
    if shuffled:
        numbers = np.random.default_rng(seed).permutation(numbers)
    with path.open("wb") as file:
        for start in range(0, max(rows, 1), BLOCK):
            block = frame(numbers[start : start + BLOCK], seed=seed, wide=wide)
            block.write_csv(file, separator=";", include_header=start == 0)


def frame(numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]", *, seed: int = 0, wide: bool = False) -> pl.DataFrame:
    """Give the text columns of the products with these numbers."""
    gtins = gtin13(3_000_000_00000 + seed * PER_SEED + numbers)
    draw = np.random.default_rng(seed)
    cents = draw.integers(100, 50_000, len(numbers))

    def pick(values: list[str], step: int) -> pl.Series:
        return pl.Series(values).gather(numbers // step % len(values))

    number, ean = pl.Series(numbers).cast(pl.String), pl.Series(gtins).cast(pl.String)
    title = pl.select(pl.concat_str(pick(NOUNS, 1), pl.lit(" modèle "), number)).to_series()
    columns = {
        "EAN": ean,
        "Référence": pl.select(pl.concat_str(pl.lit(f"R{seed}-"), number)).to_series(),
        "Désignation": title,
        "Description": pl.select(pl.concat_str(title, pl.lit(", livré avec sa notice, garanti deux ans."))).to_series(),
        "Marque": pick(BRANDS, 7),
        "Catégorie": pick(CATEGORIES, 11),
        "Prix TTC": decimal_comma(cents, 2),
        "Prix d'achat HT": decimal_comma(cents * 6 // 10, 2),
        "Stock": pl.Series(draw.integers(0, 500, len(numbers))).cast(pl.String),
        "Poids (kg)": decimal_comma(draw.integers(10, 20_000, len(numbers)), 3),
        "Couleur": pick(COLORS, 3),
        "Image": pl.select(pl.concat_str(pl.lit("https://img.example.com/"), ean, pl.lit(".jpg"))).to_series(),
    }
    if wide:
        columns["Devise"] = pl.repeat("EUR", len(numbers), eager=True)
        columns["Lien"] = pl.select(pl.concat_str(pl.lit("https://www.example.com/p/"), number)).to_series()
    return pl.DataFrame(columns)


def gtin13(bodies: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Append the check digit to bodies of 12 digits (GS1 General Specifications 7.9)."""
    total = np.zeros(len(bodies), dtype=np.int64)
    for place in range(12):
        total += bodies // 10**place % 10 * (1 if place % 2 else 3)
    return bodies * 10 + -total % 10


def decimal_comma(values: "np.ndarray[tuple[int], np.dtype[np.int64]]", places: int) -> pl.Series:
    """Write whole hundredths or thousandths with a decimal comma."""
    whole, rest = np.divmod(values, 10**places)
    fraction = pl.Series(rest).cast(pl.String).str.zfill(places)
    return pl.select(pl.concat_str(pl.Series(whole).cast(pl.String), pl.lit(","), fraction)).to_series()


def main() -> None:
    """Write a file and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--wide", action="store_true", help="14 columns instead of 12")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    start = time.perf_counter()
    write_rows(given.target, given.rows, shuffled=given.shuffled, wide=given.wide, seed=given.seed)
    size = given.target.stat().st_size / 2**20
    print(f"{given.rows:,} rows, {size:.0f} MiB in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
