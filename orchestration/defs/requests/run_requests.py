"""What screens ask for is run here: builds, batches of statements, closings of months."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
from sqlalchemy import Engine

from operational_db.errors import ServerError
from operational_db.services import run_queue
from orchestration.defs.closing.months import (
    MONTHS,
    Checking,
    ClosingRun,
    Reopening,
    check_month_job,
    close_months,
    reopen_month_job,
)
from orchestration.defs.dbt.assets import BuildRun, build_warehouse
from orchestration.defs.documents.packages import PackagesRun, print_packages
from orchestration.defs.documents.statements import StatementsRun, print_statements
from orchestration.lib import environments
from orchestration.lib.attempts import Attempts
from orchestration.lib.database import DatabaseResource
from orchestration.lib.dead_runs import bury_dead_runs

TAG = "dolgomer/request"
GIVEN_UP = (
    "Запуск прерывался несколько раз и остановлен. Проверьте, хватает ли места на диске и памяти, "
    "и запросите ещё раз; причина – в журнале запусков Dagster."
)
CANCELLED = "Запуск остановлен администратором. Сделанное до остановки сохранено."
UNREADABLE = (
    "Запрос записан с ошибкой, и выполнить его нельзя. Запросите ещё раз с экрана; если ошибка "
    "повторится, сообщите администратору: причина – в журнале датчика run_requests в Dagster."
)


class RequestRefusedError(ValueError):
    """A request is not run, or not any more; the message is Russian."""


@dg.sensor(
    jobs=[
        build_warehouse,
        print_statements,
        print_packages,
        close_months,
        check_month_job,
        reopen_month_job,
    ],
    minimum_interval_seconds=5,
    default_status=environments.sensor_status("run_requests"),
    description="Запросы с экранов: пересчёт, своды, сверка, закрытие и открытие месяца",
)
def run_requests(
    context: dg.SensorEvaluationContext, database: DatabaseResource
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Run new requests, and those whose run was killed: they go on where they stopped."""
    for run_id in bury_dead_runs(context.instance):
        context.log.info(f"Прерванный запуск отмечен: {run_id}")
    try:
        engine = database.engine()
        with engine.connect() as connection:
            waiting = run_queue.waiting(connection)
    except ServerError as problem:
        yield dg.SkipReason(str(problem))
        return
    for request in waiting:
        # With the moment: numbers begin anew in another database that shares Dagster's book.
        name = f"{request.run_request_id} {request.recorded_at:%Y%m%d%H%M%S%f}"
        if request.times_continued:
            name += f" {request.times_continued}"
        attempts = Attempts(context.instance, TAG, name)
        if attempts.is_under_way:
            continue
        try:
            run = _run_of(request, attempts)
        except RequestRefusedError as problem:
            _refuse(engine, request, str(problem))
        except Exception:
            # Whatever is wrong with one request, those behind it must not wait for it.
            context.log.exception(f"Запрос № {request.run_request_id} не разобран")
            _refuse(engine, request, UNREADABLE)
        else:
            yield run


def _refuse(engine: Engine, request: run_queue.Request, message: str) -> None:
    with engine.begin() as connection:
        run_queue.fail(connection, request.run_request_id, message)


def _run_of(request: run_queue.Request, attempts: Attempts) -> dg.RunRequest:
    if attempts.was_cancelled:
        raise RequestRefusedError(CANCELLED)
    if attempts.are_used_up:
        raise RequestRefusedError(GIVEN_UP)
    if not isinstance(request.parameters, dict):
        raise RequestRefusedError(UNREADABLE)
    number = request.run_request_id
    partition = None
    if request.kind == "build":
        job = build_warehouse
        full = bool(request.parameters.get("full", False))
        ops = {"warehouse_models": BuildRun(run_request_id=number, full=full)}
    elif request.kind == "statements":
        job = print_statements
        ops = {"documents__account_statements": StatementsRun(run_request_id=number)}
    elif request.kind == "court_packages":
        job = print_packages
        ops = {"documents__court_packages": PackagesRun(run_request_id=number)}
    elif request.kind == "month_close":
        job = close_months
        partition = _month(request.parameters.get("period"))
        ops = {"closing__closed_months": ClosingRun(run_request_id=number)}
    elif request.kind == "month_check":
        _month(request.parameters.get("period"))
        job = check_month_job
        ops = {"compare_month": Checking(run_request_id=number)}
    elif request.kind == "month_reopen":
        _month(request.parameters.get("period"))
        job = reopen_month_job
        ops = {"open_month_again": Reopening(run_request_id=number)}
    else:
        raise RequestRefusedError(f"Запрос вида «{request.kind}» эта версия не выполняет.")
    return dg.RunRequest(
        run_key=attempts.run_key,
        job_name=job.name,
        run_config=dg.RunConfig(ops=ops),
        partition_key=partition,
        tags=attempts.tags,
    )


def _month(value: object) -> str:
    try:
        period = date.fromisoformat(str(value))
    except ValueError as problem:
        raise RequestRefusedError("В запросе не назван месяц. Выберите его заново.") from problem
    month = period.replace(day=1)
    if not MONTHS.has_partition_key(month.isoformat()):
        raise RequestRefusedError(
            f"Месяц {month:%m.%Y} не закрыть: закрываются месяцы с {MONTHS.start:%m.%Y} по "
            "нынешний. Выберите другой."
        )
    return month.isoformat()
