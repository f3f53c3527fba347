"""The statement that decides, for all rows at once, which product each means and what happens to it.

It is put together from the parts that a file needs: most files have one row a product and no supplier has been there
before, and then neither windows nor look-ups are paid for. The parts, in the order of thought:

    ranked, live   rows with the same EAN and SKU (or the same EAN and none, …): the last one lives
    hit            rows whose hash is that of the supplier's offer: unchanged, found without an index look-up
    eans           rows with an EAN: their product by EAN, else the supplier's product of that SKU without an EAN
    skus           rows without: the oldest product with the SKU, in the catalogue or made by another row of the file
    judged         of the rows that mean one product, one writes it (the last; of a new product, the last with a title)
    roles          what each row does: c create, u write, o offer its SKU only, d superseded, p pend, s skip, r reject
    offered        which of the supplier's offers of the product each row is

Keys are sorted and looked up in lateral sub-selects with `limit 1` or `offset 0`, which the planner cannot turn into a
hash join over the whole catalogue: the time does not grow with it. All other joins are between sets of the file's rows,
whose sizes the planner does not know; nested loops are switched off (`store.plan`), or they would take n² steps.
"""

from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed

from pim_pipelines.store.staging import PLAN_COLUMNS, Staging

PART_ROWS = 100_000
"""Rows of the file that are loaded together; a transaction takes those of one bucket."""

BUCKETS = 4
"""Neighbouring GTINs share a bucket, so that a transaction fills whole index pages; see `BUCKET`."""

OFFER_ONLY = 0x517CC1B727220A95
"""XORed into the hash of a row that gave only its offer: as the one row of its product it would be no unchanged row."""

