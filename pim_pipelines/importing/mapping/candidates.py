"""Which columns may be which fields: every pair that a header or the values speak for, with a score."""

import re
from collections import Counter
from dataclasses import dataclass

from pim_pipelines.importing.mapping import fits
from pim_pipelines.importing.mapping.headers import LONGEST_NAME, HeaderMatch, about_something_else, is_unknown, matches
from pim_pipelines.importing.mapping.synonyms import UNIT
from pim_pipelines.importing.mapping.words import words_of
from pim_pipelines.importing.profile import ColumnProfile, Profile

LEAST = 0.5
"""A pair with less is not proposed."""

NAMELESS = re.compile(r"column_\d+( \(\d+\))?")
CODES = frozenset({"ean", "sku", "supplier_sku", "mpn"})

HeaderMatches = dict[str, HeaderMatch]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column that may be a field; `general` where only a word like `code` says so, which never is beyond doubt."""

    column: ColumnProfile
    field: str
    score: float
    reason: str
    general: bool = False


def header_matches(profile: Profile) -> dict[int, HeaderMatches]:
    """Return what each column's header says, by position, or a column beside it that names this one."""
    prefix, names = _common_prefix(profile), _names_beside(profile)
    said: dict[int, HeaderMatches] = {}
    for column in profile.columns:
        found: HeaderMatches = {}
        if not is_nameless(column, profile):
            found = dict(matches(column.name))
            if prefix and column.name.startswith(prefix):
                _add(found, column.name.removeprefix(prefix), 0.99)
            _add(found, names.get(_without_value(column.name), ""), 0.85)
        said[column.position] = found
    return said


def is_nameless(column: ColumnProfile, profile: Profile) -> bool:
    """Tell whether the file gives the column no name."""
    return not profile.has_header or NAMELESS.fullmatch(column.name) is not None


def _add(found: HeaderMatches, name: str, factor: float) -> None:
    for field, match in matches(name).items():
        if field not in found or found[field].score < match.score * factor:
            found[field] = match._replace(score=match.score * factor)


def _common_prefix(profile: Profile) -> str:
    """Find the word that nearly all columns begin with (`p_name`, `p_price` …); it says nothing."""
    firsts = Counter(column.name.partition("_")[0] for column in profile.columns if "_" in column.name)
    word, times = firsts.most_common(1)[0] if firsts else ("", 0)
    return f"{word}_" if times >= max(4, 0.7 * len(profile.columns)) else ""


def _names_beside(profile: Profile) -> dict[tuple[str, ...], str]:
    """Find the names that columns give others in nearly every row, by the words of the others' headers.

    `Attribute 1 name` = Colour names `Attribute 1 value(s)`, `Option1 Name` names `Option1 Value`.
    """
    names = {}
    for column in profile.columns:
        words = words_of(column.name[:LONGEST_NAME])
        if words[-1:] == ("name",) and any(word.isdigit() for word in words) and column.commonest_share >= 0.8:
            names[words[:-1]] = column.commonest or ""
    return names


def _without_value(name: str) -> tuple[str, ...]:
    return tuple(word for word in words_of(name[:LONGEST_NAME]) if word not in {"value", "values", "s"})


def candidates(profile: Profile, said: dict[int, HeaderMatches]) -> list[Candidate]:
    """Pair columns with fields; `said`: what the header of each column, by position, says."""
    found = []
    holds_contents = _holds_contents(profile, said)
    for column in profile.columns:
        for match in said[column.position].values():
            score = match.score * fits.fit(match.field, column)
            if _says_more_of_another(match, said[column.position]):
                score *= 0.6
            if match.field == "stock" and match.general and holds_contents:
                score *= 0.5
            if match.field == "sku" and "title" in said[column.position] and column.share("has_digit") < 0.5:
                score *= 0.5  # `article` heads codes and names
            general = match.general and match.field != "title"
            found.append(Candidate(column, match.field, score, header_reason(column, match), general))
        gtins = _as_ean(column, profile, said[column.position])
        if gtins is not None:
            found.append(gtins)
        if is_nameless(column, profile) or is_unknown(column.name):
            found.extend(_by_content(column, has_header=profile.has_header))
    return found


