"""Cases in courts: opened with their debtors and months, led on by events, never changed.

The caller owns the transaction. Everything here works on the connection of a screen (row-level
security decides what is seen, events are signed by the session's user) and of the owner. Whatever
cannot be done is told by :class:`CaseRefusedError` in Russian, and nothing of it stays.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import IntegrityError

from operational_db.models.claims import (
    CaseEventKind,
    CaseKind,
    ClaimedPart,
    CourtCase,
    DebtorLiability,
)
from operational_db.services.duties import (
    DutyError,
    DutyRequest,
    offset,
    record_duties,
    release_offsets,
)
from operational_db.services.state_duty import (
    DutyKind,
    DutyRefusedError,
    competence,
    duty_tables,
)

_MOSCOW = ZoneInfo("Europe/Moscow")


class CaseRefusedError(ValueError):
    """The case or the event cannot be written; the message is Russian and says why."""


@dataclass(frozen=True, slots=True)
class NewDebtor:
    """From whom a case asks: a person, or an organisation that holds the premises.

    An organisation that is none of ours is told by ``holder_name`` alone. ``share_*`` is the share
    of the right that he answers by (1/1 of a joint debt);
    ``represented_person_id`` is the minor for whom a representative answers (СК 64).
    """

    person_id: int | None = None
    holder_organisation_id: int | None = None
    holder_name: str | None = None
    liability_kind: DebtorLiability = DebtorLiability.SHARE
    share_numerator: int = 1
    share_denominator: int = 1
    represented_person_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewClaimedMonth:
    """A sum of a month that a case asks for, in roubles.

    ``portion_person_id`` is the owner (or minor) whose part of the month it is; None claims the
    whole month, which then no other live case may touch. A penalty names the day that it is
    counted to, and its first day when an earlier penalty of the month was claimed before.
    """

    liability: str
    period: date
    amount: Decimal
    part: ClaimedPart = ClaimedPart.PRINCIPAL
    portion_person_id: int | None = None
    penalty_from: date | None = None
    penalty_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewCase:
    """An application to be drafted. Its state duty is kept by ``ops.state_duty`` (``case_id``).

    ``penalty_until_paid`` asks for penalty till the day of payment as well (ПП ВС 7 of 24.03.2016
    п. 65): days after ``penalty_to`` are claimed by this case too. Only a claim can ask for it; an
    order is issued for a fixed sum (ПП ВС 62 of 27.12.2016). ``reason_code`` (of the table of
    reasons of courts) and ``comment`` say why a claim goes without an order; they stand in the
    journal beside the draft.
    """

    account_id: int
    kind: CaseKind
    debtors: Sequence[NewDebtor]
    months: Sequence[NewClaimedMonth]
    court_code: str | None = None
    parent_case_id: int | None = None
    number: str | None = None
    drafted_on: date | None = None
    penalty_until_paid: bool = False
    reason_code: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case as it was written: our number is given by the database unless it was named."""

    case_id: int
    account_id: int
    number: str


def open_case(connection: Connection, case: NewCase) -> OpenedCase:
    """Draft one application. Raises :class:`CaseRefusedError`; see :func:`open_cases`."""
    return open_cases(connection, [case])[0]


def open_cases(connection: Connection, cases: Sequence[NewCase]) -> list[OpenedCase]:
    """Draft applications with their debtors and months, a whole batch by a few statements.

    Returned in the order given. A month that another live case claims, an account out of sight, a
    case without debtors or months: nothing is written and the reason is raised.
    """
    if not cases:
        return []
    owners = _organisations_of(connection, {case.account_id for case in cases})
    for case in cases:
        _check_new(case, owners)
    user_id = _session_user(connection)
    with _refusals(connection):
        opened = [
            OpenedCase(row.case_id, row.account_id, row.number)
            for row in connection.execute(
                INSERT_CASES,
                [
                    {
                        "organisation_id": owners[case.account_id],
                        "account_id": case.account_id,
                        "kind": case.kind,
                        "number": case.number,
                        "court_code": case.court_code,
                        "parent_case_id": case.parent_case_id,
                        "penalty_until_paid": case.penalty_until_paid,
                        "user_id": user_id,
                    }
                    for case in cases
                ],
            )
        ]
        pairs = list(zip(opened, cases, strict=True))
        _insert(connection, INSERT_DEBTORS, pairs, lambda case: case.debtors)
        _insert(connection, INSERT_MONTHS, pairs, lambda case: case.months)
        drafted = [
            {
                "case_id": own.case_id,
                "account_id": own.account_id,
                "kind": CaseEventKind.DRAFTED,
                "happened_on": case.drafted_on or _today(),
                "reason_code": case.reason_code,
                "comment": case.comment,
            }
            for own, case in pairs
        ]
        connection.execute(INSERT_EVENTS, {"rows": _json(drafted)})
    return opened


