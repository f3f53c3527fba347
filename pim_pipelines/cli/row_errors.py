"""`pim errors`: what is wrong with the rows of an import, and the report to correct them in."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pim_pipelines.cli.client import ApiClient, job_id
from pim_pipelines.cli.json_lines import AsJson, print_json
from pim_pipelines.cli.listing import Columns, Limit, number, show, text
from pim_pipelines.cli.target import api_url
from pim_pipelines.errors import InvalidField, PimError
from pim_pipelines.importing.rules.error_types import ErrorType, Severity
from pim_pipelines.settings import settings

LONGEST_VALUE = 40

COLUMNS: Columns = {
    "row": number("row_number"),
    "severity": text("severity"),
    "type": text("error_type"),
    "field": text("field"),
    "message": text("message"),
    "value": lambda error: _short(error.get("raw_value") or ""),
}


class ReportKind(StrEnum):
    """What a report can be."""

    CSV = "csv"
    XLSX = "xlsx"


def list_errors(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="The import, as `pim jobs` shows it.")],
    *,
    severity: Annotated[Severity | None, typer.Option(help="Only errors, or only warnings.")] = None,
    error_type: Annotated[ErrorType | None, typer.Option("--type", help="Only those of this type.")] = None,
    search: Annotated[str | None, typer.Option(help="Only those with this text in the message.")] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Save the report instead: .csv with all errors, or .xlsx with the rows that failed, to be corrected "
            "and imported again.",
        ),
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the errors and warnings of an import, by row."""
    wanted = job_id(import_id)
    client = ApiClient(api_url(), settings().api_key)
    if save:
        _save(client, wanted, save)
        if as_json:
            print_json({"id": wanted, "saved": str(save)})
        else:
            print(f"Saved as {save}.")
        return
    pages = client.errors_of(wanted, limit or None, severity=severity, error_type=error_type, search=search)
    none = "No errors and no warnings."
    show(pages, COLUMNS, as_json=as_json, none=none, right=("row",), whole=("row", "severity", "type"))


def _save(client: ApiClient, import_id: str, target: Path) -> None:
    ending = target.suffix.removeprefix(".").lower()
    if ending not in list(ReportKind):
        raise InvalidField.one("save", f"--save wants a file that ends in .csv or .xlsx, and got {target.name!r}.")
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            client.save_report(import_id, ending, file)
        part.replace(target)
    except OSError as error:
        raise PimError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"
