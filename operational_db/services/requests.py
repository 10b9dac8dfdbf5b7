"""Requests from screens to the scheduler: a rebuild of figures, a batch of statements.

A request is a row of ``ops.run_request``; the scheduler takes it and writes its progress there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from operational_db.locks import LockSpace

KINDS = {
    "build": "Пересчёт показателей",
    "statements": "Своды задолженности",
    "month_close": "Закрытие месяца",
    "court_packages": "Пакеты в суд",
    "month_check": "Сверка месяца",
    "month_reopen": "Открытие закрытого месяца",
}
PAPERS = {
    "account_statement": "Своды задолженности",
    "penalty_calculation": "Расчёты пени",
}
"""Papers that a request of the kind ``statements`` may ask for."""
STATES = {
    "queued": "в очереди",
    "running": "выполняется",
    "done": "готово",
    "failed": "не выполнено",
}

ROLES = {
    "build": frozenset({"accountant", "manager", "administrator"}),
    "statements": frozenset(
        {"manager", "lawyer", "accountant", "operator", "inspector", "official"}
    ),
    "court_packages": frozenset({"lawyer", "manager"}),
    "month_close": frozenset({"accountant"}),
    "month_check": frozenset({"accountant", "manager"}),
    "month_reopen": frozenset({"accountant", "manager"}),
}
"""Who may ask for what; the policies of ``ops.run_request`` hold to the same."""
REFUSALS = {
    "build": "Пересчёт заказывают бухгалтер, руководитель или администратор. Попросите их.",
    "statements": "Своды задолженности заказывают сотрудники, которые работают с должниками. "
    "Администратору они не выдаются.",
    "court_packages": "Партию в суд утверждает юрист или руководитель. Попросите их.",
    "month_close": "Месяц закрывает бухгалтер организации.",
    "month_check": "Месяц сверяют бухгалтер и руководитель организации.",
    "month_reopen": "Закрытый месяц открывают бухгалтер и руководитель организации.",
}

INSERT = text(
    """
    insert into ops.run_request (organisation_id, user_id, kind, parameters, items_total)
    select w.organisation_id, w.user_id, :kind, :parameters, :items_total
    from ops.who_am_i() as w
    returning run_request_id
    """
).bindparams(bindparam("parameters", type_=JSONB))

CONTINUE_PACKAGES = text("select ops.continue_packages(:batch_id)")

OWN_ROLES = text("select w.roles from ops.who_am_i() as w")

WAITING_BUILD = text(
    """
    select r.run_request_id from ops.run_request as r
    where r.kind = 'build' and r.state = 'queued'
        and r.organisation_id = (select w.organisation_id from ops.who_am_i() as w)
    order by r.run_request_id
    limit 1
    """
)

RECENT = text(
    """
    select
        r.run_request_id, r.kind, r.parameters ->> 'document' as document, r.state,
        r.items_total, r.items_done, r.message,
        r.recorded_at, r.started_at, r.finished_at,
        r.user_id = ops.session_user_id() as is_mine,
        (select count(*) from ops.document as d where d.run_request_id = r.run_request_id)
            as documents
    from ops.run_request as r
    order by r.run_request_id desc
    limit :limit
    """
)

ONE = text(
    """
    select
        r.run_request_id, r.kind, r.parameters ->> 'document' as document, r.state,
        r.items_total, r.items_done, r.message,
        r.recorded_at, r.started_at, r.finished_at,
        r.user_id = ops.session_user_id() as is_mine, 0 as documents
    from ops.run_request as r
    where r.run_request_id = :run_request_id
    """
)

TURN_FOR_CLAIM = text(
    "select pg_advisory_xact_lock(:space, cast(:case_id % 2147483648 as integer))"
)

WAITING_CLAIM = text(
    """
    select r.run_request_id from ops.run_request as r
    where r.kind = 'court_packages' and r.parameters ->> 'case_id' = :case_id
        and r.state in ('queued', 'running')
        and r.organisation_id = (select w.organisation_id from ops.who_am_i() as w)
    order by r.run_request_id
    limit 1
    """
)

WAITING_MONTH = text(
    """
    select r.run_request_id from ops.run_request as r
    where r.kind = :kind and r.parameters ->> 'period' = :period
        and r.state in ('queued', 'running')
        and r.organisation_id = (select w.organisation_id from ops.who_am_i() as w)
    order by r.run_request_id
    limit 1
    """
)

OF_MONTH = text(
    """
    select
        r.run_request_id, r.kind, r.parameters ->> 'document' as document, r.state,
        r.items_total, r.items_done, r.message,
        r.recorded_at, r.started_at, r.finished_at,
        r.user_id = ops.session_user_id() as is_mine, 0 as documents
    from ops.run_request as r
    where r.kind in ('month_check', 'month_close', 'month_reopen')
        and r.parameters ->> 'period' = :period
        and r.organisation_id = (select w.organisation_id from ops.who_am_i() as w)
    order by r.run_request_id desc
    limit 1
    """
)

DOCUMENTS = text(
    """
    select d.file_name, d.content from ops.document as d
    where d.run_request_id = :run_request_id
    order by d.document_id
    limit :limit offset :offset
    """
)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request with its progress, as a list of requests shows it."""

    run_request_id: int
    kind: str
    document: str | None
    state: str
    items_total: int | None
    items_done: int
    message: str | None
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    is_mine: bool
    documents: int

    @property
    def title(self) -> str:
        """What was asked for, in Russian."""
        return PAPERS.get(self.document or "", KINDS.get(self.kind, self.kind))

    @property
    def is_finished(self) -> bool:
        return self.state in {"done", "failed"}