def _check_new(case: NewCase, owners: Mapping[int, int]) -> None:
    if case.account_id not in owners:
        raise CaseRefusedError("Лицевого счёта нет, или он чужой: дело не заведено.")
    if not case.debtors:
        raise CaseRefusedError("В деле нет ни одного должника: укажите, с кого взыскивать.")
    if not case.months:
        raise CaseRefusedError("В деле нет ни одного месяца: укажите, что взыскивать.")
    if case.penalty_until_paid and case.kind is not CaseKind.CLAIM:
        raise CaseRefusedError(
            "Пени по день фактической уплаты взыскивают иском: приказ выдают на твёрдую сумму."
        )
    if case.penalty_until_paid and not any(m.part is ClaimedPart.PENALTY for m in case.months):
        raise CaseRefusedError(
            "Пени по день фактической уплаты просят вместе с пенями, начисленными ко дню иска: "
            "их в деле нет."
        )


# What has to have happened before, and to which kind of case an event can happen at all.
NEEDS_FILING = frozenset(
    {
        CaseEventKind.ACCEPTED,
        CaseEventKind.RETURNED,
        CaseEventKind.REFUSED,
        CaseEventKind.LEFT_UNHEARD,
        CaseEventKind.ISSUED,
        CaseEventKind.DISMISSED,
    }
)
NEEDS_ACT = frozenset(
    {
        CaseEventKind.COPY_RECEIVED,
        CaseEventKind.CANCELLED,
        CaseEventKind.IN_FORCE,
        CaseEventKind.SENT_TO_BANK,
        CaseEventKind.SENT_TO_BAILIFF,
        CaseEventKind.SENT_TO_EMPLOYER,
        CaseEventKind.DOCUMENT_RETURNED,
    }
)
OF_ORDERS = frozenset({CaseEventKind.CANCELLED, CaseEventKind.REFUSED})
OF_CLAIMS = frozenset({CaseEventKind.DISMISSED, CaseEventKind.LEFT_UNHEARD})
NEEDS_REASON = frozenset(
    {
        CaseEventKind.RETURNED,
        CaseEventKind.REFUSED,
        CaseEventKind.LEFT_UNHEARD,
        CaseEventKind.CANCELLED,
        CaseEventKind.DISMISSED,
        CaseEventKind.ENDED,
    }
)
FREEING = frozenset(
    {
        CaseEventKind.RETURNED,
        CaseEventKind.REFUSED,
        CaseEventKind.LEFT_UNHEARD,
        CaseEventKind.WITHDRAWN,
        CaseEventKind.CANCELLED,
    }
)
"""The same list as ``ops.frees_months``: months of the case may be claimed again."""
EVENT_NAMES = {
    CaseEventKind.DRAFTED: "подготовлено",
    CaseEventKind.FILED: "подано в суд",
    CaseEventKind.ACCEPTED: "принято к производству",
    CaseEventKind.RETURNED: "возвращено",
    CaseEventKind.REFUSED: "отказано в приказе",
    CaseEventKind.LEFT_UNHEARD: "оставлено без рассмотрения",
    CaseEventKind.WITHDRAWN: "отозвано",
    CaseEventKind.ISSUED: "вынесен приказ или решение",
    CaseEventKind.COPY_RECEIVED: "должник получил приказ",
    CaseEventKind.CANCELLED: "приказ отменён",
    CaseEventKind.DISMISSED: "в иске отказано",
    CaseEventKind.IN_FORCE: "вступило в силу",
    CaseEventKind.SENT_TO_BANK: "направлено в банк",
    CaseEventKind.SENT_TO_BAILIFF: "направлено приставам",
    CaseEventKind.SENT_TO_EMPLOYER: "направлено работодателю или в СФР",
    CaseEventKind.DOCUMENT_RETURNED: "исполнительный документ возвращён",
    CaseEventKind.PAID: "оплачено",
    CaseEventKind.ENDED: "окончено",
    CaseEventKind.ANNULLED: "отметка отменена",
}


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that happened to a case; sums in roubles.

    ``principal_amount``, ``penalty_amount`` and ``duty_amount`` are what an ``issued`` act awards.
    """

    case_id: int
    kind: CaseEventKind
    happened_on: date
    court_number: str | None = None
    document_number: str | None = None
    principal_amount: Decimal | None = None
    penalty_amount: Decimal | None = None
    duty_amount: Decimal | None = None
    reason_code: str | None = None
    destination: str | None = None
    comment: str | None = None
    import_id: int | None = None
    import_line: int | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """What a case is now, as ``ops.court_case_state`` folds it, with the sums that it claims."""

    case_id: int
    organisation_id: int
    account_id: int
    kind: CaseKind
    number: str
    court_code: str | None
    parent_case_id: int | None
    state: CaseEventKind
    state_on: date | None
    is_live: bool
    filed_on: date | None
    issued_on: date | None
    issued_number: str | None
    copy_received_on: date | None
    in_force_on: date | None
    dismissed_on: date | None
    freed_on: date | None
    court_number: str | None
    principal_claimed: Decimal
    penalty_claimed: Decimal
    principal_awarded: Decimal | None
    penalty_awarded: Decimal | None
    duty_awarded: Decimal | None
    sent_to: CaseEventKind | None
    sent_on: date | None
    ended_on: date | None


def case_states(connection: Connection, case_ids: Sequence[int]) -> dict[int, CaseState]:
    """The states of cases by their ids; those out of sight are left out."""
    rows = connection.execute(STATES, {"case_ids": list(case_ids)}).mappings()
    return {row["case_id"]: _state(row) for row in rows}


def register_event(connection: Connection, event: NewEvent) -> int:
    """Register one event; return its id. Raises :class:`CaseRefusedError`."""
    return register_events(connection, [event])[0]


def register_events(connection: Connection, events: Sequence[NewEvent]) -> list[int]:
    """Register events, of one case in the order given; return their ids in that order.

    An act that awards money under an order is also written as its execution document, so that
    receipts of bailiffs can name it; an act registered anew after a mistake corrects that document
    and keeps what it was. A case that is withdrawn before it was filed gives the duty back that was
    set off for it. Raises :class:`CaseRefusedError` for the first event that cannot have happened;
    nothing is registered then.
    """
    states = case_states(connection, sorted({event.case_id for event in events}))
    reasons = reasons_by_code(connection)
    never_filed: list[NewEvent] = []
    for event in events:
        state = states.get(event.case_id)
        if state is None:
            raise CaseRefusedError("Такого дела нет, или оно чужое.")
        if problem := problem_of(event, state, reasons, _today()):
            raise CaseRefusedError(f"Дело {state.number}: {problem}")
        if event.kind is CaseEventKind.WITHDRAWN and state.filed_on is None:
            never_filed.append(event)
        states[event.case_id] = after(state, event)
    with _refusals(connection):
        ids = _write_events(connection, events, states)
        for event in never_filed:
            reason = f"Дело {states[event.case_id].number} отозвано до подачи"
            release_offsets(connection, event.case_id, reason, event.happened_on)
    return ids


def _write_events(
    connection: Connection, events: Sequence[NewEvent], states: Mapping[int, CaseState]
) -> list[int]:
    rows = [
        asdict(event) | {"account_id": states[event.case_id].account_id, "place": place}
        for place, event in enumerate(events)
    ]
    # One event of a case at a time: the database looks at what has happened to it before.
    rounds: list[list[dict[str, Any]]] = []
    seen: dict[int, int] = {}
    for row in rows:
        turn = seen[row["case_id"]] = seen.get(row["case_id"], -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(row)
    ids: dict[int, int] = {}
    for batch in rounds:
        # Identity numbers are given in the order of the rows that are inserted.
        found = connection.scalars(INSERT_EVENTS, {"rows": _json(batch)})
        ids |= dict(zip((row["place"] for row in batch), sorted(found), strict=True))
    orders = [
        event.case_id
        for event in events
        if event.kind is CaseEventKind.ISSUED and states[event.case_id].kind is CaseKind.ORDER
    ]
    if orders:
        connection.execute(INSERT_ORDER_DOCUMENTS, {"case_ids": orders})
        # An act that was annulled and registered anew keeps its document: what receipts name.
        connection.execute(CORRECT_ORDER_DOCUMENTS, {"case_ids": orders})
    return [ids[place] for place in range(len(events))]


def problem_of(
    event: NewEvent, state: CaseState, reasons: Mapping[str, str], today: date
) -> str | None:
    """Say in Russian why an event cannot have happened to a case in a state; None if it can.

    ``reasons`` maps codes of reasons to the kind of event that they explain.
    """
    name = EVENT_NAMES[event.kind]
    if event.kind in {CaseEventKind.DRAFTED, CaseEventKind.ANNULLED}:
        return "это событие не регистрируют: дело готовит партия, отметку отменяют отдельно."
    if not state.is_live:
        return f"уже закончено ({EVENT_NAMES[state.state]}); продолжение — новое дело."
    if event.happened_on > today:
        return f"«{name}» {event.happened_on:%d.%m.%Y} — день ещё не наступил."
    return (
        _wrong_kind(event, state, name)
        or _wrong_order(event, state, name)
        or _wrong_sums(event, state)
        or _wrong_reason(event, reasons, name)
    )


def _wrong_kind(event: NewEvent, state: CaseState, name: str) -> str | None:
    if event.kind in OF_ORDERS and state.kind is not CaseKind.ORDER:
        return f"«{name}» бывает только с приказом, а это иск."
    if event.kind in OF_CLAIMS and state.kind is not CaseKind.CLAIM:
        return f"«{name}» бывает только с иском, а это приказ."
    return None


def _wrong_order(event: NewEvent, state: CaseState, name: str) -> str | None:
    if event.kind is CaseEventKind.FILED:
        return "уже подано в суд." if state.filed_on else None
    if event.kind in {CaseEventKind.PAID, CaseEventKind.ENDED} and state.filed_on is None:
        return f"«{name}» – а заявление ещё не подано. Отзовите его, если оно не нужно."
    if event.kind is CaseEventKind.WITHDRAWN:
        return "по делу уже есть акт суда, отозвать нельзя." if state.issued_on else None
    if event.kind in NEEDS_FILING and state.filed_on is None:
        return f"«{name}» — а заявление ещё не подано. Сначала отметьте подачу."
    if event.kind in NEEDS_ACT and state.issued_on is None:
        return f"«{name}» — а приказа или решения ещё нет. Сначала отметьте акт суда."
    if event.kind in {CaseEventKind.ISSUED, CaseEventKind.DISMISSED} and (
        state.issued_on or state.dismissed_on
    ):
        return "акт суда уже зарегистрирован. Если в нём ошибка, отмените ту отметку."
    if event.kind in NEEDS_FILING and event.happened_on < state.filed_on:
        return f"«{name}» {event.happened_on:%d.%m.%Y} раньше подачи {state.filed_on:%d.%m.%Y}."
    if event.kind in NEEDS_ACT and event.happened_on < state.issued_on:
        return f"«{name}» {event.happened_on:%d.%m.%Y} раньше акта {state.issued_on:%d.%m.%Y}."
    return None


def _wrong_sums(event: NewEvent, state: CaseState) -> str | None:
    if event.kind is not CaseEventKind.ISSUED:
        return None
    if not event.document_number:
        return "укажите номер приказа или решения."
    if event.principal_amount is None:
        return "укажите, сколько долга взыскано (0, если нисколько)."
    if event.principal_amount > state.principal_claimed:
        return (
            f"взыскано долга {event.principal_amount} ₽ — больше, чем заявлено "
            f"({state.principal_claimed} ₽)."
        )
    if (event.penalty_amount or 0) > state.penalty_claimed and state.kind is CaseKind.ORDER:
        return (
            f"взыскано пени {event.penalty_amount} ₽ — больше, чем заявлено "
            f"({state.penalty_claimed} ₽)."
        )
    return None


def _wrong_reason(event: NewEvent, reasons: Mapping[str, str], name: str) -> str | None:
    if event.reason_code is None:
        return f"«{name}»: укажите причину." if event.kind in NEEDS_REASON else None
    if event.reason_code not in reasons:
        return f"причины «{event.reason_code}» нет в справочнике."
    if reasons[event.reason_code] != event.kind:
        return f"причина «{event.reason_code}» не подходит к событию «{name}»."
    return None


def possible_events(state: CaseState) -> list[CaseEventKind]:
    """What can be registered of a case next, in the order of the road."""
    if not state.is_live:
        return []
    name = ""
    return [
        kind
        for kind in CaseEventKind
        if kind not in {CaseEventKind.DRAFTED, CaseEventKind.ANNULLED}
        and not _wrong_kind(NewEvent(state.case_id, kind, date.max), state, name)
        and not _wrong_order(NewEvent(state.case_id, kind, date.max), state, name)
    ]


def after(state: CaseState, event: NewEvent) -> CaseState:
    """Return the state that an event leads to; later events of the same list are checked by it."""
    changed: dict[str, Any] = {"is_live": state.is_live and event.kind not in FREEING}
    if event.kind is not CaseEventKind.COPY_RECEIVED:
        changed |= {"state": event.kind, "state_on": event.happened_on}
    if event.kind is CaseEventKind.FILED:
        changed["filed_on"] = event.happened_on
    if event.kind is CaseEventKind.ISSUED:
        changed |= {"issued_on": event.happened_on, "issued_number": event.document_number}
    if event.kind is CaseEventKind.DISMISSED:
        changed["dismissed_on"] = event.happened_on
    if event.kind is CaseEventKind.IN_FORCE:
        changed["in_force_on"] = event.happened_on
    values = {name: getattr(state, name) for name in CaseState.__slots__}
    return CaseState(**(values | changed))


def annul_event(connection: Connection, case_event_id: int, comment: str) -> int:
    """Take back an event that was registered by mistake; return the id of the row that does it.

    A return or a cancellation that is taken back gives the case its months again, unless another
    case claims them meanwhile. A duty that a withdrawal gave back stays free: it is set off anew by
    hand. Raises :class:`CaseRefusedError`.
    """
    return annul_events(connection, [case_event_id], comment)[0]


def annul_events(connection: Connection, case_event_ids: Sequence[int], comment: str) -> list[int]:
    """Take back events as :func:`annul_event` does, all of them or none; return the new rows."""
    if not comment.strip():
        raise CaseRefusedError("Напишите, почему отметка ошибочна.")
    asked = {"ids": list(case_event_ids), "on": _today(), "comment": comment.strip()}
    with _refusals(connection):
        found = list(connection.scalars(ANNUL, asked))
        if len(found) != len(set(case_event_ids)):
            raise CaseRefusedError("Такого события нет, или оно чужое.")
    return found


@dataclass(frozen=True, slots=True)
class ContinuedCase(OpenedCase):
    """A claim that follows a cancelled order; ``duty_offset`` roubles of its duty are paid by it.

    ``duty_to_pay`` is None when no duty of the order was known, so none was set off.
    """

    duty_offset: Decimal = Decimal(0)
    duty_to_pay: Decimal | None = None


def continue_as_claim(
    connection: Connection,
    case_id: int,
    *,
    court_code: str | None = None,
    drafted_on: date | None = None,
    months: Sequence[NewClaimedMonth] | None = None,
    penalty_until_paid: bool = False,
) -> ContinuedCase:
    """Draft the claim that follows a cancelled order: same debtors, same months, duty set off.

    Without ``months`` the claim asks for what the order asked for, less what was recovered under
    it, of a month for no more debt than is left, and for the penalty that the same days come to now
    (which needs a build: :class:`CaseRefusedError` before the first one). ``court_code`` defaults
    to the court of the order while a magistrate may hear such a sum (ГПК 23), above it to the
    district court of the house, or to none where that is not known. What was paid for the order
    pays for the claim as far as it reaches (НК 333.20 п. 1 пп. 13). ``penalty_until_paid`` asks for
    penalty till the day of payment besides. Raises :class:`CaseRefusedError` when the order is not
    cancelled, a claim has been drafted already, or nothing of the demand is left.
    """
    state = case_states(connection, [case_id]).get(case_id)
    if state is None:
        raise CaseRefusedError("Такого дела нет, или оно чужое.")
    if state.state is not CaseEventKind.CANCELLED:
        raise CaseRefusedError(
            f"Дело {state.number}: приказ не отменён, иск в продолжение готовить рано."
        )
    debtors = [
        NewDebtor(**row) for row in connection.execute(DEBTORS_OF, {"case_id": case_id}).mappings()
    ]
    if months is None:
        months = _not_recovered(connection, state)
    if not months:
        raise CaseRefusedError(f"Дело {state.number}: всё уже оплачено, взыскивать нечего.")
    if empty := [month for month in months if month.amount <= 0]:
        raise CaseRefusedError(
            f"Дело {state.number}: за {empty[0].period:%m.%Y} в иске {empty[0].amount:.2f} ₽. "
            "Уберите месяцы, за которые взыскивать нечего: сумма каждого должна быть больше нуля."
        )
    day = drafted_on or _today()
    claim = open_case(
        connection,
        NewCase(
            account_id=state.account_id,
            kind=CaseKind.CLAIM,
            debtors=debtors,
            months=months,
            court_code=court_code or _court_of_claim(connection, state, months, day),
            parent_case_id=case_id,
            drafted_on=day,
            penalty_until_paid=penalty_until_paid,
        ),
    )
    duty_offset, to_pay = set_off(connection, state, claim, months, day, ground="cancelled")
    return ContinuedCase(claim.case_id, claim.account_id, claim.number, duty_offset, to_pay)


def _not_recovered(connection: Connection, state: CaseState) -> list[NewClaimedMonth]:
    # A screen reads the views of its own rows; the owner, who is nobody's user, those behind them.
    is_screen = _session_user(connection) is not None
    read = {
        "claims": "screens.account_claims" if is_screen else "intermediate.int_claimed_ledger",
        "parts": "screens.account_debt_parts" if is_screen else "intermediate.int_debt_parts",
        "lines": "screens.account_penalty_lines" if is_screen else "intermediate.int_penalty_lines",
    }
    if not connection.scalar(IS_COUNTED, {"name": read["claims"]}):
        raise CaseRefusedError("Показатели ещё не рассчитаны: нажмите «Обновить» и повторите.")
    rows = connection.execute(
        text(REST_OF.format(**read)),
        {"case_id": state.case_id, "account_id": state.account_id},
    )
    months = []
    for row in rows.mappings():
        asked = dict(row)
        if asked.pop("has_no_rate"):
            raise CaseRefusedError(
                f"Дело {state.number}: за {asked['period']:%m.%Y} не известна ставка пени. "
                "Дополните справочник ставок, обновите показатели и повторите."
            )
        months.append(NewClaimedMonth(**{**asked, "part": ClaimedPart(asked["part"])}))
    return months


def _court_of_claim(
    connection: Connection, order: CaseState, months: Sequence[NewClaimedMonth], day: date
) -> str | None:
    demand = sum((month.amount for month in months), Decimal(0))
    court = competence(duty_tables(connection), DutyKind.CLAIM, demand, day)
    if court is None or court.court_kind == "MS":
        return order.court_code
    return connection.scalar(DISTRICT_COURT, {"account_id": order.account_id})


def set_off(
    connection: Connection,
    order: CaseState,
    claim: OpenedCase,
    months: Sequence[NewClaimedMonth],
    day: date,
    *,
    ground: str,
) -> tuple[Decimal, Decimal | None]:
    """Record the duty of the claim and pay it by that of the order; what was set off, and is left.

    ``ground`` is why the order's duty is free: it was ``cancelled`` or ``refused``. Nothing is
    recorded when no paid duty of the order is known. Raises :class:`CaseRefusedError`.
    """
    paid = connection.execute(PAID_DUTIES, {"case_id": order.case_id}).all()
    if not paid:
        return Decimal(0), None
    names = "ops.person" if _session_user(connection) is None else "ops.person_visible"
    name = connection.scalar(
        text(DEBTOR_NAME.format(names=names)), {"person_id": paid[0].person_id}
    )
    try:
        [new_duty] = record_duties(
            connection,
            [
                DutyRequest(
                    organisation_id=order.organisation_id,
                    account_id=order.account_id,
                    kind=DutyKind.CLAIM,
                    claim_sum=sum((month.amount for month in months), Decimal(0)),
                    filed_on=day,
                    debtor_name=name or "",
                    person_id=paid[0].person_id,
                    case_id=claim.case_id,
                    court_code=None,
                )
            ],
        )
        used = Decimal(0)
        for duty in paid:
            if duty.person_id == paid[0].person_id:
                used += offset(connection, duty.state_duty_id, new_duty, ground, day)
                if connection.scalar(LEFT_TO_PAY, {"state_duty_id": new_duty}) == 0:
                    break
    except (DutyError, DutyRefusedError) as problem:
        raise CaseRefusedError(f"Пошлина: {problem}") from problem
    return used, connection.scalar(LEFT_TO_PAY, {"state_duty_id": new_duty})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a court did what it did, from the code list."""

    reason_code: str
    event_kind: CaseEventKind
    title: str


