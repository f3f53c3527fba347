"""Objects within objects as columns: `{"a": {"b": 1}}` is a column `a.b`.

Of an array the first value with text is kept, of images all; of an array of objects likewise, field by field.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.limits import Limits, TooManyColumns
from pim_pipelines.importing.readers.repeated import kept
from pim_pipelines.importing.readers.spool import NoNumber

SEPARATOR = "."
Record = dict[str, Any]
Column = list[str | None]


class NotANumber(str):
    """NaN or Infinity as it stood in the file."""

    __slots__ = ()


@dataclass
class Flat:
    """The columns of some objects: texts by name, None where there is none.

    `first` is the first object that has a column, `wrong` are the cells that should be numbers and are none.
    """

    columns: dict[str, Column] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    wrong: list[NoNumber] = field(default_factory=list)

    def put(self, name: str, first: int, column: Column) -> None:
        """Add a column; of two with one name (`{"a.b": 1, "a": {"b": 2}}`) the first one's texts count."""
        held = self.columns.get(name)
        if held is None:
            self.columns[name], self.first[name] = column, first
        else:
            self.columns[name] = [mine or other for mine, other in zip(held, column, strict=True)]
            self.first[name] = min(first, self.first[name])

    def put_inner(self, inner: "Flat", rows: Sequence[int], total: int) -> None:
        """Add the columns of objects that lie in these rows, several in a row where they are an array's."""
        for name, column in inner.columns.items():
            self.put(
                name, rows[inner.first[name]], column if len(rows) == total else _spread(name, column, rows, total)
            )
        self.wrong += [NoNumber(rows[each.row], each.column, each.shown) for each in inner.wrong]

    def in_order(self) -> dict[str, Column]:
        """Return the columns as they first appear, those that appear in one record in the order of its fields."""
        return {name: self.columns[name] for name in sorted(self.columns, key=self.first.__getitem__)}


def flatten(records: Sequence[Record], limits: Limits) -> Flat:
    """Return the columns of some records.

    Raises BrokenFile where objects lie too deep in one another, TooManyColumns where they have too many fields.
    """
    return _flatten(records, "", limits.depth, limits)


def too_deep() -> BrokenFile:
    """Return the error for objects in objects without end."""
    return BrokenFile("Objects lie too deep in one another, as in no product list. Please check the export.")


def _flatten(objects: Sequence[Record], prefix: str, depth: int, limits: Limits) -> Flat:
    if depth == 0:
        raise too_deep()
    flat = Flat()
    keys = dict.fromkeys(chain.from_iterable(objects))
    if len(keys) > limits.columns:
        raise TooManyColumns(limits)
    for key in keys:
        if len(flat.columns) > limits.columns:
            raise TooManyColumns(limits)
        name = prefix + key
        values = [each.get(key) for each in objects]
        kinds = set(map(type, values))
        kinds.discard(type(None))
        first = next((place for place, each in enumerate(objects) if key in each and _has_cell(each[key])), None)
        if kinds <= {str} and first is not None:
            flat.put(name, first, values)
            continue
        if first is not None:
            flat.put(name, first, [_cell(name, value, depth) for value in values])
        items = set(map(type, chain.from_iterable(value for value in values if type(value) is list)))
        if NotANumber in kinds or items & {NotANumber, list}:
            flat.wrong += [
                NoNumber(row, name, item)
                for row, value in enumerate(values)
                for item in _items([value], depth)
                if type(item) is NotANumber
            ]
        if dict in kinds or items & {dict, list}:
            rows, inner = [], []
            for row, value in enumerate(values):
                for item in (value,) if type(value) is dict else _items([value], depth):
                    if type(item) is dict:
                        rows.append(row)
                        inner.append(item)
            flat.put_inner(_flatten(inner, name + SEPARATOR, depth - 1, limits), rows, len(objects))
    return flat


def _spread(name: str, column: Column, rows: Sequence[int], total: int) -> Column:
    """Put texts into their rows; of several in one row what a cell keeps of them."""
    texts: Column = [None] * total
    several: dict[int, list[str]] = {}
    for row, text in zip(rows, column, strict=True):
        held = texts[row]
        if text is None:
            continue
        if held is None:
            texts[row] = text
        else:
            several.setdefault(row, [held]).append(text)
    for row, found in several.items():
        texts[row] = kept(name, found)
    return texts


def _has_cell(value: Any) -> bool:
    """Tell whether a value is more than objects, which have columns of their own: a blank one is."""
    if type(value) is list:
        return not value or any(type(item) is not dict for item in value)
    return type(value) is not dict


def _cell(name: str, value: Any, depth: int) -> str | None:
    if type(value) is list:
        if set(map(type, value)) == {str}:
            return kept(name, value)
        return kept(name, [text for item in _items(value, depth) if (text := _cell(name, item, depth))])
    if value is True or value is False:
        return "true" if value else "false"
    return value if type(value) is str else None


def _items(values: Iterable[Any], depth: int) -> Iterator[Any]:
    """Yield what is in an array, and in the arrays in it."""
    if depth == 0:
        raise too_deep()
    for value in values:
        if type(value) is list:
            yield from _items(value, depth - 1)
        else:
            yield value
