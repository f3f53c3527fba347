"""The body of save-mapping: what is wrong with it, and whether the file must be read again for it."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from api.pixee.models import MappingToSave
from pim_pipelines.errors import InvalidField
from pim_pipelines.importing.options import check_columns, check_mapping, check_options, check_rules
from pim_pipelines.importing.readers.sheets import sheet_named
from pim_pipelines.store import moves
from pim_pipelines.store.jobs import Job

READING_OPTIONS = ("skip_header_rows", "sheet")
"""How the file was read; they stay when other options are saved, because a retry reads the file again."""

WITHOUT_HEADER = frozenset({"json", "ndjson", "xml"})
"""Formats that ignore `skip_header_rows`."""

Problems = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class CheckedMapping:
    """A mapping in its normal form, with the rules and options that came with it (None: they stay).

    is_reading: the options would have the file read in another way than it was, so it is read again, and only then
    can the mapping be held against its columns.
    """

    mapping: dict[str, str | None]
    rules: dict[str, Any] | None
    options: dict[str, Any] | None
    is_reading: bool


def check(job: Job, body: MappingToSave) -> CheckedMapping:
    """Return what is to be saved; raises InvalidField with every problem of mapping, rules and options."""
    found: Problems = []
    mapping: dict[str, str | None] = {}
    rules: dict[str, Any] | None = None
    options: dict[str, Any] | None = None
    is_reading = False
    columns = list((job.analysis or {}).get("columns", []))
    try:
        if body.import_options is not None:
            kept = {name: job.import_options[name] for name in READING_OPTIONS if name in job.import_options}
            options = kept | check_options(body.import_options, job.supplier_id is not None)
            is_reading = _is_read_otherwise(job, options)
            if not is_reading:
                check_columns(options, columns)
    except InvalidField as error:
        found += error.problems
    try:
        mapping = check_mapping(body.column_mapping, None if is_reading else columns)
    except InvalidField as error:
        found += error.problems
    try:
        rules = None if body.validation_rules is None else dict(check_rules(body.validation_rules))
    except InvalidField as error:
        found += error.problems
    if found:
        raise InvalidField(found)
    return CheckedMapping(mapping, rules, options, is_reading)


def store(conn: Connection[Any], job: Job, asked: CheckedMapping) -> bool:
    """Save it; False where the job is no longer one that can be given a mapping."""
    return moves.save_mapping(
        conn,
        job.uuid,
        column_mapping=asked.mapping,
        validation_rules=asked.rules,
        import_options=asked.options,
        read_again=asked.is_reading,
    )


def _is_read_otherwise(job: Job, options: dict[str, Any]) -> bool:
    """Tell whether options would have the file read in another way than it was; raises InvalidField."""
    analysis = job.analysis or {}
    was, wanted = job.import_options.get("skip_header_rows", 0), options.get("skip_header_rows", 0)
    read, sheets = analysis.get("sheet"), analysis.get("sheets", [])
    is_other = was != wanted and analysis.get("format") not in WITHOUT_HEADER
    if read is None or options.get("sheet") is None:
        return is_other
    sheet = sheet_named(str(options["sheet"]), sheets)
    if sheet is None:
        named = ", ".join(f'"{name}"' for name in sheets[:10])
        message = f'The workbook has no sheet "{options["sheet"]}"; it has {named}.'
        raise InvalidField([("import_options.sheet", message, "unknown_sheet")])
    return is_other or sheet != read
