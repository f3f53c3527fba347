"""The schedule of automated imports."""

from dagster import DefaultScheduleStatus, RunRequest, ScheduleEvaluationContext, SkipReason, schedule

from pim_pipelines.automation.due import claim_due, why_none
from pim_pipelines.jobs import look_for_new_files
from pim_pipelines.look_runs import requests_for
from pim_pipelines.resources import Catalogue, Clock


@schedule(
    job=look_for_new_files,
    cron_schedule="*/5 * * * *",
    execution_timezone="UTC",
    default_status=DefaultScheduleStatus.RUNNING,
    description=(
        "Every 5 minutes: starts each automated import config whose time (next_run_at) has come, by a run of "
        "look_for_new_files. Each due time is claimed in the database (table pim.looks) before its run is launched, so "
        "none is started twice or forgotten, also when the daemon is restarted; times that were missed are caught up "
        "once. A tick that starts nothing says which config is next. Configs are made in the API, under "
        "/api/v1/import-configs/configs; each has a schedule and a time zone of its own."
    ),
)
def check_scheduled_imports(
    context: ScheduleEvaluationContext, catalogue: Catalogue, clock: Clock
) -> list[RunRequest] | SkipReason:
    """Claim what is due and ask for its runs."""
    with catalogue.connect() as conn:
        begun = claim_due(conn, clock.now())
        if not begun:
            return SkipReason(why_none(conn))
    for look in begun:
        context.log.info(
            f"{look.config_name!r} of tenant {look.tenant_code} was due at {look.due_at:%Y-%m-%d %H:%M} UTC."
        )
    return requests_for(begun)
