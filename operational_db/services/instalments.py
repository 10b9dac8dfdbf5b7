"""Agreements by instalments: drawn up from the debt, kept or broken by payments, ended by events.

An agreement is of one set of people who answer together: co-owners by share answer each for his own
part, so each signs for himself. What it puts off is told by ``ops.is_put_off`` alone; what it is on
a day, by ``ops.instalment_state``; here schedules are made and facts are written.

The connection is that of a screen and the caller owns the transaction. Penalty on what is not paid
goes on by law (ЖК 155 ч. 14, 14.1), so the agreements say that it does.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from operational_db.locks import LockSpace
from operational_db.services.instalment_debts import as_json, parties

Row = Mapping[str, Any]

KOPECK = Decimal("0.01")
LONGEST = 60
"""Payments of a schedule: five years; whoever needs longer is asked for by other means."""

STATES = {
    "kept": "соблюдается",
    "late": "есть просрочка",
    "broken": "нарушено",
    "fulfilled": "исполнено",
    "terminated": "расторгнуто",
    "annulled": "внесено по ошибке",
}


class InstalmentRefusedError(ValueError):
    """The agreement or the event cannot be written; the message is Russian and says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One payment: ``number`` 0 is the first payment. Sums in roubles."""

    number: int
    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NewAgreement:
    """What the parties sign: whose debt it is, who signs, how it is paid.

    ``answering`` is that of :func:`instalment_debts.parties`; ``person_ids`` are of those who are
    asked for that debt, and one at least answers first-hand.
    """

    account_id: int
    answering: Sequence[Mapping[str, Any]]
    signed_on: date
    place: str
    person_ids: Sequence[int]
    period_from: date
    period_to: date
    principal: Decimal
    penalty: Decimal
    lines: Sequence[Line]
    missed_limit: int = 2


def schedule(
    total: Decimal,
    *,
    first_payment: Decimal,
    first_on: date,
    count: int,
    pay_day: int,
) -> list[Line]:
    """Divide ``total`` roubles into a first payment and ``count`` monthly ones, to the kopeck.

    Monthly payments are equal and the last one takes the kopecks that are left. They fall on day
    ``pay_day`` of the months after ``first_on``, or on the last day of a shorter month. Raises
    :class:`InstalmentRefusedError`.
    """
    if not 1 <= count <= LONGEST:
        raise InstalmentRefusedError(f"Платежей бывает от 1 до {LONGEST}.")
    if not 1 <= pay_day <= 31:
        raise InstalmentRefusedError("День платежа – число от 1 до 31.")
    if first_payment <= 0:
        raise InstalmentRefusedError("Первый платёж должен быть больше нуля.")
    each = ((total - first_payment) / count).quantize(KOPECK, rounding=ROUND_DOWN)
    if each <= 0:
        raise InstalmentRefusedError(
            "Первый платёж не меньше всего долга: рассрочивать нечего. Уменьшите его."
        )
    last = total - first_payment - each * (count - 1)
    lines = [Line(0, first_on, first_payment)]
    for number in range(1, count + 1):
        amount = last if number == count else each
        lines.append(Line(number, _day_of_month(first_on, number, pay_day), amount))
    return lines


def _day_of_month(first: date, months_later: int, pay_day: int) -> date:
    months = first.year * 12 + first.month - 1 + months_later
    year, month = divmod(months, 12)
    for day in range(pay_day, 27, -1):
        with suppress(ValueError):
            return date(year, month + 1, day)
    return date(year, month + 1, min(pay_day, 27))


def sign(connection: Connection, agreement: NewAgreement) -> int:
    """Write an agreement with its schedule; return its id.

    Raises :class:`InstalmentRefusedError` when the lines do not add up to the debt, nobody signs
    who answers for it, another agreement of the same people still holds, or the account is out of
    sight.
    """
    _take_turn(connection, agreement.account_id)
    _check(connection, agreement)
    savepoint = connection.begin_nested()
    try:
        found = connection.scalar(
            ADD,
            {
                "account_id": agreement.account_id,
                "answering": as_json(agreement.answering),
                "signed_on": agreement.signed_on,
                "place": agreement.place.strip(),
                "period_from": agreement.period_from,
                "period_to": agreement.period_to,
                "principal": agreement.principal,
                "penalty": agreement.penalty,
                "missed_limit": agreement.missed_limit,
            },
        )
        if found is None:
            raise InstalmentRefusedError("Лицевого счёта нет, или он чужой.")
        connection.execute(
            ADD_DEBTOR,
            [
                {"agreement": found, "person_id": each}
                for each in dict.fromkeys(agreement.person_ids)
            ],
        )
        connection.execute(
            ADD_LINE,
            [
                {
                    "agreement": found,
                    "line_number": line.number,
                    "due_on": line.due_on,
                    "amount": line.amount,
                }
                for line in agreement.lines
            ],
        )
        # The database adds the schedule up itself; better here than at the end of the transaction.
        connection.execute(text("set constraints all immediate"))
        connection.execute(text("set constraints all deferred"))
    except IntegrityError as problem:
        savepoint.rollback()
        raise InstalmentRefusedError(_in_russian(problem)) from problem
    except BaseException:
        savepoint.rollback()
        raise
    savepoint.commit()
    return found


def _check(connection: Connection, agreement: NewAgreement) -> None:
    if not agreement.person_ids:
        raise InstalmentRefusedError("Отметьте, кто подписывает соглашение.")
    if not agreement.place.strip():
        raise InstalmentRefusedError("Укажите место подписания, например «г. Красногорск».")
    total = sum((line.amount for line in agreement.lines), Decimal(0))
    if total != agreement.principal + agreement.penalty:
        raise InstalmentRefusedError(
            f"Платежи графика составляют {total} ₽, а долг "
            f"{agreement.principal + agreement.penalty} ₽: они должны совпасть до копейки."
        )
    _refuse_second(connection, agreement.account_id, as_json(agreement.answering))
    _check_signers(connection, agreement)


def _check_signers(connection: Connection, agreement: NewAgreement) -> None:
    """Refuse signatures of people whom nobody asks for this debt: they would bind nobody."""
    asked = {
        person["person_id"]: person["is_family"]
        for party in parties(connection, agreement.account_id)
        if party["answering"] == list(agreement.answering)
        for person in party["people"]
    }
    if not set(agreement.person_ids) <= asked.keys():
        raise InstalmentRefusedError(
            "За этот долг отвечают другие люди, или счёт чужой: обновите экран."
        )
    if all(asked[person_id] for person_id in agreement.person_ids):
        raise InstalmentRefusedError(
            "Пусть подпишет и сам собственник или наниматель: семья отвечает не за весь долг."
        )


def _take_turn(connection: Connection, account_id: int) -> None:
    """Wait until nobody else writes agreements of the account; held until the end."""
    connection.execute(TURN, {"account_id": account_id})


def _refuse_second(
    connection: Connection, account_id: int, answering: str | None, besides: int | None = None
) -> None:
    values = {"account_id": account_id, "answering": answering, "besides": besides}
    held = connection.execute(HELD, values).first()
    if held is not None:
        raise InstalmentRefusedError(
            f"По этому долгу уже действует соглашение {held.number}. Новое можно записать, когда "
            "прежнее исполнено или расторгнуто."
        )


def agreements(connection: Connection, account_id: int) -> list[Row]:
    """Agreements of an account on the day of the connection, the latest first."""
    return list(connection.execute(AGREEMENTS, {"account_id": account_id}).mappings())


def lines(connection: Connection, agreement_id: int) -> list[Row]:
    """The schedule with what of each payment has come by the day of the connection."""
    return list(connection.execute(LINES, {"agreement": agreement_id}).mappings())


def terminate(connection: Connection, agreement_id: int, on: date, reason: str) -> None:
    """End an agreement from a day on, by word of both sides or of a court (ГК 450, 452).

    A broken agreement needs none of it: its rest is due at once. The creditor alone may not leave
    it, since the debtor is no entrepreneur (ГК 310 п. 2).
    """
    _add_event(connection, agreement_id, "terminated", on, reason)


def annul(connection: Connection, agreement_id: int, on: date, reason: str) -> None:
    """Say that an agreement was entered by mistake: it never held anybody."""
    _add_event(connection, agreement_id, "annulled", on, reason)


def undo_end(connection: Connection, agreement_id: int, on: date, reason: str) -> None:
    """Take back the last :func:`terminate` or :func:`annul`; both rows stay in the journal."""
    if not reason.strip():
        raise InstalmentRefusedError("Напишите, почему отметка ошибочна.")
    agreed = connection.execute(AGREED, {"agreement": agreement_id}).one_or_none()
    if agreed is None:
        raise InstalmentRefusedError("Соглашения нет, или оно чужое.")
    _take_turn(connection, agreed.account_id)
    answering = None if agreed.answering is None else as_json(agreed.answering)
    _refuse_second(connection, agreed.account_id, answering, besides=agreement_id)
    values = {"agreement": agreement_id, "on": on, "comment": reason.strip()}
    try:
        with connection.begin_nested():
            undone = connection.execute(UNDO, values).rowcount
    except IntegrityError as problem:
        raise InstalmentRefusedError(_in_russian(problem)) from problem
    if not undone:
        raise InstalmentRefusedError("Отменять нечего: соглашение не расторгали.")


def _add_event(connection: Connection, agreement_id: int, kind: str, on: date, reason: str) -> None:
    if not reason.strip():
        raise InstalmentRefusedError("Напишите причину.")
    values = {"agreement": agreement_id, "kind": kind, "on": on, "comment": reason.strip()}
    try:
        with connection.begin_nested():
            added = connection.execute(ADD_EVENT, values).rowcount
    except IntegrityError as problem:
        raise InstalmentRefusedError(_in_russian(problem)) from problem
    if not added:
        raise InstalmentRefusedError(
            "Соглашения нет, оно уже закончено, или день раньше подписания."
        )


def _in_russian(problem: DBAPIError) -> str:
    diagnosis = problem.orig.diag
    if diagnosis.constraint_name:
        told = BROKEN_RULES.get(diagnosis.constraint_name, "проверьте даты, суммы и людей")
        return f"Не записано: {told}."
    return f"{diagnosis.message_primary}."


BROKEN_RULES = {
    "ck_instalment_agreement_sums_of_a_debt": "долг должен быть больше нуля",
    "ck_instalment_agreement_missed_limit_counted": "пропущенных платежей бывает от 1 до 12",
    "ck_instalment_agreement_range": "первый месяц долга позже последнего",
    "ck_instalment_agreement_signed_on_credible": "день подписания должен быть с 1991 по 2036 год",
    "ck_instalment_line_due_on_credible": "дни платежей должны быть не позже 2036 года",
    "ck_instalment_line_amount_positive": "каждый платёж должен быть больше нуля",
    "ck_instalment_event_happened_on_credible": "день отметки должен быть с 1991 по 2036 год",
    "uq_instalment_event_undoes_event_id": "эту отметку только что отменили, обновите экран",
    "fk_instalment_debtor_person_id_person": "человека, который подписывает, уже нет в списке",
}
"""Rules of the database that an entry may break, in the words of a screen."""

TURN = text(
    f"select pg_advisory_xact_lock({LockSpace.INSTALMENTS:d}, "
    "cast(:account_id % 2147483648 as integer))"
)
AGREED = text(
    "select a.account_id, a.answering from ops.instalment_agreement as a "
    "where a.instalment_agreement_id = :agreement"
)
HELD = text(
    """
    select s.number from ops.instalment_state as s
    where s.account_id = :account_id and s.state in ('kept', 'late', 'broken')
        -- An agreement without a set was signed for all holders, so it stands in everybody's way.
        and coalesce(s.answering = cast(:answering as jsonb), true)
        and s.instalment_agreement_id is distinct from cast(:besides as bigint)
    limit 1
    """
)
ADD = text(
    """
    insert into ops.instalment_agreement (
        organisation_id, account_id, answering, signed_on, place, period_from, period_to,
        principal_amount, penalty_amount, missed_limit, user_id
    )
    select a.organisation_id, a.account_id, cast(:answering as jsonb), :signed_on, :place,
        :period_from, :period_to, :principal, :penalty, :missed_limit, ops.session_user_id()
    from ops.account as a
    where a.account_id = :account_id
    returning instalment_agreement_id
    """
)
ADD_DEBTOR = text(
    "insert into ops.instalment_debtor (instalment_agreement_id, person_id) "
    "values (:agreement, :person_id)"
)
ADD_LINE = text(
    "insert into ops.instalment_line (instalment_agreement_id, line_number, due_on, amount) "
    "values (:agreement, :line_number, :due_on, :amount)"
)
AGREEMENTS = text(
    """
    select s.*, who.names as debtors, writer.full_name as written_by
    from ops.instalment_state as s
    left join lateral (
        select string_agg(v.full_name, ', ' order by v.full_name) as names
        from ops.instalment_debtor as d
        cross join lateral (
            select p.full_name from ops.person_visible as p
            where p.person_id = d.person_id
            offset 0
        ) as v
        where d.instalment_agreement_id = s.instalment_agreement_id
    ) as who on true
    left join ops.colleague as writer on s.user_id = writer.user_id
    where s.account_id = :account_id
    order by s.instalment_agreement_id desc
    """
)
LINES = text(
    """
    select l.line_number, l.due_on, l.amount,
        s.total_amount - sum(l.amount) over running as balance,
        greatest(least(
            l.amount, s.counted - sum(l.amount) over running + l.amount
        ), 0) as paid_amount,
        ops.working_day_from(l.due_on) < ops.as_of()
            and sum(l.amount) over running > s.counted as is_missed
    from (
        select x.*, x.received_amount + x.doubtful_amount as counted from ops.instalment_state as x
    ) as s
    inner join ops.instalment_line as l on s.instalment_agreement_id = l.instalment_agreement_id
    where s.instalment_agreement_id = :agreement
    window running as (order by l.line_number)
    order by l.line_number
    """
)
ADD_EVENT = text(
    """
    insert into ops.instalment_event
        (instalment_agreement_id, kind, happened_on, comment, user_id)
    select s.instalment_agreement_id, :kind, :on, :comment, ops.session_user_id()
    from ops.instalment_state as s
    where s.instalment_agreement_id = :agreement and s.ended_by is null and s.signed_on <= :on
    """
)
UNDO = text(
    """
    insert into ops.instalment_event
        (instalment_agreement_id, kind, happened_on, comment, undoes_event_id, user_id)
    select e.instalment_agreement_id, 'undone', :on, :comment, e.instalment_event_id,
        ops.session_user_id()
    from ops.instalment_event as e
    where e.instalment_agreement_id = :agreement and e.kind <> 'undone'
        and not exists (
            select 1 from ops.instalment_event as u
            where u.undoes_event_id = e.instalment_event_id
        )
    order by e.instalment_event_id desc
    limit 1
    """
)
