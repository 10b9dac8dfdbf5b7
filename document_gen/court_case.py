"""What all papers of one case before a court say: one context fills the whole package.

The application, the calculation, the draft order and the list of enclosures are made from one
``CaseContext``, so they cannot contradict each other. Every figure arrives computed.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from document_gen.parties import Claimant, Court, Debtor, Demand, DocumentDataError, Signer
from document_gen.qr import case_code

LIABILITIES = ("sole", "joint", "shared", "family")
RIGHTS = ("ownership", "shared_ownership", "joint_ownership", "social_tenancy")


@dataclass(frozen=True, slots=True)
class ServiceDebt:
    """Unpaid principal for one service, in roubles."""

    service: str
    principal: Decimal


@dataclass(frozen=True, slots=True)
class MonthDebt:
    """One month of the calculation, in roubles; ``month`` is its first day.

    ``debt`` = ``charged`` + ``recalculated`` − ``paid`` − ``written_off``: what was charged for the
    month less the money that paid for this very month, whenever it came, and less what was written
    off. ``recalculated`` has what recalculations of other months paid for this one, too.
    ``claimed`` is the part of it that the debtors of this case answer for (their share), and
    ``running`` sums ``claimed`` from the first month.
    """

    month: date
    charged: Decimal
    recalculated: Decimal
    paid: Decimal
    written_off: Decimal
    debt: Decimal
    claimed: Decimal
    running: Decimal


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """The sums of the columns of the calculation."""

    charged: Decimal
    recalculated: Decimal
    paid: Decimal
    written_off: Decimal
    debt: Decimal
    claimed: Decimal


@dataclass(frozen=True, slots=True)
class DutyPayment:
    """A payment order by which state duty was paid."""

    number: str
    paid_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A document enclosed; ``sheets`` and ``copies`` as filed, ``sheets`` may be unknown."""

    title: str
    sheets: int | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True)
class PretrialDemand:
    """The demand that was sent to the debtor before going to court."""

    number: str
    sent_on: date


@dataclass(frozen=True, slots=True)
class CaseContext:
    """Every placeholder of the templates of a court package, by the same name.

    ``liability`` is ``sole`` (one debtor), ``joint`` (several, for one sum), ``shared`` (each of
    ``debtors`` for the ``demand`` of their own) or ``family``: owners for the whole, and family
    that lives with them for the utilities of its months, which are ``joint_demand`` (from
    ``joint_from`` to ``joint_to``), so that ``own_demand`` is left to the owners alone. ``right``
    is one of ``RIGHTS``. ``ground`` follows «на основании»: «договора управления многоквартирным
    домом от 01.03.2018 № 7». ``demand`` is the whole of the case. ``period_from`` and
    ``period_to`` are the first and last day of the debt.
    ``penalty_from`` and ``penalty_to`` bound the penalty and are ``None`` without one.
    ``offset_duty`` are payments for an earlier application that the court is asked to offset.
    ``may_be_late`` tells that some months are older than three years. ``account_debt`` is the debt
    of the whole account where the case asks for a share of it. ``penalty_ground`` are the parts of
    ЖК 155 that the penalty rests on: «часть 14», for capital repair «часть 14.1». The terms of an
    order, from the table of terms, are ``objection_term`` («10 рабочих дней») and
    ``presentation_term`` («3 года»). A case without principal asks for penalty of months that were
    paid late.
    """

    case_number: str
    filed_on: date
    court: Court
    claimant: Claimant
    signer: Signer
    debtors: tuple[Debtor, ...]
    liability: str
    right: str
    ground: str
    account_number: str
    address: str
    services: tuple[str, ...]
    period_from: date
    period_to: date
    demand: Demand
    service_debts: tuple[ServiceDebt, ...]
    months: tuple[MonthDebt, ...]
    month_totals: MonthTotals
    enclosures: tuple[Enclosure, ...]
    built_at: datetime
    penalty_from: date | None = None
    penalty_to: date | None = None
    duty_payments: tuple[DutyPayment, ...] = ()
    offset_duty: tuple[DutyPayment, ...] = ()
    pretrial: PretrialDemand | None = None
    right_record: str | None = None
    right_until: date | None = None
    may_be_late: bool = False
    account_debt: Decimal | None = None
    joint_demand: Demand | None = None
    own_demand: Demand | None = None
    joint_from: date | None = None
    joint_to: date | None = None
    penalty_ground: str = "часть 14"
    objection_term: str | None = None
    presentation_term: str | None = None

    def __post_init__(self) -> None:
        """Refuse a case that contradicts itself."""
        problem = _contradiction(self)
        if problem:
            raise DocumentDataError(f"Дело {self.case_number}: {problem}")


