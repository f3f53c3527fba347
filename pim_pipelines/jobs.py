"""How the ops hang together: the import of a file, and its dry run."""

from dagster import in_process_executor, job

from pim_pipelines import runs
from pim_pipelines.ops.analyze import analyze
from pim_pipelines.ops.fetch import fetch
from pim_pipelines.ops.load import load
from pim_pipelines.ops.preview import preview
from pim_pipelines.ops.validate import validate


@job(
    name=runs.IMPORT_JOB,
    executor_def=in_process_executor,
    description=(
        "Brings a supplier's file into the catalogue: **fetch → analyze → validate → load**.\n\n"
        "The run of an upload ends after analyze, green, where a mapping is still wanted or nobody has asked to go on; "
        "the API's `start-processing` then launches `validate` and `load` as a run of their own, whose parent is the "
        "first. The tag `pim/import_id` is the import's id in the API."
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
