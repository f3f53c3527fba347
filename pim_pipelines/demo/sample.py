"""A realistic supplier file of our own, and what exactly is wrong in it.

    python -m pim_pipelines.demo.sample TARGET.csv [--rows 5000] [--shuffled] [--seed 1]

Real GS1 prefixes, French headers, semicolons, cp1252, decimal commas; wrong check digits, missing titles,
duplicates and what else suppliers send. Every row has one fault at most, so that the counts are exact; they are
what an import into an empty catalogue, for one supplier and with default options, must come to.
"""

import argparse
import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pim_pipelines.demo.catalogue import AMERICAN, COLORS, EXTRAS, ITEMS, MAKERS, SIZES, Maker
from pim_pipelines.importing.rules.gtin import check_digit

MAPPING = {
    "Référence": "sku",
    "Code EAN": "ean",
    "Désignation": "title",
    "Descriptif": "description",
    "Marque": "brand_name",
    "Catégorie": "category",
    "Prix d'achat HT": "cost_price",
    "Prix de vente TTC": "price",
    "TVA (%)": "tax_rate",
    "Qté en stock": "stock",
    "Poids (kg)": "weight",
    "Couleur": "color",
    "Pays d'origine": "country_of_origin",
    "Photo": "image_url",
}
"""The file's columns, and the field that each should be recognised as."""

HEADER = list(MAPPING)
SKU, EAN, TITLE, PRICE, PHOTO = (
    HEADER.index(name) for name in ("Référence", "Code EAN", "Désignation", "Prix de vente TTC", "Photo")
)
ENCODING, DELIMITER = "cp1252", ";"
PER_PREFIX = 100_000  # item numbers of a company prefix of 7 digits
MADE_UP = "2100000"  # a prefix for use inside a company


class Fault(StrEnum):
    """What is wrong with a row, or special."""

    NONE = "none"
    CHECK_DIGIT = "check_digit"  # fails: ean_invalid
    SCIENTIFIC = "scientific"  # fails: ean_precision_lost
    SURPLUS = "surplus"  # fails: row_malformed, text beyond the last column
    SHORT = "short"  # loads with a warning: row_malformed, cells missing at the end
    NO_TITLE = "no_title"  # pends: ean_pending
    NO_EAN = "no_ean"  # loads by its SKU
    BAD_PRICE = "bad_price"  # loads without a price: number_invalid
    IN_STORE = "in_store"  # a code from a restricted range: loads
    SPACED = "spaced"  # an EAN with blanks in it: loads
    UPC = "upc"  # 12 digits: loads
    REPEATED = "repeated"  # one product twice: the first row is left alone, duplicate_in_file
    SHARED = "shared"  # one EAN, two SKUs: ean_shared_by_skus


