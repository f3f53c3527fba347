"""Whether a column's values fit a product field: 0 (no) to 1 (yes), by its profile."""

from collections.abc import Callable

from pim_pipelines.importing.mapping.synonyms import UNIT
from pim_pipelines.importing.profile import ColumnProfile

BLANK = 0.6
"""A column without values fits what its header says, by half."""

Fit = Callable[[ColumnProfile], float]


def _steps(share: float, *steps: tuple[float, float], otherwise: float = 0.1) -> float:
    """Return the value of the first step that the share reaches."""
    return next((value for least, value in steps if share >= least), otherwise)


def _is_link(column: ColumnProfile) -> bool:
    return max(column.share("url"), column.share("image")) >= 0.5


def _is_text(column: ColumnProfile) -> bool:
    """Tell words from numbers, dates, links, flags."""
    return (
        column.share("letters") >= 0.6
        and column.share("number") < 0.5
        and column.share("measure") < 0.5
        and column.share("date") < 0.5
        and column.share("email") < 0.5
        and column.share("boolean_word") < 0.8
        and not _is_link(column)
    )


def _constant(column: ColumnProfile) -> bool:
    return column.filled > 10 and column.distinct == 1


def ean(column: ColumnProfile) -> float:
    """GTINs; made-up codes of a GTIN's length, or ones that a spreadsheet spoilt, less."""
    fit = _steps(column.share("gtin"), (0.9, 1.0), (0.6, 0.95), (0.25, 0.85), otherwise=0.0)
    shaped = column.share("code_digits") + column.share("scientific")
    fit = max(fit, _steps(shaped, (0.6, 0.75), (0.3, 0.55)))
    if column.share("digits") >= 0.9 and column.mean_length >= 4:
        fit = max(fit, 0.55)
    return fit * (0.2 if _constant(column) else 1.0)  # one number in every row is the supplier's own (GLN)


def sku(column: ColumnProfile) -> float:
    """Short codes, mostly one a row."""
    if (
        _is_link(column)
        or column.share("date") >= 0.5
        or column.share("boolean_word") >= 0.8
        or column.share("html") > 0.1
    ):
        return 0.1
    if column.share("money") >= 0.5 or (column.share("two_decimals") >= 0.5 and column.convention is not None):
        return 0.15
    if column.mean_length > 60:
        shape = 0.55
    elif column.share("token") >= 0.85:
        shape = 1.0
    else:
        shape = 0.85 if column.mean_words <= 3 else 0.55
    return shape * (1.0 if column.filled <= 3 else _steps(column.unique, (0.5, 1.0), (0.2, 0.8), otherwise=0.4))


def is_counter(column: ColumnProfile) -> bool:
    """Tell whether a column just counts rows."""
    highest = 2 * max(column.filled, 100)
    return column.share("digits") >= 0.9 and column.maximum is not None and column.maximum <= highest


def code(column: ColumnProfile) -> float:
    """Short codes that may come several times."""
    return max(sku(column), 0.9) if sku(column) > 0.3 and column.mean_length <= 40 else min(sku(column), 0.4)


def title(column: ColumnProfile) -> float:
    """Text of some words, different in most rows."""
    if not _is_text(column) or column.share("html") >= 0.3:
        return 0.15
    if _constant(column):
        return 0.3
    fit = _steps(-column.mean_length, (-150, 1.0), (-250, 0.75), otherwise=0.4)
    if column.filled > 10:
        fit *= _steps(column.unique, (0.4, 1.0), (0.15, 0.9), (0.05, 0.75), otherwise=0.4)
    if column.max_length <= 3:
        fit *= 0.4
    if column.share("token") >= 0.9 and column.share("has_digit") >= 0.8:
        fit *= 0.5  # codes
    return fit


def description(column: ColumnProfile) -> float:
    """Text, the longer the better."""
    if not _is_text(column) and column.share("html") < 0.3:
        return 0.15
    return 1.0 if column.mean_words >= 4 or column.share("html") >= 0.1 else 0.8


def short_text(column: ColumnProfile) -> float:
    """Take a few words."""
    if not _is_text(column):
        return 0.15
    return _steps(-column.mean_words, (-5, 1.0), (-10, 0.7), otherwise=0.3)


def brand(column: ColumnProfile) -> float:
    """Take a few words that come again and again."""
    if column.share("gtin") >= 0.5 or column.share("html") >= 0.1:
        return 0.1
    fit = short_text(column)
    return fit * (0.75 if column.filled > 30 and column.unique > 0.9 else 1.0)


def category(column: ColumnProfile) -> float:
    """Paths, or words that come again and again; bare numbers hardly."""
    if _is_link(column) or column.share("boolean_word") >= 0.8 or column.share("date") >= 0.5:
        return 0.1
    if column.share("number") >= 0.8:
        return 0.4
    if column.max_length <= 2:
        return 0.45
    if column.share("product_kind") >= 0.8:  # a shop's own kinds of product, no category
        return 0.2
    if column.share("path") >= 0.3 and column.mean_length < 300:
        return 1.0
    fit = _steps(-column.mean_words, (-8, 0.97), (-25, 0.85), otherwise=0.4)
    return fit * (0.75 if column.filled > 30 and column.unique > 0.95 else 1.0)


