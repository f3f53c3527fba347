"""Automated import configs as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, WithJsonSchema

from api.pixee.models import ID
from api.texts import LEFT_OUT, Code, Name, Text
from api.times import Seconds
from pim_pipelines.importing.lifecycle import JobStatus
from pim_pipelines.sources.places import FtpFields, HttpFields, MailFields, SftpFields
from pim_pipelines.store.configs import Config
from pim_pipelines.store.jobs import Job
from pim_pipelines.store.looks import Look

CONFIG_ID = "550e8400-e29b-41d4-a716-446655440099"
MAPPING = {"EAN": "ean", "Titre": "title", "Prix HT": "price", "Marque": "brand_name"}
SOURCE = {
    "type": "sftp",
    "host": "sftp.supplier.com",
    "username": "sftpuser",
    "key_file_path": "/keys/supplier_rsa",
    "directory_path": "/exports",
    "file_pattern": "products_*.csv",
}

FILE_SOURCE = """
Where the files come from: `type` and its connection fields, named as in the one-off imports.

| `type` | required | optional |
|---|---|---|
| `http` | `url` | |
| `ftp` | `host` | `port` (21), `username`, `password`, `directory_path` (`/`), `file_pattern`, `tls`, `passive` |
| `sftp` | `host`, `username`, `key_file_path` or `password` | `port` (22), `key_passphrase`, `host_key`, \
`directory_path` (`/`), `file_pattern` |
| `email` | `imap_host`, `email`, `password` | `imap_port` (993), `folder` (`INBOX`), `sender_filter`, `file_pattern` |

For all: `on_new_file` (default false): the place is watched between the scheduled times too.

For all but `http`: `all_matching` (default false: the newest file that matches), `after_import` `keep` (default; an
email is marked as read), `move` (into the folder `imported` beside it) or `delete`.

