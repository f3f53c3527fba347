"""Which product field each column is: headers weighed with the values below them.

Every pair of a column and a field gets a score, what the header says times how well the values fit; the best pairs
are taken, each column and each field once. Then what only the whole shows: a description that is the title
where nothing else is, a manufacturer that is the brand where no brand is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from pim_pipelines.importing.mapping import fits
from pim_pipelines.importing.mapping.candidates import (
    LEAST,
    Candidate,
    HeaderMatches,
    candidates,
    header_matches,
    header_reason,
)
from pim_pipelines.importing.profile import ColumnProfile, Profile

SURE = 0.9
"""Above it a suggestion is beyond doubt."""

PLAIN_FIELDS = frozenset(
    {"ean", "sku", "title", "description", "brand_name", "category", "price", "stock", "image_url", "weight"}
)
"""Fields that a suggestion may be surer of than `SURE`: those that every supplier means the same by."""

HIGHEST = 0.98
HIGHEST_BLANK = 0.6
HIGHEST_WITH_RIVAL = 0.85
RIVAL_WITHIN = 0.15


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The field proposed for a column, or none, and why; `confidence` is 0 to 1."""

    field: str | None
    confidence: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Give the contract's `{field, confidence, reason}`."""
        return asdict(self)


def suggest(profile: Profile) -> dict[str, Suggestion]:
    """Propose a product field, or none, for each column; a field at most once, and only where the values fit it.

    The columns keep the file's order.
    """
    said = header_matches(profile)
    pairs = candidates(profile, said)
    chosen = _choose(pairs)
    _reconsider(chosen, profile, said, pairs)
    _doubt(chosen, pairs)
    return {
        column.name: _proposed(chosen[column.position])
        if column.position in chosen
        else _left_out(column, said[column.position], chosen.values())
        for column in profile.columns
    }


def is_beyond_doubt(suggestions: Mapping[str, Suggestion]) -> bool:
    """Tell whether an identifier and a title were recognised beyond doubt, so that nobody need look at the mapping."""
    sure = {suggestion.field for suggestion in suggestions.values() if suggestion.confidence > SURE}
    return "title" in sure and not sure.isdisjoint({"ean", "sku"})


def _choose(pairs: list[Candidate]) -> dict[int, Candidate]:
    """Take the best pairs, an EAN first: its values leave the least doubt, whatever the column is called."""
    chosen: dict[int, Candidate] = {}
    taken: set[str] = set()
    for candidate in sorted(pairs, key=_rank):
        if candidate.score >= LEAST and candidate.field not in taken and candidate.column.position not in chosen:
            chosen[candidate.column.position] = candidate
            taken.add(candidate.field)
    return chosen


def _rank(candidate: Candidate) -> tuple[bool, float, int]:
    column = candidate.column
    is_proven = candidate.field == "ean" and column.share("gtin") >= 0.6
    return (not is_proven, -round(candidate.score * (0.9 + 0.1 * column.fill), 3), column.position)


def _reconsider(
    chosen: dict[int, Candidate], profile: Profile, said: dict[int, HeaderMatches], pairs: list[Candidate]
) -> None:
    """Move columns to fields that the whole shows to be missing."""
    named = ("mpn", "description", "short_description")
    _move(chosen, named, "title", 0.85, why="no other column is a title", suits=_is_like_a_title)
    _take_left_over(chosen, pairs, named, "title", suits=_is_like_a_title)
    _take_left_over(chosen, pairs, ("description",), "description")
    _drop_internal_number(chosen)
    _move(chosen, ("supplier_sku",), "sku", 0.9, why="no other column is a code")
    if all(candidate.field != "ean" for candidate in chosen.values()):
        _move(chosen, ("mpn",), "sku", 0.75, why="no other column is an identifier")
    _move(chosen, ("manufacturer",), "brand_name", 0.9, why="no other column is the brand")
    _move(chosen, ("sale_price",), "price", 0.8, why="no other column is a price")
    _move(chosen, ("image_urls",), "image_url", 0.9, why="no other column is an image", suits=_has_one_link)
    _take_image(chosen, profile, said)
    _take_second_code(chosen, profile, said)


def _drop_internal_number(chosen: dict[int, Candidate]) -> None:
    """Drop an `id` that stands for the SKU where the article number is there, or one that counts rows beside an EAN."""
    sku = next((place for place, candidate in chosen.items() if candidate.field == "sku"), None)
    if sku is None or chosen[sku].score >= 0.75:
        return
    fields = {candidate.field for candidate in chosen.values() if candidate.score >= 0.85}
    if "supplier_sku" in fields or ("ean" in fields and fits.is_counter(chosen[sku].column)):
        del chosen[sku]


