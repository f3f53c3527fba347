"""Which element of an XML file is the record: told by how its elements repeat, and by what is in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from pim_pipelines.errors import BrokenFile
from pim_pipelines.importing.readers.likeness import ONE, Records, is_named
from pim_pipelines.importing.readers.limits import MIB, Limits
from pim_pipelines.importing.readers.xml_text import Advance, well_formed

_HEAD = 2 * MIB
_SPOTS = 16
_SPOT = MIB // 16
_SAMPLES = 40
_SAMPLE_CHARACTERS = 1000
_MOST_NODES = 20_000
_OWN_FIELDS = 4
_TAG = re.compile(rb"<([A-Za-z_\x80-\xff][^\s/><]{0,80})")

# The name of the element above the record, "" above the root, and the record's own.
Place = tuple[str, str]


@dataclass(slots=True)
class _Texts:
    """How often an attribute or element has text, and some of it."""

    count: int = 0
    samples: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.count += 1
        if len(self.samples) < _SAMPLES:
            self.samples.append(text[:_SAMPLE_CHARACTERS].strip())


@dataclass(slots=True)
class _Node:
    """All elements of one path: how many there are, and in how many of their parents."""

    name: str
    count: int = 0
    holders: int = 0
    seen: int = 0
    children: dict[str, "_Node"] = field(default_factory=dict)
    attributes: dict[str, _Texts] = field(default_factory=dict)
    text: _Texts = field(default_factory=_Texts)

    @property
    def has_parts(self) -> bool:
        return bool(self.children) or bool(self.attributes)

    @property
    def repeats(self) -> bool:
        return self.count > self.holders

    @property
    def is_candidate(self) -> bool:
        return self.has_parts and (self.repeats or is_named(self.name, ONE))

    def fields(self, prefix: str = "") -> Iterator[tuple[str, _Texts]]:
        """Yield what belongs to one of these elements, not to parts that repeat in it."""
        for name, texts in self.attributes.items():
            yield f"{prefix}@{name}", texts
        if self.text.count:
            yield prefix, self.text
        for child in self.children.values():
            if not (child.has_parts and child.repeats):
                yield from child.fields(f"{prefix}{child.name}/")

    def records(self, *, within: bool) -> Records:
        own = dict(self.fields())
        filled = sum(min(texts.count / self.count, 1.0) for texts in own.values())
        return Records(self.name, self.count, filled, {name: texts.samples for name, texts in own.items()}, within)


def record_place(path: Path, encoding: str, limits: Limits) -> Place:
    """Return where the records of an XML file are.

    The file's beginning is looked at; all of it where there are elements further on that the beginning has not.
    """
    shape = _Shape(limits)
    looked_at, wanted = 0, _HEAD
    advance = Advance(limits)
    try:
        for piece in well_formed(path, encoding, limits):
            if looked_at > wanted:
                if shape.has_all(_names_further_on(path)):
                    break
                wanted = path.stat().st_size
            shape.parser.Parse(piece)
            if piece:
                advance.to(shape.parser.CurrentByteIndex)
            looked_at += len(piece)
    except expat.ExpatError:
        pass  # the reader meets it again, and says where
    return shape.place()


def too_deep() -> BrokenFile:
    """Return the error for elements in elements without end."""
    return BrokenFile("Elements lie too deep in one another, as in no product list. Please check the export.")


def _names_further_on(path: Path) -> set[bytes]:
    """Return the names of elements that are met more than once in samples from all over a file."""
    once: set[bytes] = set()
    several: set[bytes] = set()
    size = path.stat().st_size
    with path.open("rb") as file:
        for spot in range(1, _SPOTS + 1):
            file.seek(max(size * spot // _SPOTS - _SPOT, 0))
            for name in _TAG.findall(file.read(_SPOT)):
                (several if name in once else once).add(name)
    return several


class _Shape:
    """The paths of a document, or of its beginning."""

    def __init__(self, limits: Limits) -> None:
        self._depth = limits.depth
        self._root = _Node("", count=1)
        self._names: set[bytes] = set()
        self._stack = [self._root]
        self._texts: list[str] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._texts.append
        self._nodes = 0

    def has_all(self, names: set[bytes]) -> bool:
        return names <= self._names

    def place(self) -> Place:
        found = list(self._candidates(self._root, within=False))
        if found:
            _, place = max(found, key=lambda each: each[0].score())
            return place
        return max(self._simple(self._root), key=lambda each: each[0], default=(0, ("", "")))[1]

    def _candidates(self, parent: _Node, *, within: bool) -> Iterator[tuple[Records, Place]]:
        for node in parent.children.values():
            inner = within
            if node.is_candidate:
                records = node.records(within=within)
                yield records, (parent.name, node.name)
                inner = within or records.filled >= _OWN_FIELDS or is_named(node.name, ONE)
            yield from self._candidates(node, within=inner)

    def _simple(self, parent: _Node) -> Iterator[tuple[int, Place]]:
        """Yield how many texts and attributes each element has, for documents in which nothing repeats."""
        for node in parent.children.values():
            leaves = sum(not child.children for child in node.children.values())
            yield leaves + len(node.attributes), (parent.name, node.name)
            yield from self._simple(node)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._texts.clear()
        parent = self._stack[-1]
        node = parent.children.get(name)
        if node is None:
            node = _Node(name)
            if self._nodes < _MOST_NODES:
                parent.children[name] = node
                self._nodes += 1
                self._names.add(name.encode())
        node.count += 1
        if node.seen != parent.count:
            node.seen = parent.count
            node.holders += 1
        for key, value in attributes.items():
            if not key.startswith("xmlns"):
                node.attributes.setdefault(key, _Texts()).add(value)
        self._stack.append(node)
        if len(self._stack) > self._depth:
            raise too_deep()

    def _end(self, _: str) -> None:
        node = self._stack.pop()
        text = "".join(self._texts)
        self._texts.clear()
        if text and not text.isspace():
            node.text.add(text)
