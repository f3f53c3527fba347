"""What a cell keeps of a value that is there several times: the first one, and of images all of them."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from pim_pipelines.importing.readers.cells import BLANKS

_IMAGE_NAME = re.compile(
    "image|img|pictur|photo|foto|bild|immagin|imagen|imagem|obraz|obráz|zdj|kép|kuva|slika|slike|resim|görsel|gorsel|afbeeld"
    "|pilt|attēl|paveiksl|εικόν|εικον|φωτο|фото|зображ|изображ|картин|снимк|תמונ|صور|画像|图片|圖片|이미지|galler|galer"
    "|galéri|thumb|media|mime",
    re.IGNORECASE,
)
_IMAGE_ADDRESS = re.compile(r"\S+?\.(?:jpe?g|jfif|png|webp|gif|avif|bmp|tiff?|svg|heic)(?:[?#]\S*)?$", re.IGNORECASE)
_PLACE = re.compile(r"(?:https?:)?//\S+$|\S*[^\s/]/\S*$|\S+\.[a-z]{3,4}$", re.IGNORECASE)


def kept(name: str, values: Sequence[str]) -> str:
    """Return the text of a cell: the first value with text, or all of them joined by a space where they are images.

    `name` is the column's. Images are told by their addresses, or by an image's name on a column of addresses.
    """
    if len(values) == 1:
        return values[0]
    parts = " ".join(values).split()
    if len(parts) == len(values) and are_images(name, parts):
        return " ".join(dict.fromkeys(parts))
    texts = [text for value in values if (text := value.strip(BLANKS))]
    if len(texts) not in (0, len(values)):
        return kept(name, texts)
    return texts[0] if texts else ""


def are_images(name: str, texts: Sequence[str]) -> bool:
    """Tell whether all of these are addresses of images."""
    return all(map(_wanted(name), texts))


@lru_cache(maxsize=4096)
def _wanted(name: str) -> Callable[[str], object]:
    return (_PLACE if _IMAGE_NAME.search(name) else _IMAGE_ADDRESS).match
