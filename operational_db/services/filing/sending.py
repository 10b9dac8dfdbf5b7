"""After the packages: which went to the court, how and under which register, and which may not yet.

Sending is an event of each case («подано»), so it is undone as any event is. An application whose
state duty is not paid comes back (ГПК 125 ч. 1), so nothing is marked while one is not. The
connection is that of a screen, and the caller owns the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from operational_db.models.claims import CaseEventKind
from operational_db.services import limitation
from operational_db.services.cases import NewEvent, annul_events, register_events
from operational_db.services.filing.batches import take_turn

Row = Mapping[str, Any]

WAYS = {
    "post": "Почта России, заказным письмом с описью",
    "office": "Нарочно в канцелярию суда",
    "portal": "Через портал ГАС «Правосудие»",
}
"""How applications go to a court; the name is kept with the event."""

NEEDS_NUMBER = frozenset({"post"})
"""Without the number of the list of the post office nobody can prove the day of sending."""
NAMED_AT_MOST = 10


class SendingRefusedError(ValueError):
    """Nothing was marked; the message is Russian and says why. ``unpaid`` are the cases to pay."""

    def __init__(self, message: str, unpaid: Sequence[Row] = ()) -> None:
        super().__init__(message)
        self.unpaid = list(unpaid)


@dataclass(frozen=True, slots=True)
class Sending:
    """When and how applications went out; ``way`` is a key of ``WAYS``.

    ``register_number`` is that of the list of the post office, of the stamp or of the receipt.
    """

    sent_on: date
    way: str
    register_number: str = ""


def sections(connection: Connection, batch_id: int) -> list[Row]:
    """Court sections of a batch in the order of the pile: packages, sums in roubles, sent, unpaid.

    ``sent_on``, ``way`` and ``register_number`` are those of the last sending.
    """
    values = {"batch_id": batch_id, "court_code": None}
    return list(connection.execute(SECTIONS, values).mappings())


def unpaid(connection: Connection, batch_id: int, court_code: str | None = None) -> list[Row]:
    """Packages that are not sent and whose duty the bank has not confirmed, with what is to pay."""
    values = {"batch_id": batch_id, "court_code": court_code}
    return list(connection.execute(UNPAID, values).mappings())


def passing(
    connection: Connection, batch_id: int, sent_on: date, court_code: str | None = None
) -> list[Row]:
    """Packages that wait and some of whose months pass the limitation before a day of sending.

    The batch was held against the day that was planned; the true day may be a later one.
    """
    values = {"batch_id": batch_id, "court_code": court_code}
    return limitation.passed_before(connection, connection.scalars(WAITING, values).all(), sent_on)


def mark_sent(
    connection: Connection, batch_id: int, sending: Sending, court_code: str | None = None
) -> int:
    """Mark all packages of a batch, or of one court section, as sent; return how many.

    Packages that went before, or whose case has ended, are left alone. Raises
    :class:`SendingRefusedError` when a duty is not paid, or nothing is left to send, and
    ``CaseRefusedError`` for a day that cannot be.
    """
    if sending.way not in WAYS:
        raise SendingRefusedError(f"Неизвестный способ отправки «{sending.way}».")
    number = sending.register_number.strip()
    if sending.way in NEEDS_NUMBER and not number:
        raise SendingRefusedError("Впишите номер списка почтовых отправлений: по нему ищут письмо.")
    _take_turn_of(connection, batch_id, "Отправлять нечего: такой партии нет, или она чужая.")
    owing = unpaid(connection, batch_id, court_code)
    if owing:
        raise SendingRefusedError(
            f"Не отмечено ничего: пошлина не оплачена, дел {len(owing)}. "
            f"{_named(owing)} Оплатите её на экране «Пошлины» и загрузите выписку банка.",
            owing,
        )
    values = {"batch_id": batch_id, "court_code": court_code}
    waiting = connection.scalars(WAITING, values).all()
    if not waiting:
        raise SendingRefusedError("Отправлять нечего: все пакеты уже отмечены.")
    register_events(
        connection,
        [
            NewEvent(
                case_id=case_id,
                kind=CaseEventKind.FILED,
                happened_on=sending.sent_on,
                document_number=number or None,
                destination=WAYS[sending.way],
            )
            for case_id in waiting
        ],
    )
    return len(waiting)


def take_back(
    connection: Connection, batch_id: int, reason: str, court_code: str | None = None
) -> int:
    """Undo :func:`mark_sent` where the court has not answered yet; return how many.

    Each mark stays in the journal of its case as undone. Raises :class:`SendingRefusedError` when
    there is nothing to undo, and ``CaseRefusedError`` without a reason.
    """
    _take_turn_of(connection, batch_id, "Отменять нечего: такой партии нет, или она чужая.")
    values = {"batch_id": batch_id, "court_code": court_code}
    marks = connection.scalars(UNANSWERED, values).all()
    if not marks:
        raise SendingRefusedError("Отменять нечего: пакеты не отправлены, или суд уже ответил.")
    return len(annul_events(connection, marks, reason))


def _take_turn_of(connection: Connection, batch_id: int, refusal: str) -> None:
    """Wait for whoever marks packages of the organisation; what waits is looked at after that."""
    organisation_id = connection.scalar(WHOSE, {"batch_id": batch_id})
    if organisation_id is None:
        raise SendingRefusedError(refusal)
    take_turn(connection, organisation_id)


def _named(owing: Sequence[Row]) -> str:
    named = ", ".join(row["case_number"] for row in owing[:NAMED_AT_MOST])
    return f"{named} и другие." if len(owing) > NAMED_AT_MOST else f"{named}."


WHOSE = text("select b.organisation_id from ops.filing_batch as b where b.batch_id = :batch_id")
# What stands between a package and its court. A duty that has gone back is paid no more.
_PACKAGES = """
    package as materialized (
        select
            r.item_number, i.court_code, i.principal_amount + i.penalty_amount as total_amount,
            s.case_id, s.number as case_number, s.account_id, s.filed_on, s.state,
            s.is_live and s.filed_on is null as is_waiting,
            duty.duty_amount, duty.to_pay, coalesce(duty.is_paid, false) as is_paid, duty.statuses
        from ops.filing_result as r
        inner join ops.filing_item as i
            on r.batch_id = i.batch_id and r.item_number = i.item_number
        inner join ops.court_case_state as s on r.case_id = s.case_id
        left join lateral (
            select
                sum(d.amount) as duty_amount, array_agg(d.status) as statuses,
                sum(d.to_pay) filter (where d.status in ('calculated', 'in_register')) as to_pay,
                bool_and(
                    d.status = 'offset'
                    or (d.status = 'paid' and d.paid_amount >= d.to_pay)
                ) as is_paid
            from ops.state_duty_current as d
            where d.case_id = s.case_id
            having count(*) > 0
        ) as duty on true
        where r.batch_id = :batch_id
            and (cast(:court_code as text) is null or i.court_code = :court_code)
    )