def amount(column: ColumnProfile) -> float:
    """Amounts of money."""
    if column.share("code_digits") >= 0.5 or column.share("date") >= 0.5:
        return 0.1
    if column.share("boolean_digit") >= 0.99 and column.distinct == 2 and column.filled > 10:
        return 0.35
    fit = _steps(column.share("number"), (0.9, 1.0), (0.7, 0.85), (0.5, 0.65))
    fit *= 0.75 if _constant(column) else 1.0  # a rate of tax, or a zero that nobody filled in
    return fit * (0.3 if column.share("negative") > 0.3 else 1.0)


def currency(column: ColumnProfile) -> float:
    """Codes of ISO 4217, or signs."""
    return _steps(column.share("currency"), (0.9, 1.0), (0.5, 0.7))


def tax_rate(column: ColumnProfile) -> float:
    """Take a few different rates below 100."""
    shape = _steps(column.share("number") + column.share("percent"), (0.9, 1.0), (0.7, 0.8))
    high = column.maximum is not None and column.maximum > 50
    return 0.1 if high or column.distinct > 30 else shape


def stock(column: ColumnProfile) -> float:
    """Whole numbers; `2.00 L`, `True`, `in stock` and codes are none."""
    if column.share("code_digits") >= 0.3 or column.share("date") >= 0.3:
        return 0.1
    fit = _steps(column.share("count"), (0.95, 1.0), (0.8, 0.8), (0.65, 0.55))
    if column.share("boolean_digit") >= 0.99:  # yes and no as digits, more likely the more rows there are
        fit = min(fit, 0.55 if column.distinct == 2 and column.filled > 10 else 0.8)
    return fit * (0.5 if column.share("negative") > 0.3 else 1.0)


def measure(column: ColumnProfile) -> float:
    """Numbers, with or without a unit."""
    if column.share("code_digits") >= 0.5:
        return 0.1
    return _steps(column.share("number") + column.share("measure"), (0.8, 1.0), (0.5, 0.75))


def of(kind: str, least: float, otherwise: float = 0.15) -> Fit:
    """Make a fit of columns most of whose cells are of one kind."""
    return lambda column: 1.0 if column.share(kind) >= least else otherwise


def unit(column: ColumnProfile) -> float:
    """Units of sale or content."""
    return _steps(
        column.share("unit"), (0.5, 1.0), otherwise=0.55 if short_text(column) == 1.0 and column.distinct <= 30 else 0.1
    )


def image(column: ColumnProfile) -> float:
    """Links of images, or paths of image files."""
    return max(
        _steps(column.share("image"), (0.6, 1.0), (0.3, 0.8)), _steps(column.share("url"), (0.6, 0.95), (0.3, 0.7))
    )


def images(column: ColumnProfile) -> float:
    """Take the same, several a cell."""
    return image(column) * (1.0 if column.share("links") >= 0.1 else 0.9)


def page(column: ColumnProfile) -> float:
    """Links of pages, none of images."""
    if column.share("image") >= 0.5:
        return 0.2
    return _steps(column.share("url"), (0.8, 1.0), (0.5, 0.7)) * (0.4 if _constant(column) else 1.0)


def size(column: ColumnProfile) -> float:
    """Short text or numbers."""
    if (
        _is_link(column)
        or column.share("date") >= 0.5
        or column.share("code_digits") >= 0.5
        or column.share("boolean_word") >= 0.8
    ):
        return 0.1
    return _steps(-column.mean_length, (-20, 1.0), (-40, 0.7), otherwise=0.3)


def availability(column: ColumnProfile) -> float:
    """Words, neither numbers nor yes and no."""
    if column.share("availability") >= 0.4:
        return 1.0
    if column.share("number") >= 0.5 or column.share("boolean_word") >= 0.5:
        return 0.15
    return 0.85 if column.mean_words <= 6 and not _is_link(column) and column.distinct <= 50 else 0.3


def is_active(column: ColumnProfile) -> float:
    """Yes and no."""
    flags = column.share("boolean_word") + column.share("active")
    return 1.0 if flags >= 0.9 else 0.85 if flags + column.share("boolean_digit") >= 0.9 else 0.1


FITS: dict[str, Fit] = {
    "ean": ean,
    "sku": sku,
    "supplier_sku": code,
    "mpn": code,
    "title": title,
    "description": description,
    "short_description": description,
    "brand_name": brand,
    "manufacturer": brand,
    "category": category,
    "price": amount,
    "cost_price": amount,
    "sale_price": amount,
    "currency": currency,
    "tax_rate": tax_rate,
    "stock": stock,
    "weight": measure,
    "weight_unit": of("weight_unit", 0.8),
    "length": measure,
    "width": measure,
    "height": measure,
    "dimension_unit": of("length_unit", 0.8),
    "image_url": image,
    "image_urls": images,
    "url": page,
    "color": short_text,
    "size": size,
    "material": short_text,
    "gender": of("gender", 0.4, otherwise=0.4),
    "country_of_origin": short_text,
    "condition": of("condition", 0.4, otherwise=0.4),
    "availability": availability,
    "is_active": is_active,
    UNIT: unit,
}


def fit(field: str, column: ColumnProfile) -> float:
    """Return how well the column's values fit the field."""
    return BLANK if column.blank else FITS[field](column)
