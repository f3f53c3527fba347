"""Which of a file's columns a mapping means, and where they stand. No frames here: the API resolves names by this."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


def fold(name: str) -> str:
    """Reduce a column's name to what decides: no case, no accents, no white space."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char) and not char.isspace())
    return bare.casefold()


def find(name: str, columns: list[str]) -> list[str]:
    """Return the columns that `name` may mean: the exact one, else all that fold to the same."""
    if name in columns:
        return [name]
    folded = fold(name)
    return [column for column in columns if fold(column) == folded]


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A file column that becomes a field: its name, its place in `rows.parquet`, its field.

    A field without a column, whose values the options make, has neither name nor place.
    """

    name: str
    key: str
    field: str

    @property
    def is_in_file(self) -> bool:
        """Whether the file has such a column."""
        return bool(self.key)


def mapped(columns: list[str], column_mapping: dict[str, str | None]) -> list[MappedColumn]:
    """Return the columns that a checked mapping uses, in the file's order; ignored ones are left out."""
    return [
        MappedColumn(name, f"c{position}", field)
        for position, name in enumerate(columns)
        if (field := column_mapping.get(name)) is not None
    ]


def without_column(fields: Iterable[str], columns: list[MappedColumn]) -> list[MappedColumn]:
    """Return those of the fields that no column is mapped to, each as a column that the file does not have."""
    there = {column.field for column in columns}
    return [MappedColumn("", "", field) for field in dict.fromkeys(fields) if field not in there]
