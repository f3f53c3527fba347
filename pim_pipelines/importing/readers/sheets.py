"""Which of a workbook's sheets is meant, and what is said of it; loads no frames, because the API asks too."""

from collections.abc import Mapping

from pim_pipelines.errors import EmptyFile, SheetNotFound

_MOST_NAMED = 10
_SENTENCES = {
    "cell_error": "with error cells (#N/A and the like), which are read as blank",
    "repeated_header": "that repeat the header and are not loaded",
}


def sheet_named(wanted: str | int | None, names: list[str]) -> str | None:
    """Return the sheet that a name or a 1-based number means; a name wins, exactly written before anyhow."""
    text = str(wanted).strip()
    if isinstance(wanted, str):
        for name in (*(each for each in names if each in (wanted, text)), *names):
            if name in (wanted, text) or name.strip().casefold() == text.casefold():
                return name
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return names[int(text) - 1]
    return None


def sheet_wanted(wanted: str | int | None, names: list[str]) -> str:
    """Return the sheet that is meant; raises SheetNotFound, naming those there are."""
    name = sheet_named(wanted, names)
    if name is None:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        raise SheetNotFound(f"The workbook has no sheet “{wanted}”; it has {_listed(names)}{more}.")
    return name


def nothing_to_skip_to(skip: int, rows: int) -> EmptyFile:
    """Return the error of a sheet that has no text below the rows to skip."""
    return EmptyFile(
        f"skip_header_rows is {skip}, but the sheet has only {rows} rows. Please give a smaller number."
        if skip
        else "The sheet has no text in it. Please check the export and upload it again."
    )


def warnings_of(sheet: str, others: list[str], problems: Mapping[str, int]) -> list[str]:
    """Return the warnings about a sheet that was read: the visible ones that were not, and rows with problems."""
    warnings = []
    if others:
        warnings.append(f"Only the sheet “{sheet}” was read; the workbook has others too: {_listed(others)}.")
    for problem, sentence in _SENTENCES.items():
        if number := problems.get(problem):
            warnings.append(f"Rows {sentence}: {number:,}.")
    return warnings


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:_MOST_NAMED])