def court_reasons(connection: Connection) -> list[Reason]:
    """All reasons in the order of the list."""
    return [
        Reason(row.reason_code, CaseEventKind(row.event_kind), row.title)
        for row in connection.execute(REASONS)
    ]


def reasons_by_code(connection: Connection) -> dict[str, str]:
    """Code of a reason → kind of the event that it explains."""
    return {reason.reason_code: reason.event_kind for reason in court_reasons(connection)}


def _state(row: Mapping[str, Any]) -> CaseState:
    values = dict(row)
    values["kind"] = CaseKind(values["kind"])
    values["state"] = CaseEventKind(values["state"])
    values["sent_to"] = values["sent_to"] and CaseEventKind(values["sent_to"])
    return CaseState(**values)


def _organisations_of(connection: Connection, account_ids: set[int]) -> dict[int, int]:
    rows = connection.execute(ACCOUNTS, {"account_ids": sorted(account_ids)})
    return {row.account_id: row.organisation_id for row in rows}


def _session_user(connection: Connection) -> int | None:
    return connection.scalar(text("select ops.session_user_id()"))


def _insert(connection: Connection, statement: Any, pairs: list, parts: Any) -> None:
    rows = [
        asdict(part) | {"case_id": own.case_id, "account_id": own.account_id}
        for own, case in pairs
        for part in parts(case)
    ]
    connection.execute(statement, {"rows": _json(rows)})


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    # Sums go as text: they arrive as the exact numbers that they are.
    return json.dumps(rows, default=str)


