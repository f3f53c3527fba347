"""What single cells of a Voog file say: a status, a set of variant attributes, a list of categories, a slug.

Each function takes a cell that is trimmed and not blank, and raises ValueError with a sentence for the row's error
where it cannot be read. Source: the Voog page, `supported_attributes`, and the contract's section 5.
"""

import re
import unicodedata

from pim_pipelines.importing.voog.attributes import SUPPORTED_ATTRIBUTES

_STATUSES = {
    word.casefold(): str(entry["value"])
    for entry in SUPPORTED_ATTRIBUTES["status"]["enum_values"]
    for word in (entry["title"], entry["value"])
}
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})

LONGEST_CATEGORY = 255
"""A longer name is a paragraph in the wrong column; an index could not hold it either."""

LONGEST_SLUG = 255
LONGEST_MADE_SLUG = 200
"""What is kept of a long name's, so that a number behind it still makes no slug that is too long."""

NAMELESS = "product"
_LONGEST_SHOWN = 80


def read_status(cell: str) -> str:
    """Return `draft` or `live`, from the title or the value in any case."""
    status = _STATUSES.get(cell.casefold())
    if status is None:
        raise ValueError(f"Status is neither Draft nor Live: {_shown(cell)}.")
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
            raise ValueError(f"Variant attributes are written as 'Size: S, Color: Black', which {_shown(cell)} is not.")
    for key, value in pairs:
        if not key or not value.strip(", "):
            raise ValueError(f"A variant attribute has no {'value' if key else 'name'} in {_shown(cell)}.")
    names = [key.casefold() for key, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"A variant attribute is named twice in {_shown(cell)}.")
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
    if not names:
        raise ValueError(f"Categories are names between commas ('Sale, Clothing'), and {_shown(cell)} has none.")
    for name in names.values():
        if len(name) > LONGEST_CATEGORY:
            raise ValueError(
                f"A category's name has {len(name)} characters, but at most {LONGEST_CATEGORY} are allowed."
            )
    return list(names.values())


def read_slug(cell: str) -> str:
    """Read a slug: one that `slug_of` could have made is kept, of any other text a slug is made."""
    slug = _hyphenated(cell)
    if not slug:
        raise ValueError(f"A slug has letters or digits ('my-product'), and {_shown(cell)} has none.")
    if len(slug) > LONGEST_SLUG:
        raise ValueError(f"The slug has {len(slug)} characters, but at most {LONGEST_SLUG} are allowed.")
    return slug


def slug_of(name: str) -> str:
    """Make a slug of a product's name: lower case, hyphens between words, Latin letters without their accents.

    Letters and vowel signs of other scripts stay as they are. A name without any letter or digit gives `product`; of a
    long one the beginning is taken.
    """
    return _hyphenated(name)[:LONGEST_MADE_SLUG].strip("-") or NAMELESS


def _hyphenated(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = _ACCENTED.sub(r"\1", unicodedata.normalize("NFD", folded))
    kept = unicodedata.normalize("NFC", bare).translate(_OF_SLUG).split()
    return "-".join(word for word in kept if any(map(str.isalnum, word)))


_ACCENTED = re.compile("([a-z0-9])[\u0300-\u036f]+")


class _OfSlug(dict[int, str]):
    """What stands for each character in a slug, found when it is first asked for."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if char.isalnum() or unicodedata.category(char).startswith("M") else " "
        return self[code]


_OF_SLUG = _OfSlug()


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= _LONGEST_SHOWN else cell[: _LONGEST_SHOWN - 1] + "…")
