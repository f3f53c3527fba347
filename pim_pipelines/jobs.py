"""How the ops hang together: the import of a file, and its dry run."""

from dagster import in_process_executor, job

from pim_pipelines import runs
from pim_pipelines.assets import suppliers
from pim_pipelines.ops.analyze import analyze
from pim_pipelines.ops.fetch import fetch
from pim_pipelines.ops.load import load
from pim_pipelines.ops.look import look_op
from pim_pipelines.ops.preview import preview
from pim_pipelines.ops.reimport import reimport
from pim_pipelines.ops.validate import validate


@job(
    name=runs.IMPORT_JOB,
    executor_def=in_process_executor,
    description=(
        "Brings a supplier's file into the catalogue: **fetch → analyze → validate → load**.\n\n"
        "The run of an upload ends after analyze, green, where a mapping is still wanted or nobody has asked to go on; "
        "the API's `start-processing` then launches `validate` and `load` as a run of their own, whose parent is the "
        "first. The tag `pim/import_id` is the import's id in the API.\n\n"
        "A task of the Voog API is such an import too: the tag `pim/import_type` is `voog`, and `pim/voog_id` its id "
        "there; its `PUT …/queue` is what starts it. Terminating a run here cancels its import, whichever API made it."
    ),
)
def import_products() -> None:
    """Run the four ops in one process, one after the other."""
    load(validate(analyze(fetch()).go_on))


@job(
    name=runs.PREVIEW_JOB,
    executor_def=in_process_executor,
    description=("A dry run: checks the whole file and plans what each row would do, shows it, and changes nothing."),
)
def preview_import() -> None:
    """Run the dry run's one op."""
    preview()


@job(
    name=runs.LOOK_JOB,
    executor_def=in_process_executor,
    description=(
        "Looks for new files in the place of an automated import config, and makes an import of each.\n\n"
        "Launched by the schedule `check_scheduled_imports`, by the sensor `on_new_file`, by the API's "
        "`POST /api/v1/import-configs/configs/{config_id}/run`, or here, with the config's id. What it fetches is "
        "imported by runs of `import_products`, which `launch_pending_imports` launches."
    ),
)
def look_for_new_files() -> None:
    """Run the look's one op."""
    look_op()


@job(
    name="reimport_latest_file",
    executor_def=in_process_executor,
    partitions_def=suppliers,
    description=(
        "Imports the latest file of a supplier once more: after a mapping was corrected, or products were changed by "
        "mistake. A partition is a supplier of a tenant, `tenant:supplier`; choose several, or all, to launch a "
        "backfill. The file is the one in the file store, nothing is fetched; mapping, rules and options are those of "
        "the config that brought it, as they are now, else those of the import it was.\n\n"
        "Each run makes an import of its own, which a run of `import_products` carries out (tag `pim/import_id`). On "
        "the Partitions page, *missing* only means that a supplier's file was never imported again in this way."
    ),
)
def reimport_latest_file() -> None:
    """Run the one op."""
    reimport()
