"""What a data steward must mend: Great Expectations over the operational facts, every night."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib import environments
from orchestration.lib.database import DatabaseResource
from orchestration.lib.quality.page import write_pages
from orchestration.lib.quality.rules import RULES
from orchestration.lib.quality.suites import Broken, validate

REPORT = dg.AssetKey(["quality", "operational_facts"])


@dg.asset(
    key=REPORT,
    deps=[
        dg.AssetKey(["ops", name])
        for name in ("account", "charge", "ownership", "payment", "person")
    ],
    group_name="quality",
    description="Качество данных: что не так, сколько строк, что делать – страницей и в Excel",
    check_specs=[
        dg.AssetCheckSpec(rule.code, asset=REPORT, description=f"{rule.title}. {rule.advice}")
        for rule in RULES
    ],
)
def operational_facts(
    context: dg.AssetExecutionContext, database: DatabaseResource
) -> Iterator[dg.MaterializeResult]:
    """Check all rules and write the pages. People judge the rows, so a broken rule only warns."""
    outcomes = list(validate(database.url(), RULES))
    broken = {outcome.rule for outcome in outcomes if outcome.rows}
    page = write_pages(database.engine(), RULES, [rule for rule in RULES if rule in broken])
    context.log.info(f"Страница качества данных: {page}")
    yield dg.MaterializeResult(
        metadata={
            "страница": dg.MetadataValue.path(str(page)),
            "правил нарушено": len(broken),
            "строк": sum(outcome.rows for outcome in outcomes),
        },
        check_results=[_check(outcome) for outcome in outcomes],
    )


def _check(outcome: Broken) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=outcome.rule.code,
        passed=outcome.rows == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"строк": outcome.rows},
    )


check_quality = dg.define_asset_job(
    "check_quality",
    selection=dg.AssetSelection.assets(operational_facts),
    description="Проверка качества данных",
)

nightly_quality = dg.ScheduleDefinition(
    name="nightly_quality",
    job=check_quality,
    cron_schedule="30 4 * * *",
    execution_timezone="Europe/Moscow",
    default_status=environments.schedule_status("nightly_quality"),
    description="Каждую ночь в 4:30 по Москве: проверка качества данных",
)
