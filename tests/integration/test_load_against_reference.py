"""Whatever small files meet whatever catalogue: the load does what the slow reference does, in tiny chunks too."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading_world import Connect, File, Row, World, gtin
from reference_import import Catalogue, Product, Result

from pim_pipelines.loading import loader, parts, stage
from pim_pipelines.loading.work import Work
from pim_pipelines.store import plan_query, products
from pim_pipelines.store.writing import Kinds, Writer

EANS = [gtin(1), gtin(2), gtin(300_000_000_000), gtin(200_000_000_007)]  # the last is restricted to its supplier
SKUS = ["A", "B", "C", "ß"]
FIELDS = ["ean", "sku", "title", "price", "cost_price", "stock", "is_active"]


def rows() -> st.SearchStrategy[list[Row]]:
    row = st.fixed_dictionaries(
        {
            "ean": st.sampled_from([None, *EANS]),
            "sku": st.sampled_from([None, *SKUS]),
        },
        optional={
            "title": st.sampled_from(["x", "y"]),
            "price": st.sampled_from(["1.50", "2"]),
            "cost_price": st.sampled_from(["1", "0.9"]),
            "stock": st.integers(0, 1),
            "is_active": st.booleans(),
            "clear": st.sampled_from(["price", "price,stock", "cost_price"]),
            "error": st.just("wrong"),
        },
    )
    return st.lists(row.filter(lambda row: row["ean"] or row["sku"] or "error" in row), min_size=1, max_size=7).map(
        _sound
    )


def _sound(rows: list[Row]) -> list[Row]:
    """Leave a field that is to be cleared without a value, and most rows without an error."""
    for at, row in enumerate(rows):
        for name in (row.get("clear") or "").split(","):
            row.pop(name, None)
        if at % 3:
            row.pop("error", None)
        if not row["ean"] and not row["sku"] and "error" not in row:
            row["sku"] = SKUS[0]
    return rows


@dataclass(frozen=True)
class Import:
    """A file for a supplier, with options; how often it is interrupted and retried."""

    supplier: str | None
    rows: list[Row]
    overwrite: bool
    create_missing: bool
    fill: bool
    drop_missing: bool
    interrupted: int

    @property
    def options(self) -> dict[str, bool]:
        return {
            "overwrite_existing": self.overwrite,
            "create_missing": self.create_missing,
            "fill_empty_only": self.fill,
            "deactivate_missing": self.drop_missing,
        }


@dataclass(frozen=True)
class Edit:
    """Somebody else changes the price of the n-th product."""

    nth: int
    price: str


IMPORTS = st.builds(
    Import,
    st.sampled_from(["S1", "S2", None]),
    rows(),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([False, False, True]),
    st.booleans(),
    st.sampled_from([0, 0, 1, 2]),
)
EDITS = st.builds(Edit, st.integers(0, 3), st.sampled_from(["1.50", "7"]))
AGAIN = st.just("again")  # the last file once more
STEPS = st.lists(st.one_of(IMPORTS, IMPORTS, EDITS, AGAIN), min_size=1, max_size=5)


@pytest.fixture(params=["one transaction", "many chunks"])
def chunked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load small files in one transaction, as usual, or as large ones are: own tables, hash hits, parts, buckets."""
    if request.param == "many chunks":
        for module in (parts, plan_query):
            monkeypatch.setattr(module, "PART_ROWS", 3)
        for module in (parts, loader, stage):
            monkeypatch.setattr(module, "SMALL_ROWS", 0)


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_load_does_what_the_reference_does(
    steps: list[Import | Edit | str], connect: Connect, tmp_path: Path, chunked: None
) -> None:
    both = Both(World(connect, tmp_path))
    last: Import | None = None
    for step in steps:
        if isinstance(step, Edit):
            both.edit(step)
        elif isinstance(step, Import):
            both.load(step)
            last = step
        elif last is not None:
            both.load(last)


class Interrupted(Exception):
    pass


