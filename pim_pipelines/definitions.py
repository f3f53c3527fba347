"""What Dagster loads: gathers jobs, assets, checks, schedules, sensors and resources; nothing else is decided here."""

from dagster import Definitions, in_process_executor

from pim_pipelines.assets import products, supplier_files
from pim_pipelines.checks import load_checks
from pim_pipelines.jobs import import_products, look_for_new_files, preview_import, reimport_latest_file
from pim_pipelines.resources import resources
from pim_pipelines.schedules import check_scheduled_imports
from pim_pipelines.sensors import launch_pending_imports, on_new_file

defs = Definitions(
    assets=[supplier_files, products],
    asset_checks=[load_checks],
    jobs=[import_products, look_for_new_files, preview_import, reimport_latest_file],
    schedules=[check_scheduled_imports],
    sensors=[launch_pending_imports, on_new_file],
    resources=resources(),
    executor=in_process_executor,
)
