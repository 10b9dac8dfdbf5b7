"""State duty of applications: counted once, then followed by events until paid, offset or refunded.

A duty is recorded with the rule that it was counted by. Nothing of it is changed afterwards: what
becomes of it (register, payment, offset, refund) are events, and a wrong one is undone by another.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.locks import LockSpace
from operational_db.services.courts import DETAILS_ON, HOUSE_ADDRESS
from operational_db.services.import_staging import fill_temporary_table
from operational_db.services.state_duty import (
    DutyKind,
    DutyRefusedError,
    DutyTables,
    competence,
    duty_tables,
    state_duty,
)

STATUSES = {
    "calculated": "рассчитана",
    "in_register": "на оплате",
    "paid": "оплачена",
    "offset": "оплачена зачётом",
    "offset_to": "зачтена в другое дело",
    "refund_due": "к возврату",
    "refunded": "возвращена",
}
KINDS = {"order": "судебный приказ", "claim": "иск"}
EVENTS = {
    "in_register": "включена в реестр",
    "out_of_register": "исключена из реестра",
    "paid": "оплачена",
    "offset_to": "зачтена",
    "refund_due": "к возврату",
    "refunded": "возвращена",
    "undone": "отмена события",
}
OFFSET_GROUNDS = {
    "cancelled": "приказ отменён (НК РФ ст. 333.20 п. 1 пп. 13)",
    "refused": "в приказе отказано (НК РФ ст. 333.20 п. 1 пп. 13)",
    "returned": "заявление возвращено (НК РФ ст. 333.40 п. 1 пп. 2)",
}
REFUND_GROUNDS = {
    "returned": "заявление возвращено (НК РФ ст. 333.40 п. 1 пп. 2)",
    "refused": "в принятии отказано (НК РФ ст. 333.40 п. 1 пп. 2)",
    "terminated": "производство прекращено или заявление оставлено без рассмотрения "
    "(НК РФ ст. 333.40 п. 1 пп. 3)",
    "overpaid": "уплачено больше, чем следовало (НК РФ ст. 333.40 п. 1 пп. 1)",
}
_SECTION = re.compile(r"[Сс]удебн\w+ участ\w+ № ?([0-9/-]+)")
MARK = "ГП-"
"""Begins the purpose of a payment: «ГП-123» finds duty 123 in a statement again."""
LONGEST_PURPOSE = 195

LOCK = text("select pg_advisory_xact_lock(:space, :organisation)")
ROW_COLUMNS = """
    line integer, organisation_id integer, account_id bigint, person_id bigint, case_id bigint,
    kind text, filed_on date, claim_sum numeric(14, 2), step_id text, formula text, act text,
    exact_amount numeric(16, 6), amount numeric(14, 2), court_kind text, court_code text,
    debtor_name text
