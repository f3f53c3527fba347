"""What single cells of a Voog file say: a status, a set of variant attributes, a list of categories, a slug.

Each function takes a cell that is trimmed and not blank, and raises ValueError with a sentence for the row's error
where it cannot be read. Source: the Voog page, `supported_attributes`, and the contract's section 5.
"""

import unicodedata

from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES

_STATUSES = {
    word.casefold(): str(entry["value"])
    for entry in SUPPORTED_ATTRIBUTES["status"]["enum_values"]
    for word in (entry["title"], entry["value"])
}
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def read_status(cell: str) -> str:
    """Return `draft` or `live`, from the title or the value in any case."""
    status = _STATUSES.get(cell.casefold())
    if status is None:
        raise ValueError(f"Status is neither Draft nor Live: {cell!r}.")
    return status


def read_key_set(cell: str) -> list[tuple[str, str]]:
    """Read `Key: Value, Key: Value` in its order.

    A piece between commas without a colon belongs to the value before it (`Size: 1,5`), and only the first colon of
    a piece parts it (`Ratio: 16:9`).
    """
    pairs: list[tuple[str, str]] = []
    for piece in cell.split(","):
        key, colon, value = piece.partition(":")
        if colon:
            pairs.append((key.strip(), value.strip()))
        elif pairs:
            last, so_far = pairs[-1]
            pairs[-1] = (last, f"{so_far},{piece.rstrip()}")
        else:
            raise ValueError(f"Variant attributes are written as 'Size: S, Color: Black', which {cell!r} is not.")
    for key, value in pairs:
        if not key or not value.strip(", "):
            raise ValueError(f"A variant attribute has no {'value' if key else 'name'} in {cell!r}.")
    names = [key.casefold() for key, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"A variant attribute is named twice in {cell!r}.")
    return pairs


def write_key_set(pairs: list[tuple[str, str]]) -> str:
    """Write variant attributes as `read_key_set` reads them."""
    return ", ".join(f"{key}: {value}" for key, value in pairs)


def read_categories(cell: str) -> list[str]:
    """Read a comma-separated list of names in its order; each once, whatever its case, and no blank ones."""
    names: dict[str, str] = {}
    for piece in cell.split(","):
        if name := " ".join(piece.split()):
            names.setdefault(name.casefold(), name)
    return list(names.values())


def slug_of(name: str) -> str:
    """Make a slug of a product's name: lower case, hyphens between words, Latin letters without their accents.

    Letters and vowel signs of other scripts stay as they are. A name without any letter or digit gives `product`.
    """
    kept = "".join(map(_of_slug, unicodedata.normalize("NFKC", name).casefold().translate(_LETTERS)))
    return "-".join(kept.split()) or "product"


def _of_slug(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0]
    if base.isascii() and base.isalnum():
        return base
    return char if char.isalnum() or unicodedata.category(char).startswith("M") else " "
