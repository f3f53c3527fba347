"""How much some records look like products: told by what their fields hold, their number, and what they are called."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from pim_pipelines.importing.readers.repeated import are_images
from pim_pipelines.importing.rules.gtin import parse

_MOST_FIELDS = 30
_FEWEST_FIELDS = 1.5
_HALF = 0.5
_PRICE = re.compile(r"\D{0,5}\d{1,7}[.,]\d{1,4}\D{0,5}$")
_CODE = re.compile(r"(?=\S*\d)\S{3,40}$")
_ADDRESS = re.compile(r"(?:https?:)?//\S+$", re.IGNORECASE)
_TOKENS = re.compile(r"[A-ZА-ЯΑ-Ω]?[^\W\d_A-ZА-ЯΑ-Ω]+|[A-ZА-ЯΑ-Ω]+(?![^\W\d_A-ZА-ЯΑ-Ω])")

# What one product is called, and many of them.
_ONE = """
    product item shopitem offer entry article good sku listing artikel produkt produit producto produto prodotto
    articolo artículo articulo artigo tuote vare vara termék termek cikk izdelek proizvod artikal zboží zbozi položka
    polozka tovar towar pozycja товар предложение пропозиція позиция продукт артикул стока προϊόν προιον είδος ürün urun
    produs prekė preke toode 商品 製品 产品 상품 מוצר פריט منتج
"""
_MANY = """
    products items offers entries articles goods skus listings data results records rows hits list feed catalog
    catalogue artikelen produkte produkter produits productos produtos prodotti articoli artículos artigos tuotteet
    varer varor termékek izdelki proizvodi artikli zbozi polozky tovary towary pozycje produkty товары предложения
    товари пропозиції позиции продукти артикули προϊόντα είδη ürünler urunler produse prekės prekes tooted
"""
ONE = frozenset(_ONE.split())
NAMES = ONE | frozenset(_MANY.split())


@dataclass(frozen=True)
class Records:
    """Some records that may be the products: their name, number, and samples of each field's texts.

    `filled` is how many fields a record has text in, on average; `within` says that they lie in other records.
    """

    name: str
    number: int
    filled: float
    samples: Mapping[str, Sequence[str]]
    within: bool = False

    @property
    def kinds(self) -> int:
        """Count the kinds of value that products have, of five: GTIN, price, title, code, image or address."""
        found = {kind for texts in self.samples.values() if (kind := _kind(texts))}
        return len(found)

    def score(self) -> float:
        """Return how much speaks for them; only to be compared."""
        named = 3.0 if is_named(self.name, NAMES) else 1.0
        doubts = 0.3 ** (self.within + (self.filled < _FEWEST_FIELDS))
        return min(self.filled, _MOST_FIELDS) * log2(1 + self.number) * (1 + 2 * self.kinds) * named * doubts


def is_named(name: str, words: Iterable[str]) -> bool:
    """Tell whether a name is one of these words, or has one in it: `SHOP_ITEM`, `productList`."""
    local = name.rpartition(":")[2]
    tokens = {token.lower() for token in _TOKENS.findall(local)} | {local.lower()}
    return not tokens.isdisjoint(words)


def _kind(texts: Sequence[str]) -> str | None:
    """Return what at least half of the texts of a field are."""
    number = len(texts)
    varied = len(set(texts)) >= _HALF * number
    for kind, is_one in _KINDS.items():
        if (varied or kind not in _VARIED) and sum(map(is_one, texts)) >= _HALF * number:
            return kind if texts else None
    return None


def _is_title(text: str) -> bool:
    return 8 <= len(text) <= 300 and " " in text.strip() and sum(map(str.isalpha, text)) > _HALF * len(text)


_KINDS: dict[str, Callable[[str], bool]] = {
    "gtin": lambda text: parse(text) is not None,
    "price": lambda text: bool(_PRICE.match(text)),
    "address": lambda text: bool(_ADDRESS.match(text)) or are_images("", [text]),
    "code": lambda text: bool(_CODE.match(text)),
    "title": _is_title,
}
_VARIED = frozenset(("code", "title"))
