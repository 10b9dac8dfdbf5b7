"""The scheduler's side of requests for runs: take one, tell how far it is, say how it ended.

Whoever works on a request holds a lock of the database for as long as it works. So a request whose
worker was killed is recognised at once: it is «running» and nobody holds it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from operational_db.locks import LockSpace

WAITING = text(
    """
    select r.run_request_id, r.organisation_id, r.user_id, r.kind, r.parameters, r.recorded_at
    from ops.run_request as r
    where r.state in ('queued', 'running')
        and not exists (
            select from pg_catalog.pg_locks as l
            where l.locktype = 'advisory' and l.classid = :space and l.objsubid = 2
                and l.objid = cast(r.run_request_id % 2147483648 as oid)
                and l.database = (
                    select d.oid from pg_catalog.pg_database as d
                    where d.datname = current_database()
                )
        )
    order by r.run_request_id
    """
)
ONE = text(
    """
    select r.run_request_id, r.organisation_id, r.user_id, r.kind, r.parameters, r.recorded_at
    from ops.run_request as r
    where r.run_request_id = :run_request_id and r.state in ('queued', 'running')
    """
)
TRY_LOCK = text("select pg_try_advisory_lock(:space, cast(:number % 2147483648 as integer))")
UNLOCK = text("select pg_advisory_unlock(:space, cast(:number % 2147483648 as integer))")
STARTED = text(
    """
    update ops.run_request set
        state = 'running', message = null, dagster_run_id = :dagster_run_id,
        started_at = coalesce(started_at, now())
    where run_request_id = :run_request_id
    """
)
PROGRESS = text(
    """
    update ops.run_request set items_done = :done, items_total = coalesce(:total, items_total)
    where run_request_id = :run_request_id
    """
)
FINISHED = text(
    """
    update ops.run_request set state = :state, message = :message, finished_at = now()
    where run_request_id = :run_request_id and state in ('queued', 'running')
    """
)
ADD = text(
    """
    insert into ops.run_request (organisation_id, user_id, kind, parameters, items_total)
    values (:organisation_id, :user_id, :kind, :parameters, :items_total)
    returning run_request_id
    """
).bindparams(bindparam("parameters", type_=JSONB))
QUEUED_BUILD = text(
    """
    select run_request_id from ops.run_request
    where kind = 'build' and state = 'queued' and organisation_id = :organisation_id
    order by run_request_id
    limit 1
    """
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that waits for a worker, with what it asks for."""

    run_request_id: int
    organisation_id: int
    user_id: int | None
    kind: str
    parameters: dict[str, Any]
    recorded_at: datetime

    @property
    def times_continued(self) -> int:
        """How often people asked to go on after it failed; its attempts are counted anew then."""
        told = self.parameters.get("continued") if isinstance(self.parameters, dict) else None
        return told if isinstance(told, int) else 0


def waiting(connection: Connection) -> list[Request]:
    """Requests that nobody works on, the oldest first: new ones, and those whose worker died."""
    rows = connection.execute(WAITING, {"space": LockSpace.RUN}).mappings()
    return [Request(**row) for row in rows]


@contextmanager
def taken(
    engine: Engine, run_request_id: int, *, dagster_run_id: str | None = None
) -> Iterator[Request | None]:
    """Hold a request while it is worked on; None when it is finished or another worker has it."""
    number = {"space": LockSpace.RUN, "number": run_request_id}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(TRY_LOCK, number):
            yield None
            return
        try:
            found = connection.execute(ONE, {"run_request_id": run_request_id})
            request = found.mappings().one_or_none()
            if request is None:
                yield None
                return
            connection.execute(
                STARTED, {"run_request_id": run_request_id, "dagster_run_id": dagster_run_id}
            )
            yield Request(**request)
        finally:
            # The connection goes back to a pool; with it broken, the lock is gone already.
            if not connection.invalidated:
                connection.execute(UNLOCK, number)


def progress(
    connection: Connection, run_request_id: int, done: int, total: int | None = None
) -> None:
    """Tell how many items are done, and how many there are where that was not known before."""
    values = {"run_request_id": run_request_id, "done": done, "total": total}
    connection.execute(PROGRESS, values)


def finish(connection: Connection, run_request_id: int, message: str) -> None:
    """The request is done; ``message`` tells the user what came of it (Russian)."""
    _finish(connection, run_request_id, "done", message)


def fail(connection: Connection, run_request_id: int, message: str) -> None:
    """The request cannot be done; ``message`` tells the user why and what to do (Russian)."""
    _finish(connection, run_request_id, "failed", message)


def add(
    connection: Connection,
    *,
    organisation_id: int,
    kind: str,
    parameters: dict[str, Any],
    user_id: int | None = None,
    items_total: int | None = None,
) -> int:
    """Put down a request on behalf of the scheduler itself; return its number."""
    return connection.execute(
        ADD,
        {
            "organisation_id": organisation_id,
            "user_id": user_id,
            "kind": kind,
            "parameters": parameters,
            "items_total": items_total,
        },
    ).scalar_one()


def ask_for_build(connection: Connection, organisation_id: int) -> int:
    """Ask for a build after new facts came; one that waits in the queue already will see them."""
    queued = connection.scalar(QUEUED_BUILD, {"organisation_id": organisation_id})
    return queued or add(connection, organisation_id=organisation_id, kind="build", parameters={})


def _finish(connection: Connection, run_request_id: int, state: str, message: str) -> None:
    values = {"run_request_id": run_request_id, "state": state, "message": message}
    connection.execute(FINISHED, values)
