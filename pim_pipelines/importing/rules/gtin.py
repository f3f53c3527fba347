"""Global Trade Item Numbers, one at a time: cleaning, check digit, canonical form, scope.

Source of the rules: GS1 General Specifications 7.9 (check digit), 2.1 and the table of GS1 prefixes (restricted
circulation), and the contract's "Identifiers" paragraph. `gtin_columns.py` does the same to whole columns; a test holds
the two together. No frames here: the API reads `?ean=` by this module.

A code has three faces:

- `gtin`, the number as an integer: leading zeros never change a check digit, so a GTIN-8 and the GTIN-13 that pads it
  (`80446392`, `0000080446392`) are one number, hence one product.
- `ean`, the text that is shown: the file's own form in 8, 13 or 14 digits (a GTIN-12 gains a zero, a GTIN-14 with a
  leading zero loses it). Of the two forms of one number, a product shows the one that was written.
- whether it is *restricted*: handed out inside one company. Asked of the number, never of the form, so that both forms
  of one number have the same answer; GS1 keeps the GTIN-13 prefixes 00000 free for padded GTIN-8s.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

LENGTHS = (8, 12, 13, 14)

BLANKS_AND_HYPHENS = (
    r"\t-\r\x1c- \x85\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff" r"\u2010-\u2015\u2212\-"
)
"""What is dropped anywhere in a code, as the inside of a regular expression's class (valid in Python and in Rust)."""

QUOTES = "\"'`´‘’‚‛“”„‟«»‹›"
"""What is dropped at both ends; an apostrophe in front is how a spreadsheet marks text."""

SCIENTIFIC = r"^[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+$"
TRAILING_ZERO_DECIMALS = r"[.,]0+$"

_GTIN8_END = 10**8
_GTIN13_END = 10**13


class Flaw(StrEnum):
    """Why a code is no GTIN; in the order in which they are looked for."""

    PRECISION_LOST = "precision_lost"
    NOT_DIGITS = "not_digits"
    LENGTH = "length"
    ONLY_ZEROS = "only_zeros"
    CHECK_DIGIT = "check_digit"


@dataclass(frozen=True, slots=True)
class Gtin:
    """A valid code: its number, and its canonical text of 8, 13 or 14 digits."""

    number: int
    ean: str

    @property
    def is_restricted(self) -> bool:
        """Tell whether it names a product only within one company."""
        return is_restricted(self.number)

    def scope(self, supplier_id: int) -> int:
        """Return its `gtin_scope`: 0 when global, else the supplier it belongs to (0 when there is none)."""
        return supplier_id if self.is_restricted else 0


def clean(text: str) -> str:
    """Drop what files put around codes: blanks, hyphens, wrapping quotes, a leading apostrophe, a trailing `.0`."""
    bare = re.sub(f"[{BLANKS_AND_HYPHENS}]", "", text).strip(QUOTES)
    return re.sub(TRAILING_ZERO_DECIMALS, "", bare)


def check_digit(digits: str) -> int:
    """Return the check digit for all digits of a code but its last (GS1 General Specifications 7.9.1)."""
    weighted = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return -weighted % 10


def is_restricted(number: int) -> bool:
    """Tell whether a number is of GS1's restricted ranges: GTIN-13 from 02, 04 or 2, GTIN-8 from 0 or 2."""
    if number < _GTIN8_END:
        return number // 10**7 in (0, 2)
    return number < _GTIN13_END and (number // 10**12 == 2 or number // 10**11 in (2, 4))


def find_flaw(code: str) -> Flaw | None:
    """Say what is wrong with a cleaned, non-empty code; None for a valid one."""
    if re.match(SCIENTIFIC, code):
        return Flaw.PRECISION_LOST
    if not (code.isascii() and code.isdigit()):
        return Flaw.NOT_DIGITS
    if len(code) not in LENGTHS:
        return Flaw.LENGTH
    if not code.strip("0"):
        return Flaw.ONLY_ZEROS
    return None if check_digit(code[:-1]) == int(code[-1]) else Flaw.CHECK_DIGIT


def parse(text: str) -> Gtin | None:
    """Read a code as files and users write it; None when it is no valid GTIN or blank."""
    code = clean(text)
    if not code or find_flaw(code) is not None:
        return None
    if len(code) == 12:
        code = "0" + code
    elif len(code) == 14 and code[0] == "0":
        code = code[1:]
    return Gtin(int(code), code)