class Both:
    """The database and the reference, doing the same and compared after every step."""

    def __init__(self, world: World) -> None:
        self.world, self.catalogue = world, Catalogue()

    def load(self, step: Import) -> None:
        work = self.world.job(step.supplier, FIELDS, **step.options)
        salt = repr((step.overwrite, step.create_missing, step.fill))  # options are in the hash
        file = File(step.rows, FIELDS, block_rows=2, salt=salt)
        numbered = [self._numbered(number, row, work) for number, row in enumerate(step.rows, 1)]
        before = {product.id for product in self.catalogue.products}

        wanted = self.catalogue.load(
            work.job_id,
            work.supplier_id or 0,
            numbered,
            overwrite=step.overwrite,
            create_missing=step.create_missing,
            fill=step.fill,
            drop_missing=step.drop_missing,
        )
        work = self._interrupted(work, file, step.interrupted)
        run = self.world.carry_out(work, file)

        assert run.counts == wanted.counts
        assert self.world.counters(run.work) == wanted.counts
        assert {(number, kind) for number, _, kind in self.world.errors(run.work)} == set(wanted.findings.items())
        self._name_new_products(before)
        self._compare()
        self._compare_history(run.work, wanted)

    def _interrupted(self, work: Work, file: File, times: int) -> Work:
        """Let the first attempts die after one chunk."""

        def die(_: Any) -> None:
            raise Interrupted

        for _ in range(times):
            self.world.staged(work, file)
            with pytest.raises(Interrupted):
                self.world.load(work, die)
            work = self.world.retry(work)
        return work

    @staticmethod
    def _numbered(number: int, row: Row, work: Work) -> Row:
        ean = row["ean"]
        scope = (work.supplier_id or 0) if ean and ean[0] == "2" else 0
        return row | {"number": number, "gtin": int(ean) if ean else None, "scope": scope}

    def _name_new_products(self, before: set[int]) -> None:
        """Give the reference's new products the ids that the database gave them."""
        by_ean: dict[Any, int] = {}
        by_sku: dict[Any, int] = {}
        for number, code, scope, sku in self.world.rows(
            "select id, gtin, gtin_scope, sku from products where tenant_id = %s and id <> all(%s)",
            self.world.tenant,
            list(before),
        ):
            by_ean[code, scope] = by_sku[sku] = number
        for product in self.catalogue.products:
            if product.id not in before:
                named = by_sku.get(product.values.get("sku")) if product.gtin is None else None
                product.id = named or by_ean[product.gtin, product.scope]

    def _compare(self) -> None:
        assert self._actual() == {product.id: product.state() for product in self.catalogue.products}
        pending = {
            (supplier or 0, code, scope): state
            for supplier, code, scope, state in self.world.rows(
                "select supplier_id, gtin, gtin_scope, state from pending_eans where tenant_id = %s", self.world.tenant
            )
        }
        assert pending == self.catalogue.pending

    def _actual(self) -> dict[int, tuple[Any, ...]]:
        offers: dict[int, list[tuple[Any, ...]]] = {}
        for number, *offer in self.world.rows(
            """select product_id, supplier_id, sku, cost_price::text, stock, is_listed
               from supplier_products where tenant_id = %s""",
            self.world.tenant,
        ):
            offers.setdefault(number, []).append(tuple(offer))
        return {
            number: (code, scope, tuple(values), tuple(sorted(offers.get(number, []), key=repr)))
            for number, code, scope, *values in self.world.rows(
                """select id, gtin, gtin_scope, sku, title, price::text, cost_price::text, stock, is_active
                   from products where tenant_id = %s""",
                self.world.tenant,
            )
        }

    def _compare_history(self, work: Work, wanted: Result) -> None:
        written = {
            number: {name: [_text(old), _text(new)] for name, (old, new) in changes.items()}
            for number, changes in self.world.rows(
                "select product_id, changes from product_changes where change_set = %s", work.job_id
            )
        }
        by_object = {id(product): product for product in self.catalogue.products}
        assert written == {
            by_object[key].id: {name: [_text(old), _text(new)] for name, (old, new) in changes.items()}
            for key, changes in wanted.changes.items()
        }

    def edit(self, step: Edit) -> None:
        ordered: list[Product] = sorted(self.catalogue.products, key=lambda product: product.id)
        if not ordered:
            return
        product = ordered[step.nth % len(ordered)]
        job = self.world.job(None, [])
        with self.world.connect() as conn:
            values = [1, product.id, None, True, False, None, None, None, None, None, step.price]
            products.receive(conn, ["price"], ",".join("" if v is None else str(v) for v in values).encode())
            products.change(conn, Writer(self.world.tenant, 0, job.job_id, 1), ["price"], Kinds())
        product.values["price"] = step.price
        self._compare()


def _text(value: Any) -> str | None:
    """Write a value of the history as the reference writes it: numbers by their value, EANs by their number."""
    if value is None:
        return None
    return str(float(value)) if str(value).replace(".", "").isdigit() else str(value)