def _says_more_of_another(match: HeaderMatch, said: HeaderMatches) -> bool:
    """Tell whether a longer phrase around this one says another field: `weight` in `weight unit`."""
    own = f" {match.phrase} "
    return any(
        other.score > match.score and len(other.phrase) > len(match.phrase) and own in f" {other.phrase} "
        for other in said.values()
    )


def _holds_contents(profile: Profile, said: dict[int, HeaderMatches]) -> bool:
    """Tell whether a column names units of content (`g`, `ml`): a `quantity` is then what a pack holds."""
    return any(
        said[column.position][UNIT].score >= LEAST and column.share("content_unit") >= 0.7
        for column in profile.columns
        if UNIT in said[column.position]
    )


def _as_ean(column: ColumnProfile, profile: Profile, said: HeaderMatches) -> Candidate | None:
    """Take a column of valid GTINs for the EAN, whatever it is called."""
    share = column.share("gtin")
    if share < 0.6 or column.filled < 3 or (column.filled > 10 and column.unique < 0.1):
        return None
    score = 0.99 if share >= 0.9 else 0.88
    if not is_nameless(column, profile) and about_something_else(column.name):
        score *= 0.55  # of the carton, the supplier …
    elif any(match.score > 0.9 for field, match in said.items() if field not in CODES):
        score *= 0.7
    return Candidate(column, "ean", score, f"{share:.0%} of the values are GTINs with a right check digit")


def _by_content(column: ColumnProfile, *, has_header: bool) -> list[Candidate]:
    """Propose fields for what the values are, where the header says nothing."""
    found: list[tuple[str, float, str]] = []
    if fits.title(column) >= 0.3 and column.mean_words >= 2 and column.mean_length <= 200 and column.unique >= 0.3:
        many = (0.85 + 0.15 * column.unique) * (1.0 if column.mean_length <= 120 else 0.85)
        found.append(("title", (0.62 if has_header else 0.78) * many, "text of some words, different in most rows"))
    if column.share("html") >= 0.5 or (column.mean_words >= 18 and fits.description(column) == 1.0):
        found.append(("description", 0.65, "long text"))
    if column.share("image") >= 0.8:
        found.append(("image_url", 0.75, "links of images"))
    elif column.share("url") >= 0.9 and column.unique >= 0.5:
        found.append(("url", 0.65, "links of pages"))
    if column.share("currency") >= 0.99 and column.distinct <= 5 and column.mean_length == 3 and column.filled > 2:
        found.append(("currency", 0.6, "codes of currencies"))
    if not has_header:
        if column.share("money") >= 0.5 and column.share("number") >= 0.8:
            found.append(("price", 0.75, "amounts with a currency"))
        elif column.share("two_decimals") >= 0.8 and not column.share("code_digits"):
            found.append(("price", 0.55, "numbers with two decimals"))
        if _is_code(column):
            found.append(("sku", 0.6, "short codes, another in each row"))
    return [Candidate(column, field, score, f"the values are {what}") for field, score, what in found]


def _is_code(column: ColumnProfile) -> bool:
    return (
        column.filled >= 3
        and column.unique >= 0.95
        and column.share("token") >= 0.95
        and column.share("has_digit") >= 0.8
        and fits.sku(column) == 1.0
        and 3 <= column.mean_length <= 24
        and column.share("measure") < 0.5
        and not fits.is_counter(column)
    )


SHOWN = {
    "ean": "gtin",
    "price": "number",
    "cost_price": "number",
    "sale_price": "number",
    "stock": "count",
    "currency": "currency",
    "image_url": "image",
    "url": "url",
    UNIT: "unit",
}
"""Fields whose fit is told as a share of the values."""


def header_reason(column: ColumnProfile, match: HeaderMatch) -> str:
    """Say why a header makes the column a candidate."""
    where = f'the header means "{match.field}" ({match.language})'
    if column.blank:
        return f"{where}, but the column is blank"
    share = column.share(SHOWN[match.field]) if match.field in SHOWN else 0.0
    return f"{where} and {share:.0%} of the values fit" if share else f"{where} and the values fit"
