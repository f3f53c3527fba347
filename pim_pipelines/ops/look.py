"""look: see whether a config's place has new files, and have them imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dagster import (
    Backoff,
    Config,
    DagsterExecutionInterruptedError,
    Failure,
    MetadataValue,
    Nothing,
    OpExecutionContext,
    Out,
    Output,
    RetryPolicy,
    op,
)
from pydantic import Field

from pim_pipelines import metadata
from pim_pipelines.automation import looking
from pim_pipelines.automation.looking import Looker, Outcome
from pim_pipelines.errors import NotFound, PimError
from pim_pipelines.ops.border import failure, left_to_sensor, run_id_of
from pim_pipelines.resources import Catalogue, FileStore, SecretBox
from pim_pipelines.settings import settings
from pim_pipelines.sources.egress import NetworkTrouble
from pim_pipelines.store import configs, looks
from pim_pipelines.store.looks import Cause, Look

TRIES_AGAIN = 2
UNEXPECTED = "An unexpected error ended this look; show the Dagster run {run_id} to whoever runs this system."


class LookConfig(Config):
    """Which config is looked at."""

    config_id: str = Field(description="the automated config's id (a UUID), as the API shows it")
    look_id: str = Field(default="", description="the look that this run carries out; empty: one begins now")


@op(
    name="look",
    description=(
        "Lists the files in a config's place, holds them against the ledger of what was imported before, and brings "
        "the new ones into the file store, each with an import job of its own. `launch_pending_imports` launches the "
        "imports' runs. Tried again after trouble on the network, never after a wrong password. A look that another "
        "run has carried out is skipped."
    ),
    out=Out(Nothing, is_required=False, description="the place was looked at; its metadata names the imports made"),
    retry_policy=RetryPolicy(max_retries=TRIES_AGAIN, delay=2, backoff=Backoff.EXPONENTIAL),
    tags={"dagster/compute_kind": "file"},
)
def look_op(
    context: OpExecutionContext,
    config: LookConfig,
    catalogue: Catalogue,
    file_store: FileStore,
    secret_box: SecretBox,
) -> Iterator[Output[None]]:
    """Claim the look, carry it out, write down what came of it."""
    look = claimed(context, config, catalogue)
    if look is None:
        return
    with ended(context, catalogue, look):
        with catalogue.connect() as conn:
            its_config = configs.by_id(conn, look.config_id)
        if its_config is None:
            raise NotFound("The config was deleted: there is nothing to look for.")
        looker = Looker(catalogue.connect, file_store.open(), secret_box.box, settings(), say=context.log.info)
        outcome = looker.look(its_config, look)
        with catalogue.connect() as conn:
            result = looking.done(conn, look, run_id_of(context), outcome, datetime.now(UTC))
    context.log.info(result)
    yield Output(None, metadata=shown(outcome, result))


def claimed(context: OpExecutionContext, config: LookConfig, catalogue: Catalogue) -> Look | None:
    """Take the look for this run, or begin one where it was launched by hand; None where it is not ours to do."""
    run_id = run_id_of(context)
    with catalogue.connect() as conn:
        look = looks.get(conn, UUID(config.look_id)) if config.look_id else None
        if not config.look_id and (found := configs.by_uuid(conn, UUID(config.config_id))):
            # By its run's id: tried again, it is the same look.
            look = looks.of_run(conn, run_id) or looks.begin(conn, found.id, datetime.now(UTC), Cause.REQUEST)
        if look is None:
            context.log.warning("There is no such config, or it was deleted: nothing to do.")
            return None
        other = looks.at_work_besides(conn, look)
        if not looks.claim(conn, look.uuid, run_id):
            context.log.warning(f"Another run has carried out this look, or does now: {look.result or look.run_id}.")
            return None
        if other is not None:
            result = "An earlier look at the same place is still at work: it finds what is new."
            looks.finish(conn, look.uuid, run_id, failed=False, result=result)
            context.log.warning(f"{result} Its run is {other.run_id}.")
            return None
    return look


def shown(outcome: Outcome, result: str) -> dict[str, Any]:
    """Give what the run's page shows of a look."""
    rows = [
        *({"file": job.file_name or "-", "bytes": job.file_size or 0, "import": str(job.uuid)} for job in outcome.jobs),
        *(
            {"file": each.name, "bytes": each.size or 0, "import": "same content as before"}
            for each in outcome.unchanged
        ),
        *({"file": each.name, "bytes": each.size or 0, "import": "imported before"} for each in outcome.listing.known),
        *({"file": each.name, "bytes": each.size or 0, "import": "still being written"} for each in outcome.growing),
    ]
    return {
        "result": MetadataValue.text(result),
        "new imports": len(outcome.jobs),
        "files": metadata.columns(rows[: metadata.MOST_COLUMNS]),
    }


@contextmanager
def ended(context: OpExecutionContext, catalogue: Catalogue, look: Look) -> Iterator[None]:
    """Write the end of the look to its row where it does not reach its own."""
    try:
        yield
    except DagsterExecutionInterruptedError:
        _finish(context, catalogue, look, "The look was stopped in Dagster, or the system went down.")
        raise
    except PimError as error:
        if isinstance(error, NetworkTrouble) and context.retry_number < TRIES_AGAIN:
            raise Failure(str(error)) from None
        with catalogue.connect() as conn:
            job = looking.failed(conn, look, run_id_of(context), error, datetime.now(UTC))
        if job is not None:
            context.log.info(f"The API has a failed import of it, {job.uuid}: its retry fetches anew.")
        raise failure(context, error) from None
    except Exception:
        if context.retry_number >= TRIES_AGAIN:
            _finish(context, catalogue, look, UNEXPECTED.format(run_id=context.run_id))
        raise


def _finish(context: OpExecutionContext, catalogue: Catalogue, look: Look, result: str) -> None:
    with left_to_sensor(context, "The end of the look could not be written down"), catalogue.connect() as conn:
        if looks.finish(conn, look.uuid, run_id_of(context), failed=True, result=result):
            configs.checked(conn, look.config_id, datetime.now(UTC), result)
