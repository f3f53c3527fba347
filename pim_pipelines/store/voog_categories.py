"""Categories of products, by their names: made where they are missing, and set where a row has some."""

from collections.abc import Iterator, Sequence
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL

from pim_pipelines.store.voog_plan import Tables

BATCH = 5_000

_NAMED = """
  select distinct on (lower(n.name)) n.name
  from {rows} r cross join lateral jsonb_array_elements_text(r.categories) with ordinality n (name, nth)
  where r.categories is not null and not r.failed order by lower(n.name), r.row_number, n.nth"""


def missing(conn: Connection[Any], tables: Tables, tenant_id: int, language: str | None) -> Iterator[list[str]]:
    """Give the names in the file that no category of the tenant bears, in batches; whatever their case, each once.

    language: that of the names, None: the tenant's own.
    """
    known = """select lower(c.name) from categories c where c.tenant_id = %(tenant)s
      union all select lower(t.name) from category_texts t join categories c on c.id = t.category_id
      where c.tenant_id = %(tenant)s and t.language = %(language)s"""
    cursor = conn.execute(
        SQL("select n.name from ({}) n where lower(n.name) not in ({})").format(
            SQL(_NAMED).format(rows=tables.rows), SQL(known)
        ),
        {"tenant": tenant_id, "language": language},
    )
    while rows := cursor.fetchmany(BATCH):
        yield [row[0] for row in rows]


def make(
    conn: Connection[Any], tenant_id: int, language: str | None, names: Sequence[str], slugs: Sequence[str]
) -> None:
    """Make categories of these names, each with its slug, where another import has not made them meanwhile."""
    conn.execute(
        """with made as (
             insert into categories (tenant_id, name, slug)
             select %(tenant)s, name, slug from unnest(%(names)s::text[], %(slugs)s::text[]) n (name, slug)
             order by name on conflict (tenant_id, name) do nothing returning id, name)
           insert into category_texts (category_id, language, name)
           select id, %(language)s, name from made where %(language)s::text is not null""",
        {"tenant": tenant_id, "names": list(names), "slugs": list(slugs), "language": language},
    )


def put(conn: Connection[Any], tenant_id: int, language: str | None) -> None:
    """Set the categories of a chunk's products (`pg_temp.voog_chunk`) where their cells name some."""
    if conn.execute("select 1 from pg_temp.voog_chunk where categories is not null limit 1").fetchone() is None:
        return
    conn.execute(
        """create temp table voog_categories on commit drop as
           with named as materialized (
             select c.product_id, c.action, lower(n.name) as name
             from pg_temp.voog_chunk c cross join lateral jsonb_array_elements_text(c.categories) n (name)),
           known as (
             select distinct on (name) name, id from (
               select lower(c.name) as name, c.id, 1 as place from categories c where c.tenant_id = %(tenant)s
               union all
               select lower(t.name), c.id, 0 from category_texts t join categories c on c.id = t.category_id
               where c.tenant_id = %(tenant)s and t.language = %(language)s) names
             order by name, place, id)
           select distinct n.product_id, n.action, k.id as category_id
           from named n join known k on k.name = n.name""",
        {"tenant": tenant_id, "language": language},
    )
    conn.execute(
        """delete from product_categories p using pg_temp.voog_chunk c
           where c.action = 'u' and c.categories is not null and p.product_id = c.product_id
             and not exists (select from pg_temp.voog_categories v
               where v.product_id = p.product_id and v.category_id = p.category_id)"""
    )
    conn.execute(
        """insert into product_categories (product_id, category_id)
           select product_id, category_id from pg_temp.voog_categories order by 1, 2 on conflict do nothing"""
    )
