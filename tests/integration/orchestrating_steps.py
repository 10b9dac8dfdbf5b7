"""Steps that the tests of Dagster's runs share: a small town, and running as Dagster does."""

from datetime import date

import dagster as dg
from sqlalchemy import text

from operational_db import server
from operational_db.database import owner_engine
from operational_db.demo import load_town
from operational_db.reference.loader import load_reference
from orchestration.definitions import defs
from orchestration.lib.builds import is_up_to_date, run_build

TODAY = date(2026, 11, 21)


def definitions() -> dg.Definitions:
    return defs() if callable(defs) else defs


def load_small_town(url: str) -> None:
    """60 accounts with eight months of life, counted."""
    with owner_engine().begin() as connection:
        load_reference(connection)
        load_town(connection, accounts=60, months=8, seed=7, today=TODAY)
    run_build(url)


def count_what_changed():
    """Bring the marts up to date where they are not."""
    with owner_engine().connect() as connection:
        needed = not is_up_to_date(connection)
    if needed:
        run_build(server.ensure_running().owner)


def execute(job, *, instance=None, ops=None, **options):
    """Run a job in this process; a failure is a result, not an exception."""
    with instance or dg.DagsterInstance.ephemeral() as book:
        return (
            definitions()
            .resolve_job_def(job)
            .execute_in_process(
                instance=book,
                run_config=dg.RunConfig(ops=ops or {}),
                raise_on_error=False,
                **options,
            )
        )


def failure_of(result):
    """What a failed run says, in one text."""
    return "\n".join(
        event.step_failure_data.user_failure_data.description
        if event.step_failure_data.user_failure_data
        else event.step_failure_data.error.to_string()
        for event in result.all_events
        if event.is_step_failure
    )


def rows(query, **values):
    with owner_engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def one(query, **values):
    return rows(query, **values)[0][0]


def change(statement, **values):
    with owner_engine().begin() as connection:
        connection.execute(text(statement), values)
