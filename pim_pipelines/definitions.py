"""What Dagster loads: gathers jobs, assets, checks, sensors and resources; nothing else is decided here."""

from dagster import Definitions, in_process_executor

from pim_pipelines.assets import products, supplier_files
from pim_pipelines.checks import load_checks
from pim_pipelines.jobs import import_products, preview_import
from pim_pipelines.resources import resources
from pim_pipelines.sensors import launch_pending_imports

defs = Definitions(
    assets=[supplier_files, products],
    asset_checks=[load_checks],
    jobs=[import_products, preview_import],
    sensors=[launch_pending_imports],
    resources=resources(),
    executor=in_process_executor,
)
