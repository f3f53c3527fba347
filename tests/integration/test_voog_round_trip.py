"""What `pim export --voog` writes is read back by an import as it was, and of a changed file only the changes.

The whole way: export, reading, checking, staging, plan, load, on catalogues that direct inserts and both kinds of
import have made.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from loading_world import Row, gtin
from psycopg import Connection
from psycopg.types.json import Jsonb
from voog_world import VoogWorld

from pim_pipelines.importing.readers import ReadOptions, normalise
from pim_pipelines.importing.readers.cells import normalise_cell
from pim_pipelines.importing.voog.attributes import proposed_mapping
from pim_pipelines.importing.voog.export import ExportRow, writer_for
from pim_pipelines.importing.voog.rows import check
from pim_pipelines.loading.voog import loader, plan, stage
from pim_pipelines.store import voog_export
from pim_pipelines.store.voog_export import Tenant

Connect = Callable[[], Connection[Any]]

# Whatever a cell may hold; what an import trims off or reads as another character cannot be in the catalogue.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Co"], exclude_characters="\0\r"), min_size=1, max_size=12)
ODD = ["=1+1", '="x"', "-5 %", "@a", "a,b;c", 'say "hi"', 'a,\\"b\\"', "two\nlines", "_x0041_", "1,50", "#N/A", "C:\\"]
CELLS = (
    st.one_of(st.sampled_from(ODD), TEXTS).map(normalise_cell).filter(lambda text: normalise_cell(text or "") == text)
)
AMOUNTS = st.one_of(st.none(), st.decimals(0, 10**9, places=4).map(str), st.just("0.12345678901234567"))
COUNTS = st.one_of(st.none(), st.integers(-5, 10), st.just(2**53 + 1))


VALUES = st.sampled_from(["S", "1,5", "16:9", "matt, rough", "=x", 'a "b"', "Ä"])
KEY_SETS = st.dictionaries(st.sampled_from(["Size", "Colour of it", "Ä"]), VALUES, min_size=1).map(
    lambda pairs: list(pairs.items())
)
OF_VARIANTS = st.fixed_dictionaries(
    {
        "title": CELLS,
        "description": CELLS,
        "og_description": CELLS,
        "sku": CELLS,
        "price": AMOUNTS,
        "sale_price": AMOUNTS,
        "weight": AMOUNTS,
        "stock": COUNTS,
        "reserved_quantity": st.one_of(st.none(), st.integers(0, 9)),
        "status": st.sampled_from([None, "live", "draft"]),
        "is_active": st.booleans(),
        "variant_attributes": KEY_SETS,
        "et": CELLS,
    }
)
PRODUCTS = st.tuples(
    OF_VARIANTS,
    st.lists(st.sampled_from(["Sale", "Clothing", "Ä & Ö", "=x"]), unique=True, max_size=3),
    st.lists(OF_VARIANTS, max_size=3),
)


class Catalogue(VoogWorld):
    """A tenant whose catalogue is exported and imported."""

    def insert(self, number: int, values: Row, parent: int | None, position: int | None) -> int:
        """Put a product there as no import does: whatever its columns can hold."""
        plain = {name: value for name, value in values.items() if name not in ("et", "variant_attributes")}
        plain |= {"tenant_id": self.tenant, "parent_id": parent, "position": position}
        plain["variant_attributes"] = Jsonb(values["variant_attributes"]) if parent else None
        plain["slug"] = None if parent else f"p-{number}"
        columns, marks = ", ".join(plain), ", ".join(["%s"] * len(plain))
        with self.connect() as conn:
            query = f"insert into products ({columns}) values ({marks}) returning id"
            row = conn.execute(query.encode(), list(plain.values())).fetchone()
            made = int(row[0]) if row else 0
            if values["sku"]:  # no import makes one without its offer
                conn.execute(
                    "insert into supplier_products (tenant_id, supplier_id, product_id, sku) values (%s, 0, %s, %s)",
                    (self.tenant, made, values["sku"]),
                )
            if values["et"]:
                conn.execute(
                    """insert into product_texts (product_id, language, title, variant_attributes)
                       values (%s, 'et', %s, %s)""",
                    (made, values["et"], plain["variant_attributes"]),
                )
        return made

    def insert_families(self, families: list[tuple[Row, list[str], list[Row]]]) -> None:
        for number, (product, categories, variants) in enumerate(families):
            made = self.insert(number, product, None, None)
            with self.connect() as conn:
                for name in categories:
                    conn.execute(
                        """with c as (insert into categories (tenant_id, name) values (%s, %s)
                             on conflict (tenant_id, name) do update set name = excluded.name returning id)
                           insert into product_categories select %s, id from c""",
                        (self.tenant, name, made),
                    )
            for place, variant in enumerate(variants):
                self.insert(number, variant, made, place + 1)

    def import_file(self, path: Path, **options: Any) -> tuple[int, int, int]:
        """Import a file by the mapping that is proposed; gives created, updated and failed."""
        rows = path.with_suffix(".parquet")
        table = normalise(path, path.name, rows, ReadOptions())
        task = self.task(**options)
        stage.stage(self.connect, task.work, check(rows, table.columns, proposed_mapping(table.columns)))
        plan.build(self.connect, task)
        done = loader.load(self.connect, task)
        return done.created, done.updated, done.failed

    def exported(self, language: str = "en") -> list[ExportRow]:
        tenant = Tenant(id=self.tenant, code="t", language="en")
        with self.connect() as conn:
            return list(map(ExportRow._make, voog_export.rows(conn, tenant, language)))

    def import_rows(self, rows: list[ExportRow], ending: str, **options: Any) -> tuple[int, int, int]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"out{ending}"
            writer_for(ending, len(rows))(path, rows)
            return self.import_file(path, **options)

    def state(self, leaving_out: tuple[str, ...] = ()) -> dict[str, list[Any]]:
        """Give all of the catalogue but some columns of its products."""
        products = "select id, to_jsonb(p) - %s::text[] from products p where tenant_id = %s order by id"
        of_products = "product_id in (select id from products where tenant_id = %s)"
        return {
            "products": self.rows(products, list(leaving_out), self.tenant),
            "offers": self.rows("select * from supplier_products where tenant_id = %s order by 3, 2, 4", self.tenant),
            "texts": self.rows(f"select * from product_texts where {of_products} order by 1, 2", self.tenant),
            "categories": self.rows("select * from categories where tenant_id = %s order by id", self.tenant),
            "in categories": self.rows(
                f"select * from product_categories where {of_products} order by 1, 2", self.tenant
            ),
            "changes": self.rows("select * from product_changes where tenant_id = %s order by 2, 3", self.tenant),
        }


def filled(connect: Connect, families: list[Any], folder: Path) -> Catalogue:
    """Make a catalogue of inserts, of a Pixee import, and of a Voog import that adds to both and has its own."""
    world = Catalogue(connect, folder)
    world.insert_families(families)
    pixee: list[Row] = [
        {"ean": gtin(number), "sku": f"E-{number}", "title": f"Élan {number}", "price": "1.234", "stock": number}
        for number in range(1, 4)
    ]
    world.run("S", pixee)
    world.run("T", [pixee[0] | {"sku": "OTHER", "price": "2"}])
    path = folder / f"in-{world.tenant}.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [
                [
                    "ID",
                    "Product is variant",
                    "Name",
                    "Variant attributes",
                    "Product code",
                    "Price",
                    "Categories",
                    "Status",
                ],
                ["1", "False", "Mug", "", "M", "10.0", "Kitchen, Sale", "Live"],
                ["", "True", "", "Size: 1,5, Ratio: 16:9", "M-1", "11", "", ""],
                ["", "True", "Mug of another name", "Size: 2", "", "", "", "Live"],
                ["2", "False", "Mug", "", "M", "", "", ""],
            ]
        )
    assert world.import_file(path, overwrite_existing=False) == (4, 0, 0)
    return world


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
@given(st.lists(PRODUCTS, min_size=2, max_size=5), st.data())
@example_settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_an_export_changes_nothing_and_changed_prices_only_these(
    connect: Connect, tmp_path: Path, ending: str, families: list[Any], data: st.DataObject
) -> None:
    world = filled(connect, families, tmp_path)
    rows, before = world.exported(), world.state()

    assert world.import_rows(rows, ending) == (0, len(rows), 0)

    assert world.state() == before
    assert world.exported() == rows
    assert world.import_rows(world.exported("et"), ending, language="et") == (0, len(rows), 0)
    assert world.state() == before

    chosen = data.draw(st.sets(st.sampled_from(range(len(rows))), min_size=1, max_size=3))
    changed = [row._replace(price="77.05") if place in chosen else row for place, row in enumerate(rows)]
    world.import_rows(changed, ending)

    names = ("price", "version", "updated_at", "last_import_id")
    apart = before | {"products": world.state(names)["products"]}
    ids = {int(rows[place].id) for place in chosen if rows[place].price != "77.05"}
    now = world.state()
    assert apart["products"] == [
        (key, {n: v for n, v in product.items() if n not in names}) for key, product in before["products"]
    ]
    assert {key: now[key] for key in now if key not in ("products", "changes", "offers")} == {
        key: before[key] for key in before if key not in ("products", "changes", "offers")
    }
    versions = {key: product["version"] for key, product in before["products"]}
    assert {key: product["version"] - versions[key] for key, product in now["products"]} == {
        key: int(key in ids) for key in versions
    }
    new_changes = [change for change in now["changes"] if change not in before["changes"]]
    assert {change[2] for change in new_changes} == ids
    assert all(set(change[5]) == {"price"} for change in new_changes)
    assert len(now["offers"]) == len(before["offers"])
