"""Every dbt model as a Dagster asset, every data test as a check, and when they are built."""

from collections.abc import Iterator
from datetime import date, datetime

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from sqlalchemy import Connection

from orchestration.lib import environments
from orchestration.lib.build_outcomes import failure_text, success_text
from orchestration.lib.builds import (
    BuildError,
    BuildPlan,
    dbt_environment,
    exclusive,
    plan_build,
    working_with,
)
from orchestration.lib.database import DatabaseResource
from orchestration.lib.orphans import mark_of
from orchestration.lib.requested import Requested, work_on
from orchestration.lib.warehouse import WarehouseTranslator, dbt_project, run_folder

DBT_PROJECT = dbt_project()
MOSCOW = "Europe/Moscow"


# The schema of tables; a build of changes leaves the views of the others as they are.
TABLES = "marts"


class BuildRun(Requested):
    """What may be set when a build is started by hand: everything anew, or another day."""

    full: bool = False
    as_of: str | None = None
    known_at: str | None = None


@dbt_assets(
    manifest=DBT_PROJECT.manifest_path,
    project=DBT_PROJECT,
    dagster_dbt_translator=WarehouseTranslator(),
    name="warehouse_models",
)
def warehouse_models(
    context: dg.AssetExecutionContext,
    config: BuildRun,
    database: DatabaseResource,
    dbt: DbtCliResource,
) -> Iterator:
    """Build what changed, or everything where that is not enough; one build at a time.

    A run of some assets only leaves the list of changed accounts for the next whole build.
    """
    with work_on(context, database.engine(), config.run_request_id) as work:
        if work is None:
            return
        url = database.url()
        with exclusive(url) as connection:
            plan = _plan(connection, config)
            context.log.info(f"Полный пересчёт: {plan.reason}" if plan.is_full else "По изменениям")
            (run_folder() / "run_results.json").unlink(missing_ok=True)
            built = [
                key
                for key in context.selected_asset_keys
                if key.path[0] == TABLES or not plan.keeps_views
            ]
            total = len(built) + len(context.selected_asset_check_keys)
            work.progress(0, total)
            with working_with(dbt_environment(url) | mark_of(url)):
                is_whole = not context.is_subset
                invocation = dbt.cli(
                    plan.dbt_arguments(is_whole=is_whole),
                    context=context,
                    target_path=run_folder(),
                )
                try:
                    for done, event in enumerate(invocation.stream(), start=1):
                        work.progress(min(done, total))
                        yield event
                except DagsterDbtCliRuntimeError as problem:
                    raise BuildError(failure_text(run_folder())) from problem
            work.progress(total)
            work.message = success_text(connection, plan)
            context.log.info(work.message)


def _plan(connection: Connection, config: BuildRun) -> BuildPlan:
    try:
        as_of = date.fromisoformat(config.as_of) if config.as_of else None
        known_at = datetime.fromisoformat(config.known_at) if config.known_at else None
    except ValueError as problem:
        raise BuildError(
            "Дата для пересчёта не понята: as_of пишется как 2026-10-31, known_at – как "
            "2026-10-31T12:00:00+03:00."
        ) from problem
    plan = plan_build(connection, full=config.full, as_of=as_of, known_at=known_at)
    connection.commit()
    return plan


build_warehouse = dg.define_asset_job(
    "build_warehouse",
    selection=dg.AssetSelection.assets(warehouse_models),
    description="Пересчёт показателей: только изменившиеся счета, при смене правил – все",
)

nightly_build = dg.ScheduleDefinition(
    name="nightly_build",
    job=build_warehouse,
    cron_schedule="0 3 * * *",
    execution_timezone=MOSCOW,
    default_status=environments.schedule_status("nightly_build"),
    description="Каждую ночь в 3:00 по Москве: пересчёт по изменениям",
)

weekly_full_build = dg.ScheduleDefinition(
    name="weekly_full_build",
    job=build_warehouse,
    cron_schedule="0 4 * * 0",
    execution_timezone=MOSCOW,
    run_config=dg.RunConfig(ops={"warehouse_models": BuildRun(full=True)}),
    default_status=environments.schedule_status("weekly_full_build"),
    description="В ночь на воскресенье, в 4:00 по Москве: полный пересчёт",
)
