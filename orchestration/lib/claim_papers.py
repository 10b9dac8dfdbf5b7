"""The papers of a claim: those of an application, and what ГПК 131–132 ask for besides."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from document_gen import kinds
from document_gen.court_case import (
    CancelledOrder,
    CaseContext,
    ClaimContext,
    DutyPayment,
    Enclosure,
)
from document_gen.parties import Court, DocumentDataError
from document_gen.russian import date_ru
from operational_db.services.filing.claim_packages import ClaimCase
from operational_db.services.filing.package_data import ApplicationData, Row
from operational_db.services.filing.runs import Document
from orchestration.lib.court_papers import Templates, case_context, check_penalty, papers_of

OF_CLAIM = {
    "application": kinds.CLAIM_STATEMENT,
    "debt_calculation": kinds.DEBT_CALCULATION,
    "enclosure_list": kinds.ENCLOSURE_LIST,
}


def papers_of_claim(
    claim: ClaimCase,
    data: ApplicationData,
    order: Row | None,
    offsets: Sequence[Row],
    law: Mapping[str, Sequence[Row]],
    templates: Templates = lambda _: None,
) -> tuple[Document, ...]:
    """Make the package of a claim.

    ``order`` is the cancelled order that it follows, ``offsets`` the payments for it that were set
    off. Raises ``DocumentDataError`` or ``TemplateProblem`` (Russian).
    """
    check_penalty(data)
    context = claim_context(claim, data, order, offsets, law["terms"])
    return papers_of(claim, data, context, OF_CLAIM, law, templates)


def claim_context(
    claim: ClaimCase,
    data: ApplicationData,
    order: Row | None,
    offsets: Sequence[Row],
    terms: Sequence[Row],
) -> ClaimContext:
    """Put the rows of a claim into the context of its papers."""
    if claim.parent_case_id is not None and order is not None and order["issued_on"] is None:
        raise DocumentDataError(
            f"Дело {claim.number}: в отменённом приказе нет номера и даты. Отметьте их на экране "
            "«Ответы суда»."
        )
    case = case_context(claim, claim.number, data, terms)
    told = {field.name: getattr(case, field.name) for field in fields(CaseContext)}
    offset_duty = tuple(
        DutyPayment(row["number"], row["paid_on"], row["amount"]) for row in offsets
    )
    return ClaimContext(
        **told
        | {
            "offset_duty": offset_duty,
            "enclosures": _enclosures(case, order, has_offset=bool(offset_duty)),
        },
        cancelled_order=_cancelled(order) if order else None,
        penalty_until_paid=claim.penalty_until_paid,
    )


def _cancelled(order: Row) -> CancelledOrder:
    court = Court(order["court_name"], order["court_kind"], order["court_address"])
    return CancelledOrder(court, order["issued_number"], order["issued_on"], order["cancelled_on"])


def _enclosures(case: CaseContext, order: Row | None, *, has_offset: bool) -> tuple[Enclosure, ...]:
    """What ГПК 132 asks for: the copies go to the debtors by the claimant himself."""
    listed = list(case.enclosures[:-1])
    if order is not None:
        day = date_ru(order["cancelled_on"])
        ruling = (
            f"Копия определения от {day} об отмене судебного приказа № {order['issued_number']}"
        )
        listed.insert(1, Enclosure(ruling, None))
    if has_offset:
        paid = "Платёжное поручение об уплате государственной пошлины за судебный приказ"
        listed.insert(1, Enclosure(paid, None))
    copies = "Документы об отправке копий искового заявления и приложений "
    whom = "ответчику" if len(case.debtors) == 1 else "ответчикам"
    return (*listed, Enclosure(copies + whom, None))
