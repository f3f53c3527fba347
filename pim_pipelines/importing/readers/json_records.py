"""Records of JSON on their way into a spool: which objects of an array are meant, and how like products they are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pim_pipelines.importing.readers.cells import normalise_cell
from pim_pipelines.importing.readers.header import column_names, find_header
from pim_pipelines.importing.readers.likeness import Records
from pim_pipelines.importing.readers.limits import Limits, TooManyColumns
from pim_pipelines.importing.readers.nested import Record, flatten
from pim_pipelines.importing.readers.spool import Spool

_LOOKED_AT = 200
_LEVELS = 3
_ALIKE = 0.5
_LIKELY_KINDS = 3

Steps = tuple[str, ...]


class Taking:
    """Takes the elements of an array; their first ones decide what its records are.

    These are its objects, or (where groups of products are listed) the objects of an array in them; arrays in an
    array are rows of a table, whose first one may name the columns. `failure` is why they cannot be a table.
    """

    def __init__(self, name: str, head: Sequence[Any], folder: Path, limits: Limits, *, within: bool = False) -> None:
        self.spool = Spool(folder, limits)
        self.left_out = 0
        self._limits = limits
        self._names: list[str] | None = None
        self._skipped = 0
        if head and all(type(each) is list for each in head):
            self._take_table(head)
        objects = self._objects(head[self._skipped :])[:_LOOKED_AT]
        self._records: Records | None = None
        self._steps: Steps = ()
        self.failure: TooManyColumns | None = None
        try:
            if objects:
                found = _candidates(Records(name, 0, 0.0, {}, within), objects, (), limits)
                self._records, self._steps = max(found, key=lambda each: each[0].score())
        except TooManyColumns as error:  # a table of exchange rates, perhaps, and no products
            self.failure = error

    @property
    def score(self) -> float:
        """How much the records look like products; 0 where there are none."""
        if self._records is None:
            return 0.0
        return replace(self._records, number=self.spool.total).score()

    @property
    def is_likely(self) -> bool:
        """Tell whether a record, even a single one, looks like a product."""
        return self._records is not None and self._records.kinds >= _LIKELY_KINDS

    def close(self) -> None:
        """Throw the records away."""
        self.spool.close()

    def add(self, elements: Sequence[Any], *, marked: bool) -> None:
        """Take some elements of the array; `marked` where some of the text could not be decoded."""
        if self._skipped:
            elements, self._skipped = elements[self._skipped :], 0
        records = self._objects(elements)
        self.left_out += sum(each is not None for each in elements) - len(records)
        for step in self._steps:
            records = _inner(records, step)
        if self._records is None or not records or self.failure is not None:
            return
        try:
            flat = flatten(records, self._limits)
            self.spool.add(len(records), flat.in_order(), flat.wrong, marked=marked)
        except TooManyColumns as error:
            self.failure = error

    def _objects(self, elements: Sequence[Any]) -> list[Record]:
        if self._names is None:
            return [each for each in elements if type(each) is dict]
        return [dict(zip(self._names, each, strict=False)) for each in elements if type(each) is list]

    def _take_table(self, head: Sequence[list[Any]]) -> None:
        """Find the names of a table's columns."""
        cells = [[None if each is None else normalise_cell(str(each)) for each in row] for row in head[:_LOOKED_AT]]
        if not any(map(any, cells)):
            return
        header = find_header(cells)
        self._names = header.names if header.index is not None else column_names([None] * max(map(len, head)))
        self._skipped = 0 if header.index is None else header.index + 1


def are_alike(objects: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether objects have mostly the same fields, as records have."""
    first = objects[0].keys()
    shares = [len(first & each.keys()) / max(len(first | each.keys()), 1) for each in objects[1:_LOOKED_AT]]
    return bool(shares) and sum(shares) >= _ALIKE * len(shares) and any(_is_record(each) for each in objects)


def _is_record(value: Mapping[str, Any]) -> bool:
    return sum(type(each) is not dict and type(each) is not list for each in value.values()) > 1


def _candidates(
    outline: Records, objects: Sequence[Record], steps: Steps, limits: Limits
) -> Iterator[tuple[Records, Steps]]:
    """Yield what may be the records: the objects themselves, and the objects in each array in them."""
    own = [{key: value for key, value in each.items() if not _holds_objects(value)} for each in objects]
    samples = {
        name: texts
        for name, column in flatten(own, limits).columns.items()
        if (texts := [text for text in column if text and not text.isspace()])
    }
    filled = sum(map(len, samples.values())) / len(objects)
    yield replace(outline, number=len(objects), filled=filled, samples=samples), steps
    if len(steps) == _LEVELS:
        return
    keys = dict.fromkeys(key for each in objects for key, value in each.items() if _holds_objects(value))
    for key in keys:
        inner = _inner(objects, key)
        yield from _candidates(Records(key, 0, 0.0, {}, within=True), inner, (*steps, key), limits)


def _inner(objects: Sequence[Record], key: str) -> list[Record]:
    arrays = [each[key] for each in objects if _holds_objects(each.get(key))]
    return [item for array in arrays for item in array if type(item) is dict]


def _holds_objects(value: Any) -> bool:
    return type(value) is list and any(type(each) is dict for each in value)
