"""In which encoding a text file is written, told by all of it: its first foreign letter may be its last one.

Valid UTF-8 is UTF-8 (other encodings hardly ever look like it), also where bytes of it are broken, as long as more of
its foreign bytes belong to sequences than do not. Else an East Asian encoding where the text reads well in it; else the
one whose languages would most likely have written the letters.
"""

import codecs
import os
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from math import log, sqrt
from pathlib import Path

import numpy as np

from pim_pipelines.importing.readers.alphabets import ENCODINGS, LANGUAGES, SYMBOLS, Candidate
from pim_pipelines.importing.readers.east_asian import east_asian
from pim_pipelines.importing.readers.limits import MIB
from pim_pipelines.importing.readers.sniff import bare_utf16
from pim_pipelines.importing.readers.text import is_utf8

# A byte-order mark and the encoding it speaks for; longer ones first.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = MIB
_LETTERS_A_BLOCK = 4_000
_LETTERS = 40_000
_KINDS = 1_500
_SAMPLE = MIB // 4
_SAMPLE_A_BLOCK = MIB // 32
_HIGH = bytes(range(0x80, 0x100))

# Beside a foreign byte stands: a lower or upper letter, a digit, or anything else.
_LOWER, _UPPER, _DIGIT, _OTHER = b"a"[0], b"A"[0], b"0"[0], b" "[0]
_CLASSES = np.full(256, _OTHER, np.uint8)
_CLASSES[0x80:] = np.arange(0x80, 0x100, dtype=np.uint8)
_CLASSES[ord("a") : ord("z") + 1] = _LOWER
_CLASSES[ord("A") : ord("Z") + 1] = _UPPER
_CLASSES[ord("0") : ord("9") + 1] = _DIGIT

Neighbours = Counter[tuple[int, int, int]]