def _today() -> date:
    return datetime.now(_MOSCOW).date()


@contextmanager
def _refusals(connection: Connection) -> Iterator[None]:
    """Tell what the database refused; what was begun inside the block is taken back."""
    savepoint = connection.begin_nested()
    try:
        yield
    except IntegrityError as problem:
        savepoint.rollback()
        raise CaseRefusedError(_in_russian(problem)) from problem
    except BaseException:
        savepoint.rollback()
        raise
    savepoint.commit()


def _in_russian(problem: IntegrityError) -> str:
    diagnosis = problem.orig.diag
    known = {
        "uq_court_case_organisation_id_number": "Дело с таким номером уже есть.",
        "uq_case_debtor_of_case": "Один и тот же должник назван в деле дважды.",
        "uq_case_event_annuls_event_id": "Эта отметка уже отменена.",
        "ck_claimed_month_amount_positive": "Сумма месяца должна быть больше нуля.",
        "ck_case_event_sums_not_negative": "Суммы не бывают отрицательными.",
        "fk_court_case_parent_of_account": "Прежнее дело — о другом лицевом счёте.",
        "fk_court_case_court_code_court": "Такого суда нет в реестре.",
    }
    if diagnosis.constraint_name in known:
        return known[diagnosis.constraint_name]
    if diagnosis.constraint_name:
        return f"Запись не принята: нарушено правило {diagnosis.constraint_name}."
    return f"{diagnosis.message_primary}."


