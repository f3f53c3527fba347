"""What a column's header says: the product fields its words may stand for, each with a score."""

from functools import lru_cache
from typing import NamedTuple

from pim_pipelines.importing.mapping.known_words import known_words
from pim_pipelines.importing.mapping.synonyms import UNIT, Synonym, Synonyms, synonyms, without_glue
from pim_pipelines.importing.mapping.words import header_of, words_of
from pim_pipelines.importing.vocabulary import CURRENCIES, LENGTH_UNITS, WEIGHT_UNITS


def _set(text: str) -> frozenset[str]:
    return frozenset(word for entry in text.split(",") for word in words_of(entry))


Words = tuple[str, ...]

PRICES = frozenset({"price", "cost_price", "sale_price"})
MEASURES = frozenset({"weight", "length", "width", "height"})
IMAGES = frozenset({"image_url", "image_urls"})
CODES = frozenset({"ean", "sku", "mpn", "supplier_sku"})
NAMED = frozenset({"brand_name", "manufacturer", "category", "color", "size", "material", "country_of_origin", UNIT})
FAMILIES = [PRICES, IMAGES, {"stock", "availability"}, {"title", "description", "short_description"}]
"""Fields whose words do not speak against one another on a path, such as `images/image`, `description/name`."""

CARRIERS = [
    (_set("name, title, text, value, label, nom, nombre, nome, nazwa, naziv, название, наименование, назва"), NAMED),
    (_set("url, src, href, link, source, path"), IMAGES),
    (_set("gross, net, amount, value, brutto, netto, price"), PRICES),
    (_set("quantity, qty, amount, value"), frozenset({"stock"})),
    (_set("value, code"), CODES | {"currency", "weight"}),
]
"""Last steps that say nothing, and the fields that the step before may say then: `brand/name`, `price.gross`."""

LISTED = _set("list, regular, base, standard, normal, listen, listino, catalogue, catalog")
"""What a price is called that is not always asked: where there is a plain `price`, that one is."""
WITHOUT_TAX = _set("net, netto, neto, nett, excl, excluding, exclusive, exc, ex, without, untaxed, ht, ohne, bez, exkl")
NO_STEPS = _set("translations, translation, default, data, fields, values, details, product, item, element")
NO_LAST_STEPS = _set("data, default, translation, translations, values, fields")
"""Steps that say nothing at a path's end either: `values.name.data`."""

OFFERS = _set("offer, offers")
REDUCED = _set("special, promo, promotional, sale, discount, deal")
LANGUAGE_CODES = _set(
    "en, fr, de, es, it, pt, nl, pl, cs, cz, sk, ro, el, gr, uk, ua, ru, hr, sr, sl, bg, hu, sv, da, nb, fi, et, lt, "
    "lv, tr, he, ar, xx, us, gb, at, ch, be, укр, рус, eng, ger, fra"
)
GTIN_LENGTHS = frozenset({"8", "12", "13", "14"})
NUMBER_WORDS = _set("number, nr, num, code, codes") | {"no"}
NET_WORDS = _set("net, netto, gross, brutto, neto, bruto, kg, unit")
NOUNS = _set("code, name, path, text, title, kod, codigo, codice, nom, nombre")
SAYS_NOTHING = {"tax_rate": _set("percent, rate, value, sale, sales"), "description": _set("html, long")}
ATTRIBUTE_WORDS = _set(
    "attribute, attributes, attr, feature, features, property, properties, param, params, parameter, spec, "
    "specification, specifications, характеристика, характеристики, свойство, свойства, властивість, merkmal, "
    "eigenschaft, attribut, "
    "caractéristique, caractéristiques, característica, características, caratteristica, cecha, vlastnost, vlastnosti, "
    "χαρακτηριστικά, χαρακτηριστικό, параметр, параметри, параметры, variant, custom, option, options"
)
"""Steps of a path that a property of the product stands under, such as `Характеристика: Вес (г)`."""

ALONE = {0: 0.6, 1: 0.93, 2: 1.0}
BESIDE_PRODUCT = {0: 0.75, 1: 0.97, 2: 1.0}
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
    steps = list(header.steps)
    while len(steps) > 1 and all(word in LANGUAGE_CODES or word.isdigit() for word in steps[-1]):
        steps.pop()  # `name.en`, `images.0`
    while len(steps) > 1 and NO_LAST_STEPS.issuperset(steps[-1]):
        steps.pop()
    steps = [step for step in steps[:-1] if not _says_no_more(step)] + steps[-1:]
    return _matches(steps, known_words(header.soft), synonyms())


