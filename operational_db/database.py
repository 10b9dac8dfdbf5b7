"""Connections to the database, one engine per kind of work.

An engine looks for the server again whenever it cannot connect, so a long-lived process survives
a crash of the embedded server and its move to another port.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session

from operational_db import server

# A stranger who took the port of a server that died may accept us and say nothing.
CONNECT_SECONDS = 10

_ENGINES: dict[str, Engine] = {}
_LOCK = threading.Lock()

SET_FOR_TRANSACTION = text("select set_config(:name, :value, true)")


def owner_engine() -> Engine:
    """Return the engine of migrations, imports, builds and the command line."""
    return _engine("owner")


def screens_engine() -> Engine:
    """Return the engine of pages; row-level security binds it to a signed-in user's session."""
    return _engine("screens")


def gate_engine() -> Engine:
    """Return the engine of signing in, which may check passwords and nothing else."""
    return _engine("gate")


def clear_engines() -> None:
    """Close all connections and forget the engines: the next ones follow the environment anew."""
    with _LOCK:
        for engine in _ENGINES.values():
            engine.dispose()
        _ENGINES.clear()


@contextmanager
def session(engine: Engine) -> Iterator[Session]:
    """Work in one transaction: committed at the end, rolled back by an exception."""
    with Session(engine, expire_on_commit=False) as opened, opened.begin():
        yield opened


@contextmanager
def screens_connection(
    session_token: str, as_of: date | None = None, known_at: datetime | None = None
) -> Iterator[Connection]:
    """Work in one transaction as the user of a session; the policies read its token.

    ``as_of`` and ``known_at`` turn the views back in time, see ``travel_in_time``.
    """
    with screens_engine().begin() as connection:
        _set_for_transaction(connection, "dolgomer.session", session_token)
        travel_in_time(connection, as_of=as_of, known_at=known_at)
        yield connection


def travel_in_time(
    connection: Connection | Session, as_of: date | None = None, known_at: datetime | None = None
) -> None:
    """Make the views answer, until the transaction ends, for another day or state of knowledge.

    ``as_of`` is the day whose debt is asked; ``known_at`` the moment whose knowledge counts. What
    is None stays as it is: today and now. A moment without a time zone raises ``ValueError``.
    """
    if known_at is not None and known_at.tzinfo is None:
        raise ValueError("known_at needs a time zone")
    if as_of is not None:
        _set_for_transaction(connection, "dolgomer.as_of", as_of.isoformat())
    if known_at is not None:
        _set_for_transaction(connection, "dolgomer.known_at", known_at.isoformat())


def type_case(connection: Connection | Session, case: str) -> None:
    """Let the views of typed cases answer, until the transaction ends, for this ledger (JSON).

    Its shape is told in dbt_project/macros/typed_case.sql. Nothing is stored.
    """
    _set_for_transaction(connection, "dolgomer.case", case)


def _set_for_transaction(connection: Connection | Session, name: str, value: str) -> None:
    connection.execute(SET_FOR_TRANSACTION, {"name": name, "value": value})


def _engine(role: str) -> Engine:
    with _LOCK:
        if role not in _ENGINES:
            _ENGINES[role] = _new_engine(role)
        return _ENGINES[role]


def _new_engine(role: str) -> Engine:
    engine = create_engine(
        getattr(server.ensure_running(), role),
        pool_pre_ping=True,
        connect_args={
            "application_name": f"dolgomer {role}",
            "connect_timeout": CONNECT_SECONDS,
        },
    )

    @event.listens_for(engine, "do_connect")
    def connect_wherever_the_server_is(
        _dialect: object, _record: object, arguments: list, parameters: dict
    ) -> psycopg.Connection:
        try:
            return psycopg.connect(*arguments, **parameters)
        except psycopg.OperationalError:
            address = make_url(getattr(server.ensure_running(), role))
            moved = {"host": address.host, "port": address.port}
            return psycopg.connect(*arguments, **(parameters | moved))

    return engine
