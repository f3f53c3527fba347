"""Carrying out one chunk of a Voog task's plan: products, their offers, texts and categories.

All goes from the run's tables into the catalogue inside the database. What concerns products that are there goes
through `store.products.change`, like everybody's. The transaction is the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from pim_pipelines.store import outbox, products, voog_staging
from pim_pipelines.store.outbox import Event
from pim_pipelines.store.plan_query import BUCKETS
from pim_pipelines.store.voog_catalogue import SHOWN_STATUS
from pim_pipelines.store.voog_plan import Tables
from pim_pipelines.store.voog_plan_query import OF_SKU
from pim_pipelines.store.writing import Kinds, Stale, Writer

VALUES = tuple(name for name in voog_staging.ROW_COLUMNS if name not in voog_staging.PLANNED_BY)
"""The columns of a staged row that are values of its product."""

TEXTS = ("title", "description", "og_description", "variant_attributes")
"""Values that belong to a language, as they are named in `products` and in `product_texts`."""

SUPPLIER = 0
"""Whose offers a task's SKUs are."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a task's rows are meant. language: of their texts, None: the tenant's own. matched_by: `id`, `sku`, None."""

    language: str | None
    matched_by: str | None

    @property
    def changed(self) -> list[str]:
        """The columns of products that are there which a row may change.

        A SKU that found its product is no new value of it: another import may have given it another meanwhile.
        """
        own = [name for name in VALUES if name != "categories" and not (self.language and name in TEXTS)]
        return [name for name in own if not (name == "sku" and self.matched_by == "sku")] + ["is_active"]


def put_chunk(conn: Connection[Any], tables: Tables, writer: Writer, manner: Manner, chunk: int) -> None:
    """Write a chunk's products and all that belongs to them; raises Stale where the catalogue is not as was planned."""
    _take(conn, tables, chunk)
    has = dict(conn.execute("select action::text, count(*) from pg_temp.voog_chunk group by 1").fetchall())
    _look_for_parents(conn, writer)
    if has.get("c"):
        _create(conn, writer, manner)
    if has.get("u"):
        _receive(conn, manner)
        products.change(conn, writer, manner.changed, Kinds(renames=True))
    if manner.language is not None:
        _put_texts(conn, manner.language)


def _take(conn: Connection[Any], tables: Tables, chunk: int) -> None:
    """Put together what the chunk says of each product: of several rows, of each field the last that is not blank."""
    conn.execute("select set_config('enable_nestloop', 'on', true)")
    last = SQL(", ").join(
        SQL("(array_agg(r.{0} order by r.row_number desc) filter (where r.{0} is not null))[1] as {0}").format(
            Identifier(name)
        )
        for name in VALUES
    )
    conn.execute(
        SQL(
            """create temp table voog_chunk on commit drop as
               select p.row_number, p.action, p.is_variant, p.product_id, p.parent_id, p.position, p.slug as new_slug,
                 {values}
               from {plan} p join {rows} r on r.row_number = p.row_number
               where p.chunk = {chunk} and p.action in ('c', 'u') and p.siblings = 1
               union all
               select p.row_number, p.action, p.is_variant, p.product_id, p.parent_id, p.position, p.slug, {merged}
               from (
                 select m.writer, {last} from {plan} m join {rows} r on r.row_number = m.row_number
                 where m.chunk = {chunk} and m.action <> 'f' and m.siblings > 1 group by m.writer) r
               join {plan} p on p.row_number = r.writer and p.chunk = {chunk}"""
        ).format(
            plan=tables.plan,
            rows=tables.rows,
            chunk=Literal(chunk),
            last=last,
            values=_of("r", VALUES),
            merged=_of("r", VALUES),
        )
    )
    conn.execute("analyze pg_temp.voog_chunk (row_number, action, product_id, parent_id, sku)")  # long texts take long


def _look_for_parents(conn: Connection[Any], writer: Writer) -> None:
    """Raise Stale where a new variant's product neither is there nor is made by this chunk."""
    row = conn.execute(
        """select 1 from pg_temp.voog_chunk c
           left join pg_temp.voog_chunk p on p.product_id = c.parent_id
           left join lateral (
             select t.id from products t where p.product_id is null and t.id = c.parent_id and t.tenant_id = %s
               and t.parent_id is null offset 0) t on true
           where c.action = 'c' and c.is_variant and coalesce(p.product_id, t.id) is null limit 1""",
        (writer.tenant,),
    ).fetchone()
    if row:
        raise Stale("the product of a new variant is gone")