# Rows of each fault in a hundred; REPEATED and SHARED count pairs.
SHARES = {
    Fault.CHECK_DIGIT: 1.0,
    Fault.SCIENTIFIC: 0.1,
    Fault.SURPLUS: 0.06,
    Fault.SHORT: 0.06,
    Fault.NO_TITLE: 0.6,
    Fault.NO_EAN: 0.5,
    Fault.BAD_PRICE: 0.2,
    Fault.IN_STORE: 0.2,
    Fault.SPACED: 1.0,
    Fault.UPC: 1.0,
    Fault.REPEATED: 0.8,
    Fault.SHARED: 0.2,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What is in a sample file and what importing it must come to.

    `faults`: rows (pairs for `repeated` and `shared`) of each `Fault`; `errors_by_type`: errors and warnings by
    the contract's error types.
    """

    rows: int
    encoding: str
    delimiter: str
    columns: list[str]
    mapping: dict[str, str]
    faults: dict[str, int]
    total_rows: int
    products_created: int
    products_updated: int
    products_skipped: int
    pending: int
    failed_rows: int
    successful_rows: int
    errors_by_type: dict[str, int]
    warnings_by_type: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values."""
        return asdict(self)


def write_sample(path: Path, *, rows: int = 5_000, shuffled: bool = False, seed: int = 1) -> Sample:
    """Write a file of `rows` rows (the same for the same seed) and say what is in it.

    EANs ascend down the file, or come in random order if `shuffled`.
    """
    draw = random.Random(seed)  # noqa: S311 - the same file for the same seed
    faults = _faults(rows, draw)
    made = list(_rows(faults, draw))
    if shuffled:
        draw.shuffle(made)
    else:
        made.sort(key=lambda row: row[0])
    with path.open("w", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file, delimiter=DELIMITER)
        writer.writerow(HEADER)
        writer.writerows(cells for _, cells in made)
    return _outcome(Counter(faults), rows)


def _faults(rows: int, draw: random.Random) -> list[Fault]:
    """Deal out the faults; a pair takes one place here and two rows."""
    counts = {fault: round(rows * share / 100) for fault, share in SHARES.items()}
    pairs = counts[Fault.REPEATED] + counts[Fault.SHARED]
    faults = [fault for fault, count in counts.items() for _ in range(count)]
    faults += [Fault.NONE] * (rows - pairs - len(faults))
    draw.shuffle(faults)
    return faults


def _rows(faults: list[Fault], draw: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Make the rows of each place, with the key that orders them."""
    for number, fault in enumerate(faults):
        product = _product(number, fault, draw)
        key = product[EAN]
        match fault:
            case Fault.CHECK_DIGIT:
                product[EAN] = key[:-1] + str((int(key[-1]) + draw.randrange(1, 10)) % 10)
            case Fault.SCIENTIFIC:
                product[EAN] = f"{key[0]},{key[1:6]}E+12"
            case Fault.SURPLUS:
                product.append("voir fiche")
            case Fault.SHORT:
                del product[PHOTO - 1 :]
            case Fault.NO_TITLE:
                product[TITLE] = ""
            case Fault.NO_EAN:
                product[EAN] = ""
            case Fault.BAD_PRICE:
                product[PRICE] = "sur demande"
            case Fault.SPACED:
                product[EAN] = f"{key[0]} {key[1:7]} {key[7:]}"
            case Fault.REPEATED:
                yield key, [*product[:PRICE], _amount(draw.randrange(100, 9_000)), *product[PRICE + 1 :]]
            case Fault.SHARED:
                yield key, [f"{product[SKU]}-B", *product[1:]]
        yield key, product


def _product(number: int, fault: Fault, draw: random.Random) -> list[str]:
    maker, item = MAKERS[number % len(MAKERS)], number // len(MAKERS)
    ean = _gtin(maker.prefix, item)
    if fault is Fault.UPC:
        maker, ean = AMERICAN, _gtin(AMERICAN.prefix, number)
    elif fault is Fault.IN_STORE:
        ean = _gtin(MADE_UP, number)
    return _cells(number, maker, ean, draw)


def _gtin(prefix: str, item: int) -> str:
    """Build the GTIN of a prefix's item; more items than it holds go on in the prefix after it."""
    over, item = divmod(item, PER_PREFIX)
    body = f"{int(prefix) + over:0{len(prefix)}d}{item:05d}"
    return body + str(check_digit(body))


def _cells(number: int, maker: Maker, ean: str, draw: random.Random) -> list[str]:
    name, category = draw.choice(ITEMS)
    color = draw.choice(COLORS)
    title = f"{name} {maker.brand} {draw.choice(SIZES)} {color}{draw.choice(EXTRAS)}"
    cost = draw.randrange(40, 6_000)
    return [
        f"PAP-{number:06d}",
        ean,
        title,
        f"{name} de marque {maker.brand}, couleur {color}. Vendu à l'unité ; livraison sous 48 h.",
        maker.brand,
        category,
        _amount(cost),
        _amount(cost * draw.randrange(150, 220) // 100),
        draw.choice(["20,00", "20,00", "20,00", "5,50"]),
        str(draw.randrange(0, 400)),
        f"{draw.randrange(5, 3_000) / 1000:.3f}".replace(".", ","),
        color,
        maker.country,
        f"https://photos.papeterie-demo.example/{ean}.jpg",
    ]


def _amount(cents: int) -> str:
    """Write an amount as French suppliers do: 1 234,50 with a no-break space."""
    whole, rest = divmod(cents, 100)
    return f"{whole:,}".replace(",", "\u00a0") + f",{rest:02d}"


def _outcome(faults: "Counter[Fault]", rows: int) -> Sample:
    failed = faults[Fault.CHECK_DIGIT] + faults[Fault.SCIENTIFIC] + faults[Fault.SURPLUS]
    pending, repeated, shared = faults[Fault.NO_TITLE], faults[Fault.REPEATED], faults[Fault.SHARED]
    skipped = pending + repeated
    created = rows - failed - skipped - shared
    errors = {
        "ean_invalid": faults[Fault.CHECK_DIGIT],
        "ean_precision_lost": faults[Fault.SCIENTIFIC],
        "row_malformed": faults[Fault.SURPLUS],
    }
    warnings = {
        "row_malformed": faults[Fault.SHORT],
        "ean_pending": pending,
        "number_invalid": faults[Fault.BAD_PRICE],
        "duplicate_in_file": repeated,
        "ean_shared_by_skus": shared,
    }
    return Sample(
        rows=rows,
        encoding=ENCODING,
        delimiter=DELIMITER,
        columns=HEADER,
        mapping=MAPPING,
        faults={fault.value: faults[fault] for fault in SHARES},
        total_rows=rows,
        products_created=created,
        products_updated=shared,
        products_skipped=skipped,
        pending=pending,
        failed_rows=failed,
        successful_rows=rows - failed,
        errors_by_type={name: count for name, count in errors.items() if count},
        warnings_by_type={name: count for name, count in warnings.items() if count},
    )


def main() -> None:
    """Write a sample and print what is in it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sample = write_sample(given.target, rows=given.rows, shuffled=given.shuffled, seed=given.seed)
    print(json.dumps(sample.to_dict(), ensure_ascii=False, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
