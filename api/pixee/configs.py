"""Automated imports: `/import-configs/configs`: list, create, get, change, delete, run now."""

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from psycopg import Connection

from api.answers import LOCATION, problems
from api.auth import PREFIX, ImportsReader, ImportsWriter
from api.paging import Page, PageNumber, offset
from api.pixee.accepting import IdempotencyKey
from api.pixee.config_models import CONFIG_ID, ConfigChanges, ConfigRun, ConfigShown, ConfigToMake
from api.pixee.jobs import location
from api.pixee.models import Deleted
from api.pixee.upload_form import JobFields, supplier_of, template_of
from api.problems import Problem, not_found
from api.runs import DagsterAway, RunRefused
from api.services import ApiServices, Services
from api.texts import Text
from api.waiting import waited_for
from pim_pipelines.automation import file_source
from pim_pipelines.automation.cron import DueTimes
from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.options import check_mapping, check_options, check_rules
from pim_pipelines.runs import of_look
from pim_pipelines.secret_box import SecretBox
from pim_pipelines.sources.egress import Egress
from pim_pipelines.store import configs, idempotency, jobs, looks, suppliers
from pim_pipelines.store.configs import Config, Contents
from pim_pipelines.store.keys import ApiKey
from pim_pipelines.store.looks import Cause, Look

log = logging.getLogger(__name__)
router = APIRouter(prefix=f"{PREFIX}/import-configs", tags=["automated imports"])

ConfigId = Annotated[UUID, Path(description="The config's UUID.", examples=[CONFIG_ID])]


@router.get("/configs", responses=problems(), summary="List automated configs")
def list_configs(
    *,
    key: ImportsReader,
    services: Services,
    supplier_code: Annotated[Text | None, Query(description="Filter by supplier code.")] = None,
    is_active: Annotated[bool | None, Query(description="Filter by whether the schedule is active.")] = None,
    page: PageNumber = 1,
    per_page: Annotated[int, Query(ge=1, le=100, description="Items per page, max 100.")] = 20,
) -> Page[ConfigShown]:
    """List the tenant's automated import configs, most recent first."""
    with services.connection() as conn:
        found, total = configs.list_page(
            conn,
            key.tenant_id,
            supplier_code=supplier_code,
            is_active=is_active,
            limit=per_page,
            offset=offset(page, per_page),
        )
    return Page[ConfigShown].of((ConfigShown.of(config) for config in found), total, page, per_page)


@router.post("/configs", status_code=201, responses=problems(415), summary="Create an automated config")
def create_config(body: ConfigToMake, response: Response, key: ImportsWriter, services: Services) -> ConfigShown:
    """Have files imported by a schedule: each due time looks for new files and imports them to the end.

    A file that was imported already (name, size, time and content) is not imported again; one that is still being
    written is left for the next tick. Where the mapping does not fit a file, its job waits in `awaiting_mapping`.
    """
    with services.connection() as conn:
        config = configs.insert(conn, key.tenant_id, _contents(conn, key, services, body.model_dump(), None))
    response.headers["Location"] = f"{PREFIX}/import-configs/configs/{config.uuid}"
    return ConfigShown.of(config)


@router.get("/configs/{config_id:uuid}", responses=problems(404), summary="Get an automated config")
def get_config(config_id: ConfigId, key: ImportsReader, services: Services) -> ConfigShown:
    """Return an automated config, with when it is due next and what its last look has found."""
    with services.connection() as conn:
        return ConfigShown.of(_find(conn, key, config_id))


@router.patch("/configs/{config_id:uuid}", responses=problems(404, 415), summary="Change an automated config")
def change_config(config_id: ConfigId, body: ConfigChanges, key: ImportsWriter, services: Services) -> ConfigShown:
    """Change what is sent of a config. Jobs that were made by it stay as they are."""
    changes = body.model_dump(exclude_unset=True)
    with services.connection() as conn:
        config = _find(conn, key, config_id, for_change=True)
        changed = configs.update(conn, config, _contents(conn, key, services, _kept(config, changes) | changes, config))
        assert changed is not None  # noqa: S101 - it is kept for this transaction
        return ConfigShown.of(changed)


@router.delete("/configs/{config_id:uuid}", responses=problems(404), summary="Delete an automated config")
def delete_config(config_id: ConfigId, key: ImportsWriter, services: Services) -> Deleted:
    """Remove a config, its credentials and its ledger of files. Jobs that were made by it stay, without `config_id`."""
    with services.connection() as conn:
        if not configs.delete(conn, key.tenant_id, config_id):
            raise not_found("automated config")
    return Deleted(deleted=True, id=config_id)


@router.post(
    "/configs/{config_id:uuid}/run",
    status_code=202,
    responses=problems(404, 409) | LOCATION,
    summary="Run an automated config now",
)
def run_config(
    config_id: ConfigId,
    response: Response,
    key: ImportsWriter,
    services: Services,
    idempotency_key: IdempotencyKey = None,
) -> ConfigRun:
    """Look for new files now, also while the config is inactive; its schedule stays as it is.

    As at a due time, files that were imported already are not imported again. The answer waits some seconds for what is
    found; where Dagster is away, the look is done when it is back.
    """
    once = (idempotency_key or "").strip()
    with services.connection() as conn:
        config = _find(conn, key, config_id)
        seen = idempotency.reserve(conn, key.tenant_id, once, _fingerprint(config)) if once else None
        look = None if seen else looks.begin(conn, config.id, datetime.now(UTC), Cause.REQUEST)
    if seen is not None:
        return _again(seen, config, response)
    assert look is not None  # noqa: S101 - no other look is due at this very microsecond
    if _is_launched(services, look):
        uuid = look.uuid
        look = waited_for(services, look, _is_over, lambda conn: looks.get(conn, uuid))
    with services.connection() as conn:
        answer = ConfigRun.of(look, jobs.of_look(conn, look.config_id, look.due_at))
        if once:
            idempotency.answer(conn, key.tenant_id, once, answer.model_dump(mode="json"))
    _locate(response, answer)
    return answer


