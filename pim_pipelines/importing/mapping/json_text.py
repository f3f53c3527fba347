"""JSON text made for whole columns at once, for what PostgreSQL keeps as jsonb."""

import json

import polars as pl

_SPECIAL = ["\\", '"', *(chr(code) for code in range(0x20))]
_NEEDS_ESCAPE = r'[\x00-\x1f"\\]'
_ESCAPED = [json.dumps(char)[1:-1] for char in _SPECIAL]


def escaped(cells: pl.Series) -> pl.Series:
    """Escape texts for the inside of JSON strings; null stays null."""
    return cells.str.replace_many(_SPECIAL, _ESCAPED) if cells.str.contains(_NEEDS_ESCAPE).any() else cells


def json_array(lists: pl.Series) -> pl.Series:
    """Write lists of texts as JSON arrays; null for null and empty lists."""
    texts = lists.list.eval(pl.element().str.replace_many(_SPECIAL, _ESCAPED)).list.join('","')
    return pl.select(pl.when(lists.list.len() > 0).then('["' + texts + '"]').alias(lists.name)).to_series()


def json_object(cells: dict[str, pl.Series], nulls: dict[str, pl.Series]) -> pl.Series:
    """Write one JSON object a row, of the names whose cells are filled; null where none is.

    nulls: per name the rows in which it is written as null.
    """
    members: list[pl.Expr] = []
    for name, column in cells.items():
        key = json.dumps(name, ensure_ascii=False) + ":"
        member = pl.concat_str(pl.lit(key + '"'), escaped(column), pl.lit('"'))
        members.append(pl.when(nulls[name]).then(pl.lit(key + "null")).otherwise(member) if name in nulls else member)
    joined = pl.select(pl.concat_str(members, separator=",", ignore_nulls=True)).to_series()
    return pl.select(pl.when(joined != "").then(pl.concat_str(pl.lit("{"), joined, pl.lit("}")))).to_series()