BUCKET = f"""(case when {{gtin}} is not null then hashint8({{gtin}} / 100000)
    when {{product}} is not null then hashint8({{product}}) else hashtext({{sku}}) end & {BUCKETS - 1})::smallint"""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts of the statement a run needs.

    may_collide: several rows may mean one product. has_offers: the supplier has some. has_products, has_eanless: the
    tenant has products with, without an EAN. use_hits: look for unchanged rows first. has_supplier: False matches SKUs
    in the whole tenant. again: only the rows named, for the transaction that they were in. half: only rows of even (0)
    or odd (1) buckets, so that two connections plan a file whose rows have nothing to do with each other.
    """

    may_collide: bool
    has_offers: bool
    has_products: bool
    has_eanless: bool
    use_hits: bool
    has_supplier: bool
    again: bool = False
    half: int | None = None

    @property
    def may_match(self) -> bool:
        """Whether the tenant has any product that a row could mean."""
        return self.has_products or self.has_eanless


def insert_statement(staging: Staging, shape: Shape) -> Composed:
    """Return the INSERT into the plan; its parameters are `Scope.values()`, and `rows, part, bucket` for `again`."""
    columns = ", ".join(PLAN_COLUMNS)
    ctes = [_keys(staging, shape), *(_collisions() if shape.may_collide else [])]
    ctes += [_hit(shape)] if shape.use_hits else []
    ctes += _eans(shape)
    ctes += [*_skus(shape), _judged()] if shape.may_collide else [_judged_alone()]
    ctes += [_offered(shape), _done(shape)]
    dead = (
        SQL("""
  union all
  select row_number, 'd', 's', false, null, null, false, gtin, gtin_scope, part, bucket from ranked where nth > 1""")
        if shape.may_collide
        else SQL("")
    )
    own = "" if staging.own_tables else "staging_id, "
    value = "" if staging.own_tables else f"{staging.id}, "
    return SQL(
        "insert into {plan} ({own}{columns})\nwith {ctes}\nselect {value}{columns} from (\n  {rows}{dead}\n) all_rows"
    ).format(
        plan=staging.plan_table,
        own=SQL(own),
        columns=SQL(columns),
        value=SQL(value),
        ctes=SQL(",\n").join(ctes),
        rows=SQL("select {} from done").format(SQL(columns)),
        dead=dead,
    )


def _bucket(gtin: str, product: str, sku: str, shape: Shape) -> str:
    return "%(bucket)s::smallint" if shape.again else BUCKET.format(gtin=gtin, product=product, sku=sku)


def _keys(staging: Staging, shape: Shape) -> Composed:
    part = "%(part)s::int" if shape.again else f"(k.row_number - 1) / {PART_ROWS}"
    bucket = _bucket("k.gtin", "null::bigint", "k.sku", shape)
    where = "where k.row_number = any(%(rows)s)" if shape.again else ""
    if shape.half is not None:
        where = f"where ({bucket} & 1) = {shape.half}"
    return SQL("""keys as (
  select k.row_number, k.gtin, k.gtin_scope, k.sku, k.row_hash, k.has_title, {part} as part, {bucket} as bucket
  from {keys} k {where})""").format(
        keys=staging.keys,
        part=SQL(part),
        bucket=SQL(bucket),
        where=SQL(where),
    )


def _collisions() -> list[Composable]:
    return [
        SQL("""ranked as (
  select k.*, row_number() over (partition by gtin, gtin_scope, sku collate "C" order by row_number desc) as nth
  from keys k)"""),
        SQL("live as (select * from ranked where nth = 1)"),
    ]


def _hit(shape: Shape) -> Composed:
    # Only rows with an EAN: their hash holds it, so the product is still theirs. An SKU may mean an older product now.
    one = """
  select k.row_number, o.product_id, o.offer_no, {whole} as whole
  from keys k join supplier_products o on o.row_hash = {hash}
  where k.gtin is not null and o.tenant_id = %(tenant)s and o.supplier_id = %(supplier)s
    and o.hash_version = %(hash_version)s and o.sku is not distinct from k.sku"""
    both = [one.format(whole="true", hash="k.row_hash")]
    if shape.may_collide:
        both.append(one.format(whole="false", hash=f"(k.row_hash # {OFFER_ONLY}::bigint)"))
    return SQL("hit as ({})").format(SQL("\n  union all").join(map(SQL, both)))


def _eans(shape: Shape) -> list[Composable]:
    hit = shape.use_hits
    found = SQL("""found as (
  select l.row_number, l.gtin, l.gtin_scope, l.sku, l.row_hash, l.has_title, l.part, l.bucket,
    {product} as product_id, {created} as created_import_id, {hit_columns}
  from (select * from {live} where gtin is not null order by part, bucket, gtin) l {hit} {lookup})""").format(
        live=SQL("live" if shape.may_collide else "keys"),
        product=SQL(("coalesce(h.product_id, p.id)" if hit else "p.id") if shape.has_products else "null::bigint"),
        created=SQL("p.created_import_id" if shape.has_products else "null::bigint"),
        hit_columns=SQL(
            "h.offer_no as hit_offer_no, h.whole as hit_whole"
            if hit
            else "null::int as hit_offer_no, null::boolean as hit_whole"
        ),
        hit=SQL("left join hit h using (row_number)" if hit else ""),
        lookup=SQL(
            f"""
  left join lateral (
    select p.id, p.created_import_id from products p
    where {"h.product_id is null and" if hit else ""} p.tenant_id = %(tenant)s and p.gtin = l.gtin
      and p.gtin_scope = l.gtin_scope
    limit 1) p on true"""
            if shape.has_products
            else ""
        ),
    )
    if not (shape.has_eanless and shape.has_offers):
        return [found, SQL("eans as (select f.*, false as adopts from found f)")]
    # A product without an EAN gets that of one row: of several EANs with its SKU, the first in the file.
    return [
        found,
        SQL("""candidates as (
  select distinct on (f.gtin, f.gtin_scope) f.gtin, f.gtin_scope, f.row_number, x.product_id, x.created_import_id
  from found f cross join lateral (
    select o.product_id, p.created_import_id
    from supplier_products o cross join lateral (
      select created_import_id from products where id = o.product_id and gtin is null offset 0) p
    where o.tenant_id = %(tenant)s and o.supplier_id = %(supplier)s and o.sku = f.sku
    order by o.product_id limit 1) x
  where f.product_id is null and f.sku is not null
  order by f.gtin, f.gtin_scope, f.row_number desc)"""),
        SQL("""adopted as (
  select distinct on (product_id) * from candidates order by product_id, row_number)"""),
        SQL("""eans as (
  select f.row_number, f.gtin, f.gtin_scope, f.sku, f.row_hash, f.has_title, f.part, f.bucket,
    coalesce(f.product_id, a.product_id) as product_id, coalesce(f.created_import_id, a.created_import_id)
      as created_import_id, f.hit_offer_no, f.hit_whole, a.product_id is not null as adopts
  from found f left join adopted a
    on f.product_id is null and a.gtin = f.gtin and a.gtin_scope = f.gtin_scope)"""),
    ]


def _skus(shape: Shape) -> list[Composable]:
    supplier = "and o.supplier_id = %(supplier)s" if shape.has_supplier else ""
    lookup = f"""
  left join lateral (
    select o.product_id, p.created_import_id, p.gtin, p.gtin_scope
    from supplier_products o cross join lateral (
      select created_import_id, gtin, gtin_scope from products where id = o.product_id offset 0) p
    where o.tenant_id = %(tenant)s {supplier} and o.sku = l.sku
    order by p.created_import_id is not distinct from %(job)s, o.product_id limit 1) c on true"""
    nothing = """
  cross join (select null::bigint as product_id, null::bigint as created_import_id, null::bigint as gtin,
    0 as gtin_scope) c"""
    return [
        SQL("""named as (
  select l.*, c.product_id, c.created_import_id, c.gtin as product_gtin, coalesce(c.gtin_scope, 0) as product_scope
  from (select * from live where gtin is null order by part, sku collate "C") l {})""").format(
            SQL(lookup if shape.may_match and (shape.has_offers or not shape.has_supplier) else nothing)
        ),
        # The product that a row with an EAN gives this SKU to: an existing one, else the first that the file makes.
        # What an earlier attempt has made of the file is taken as still to be made: a retry decides the same.
        SQL(
            """titled as materialized (
  select distinct gtin, gtin_scope from eans where has_title"""
            """ and (product_id is null or created_import_id is not distinct from %(job)s)),