ACCOUNTS = text(
    "select account_id, organisation_id from ops.account where account_id = any(:account_ids)"
)
INSERT_CASES = insert(CourtCase.__table__).returning(
    CourtCase.case_id, CourtCase.account_id, CourtCase.number, sort_by_parameter_order=True
)
INSERT_DEBTORS = text("""
    insert into ops.case_debtor (
        case_id, account_id, person_id, holder_organisation_id, holder_name, liability_kind,
        share_numerator, share_denominator, represented_person_id
    )
    select
        r.case_id, r.account_id, r.person_id, r.holder_organisation_id, r.holder_name,
        r.liability_kind, r.share_numerator, r.share_denominator, r.represented_person_id
    from jsonb_to_recordset(cast(:rows as jsonb)) as r (
        case_id bigint, account_id bigint, person_id bigint, holder_organisation_id integer,
        holder_name text, liability_kind text, share_numerator integer, share_denominator integer,
        represented_person_id bigint
    )
""")
INSERT_MONTHS = text("""
    insert into ops.claimed_month (
        account_id, case_id, liability, period, portion_person_id, part, amount, penalty_from,
        penalty_to
    )
    select
        r.account_id, r.case_id, r.liability, r.period, r.portion_person_id, r.part, r.amount,
        r.penalty_from, r.penalty_to
    from jsonb_to_recordset(cast(:rows as jsonb)) as r (
        account_id bigint, case_id bigint, liability text, period date, portion_person_id bigint,
        part text, amount numeric, penalty_from date, penalty_to date
    )
""")
INSERT_EVENTS = text("""
    insert into ops.case_event (
        case_id, account_id, kind, happened_on, court_number, document_number, principal_amount,
        penalty_amount, duty_amount, reason_code, destination, comment, import_id, import_line,
        user_id
    )
    select
        r.case_id, r.account_id, r.kind, r.happened_on, r.court_number, r.document_number,
        r.principal_amount, r.penalty_amount, r.duty_amount, r.reason_code, r.destination,
        r.comment, r.import_id, r.import_line, ops.session_user_id()
    from jsonb_to_recordset(cast(:rows as jsonb)) as r (
        case_id bigint, account_id bigint, kind text, happened_on date, court_number text,
        document_number text, principal_amount numeric, penalty_amount numeric,
        duty_amount numeric, reason_code text, destination text, comment text, import_id integer,
        import_line integer, place integer
    )
    order by r.place nulls first
    returning case_event_id
""")
INSERT_ORDER_DOCUMENTS = text("""
    insert into ops.execution_document (
        account_id, kind, number, issued_on, court_code, period_from, period_to, case_id
    )
    select
        s.account_id, 'court_order', s.issued_number, s.issued_on, s.court_code,
        claimed.period_from, claimed.period_to, s.case_id
    from ops.court_case_state as s
    cross join lateral (
        select min(m.period) as period_from, max(m.period) as period_to
        from ops.claimed_month as m
        where m.case_id = s.case_id
    ) as claimed
    where s.case_id = any(:case_ids)
    on conflict (case_id) where kind = 'court_order' and case_id is not null do nothing
""")
CORRECT_ORDER_DOCUMENTS = text("""
    insert into ops.execution_document_correction (
        execution_document_id, account_id, number, issued_on, court_code, user_id
    )
    select
        d.execution_document_id, d.account_id, s.issued_number, s.issued_on, s.court_code,
        ops.session_user_id()
    from ops.court_case_state as s
    inner join ops.execution_document_current as d
        on s.case_id = d.case_id and d.kind = 'court_order'
    where s.case_id = any(:case_ids)
        and (d.number, d.issued_on) is distinct from (s.issued_number, s.issued_on)
""")
STATES = text("""
    select
        s.case_id, s.organisation_id, s.account_id, s.kind, s.number, s.court_code,
        s.parent_case_id, s.state, s.state_on, s.is_live, s.filed_on, s.issued_on,
        s.issued_number, s.copy_received_on, s.in_force_on, s.dismissed_on, s.freed_on,
        s.court_number,
        coalesce(claimed.principal, 0) as principal_claimed,
        coalesce(claimed.penalty, 0) as penalty_claimed,
        s.principal_awarded, s.penalty_awarded, s.duty_awarded, s.sent_to, s.sent_on, s.ended_on
    from ops.court_case_state as s
    cross join lateral (
        select
            sum(m.amount) filter (where m.part = 'principal') as principal,
            sum(m.amount) filter (where m.part = 'penalty') as penalty
        from ops.claimed_month as m
        where m.case_id = s.case_id
    ) as claimed
    where s.case_id = any(:case_ids)
""")
ANNUL = text("""
    insert into ops.case_event
        (case_id, account_id, kind, happened_on, comment, annuls_event_id, user_id)
    select
        e.case_id, e.account_id, 'annulled', :on, :comment, e.case_event_id, ops.session_user_id()
    from ops.case_event as e
    where e.case_event_id = any(:ids)
    order by e.case_event_id
    returning case_event_id
""")
DEBTORS_OF = text("""
    select
        d.person_id, d.holder_organisation_id, d.holder_name, d.liability_kind, d.share_numerator,
        d.share_denominator, d.represented_person_id
    from ops.case_debtor as d
    where d.case_id = :case_id
    order by d.case_debtor_id
""")
REASONS = text("""
    select r.reason_code, r.event_kind, r.title
    from reference.court_reason as r
    order by r.sort_order
""")
# A program that has just been renewed brings its functions with the next build.
IS_COUNTED = text("""
    select to_regclass(:name) is not null
        and to_regprocedure('warehouse.penalty_sum(numeric,numeric,integer,integer)') is not null
""")
# What the order recovered went to its months on the days of the receipts; the claim asks the rest.
# What debtors paid past the order is no debt any more, though nothing came under the order. The
# penalty of a whole month is reckoned anew for the days that the order asked for, as its
# calculation will be: what closed a part of the month since then is rounded by itself, and what is
# unpaid bears the rate of today. Of a month in parts each is asked for what the order asked of him.
REST_OF = """
    with asked as (
        select r.* from {claims} as r
        where r.account_id = :account_id and r.case_id = :case_id
    ),

    owed as (
        select a.claimed_month_id, sum(p.part_amount) as amount
        from asked as a
        inner join {parts} as p on p.account_id = :account_id
            and a.liability = p.liability and a.period = p.period
            and (
                a.portion_person_id is null or p.portion_person_id is null
                or a.portion_person_id = p.portion_person_id
            )
        where a.claimed_part = 'principal'
        group by a.claimed_month_id
    ),

    reckoned as (
        select
            a.claimed_month_id,
            sum(warehouse.penalty_sum(
                l.base_amount, l.rate_pct, cut.date_to - cut.date_from + 1, l.denominator
            )) as penalty,
            bool_or(l.rate_pct is null) as has_no_rate
        from asked as a
        inner join {lines} as l on l.account_id = :account_id
            and a.liability = l.liability and a.period = l.period
        cross join lateral (
            select
                greatest(l.date_from, a.penalty_from_date) as date_from,
                least(l.date_to, a.penalty_to_date) as date_to
        ) as cut
        where a.claimed_part = 'penalty' and cut.date_from <= cut.date_to
        group by a.claimed_month_id
    ),

    rest as (
        select
            a.liability, a.period, a.claimed_part as part, a.portion_person_id,
            a.penalty_from_date as penalty_from, a.penalty_to_date as penalty_to,
            a.rest_amount > 0 and a.portion_person_id is null
                and coalesce(reckoned.has_no_rate, false) as has_no_rate,
            case
                when a.rest_amount <= 0 then 0
                when a.claimed_part = 'principal'
                    then least(a.rest_amount, coalesce(owed.amount, 0))
                when a.portion_person_id is null
                    then coalesce(reckoned.penalty, 0) - a.recovered_amount
                else a.rest_amount
            end as amount
        from asked as a
        left join owed on a.claimed_month_id = owed.claimed_month_id
        left join reckoned on a.claimed_month_id = reckoned.claimed_month_id
    )

    select * from rest where amount > 0 or has_no_rate order by period, liability, part
"""
PAID_DUTIES = text("""
    select d.state_duty_id, d.person_id
    from ops.state_duty_current as d
    where d.case_id = :case_id
        and d.paid_amount - d.used_amount - d.refunded_amount - d.refund_due_amount > 0
    order by d.state_duty_id
""")
DISTRICT_COURT = text("""
    select c.district_code
    from ops.account as a
    inner join ops.premises as p on a.premises_id = p.premises_id
    inner join ops.house_court as c on p.house_id = c.house_id
    where a.account_id = :account_id
""")
DEBTOR_NAME = """
    select concat_ws(' ', p.last_name, p.first_name, p.middle_name)
    from {names} as p
    where p.person_id = :person_id
"""
LEFT_TO_PAY = text("select to_pay from ops.state_duty_current where state_duty_id = :state_duty_id")
