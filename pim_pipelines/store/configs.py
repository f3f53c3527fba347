"""The configs of automated imports: where files come from, when, and what is done with them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Json, Jsonb


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What its owner decides of a config; `next_run_at` follows from it."""

    name: str
    supplier_id: int | None
    template_id: int | None
    schedule: str
    timezone: str
    source: dict[str, Any]
    source_secret: bytes | None = field(repr=False)
    column_mapping: dict[str, str | None] | None
    validation_rules: dict[str, Any]
    import_options: dict[str, Any]
    is_active: bool
    next_run_at: datetime | None

    def values(self) -> dict[str, Any]:
        """Give the columns as they are stored."""
        mapping = self.column_mapping
        return {name: getattr(self, name) for name in Contents.__dataclass_fields__} | {
            "source": Jsonb(self.source),
            "column_mapping": Json(mapping) if mapping is not None else None,
            "validation_rules": Jsonb(self.validation_rules),
            "import_options": Jsonb(self.import_options),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Contents):
    """A row of `import_configs`, with the codes of its tenant and supplier."""

    id: int
    uuid: UUID
    tenant_id: int
    tenant_code: str
    supplier_uuid: UUID | None
    supplier_code: str | None
    template_uuid: UUID | None
    last_checked_at: datetime | None
    last_result: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def every_file(self) -> bool:
        """Whether all files that match are meant, not the newest alone."""
        return bool(self.source.get("all_matching"))


_SELECT = """
  select c.id, c.uuid, c.tenant_id, t.code as tenant_code, c.supplier_id, s.uuid as supplier_uuid,
    s.code as supplier_code, c.template_id, m.uuid as template_uuid, c.name, c.schedule, c.timezone, c.source,
    c.source_secret, c.column_mapping, c.validation_rules, c.import_options, c.is_active, c.next_run_at,
    c.last_checked_at, c.last_result, c.created_at, c.updated_at
  from import_configs c
  join tenants t on t.id = c.tenant_id
  left join suppliers s on s.id = c.supplier_id
  left join mapping_templates m on m.id = c.template_id
"""


def insert(conn: Connection[Any], tenant_id: int, contents: Contents) -> Config:
    """Make a config."""
    row = conn.execute(
        """insert into import_configs (tenant_id, name, supplier_id, template_id, schedule, timezone, source,
             source_secret, column_mapping, validation_rules, import_options, is_active, next_run_at)
           values (%(tenant_id)s, %(name)s, %(supplier_id)s, %(template_id)s, %(schedule)s, %(timezone)s, %(source)s,
             %(source_secret)s, %(column_mapping)s, %(validation_rules)s, %(import_options)s, %(is_active)s,
             %(next_run_at)s) returning id""",
        contents.values() | {"tenant_id": tenant_id},
    ).fetchone()
    made = by_id(conn, row[0]) if row else None
    assert made is not None  # noqa: S101 - inserted in this transaction
    return made


def update(conn: Connection[Any], config: Config, contents: Contents) -> Config | None:
    """Give a config other contents; None where it is gone."""
    conn.execute(
        """update import_configs set name = %(name)s, supplier_id = %(supplier_id)s, template_id = %(template_id)s,
             schedule = %(schedule)s, timezone = %(timezone)s, source = %(source)s, source_secret = %(source_secret)s,
             column_mapping = %(column_mapping)s, validation_rules = %(validation_rules)s,
             import_options = %(import_options)s, is_active = %(is_active)s, next_run_at = %(next_run_at)s,
             updated_at = now()
           where id = %(id)s""",
        contents.values() | {"id": config.id},
    )
    return by_id(conn, config.id)


def delete(conn: Connection[Any], tenant_id: int, uuid: UUID) -> bool:
    """Remove a config with its ledger and its looks; the jobs that came of it stay."""
    row = conn.execute(
        "delete from import_configs where tenant_id = %s and uuid = %s returning 1", (tenant_id, uuid)
    ).fetchone()
    return row is not None


def by_id(conn: Connection[Any], config_id: int) -> Config | None:
    """Return the config of a row id, which never leaves the house."""
    with conn.cursor(row_factory=class_row(Config)) as cursor:
        return cursor.execute(f"{_SELECT} where c.id = %s", (config_id,)).fetchone()


