"""Sessions of screens that hold the database for longer than any screen needs.

A session may lift its own time limits (``set statement_timeout = 0``): PostgreSQL lets no role be
denied that. What it does then is seen from outside, and ended.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

LONGEST_TRANSACTION = timedelta(minutes=15)
"""Half as long again as the statement that screens are allowed."""


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that was ended, and why (Russian)."""

    process: int
    reason: str


def end_overlong_sessions(
    connection: Connection, longest: timedelta = LONGEST_TRANSACTION
) -> list[EndedSession]:
    """End sessions of the screens' role whose transaction is too old, or that hold locks idle.

    Advisory locks outside a transaction are none of ours: screens take theirs until its end. Raises
    ``PermissionError`` where the server lets its owner neither see nor end sessions of other roles.
    """
    if not connection.scalar(MAY_END):
        raise PermissionError(NOT_ALLOWED)
    rows = connection.execute(END, {"longest": longest})
    return [EndedSession(row.pid, row.reason) for row in rows]


NOT_ALLOWED = (
    "Сервер не даёт видеть и завершать сеансы экранов. Администратор сервера может разрешить это: "
    "GRANT pg_signal_backend, pg_read_all_stats TO владелец базы."
)
MAY_END = text(
    """
    select pg_has_role(current_user, 'pg_signal_backend', 'member')
        and pg_has_role(current_user, 'pg_read_all_stats', 'member')
    """
)
END = text(
    """
    with overlong as (
        select
            s.pid,
            case when s.xact_start < clock_timestamp() - cast(:longest as interval)
                then 'транзакция с ' || to_char(s.xact_start, 'DD.MM.YYYY HH24:MI:SS')
                else 'держит блокировку вне транзакции' end as reason
        from pg_stat_activity as s
        inner join pg_roles as r on s.usename = r.rolname
        where s.datname = current_database() and s.pid <> pg_backend_pid()
            and pg_has_role(r.oid, 'dolgomer_screens', 'member')
            and not r.rolsuper and r.rolname <> current_user
            and (
                s.xact_start < clock_timestamp() - cast(:longest as interval)
                or (
                    s.state = 'idle' and exists (
                        select from pg_locks as l where l.pid = s.pid and l.locktype = 'advisory'
                    )
                )
            )
    )

    select pid, reason from overlong where pg_terminate_backend(pid)
    """
)