def _create(conn: Connection[Any], writer: Writer, manner: Manner) -> None:
    # A variant without a name of its own has its product's: as that is called in the catalogue, or will be.
    own = Literal(manner.language is None)
    plain = [name for name in VALUES if name not in ("title", "slug", "status", "categories")]
    if manner.language is not None:  # but for the variant attributes, which tell variants apart
        plain = [name for name in plain if name not in TEXTS or name == "variant_attributes"]
    conn.execute(
        SQL(
            """insert into products (id, tenant_id, parent_id, position, slug, title, status, is_active,
                 created_import_id, created_row, last_import_id, {columns})
               select c.product_id, %(tenant)s, c.parent_id, c.position, c.new_slug,
                 coalesce(c.title, case when p.action = 'c' or {own} then p.title end, t.title),
                 coalesce(c.status, 'draft'), coalesce(c.status, 'draft') = 'live',
                 %(change_set)s, c.row_number, %(change_set)s, {values}
               from pg_temp.voog_chunk c
               left join pg_temp.voog_chunk p on c.title is null and p.product_id = c.parent_id
               left join lateral (
                 select t.title from products t where c.title is null and t.id = c.parent_id offset 0) t on true
               where c.action = 'c' order by c.product_id"""
        ).format(columns=_of(None, plain), values=_of("c", plain), own=own),
        {"tenant": writer.tenant, "change_set": writer.change_set},
    )
    conn.execute(
        """insert into supplier_products (tenant_id, supplier_id, product_id, sku)
           select %s, %s, product_id, sku from pg_temp.voog_chunk
           where action = 'c' and sku is not null order by product_id""",
        (writer.tenant, SUPPLIER),
    )
    if Event.PRODUCT_CREATED in outbox.wanted(conn, writer.tenant):
        made = conn.execute("select product_id from pg_temp.voog_chunk where action = 'c' order by 1").fetchall()
        outbox.put_products(conn, writer.tenant, Event.PRODUCT_CREATED, [row[0] for row in made])


def _receive(conn: Connection[Any], manner: Manner) -> None:
    """Take in what `products.change` works on.

    The offer is one only where no offer of the product has the SKU: then that of the old SKU gets it, else one without
    a SKU, else a new one. A status that the product shows already is none.
    """
    given: dict[str, Composable] = {name: SQL("c.{}").format(Identifier(name)) for name in manner.changed}
    given["slug"] = SQL("c.new_slug")
    given["status"] = SQL("case when c.status <> p.shown then c.status end")
    given["is_active"] = SQL("case when c.status <> p.shown then c.status = 'live' end")
    given["sku"] = SQL("c.sku")
    conn.execute(
        SQL(
            """create temp table incoming on commit drop as
               select c.row_number, c.product_id, o.offer_no, true as writes_product, false as adopts,
                 null::bigint as gtin, null::int as gtin_scope, null::text as ean, null::bigint as row_hash,
                 null::text as clear, {values}
               from pg_temp.voog_chunk c
               left join lateral (
                 select p.sku, {shown} as shown
                 from products p where p.id = c.product_id offset 0) p on true
               left join lateral (
                 select case when count(*) filter (where s.sku = c.sku) > 0 then null
                   else coalesce(min(s.offer_no) filter (where s.supplier_id = {supplier} and s.sku = p.sku),
                     min(s.offer_no) filter (where s.supplier_id = {supplier} and s.sku is null),
                     max(s.offer_no) filter (where s.supplier_id = {supplier}) + 1, 0) end as offer_no
                 from supplier_products s where s.product_id = c.product_id and c.sku is not null
                 having c.sku is not null offset 0) o on true
               where c.action = 'u' order by c.product_id"""
        ).format(
            values=SQL(", ").join(SQL("{} as {}").format(value, Identifier(name)) for name, value in given.items()),
            shown=SQL(SHOWN_STATUS),
            supplier=Literal(SUPPLIER),
        )
    )
    conn.execute("analyze pg_temp.incoming (row_number, product_id, offer_no)")


def _put_texts(conn: Connection[Any], language: str) -> None:
    conn.execute(
        SQL(
            """insert into product_texts as t (product_id, language, {columns})
               select product_id, %(language)s, {columns} from pg_temp.voog_chunk
               where num_nonnulls({columns}) > 0 order by product_id
               on conflict (product_id, language) do update set {kept}"""
        ).format(
            columns=_of(None, TEXTS),
            kept=SQL(", ").join(SQL("{0} = coalesce(excluded.{0}, t.{0})").format(Identifier(name)) for name in TEXTS),
        ),
        {"language": language},
    )


def refuse_taken_skus(conn: Connection[Any], writer: Writer) -> None:
    """Raise Stale where another import has made a product of a SKU that this chunk makes one of.

    It holds the locks under which others make products of SKUs until the end of the transaction, which should be soon.
    """
    new = "select 1 from pg_temp.voog_chunk where action = 'c' and sku is not null limit 1"
    if conn.execute(new).fetchone() is None:
        return
    for bucket in range(BUCKETS):
        conn.execute("select pg_advisory_xact_lock(%s, %s)", (writer.tenant, bucket))
    row = conn.execute(
        SQL("select 1 from pg_temp.voog_chunk k {} where k.action = 'c' limit 1").format(OF_SKU),
        {"tenant": writer.tenant, "job": writer.change_set},
    ).fetchone()
    if row:
        raise Stale("another import has made a product of this SKU")


def _of(table: str | None, names: Sequence[str]) -> Composable:
    return SQL(", ").join(Identifier(table, name) if table else Identifier(name) for name in names)


def own_language(conn: Connection[Any], tenant_id: int) -> str:
    """Return the language of a tenant's own texts."""
    row = conn.execute("select language from tenants where id = %s", (tenant_id,)).fetchone()
    return str(row[0]) if row else "en"