linked as (
  select distinct on (e.sku) e.sku, e.product_id, e.created_import_id, e.gtin, e.gtin_scope, e.adopts,
    e.product_id is not null and e.created_import_id is distinct from %(job)s as is_old
  from (select * from eans where sku in (select sku from named) offset 0) e
    left join titled t using (gtin, gtin_scope)
  order by e.sku, 7 desc, case when e.created_import_id is distinct from %(job)s then e.product_id end,
    t.gtin is null, e.gtin)"""
        ),
        SQL("""paired as (
  select n.*, l.product_id as l_product_id, l.created_import_id as l_created_import_id, l.gtin as l_gtin,
    l.gtin_scope as l_gtin_scope, l.adopts as l_adopts, l.sku is not null and (n.product_id is null
      or n.created_import_id is not distinct from %(job)s or (l.is_old and l.product_id <= n.product_id)) as wins
  from named n left join linked l on l.sku = n.sku),
skus as (
  select row_number, sku, row_hash, has_title, part, bucket,
    case when wins then l_product_id else product_id end as product_id,
    case when wins then l_created_import_id else created_import_id end as created_import_id,
    case when wins then l_gtin else product_gtin end as gtin,
    case when wins then l_gtin_scope else product_scope end as gtin_scope,
    coalesce(wins and l_adopts, false) as adopts
  from paired)"""),
    ]


def _judged() -> SQL:
    return SQL("""meant as (
  select row_number, true as by_ean, sku, row_hash, has_title, part, product_id, created_import_id, gtin, gtin_scope,
    adopts, hit_offer_no, hit_whole from eans
  union all
  select row_number, false, sku, row_hash, has_title, part, product_id, created_import_id, gtin, gtin_scope,
    adopts, null, null from skus),
grouped as (
  select m.*, case when product_id is null then gtin end as new_gtin,
    case when product_id is null then gtin_scope end as new_scope,
    case when product_id is null and gtin is null then sku end collate "C" as new_sku
  from meant m),
judged as (
  select g.row_number, g.by_ean, g.sku, g.row_hash, g.has_title, g.part, g.product_id, g.hit_offer_no, g.hit_whole,
    g.new_gtin, g.new_scope, g.new_sku,
    max(created_import_id) over t as created_import_id, max(gtin) over t as gtin, max(gtin_scope) over t as gtin_scope,
    bool_or(adopts) over t as adopts, max(part) over t as last_part,
    case when product_id is not null and created_import_id is distinct from %(job)s then max(row_number) over t
      when product_id is not null then coalesce(max(row_number) filter (where has_title) over t, max(row_number) over t)
      when %(create_missing)s then max(row_number) filter (where has_title) over t end as writer
  from grouped g window t as (partition by product_id, new_gtin, new_scope, new_sku)),
