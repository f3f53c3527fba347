"""A header's words as the table of synonyms knows them: compounds taken apart, endings and slips undone."""

from difflib import get_close_matches
from functools import cache, lru_cache

from pim_pipelines.importing.mapping.synonyms import synonyms

FIRST_IDEOGRAPH = "\u3040"
"""From here on scripts write no blanks between words, and words of two signs are words."""


def known_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Replace words that no language has by those they are made or inflected of, where there are any."""
    return tuple(known for word in words for known in _known(word))


@lru_cache(maxsize=20_000)
def _known(word: str) -> tuple[str, ...]:
    table = synonyms()
    if word in table.words or word in table.joined or word.isdigit() or (len(word) < 4 and word.isascii()):
        return (word,)
    if word.endswith("s") and word[:-1] in table.words:
        return (word[:-1],)
    parts = _compound(word)
    if not parts and len(word) >= 6:
        parts = tuple(get_close_matches(word, _neighbours().get(word[:4], ()), n=1, cutoff=0.86))
    return parts or (word,)


@cache
def _neighbours() -> dict[str, list[str]]:
    buckets: dict[str, list[str]] = {}
    for word in sorted(synonyms().words):
        if len(word) >= 6:
            buckets.setdefault(word[:4], []).append(word)
    return buckets


def _compound(word: str) -> tuple[str, ...]:
    """Take a compound apart into known words (`verkaufs|preis`, `product|name`); fewest pieces win."""
    known = synonyms().words
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(2, len(word) + 1):
        for start in range(0, end - 1):
            before, piece = best[start], word[start:end]
            if before is None or not _is_piece(piece, known, last=end == len(word)):
                continue
            # German joins with an s: `verkauf|s|preis`.
            bare = piece if piece in known else piece[:-1]
            candidate = (*before, bare)
            if best[end] is None or len(candidate) < len(best[end] or ()):
                best[end] = candidate
    return best[-1] or ()


def _is_piece(piece: str, known: frozenset[str], *, last: bool) -> bool:
    if piece in known:
        return len(piece) >= 3 or piece >= FIRST_IDEOGRAPH or (last and piece in {"nr", "no", "id"})
    return not last and len(piece) >= 5 and piece.endswith("s") and piece[:-1] in known
