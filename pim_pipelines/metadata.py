"""What an op shows in Dagster's UI: counts and rates, a look at the rows, tables of columns and errors."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from dagster import MarkdownMetadataValue, MetadataValue, TableColumn, TableMetadataValue, TableRecord, TableSchema

PREVIEW_ROWS = 10
PREVIEW_COLUMNS = 12
MOST_COLUMNS = 200
LONGEST_CELL = 60

_MARKDOWN = re.compile(r"([\\`*_\[\]|!~#])")


Table = TableMetadataValue


def rate(rows: int, seconds: float) -> int:
    """Return rows a second."""
    return round(rows / seconds) if seconds > 0 else 0


def preview(records: Sequence[Mapping[str, Any]]) -> MarkdownMetadataValue:
    """Show the first rows as a Markdown table; cells are a supplier's text and cannot become markup."""
    rows = [{_cell(name): _cell(value) for name, value in record.items()} for record in records[:PREVIEW_ROWS]]
    frame = pd.DataFrame(rows).fillna("")
    hidden = frame.shape[1] - PREVIEW_COLUMNS
    table = frame.iloc[:, :PREVIEW_COLUMNS].to_markdown(index=False, disable_numparse=True)
    return MetadataValue.md(f"{table}\n\n… and {hidden} more columns" if hidden > 0 else table)


def counted(counts: Mapping[str, int], of: str) -> TableMetadataValue:
    """Show counts by name, the commonest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return MetadataValue.table(
        records=[TableRecord({of: name, "rows": count}) for name, count in ordered],
        schema=TableSchema(columns=[TableColumn(of, "string"), TableColumn("rows", "int")]),
    )


def columns(rows: Sequence[Mapping[str, Any]]) -> TableMetadataValue:
    """Show what analysis found in each column; `rows` are flat and of one shape."""
    types = {bool: "bool", int: "int", float: "float"}
    first = rows[0] if rows else {}
    return MetadataValue.table(
        records=[TableRecord({name: _scalar(value) for name, value in row.items()}) for row in rows],
        schema=TableSchema(columns=[TableColumn(name, types.get(type(first[name]), "string")) for name in first]),
    )


def bullets(texts: Sequence[str]) -> MarkdownMetadataValue:
    """Show sentences as a list."""
    return MetadataValue.md("\n".join(f"- {_escaped(text)}" for text in texts) or "none")


def _cell(value: Any) -> str:
    return "" if value is None else _escaped(_short(" ".join(str(value).split())))


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", html.escape(text, quote=False))


def _scalar(value: Any) -> str | int | float | bool:
    if value is None:
        return ""
    return value if isinstance(value, bool | int | float) else _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
