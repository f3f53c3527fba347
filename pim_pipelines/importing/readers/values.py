"""What a workbook's typed values are as text: every digit of a number, dates as in ISO 8601, true and false."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pim_pipelines.importing.readers.cells import normalise_texts
from pim_pipelines.importing.readers.marks import PERCENT, Places, error_text

_EXACT = 2.0**53
_PLAIN = (1e-4, 1e10)
# Beyond this nobody wrote a number that its digits are wanted of.
_LARGEST = 1e40


def text_of(value: Any) -> str:
    """Return a value's text; "" for a blank cell."""
    return _WRITERS[type(value)](value)


def text_column(values: Sequence[Any], marked: Places | None = None) -> tuple[pa.Array, list[tuple[int, str]]]:
    """Return a column's normalised texts, null for blank; and its error cells `(row, what it shows)`."""
    errors: list[tuple[int, str]] = []
    if marked is not None:
        texts, errors = _marked_column(values, marked)
        return normalise_texts(pa.array(texts, pa.string())), errors
    kinds = set(map(type, values))
    if kinds == {str}:
        return normalise_texts(pa.array(values, pa.string())), errors
    if kinds == {float}:
        numbers = np.array(values)
        sizes = np.abs(numbers)
        if ((sizes >= _PLAIN[0]) & (sizes < _PLAIN[1])).all():
            return pc.cast(pa.array(numbers), pa.string()), errors  # shortest digits there, and no exponent
        if ((np.floor(numbers) == numbers) & (sizes < _EXACT)).all():
            return pc.cast(pa.array(numbers.astype(np.int64)), pa.string()), errors
    return normalise_texts(pa.array([_WRITERS[type(value)](value) for value in values], pa.string())), errors


def _marked_column(values: Sequence[Any], marked: Places) -> tuple[list[str | None], list[tuple[int, str]]]:
    texts: list[str | None] = [text_of(value) for value in values]
    errors: list[tuple[int, str]] = []
    for row, code in zip(marked[0].tolist(), marked[1].tolist(), strict=True):
        error = error_text(code)
        if error is not None:
            texts[row] = None
            errors.append((row, error))
        elif type(values[row]) in (float, int):
            texts[row] = percentage(values[row]) if code == PERCENT else padded(values[row], code)
    return texts, errors


def number_text(value: float) -> str:
    """Return the shortest digits that mean this number, never an exponent where there is another way."""
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    text = repr(value)
    if "e" in text and abs(value) < _LARGEST:
        text = f"{Decimal(text):f}"
    return text if text not in ("nan", "inf", "-inf") else ""


def padded(value: float, digits: int) -> str:
    """Return a whole number with zeros before it, as a number format of zeros shows it."""
    text = text_of(value)
    return text.zfill(digits) if text.isdigit() else text


def percentage(value: float) -> str:
    """Return a share as the hundredths that its reader sees: 0.19 is 19%."""
    if abs(value) > _EXACT:
        return text_of(value)
    text = f"{Decimal(repr(value)) * 100:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def _moment(value: datetime) -> str:
    value = _whole(value)
    if not (value.hour or value.minute or value.second or value.microsecond):
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")


def _whole(value: datetime) -> datetime:
    """Round to milliseconds: the days that workbooks count in are not exact to the microsecond."""
    shift = (value.microsecond + 500) // 1000 * 1000 - value.microsecond
    return value + timedelta(microseconds=shift) if shift else value


def _clock(value: time) -> str:
    if value.microsecond:
        value = _whole(datetime.combine(date(2000, 1, 1), value)).time()
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    minutes, seconds = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{'-' if value < timedelta(0) else ''}{hours:02d}:{minutes:02d}:{seconds:02d}"


def _string(value: str) -> str:
    return value


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _string,
    float: number_text,
    int: str,
    bool: lambda value: "true" if value else "false",
    datetime: _moment,
    date: date.isoformat,
    time: _clock,
    timedelta: _duration,
    type(None): lambda _: "",
}