def _says_no_more(step: Words) -> bool:
    """Tell whether a step on the way is only there to hold others: `data`, and the offer in which a price stands."""
    return NO_STEPS.issuperset(step) or (step[-1] in OFFERS and REDUCED.isdisjoint(step))


def _matches(steps: list[Words], soft: Words, table: Synonyms) -> dict[str, HeaderMatch]:
    glue = table.classes["glue"]
    last = known_words(steps[-1])
    before = [known_words(tuple(word for word in step if len(word) > 1)) for step in steps[:-1]]
    best: dict[str, HeaderMatch] = {}
    for spelling in dict.fromkeys((without_glue(last, glue), last)):
        _keep(best, _spans(spelling, soft, _flat(before), table))
    if before and not (len(last) == 1 and table.heads.get(last[0]) == "tax_rate"):
        # `brand/name`, `price.amount`: the step before says what the last one is of.
        together = tuple(dict.fromkeys(word for word in (*before[-1], *last) if not word.isdigit()))
        found = _spans(together, soft, _flat(before[:-1]), table)
        _keep(best, [match for match in found if any(word in last for word in match.phrase.split())])
        _keep(best, _carried(steps, soft, table))
    _keep(best, [HeaderMatch(table.heads[word], 0.95, word, "in brackets") for word in soft if _is_code(word, table)])
    return best


def _carried(steps: list[Words], soft: Words, table: Synonyms) -> list[HeaderMatch]:
    allowed = {field for words, fields in CARRIERS if words.issuperset(steps[-1]) for field in fields}
    if not allowed:
        return []
    before = _matches(steps[:-1], soft, table)
    factor = 0.95 if WITHOUT_TAX.issuperset(steps[-1]) else 0.97  # of two prices the one with tax is asked for
    return [match._replace(score=match.score * factor) for field, match in before.items() if field in allowed]


def _is_code(word: str, table: Synonyms) -> bool:
    return table.heads.get(word) in CODES


def _flat(steps: list[Words]) -> Words:
    return tuple(word for step in steps for word in step)


def _keep(best: dict[str, HeaderMatch], found: list[HeaderMatch]) -> None:
    for match in found:
        if match.field not in best or match.score > best[match.field].score:
            best[match.field] = match


def is_unknown(name: str) -> bool:
    """Tell whether no word of the header is in any language of the table."""
    known = synonyms().words
    return not any(word in known and len(word) > 1 for word in _all_words(name))


def about_something_else(name: str) -> bool:
    """Tell whether the header has words like `carton` or `old`, that forbid to go by content alone."""
    other = synonyms().classes["other"]
    return any(word in other for word in _all_words(name))


def _all_words(name: str) -> Words:
    return known_words(_flat(list(header_of(name[:LONGEST_NAME]).steps)))


def _spans(words: Words, soft: Words, path: Words, table: Synonyms) -> list[HeaderMatch]:
    """Look up every run of words, and weigh it by the rest."""
    found = []
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + LONGEST_PHRASE) + 1):
            span = words[start:end]
            said = table.phrases.get(span) or table.phrases.get(table.joined.get("".join(span), ()), [])
            for synonym in said:
                score = _score(synonym, words[:start] + words[end:], soft, path, table)
                # A longer phrase says more: `image url` is an image before it is a url; none says more than `sku`.
                if span != ("sku",):
                    score *= 1 - 0.01 * max(0, 3 - len(span))
                if synonym.field == "price" and not LISTED.isdisjoint(span):
                    score *= 0.97
                found.append(HeaderMatch(synonym.field, score, " ".join(span), synonym.language, synonym.strength < 2))
    return found


def _score(synonym: Synonym, rest: Words, soft: Words, path: Words, table: Synonyms) -> float:
    """Weigh a phrase by what stands beside it, in brackets after it, and on the way to it."""
    classes, general = table.classes, synonym.strength < 2
    beside_product = any(word in classes["product"] for word in rest)
    score = (BESIDE_PRODUCT if beside_product else ALONE)[synonym.strength]
    while rest and rest[-1] in LANGUAGE_CODES:
        rest, score = rest[:-1], score * 0.99
    for word in rest:
        score *= _beside(word, synonym, table)
    if synonym.field == "price" and not WITHOUT_TAX.isdisjoint(rest):
        score *= 0.97
    if any(word in classes["other"] and not _says_nothing(word, synonym.field, table) for word in soft):
        score *= 0.8
    for word in path:
        if word in classes["other"] and (general or word not in ATTRIBUTE_WORDS):
            return score * 0.2
        if word in table.heads and not _are_kin(table.heads[word], synonym.field):
            return score * (0.4 if general else 0.8)
    return score


def _are_kin(field: str, other: str) -> bool:
    return field == other or any(field in family and other in family for family in FAMILIES)


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
