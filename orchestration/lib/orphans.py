"""What a killed build left at work: its dbt lives on, though the lock of the build died with it.

Dagster runs dbt as a process of its own. ``kill -9`` of the worker, or of all of Dagster, ends the
connection that holds the right to build, and not that process: a second build beside it would
share its list of accounts. So whoever has got the right ends what is left first.
"""

import time

import psutil
from sqlalchemy import Connection, make_url, text

from operational_db import settings

MARK = "DOLGOMER_BUILD_OF"
"""Environment variable by which a process of a build is known, on this computer."""

DBT = "dolgomer build"
"""What dbt calls its sessions (profiles.yml); nothing else of ours calls itself so."""

QUIET_SECONDS = 1.5
"""dbt opens its next session at once when one is lost, so silence that long is the end of it."""

PATIENCE_SECONDS = 60.0


class StillAtWorkError(RuntimeError):
    """The build that was cut short cannot be ended."""


def mark_of(url: str) -> dict[str, str]:
    """The mark that processes building this database bear."""
    address = make_url(url)
    return {MARK: f"{settings.home()}|{address.host}|{address.database}"}


def end_orphans(connection: Connection, url: str) -> int:
    """End processes and sessions of an earlier build; return how many there were.

    To be called by the holder of the right to build, before its own dbt starts: any other one is
    an orphan then. Raises :class:`StillAtWorkError` when they do not go.
    """
    ended = _end_processes(mark_of(url)[MARK])
    deadline = time.monotonic() + PATIENCE_SECONDS
    found = _end_sessions(connection)
    if not ended and not found:
        return 0
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < QUIET_SECONDS:
        time.sleep(0.1)
        if left := _end_sessions(connection):
            found += left
            quiet_since = time.monotonic()
        if time.monotonic() > deadline:
            raise StillAtWorkError
    return ended + found


def _end_processes(mark: str) -> int:
    orphans = [process for process in psutil.process_iter() if _bears(process, mark)]
    for process in orphans:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(orphans, timeout=PATIENCE_SECONDS)
    return len(orphans)


def _bears(process: psutil.Process, mark: str) -> bool:
    try:
        # What it was born with: a worker that has set the mark for its children is none of them.
        return process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def _end_sessions(connection: Connection) -> int:
    processes = connection.scalars(SESSIONS, {"dbt": DBT}).all()
    if processes:
        connection.execute(END_SESSIONS, {"processes": processes})
    connection.commit()
    return len(processes)


SESSIONS = text(
    """
    select pid from pg_stat_activity
    where application_name = :dbt and datname = current_database() and usename = current_user
        and pid <> pg_backend_pid()
    """
)
# Asked for only where there is one: a server may keep the right to itself.
END_SESSIONS = text("select pg_terminate_backend(pid) from unnest(:processes) as pid")
