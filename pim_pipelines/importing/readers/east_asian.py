"""Encodings of two bytes a character, told by what text would come out: Japanese, Korean, Chinese.

Text in another encoding hardly ever reads without errors here, and then as characters that nobody uses. So an encoding
is taken where nearly all bytes are valid and nearly all characters are everyday ones: kana, the 2,350 syllables of
KS X 1001, and the first level (3,000 to 5,000 characters) of each national standard.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

_FEWEST = 4
_MOST_ERRORS = 0.005
_LEAST_SHARE = 0.8
_LEAST_KANA = 0.05
# Of the bytes of these encodings a third is below 0xC0, of the letters of Greek and Cyrillic code pages hardly any.
_LEAST_LOW = 0.2

# What stands beside words in any of them: ideographic space and punctuation, full-width forms.
_NEUTRAL = ((0x3000, 0x303F), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6), (0x2000, 0x27BF), (0xA1, 0x451))
_KANA = (0x3041, 0x30FF)


def east_asian(sample: bytes) -> str | None:
    """Return the encoding of a sample of whole lines that hold foreign bytes; None where it is none of these."""
    high = sample.translate(None, bytes(range(0x80)))
    if len(high.translate(None, bytes(range(0xC0, 0x100)))) < _LEAST_LOW * len(high):
        return None
    best, highest = None, _LEAST_SHARE
    for encoding, is_common, needs_kana in _ENCODINGS:
        text = sample.decode(encoding, errors="replace")
        seen = Counter(character for character in text if ord(character) > 0x7F)
        errors = seen.pop("\ufffd", 0)
        neutral = sum(number for character, number in seen.items() if _within(character, *_NEUTRAL))
        words = seen.total() - neutral
        if words < _FEWEST or errors > _MOST_ERRORS * words:
            continue
        kana = sum(number for character, number in seen.items() if _within(character, _KANA))
        if needs_kana and kana < _LEAST_KANA * words:
            continue
        common = sum(number for character, number in seen.items() if is_common(character))
        if common / words > highest:
            best, highest = encoding, common / words
    return best


def _within(character: str, *ranges: tuple[int, int]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)


def _lead(character: str, standard: str) -> int:
    """Return the first byte of a character in a standard's own set, 0 where it is not in it."""
    try:
        raw = character.encode(standard)
    except UnicodeEncodeError:
        return 0
    return raw[0] if len(raw) == 2 else 0


@lru_cache(maxsize=20_000)
def _is_japanese(character: str) -> bool:
    return _within(character, _KANA) or 0xB0 <= _lead(character, "euc_jp") <= 0xCF


@lru_cache(maxsize=20_000)
def _is_korean(character: str) -> bool:
    return 0xB0 <= _lead(character, "euc_kr") <= 0xC8


@lru_cache(maxsize=20_000)
def _is_simplified(character: str) -> bool:
    return 0xB0 <= _lead(character, "gb2312") <= 0xD7


@lru_cache(maxsize=20_000)
def _is_traditional(character: str) -> bool:
    return 0xA4 <= _lead(character, "big5") <= 0xC6


# Each is the widest of its family (cp932 is Shift_JIS as Windows writes it). Where two read a text as well, the first
# one is taken: every Korean syllable would be an everyday character in GB 2312, but not the other way round.
_ENCODINGS: tuple[tuple[str, Callable[[str], bool], bool], ...] = (
    ("cp949", _is_korean, False),
    ("cp932", _is_japanese, True),
    ("euc_jp", _is_japanese, True),
    ("gb18030", _is_simplified, False),
    ("cp950", _is_traditional, False),
)