def _find(conn: Connection[Any], key: ApiKey, uuid: UUID, *, for_change: bool = False) -> Config:
    config = configs.by_uuid(conn, uuid, key.tenant_id, for_change=for_change)
    if config is None:
        raise not_found("automated config")
    return config


def _kept(config: Config, changes: dict[str, Any]) -> dict[str, Any]:
    """Return what a change leaves as it is; either of the supplier's fields replaces both."""
    return {
        "name": config.name,
        "supplier_code": None,
        "supplier_id": None if {"supplier_code", "supplier_id"} & changes.keys() else config.supplier_uuid,
        "template_id": config.template_uuid,
        "schedule": config.schedule,
        "timezone": config.timezone,
        "file_source": {},
        "mapping": config.column_mapping,
        "validation_rules": config.validation_rules,
        "import_options": config.import_options,
        "is_active": config.is_active,
    }


def _contents(
    conn: Connection[Any], key: ApiKey, services: ApiServices, values: dict[str, Any], stored: Config | None
) -> Contents:
    """Return what the store keeps of `ConfigToMake`'s values; raises InvalidField with every problem of them."""
    wrong: list[tuple[str, str, str]] = []

    def checked(check: Callable[[], Any]) -> Any:
        try:
            return check()
        except InvalidField as error:
            wrong.extend((_renamed(field), message, code) for field, message, code in error.problems)

    fields = JobFields.model_construct(
        supplier_code=values["supplier_code"], supplier_id=values["supplier_id"], template_id=values["template_id"]
    )
    has_supplier = fields.supplier_code is not None or fields.supplier_id is not None
    source, sealed = checked(lambda: _source(values["file_source"], services, stored)) or ({}, None)
    supplier = checked(lambda: supplier_of(conn, key, fields))
    template = checked(lambda: template_of(conn, key, fields))
    due = checked(lambda: DueTimes(values["schedule"], values["timezone"]))
    mapping = values["mapping"]
    column_mapping = None if mapping is None else checked(lambda: check_mapping(mapping, None))
    rules = checked(lambda: dict(check_rules(values["validation_rules"] or {})))
    options = checked(lambda: check_options(values["import_options"] or {}, has_supplier))
    if wrong:
        raise InvalidField(wrong)
    if supplier is None and fields.supplier_code is not None:
        supplier = suppliers.ensure(conn, key.tenant_id, fields.supplier_code)
    return Contents(
        name=values["name"],
        supplier_id=supplier.id if supplier else None,
        template_id=template.id if template else None,
        schedule=" ".join(values["schedule"].split()),
        timezone=values["timezone"],
        source=source,
        source_secret=sealed,
        column_mapping=column_mapping,
        validation_rules=rules,
        import_options=options,
        is_active=values["is_active"],
        next_run_at=_next_run_at(due, values, stored),
    )


def _next_run_at(due: DueTimes, values: dict[str, Any], stored: Config | None) -> datetime | None:
    """Return when a config is due next; one whose schedule stays keeps a time that has just come."""
    if not values["is_active"]:
        return None
    timed = (values["schedule"], values["timezone"])
    if stored and stored.next_run_at is not None and timed == (stored.schedule, stored.timezone):
        return stored.next_run_at
    return due.after(datetime.now(UTC))


def _source(given: dict[str, Any], services: ApiServices, stored: Config | None) -> tuple[dict[str, Any], bytes | None]:
    """Return a `file_source` as it is stored, and its secrets encrypted with the newest key; raises InvalidField."""
    fernet_keys = services.settings.secret_key or ""
    had = SecretBox(fernet_keys).open(stored.source_secret) if stored and stored.source_secret else {}
    source, secrets = file_source.accepted(given, stored.source if stored else None, had)
    is_plain = source["type"] == "email" and source.get("tls") is False
    if is_plain and not Egress(services.settings.egress_allow).could_allow(
        source["imap_host"], source.get("imap_port", 993)
    ):
        message = "false is only for hosts in PIM_EGRESS_ALLOW: use TLS."
        raise InvalidField.one("file_source.tls", message, "not_allowed")
    return source, SecretBox(fernet_keys).seal(secrets) if secrets else None


def _renamed(field: str) -> str:
    return field.replace("column_mapping", "mapping", 1) if field.startswith("column_mapping") else field


def _is_launched(services: ApiServices, look: Look) -> bool:
    try:
        services.runs.launch(of_look(look))
    except (DagsterAway, RunRefused) as error:
        log.warning("look %s waits for its run: %s", look.uuid, error)
        return False
    return True


def _is_over(look: Look) -> bool:
    return look.finished_at is not None


def _fingerprint(config: Config) -> bytes:
    return hashlib.sha256(f"run {config.uuid}".encode()).digest()


def _again(seen: idempotency.Seen, config: Config, response: Response) -> ConfigRun:
    """Give the first answer again; raises Problem where the key was for something else, or is at work."""
    if seen.fingerprint != _fingerprint(config):
        raise Problem(422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key came with another request before.")
    if seen.answer is None:
        raise Problem(409, "IDEMPOTENCY_KEY_IN_USE", "The first request with this key is still at work: try again.")
    answer = ConfigRun.model_validate(seen.answer)
    response.headers["Idempotency-Replayed"] = "true"
    _locate(response, answer)
    return answer


def _locate(response: Response, answer: ConfigRun) -> None:
    path = location(answer.id) if answer.id else f"{PREFIX}/import-configs/configs/{answer.config_id}"
    response.headers["Location"] = path