@dataclass(frozen=True, slots=True)
class CancelledOrder:
    """A court order that the debtor's objections have cancelled (ГПК 129)."""

    court: Court
    number: str
    issued_on: date
    cancelled_on: date


@dataclass(frozen=True, slots=True)
class ClaimContext(CaseContext):
    """A claim (исковое заявление): the case and what ГПК 131–132 ask for besides.

    ``offset_duty`` of the case are the payments for the cancelled order. ``copies_sent_on`` is when
    copies went to the debtors. ``requested_evidence`` follows «истребовать»: «сведения о
    зарегистрированных лицах». ``penalty_until_paid`` asks for a penalty up to the day of payment.
    ``why_no_order`` is a whole sentence that says why a claim is made without an order before it.
    """

    cancelled_order: CancelledOrder | None = None
    copies_sent_on: date | None = None
    without_claimant: bool = True
    requested_evidence: tuple[str, ...] = ()
    penalty_until_paid: bool = False
    why_no_order: str | None = None


def case_values(context: CaseContext) -> dict[str, Any]:
    """The names that templates use: the fields, and what follows from them.

    ``debtor`` is the first (often only) debtor; ``is_plural`` tells whether there are several;
    ``case_qr`` is the picture of the case number; ``has_penalty`` whether a penalty is asked;
    ``unidentified`` the debtors none of whose identifiers is known; ``minors`` those whose share
    others answer for; ``owners`` the debtors without the family that answers with them.
    """
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return values | {
        "debtor": context.debtors[0],
        "is_plural": len(context.debtors) > 1,
        "has_penalty": context.demand.penalty > 0,
        "unidentified": tuple(d for d in context.debtors if not d.is_identified),
        "owners": tuple(d for d in context.debtors if d.role == "owner"),
        "minors": tuple(d.represents for d in context.debtors if d.represents),
        "case_qr": case_code(context.case_number),
    }


def _contradiction(case: CaseContext) -> str | None:
    if case.liability not in LIABILITIES or case.right not in RIGHTS:
        return f"вид ответственности «{case.liability}» или права «{case.right}» не известен"
    if not case.debtors:
        return "нет должника"
    if (case.liability == "sole") != (len(case.debtors) == 1):
        return "один должник отвечает один, несколько – солидарно или по долям"
    if case.period_from > case.period_to:
        return "период долга кончается раньше, чем начинается"
    if case.demand.penalty > 0 and (case.penalty_from is None or case.penalty_to is None):
        return "пени взыскиваются, а за какой срок они начислены, не указано"
    if sum((d.principal for d in case.service_debts), Decimal(0)) != case.demand.principal:
        return "долг по услугам не равен основному долгу"
    if case.month_totals.claimed != case.demand.principal:
        return "итог расчёта не равен основному долгу"
    if case.liability == "family":
        return _contradiction_of_family(case)
    return _contradiction_of_shares(case) if case.liability == "shared" else None


def _contradiction_of_family(case: CaseContext) -> str | None:
    demands = [demand for demand in (case.joint_demand, case.own_demand) if demand]
    if case.joint_demand is None or case.joint_from is None or case.joint_to is None:
        return "члены семьи названы, а за что они отвечают, не указано"
    if {debtor.role for debtor in case.debtors} != {"owner", "family_member"}:
        return "с членами семьи отвечает собственник"
    for part in ("principal", "penalty", "duty"):
        if sum(getattr(demand, part) for demand in demands) != getattr(case.demand, part):
            return "солидарная и личная части не складываются в сумму требования"
    return None


def _contradiction_of_shares(case: CaseContext) -> str | None:
    demands = [debtor.demand for debtor in case.debtors if debtor.demand]
    if len(demands) < len(case.debtors) or not all(debtor.share for debtor in case.debtors):
        return "у дольщика не указаны доля или сумма"
    for part in ("principal", "penalty", "duty"):
        if sum(getattr(demand, part) for demand in demands) != getattr(case.demand, part):
            return "суммы дольщиков не складываются в сумму требования"
    return None
