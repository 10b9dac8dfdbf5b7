"""The papers of one application: rows of queries in, documents of the package out.

Which papers, and in which order, the batch says. What cannot be put on paper (a month without
services, an unknown right) is an error that names the case; nothing is left blank.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from document_gen import kinds, penalty_calculation
from document_gen.court_case import (
    CaseContext,
    DutyPayment,
    Enclosure,
    MonthDebt,
    MonthTotals,
    ServiceDebt,
)
from document_gen.engine import Template, load_template
from document_gen.kinds import CLAIM_STATEMENT, DocumentKind
from document_gen.names import PersonName, split_full_name
from document_gen.parties import (
    Claimant,
    Court,
    Debtor,
    Demand,
    DocumentDataError,
    Identifier,
    Represented,
    Signer,
)
from document_gen.phrases import in_case
from document_gen.registers import SectionLine, SectionListContext
from document_gen.russian import amount, counted, date_ru
from document_gen.words import Case
from operational_db.services.filing.claim_packages import STAYS
from operational_db.services.filing.package_data import ApplicationData, Row
from operational_db.services.filing.runs import ApprovedBatch, Document, Package, case_number

RIGHTS = {"tenants": "social_tenancy", "joint_owners": "joint_ownership"}
MANAGES = frozenset({"management_company", "homeowners"})

TITLES = {
    "application": "Заявление",
    "debt_calculation": "Расчёт задолженности",
    "penalty_calculation": "Расчёт пени",
    "draft_order": "Проект приказа",
    "enclosure_list": "Опись вложения",
}
OF_CASE = {
    "application": kinds.ORDER_APPLICATION,
    "debt_calculation": kinds.DEBT_CALCULATION,
    "draft_order": kinds.DRAFT_ORDER,
    "enclosure_list": kinds.ENCLOSURE_LIST,
}

NO_DEBT = MonthTotals(*(Decimal(0),) * len(MonthTotals.__dataclass_fields__))
"""Totals of an application that asks for penalty only."""

# «В течение … рабочих дней» and «срок – … года» have these forms for every number of ours.
TERM_UNITS = {
    "day": ("дня", "дней", "дней"),
    "working_day": ("рабочего дня", "рабочих дней", "рабочих дней"),
    "month": ("месяц", "месяца", "месяцев"),
    "year": ("год", "года", "лет"),
}
Templates = Callable[[str], Template | None]
"""The template that stands for a kind in this organisation and court; None for the common one."""


class Filing(Protocol):
    """What goes to the court together: a batch of applications, or a single claim."""

    @property
    def sent_on(self) -> date: ...
    @property
    def calculated_on(self) -> date: ...
    @property
    def approved_at(self) -> datetime: ...
    @property
    def attachments(self) -> tuple[str, ...]: ...


def package_of(
    batch: ApprovedBatch,
    number: int,
    data: ApplicationData,
    law: Mapping[str, Sequence[Row]],
    templates: Templates = lambda _: None,
) -> Package:
    """Make the papers of one application.

    ``law`` has ``tables`` and ``limits`` of the penalty calculation and ``terms`` of an order.
    Raises ``DocumentDataError`` or ``TemplateProblem`` (Russian).
    """
    check_penalty(data)
    context = case_context(batch, case_number(batch, number), data, law["terms"])
    return Package(number, papers_of(batch, data, context, OF_CASE, law, templates))


def papers_of(
    filing: Filing,
    data: ApplicationData,
    context: CaseContext,
    kinds_of: Mapping[str, DocumentKind],
    law: Mapping[str, Sequence[Row]],
    templates: Templates,
) -> tuple[Document, ...]:
    """Make the papers that a filing asks for, all from one context; ``kinds_of`` by attachment."""
    documents = []
    for code in filing.attachments:
        if code == "penalty_calculation":
            if not data.penalty_lines:
                continue
            made = _penalty(filing, data, context, law, templates)
        elif code == "debt_calculation" and not data.months:
            continue
        else:
            kind = kinds_of[code]
            template = templates(kind.code) or load_template(kind.template)
            read = context
            if code == "enclosure_list" and "application" in filing.attachments:
                read = _led_by_application(context, kinds_of["application"].title)
            made = (
                kind.code,
                template.version,
                repr(read),
                kinds.render(kind, read, template),
            )
        kind_code, version, told, content = made
        documents.append(
            Document(
                kind=kind_code,
                file_name=f"{_safe(context.case_number)} {_title(kind_code, code)}.docx",
                template_version=version,
                context_digest=hashlib.sha256(told.encode()).hexdigest(),
                content=content,
            )
        )
    return tuple(documents)


def _led_by_application(context: CaseContext, title: str) -> CaseContext:
    """The letter holds the application itself, which does not name itself among its enclosures."""
    return replace(context, enclosures=(Enclosure(title, None), *context.enclosures))


def _title(kind_code: str, attachment: str) -> str:
    return "Исковое заявление" if kind_code == CLAIM_STATEMENT.code else TITLES[attachment]


def check_penalty(data: ApplicationData) -> None:
    """Refuse a penalty that its own calculation no longer bears out.

    A payment that was moved to another day leaves the debt as it was approved, and not the penalty.
    A claim after a cancelled order asks for what is left of its calculation when what came under
    the order is taken off.
    """
    asked = data.head["penalty"]
    if not asked:
        return
    told = data.penalty_total
    found = told["penalty"] if told else 0
    left = found - data.recovered_penalty
    is_whole = told is not None and told["is_whole"]
    if left < asked or (is_whole and left != asked):
        if data.recovered_penalty:
            raise DocumentDataError(
                f"Пени не сходятся: в иске {amount(asked)} ₽, по расчёту {amount(found)} ₽, из них "
                f"по отменённому приказу получено {amount(data.recovered_penalty)} ₽. {STAYS} "
                "Если суммы разойдутся и тогда, составьте пакет сами по расчёту пени из карточки "
                "счёта."
            )
        raise DocumentDataError(
            f"После утверждения изменились пени: было {amount(asked)} ₽, по расчёту "
            f"{amount(found)} ₽. Предложите заново."
        )


def case_context(
    filing: Filing, number: str, data: ApplicationData, terms: Sequence[Row]
) -> CaseContext:
    """Put the rows of one application into the context of its papers; ``number`` is our own.

    ``terms`` are those of an order, as the table of terms has them on the day of sending.
    """
    head = data.head
    told = {term["code"]: _term(term) for term in terms}
    debtors = tuple(_debtor(row) for row in data.debtors)
    penalty_from, penalty_to = _penalty_days(data.penalty_lines if head["penalty"] > 0 else ())
    family = data.family
    if family is not None and not family["joint_principal"]:
        raise DocumentDataError(
            f"Счёт {head['account_number']}: члены семьи отвечают только за коммунальные услуги, а "
            "такого долга в заявлении нет. Предложите заново."
        )
    services = tuple(ServiceDebt(row["service"], row["principal"]) for row in data.services)
    return CaseContext(
        case_number=number,
        filed_on=filing.sent_on,
        court=_court(head),
        claimant=_claimant(head),
        signer=_signer(head),
        debtors=debtors,
        liability="family" if family else "sole" if len(debtors) == 1 else "joint",
        right=RIGHTS.get(head["holder_kind"]) or _right_of_owner(head),
        ground=_ground(head),
        account_number=head["account_number"],
        address=head["address"],
        services=tuple(service.service for service in services),
        period_from=head["period_from"],
        period_to=head["period_to"],
        demand=Demand(
            head["principal"], head["penalty"], head["total"], head["duty"], head["grand_total"]
        ),
        service_debts=services,
        months=tuple(_filled(MonthDebt, row) for row in data.months),
        month_totals=_filled(MonthTotals, data.month_totals) if data.month_totals else NO_DEBT,
        enclosures=_enclosures(filing, data),
        built_at=filing.approved_at,
        penalty_from=penalty_from,
        penalty_to=penalty_to,
        duty_payments=tuple(
            DutyPayment(row["number"], row["paid_on"], row["amount"]) for row in data.duty_payments
        ),
        right_record=_right_record(head),
        right_until=head["right_until"],
        account_debt=head["account_debt"]
        if any(debtor.share for debtor in debtors) and head["account_debt"] != head["principal"]
        else None,
        joint_demand=_demand_of(family, "joint") if family else None,
        own_demand=_demand_of(family, "own") if family and family["own_grand_total"] else None,
        joint_from=family["joint_from"] if family else None,
        joint_to=family["joint_to"] if family else None,
        penalty_ground=_penalty_ground(data.penalty_lines),
        objection_term=told.get("court_order_objection_term"),
        presentation_term=told.get("court_order_presentation"),
    )


def _term(row: Row) -> str:
    """A term as a paper names it: «10 рабочих дней», «3 года». Raises for a unit without words."""
    words = TERM_UNITS.get(row["unit"])
    if words is None:
        raise DocumentDataError(
            f"Справочник сроков: единица «{row['unit']}» строки {row['code']} не известна."
        )
    return counted(int(row["value"]), *words)


def _penalty_days(lines: Sequence[Row]) -> tuple[date | None, date | None]:
    """First and last day for which penalty is asked; without lines there are none.

    The last day is that of the lines: months that were paid late end before the calculation.
    """
    return (
        min((line["date_from"] for line in lines), default=None),
        max((line["date_to"] for line in lines), default=None),
    )


def _penalty_ground(lines: Sequence[Row]) -> str:
    """The parts of ЖК 155 that lines of penalty rest on: capital repair has its own, 14.1."""
    found = {line["liability"] for line in lines}
    if found == {"capital_repair"}:
        return "часть 14.1"
    return "части 14 и 14.1" if "capital_repair" in found else "часть 14"


def _demand_of(family: Row, whose: str) -> Demand:
    names = ("principal", "penalty", "total", "duty", "grand_total")
    return Demand(*(family[f"{whose}_{name}"] for name in names))


def _filled(kind: type, row: Row) -> Any:
    return kind(**{name: row[name] for name in kind.__dataclass_fields__})


def _court(head: Row) -> Court:
    return Court(head["court_name"], head["court_kind"], head["court_address"])


def _claimant(head: Row) -> Claimant:
    names = (
        *("name", "inn", "kpp", "ogrn", "phone", "email", "kind"),
        *("bank_name", "bic", "bank_account", "correspondent_account"),
    )
    return Claimant(address=head["organisation_address"], **{name: head[name] for name in names})


def _signer(head: Row) -> Signer:
    position = head["head_position"]
    return Signer(position[0].lower() + position[1:], split_full_name(head["head_name"]))


def _debtor(row: Row) -> Debtor:
    represents = None
    if row["ward_last"] is not None:
        represents = Represented(
            PersonName(row["ward_last"], row["ward_first"], row["ward_middle"], row["ward_sex"]),
            row["ward_birth_date"],
            row["ward_basis"],
            row["ward_adult_since"],
        )
    role = "tenant" if row["holder_kind"] == "tenants" else "owner"
    if row["asked_as"] == "family":
        role = "family_member"
    return Debtor(
        name=PersonName(row["last"], row["first"], row["middle"], row["sex"]),
        role=role,
        residence=row["residence"],
        birth_date=row["birth_date"],
        birth_place=row["birth_place"],
        identifiers=tuple(_identifier(each) for each in row["identifiers"]),
        # Joint owners have no shares (ГК 244), whatever the registry writes beside their names.
        share=row["share"] if row["holder_kind"] == "owner" else None,
        represents=represents,
        died_on=row["died_on"],
        held_from=row["held_from"],
        held_until=row["held_until"],
    )


def _identifier(row: Mapping[str, Any]) -> Identifier:
    issued_on = row["issued_on"]
    return Identifier(
        row["kind"],
        row["number"],
        row["issued_by"],
        date.fromisoformat(issued_on) if issued_on else None,
    )


def _right_of_owner(head: Row) -> str:
    right = head["right_kind"]
    if right not in ("ownership", "shared_ownership", "joint_ownership", "social_tenancy"):
        raise DocumentDataError(
            f"Счёт {head['account_number']}: право на помещение не указано. Внесите его по "
            "выписке ЕГРН."
        )
    return right


def _right_record(head: Row) -> str | None:
    if not head["registration_number"]:
        return None
    return f"от {date_ru(head['right_from'])} № {head['registration_number']}"


def _ground(head: Row) -> str:
    """What follows «на основании»: the paper by which the organisation may ask for the money."""
    if head["kind"] in MANAGES:
        basis = head["management_basis"] or "договор управления многоквартирным домом"
        return in_case(basis[0].lower() + basis[1:], Case.GENITIVE).text
    if head["contract_number"]:
        return f"договора от {date_ru(head['contract_signed_on'])} № {head['contract_number']}"
    if head["kind"] == "capital_repair_fund":
        return "статьи 170 Жилищного кодекса Российской Федерации"
    return "статей 153–155 Жилищного кодекса Российской Федерации"


def _enclosures(filing: Filing, data: ApplicationData) -> tuple[Enclosure, ...]:
    """What the list of enclosures names: our papers, then what the claimant adds by hand."""
    listed = [Enclosure("Платёжное поручение об уплате государственной пошлины", 1)]
    if "debt_calculation" in filing.attachments and data.months:
        listed.append(Enclosure("Расчёт задолженности", None, 2))
    if "penalty_calculation" in filing.attachments and data.penalty_lines:
        listed.append(Enclosure("Расчёт пени", None, 2))
    listed.append(Enclosure("Выписка из Единого государственного реестра недвижимости", None))
    listed.append(Enclosure("Выписка из домовой книги (поквартирная карточка)", None))
    if data.head["kind"] in MANAGES:
        listed.append(Enclosure("Копия документа об управлении многоквартирным домом", None))
    listed.append(Enclosure("Выписка из Единого государственного реестра юридических лиц", None))
    if "draft_order" in filing.attachments:
        listed.append(Enclosure("Проект судебного приказа", None, 2))
    return (*listed, Enclosure("Копия заявления для должника", None, len(data.debtors)))


def _penalty(
    filing: Filing,
    data: ApplicationData,
    context: CaseContext,
    law: Mapping[str, Sequence[Row]],
    templates: Templates,
) -> tuple[str, str, str, bytes]:
    head = {
        "case_number": context.case_number,
        "account_number": context.account_number,
        "address": context.address,
        "as_of": filing.calculated_on,
        "signer_position": context.signer.position,
        "signer_name": context.signer.name.signed,
        "built_at": filing.approved_at,
    }
    calculation = penalty_calculation.calculation_from_rows(
        head,
        lines=data.penalty_lines,
        months=data.penalty_months,
        total={**(data.penalty_total or {}), "recovered_penalty": data.recovered_penalty},
        tables=law["tables"],
        limits=law["limits"],
        # The head of a case has the address of the flat beside that of the organisation.
        organisation={**data.head, "address": data.head["organisation_address"]},
        holders=[{"name": str(debtor.name), "share": debtor.share} for debtor in context.debtors],
    )
    template = templates(kinds.PENALTY_CALCULATION.code) or load_template(
        kinds.PENALTY_CALCULATION.template
    )
    return (
        kinds.PENALTY_CALCULATION.code,
        template.version,
        repr(calculation),
        kinds.render(kinds.PENALTY_CALCULATION, calculation, template),
    )


def section_list(
    batch: ApprovedBatch, court: Row, lines: Sequence[Row], totals: Row
) -> SectionListContext:
    """The list that lies on top of the pile of a court section."""
    return SectionListContext(
        number=f"{batch.batch_id}-{court['court_code']}",
        made_on=batch.sent_on,
        court=_court(court),
        claimant=_claimant(court),
        signer=_signer(court),
        lines=tuple(
            SectionLine(
                number=place,
                case_number=line["case_number"],
                debtor=PersonName(line["last"], line["first"], line["middle"], line["sex"]),
                account_number=line["account_number"],
                address=line["address"],
                total=line["total"],
                duty=line["duty"],
            )
            for place, line in enumerate(lines, start=1)
        ),
        total=totals["total"],
        duty=totals["duty"],
        built_at=batch.approved_at,
    )


def _safe(number: str) -> str:
    return number.replace("/", "-")
