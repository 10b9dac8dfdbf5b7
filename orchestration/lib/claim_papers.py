"""The papers of a claim: those of an application, and what ГПК 131–132 ask for besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from document_gen import kinds
from document_gen.court_case import (
    CancelledOrder,
    CaseContext,
    ClaimContext,
    DutyPayment,
    Enclosure,
)
from document_gen.parties import Court, DocumentDataError
from document_gen.russian import amount, date_ru
from operational_db.services.filing.claim_packages import ClaimCase
from operational_db.services.filing.package_data import ApplicationData, Row
from operational_db.services.filing.runs import Document
from orchestration.lib.court_papers import Templates, case_context, check_penalty, papers_of

OF_CLAIM = {
    "application": kinds.CLAIM_STATEMENT,
    "debt_calculation": kinds.DEBT_CALCULATION,
    "enclosure_list": kinds.ENCLOSURE_LIST,
}


@dataclass(frozen=True, slots=True)
class BeforeClaim:
    """What went before a claim.

    ``order`` is the cancelled order that it follows, ``offsets`` the payments for an order that
    were set off, ``why`` tells why there is no order (``claim_packages.why_no_order``).
    """

    order: Row | None
    offsets: Sequence[Row]
    why: Row


def papers_of_claim(
    claim: ClaimCase,
    data: ApplicationData,
    before: BeforeClaim,
    law: Mapping[str, Sequence[Row]],
    templates: Templates = lambda _: None,
) -> tuple[Document, ...]:
    """Make the package of a claim; ``before`` is what went before it.

    Raises ``DocumentDataError`` or ``TemplateProblem`` (Russian).
    """
    check_penalty(data)
    context = claim_context(claim, data, before, law["terms"])
    return papers_of(claim, data, context, OF_CLAIM, law, templates)


def claim_context(
    claim: ClaimCase,
    data: ApplicationData,
    before: BeforeClaim,
    terms: Sequence[Row],
) -> ClaimContext:
    """Put the rows of a claim into the context of its papers."""
    order = before.order
    if order is not None and order["issued_on"] is None:
        raise DocumentDataError(
            f"Дело {claim.number}: в отменённом приказе нет номера и даты. Отметьте их на экране "
            "«Ответы суда»."
        )
    case = case_context(claim, claim.number, data, terms)
    told = {field.name: getattr(case, field.name) for field in fields(CaseContext)}
    offset_duty = tuple(
        DutyPayment(row["number"], row["paid_on"], row["amount"]) for row in before.offsets
    )
    return ClaimContext(
        **told
        | {
            "offset_duty": offset_duty,
            "enclosures": _enclosures(case, before),
        },
        cancelled_order=_cancelled(order) if order else None,
        penalty_until_paid=claim.penalty_until_paid,
        why_no_order=None if order else _why_no_order(before.why),
    )


def _cancelled(order: Row) -> CancelledOrder:
    court = Court(order["court_name"], order["court_kind"], order["court_address"])
    return CancelledOrder(court, order["issued_number"], order["issued_on"], order["cancelled_on"])


def _why_no_order(why: Row) -> str | None:
    """The sentence of the statement; the refusal of a court says more than a sum or a reason."""
    reason = _in_sentence(why["title"], why["act"]) if why["title"] else None
    if why["refused_on"] is not None:
        court = Court(why["court_name"], why["court_kind"], why["court_address"])
        judge = "мирового судьи" if court.is_magistrate else "судьи"
        return (
            f"Определением {judge} {court.section} от {date_ru(why['refused_on'])} отказано в "
            "принятии заявления о вынесении судебного приказа о взыскании этой задолженности: "
            f"{reason}. Поэтому предъявляется иск."
        )
    if why["limit_amount"] is not None:
        return (
            f"Размер требования превышает {amount(why['limit_amount'])} руб. – предел, до которого "
            f"выдают судебный приказ ({why['limit_act']}). Поэтому предъявляется иск."
        )
    if reason is None:
        return None
    told = f" {why['comment'].rstrip('.')}." if why["comment"] else ""
    return f"Судебный приказ по этому требованию не выдают: {reason}.{told}"


def _in_sentence(title: str, act: str) -> str:
    return f"{title[0].lower()}{title[1:]} ({act})"


def _enclosures(case: CaseContext, before: BeforeClaim) -> tuple[Enclosure, ...]:
    """What ГПК 132 asks for: the copies go to the debtors by the claimant himself."""
    listed = list(case.enclosures[:-1])
    if before.order is not None:
        day, number = date_ru(before.order["cancelled_on"]), before.order["issued_number"]
        ruling = f"Копия определения от {day} об отмене судебного приказа № {number}"
        listed.insert(1, Enclosure(ruling, None))
    elif before.why["refused_on"] is not None:
        day = date_ru(before.why["refused_on"])
        ruling = f"Копия определения от {day} об отказе в принятии заявления о судебном приказе"
        listed.insert(1, Enclosure(ruling, None))
    if before.offsets:
        paid = "Платёжное поручение об уплате государственной пошлины за судебный приказ"
        listed.insert(1, Enclosure(paid, None))
    copies = "Документы об отправке копий искового заявления и приложений "
    whom = "ответчику" if len(case.debtors) == 1 else "ответчикам"
    return (*listed, Enclosure(copies + whom, None))