def by_uuid(
    conn: Connection[Any], uuid: UUID, tenant_id: int | None = None, *, for_change: bool = False
) -> Config | None:
    """Return a config, of this tenant only, where one is named; `for_change` keeps others from changing it."""
    lock = "for update of c" if for_change else ""
    with conn.cursor(row_factory=class_row(Config)) as cursor:
        return cursor.execute(
            f"{_SELECT} where c.uuid = %s and (%s::int is null or c.tenant_id = %s) {lock}",
            (uuid, tenant_id, tenant_id),
        ).fetchone()


def list_page(
    conn: Connection[Any],
    tenant_id: int,
    *,
    supplier_code: str | None = None,
    is_active: bool | None = None,
    limit: int,
    offset: int,
) -> tuple[list[Config], int]:
    """Return a page of the configs, newest first, and how many there are."""
    where = """where c.tenant_id = %(tenant)s and (%(supplier)s::text is null or s.code = %(supplier)s)
        and (%(active)s::boolean is null or c.is_active = %(active)s)"""
    values = {"tenant": tenant_id, "supplier": supplier_code, "active": is_active, "limit": limit, "offset": offset}
    total = conn.execute(
        f"select count(*) from import_configs c left join suppliers s on s.id = c.supplier_id {where}", values
    ).fetchone()
    with conn.cursor(row_factory=class_row(Config)) as cursor:
        items = cursor.execute(
            f"{_SELECT} {where} order by c.created_at desc, c.id desc limit %(limit)s offset %(offset)s", values
        ).fetchall()
    return items, int(total[0]) if total else 0


# When they are looked at ---------------------------------------------------------------------------------


def due(conn: Connection[Any], now: datetime, limit: int) -> list[Config]:
    """Return the active configs whose time has come, oldest first, and keep them for this transaction."""
    with conn.cursor(row_factory=class_row(Config)) as cursor:
        return cursor.execute(
            f"""{_SELECT} where c.is_active and c.next_run_at <= %s
                order by c.next_run_at, c.id limit %s for update of c skip locked""",
            (now, limit),
        ).fetchall()


def due_next(conn: Connection[Any]) -> tuple[int, Config | None]:
    """Return how many active configs there are, and the one that is due next."""
    total = conn.execute("select count(*) from import_configs where is_active").fetchone()
    with conn.cursor(row_factory=class_row(Config)) as cursor:
        first = cursor.execute(
            f"{_SELECT} where c.is_active and c.next_run_at is not null order by c.next_run_at, c.id limit 1"
        ).fetchone()
    return int(total[0]) if total else 0, first


def move_on(conn: Connection[Any], config_id: int, next_run_at: datetime | None) -> None:
    """Set when a config is due next."""
    conn.execute("update import_configs set next_run_at = %s where id = %s", (next_run_at, config_id))


def watched(conn: Connection[Any], looked_before: datetime, limit: int) -> list[Config]:
    """Return active `on_new_file` configs that nobody has looked at since a moment, and nobody does now."""
    with conn.cursor(row_factory=class_row(Config)) as cursor:
        return cursor.execute(
            f"""{_SELECT} where c.is_active and (c.source ->> 'on_new_file')::boolean
                  and (c.last_checked_at is null or c.last_checked_at <= %s)
                  and not exists (select from looks l where l.config_id = c.id and l.state in ('waiting', 'running'))
                order by c.last_checked_at nulls first, c.id limit %s""",
            (looked_before, limit),
        ).fetchall()


def watched_count(conn: Connection[Any]) -> int:
    """Return how many active configs say `on_new_file`."""
    row = conn.execute(
        "select count(*) from import_configs c where c.is_active and (c.source ->> 'on_new_file')::boolean"
    ).fetchone()
    return int(row[0]) if row else 0


def reseal(conn: Connection[Any], config_id: int, old: bytes, new: bytes) -> None:
    """Keep the same secrets encrypted with another key, unless they were changed meanwhile."""
    conn.execute(
        "update import_configs set source_secret = %s where id = %s and source_secret = %s", (new, config_id, old)
    )


def checked(conn: Connection[Any], config_id: int, at: datetime, result: str) -> None:
    """Note what a look at a config's place has found."""
    conn.execute(
        """update import_configs set last_checked_at = greatest(last_checked_at, %(at)s),
             last_result = case when last_checked_at > %(at)s then last_result else %(result)s end
           where id = %(id)s""",
        {"at": at, "result": result[:2000], "id": config_id},
    )
