"""The cells of an XLSX sheet as texts: by their type, by their style, by the shared strings they name."""

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pim_pipelines.importing.readers.cells import normalise_texts, without_blank
from pim_pipelines.importing.readers.first_cells import boolean_cell, date_cell, number_cell
from pim_pipelines.importing.readers.marks import PERCENT, error_code, error_text
from pim_pipelines.importing.readers.table import JsonCell
from pim_pipelines.importing.readers.values import text_of
from pim_pipelines.importing.readers.xlsx_cells import Cells, Places
from pim_pipelines.importing.readers.xlsx_formats import DATE, PLAIN, writer
from pim_pipelines.importing.readers.xlsx_package import damaged
from pim_pipelines.importing.readers.xlsx_strings import plain_texts

# Numbers that a reader sees as the file writes them: whole ones of any length, others where no digit is noise.
_AS_WRITTEN = r"^(?:0|-?[1-9][0-9]*|-?(?:0|[1-9][0-9]{0,9})\.[0-9]{0,4}[1-9])$"
_WHOLE = r"^[0-9]+$"


class XlsxTexts:
    """Turns cells into normalised texts; `styles` are the codes of `xlsx_formats.style_codes`."""

    def __init__(self, strings: pa.LargeStringArray, styles: dict[int, int], *, counts_from_1904: bool) -> None:
        self._strings, self._styles, self._counts_from_1904 = strings, styles, counts_from_1904

    def column(self, cells: Cells, chosen: Places) -> pa.StringArray:
        """Return the texts of some cells, null for blank and for error cells."""
        kinds = cells.kind[chosen]
        raw = cells.raw.take(pa.array(chosen))
        found = np.unique(kinds)
        if len(found) == 1:
            return self._texts(raw, *cells.kinds[found[0]])
        parts: list[pa.Array] = []
        order = np.zeros(len(chosen), np.int64)
        behind = 0
        for kind in found.tolist():
            places = np.flatnonzero(kinds == kind)
            order[places] = np.arange(behind, behind + len(places))
            parts.append(self._texts(raw.take(pa.array(places)), *cells.kinds[kind]))
            behind += len(places)
        return pa.concat_arrays(parts).take(pa.array(order))

    def errors(self, cells: Cells) -> list[tuple[int, str]]:
        """Return the error cells: each one's place, and what it shows."""
        wrong = [place for place, (kind, _) in enumerate(cells.kinds) if kind == "e"]
        if not wrong:
            return []
        places = np.flatnonzero(np.isin(cells.kind, wrong))
        shown = cells.raw.take(pa.array(places)).to_pylist()
        texts = [error_text(error_code(raw.decode("utf-8", "replace"))) or "" for raw in shown]
        return list(zip(places.tolist(), texts, strict=True))

    def first_cells(self, cells: Cells, chosen: Places) -> list[JsonCell]:
        """Return some cells as JSON has them."""
        raw = cells.raw.take(pa.array(chosen)).to_pylist()
        texts = self.column(cells, chosen).to_pylist()
        kinds = [cells.kinds[kind] for kind in cells.kind[chosen].tolist()]
        return [self._json(kind, written, text) for kind, written, text in zip(kinds, raw, texts, strict=True)]

    def _json(self, kind: tuple[str, int], raw: bytes, text: str | None) -> JsonCell:
        code = self._styles.get(kind[1], PLAIN)
        match kind[0]:
            case "n" if code == PLAIN:
                return number_cell(raw.decode("utf-8", "replace"), text)
            case "n":
                return date_cell(text) if code == DATE else text
            case "b":
                return boolean_cell(text)
            case "d":
                return date_cell(text)
            case "e":
                return None
            case _:
                return text or ""

    def _texts(self, raw: pa.BinaryArray, kind: str, style: int) -> pa.StringArray:
        match kind:
            case "s":
                return self._shared(raw)
            case "e":
                return pa.nulls(len(raw), pa.string())
            case "b":
                return pa.array([_boolean(value) for value in raw.to_pylist()], pa.string())
            case "d":
                return normalise_texts(_each(plain_texts(raw), _iso_date))
            case "n":
                return normalise_texts(self._numbers(plain_texts(raw), self._styles.get(style, PLAIN)))
            case _:
                return normalise_texts(plain_texts(raw))

    def _shared(self, raw: pa.BinaryArray) -> pa.StringArray:
        try:
            places = pc.utf8_trim_whitespace(raw.cast(pa.string())).cast(pa.int32())
            return without_blank(self._strings.take(places).cast(pa.string()))
        except (pa.ArrowInvalid, pa.ArrowIndexError, IndexError) as error:
            raise damaged() from error

    def _numbers(self, texts: pa.StringArray, code: int) -> pa.StringArray:
        if PLAIN < code < PERCENT:
            whole = pc.match_substring_regex(texts, _WHOLE)
            if pc.all(whole).as_py():
                return pc.utf8_lpad(texts, code, "0")
        if code != PLAIN:
            return _each(texts, _number(writer(code, counts_from_1904=self._counts_from_1904)))
        odd = pc.invert(pc.match_substring_regex(texts, _AS_WRITTEN))
        if not pc.any(odd).as_py():
            return texts
        changed = _each(texts.filter(odd), _number(writer(PLAIN, counts_from_1904=False)))
        return pc.replace_with_mask(texts, odd, changed)


def _each(texts: pa.StringArray, change: Callable[[str], str]) -> pa.StringArray:
    """Change every different text once."""
    encoded = texts.dictionary_encode()
    changed = pa.array([change(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return changed.take(encoded.indices)


def _number(write: Callable[[float], str]) -> Callable[[str], str]:
    def written(text: str) -> str:
        try:
            return write(float(text))
        except ValueError:
            return text  # some programs write texts and call them numbers

    return written


def _boolean(raw: bytes) -> str | None:
    value = raw.strip().lower()
    return {b"1": "true", b"0": "false", b"": None}.get(value, value.decode("utf-8", "replace"))


def _iso_date(text: str) -> str:
    try:
        return text_of(datetime.fromisoformat(text.strip()).replace(tzinfo=None))
    except ValueError:
        return text
