"""The parts of an XLSX file: its sheets, and where their XML is (ECMA-376, part 1, 18.2; part 2)."""

import codecs
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from pim_pipelines.errors import BrokenFile, FileTooLarge
from pim_pipelines.importing.readers.limits import MIB
from pim_pipelines.importing.readers.xml_text import declared_encoding

_BLOCK = 2 * MIB
_LARGEST_PART = 64 * MIB
_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"<\0?\0", "utf-16-le"))


@dataclass(frozen=True)
class SheetPart:
    """A sheet of a workbook: its part in the file, whether it is shown, and whether it has cells (a chart has none)."""

    name: str
    part: str
    is_visible: bool
    has_cells: bool


class XlsxPackage:
    """An opened XLSX file; raises BrokenFile where it is damaged, FileTooLarge where it expands too far."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise damaged() from error
        self._parts = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in self._archive.infolist()}
        expanded = sum(info.file_size for info in self._parts.values())
        if expanded > max_bytes:
            raise FileTooLarge(
                f"The workbook expands to {expanded / MIB:,.0f} MiB, more than is taken. Please save it as CSV."
            )
        self._targets: dict[str, tuple[str, str]] = {}
        self.counts_from_1904 = False
        self.sheets = self._sheets()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def part_of(self, kind: str, otherwise: str) -> str | None:
        """Return the workbook's part of a kind (`styles`, `sharedStrings`), None where it has none."""
        named = (part for relation, part in self._targets.values() if relation == kind)
        part = next(named, otherwise)
        return part if part in self._parts else None

    def tree(self, part: str) -> "etree._Element | None":
        """Return a small part as a tree, None where there is none."""
        if part.lower() not in self._parts:
            return None
        if self._parts[part.lower()].file_size > _LARGEST_PART:
            raise BrokenFile(
                "The workbook's description of itself is too large. Please save it again in a spreadsheet."
            )
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        return etree.fromstring(b"".join(self._raw(part.lower())), parser)

    def blocks(self, part: str) -> Iterator[bytes]:
        """Yield a part's XML in UTF-8, a block at a time."""
        if part not in self._parts:
            return
        blocks = self._raw(part)
        head = next(blocks, b"")
        encoding = next((name for mark, name in _WIDE if head.startswith(mark)), declared_encoding(head[:1024]))
        if encoding is None or encoding in ("utf-8", "ascii"):
            yield head.removeprefix(codecs.BOM_UTF8)
            yield from blocks
            return
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        yield decoder.decode(head).encode()
        for block in blocks:
            yield decoder.decode(block).encode()

    def _raw(self, part: str) -> Iterator[bytes]:
        try:
            with self._archive.open(self._parts[part]) as file:
                while block := file.read(_BLOCK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
            raise damaged() from error

    def _sheets(self) -> list[SheetPart]:
        root = self.tree("_rels/.rels")
        books = [] if root is None else [item for item in root if str(item.get("Type")).endswith("/officeDocument")]
        book = (books[0].get("Target") or "").lstrip("/") if books else "xl/workbook.xml"
        folder, name = posixpath.split(book)
        relations = self.tree(f"{folder}/_rels/{name}.rels")
        for item in relations if relations is not None else ():
            kind = str(item.get("Type")).rpartition("/")[2]
            self._targets[item.get("Id") or ""] = kind, _joined(folder, item.get("Target") or "")
        tree = self.tree(book)
        if tree is None:
            raise damaged()
        for item in tree.iter("{*}workbookPr"):
            self.counts_from_1904 = str(item.get("date1904")).lower() in ("1", "true")
        sheets = []
        for item in tree.iter("{*}sheet"):
            relation = next((str(value) for key, value in item.attrib.items() if str(key).endswith("}id")), "")
            kind, part = self._targets.get(relation, ("", ""))
            is_visible = str(item.get("state") or "visible") == "visible"
            sheets.append(SheetPart(str(item.get("name")), part, is_visible, kind == "worksheet"))
        return sheets


def damaged() -> BrokenFile:
    """Return the error of a file that is no whole workbook."""
    return BrokenFile("The workbook is damaged or was cut off. Please save it again, or transfer it again.")


def _joined(folder: str, target: str) -> str:
    path = target.replace("\\", "/")
    return posixpath.normpath(path.lstrip("/") if path.startswith("/") else f"{folder}/{path}").lower()