ranked_skus as (
  select j.*, row_number() over (partition by product_id, new_gtin, new_scope, new_sku, sku collate "C"
    order by (row_number = writer) desc, row_number desc) as nth_of_sku
  from judged j),
roles as (
  select j.*, case
      when product_id is not null and not %(overwrite)s and created_import_id is distinct from %(job)s then 's'
      when writer is null then case when by_ean then 'p' else 'r' end
      when row_number = writer then case when product_id is null then 'c' else 'u' end
      when sku is null or nth_of_sku > 1 then 'd'
      else 'o' end as role
  from ranked_skus j),
peopled as (
  select r.*, count(*) filter (where role = 'o') over (partition by product_id, new_gtin, new_scope, new_sku) as others
  from roles r)""")


def _judged_alone() -> SQL:
    return SQL("""peopled as (
  select e.*, e.row_number as writer, 0 as others, case
      when product_id is null then case when has_title and %(create_missing)s then 'c' else 'p' end
      when not %(overwrite)s and created_import_id is distinct from %(job)s then 's'
      else 'u' end as role
  from eans e)""")


def _offered(shape: Shape) -> SQL:
    # kind 0: the offer of this SKU; 1: the first offer, for a row without an SKU; 2: one that has no SKU yet; 3: none.
    if not shape.has_offers:
        return SQL("""offered as (
  select r.*, r.hit_offer_no as offer_no_there, 0 as kind, null::bigint as hash_there, -1 as last_no from peopled r)""")
    return SQL("""offered as (
  select r.*, coalesce(r.hit_offer_no, o.offer_no) as offer_no_there, coalesce(o.kind, 0) as kind,
    o.row_hash as hash_there, coalesce(o.last_no, -1) as last_no
  from peopled r left join lateral (
    select o.offer_no, max(o.offer_no) over () as last_no,
      case when o.hash_version = %(hash_version)s then o.row_hash end as row_hash,
      case when o.sku is not distinct from r.sku then 0 when r.sku is null then 1
        when o.sku is null and r.role = 'u' then 2 else 3 end as kind
    from supplier_products o
    where r.role in ('u', 'o') and r.hit_offer_no is null and o.product_id = r.product_id
      and o.supplier_id = %(supplier)s
    order by 4, 1 limit 1) o on true)""")


def _done(shape: Shape) -> Composed:
    same = """not adopts and offer_no_there is not null and kind < 2 and (
        (role = 'u' and (hit_whole or hash_there = row_hash) and not (sku is null and others > 0))
        or (role = 'o' and (not hit_whole or hash_there = row_hash # {offer_only}::bigint)))"""
    group = "product_id, new_gtin, new_scope, new_sku"
    if shape.may_collide:
        fresh = f"coalesce(product_id, max(fresh) over (partition by {group}))"
        new_offer = f"""last_no + row_number() over (partition by {group}, role in ('c', 'u', 'o') and is_new_offer
            order by (role <> 'o') desc, row_number)"""
    else:
        fresh, new_offer = "coalesce(product_id, fresh)", "last_no + 1"
    return SQL("""fresh as (
  select o.*, case when role = 'c' then nextval('products_id_seq') end as fresh,
    (offer_no_there is null or kind = 3) and not (sku is null and others > 0) as is_new_offer,
    coalesce({same}, false) as same
  from offered o),
done as (
  select row_number,
    (case when same then 'e' when role = 'o' then 'u' else role end)::"char" as action,
    (case role when 'c' then 'c' when 'r' then 'f' when 'o' then 'u'
      when 'u' then case when created_import_id = %(job)s then 'c' else 'u' end else 's' end)::"char" as counts_as,
    role in ('c', 'u') as writes_product,
    case when role in ('p', 'r') then null else {fresh} end as product_id,
    (case when role in ('c', 'u', 'o') then
      case when is_new_offer then {new_offer} when sku is null and others > 0 then null else offer_no_there end
    end)::int as offer_no,
    role = 'u' and adopts as adopts, gtin, gtin_scope,
    case when role in ('c', 'u', 'o') then {part} else part end as part,
    {bucket} as bucket
  from fresh)""").format(
        same=SQL(same.format(offer_only=OFFER_ONLY)),
        fresh=SQL(fresh),
        new_offer=SQL(new_offer),
        part=SQL("last_part" if shape.may_collide else "part"),
        bucket=SQL(_bucket("gtin", "product_id", "sku", shape)),
    )