"""
SECTIONS = text(
    f"""
    with {_PACKAGES},

    last_sending as (
        select distinct on (p.court_code)
            p.court_code, e.destination as way, e.document_number as register_number
        from package as p
        inner join ops.case_event as e on p.case_id = e.case_id and e.kind = 'filed'
        where p.filed_on is not null and not exists (
            select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
        )
        order by p.court_code, e.case_event_id desc
    )

    select
        p.court_code, c.name as court_name, count(*) as packages,
        sum(p.total_amount) as total_amount, coalesce(sum(p.duty_amount), 0) as duty_amount,
        count(*) filter (where p.filed_on is not null) as sent,
        count(*) filter (where p.is_waiting) as waiting,
        count(*) filter (where p.is_waiting and not p.is_paid) as unpaid,
        max(p.filed_on) as sent_on, max(l.way) as way, max(l.register_number) as register_number
    from package as p
    left join ops.court as c on p.court_code = c.court_code
    left join last_sending as l on p.court_code = l.court_code
    group by p.court_code, c.name
    order by min(p.item_number)
    """  # noqa: S608 - constants of this file
)
UNPAID = text(
    f"""
    with {_PACKAGES}

    select
        p.case_id, p.case_number, p.account_id, a.account_number, who.full_name as debtor_name,
        p.duty_amount, p.to_pay, p.statuses, c.name as court_name
    from package as p
    inner join ops.account as a on p.account_id = a.account_id
    left join ops.court as c on p.court_code = c.court_code
    left join lateral (
        select d.person_id from ops.case_debtor as d
        where d.case_id = p.case_id
        order by d.case_debtor_id
        limit 1
    ) as first_debtor on true
    left join lateral (
        select v.full_name from ops.person_visible as v
        where v.person_id = first_debtor.person_id
        offset 0
    ) as who on true
    where p.is_waiting and not p.is_paid
    order by p.item_number
    """  # noqa: S608
)
WAITING = text(
    f"with {_PACKAGES} select p.case_id from package as p "  # noqa: S608
    "where p.is_waiting order by p.item_number"
)
UNANSWERED = text(
    f"""
    with {_PACKAGES}

    select e.case_event_id
    from package as p
    inner join ops.case_event as e on p.case_id = e.case_id and e.kind = 'filed'
    where p.state = 'filed' and not exists (
        select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
    )
    order by p.item_number
    """  # noqa: S608
)
