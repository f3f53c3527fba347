"""What suppliers call the product fields: one table, language → field → words.

A language is one entry of `LANGUAGES`, a module in `languages/` that says how its words are written.
"""

from functools import cache
from typing import NamedTuple

from pim_pipelines.importing.mapping.languages import (
    arabic,
    baltic,
    bulgarian,
    czech,
    dutch,
    east_asian,
    english,
    finnish,
    french,
    german,
    greek,
    hebrew,
    hungarian,
    italian,
    nordic,
    polish,
    portuguese,
    romanian,
    russian,
    slovak,
    south_east_asian,
    south_slavic,
    spanish,
    turkish,
    ukrainian,
)
from pim_pipelines.importing.mapping.words import words_of

LANGUAGES: dict[str, dict[str, str]] = {
    "English": english.WORDS,
    "French": french.WORDS,
    "German": german.WORDS,
    "Spanish": spanish.WORDS,
    "Italian": italian.WORDS,
    "Portuguese": portuguese.WORDS,
    "Dutch": dutch.WORDS,
    "Polish": polish.WORDS,
    "Czech": czech.WORDS,
    "Slovak": slovak.WORDS,
    "Romanian": romanian.WORDS,
    "Greek": greek.WORDS,
    "Ukrainian": ukrainian.WORDS,
    "Russian": russian.WORDS,
    "Croatian, Serbian or Slovenian": south_slavic.WORDS,
    "Bulgarian or Serbian": bulgarian.WORDS,
    "Hungarian": hungarian.WORDS,
    "Swedish, Danish or Norwegian": nordic.WORDS,
    "Finnish or Estonian": finnish.WORDS,
    "Lithuanian or Latvian": baltic.WORDS,
    "Turkish": turkish.WORDS,
    "Hebrew": hebrew.WORDS,
    "Arabic or Persian": arabic.WORDS,
    "Indonesian or Vietnamese": south_east_asian.WORDS,
    "Chinese, Japanese or Korean": east_asian.WORDS,
}

CLASSES = ("product", "glue", "tax", "other")
"""Entries of a language that are word classes and not fields."""

UNIT = "attributes.unit"
"""Where the unit of sale goes, which has no field of its own; languages call it `unit`."""


class Synonym(NamedTuple):
    """A phrase that stands for a field; `strength` is 2 (says it), 1 (`?`: general) or 0 (`??`: hardly)."""

    field: str
    strength: int
    language: str


class Synonyms(NamedTuple):
    """The table, turned round.

    `phrases`: words of a phrase, without glue → what it may stand for; `joined`: the same by the words run together;
    `classes`: the four word classes; `heads`: words that alone say a field; `words`: every word that is known.
    """

    phrases: dict[tuple[str, ...], list[Synonym]]
    joined: dict[str, tuple[str, ...]]
    classes: dict[str, frozenset[str]]
    heads: dict[str, str]
    words: frozenset[str]


@cache
def synonyms() -> Synonyms:
    """Gather every language."""
    classes = {
        name: frozenset(
            word
            for language in LANGUAGES.values()
            for entry in _split(language.get(name, ""))
            for word in words_of(entry)
        )
        for name in CLASSES
    }
    phrases: dict[tuple[str, ...], list[Synonym]] = {}
    for language, table in LANGUAGES.items():
        for field, entries in table.items():
            if field in CLASSES:
                continue
            target = UNIT if field == "unit" else field
            for entry in _split(entries):
                strength = 2 - (len(entry) - len(entry.rstrip("?")))
                full = words_of(entry.rstrip("?"))
                _add(phrases, full, Synonym(target, strength, language))
                bare = without_glue(full, classes["glue"])
                if bare != full:
                    # `en venta` says more than `venta`; `nom du produit` no more than `nom produit`.
                    _add(phrases, bare, Synonym(target, strength if len(bare) > 1 else max(strength - 1, 0), language))
    joined = {"".join(words): words for words in phrases if len(words) > 1}
    heads = {
        words[0]: said[0].field
        for words, said in phrases.items()
        if len(words) == 1 and any(synonym.strength == 2 for synonym in said)
    }
    words = frozenset(word for phrase in phrases for word in phrase).union(*classes.values())
    return Synonyms(phrases, joined, classes, heads, words)


def _add(phrases: dict[tuple[str, ...], list[Synonym]], words: tuple[str, ...], said: Synonym) -> None:
    known = phrases.setdefault(words, [])
    if not any(other.field == said.field and other.strength >= said.strength for other in known):
        known.append(said)


def without_glue(words: tuple[str, ...], glue: frozenset[str]) -> tuple[str, ...]:
    """Leave out articles and prepositions, unless nothing else is there."""
    rest = tuple(word for word in words if word not in glue)
    return rest or words


def _split(entries: str) -> list[str]:
    return [entry for entry in (part.strip() for part in entries.split(",")) if entry]
