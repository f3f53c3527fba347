"""reimport: the latest file of a supplier once more."""

from dagster import MetadataValue, Nothing, OpExecutionContext, Out, op

from pim_pipelines.automation.reimporting import reimport_latest
from pim_pipelines.errors import PimError
from pim_pipelines.ops.border import failure
from pim_pipelines.resources import Catalogue, FileStore


@op(
    description=(
        "Copies the latest file of the supplier within the file store and makes an import of it, which a run of "
        "`import_products` carries out."
    ),
    out=Out(Nothing, description="the import was made; its metadata names it"),
    tags={"dagster/compute_kind": "file"},
)
def reimport(context: OpExecutionContext, catalogue: Catalogue, file_store: FileStore) -> None:
    """Make the import of this run's partition."""
    try:
        with catalogue.connect() as conn:
            latest, made = reimport_latest(conn, file_store.open(), context.partition_key)
    except PimError as error:
        raise failure(context, error) from None
    context.log.info(f"Import {made.uuid} will bring {made.file_name} of import {latest.uuid} in again.")
    context.add_output_metadata(
        {
            "file": MetadataValue.text(made.file_name or "-"),
            "import": MetadataValue.text(str(made.uuid)),
            "first imported by": MetadataValue.text(str(latest.uuid)),
            "first imported at": MetadataValue.text(f"{latest.created_at:%Y-%m-%d %H:%M} UTC"),
        }
    )