Secrets (`password`, `key_passphrase`, and user and query of a `url`) are stored encrypted and shown as `***`. Sent back
as `***` they stay, unless the host changes: then they are wanted again.
"""


_KINDS: dict[str, type[BaseModel]] = {"ftp": FtpFields, "sftp": SftpFields, "email": MailFields, "http": HttpFields}


_SAME = ("minimum", "maximum", "minLength", "maxLength", "default")


def _described(*, with_defaults: bool) -> dict[str, Any]:
    """Say in OpenAPI what may stand in a `file_source`; which of it must, `sources.divide` tells.

    A member's limits and default are said where they are the same for every type.
    """
    members: dict[str, Any] = {
        "type": {"type": "string", "enum": list(_KINDS), "examples": ["sftp"]},
        "after_import": {
            "type": "string",
            "enum": ["keep", "move", "delete"],
            "default": "keep",
            "description": "What is done with the file that was imported.",
        },
        "on_new_file": {
            "type": "boolean",
            "default": False,
            "description": "Watch the place between the scheduled times too.",
        },
    }
    for kind, model in _KINDS.items():
        needed = model.model_json_schema().get("required", [])
        for name, own in model.model_json_schema()["properties"].items():
            one = next((each for each in own.get("anyOf", []) if each.get("type") != "null"), own)
            said = {same: value for same in _SAME if (value := own.get(same, one.get(same))) is not None}
            if name in needed:
                said["default"] = None  # so that it is not another type's
            known = members.setdefault(name, {"type": one["type"], "description": "", **said})
            known["description"] += f"{'; ' if known['description'] else ''}{kind}: {own['description'].rstrip('.')}"
            for same in _SAME:
                if known.get(same) != said.get(same):
                    known[same] = None
    left_out = set() if with_defaults else {"default"}
    shown = {
        name: {key: value for key, value in member.items() if value is not None and key not in left_out}
        for name, member in members.items()
    }
    return {"type": "object", "additionalProperties": True, "properties": shown}


FileSourceChanges = Annotated[dict[str, Any], WithJsonSchema(_described(with_defaults=False))]
FileSource = Annotated[dict[str, Any], WithJsonSchema(_described(with_defaults=True) | {"required": ["type"]})]

SCHEDULE = (
    "Cron expression of five fields (e.g. `0 2 * * *` for daily at 2 AM), in UTC or in `timezone`. A clock time that "
    "daylight saving skips runs at the first moment after it; one that comes twice runs once, the first time."
)
WITHOUT = "Without one, the template's; without both, columns that are recognised beyond doubt are imported."


class ConfigToMake(BaseModel):
    """What a new automated config needs."""

    name: Name = Field(description="Descriptive name for the automation.", examples=["Daily Supplier A SFTP Import"])
    supplier_code: Code | None = Field(
        None,
        description="Supplier code to associate with imported products; an unknown one makes the supplier.",
        examples=["SUPPLIER_A"],
    )
    supplier_id: UUID | None = Field(None, description="UUID of the supplier (alternative to supplier_code).")
    template_id: UUID | None = Field(None, description="UUID of a saved mapping template to apply.")
    schedule: Text = Field(description=SCHEDULE, examples=["0 2 * * *"])
    timezone: Text = Field(
        "UTC", description="IANA time zone that `schedule` is in (default: UTC).", examples=["Europe/Berlin"]
    )
    file_source: FileSource = Field(description=FILE_SOURCE, examples=[SOURCE])
    mapping: dict[str, Any] | None = Field(
        None, description=f"Column mapping: file column → product field. {WITHOUT}", examples=[MAPPING]
    )
    validation_rules: dict[str, Any] | None = Field(None, examples=[{"price": {"required": True, "min": 0}}])
    import_options: dict[str, Any] | None = Field(None, examples=[{"overwrite_existing": True}])
    is_active: bool = Field(True, description="Activate the schedule immediately (default: true).")


class ConfigChanges(BaseModel):
    """What may be changed of a config; what is left out stays."""

    name: Name = Field(LEFT_OUT, examples=["Daily Supplier A SFTP Import"])
    supplier_code: Code | None = Field(None, description="null: none", examples=["SUPPLIER_A"])
    supplier_id: UUID | None = Field(None, description="UUID of the supplier (alternative to supplier_code).")
    template_id: UUID | None = Field(None, description="null: none")
    schedule: Text = Field(LEFT_OUT, description=SCHEDULE, examples=["0 2 * * *"])
    timezone: Text = Field(LEFT_OUT, examples=["Europe/Berlin"])
    file_source: FileSourceChanges = Field(
        LEFT_OUT,
        description="What changes of it: fields that are left out stay, null takes one away, another `type` begins "
        "anew. " + FILE_SOURCE,
        examples=[{"directory_path": "/exports/new"}],
    )
    mapping: dict[str, Any] | None = Field(None, description="The whole mapping anew; null: none.", examples=[MAPPING])
    validation_rules: dict[str, Any] | None = Field(None, examples=[{"price": {"required": True, "min": 0}}])
    import_options: dict[str, Any] | None = Field(None, examples=[{"overwrite_existing": True}])
    is_active: bool = Field(LEFT_OUT, description="false stops the schedule and the watching.")


class ConfigShown(BaseModel):
    """An automated import config."""

    id: UUID = Field(examples=[CONFIG_ID])
    name: str = Field(examples=["Daily Supplier A SFTP Import"])
    supplier_id: UUID | None
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    template_id: UUID | None
    schedule: str = Field(examples=["0 2 * * *"])
    timezone: str = Field(examples=["UTC"])
    file_source: dict[str, Any] = Field(description="Secrets are shown as `***`.", examples=[SOURCE])
    mapping: dict[str, str | None] | None = Field(examples=[MAPPING])
    validation_rules: dict[str, Any]
    import_options: dict[str, Any]
    is_active: bool
    next_run_at: Seconds | None = Field(description="in UTC; null when inactive")
    last_checked_at: Seconds | None = Field(description="when its place was looked at last")
    last_result: str | None = Field(
        description="what was found then",
        examples=["Nothing new: 1 imported before."],
    )
    created_at: Seconds
    updated_at: Seconds

    @classmethod
    def of(cls, config: Config) -> Self:
        """Show a config."""
        named = {
            "id": config.uuid,
            "supplier_id": config.supplier_uuid,
            "template_id": config.template_uuid,
            "file_source": config.source,
            "mapping": config.column_mapping,
        }
        return cls.model_validate(
            named | {name: getattr(config, name) for name in cls.model_fields if name not in named}
        )


class ConfigRun(BaseModel):
    """A look at a config's place that was asked for, and the import that came of it."""

    id: UUID | None = Field(
        description="The import job that was made; null where nothing is new, or as long as the file is being fetched: "
        "then `GET /imports/?config_id=` has it later.",
        examples=[ID],
    )
    status: JobStatus | None = Field(description="of that import job", examples=["pending"])
    import_ids: list[UUID] = Field(description="All that were made, with `all_matching`.", examples=[[ID]])
    config_id: UUID = Field(examples=[CONFIG_ID])
    supplier_code: str | None = Field(examples=["SUPPLIER_A"])
    state: str = Field(description="`waiting`, `running`, `done` or `failed`", examples=["done"])
    result: str | None = Field(
        description="what was found; null until it is done", examples=["1 new: products_2026-03-15.csv."]
    )
    created_at: Seconds

    @classmethod
    def of(cls, look: Look, jobs: list[Job]) -> Self:
        """Show a look."""
        created_at: datetime = look.due_at
        return cls(
            id=jobs[0].uuid if jobs else None,
            status=jobs[0].status if jobs else None,
            import_ids=[job.uuid for job in jobs],
            config_id=look.config_uuid,
            supplier_code=look.supplier_code,
            state=look.state,
            result=look.result,
            created_at=created_at,
        )
