"""What a column's header says: the product fields its words may stand for, each with a score."""

from difflib import get_close_matches
from functools import cache, lru_cache
from typing import NamedTuple

from pim_pipelines.importing.mapping.synonyms import Synonym, Synonyms, synonyms, without_glue
from pim_pipelines.importing.mapping.words import header_of, words_of
from pim_pipelines.importing.vocabulary import CURRENCIES, LENGTH_UNITS, WEIGHT_UNITS

PRICES = frozenset({"price", "cost_price", "sale_price"})
MEASURES = frozenset({"weight", "length", "width", "height"})
GTIN_LENGTHS = frozenset({"8", "12", "13", "14"})
LANGUAGE_CODES = frozenset(
    [
        "en",
        "fr",
        "de",
        "es",
        "it",
        "pt",
        "nl",
        "pl",
        "cs",
        "cz",
        "sk",
        "ro",
        "el",
        "gr",
        "uk",
        "ua",
        "ru",
        "hr",
        "sr",
        "sl",
        "bg",
        "hu",
        "sv",
        "da",
        "nb",
        "fi",
        "et",
        "lt",
        "lv",
        "tr",
        "he",
        "ar",
        "xx",
        "us",
        "gb",
    ]
)
GENERAL_BASE = {0: 0.6, 1: 0.93, 2: 1.0}
BESIDE_PRODUCT = {0: 0.75, 1: 0.97, 2: 1.0}
NOUNS = frozenset({"code", "name", "path", "text", "title", "kod", "codigo", "codice", "nom", "nombre"})
LONGEST_PHRASE = 6
LONGEST_NAME = 200


class HeaderMatch(NamedTuple):
    """A field that a header may stand for; `score` 0 to 1, and the words that say so."""

    field: str
    score: float
    phrase: str
    language: str
    general: bool = False  # such as `code`: right in most files, never beyond doubt


@lru_cache(maxsize=20_000)
def matches(name: str) -> dict[str, HeaderMatch]:
    """Return, for each field that the column's name may stand for, the best match."""
    header = header_of(name[:LONGEST_NAME])
    table = synonyms()
    glue = table.classes["glue"]
    words = without_glue(known_words(header.words), glue)
    path = without_glue(known_words(header.path), glue) if header.path else ()
    soft = known_words(header.soft)
    best: dict[str, HeaderMatch] = {}
    for spelling in dict.fromkeys((words, known_words(header.words))):
        for match in _spans(spelling, header.words, soft, path, table):
            _keep(best, match)
    if path and len(words) <= 2:
        # `brand/name`, `price.amount`: the step before says what the last one is of.
        together = tuple(dict.fromkeys((*path[-2:], *words)))
        for match in _spans(together, (), soft, path[:-2], table):
            if any(word in words for word in match.phrase.split()):
                _keep(best, match)
    return best


def is_unknown(name: str) -> bool:
    """Tell whether no word of the header is in any language of the table."""
    header, known = header_of(name[:LONGEST_NAME]), synonyms().words
    return not any(word in known and len(word) > 1 for word in (*known_words(header.words), *known_words(header.path)))


def about_something_else(name: str) -> bool:
    """Tell whether the header has words like `carton` or `old`, that forbid to go by content alone."""
    header = header_of(name[:LONGEST_NAME])
    other = synonyms().classes["other"]
    return any(word in other for word in (*known_words(header.words), *known_words(header.path)))


def _keep(best: dict[str, HeaderMatch], match: HeaderMatch) -> None:
    if match.field not in best or match.score > best[match.field].score:
        best[match.field] = match


def _spans(
    words: tuple[str, ...], raw: tuple[str, ...], soft: tuple[str, ...], path: tuple[str, ...], table: Synonyms
) -> list[HeaderMatch]:
    found = []
    language = len(raw) > 1 and raw[-1] in LANGUAGE_CODES
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + LONGEST_PHRASE) + 1):
            span = words[start:end]
            said = table.phrases.get(span) or table.phrases.get(table.joined.get("".join(span), ()), [])
            rest = words[:start] + words[end:]
            for synonym in said:
                score = _score(synonym, rest, soft, path, table)
                # A longer phrase says more: `image url` is an image before it is a url.
                score *= 1 - 0.01 * max(0, 3 - len(span)) - (0.02 if language else 0)
                found.append(HeaderMatch(synonym.field, score, " ".join(span), synonym.language, synonym.strength < 2))
    return found


