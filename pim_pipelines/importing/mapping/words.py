"""A header as words: without case, accents, camelCase, underscores, brackets and name spaces."""

import re
import unicodedata
from typing import NamedTuple

# Letters that Unicode does not take apart into a letter and an accent.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h"})
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")
_WORD = re.compile(r"[^\W\d_]+|\d+|%|#|№")
_QUOTED = re.compile(r"(?<=[\u0590-\u05ff])[\"'״׳](?=[\u0590-\u05ff])")  # מק"ט is one word
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}")
_STEP = re.compile(r"\s+[/>|»]\s+|(?<=\S)[/>|»](?=\S)|(?<=[^\W\d_])\.(?=[^\W\d_]{2})|:\s*")
_SPELT = {"%": "percent", "#": "number", "№": "number", "no": "no"}


class Header(NamedTuple):
    """The words of each step of a path (most names have one step), and `soft` ones in brackets."""

    steps: tuple[tuple[str, ...], ...]
    soft: tuple[str, ...]


def words_of(text: str) -> tuple[str, ...]:
    """Split text into plain lower-case words and numbers.

    >>> words_of("Réf. fournisseur")
    ('ref', 'fournisseur')
    >>> words_of("netWeight_kg")
    ('net', 'weight', 'kg')
    """
    text = _CAMEL.sub(" ", _QUOTED.sub("", text).replace("№", "#"))
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("й", "\ue000"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_PLAIN)
    plain = unicodedata.normalize("NFC", plain).replace("\ue000", "й")
    return tuple(_SPELT.get(word, word) for word in _WORD.findall(plain))


def header_of(name: str) -> Header:
    """Take a column's name apart: `g:price`, `DETAILS/EAN`, `a.b`, `Prix HT (€)`."""
    soft = tuple(
        word for match in _BRACKETS.finditer(name) for word in words_of(" ".join(filter(None, match.groups())))
    )
    bare = _BRACKETS.sub(" ", name)
    steps = tuple(words for words in (words_of(step) for step in _STEP.split(bare)) if words)
    return Header(steps, soft) if steps else Header((soft,), ())
