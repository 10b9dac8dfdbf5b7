"""A batch of «Свод задолженности» or «Расчёт пени»: asked for on a screen, or by hand here."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

import dagster as dg
from sqlalchemy import Engine

from operational_db.services import run_queue
from operational_db.services.organisations import OrganisationUnclearError, organisation_by_code
from operational_db.services.statements_in_bulk import StatementsRefusedError, choose_accounts
from orchestration.lib.bulk_papers import paper_named
from orchestration.lib.database import DatabaseResource
from orchestration.lib.requested import Requested, work_on
from orchestration.lib.statement_runs import BatchOutcome, outcome_of, print_batch


class StatementsRun(Requested):
    """Started by hand: organisation and either account numbers or the least overdue debt.

    ``document`` is account_statement or penalty_calculation.
    """

    organisation: str | None = None
    accounts: list[str] = []
    overdue_from: str | None = None
    as_of: str | None = None
    document: str | None = None


@dg.asset(
    key=["documents", "account_statements"],
    deps=[dg.AssetKey(["marts", "accounts"])],
    group_name="documents",
    kinds={"docx"},
    description="Своды задолженности или расчёты пени по списку счетов; прерванный запуск "
    "продолжается с середины",
    check_specs=[
        dg.AssetCheckSpec(
            "every_requested_account_has_a_statement",
            asset=dg.AssetKey(["documents", "account_statements"]),
            description="У каждого запрошенного счёта есть свод; иначе перечислены счета без него",
        )
    ],
)
def account_statements(
    context: dg.AssetExecutionContext, config: StatementsRun, database: DatabaseResource
) -> Iterator[dg.MaterializeResult]:
    """Print a statement for each account of the request, and pack them into one archive."""
    engine = database.engine()
    try:
        number = config.run_request_id or _request_of_ones_own(engine, config)
    except (OrganisationUnclearError, StatementsRefusedError) as problem:
        raise dg.Failure(str(problem), allow_retries=False) from problem
    with work_on(context, engine, number) as work:
        if work is None:
            outcome = outcome_of(engine, number)
        else:
            asked = work.request.parameters
            outcome = print_batch(
                engine,
                number,
                as_of=_day(asked.get("as_of")),
                paper=paper_named(asked.get("document")),
            )
            work.message = outcome.as_text()
            if not outcome.documents:
                raise StatementsRefusedError(work.message)
        context.log.info(outcome.as_text())
    yield _result(number, outcome)


def _result(number: int, outcome: BatchOutcome) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": outcome.documents,
            "запрос": number,
            "архив": dg.MetadataValue.path(str(outcome.archive or "нет")),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="every_requested_account_has_a_statement",
                passed=not outcome.missing,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={
                    "без свода": list(outcome.missing),
                    "почему": list(outcome.reasons),
                },
            )
        ],
    )


def _request_of_ones_own(engine: Engine, config: StatementsRun) -> int:
    """Put a run that was started by hand on the same footing as one asked for on a screen."""
    if not config.organisation:
        raise StatementsRefusedError("Назовите организацию (её код) и счета.")
    with engine.begin() as connection:
        organisation_id = organisation_by_code(connection, config.organisation)
        chosen = choose_accounts(
            connection,
            organisation_id,
            numbers=config.accounts,
            overdue_from=_roubles(config.overdue_from),
        )
        parameters = {"account_ids": chosen}
        if _day(config.as_of):
            parameters["as_of"] = config.as_of
        if config.document:
            parameters["document"] = paper_named(config.document).code
        return run_queue.add(
            connection,
            organisation_id=organisation_id,
            kind="statements",
            parameters=parameters,
            items_total=len(chosen),
        )


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as problem:
        raise StatementsRefusedError(
            f"День свода «{value}» не понят: он пишется как 2026-10-31."
        ) from problem


def _roubles(value: str | None) -> Decimal | None:
    try:
        return Decimal(value) if value else None
    except InvalidOperation as problem:
        raise StatementsRefusedError(
            f"Сумма «{value}» не понята: она пишется как 1000.00."
        ) from problem


print_statements = dg.define_asset_job(
    "print_statements",
    selection=dg.AssetSelection.assets(account_statements),
    description="Своды задолженности по списку счетов",
)