"""
# The court is that of the house, unless the caller knows better.
PLACED = text(
    f"""
    select
        r.line, a.account_number, coalesce(r.court_code, hc.code) as court_code,
        c.name as court_name,
        {HOUSE_ADDRESS} || coalesce(', кв. ' || p.number, '') as address
    from pg_temp.duty_row as r
    inner join ops.account as a on r.account_id = a.account_id
    left join ops.premises as p on a.premises_id = p.premises_id
    left join ops.house as h on p.house_id = h.house_id
    left join ops.address_object as o on h.address_object_id = o.address_object_id
    left join ops.address_object as up on o.parent_id = up.address_object_id
    left join (
        select hc.house_id, k.kind,
            case k.kind when 'MS' then hc.magistrate_code else hc.district_code end as code
        from ops.house_court as hc
        cross join (values ('MS'), ('RS')) as k (kind)
    ) as hc on p.house_id = hc.house_id and r.court_kind = hc.kind
    left join ops.court as c on coalesce(r.court_code, hc.code) = c.court_code
    order by r.line
    """  # noqa: S608 - a constant of ours
)
ADD = text(
    """
    insert into ops.state_duty (
        organisation_id, account_id, person_id, case_id, kind, filed_on, claim_sum, step_id,
        formula, act, exact_amount, amount, court_code, purpose, user_id
    )
    select
        r.organisation_id, r.account_id, r.person_id, r.case_id, r.kind, r.filed_on, r.claim_sum,
        r.step_id, r.formula, r.act, r.exact_amount, r.amount, p.court_code, p.purpose,
        ops.session_user_id()
    from pg_temp.duty_row as r
    inner join pg_temp.duty_purpose as p on r.line = p.line
    order by r.line
    returning state_duty_id
    """
)
NEVER_FILED = """(
    exists (
        select 1 from ops.case_event as e where e.case_id = d.case_id and e.kind = 'withdrawn'
    )
    and exists (
        select 1 from ops.court_case_state as s
        where s.case_id = d.case_id and s.state = 'withdrawn' and s.filed_on is null
    )
)"""
"""Nobody pays for what is not going to the court; few cases are asked for their state."""
FROM_DUTIES = f"""
    from ops.state_duty_current as d
    inner join ops.account as a on d.account_id = a.account_id
    left join ops.court as c on d.court_code = c.court_code
    left join ops.court_case as k on d.case_id = k.case_id
    left join ops.duty_register as g on d.duty_register_id = g.duty_register_id
    left join ops.duty_register_item as i
        on d.duty_register_id = i.duty_register_id and d.state_duty_id = i.state_duty_id
    left join lateral (
        select v.full_name from ops.person_visible as v where v.person_id = d.person_id offset 0
    ) as who on true
    left join lateral (
        {DETAILS_ON.format(court_code="d.court_code", day="ops.as_of()")}
    ) as latest on true
    -- What went to the bank stays as it went.
    left join ops.court_payment_details as t
        on coalesce(i.court_payment_details_id, latest.court_payment_details_id)
            = t.court_payment_details_id
    where (cast(:organisation_id as integer) is null or d.organisation_id = :organisation_id)
        and (cast(:court_code as text) is null or d.court_code = :court_code)
        and (not :without_court or d.court_code is null)
        and (cast(:status as text) is null or d.status = :status)
        and (cast(:duty_register_id as bigint) is null or d.duty_register_id = :duty_register_id)
        and (cast(:account_number as text) = '' or a.account_number = :account_number)
"""  # noqa: S608 - a constant of ours
COLUMNS = f"""
    k.number as case_number, d.state_duty_id, d.organisation_id, a.account_id, a.account_number,
    who.full_name as debtor_name, d.person_id, d.kind,
    d.claim_sum, d.formula, d.act, d.amount, d.offset_amount, d.to_pay, d.filed_on, d.status,
    d.court_code, c.name as court_name, t.payee, t.inn, t.kpp, t.oktmo, t.kbk, t.bic,
    t.account_number as payee_account, t.bank, t.valid_to as details_valid_to,
    coalesce(i.purpose, d.purpose) as purpose, d.paid_on, d.paid_document, d.paid_amount,
    d.used_amount, d.refund_due_amount, d.refunded_amount, d.case_id, d.duty_register_id,
    g.number as register_number, g.registered_on, i.order_number, i.amount as order_amount,
    case
        when d.status not in ('calculated', 'in_register') then null
        when {NEVER_FILED} then 'не платить: дело отозвано до подачи'
        when d.status <> 'calculated' then null
        when d.court_code is null then 'суд не определён'
        when t.court_payment_details_id is null then 'нет реквизитов суда'
        when t.valid_to < ops.as_of() then 'срок реквизитов суда истёк'
    end as problem,
    greatest(t.valid_from, cast(t.recorded_at as date)) < ops.as_of() - :old_days
        as has_old_details
