"""Packages for the court: the run that the approval of a batch orders."""

from collections.abc import Iterator

import dagster as dg

from operational_db.services.filing.claim_packages import is_of_claim
from operational_db.services.filing.runs import PackagesRefusedError
from orchestration.lib.builds import bring_up_to_date
from orchestration.lib.claim_runs import make_claim_package, outcome_of_claim
from orchestration.lib.database import DatabaseResource
from orchestration.lib.package_runs import PackagesOutcome, make_packages, outcome_of
from orchestration.lib.requested import Requested, work_on


class PackagesRun(Requested):
    """Always asked for on a screen: a batch is approved by a person, not by a schedule."""


@dg.asset(
    key=["documents", "court_packages"],
    deps=[dg.AssetKey(["marts", "debt_parts"])],
    group_name="documents",
    kinds={"docx"},
    description="Пакеты в суд по утверждённой партии; прерванный запуск продолжается с середины",
    check_specs=[
        dg.AssetCheckSpec(
            "every_approved_application_has_a_package",
            asset=dg.AssetKey(["documents", "court_packages"]),
            description="У каждого утверждённого заявления есть пакет; иначе сказано, почему нет",
        )
    ],
)
def court_packages(
    context: dg.AssetExecutionContext, config: PackagesRun, database: DatabaseResource
) -> Iterator[dg.MaterializeResult]:
    """Make the packages of an approved batch or of one claim; put a batch together by sections."""
    engine, number = database.engine(), config.run_request_id
    if number is None:
        raise dg.Failure(
            "Партию утверждают на экране «Партии в суд»: запуск вручную не нужен.",
            allow_retries=False,
        )

    def build_first() -> None:
        bring_up_to_date(
            engine,
            database.url(),
            lambda: context.log.info("С последнего пересчёта пришли новые записи: пересчитываю"),
        )

    with work_on(context, engine, number) as work:
        if work is not None and "case_id" in work.request.parameters:
            work.message = make_claim_package(engine, number, bring_up_to_date=build_first)
            context.log.info(work.message)
            outcome = None
        elif work is None:
            outcome = None if is_of_claim(engine, number) else outcome_of(engine, number)
        else:
            outcome = make_packages(engine, number, bring_up_to_date=build_first)
            work.message = outcome.as_text()
            if not outcome.filed:
                raise PackagesRefusedError(work.message)
        if outcome is not None:
            context.log.info(outcome.as_text())
    if outcome is None:
        # Whether a claim has its package is told by its request, which is finished by now.
        outcome = outcome_of_claim(engine, number)
    yield dg.MaterializeResult(
        metadata={
            "dagster/row_count": outcome.filed,
            "запрос": number,
            "папка": dg.MetadataValue.path(str(outcome.folder or "нет")),
        },
        check_results=[_complete(outcome)],
    )


def _complete(outcome: PackagesOutcome) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name="every_approved_application_has_a_package",
        passed=not outcome.refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"не подготовлено": outcome.refused, "почему": list(outcome.reasons)},
    )


print_packages = dg.define_asset_job(
    "print_packages",
    selection=dg.AssetSelection.assets(court_packages),
    description="Пакеты в суд по утверждённой партии",
)