def detect_encoding(path: Path) -> str:
    """Return the name of a file's encoding as Python knows it (`utf-8` where nothing is foreign)."""
    with path.open("rb") as file:
        head = file.read(MIB // 16)
    for mark, encoding in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    bare = bare_utf16(head)
    if bare is not None:
        return bare
    explained = stray = 0
    seen: Neighbours = Counter()
    foreign, sample = False, b""
    for block in _whole_lines(path):
        if block.isascii():
            continue
        foreign = True
        if is_utf8(block):
            explained += int((np.frombuffer(block, np.uint8) >= 0x80).sum())
            continue
        right, wrong = _sequences(block)
        explained, stray = explained + right, stray + wrong
        if seen.total() < _LETTERS:
            seen.update(_neighbours(block))
        if len(sample) < _SAMPLE:
            sample += _foreign_lines(block)
    if not foreign:
        return "utf-8"
    if explained > stray or not seen:
        return "utf-8"
    return east_asian(sample) or likeliest(seen)


def _foreign_lines(block: bytes) -> bytes:
    """Return some of a block's lines that are not ASCII, whole ones, from all over it."""
    lines = [line for line in block.replace(b"\r", b"\n").split(b"\n") if not line.isascii()]
    step = max(sum(map(len, lines)) // _SAMPLE_A_BLOCK, 1)
    return b"\n".join(lines[::step]) + b"\n"


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Yield blocks that end with a line end, or at least with an ASCII byte, so that no letter is cut in two."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            end = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1 or len(block.rstrip(_HIGH))
            if 0 < end < len(block) == _BLOCK:
                file.seek(end - len(block), os.SEEK_CUR)
                block = block[:end]
            yield block


def _sequences(block: bytes) -> tuple[int, int]:
    """Count the foreign bytes of a block that belong to UTF-8 sequences, and those that belong to none."""
    raw = np.frombuffer(block + b"\0\0\0", np.uint8)
    high = np.flatnonzero(raw >= 0x80)
    lead = raw[high]
    more = [(raw[high + step] & 0xC0) == 0x80 for step in (1, 2, 3)]
    two = (lead >= 0xC2) & (lead <= 0xDF) & more[0]
    three = (lead >= 0xE0) & (lead <= 0xEF) & more[0] & more[1]
    four = (lead >= 0xF0) & (lead <= 0xF4) & more[0] & more[1] & more[2]
    explained = 2 * int(two.sum()) + 3 * int(three.sum()) + 4 * int(four.sum())
    return explained, max(len(high) - explained, 0)


def _neighbours(block: bytes) -> Neighbours:
    """Count foreign bytes with what stands on their left and right, a fair sample of a block."""
    raw = np.frombuffer(b" " + block + b" ", np.uint8)
    places = np.flatnonzero(raw >= 0x80)
    if len(places) > _LETTERS_A_BLOCK:
        # Runs, not single letters: each of their neighbours counts.
        places = places[:: max(len(places) // _LETTERS_A_BLOCK, 1)]
    left, right = _CLASSES[raw[places - 1]], _CLASSES[raw[places + 1]]
    return Counter(zip(left.tolist(), raw[places].tolist(), right.tolist(), strict=True))


def likeliest(counted: Neighbours) -> str:
    """Return the encoding in which these bytes are likeliest."""
    seen = dict(counted.most_common(_KINDS))
    best, highest = ENCODINGS[0].encoding, float("-inf")
    for candidate in ENCODINGS:
        score = max(_likelihood(seen, candidate.encoding, language) for language in candidate.languages)
        if score - candidate.handicap > highest + 1e-9:
            best, highest = candidate.encoding, score - candidate.handicap
    return best


def _likelihood(seen: dict[tuple[int, int, int], int], encoding: str, language: str) -> float:
    letters = _characters(encoding)
    shares = _shares(language)
    alphabet = _script(LANGUAGES[language][0])
    # Supplier files say the same words again and again: these are no new evidence, so repetitions count less.
    return sum(
        sqrt(number) * log(_chance(letters[left], letters[byte], letters[right], shares, alphabet))
        for (left, byte, right), number in seen.items()
    )


def _chance(left: str, character: str, right: str, shares: dict[str, float], alphabet: str) -> float:
    """Return how likely a character is between two others, in a language."""
    if not character or not (character.isprintable() or character in "\u00a0\u00ad"):
        return 1e-6
    beside = (left.isalpha(), right.isalpha())
    if character in SYMBOLS and character not in shares:
        chance = SYMBOLS[character]
        if all(beside):
            chance *= 0.3 if character in "’–·\u00ad" and left.isascii() else 0.02
        return chance
    if not character.isalpha():
        return 2e-4 * (0.05 if all(beside) else 1)
    chance = 0.9 * shares.get(character, 0.0) + 3e-4
    if _script(character) != alphabet:
        chance *= 0.02
    chance *= _case(left, character, right)
    for neighbour in (left, right):
        if not neighbour.isalpha():
            continue
        if _script(neighbour) != _script(character):
            chance *= 0.03
        elif alphabet == "latin" and not neighbour.isascii():
            chance *= 0.15
    if alphabet != "latin":
        return chance
    if left.isdigit() or right.isdigit():
        chance *= 0.1
    return chance * (1 if any(beside) else 0.1)


def _case(left: str, character: str, right: str) -> float:
    """Return how likely a letter's case is: names in capitals are as common as small ones, mixtures are not."""
    if not character.isupper():
        return 0.05 if left.isupper() and right.isupper() else 0.85
    if left.islower():
        return 0.02
    return 0.6 if left.isupper() or right.isupper() else 0.15


@lru_cache(maxsize=64)
def _characters(encoding: str) -> tuple[str, ...]:
    """Return the character of each byte; "" for one that the encoding lacks."""
    return tuple(bytes([byte]).decode(encoding, errors="ignore") for byte in range(256))


@lru_cache(maxsize=64)
def _shares(language: str) -> dict[str, float]:
    """Return the shares of a language's letters, small and capital, of all that is not ASCII."""
    letters = [(entry[0], float(entry[1:])) for entry in LANGUAGES[language].split()]
    total = sum(share for _, share in letters)
    shares = {letter: share / total for letter, share in letters}
    capitals = {letter.upper(): share for letter, share in shares.items() if len(letter.upper()) == 1}
    return {**capitals, **shares}


@lru_cache(maxsize=1024)
def _script(character: str) -> str:
    if character.isascii():
        return "latin"
    for name, first, last in (("greek", 0x370, 0x3FF), ("cyrillic", 0x400, 0x52F), ("hebrew", 0x590, 0x5FF)):
        if first <= ord(character) <= last:
            return name
    return "arabic" if 0x600 <= ord(character) <= 0x6FF else "latin"


__all__ = ["Candidate", "detect_encoding", "likeliest"]