"""
PAGE = text(
    f"select {COLUMNS} {FROM_DUTIES} order by d.state_duty_id desc limit :limit offset :offset"
)
IN_ORDER = text(f"select {COLUMNS} {FROM_DUTIES} order by i.position nulls last, d.state_duty_id")
TOTALS = text(
    f"""
    select count(*) as duties, coalesce(sum(d.amount), 0) as amount,
        coalesce(sum(d.to_pay) filter (where not {NEVER_FILED}), 0) as to_pay,
        coalesce(sum(d.claim_sum), 0) as claim_sum
    {FROM_DUTIES}
    """
)
# What nobody is to pay does not wait to be paid.
BY_STATUS = text(
    f"""
    select d.status, count(*) as duties, sum(d.amount) as amount, sum(d.to_pay) as to_pay
    from ops.state_duty_current as d
    where (cast(:organisation_id as integer) is null or d.organisation_id = :organisation_id)
        and not (d.status = 'calculated' and {NEVER_FILED})
    group by d.status
    """  # noqa: S608 - a constant of ours
)
COURTS = text(
    """
    select d.court_code, coalesce(c.name, d.court_code) as name
    from ops.state_duty as d
    inner join ops.court as c on d.court_code = c.court_code
    group by d.court_code, c.name
    order by ops.russian_sort_key(c.name), d.court_code
    """
)
ONE = text("select * from ops.state_duty_current where state_duty_id = :state_duty_id")
DEBTORS = text(
    """
    with account as (
        select a.account_id, a.premises_id from ops.account as a
        where a.organisation_id = :organisation_id and a.account_number = :account_number
    ),

    people as (
        select w.person_id, 1 as priority
        from account as a
        inner join ops.ownership as w
            on a.premises_id = w.premises_id and w.organisation_id = :organisation_id
        where w.valid_from <= ops.as_of() and (w.valid_to is null or w.valid_to >= ops.as_of())
        union all
        select r.person_id, 2
        from account as a
        inner join ops.residency as r on a.account_id = r.account_id
        where r.valid_from <= ops.as_of() and (r.valid_to is null or r.valid_to >= ops.as_of())
    )

    select a.account_id, v.person_id, v.full_name
    from account as a
    left join (
        select person_id, min(priority) as priority from people
        where person_id is not null
        group by person_id
    ) as p on true
    left join lateral (
        select v.* from ops.person_visible as v where v.person_id = p.person_id offset 0
    ) as v on true
    order by p.priority, v.full_name, v.person_id
    """
)
EVENTS_OF = text(
    """
    select e.*, r.number as register_number, u.state_duty_event_id is not null as is_undone
    from ops.state_duty_event as e
    left join ops.duty_register as r on e.duty_register_id = r.duty_register_id
    left join ops.state_duty_event as u on u.undoes_event_id = e.state_duty_event_id
    where e.state_duty_id = :state_duty_id or e.other_duty_id = :state_duty_id
    order by e.state_duty_event_id
    """
)
ADD_EVENT = text(
    """
    insert into ops.state_duty_event (
        state_duty_id, kind, happened_on, amount, duty_register_id, bank_operation_id, document,
        other_duty_id, undoes_event_id, reason, user_id
    )
    values (
        :state_duty_id, :kind, :happened_on, :amount, :duty_register_id, :bank_operation_id,
        :document, :other_duty_id, :undoes_event_id, :reason, ops.session_user_id()
    )
    """
)
LAST_EVENT = text(
    """
    select e.* from ops.state_duty_event as e
    where e.state_duty_id = :state_duty_id and e.kind <> 'undone'
        and not exists (
            select 1 from ops.state_duty_event as u
            where u.undoes_event_id = e.state_duty_event_id
        )
    order by e.state_duty_event_id desc
    limit 1
    """
)
OFFSETS_INTO = text(
    """
    select moved.state_duty_event_id, moved.state_duty_id, moved.amount
    from ops.state_duty as own
    inner join ops.state_duty_event as moved
        on own.state_duty_id = moved.other_duty_id and moved.kind = 'offset_to'
    where own.case_id = :case_id and not exists (
        select 1 from ops.state_duty_event as back
        where back.undoes_event_id = moved.state_duty_event_id
    )
    order by moved.state_duty_event_id
    """
)
ORGANISATION_OF = text("select organisation_id from ops.court_case where case_id = :case_id")
OFFSET_TERM = text(
    """
    select value, cast(
            cast(:paid_on as date) + make_interval(years => cast(value as integer)) as date
        ) as last_day
    from reference.legal_term
    where code = 'duty_offset_term' and is_enabled and valid_from <= :day
        and (valid_to is null or valid_to >= :day)
    """
)
EVENT_VALUES = (
    "amount", "duty_register_id", "bank_operation_id", "document", "other_duty_id",
    "undoes_event_id", "reason",
)  # fmt: skip
OLD_DETAILS_DAYS = 365
"""Details that nobody has looked at for so long may have changed: they need a second look."""

Row = Mapping[str, Any]


class DutyError(ValueError):
    """What was asked of a duty cannot be done; the message is Russian and says why."""


@dataclass(frozen=True, slots=True)
class DutyRequest:
    """An application that a duty is due for. ``court_code`` None: the court of the house.

    ``debtor_name`` goes into the purpose of the payment; roubles with kopecks in ``claim_sum``.
    """

    organisation_id: int
    account_id: int
    kind: DutyKind
    claim_sum: Decimal
    filed_on: date
    debtor_name: str
    person_id: int | None = None
    case_id: int | None = None
    court_code: str | None = None


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """Which duties are asked for; what is None or empty asks nothing."""

    organisation_id: int | None = None
    court_code: str | None = None
    without_court: bool = False
    status: str | None = None
    duty_register_id: int | None = None
    account_number: str = ""

    def values(self) -> dict[str, Any]:
        """As bound values of the queries."""
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "old_days": OLD_DETAILS_DAYS,
        }

    def described(self) -> dict[str, str]:
        """What was asked, for the audit trail."""
        asked = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: str(value) for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Debtors:
    """Who may be sued for an account: names by number, owners first."""

    account_id: int
    people: dict[int, str]


def debtors_of(connection: Connection, organisation_id: int, account_number: str) -> Debtors | None:
    """Owners and residents of an account of the organisation; None without such an account."""
    found = connection.execute(
        DEBTORS, {"organisation_id": organisation_id, "account_number": account_number}
    ).all()
    if not found:
        return None
    names = {row.person_id: row.full_name for row in found if row.person_id is not None}
    return Debtors(found[0].account_id, names)


def one(connection: Connection, state_duty_id: int) -> Row | None:
    """A duty as it stands, or None."""
    found = connection.execute(ONE, {"state_duty_id": state_duty_id})
    return found.mappings().one_or_none()


def record_duties(
    connection: Connection, requests: Sequence[DutyRequest], tables: DutyTables | None = None
) -> list[int]:
    """Count and record duties of applications, many at once; return their numbers in order.

    Raises ``DutyRefusedError`` for a sum above the limit of orders, and for what has no scale.
    """
    if not requests:
        return []
    tables = tables or duty_tables(connection)
    rows = [_row(tables, line, asked) for line, asked in enumerate(requests)]
    fill_temporary_table(connection, "duty_row", ROW_COLUMNS, rows)
    placed = connection.execute(PLACED).all()
    if len(placed) != len(requests):
        raise DutyError("Одного из лицевых счетов нет. Обновите страницу.")
    purposes = [
        (
            row.line,
            row.court_code,
            purpose_of_payment(
                requests[row.line].kind,
                row.account_number,
                requests[row.line].debtor_name,
                row.address,
                row.court_name,
            ),
        )
        for row in placed
    ]
    columns = "line integer, court_code text, purpose text"
    fill_temporary_table(connection, "duty_purpose", columns, purposes)
    return list(connection.execute(ADD).scalars())


def purpose_of_payment(
    kind: DutyKind, account_number: str, debtor_name: str, address: str | None, court: str | None
) -> str:
    """What the payment is for, as courts look for it; what does not fit is left out, not cut."""
    what = {
        DutyKind.ORDER: "Госпошлина за выдачу судебного приказа о взыскании задолженности за ЖКУ",
        DutyKind.CLAIM: "Госпошлина за подачу иска о взыскании задолженности за ЖКУ",
    }[kind]
    section = _SECTION.search(court or "")
    parts = [
        what,
        f"ЛС {account_number}",
        debtor_name.strip(),
        address or "",
        # The name of a section in full is longer than the purpose may be.
        f"судебный участок № {section[1]}" if section else court or "",
    ]
    end = "НДС не облагается"
    # The address goes first: it is told by the account. Then the court, which the account number
    # of the treasury tells.
    for dropped in ((), (3,), (3, 4), (2, 3, 4)):
        kept = [part for place, part in enumerate(parts) if part and place not in dropped]
        purpose = ", ".join([*kept, end])
        if len(purpose) <= LONGEST_PURPOSE:
            return purpose
    return f"{what}, {end}"


def duties(
    connection: Connection, asked: DutyFilter, *, limit: int = 50, offset: int = 0
) -> tuple[list[Row], Row]:
    """A page of duties, the newest first; and the number and sums of all that match."""
    values = asked.values()
    rows = connection.execute(PAGE, {**values, "limit": limit, "offset": offset}).mappings()
    return list(rows), connection.execute(TOTALS, values).mappings().one()


def all_duties(connection: Connection, asked: DutyFilter) -> Iterator[Row]:
    """Every duty that matches, in the order of its register: the form of the register of duties."""
    # The options are of this statement alone: those of a connection would stay with it.
    found = connection.execute(IN_ORDER.execution_options(yield_per=2000), asked.values())
    for number, row in enumerate(found.mappings(), start=1):
        yield {
            **row,
            "number": number,
            "kind_name": KINDS[row["kind"]],
            "status_name": STATUSES[row["status"]],
            "rule": f"{row['formula']}; {row['act']}",
        }


def totals_by_status(connection: Connection, organisation_id: int | None = None) -> dict[str, Row]:
    """Number and sums of duties by status; a status that nothing has is left out."""
    found = connection.execute(BY_STATUS, {"organisation_id": organisation_id}).mappings()
    return {row["status"]: row for row in found}


def courts_of_duties(connection: Connection) -> dict[str, str]:
    """Courts that duties are for, by code."""
    return {row.court_code: row.name for row in connection.execute(COURTS)}


def events_of(connection: Connection, state_duty_id: int) -> list[Row]:
    """The course of a duty, oldest first, with offsets that it received."""
    return list(connection.execute(EVENTS_OF, {"state_duty_id": state_duty_id}).mappings())


def pay_by_hand(
    connection: Connection,
    state_duty_id: int,
    *,
    paid_on: date,
    document: str,
    bank_operation_id: int | None = None,
) -> None:
    """Note that a duty was paid by a payment order that no statement will tell of.

    With ``bank_operation_id`` the operation of a statement is bound by a person.
    """
    duty = _locked(connection, state_duty_id)
    if duty.status not in {"calculated", "in_register"}:
        raise DutyError(f"Эта пошлина уже {STATUSES[duty.status]}.")
    if not document.strip():
        raise DutyError("Укажите номер платёжного поручения.")
    _add(
        connection,
        state_duty_id,
        "paid",
        paid_on,
        amount=duty.to_pay,
        document=document.strip(),
        bank_operation_id=bank_operation_id,
    )


def offset(
    connection: Connection, paid_duty_id: int, new_duty_id: int, ground: str, on: date
) -> Decimal:
    """Pay a new duty by an older one whose order was cancelled, refused or returned; the sum.

    What was used, refunded or is to be refunded cannot be used again. A returned application's duty
    serves within the term of НК 333.40. Raises ``DutyError``.
    """
    if ground not in OFFSET_GROUNDS:
        raise DutyError("Выберите основание зачёта.")
    if paid_duty_id == new_duty_id:
        raise DutyError("Пошлину не зачесть саму в себя.")
    # In one order, so that two people offsetting crosswise do not wait for each other.
    old, new = (
        {it.state_duty_id: it for it in (
            _locked(connection, number) for number in sorted((paid_duty_id, new_duty_id))
        )}[number]
        for number in (paid_duty_id, new_duty_id)
    )  # fmt: skip
    if old.account_id != new.account_id or old.person_id != new.person_id:
        raise DutyError("Зачесть можно только пошлину того же должника по тому же счёту.")
    free = old.paid_amount - old.used_amount - old.refunded_amount - old.refund_due_amount
    if free <= 0:
        raise DutyError("По этой пошлине зачитывать нечего: она не оплачена или уже использована.")
    if new.status != "calculated":
        raise DutyError(f"Новая пошлина уже {STATUSES[new.status]}: зачёт делают до оплаты.")
    if ground == "returned":
        term = connection.execute(
            OFFSET_TERM, {"day": new.filed_on, "paid_on": old.paid_on}
        ).one_or_none()
        if term is not None and new.filed_on > term.last_day:
            raise DutyError(
                f"Прошло больше {int(term.value)} лет со дня уплаты: пошлину возвращённого "
                "заявления уже не зачесть (НК РФ ст. 333.40)."
            )
    amount = min(free, new.to_pay)
    _add(
        connection,
        paid_duty_id,
        "offset_to",
        on,
        amount=amount,
        other_duty_id=new_duty_id,
        reason=OFFSET_GROUNDS[ground],
    )
    return amount


def ask_for_refund(connection: Connection, state_duty_id: int, ground: str, on: date) -> Decimal:
    """Note that what is left of a paid duty is to be asked back from the tax office; the sum.

    A cancelled order gives no refund, only an offset: it was issued.
    """
    if ground not in REFUND_GROUNDS:
        raise DutyError(
            "Выберите основание возврата. Отмена приказа возврата не даёт, только зачёт."
        )
    duty = _locked(connection, state_duty_id)
    free = duty.paid_amount - duty.used_amount - duty.refunded_amount - duty.refund_due_amount
    if free <= 0:
        raise DutyError("Возвращать нечего: пошлина не оплачена или уже использована.")
    _add(connection, state_duty_id, "refund_due", on, amount=free, reason=REFUND_GROUNDS[ground])
    return free


def refunded(connection: Connection, state_duty_id: int, *, on: date, document: str) -> None:
    """Note that the tax office returned what was asked back."""
    duty = _locked(connection, state_duty_id)
    if duty.status != "refund_due":
        raise DutyError("Возврат этой пошлины не запрошен.")
    if not document.strip():
        raise DutyError("Укажите документ о возврате.")
    _add(
        connection,
        state_duty_id,
        "refunded",
        on,
        amount=duty.refund_due_amount - duty.refunded_amount,
        document=document.strip(),
    )


def undo_last_event(connection: Connection, state_duty_id: int, reason: str, on: date) -> str:
    """Undo the latest event of a duty; returns what was undone, in Russian."""
    duty = _locked(connection, state_duty_id)
    if not reason.strip():
        raise DutyError("Напишите, почему событие отменяется.")
    last = connection.execute(LAST_EVENT, {"state_duty_id": state_duty_id}).one_or_none()
    if last is None:
        raise DutyError("У этой пошлины ещё нет событий.")
    if last.kind == "offset_to":
        other = _locked(connection, last.other_duty_id)
        if other.status not in {"calculated", "offset"}:
            raise DutyError(f"Пошлина, в которую зачтено, уже {STATUSES[other.status]}.")
    if last.kind in {"in_register", "out_of_register"}:
        # The order itself is in the register and stays there: leaving it is an event of its own.
        if last.kind == "out_of_register" or duty.status != "in_register":
            raise DutyError("Отменять нечего: пошлина уже исключена из реестра.")
        _add(
            connection,
            state_duty_id,
            "out_of_register",
            on,
            duty_register_id=last.duty_register_id,
            reason=reason.strip(),
        )
    else:
        _add(
            connection,
            state_duty_id,
            "undone",
            on,
            undoes_event_id=last.state_duty_event_id,
            reason=reason.strip(),
        )
    return EVENTS[last.kind]


def release_offsets(connection: Connection, case_id: int, reason: str, on: date) -> Decimal:
    """Take back what older duties paid for those of a case that was never filed; the sum.

    They may be set off again. Reason and day go into the course of the older duties.
    """
    asked = {"case_id": case_id}
    lock_duties(connection, connection.scalar(ORGANISATION_OF, asked))
    released = Decimal(0)
    for moved in connection.execute(OFFSETS_INTO, asked).all():
        _add(
            connection,
            moved.state_duty_id,
            "undone",
            on,
            undoes_event_id=moved.state_duty_event_id,
            reason=reason,
        )
        released += moved.amount
    return released


def _row(tables: DutyTables, line: int, asked: DutyRequest) -> tuple[object, ...]:
    court = competence(tables, asked.kind, asked.claim_sum, asked.filed_on)
    if court is not None and court.objection:
        raise DutyRefusedError(court.objection)
    counted = state_duty(tables, asked.kind, asked.claim_sum, asked.filed_on)
    return (
        line,
        asked.organisation_id,
        asked.account_id,
        asked.person_id,
        asked.case_id,
        asked.kind.value,
        asked.filed_on,
        asked.claim_sum,
        counted.step_id,
        counted.formula,
        counted.act,
        counted.exact,
        counted.amount,
        None if court is None else court.court_kind,
        asked.court_code,
        asked.debtor_name,
    )


def _locked(connection: Connection, state_duty_id: int) -> Any:
    """The duty as it stands, while nobody else of the organisation writes to duties."""
    duty = connection.execute(ONE, {"state_duty_id": state_duty_id}).one_or_none()
    if duty is None:
        raise DutyError("Такой пошлины нет.")
    lock_duties(connection, duty.organisation_id)
    return connection.execute(ONE, {"state_duty_id": state_duty_id}).one()


def lock_duties(connection: Connection, organisation_id: int) -> None:
    """Keep others from changing duties of the organisation until the transaction ends."""
    connection.execute(LOCK, {"space": LockSpace.DUTIES, "organisation": organisation_id})


def _add(
    connection: Connection, state_duty_id: int, kind: str, happened_on: date, **values: Any
) -> None:
    given = dict.fromkeys(EVENT_VALUES)
    connection.execute(
        ADD_EVENT,
        {**given, "state_duty_id": state_duty_id, "kind": kind, "happened_on": happened_on}
        | values,
    )
