"""What a cell's text becomes before anybody reads it, for every format.

Trimmed of blanks of every kind, `="…"` unwrapped (how spreadsheets are told to keep digits as text), blank → null.
"""

import pyarrow as pa
import pyarrow.compute as pc

from pim_pipelines.importing.readers.text import MARK, REPLACEMENT

# Unicode White_Space, control characters, zero-width characters, byte-order mark, braille blank, Hangul fillers.
BLANKS = "".join(
    map(
        chr,
        [
            *range(0x21),
            *range(0x7F, 0xA1),
            0xAD,
            0x1680,
            0x180E,
            *range(0x2000, 0x2010),
            *range(0x2028, 0x2030),
            0x205F,
            0x2060,
            0x2800,
            0x3000,
            0x3164,
            0xFEFF,
            0xFFA0,
        ],
    )
)
_WRAPPED = r'(?s)^="(.*)"$'


def normalise_cells(column: pa.Array, *, wrapped: bool = True) -> pa.Array:
    """Return a text column trimmed, unwrapped and with null for blank; `wrapped=False` skips the unwrapping."""
    column = _trim(column)
    if wrapped and pc.any(pc.starts_with(column, '="')).as_py():
        inner = pc.replace_substring_regex(column, _WRAPPED, r"\1")
        changed = pc.not_equal(inner, column)
        inner = pc.if_else(changed, pc.replace_substring(inner, '""', '"'), inner)
        column = _trim(inner)
    return column


def normalise_texts(column: pa.Array) -> pa.Array:
    """Normalise values that were no text table's: line ends in them become LF there, and NULs are dropped."""
    for odd, instead in (("\r\n", "\n"), ("\r", "\n"), ("\0", "")):
        if pc.any(pc.match_substring(column, odd)).as_py():
            column = pc.replace_substring(column, odd, instead)
    return normalise_cells(column)


def normalise_cell(text: str) -> str | None:
    """Do to one cell what `normalise_cells` does to a column."""
    text = text.strip(BLANKS)
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1].replace('""', '"').strip(BLANKS)
    return text or None


def _trim(column: pa.Array) -> pa.Array:
    return without_blank(pc.utf8_trim(column, BLANKS))


def without_blank(column: pa.Array) -> pa.Array:
    """Return a text column with null where it has an empty text."""
    shortest = pc.min(pc.binary_length(column)).as_py()
    if shortest == 0:
        column = pc.if_else(pc.equal(pc.binary_length(column), 0), pa.scalar(None, pa.string()), column)
    return column


def unmark(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Replace what could not be decoded by the replacement sign, and say in which rows it was."""
    found = pc.fill_null(pc.match_substring(column, MARK), False)
    return pc.replace_substring(column, MARK, REPLACEMENT), found
