"""What a Voog task does, row by row and slowly: the rules of docs/decisions/0007 in Python, without plans or chunks."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
VALUES = ("sku", "title", "price", "stock", "status")


@dataclass(eq=False)
class Product:
    id: int
    parent: "Product | None"
    values: dict[str, Any] = field(default_factory=dict)
    slug: str | None = None

    def state(self) -> tuple[Any, ...]:
        """Give what a test compares: the parent by its own id."""
        shown = self.values | {"status": self.values.get("status") or "draft"}
        return (self.parent.id if self.parent else None, *(shown.get(name) for name in VALUES))


@dataclass
class Shop:
    """A tenant's products; ids of new ones are below zero until the test has found the real ones."""

    products: list[Product] = field(default_factory=list)

    def load(self, rows: list[Row], matched_by: str | None) -> tuple[int, int, int]:
        """Import rows; gives created, updated, failed."""
        return _Load(self, rows, matched_by).run()


class _Load:
    def __init__(self, shop: Shop, rows: list[Row], matched_by: str | None) -> None:
        self.shop, self.rows, self.matched_by = shop, rows, matched_by
        self.there = list(shop.products)
        self.meant: dict[int, Product] = {}
        self.created = self.updated = self.failed = 0

    def run(self) -> tuple[int, int, int]:
        for is_variant in (False, True):
            for at, row in enumerate(self.rows):
                if self.is_variant(row) == is_variant:
                    self.one(at, row)
        return self.created, self.updated, self.failed

    @staticmethod
    def is_variant(row: Row) -> bool:
        return bool(row.get("parent_id") is not None or row.get("says_variant"))

    def one(self, at: int, row: Row) -> None:
        parent = None
        if "error" not in row and self.is_variant(row):
            parent = self.parent(at, row)
        if "error" in row or (self.is_variant(row) and parent is None):
            self.failed += 1
            return
        found = self.found(row)
        if found is None:
            names = [other["title"] for other in self.alike(row) if other.get("title")]
            if not names and parent is None:
                self.failed += 1
                return
            found = Product(
                -1 - len(self.shop.products),
                parent,
                {"title": None if names else parent.values["title"] if parent else None},
            )
            self.shop.products.append(found)
            self.created += 1
        elif (found.parent is not None) != self.is_variant(row):
            self.failed += 1
            return
        else:
            self.updated += 1
        self.meant[at] = found
        for name in VALUES:
            if row.get(name) is not None:
                found.values[name] = row[name]

    def alike(self, row: Row) -> list[Row]:
        """Give the sound rows that mean the same new product."""
        if self.matched_by != "sku" or not row.get("sku"):
            return [row]
        return [
            other
            for at, other in enumerate(self.rows)
            if "error" not in other
            and other.get("sku") == row["sku"]
            and self.is_variant(other) == self.is_variant(row)
            and (not self.is_variant(other) or self.parent(at, other))
        ]

    def found(self, row: Row) -> Product | None:
        key = self.matched_by and row.get(self.matched_by)
        if key is None:
            return None
        if self.matched_by == "id":
            return next((product for product in self.there if product.id == key), None)
        fitting = [
            product
            for product in self.shop.products
            if self.sku_then(product) == key and (product.parent is not None) == self.is_variant(row)
        ]
        return min(fitting, key=lambda product: (product.id < 0, abs(product.id)), default=None)

    def sku_then(self, product: Product) -> str | None:
        """A task that matches by SKU changes none, so it is still what it was."""
        sku: str | None = product.values.get("sku")
        return sku

    def parent(self, at: int, row: Row) -> Product | None:
        if row.get("parent_id") is None:
            above = [n for n in range(at) if not self.is_variant(self.rows[n])]
            return self.meant.get(above[-1]) if above else None
        named = [n for n, other in enumerate(self.rows) if other.get("id") == row["parent_id"]]
        if named:
            return None if self.is_variant(self.rows[named[0]]) else self.meant.get(named[0])
        return next((p for p in self.there if p.id == row["parent_id"] and p.parent is None), None)
