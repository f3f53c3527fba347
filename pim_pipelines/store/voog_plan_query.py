"""The statement that decides, for all rows of a Voog task at once, which product each means and what happens to it.

The parts, in the order of thought (`pg_temp.voog_places` has each row's place in its family):

    named      of each SKU of the file the product of the catalogue, where SKUs are matched
    matched    the product of the catalogue that a row names, and the one that an earlier attempt made of it
    judged     what is wrong with a row by itself
    roots      product rows, in groups that mean one product; parents: those rows as parents
    shoots     variant rows whose parent is sound, in groups likewise
    units      one for each product: its first row, and what is known of it
    allotted   its id, a new one where it is new; kin: that of its parent too
    slugs      `voog_slugs`
    spread     which chunk each family is in

Look-ups are lateral with `limit 1` or `offset 0`, which the planner cannot turn into a join over the whole catalogue.
"""

from psycopg.sql import SQL, Composable, Composed, Literal

from pim_pipelines.store.voog_slugs import SLUGS

_MATCHES = {
    "id": SQL("""
  left join lateral (
    select c.id, c.parent_id, c.slug from products c
    where c.id = p.id and c.tenant_id = %(tenant)s and c.created_import_id is distinct from %(job)s offset 0) m on true
"""),
    "sku": SQL("left join named m on m.sku = p.sku and m.is_variant = p.is_variant"),
    None: SQL("cross join (select null::bigint as id, null::bigint as parent_id, null::text as slug) m"),
}

OF_SKU = SQL("""
  cross join (select 0 as id union all select id from suppliers where tenant_id = %(tenant)s) s
  cross join lateral (
    select o.product_id, o.sku from supplier_products o
    where o.tenant_id = %(tenant)s and o.supplier_id = s.id and o.sku = k.sku collate "default" offset 0) o
  cross join lateral (
    select c.parent_id, c.slug from products c
    where c.id = o.product_id and c.sku = o.sku and (c.parent_id is not null) = k.is_variant
      and c.created_import_id is distinct from %(job)s offset 0) c""")
"""Joins to `k` (sku, is_variant) the products of its kind that have its SKU, as `o.product_id` and `c`.

A supplier's offer may have another SKU than its product; only the product's own is meant. Supplier by supplier, and
by the index's own collation: each look-up would walk through all offers of the tenant else. Parameters: `tenant, job`.
"""

# Each SKU is looked up once, however many rows of the file and products of the catalogue have it.
_NAMED = SQL("""named as materialized (
  select distinct on (k.sku, k.is_variant) k.sku, k.is_variant, o.product_id as id, c.parent_id, c.slug
  from (select distinct sku, is_variant from placed where sku is not null order by sku) k {of_sku}
  order by k.sku, k.is_variant, o.product_id),
""").format(of_sku=OF_SKU)

_MADE = SQL("""
  select id, parent_id, slug, created_row from products
  where tenant_id = %(tenant)s and created_at >= (select created_at from import_jobs where id = %(job)s)
    and created_import_id = %(job)s""")
_NOTHING_MADE = SQL(
    "select null::bigint as id, null::bigint as parent_id, null::text as slug, null::int as created_row where false"
)