def request_build(connection: Connection) -> int:
    """Ask for a rebuild of the figures; one that still waits in the queue is not doubled.

    Raises ``PermissionError`` (Russian) for users of other roles than ``ROLES`` names.
    """
    waiting = connection.scalar(WAITING_BUILD)
    return waiting or _insert(connection, "build", {}, None)


def request_statements(
    connection: Connection, account_ids: Sequence[int], *, document: str | None = None
) -> int:
    """Ask for one paper for each account; return the number of the request.

    ``document`` is the kind of paper; without it, the statement of debt.

    The accounts are named one by one, as the session's user saw them: the scheduler, whom
    row-level security does not bind, must not widen the choice. Raises ``ValueError`` for none,
    ``PermissionError`` (Russian) for users of other roles than ``ROLES`` names.
    """
    if not account_ids:
        raise ValueError("Не выбрано ни одного счёта.")
    parameters: dict[str, Any] = {"account_ids": list(account_ids)}
    if document is not None:
        parameters["document"] = document
    return _insert(connection, "statements", parameters, len(account_ids))


def request_packages(connection: Connection, batch_id: int, applications: int) -> int:
    """Ask for the packages of an approved batch; return the number of the request.

    Raises ``PermissionError`` (Russian) for users of other roles than ``ROLES`` names.
    """
    return _insert(connection, "court_packages", {"batch_id": batch_id}, applications)


def request_claim_package(connection: Connection, case_id: int) -> int:
    """Ask for the package of a drafted claim; one that is being made already is not doubled.

    Raises ``PermissionError`` (Russian) for users of other roles than ``ROLES`` names.
    """
    _demand_role(connection, "court_packages")
    take_turn_for_claim(connection, case_id)
    waiting = connection.scalar(WAITING_CLAIM, {"case_id": str(case_id)})
    return waiting or _insert(connection, "court_packages", {"case_id": case_id}, 1)


def take_turn_for_claim(connection: Connection, case_id: int) -> None:
    """Wait until nobody else asks for the package of the case or counts its duty; held until the
    end of the transaction.
    """
    connection.execute(TURN_FOR_CLAIM, {"space": LockSpace.CLAIM_PACKAGE, "case_id": case_id})


def continue_packages(connection: Connection, batch_id: int) -> bool:
    """Put the failed request of an approved batch back into the queue; false where there is none.

    The run goes on where it stopped: what has its package keeps it. Raises ``PermissionError``
    (Russian) for users of other roles than ``ROLES`` names.
    """
    _demand_role(connection, "court_packages")
    return connection.scalar(CONTINUE_PACKAGES, {"batch_id": batch_id})


def request_month(
    connection: Connection, kind: str, period: date, *, reason: str | None = None
) -> int:
    """Ask that a month of the user's own organisation be checked, closed or opened again.

    ``kind`` is one of ``month_check``, ``month_close``, ``month_reopen``; the last needs a reason.
    One that is not finished yet is not doubled. Raises ``ValueError`` (Russian) without a reason,
    ``PermissionError`` (Russian) for users of other roles than ``ROLES`` names.
    """
    parameters = {"period": period.isoformat()}
    if kind == "month_reopen":
        if not (reason or "").strip():
            raise ValueError("Напишите, почему месяц открывается снова: об этом спросят.")
        parameters["reason"] = reason.strip()
    waiting = connection.scalar(WAITING_MONTH, {"kind": kind, "period": period.isoformat()})
    return waiting or _insert(connection, kind, parameters, None)


def latest_of_month(connection: Connection, period: date) -> RunRequest | None:
    """The last request about a month of the user's own organisation."""
    row = connection.execute(OF_MONTH, {"period": period.isoformat()}).mappings().one_or_none()
    return None if row is None else RunRequest(**row)


def one_request(connection: Connection, run_request_id: int) -> RunRequest | None:
    """A request by its number; None when it is out of sight. Its documents are not counted."""
    row = connection.execute(ONE, {"run_request_id": run_request_id}).mappings().one_or_none()
    return None if row is None else RunRequest(**row)


def recent_requests(connection: Connection, limit: int = 50) -> list[RunRequest]:
    """The latest requests of the organisations that the session sees, newest first."""
    rows = connection.execute(RECENT, {"limit": limit}).mappings()
    return [RunRequest(**row) for row in rows]


def documents_of(
    connection: Connection, run_request_id: int, *, limit: int, offset: int = 0
) -> list[tuple[str, bytes]]:
    """File names and contents of documents that a request made, in the order of making.

    A batch may have a hundred thousand: they are asked for in parts that a server can hold.
    """
    values = {"run_request_id": run_request_id, "limit": limit, "offset": offset}
    rows = connection.execute(DOCUMENTS, values)
    return [(row.file_name, bytes(row.content)) for row in rows]


def _insert(
    connection: Connection, kind: str, parameters: dict[str, Any], items_total: int | None
) -> int:
    _demand_role(connection, kind)
    return connection.scalar(
        INSERT, {"kind": kind, "parameters": parameters, "items_total": items_total}
    )


def _demand_role(connection: Connection, kind: str) -> None:
    roles = connection.scalar(OWN_ROLES)
    if roles is None:
        raise PermissionError("Сеанс закончился. Войдите снова.")
    if not ROLES[kind].intersection(roles):
        raise PermissionError(REFUSALS[kind])
