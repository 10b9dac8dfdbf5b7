"""Runs that a screen asked for: what they tell the user while they work and when they end."""

from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from document_gen.account_statement import StatementDataError
from document_gen.engine import TemplateProblem
from document_gen.parties import DocumentDataError
from operational_db.errors import ServerError
from operational_db.services import run_queue
from operational_db.services.filing.runs import PackagesRefusedError
from operational_db.services.month_closing import MonthNotClosedError
from operational_db.services.statements_in_bulk import StatementsRefusedError
from orchestration.lib.builds import BuildError

EXPECTED = (
    BuildError,
    DocumentDataError,
    MonthNotClosedError,
    PackagesRefusedError,
    ServerError,
    StatementDataError,
    StatementsRefusedError,
    TemplateProblem,
)
"""Their messages are Russian and say what to do."""


class Requested(dg.Config):
    """The request of a screen that a run answers; none when it was started in Dagster itself."""

    run_request_id: int | None = None


@dataclass
class Work:
    """What a run works on, and what it will say at its end (Russian)."""

    engine: Engine
    request: run_queue.Request | None
    message: str = "Готово."

    def progress(self, done: int, total: int | None = None) -> None:
        """Show on the screen how far the run is."""
        if self.request is None:
            return
        with self.engine.begin() as connection:
            run_queue.progress(connection, self.request.run_request_id, done, total)


@contextmanager
def work_on(
    context: dg.AssetExecutionContext, engine: Engine, run_request_id: int | None
) -> Iterator[Work | None]:
    """Work on a request, or without one; None when there is nothing to do any more.

    An expected failure is told to the user and fails the run with the same words. A lost database
    or a killed process leaves the request open: the sensor gives it to a new run, which goes on
    where this one stopped.
    """
    if run_request_id is None:
        try:
            yield Work(engine, None)
        except EXPECTED as problem:
            raise dg.Failure(str(problem), allow_retries=False) from problem
        return
    with run_queue.taken(engine, run_request_id, dagster_run_id=context.run.run_id) as request:
        if request is None:
            context.log.info(f"Запрос № {run_request_id} уже выполнен или выполняется.")
            yield None
            return
        work = Work(engine, request)
        try:
            yield work
        except EXPECTED as problem:
            _tell(engine, run_request_id, str(problem))
            raise dg.Failure(str(problem), allow_retries=False) from problem
        except BrokenProcessPool:
            # A process that helped was killed (memory ran out): as if the run itself had been.
            raise
        except DBAPIError as problem:
            if not problem.connection_invalidated:
                _tell(engine, run_request_id, _unexpected(context, problem))
            raise
        except Exception as problem:
            _tell(engine, run_request_id, _unexpected(context, problem))
            raise
        with engine.begin() as connection:
            run_queue.finish(connection, run_request_id, work.message)


def _tell(engine: Engine, run_request_id: int, message: str) -> None:
    with engine.begin() as connection:
        run_queue.fail(connection, run_request_id, message)


def _unexpected(context: dg.AssetExecutionContext, problem: Exception) -> str:
    """Words for the screen; what the database or Python said, in English, goes to the log."""
    number = context.run.run_id[:8]
    context.log.error(f"Непредвиденная ошибка {number}: {type(problem).__name__}: {problem}")
    return (
        "Не получилось: непредвиденная ошибка. Сделанное до неё сохранено. Повторите; если ошибка "
        f"вернётся, сообщите администратору номер {number}: подробности в журнале Dagster."
    )
