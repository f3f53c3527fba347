"""A fingerprint of what a row would set, so that an unchanged row is never written again.

XXH3 (64 bits) over the row's values in UTF-8. Its algorithm is published and frozen, so the same row has the same hash
on every machine and with every version of every library; Polars' and pandas' own promise no such thing. `blake2b` of
the standard library costs ten times as much (0.64 s a million rows against 0.06 s).
"""

import json
from typing import Any

import numpy as np
import polars as pl
import xxhash

HASH_VERSION = 1
"""Raised whenever the same row may come to another hash: a change here, in the way a cell is read, or in the order."""

WITHOUT_EFFECT = frozenset(
    {"sheet", "skip_header_rows", "max_error_rate", "allowed_errors", "guards", "deactivate_missing"}
)
"""Options that choose or stop rows but never change what a row sets; two imports may differ in them."""

_NUL = "\x00"  # no cell holds it: readers remove it


def salt(fields: list[str], rules: dict[str, Any], options: dict[str, Any]) -> int:
    """Fingerprint what a row is read by: the mapped fields, the rules, the options, and this module's version."""
    effective = {name: value for name, value in options.items() if name not in WITHOUT_EFFECT}
    text = json.dumps([HASH_VERSION, sorted(fields), rules, effective], sort_keys=True, ensure_ascii=False)
    return xxhash.xxh3_64_intdigest(text.encode())


def row_hashes(rows: pl.DataFrame, salt: int) -> pl.Series:
    """Hash rows (i64): the values of all columns in order, null and text told apart, under a `salt`."""
    texts = [pl.col(name).cast(pl.String) for name in rows.columns]
    texts = [
        text.fill_null("") if rows[name].null_count() else text for name, text in zip(rows.columns, texts, strict=True)
    ]
    joined = rows.select(pl.concat_str(texts, separator=_NUL).cast(pl.Binary)).to_series()
    digests = np.fromiter(map(xxhash.xxh3_64_intdigest, joined.to_list()), dtype=np.uint64, count=rows.height)
    return pl.Series("row_hash", (digests ^ np.uint64(salt)).view(np.int64))
