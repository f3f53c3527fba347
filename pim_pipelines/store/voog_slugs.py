"""Slugs that no other product of the tenant has: the one wanted, or it with the first free number behind it.

Set-wise, so that a hundred thousand products of one name are no hundred thousand look-ups. The first row of the file
that wants a free slug gets it as it is; `base-2`, `base-3` … go to the others in their order, but for numbers that the
catalogue has, or that stand as they are in the file (`T-shirt 2`). A product that has its slug with a number keeps it.
"""

from psycopg.sql import SQL

SLUGS = SQL("""claims as materialized (
  select first_row, base, slug_there from wanted_slugs where base is not null and base is distinct from slug_there),
bases as materialized (
  select b.base, b.claims, t.is_taken is not null as is_taken
  from (select base, count(*) as claims from claims group by base order by base collate "C") b
  left join lateral (
    select true as is_taken from products t where t.tenant_id = %(tenant)s and t.slug = b.base limit 1) t on true),
ranked as materialized (
  select c.first_row, c.base, b.is_taken,
    not b.is_taken and row_number() over (partition by c.base order by c.first_row) = 1 as wins,
    c.slug_there ~ '-[1-9][0-9]*$' and regexp_replace(c.slug_there, '-[1-9][0-9]*$', '') = c.base as has_number
  from claims c join bases b on b.base = c.base),
seekers as materialized (
  select first_row, base, row_number() over (partition by base order by first_row) as nth
  from ranked where not wins and has_number is not true),
sought as (select base, max(nth) as seekers from seekers group by base),
numbers as (                       -- that are taken, as text: they may have any length
  select s.base, substr(t.slug, length(s.base) + 2) as number
  from sought s cross join lateral (
    select t.slug from products t where t.tenant_id = %(tenant)s and t.slug is not null
      and t.slug > s.base || '-' and t.slug < s.base || '.' offset 0) t
  where substr(t.slug, length(s.base) + 2) ~ '^[1-9][0-9]*$'
  union
  select s.base, substr(b.base, length(s.base) + 2)
  from sought s join bases b on regexp_replace(b.base, '-[1-9][0-9]*$', '') = s.base and b.base <> s.base),
free as (
  select base, number, row_number() over (partition by base order by number) as nth
  from (
    select s.base, n.number
    from sought s left join (select base, count(*) as taken from numbers group by base) t on t.base = s.base
    cross join lateral generate_series(2, 1 + s.seekers + coalesce(t.taken, 0)) n (number)) candidates
  where not exists (               -- as one key: else PostgreSQL may join by the base alone, which is n² for one name
    select from numbers t where t.number || ' ' || t.base = candidates.number || ' ' || candidates.base)),
final_slugs as (
  select first_row, base as slug from ranked where wins
  union all
  select s.first_row, s.base || '-' || f.number
  from seekers s join free f on f.nth || ' ' || f.base = s.nth || ' ' || s.base)""")
"""CTEs from `wanted_slugs` (first_row, slug_there, base: null where none) to `final_slugs` (first_row, slug)."""