def _move(
    chosen: dict[int, Candidate],
    sources: tuple[str, ...],
    target: str,
    factor: float,
    *,
    why: str,
    suits: Callable[[ColumnProfile], bool] = lambda _: True,
) -> None:
    """Let the column of the first of `sources` be `target`, if no column is."""
    if any(candidate.field == target for candidate in chosen.values()):
        return
    for source in sources:
        for position, candidate in chosen.items():
            score = candidate.score * factor
            if candidate.field == source and score >= LEAST and suits(candidate.column):
                reason = f"{candidate.reason}, and {why}"
                chosen[position] = replace(candidate, field=target, score=score, reason=reason)
                return


def _take_left_over(
    chosen: dict[int, Candidate],
    pairs: list[Candidate],
    sources: tuple[str, ...],
    target: str,
    *,
    suits: Callable[[ColumnProfile], bool] = lambda _: True,
) -> None:
    """Let a column that is nothing yet be `target`, if none is: of two descriptions the short one is the title."""
    if any(candidate.field == target for candidate in chosen.values()):
        return
    found = [
        pair
        for pair in pairs
        if pair.field in sources
        and pair.score >= LEAST
        and pair.column.position not in chosen
        and not pair.column.blank
        and suits(pair.column)
    ]
    if found:
        best = max(found, key=lambda pair: pair.score)
        reason = f"{best.reason}, and no other column is a {target}"
        chosen[best.column.position] = replace(best, field=target, score=0.85 * best.score, reason=reason)


def _take_image(chosen: dict[int, Candidate], profile: Profile, said: dict[int, HeaderMatches]) -> None:
    """Let a column of links of images be the image where none is and its header says no more than that of links."""
    if any(candidate.field in {"image_url", "image_urls"} for candidate in chosen.values()):
        return
    for column in profile.columns:
        is_free = column.position not in chosen and said[column.position].keys() <= {"url"}
        if is_free and column.filled >= 3 and column.share("image") >= 0.9:
            chosen[column.position] = Candidate(column, "image_url", 0.75, "the values are links of images")
            return


def _is_like_a_title(column: ColumnProfile) -> bool:
    return fits.title(column) >= 0.7 and column.mean_length <= 90 and column.share("lines") < 0.1


def _has_one_link(column: ColumnProfile) -> bool:
    return column.share("links") < 0.1


def _take_second_code(chosen: dict[int, Candidate], profile: Profile, said: dict[int, HeaderMatches]) -> None:
    """Let a second column of article numbers beside the SKU be the supplier's second code."""
    fields = {candidate.field for candidate in chosen.values()}
    if "sku" not in fields or "supplier_sku" in fields:
        return
    for column in profile.columns:
        match = said[column.position].get("sku")
        if column.position in chosen or column.blank or match is None or match.phrase in {"id", "sku"}:
            continue
        if match.score >= 0.95 and fits.sku(column) >= 0.8:
            reason = f"{header_reason(column, match)}, beside another code"
            chosen[column.position] = Candidate(column, "supplier_sku", 0.6, reason)
            return


def _doubt(chosen: dict[int, Candidate], pairs: list[Candidate]) -> None:
    """Be less sure where another column would do nearly as well, such as a title in another language."""
    for position, candidate in chosen.items():
        rivals = [
            other.column
            for other in pairs
            if other.field == candidate.field
            and other.column.position not in chosen
            and other.score >= max(LEAST, candidate.score - RIVAL_WITHIN)
        ]
        if rivals:
            rival = max(rivals, key=lambda column: column.fill)
            chosen[position] = replace(
                candidate,
                score=min(candidate.score, HIGHEST_WITH_RIVAL),
                reason=f'{candidate.reason}; "{rival.name}" may be it too',
            )


def _proposed(candidate: Candidate) -> Suggestion:
    highest = HIGHEST if candidate.field in PLAIN_FIELDS and not candidate.general else SURE
    if candidate.column.blank:
        highest = HIGHEST_BLANK
    return Suggestion(candidate.field, round(min(candidate.score, highest), 2), _sentence(candidate.reason))


def _left_out(column: ColumnProfile, said: HeaderMatches, chosen: Iterable[Candidate]) -> Suggestion:
    """Say why a column is proposed nothing for."""
    best = max(said.values(), key=lambda match: match.score, default=None)
    if best is None or best.score < LEAST:
        if column.blank:
            return Suggestion(None, 0.9, "The column is blank.")
        return Suggestion(None, 0.6, "Neither the header nor the values say which product field this is.")
    for candidate in chosen:
        if candidate.field == best.field:
            return Suggestion(None, 0.6, f'It may be "{best.field}", but "{candidate.column.name}" fits that better.')
    if column.blank:
        return Suggestion(None, 0.6, f'The header means "{best.field}" ({best.language}), but the column is blank.')
    example = f", such as {column.examples[0][:40]!r}," if column.examples else ""
    where = f'The header means "{best.field}" ({best.language})'
    return Suggestion(None, 0.6, f"{where}, but the values{example} do not fit.")


def _sentence(reason: str) -> str:
    return reason[0].upper() + reason[1:] + "."