_STATEMENT = SQL("""
insert into {plan} (row_number, chunk, is_variant, parent_row, parent_product, orphan, action, counts_as, writer,
  siblings, product_id, parent_id, position, slug, problem)
with placed as (
  select l.row_number, l.is_variant, l.parent_row, l.parent_product, l.orphan, r.id, r.sku, r.failed,
    r.slug, r.slug_base
  from pg_temp.voog_places l join {rows} r on r.row_number = l.row_number),
made as ({made}),
{named}matched as (
  select p.*, m.id as found, m.parent_id as found_parent, coalesce(m.slug, x.slug) as slug_there,
    x.id as made, x.parent_id as made_parent
  from (select * from placed order by {key}) p {match}
  left join made x on x.created_row = p.row_number),
judged as materialized (
  select m.*,
    case when failed then 'failed'
         when orphan is not null then orphan
         when found is not null and (found_parent is not null) <> is_variant
           then case when is_variant then 'is_a_product' else 'is_a_variant' end end as fault,
    case when found is null then {new_sku} end collate "C" as new_sku,
    case when found is null and {new_sku} is null then row_number end as alone
  from matched m),
roots as materialized (
  select row_number, found, slug_there, min(row_number) over g as first_row, count(*) over g as siblings,
    max(made) over g as made, slug, slug_base,
    found is not null or max(made) over g is not null or bool_or(slug_base is not null) over g as sound
  from judged where not is_variant and fault is null
  window g as (partition by found, new_sku, alone)),
asked_slugs as (                   -- the last that is given, and the first that a name gives
  select first_row, (array_agg(slug order by row_number desc) filter (where slug is not null))[1] as given,
    (array_agg(slug_base order by row_number) filter (where slug_base is not null))[1] as base
  from roots where sound group by first_row),
parents as materialized (
  select row_number, first_row, coalesce(found, made) as known, sound from roots
  {outside}),
shoots as materialized (
  select v.row_number, v.found, v.found_parent, v.made_parent, v.parent_product, p.known as parent_known,
    p.first_row as parent_first, min(v.row_number) over g as first_row, count(*) over g as siblings,
    max(v.made) over g as made
  from judged v left join parents p on p.row_number = v.parent_row
  where v.is_variant and v.fault is null and (v.parent_row is null or p.sound)
  window g as (partition by v.found, v.new_sku, v.alone)),
units as (
  select first_row, false as is_variant, coalesce(found, made) as known, made is not null as is_made, siblings,
    null::bigint as parent_known, null::int as parent_first
  from roots where row_number = first_row and sound
  union all
  select first_row, true, coalesce(found, made), made is not null, siblings,
    coalesce(found_parent, made_parent, parent_product, parent_known), parent_first
  from shoots where row_number = first_row),
allotted as materialized (
  select u.*, coalesce(known, nextval('products_id_seq')) as id
  from (select * from units order by coalesce(parent_first, first_row), is_variant, first_row) u),
kin as materialized (
  select u.first_row, u.is_variant, u.known, u.is_made, u.siblings, u.id, coalesce(u.parent_known, p.id) as parent_id
  from allotted u left join allotted p on u.is_variant and u.parent_known is null and p.first_row = u.parent_first),
last_places as (
  select k.parent_id, m.position
  from (select distinct parent_id from kin where known is null and parent_id is not null) k
  cross join lateral (select max(c.position) as position from products c where c.parent_id = k.parent_id offset 0) m),
positions as (
  select k.first_row,
    coalesce(l.position, 0) + row_number() over (partition by k.parent_id order by k.first_row) as position
  from kin k left join last_places l on l.parent_id = k.parent_id
  where k.is_variant and k.known is null),
wanted_slugs as (
  select k.first_row, r.slug_there, coalesce(a.given, case when k.known is null then a.base end) as base
  from kin k join roots r on r.row_number = k.first_row join asked_slugs a on a.first_row = k.first_row),
{slugs},
grouped as (
  select row_number, first_row from roots where sound union all select row_number, first_row from shoots),
done as (
  select j.row_number, j.is_variant, j.parent_row, j.parent_product, j.orphan, k.first_row, k.known, k.is_made,
    k.siblings, k.id, k.parent_id,
    case when k.first_row is null then
      coalesce(j.fault, case when j.is_variant then 'parent_failed' else 'nameless' end) end as problem,
    coalesce(k.parent_id, k.id, -j.row_number) as head
  from judged j left join grouped g on g.row_number = j.row_number left join kin k on k.first_row = g.first_row),
spread as ({spread})
select d.row_number, s.chunk, d.is_variant, d.parent_row, d.parent_product, d.orphan,
  (case when d.problem is not null then 'f' when d.row_number <> d.first_row then 'm'
    when d.known is null then 'c' else 'u' end)::"char",
  (case when d.problem is not null then 'f'
    when d.row_number = d.first_row and (d.known is null or d.is_made) then 'c' else 'u' end)::"char",
  d.first_row, d.siblings, d.id, d.parent_id,
  case when d.row_number = d.first_row then p.position end, case when d.row_number = d.first_row then n.slug end,
  d.problem
from done d
join spread s on s.head = d.head
left join positions p on p.first_row = d.first_row
left join final_slugs n on n.first_row = d.first_row
order by s.chunk, d.row_number
""")

_SPREAD = SQL("""
  select head, ((sum(rows) over (order by first_row) - rows)::bigint / {chunk_rows})::int as chunk
  from (select head, min(row_number) as first_row, count(*) as rows from done group by head) heads""")

_OUTSIDE = SQL("""union all
  select o.row_number, o.writer, o.product_id, o.problem is null
  from {plan} o where o.row_number in (select parent_row from pg_temp.voog_places)""")
"""Planned again, a variant may name a parent that is in another chunk; this chunk's own rows are out of the plan."""


def insert_statement(
    plan: Composable, rows: Composable, *, match_key: str | None, is_retried: bool, chunk: int | None, chunk_rows: int
) -> Composed:
    """Return the INSERT into the plan for the rows of `voog_places`; its parameters are `tenant` and `job`.

    match_key: `id`, `sku`, or None where nothing is matched. chunk: the one that the rows are planned again for.
    """
    again = chunk is not None
    return _STATEMENT.format(
        plan=plan,
        rows=rows,
        made=_MADE if is_retried else _NOTHING_MADE,
        named=_NAMED if match_key == "sku" else SQL(""),
        match=_MATCHES[match_key],
        key=SQL("sku" if match_key == "sku" else "id"),
        new_sku=SQL("sku" if match_key == "sku" else "null::text"),
        outside=_OUTSIDE.format(plan=plan) if again else SQL(""),
        slugs=SLUGS,
        spread=SQL("select distinct head, {}::int as chunk from done").format(Literal(chunk))
        if again
        else _SPREAD.format(chunk_rows=Literal(chunk_rows)),
    )
