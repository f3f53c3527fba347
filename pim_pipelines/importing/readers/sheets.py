"""Which of a workbook's sheets is meant; loads no frames, because the API asks too."""


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
