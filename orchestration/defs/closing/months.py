"""Closing a month: by partition, for one organisation or for all that keep accounts."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
from sqlalchemy import Connection, Engine, text

from operational_db.imports.problems import FieldError
from operational_db.imports.values import read_period
from operational_db.services.month_checks import check_month, record_check
from operational_db.services.month_closing import (
    Closing,
    MonthNotClosedError,
    close_month,
    reopen_month,
)
from operational_db.services.organisations import OrganisationUnclearError, organisation_by_code
from operational_db.services.run_queue import Request
from orchestration.lib.database import DatabaseResource
from orchestration.lib.requested import Requested, work_on

# end_offset: the present month can be asked for, and is refused in words until it is over.
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2015-01-01", end_offset=1)


class ClosingRun(Requested):
    """Started by hand: for one organisation by its code, or for all."""

    organisation: str | None = None


@dg.asset(
    key=["closing", "closed_months"],
    deps=[dg.AssetKey(["marts", "account_turnover"])],
    partitions_def=MONTHS,
    group_name="closing",
    description="Закрытие месяца: контрольные суммы и протокол; при расхождении – отказ",
    output_required=False,
)
def closed_months(
    context: dg.AssetExecutionContext, config: ClosingRun, database: DatabaseResource
) -> Iterator[dg.MaterializeResult]:
    """Close the month of the partition. A closed month stays as it was closed."""
    engine = database.engine()
    period = date.fromisoformat(context.partition_key)
    with work_on(context, engine, config.run_request_id) as work:
        if work is None:
            return
        with engine.connect() as connection:
            wanted = _organisations(connection, config, work.request)
        closings, refusals = _close(engine, wanted, period, work.request)
        work.message = "\n".join([*(_text(closing) for closing in closings), *refusals])
        if refusals:
            # What could be closed is closed; the run fails so that nobody overlooks the rest.
            raise MonthNotClosedError(work.message)
        work.progress(len(closings), len(closings))
    yield dg.MaterializeResult(
        metadata={
            "протокол": dg.MetadataValue.md("\n\n".join(_text(closing) for closing in closings)),
            "организаций": len(closings),
        }
    )


def _close(
    engine: Engine, wanted: list[int], period: date, request: object | None
) -> tuple[list[Closing], list[str]]:
    closings, refusals = [], []
    user_id = request.user_id if request else None
    for organisation_id in wanted:
        try:
            with engine.begin() as connection:
                closing = close_month(connection, organisation_id, period, user_id=user_id)
            compared = closing.compared
            closings.append(closing)
        except MonthNotClosedError as refusal:
            compared = refusal.compared
            refusals.append(str(refusal))
        if compared is not None:
            # Apart from the closing: what was found is worth keeping above all when it is refused.
            number = request.run_request_id if request else None
            with engine.begin() as connection:
                record_check(connection, organisation_id, compared, run_request_id=number)
    return closings, refusals


def _organisations(connection: Connection, config: ClosingRun, request: object | None) -> list[int]:
    if request is not None:
        return [request.organisation_id]
    if config.organisation is None:
        return list(connection.scalars(KEEPERS))
    try:
        return [organisation_by_code(connection, config.organisation)]
    except OrganisationUnclearError as problem:
        raise MonthNotClosedError(str(problem)) from problem


def _text(closing: Closing) -> str:
    head = "" if closing.is_new else "Месяц уже был закрыт. "
    return head + "\n".join(closing.protocol)


KEEPERS = text(
    """
    select o.organisation_id from ops.organisation as o
    where exists (select from ops.account as a where a.organisation_id = o.organisation_id)
    order by o.organisation_id
    """
)

close_months = dg.define_asset_job(
    "close_months",
    selection=dg.AssetSelection.assets(closed_months),
    description="Закрытие месяца",
)


class Checking(Requested):
    """Started by a request, or by hand: whose month (code) and which one (2026-10)."""

    organisation: str | None = None
    month: str | None = None


class Reopening(Checking):
    """The same, and why the month must change."""

    reason: str | None = None


@dg.op(description="Сверить месяц: первичные записи и витрины по каждому счёту")
def compare_month(
    context: dg.OpExecutionContext, config: Checking, database: DatabaseResource
) -> None:
    """Compare the month and keep what was found; nothing is closed by it."""
    engine = database.engine()
    with work_on(context, engine, config.run_request_id) as work:
        if work is None:
            return
        with engine.begin() as connection:
            organisation_id, period = _asked(connection, config, work.request)
            compared = check_month(
                connection, organisation_id, period, run_request_id=config.run_request_id
            )
        work.message = (
            f"{period:%m.%Y}: расхождений нет, счетов {compared.accounts}."
            if not compared.differing
            else f"{period:%m.%Y}: расходятся счетов {compared.differing} из {compared.accounts}."
        )
        context.log.info(work.message)


@dg.op(description="Открыть закрытый месяц снова: новой записью, с причиной")
def open_month_again(
    context: dg.OpExecutionContext, config: Reopening, database: DatabaseResource
) -> None:
    """Open the month; the row of its closing stays, and the trail keeps the reason."""
    engine = database.engine()
    with work_on(context, engine, config.run_request_id) as work:
        if work is None:
            return
        request = work.request
        with engine.begin() as connection:
            organisation_id, period = _asked(connection, config, request)
            reason = request.parameters.get("reason") if request else config.reason
            reopen_month(
                connection,
                organisation_id,
                period,
                reason=str(reason or ""),
                user_id=request.user_id if request else None,
            )
        work.message = f"{period:%m.%Y} открыт снова: {str(reason).strip()}"
        context.log.info(work.message)


def _asked(connection: Connection, config: Checking, request: Request | None) -> tuple[int, date]:
    """Whose month, and which; by hand both must be named."""
    try:
        if request is not None:
            return request.organisation_id, read_period(str(request.parameters.get("period"))[:7])
        if config.organisation is None or config.month is None:
            raise MonthNotClosedError("Назовите организацию (organisation) и месяц (month).")
        period = read_period(config.month)
        return organisation_by_code(connection, config.organisation), period
    except (FieldError, OrganisationUnclearError) as problem:
        raise MonthNotClosedError(str(problem)) from problem


@dg.job(name="check_month", description="Сверить месяц: первичные записи и витрины")
def check_month_job() -> None:
    compare_month()


@dg.job(name="reopen_month", description="Открыть закрытый месяц снова, с указанием причины")
def reopen_month_job() -> None:
    open_month_again()
