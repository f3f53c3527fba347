"""What an import does, row by row and slowly: the contract's rules (section "Rows", "Counters") in Python.

It knows nothing of hashes, plans, chunks or buckets; the load must come to the same catalogue, counters and errors.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

VALUES = ("sku", "title", "price", "cost_price", "stock", "is_active")


@dataclass
class Offer:
    sku: str | None
    cost_price: str | None = None
    stock: int | None = None
    is_listed: bool = True

    def set(self, row: Row, *, fill: bool) -> None:
        cleared = (row.get("clear") or "").split(",")
        self.sku = row.get("sku") or self.sku
        self.is_listed = True
        for name in ("cost_price", "stock"):
            if fill and getattr(self, name) is not None:
                continue
            if row.get(name) is not None:
                setattr(self, name, row[name])
            elif name in cleared:
                setattr(self, name, None)


@dataclass
class Product:
    gtin: int | None
    scope: int
    values: dict[str, Any] = field(default_factory=dict)
    offers: dict[int, list[Offer]] = field(default_factory=dict)
    id: int = 1 << 60  # of a new one: younger than all others; the test fills in the real one
    made_by: int = 0
    is_dropped: bool = False  # inactive only because no file had it any more

    def set(self, row: Row, *, fill: bool) -> None:
        cleared = (row.get("clear") or "").split(",")
        for name in VALUES:
            if fill and self.values.get(name) is not None:
                continue
            if row.get(name) is not None:
                self.values[name] = row[name]
            elif name in cleared:
                self.values[name] = None
        is_said = row.get("is_active") is not None and not fill
        if self.values.get("is_active") is None or (self.is_dropped and not is_said):
            self.values["is_active"] = True
        self.is_dropped = False

    def is_listed_by(self, fits: Callable[[int], bool]) -> bool:
        return any(offer.is_listed for supplier, each in self.offers.items() if fits(supplier) for offer in each)

    def state(self) -> tuple[Any, ...]:
        values = tuple(self.values.get(name) for name in VALUES)
        offers = sorted(
            (
                (supplier, o.sku, o.cost_price, o.stock, o.is_listed)
                for supplier, each in self.offers.items()
                for o in each
            ),
            key=repr,
        )
        return self.gtin, self.scope, values, tuple(offers)


@dataclass
class Result:
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    findings: dict[int, str] = field(default_factory=dict)
    changes: dict[int, dict[str, list[Any]]] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self.created, self.updated, self.skipped, self.failed


@dataclass
class Catalogue:
    products: list[Product] = field(default_factory=list)
    pending: dict[tuple[int, int, int], str] = field(default_factory=dict)

    def load(
        self,
        job: int,
        supplier: int,
        rows: Iterable[Row],
        *,
        overwrite: bool = True,
        create_missing: bool = True,
        fill: bool = False,
        drop_missing: bool = False,
    ) -> Result:
        """Import rows with `number, gtin, scope, sku, …`; those with `error` have failed already."""
        load = _Load(self, job, supplier, overwrite, create_missing, fill)
        result = load.run(rows := list(rows))
        if drop_missing and supplier:
            load.drop_missing(rows)
        return result

    def oldest(self, fits: Callable[[Product], bool]) -> Product | None:
        return min(filter(fits, self.products), key=lambda product: product.id, default=None)


def key(row: Row) -> tuple[int, int] | None:
    return None if row["gtin"] is None else (row["gtin"], row["scope"])


class _Load:
    def __init__(
        self, catalogue: Catalogue, job: int, supplier: int, overwrite: bool, create_missing: bool, fill: bool
    ) -> None:
        self.catalogue, self.job, self.supplier = catalogue, job, supplier
        self.overwrite, self.create_missing, self.fill = overwrite, create_missing, fill
        self.meant: list[Product] = []
        self.result = Result()

    def run(self, rows: list[Row]) -> Result:
        for row in rows:
            if "error" in row:
                self._note(row, "failed", "ean_invalid")
        live = self._without_duplicates([row for row in rows if "error" not in row])
        for meant, group in self._by_product(live):
            self._one(meant, group)
            self.meant.append(meant)
        return self.result

    def drop_missing(self, rows: list[Row]) -> None:
        """Make inactive what the file does not have; a failed row has what its EAN or SKU may mean."""
        there = {id(product) for product in self.meant}
        failed = [row for row in rows if "error" in row]
        if not any(id(product) in there for product in self.catalogue.products):
            return
        for product in self.catalogue.products:
            is_named = any(
                (row["gtin"] and key(row) == (product.gtin, product.scope))
                or (row["sku"] and self._names(product, row["sku"], self.supplier))
                for row in failed
            )
            if id(product) in there or is_named or not product.is_listed_by(lambda of: of == self.supplier):
                continue
            for offer in product.offers[self.supplier]:
                offer.is_listed = False
            if product.values["is_active"] and not product.is_listed_by(lambda of: True):
                product.values["is_active"], product.is_dropped = False, True
                self.result.changes[id(product)] = {"is_active": [True, False]}

    def _note(self, row: Row, counter: str, finding: str | None = None) -> None:
        setattr(self.result, counter, getattr(self.result, counter) + 1)
        if finding:
            self.result.findings[row["number"]] = finding

    def _without_duplicates(self, rows: list[Row]) -> list[Row]:
        last = {(key(row), row["sku"]): row["number"] for row in rows}
        for row in rows:
            if last[key(row), row["sku"]] != row["number"]:
                self._note(row, "skipped", "duplicate_in_file")
        return [row for row in rows if last[key(row), row["sku"]] == row["number"]]

    # Which product -----------------------------------------------------------------------------------

    def _by_product(self, rows: list[Row]) -> list[tuple[Product, list[Row]]]:
        """Give each product that is meant with the rows that mean it; a new one is not in the catalogue yet."""
        by_ean = self._products_of_eans(rows)
        meant: dict[int, Product] = {}
        new_by_sku: dict[str, Product] = {}
        for row in rows:
            ean = key(row)
            meant[row["number"]] = by_ean[ean] if ean else self._product_of_sku(row["sku"], rows, by_ean, new_by_sku)
        groups: dict[int, tuple[Product, list[Row]]] = {}
        for row in rows:
            product = meant[row["number"]]
            groups.setdefault(id(product), (product, []))[1].append(row)
        return list(groups.values())

    def _products_of_eans(self, rows: list[Row]) -> dict[tuple[int, int], Product]:
        found: dict[tuple[int, int], Product] = {}
        wishes: dict[tuple[int, int], tuple[int, Product]] = {}
        for row in rows:
            ean = key(row)
            if ean is None:
                continue
            existing = self.catalogue.oldest(lambda p, ean=ean: (p.gtin, p.scope) == ean)
            if existing:
                found[ean] = existing
            elif row["sku"] is not None:
                without = self.catalogue.oldest(
                    lambda p, sku=row["sku"]: p.gtin is None and self._names(p, sku, self.supplier)
                )
                if without:
                    wishes[ean] = (row["number"], without)
        taken: set[int] = set()
        for ean, (_, product) in sorted(wishes.items(), key=lambda wish: wish[1][0]):
            if id(product) not in taken:
                taken.add(id(product))
                found[ean] = product
        for row in rows:
            ean = key(row)
            if ean and ean not in found:
                found[ean] = Product(*ean)
        return found

    def _product_of_sku(
        self, sku: str, rows: list[Row], by_ean: dict[tuple[int, int], Product], new_by_sku: dict[str, Product]
    ) -> Product:
        named = [p for p in self.catalogue.products if self._names(p, sku, self.supplier or None)]
        named += [by_ean[ean] for row in rows if row["sku"] == sku and (ean := key(row))]
        if named:  # of those that the file makes, rather one that has a title and so will be
            titled = {key(row) for row in rows if row.get("title") is not None}
            return min(named, key=lambda p: (p.id, (p.gtin, p.scope) not in titled, p.gtin or 0))
        return new_by_sku.setdefault(sku, Product(None, 0))

    @staticmethod
    def _names(product: Product, sku: str, supplier: int | None) -> bool:
        return any(
            offer.sku == sku
            for of, offers in product.offers.items()
            if supplier is None or of == supplier
            for offer in offers
        )

    # What happens to it -------------------------------------------------------------------------------

    def _one(self, product: Product, rows: list[Row]) -> None:
        ean = next((ean for row in rows if (ean := key(row))), None)
        exists = any(product is p for p in self.catalogue.products)
        if exists and not self.overwrite and product.made_by != self.job:
            for row in rows:
                self._note(row, "skipped")
            return
        titled = [row for row in rows if row.get("title") is not None]
        if not exists and not (titled and self.create_missing):
            self._without_product(rows)
            return
        writer = rows[-1] if exists else titled[-1]
        others = self._others(writer, rows)
        self._write(product, writer, others, ean, exists)

    def _without_product(self, rows: list[Row]) -> None:
        for row in rows:
            if key(row):
                self._note(row, "skipped", "ean_pending")
                self.catalogue.pending.setdefault((self.supplier, row["gtin"], row["scope"]), "open")
            else:
                self._note(row, "failed", "missing_required_field" if self.create_missing else "reference_not_found")

    def _others(self, writer: Row, rows: list[Row]) -> list[Row]:
        """Give the rows that add their SKU; the rest mean the same as a later one."""
        last = {row["sku"]: row["number"] for row in rows if row is not writer}
        others = []
        for row in rows:
            if row is writer:
                continue
            if row["sku"] is None or row["sku"] == writer["sku"] or last[row["sku"]] != row["number"]:
                self._note(row, "skipped", "duplicate_in_file")
            else:
                self._note(row, "updated", "ean_shared_by_skus")
                others.append(row)
        return others

    def _write(
        self, product: Product, writer: Row, others: list[Row], ean: tuple[int, int] | None, exists: bool
    ) -> None:
        before = dict(product.values) | {"ean": product.gtin}
        if not exists:
            product.made_by = self.job
            self.catalogue.products.append(product)
        if product.gtin is None and ean:
            product.gtin, product.scope = ean
        if product.gtin is not None:
            for waiting in list(self.catalogue.pending):
                if waiting[1:] == (product.gtin, product.scope) and self.catalogue.pending[waiting] == "open":
                    self.catalogue.pending[waiting] = "resolved"
        product.set(writer, fill=self.fill and exists)
        self._note(writer, "updated" if exists and product.made_by != self.job else "created")
        after = product.values | {"ean": product.gtin}
        if exists and product.made_by != self.job:
            changed = {n: [before.get(n), after[n]] for n in after if before.get(n) != after[n]}
            if changed:
                self.result.changes[id(product)] = changed
        offers = product.offers.setdefault(self.supplier, [])
        there = list(offers)
        if not (writer["sku"] is None and others):
            self._offer(writer, there, offers, may_name=True)
        for row in others:
            self._offer(row, there, offers, may_name=False)
        if not offers:
            del product.offers[self.supplier]

    def _offer(self, row: Row, there: list[Offer], offers: list[Offer], *, may_name: bool) -> None:
        found = next((o for o in there if o.sku == row["sku"]), None)
        if found is None and row["sku"] is None and there:
            found = there[0]
        if found is None and may_name:
            found = next((o for o in there if o.sku is None), None)
        if found is None:
            found = Offer(row["sku"])
            offers.append(found)
        found.set(row, fill=self.fill)