def _score(
    synonym: Synonym, rest: tuple[str, ...], soft: tuple[str, ...], path: tuple[str, ...], table: Synonyms
) -> float:
    """Weigh a phrase by what stands beside it, in brackets after it, and on the way to it."""
    classes, general = table.classes, synonym.strength < 2
    beside_product = any(word in classes["product"] for word in rest)
    score = (BESIDE_PRODUCT if beside_product else GENERAL_BASE)[synonym.strength]
    if rest and rest[-1] in LANGUAGE_CODES:
        rest = rest[:-1]
    for word in rest:
        score *= _beside(word, synonym, table)
    if any(word in classes["other"] and not _says_nothing(word, synonym.field, table) for word in soft):
        score *= 0.8
    for word in path:
        if word in classes["other"] and (general or word not in ATTRIBUTE_WORDS):
            return score * 0.2
        if word in table.heads and table.heads[word] != synonym.field:
            return score * (0.4 if general else 0.8)
    return score


def _beside(word: str, synonym: Synonym, table: Synonyms) -> float:
    """Weigh one word beside a phrase: 1 changes nothing, 0.2 makes the column be about something else."""
    general = synonym.strength < 2
    if _says_nothing(word, synonym.field, table) or table.heads.get(word) == synonym.field:
        return 1.0
    if word.isdigit():
        return 0.8
    if synonym.field == "category" and word in NOUNS:
        return 0.95
    if word in table.classes["other"]:
        return 0.2
    if word in table.heads:
        return 0.4 if general else 0.55
    return 0.45 if general else 0.75


def _says_nothing(word: str, field: str, table: Synonyms) -> bool:
    """Tell whether a word beside a field's phrase changes nothing."""
    classes = table.classes
    if word in classes["product"] or word in classes["glue"] or word in {"1", "0", "01"}:
        return True
    if field in PRICES:
        return word in classes["tax"] or word in CURRENCIES
    if field in MEASURES:
        return word in WEIGHT_UNITS or word in LENGTH_UNITS or word in NET_WORDS
    if field in CODES and (word in NUMBER_WORDS or table.heads.get(word) == field):
        return True
    return (field == "ean" and (word in GTIN_LENGTHS or word in classes["tax"])) or word in SAYS_NOTHING.get(field, ())


NUMBER_WORDS = frozenset({"number", "no", "nr", "num", "code", "codes"})
CODES = frozenset({"ean", "sku", "mpn", "supplier_sku"})
SAYS_NOTHING = {"tax_rate": {"percent", "rate", "value", "sale", "sales"}, "description": {"html", "long"}}
NET_WORDS = frozenset({"net", "netto", "gross", "brutto", "neto", "bruto", "kg", "unit"})
ATTRIBUTE_WORDS = words = frozenset(
    word
    for text in [
        "attribute",
        "attributes",
        "attr",
        "feature",
        "features",
        "property",
        "properties",
        "param",
        "params",
        "parameter",
        "spec",
        "specification",
        "specifications",
        "характеристика",
        "характеристики",
        "свойство",
        "свойства",
        "властивість",
        "merkmal",
        "eigenschaft",
        "attribut",
        "caractéristique",
        "caractéristiques",
        "característica",
        "características",
        "caratteristica",
        "cecha",
        "vlastnost",
        "vlastnosti",
        "χαρακτηριστικά",
        "χαρακτηριστικό",
        "параметр",
        "параметри",
        "параметры",
        "variant",
        "custom",
        "option",
        "options",
    ]
    for word in words_of(text)
)
"""Steps of a path that a property of the product stands under, such as `Характеристика: Вес (г)`."""


def known_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Replace words that no language has by those they are made or inflected of, where there are any."""
    return tuple(known for word in words for known in _known(word))


@lru_cache(maxsize=20_000)
def _known(word: str) -> tuple[str, ...]:
    table = synonyms()
    if word in table.words or word in table.joined or word.isdigit() or len(word) < 4:
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
    for end in range(3, len(word) + 1):
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
        return len(piece) >= 3 or (last and piece in {"nr", "no", "id"})
    return not last and len(piece) >= 5 and piece.endswith("s") and piece[:-1] in known
