"""The kinds of documents: of each its title, its template, its context and its examples.

``render(ORDER_APPLICATION, context)`` makes one document. Equal contexts and templates give equal
bytes. Templates may be those of ``templates/`` or another version, compiled from stored bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from document_gen import examples, examples_of_accounts, penalty_calculation
from document_gen.account_statement import AccountStatementContext
from document_gen.court_case import CaseContext, ClaimContext, case_values
from document_gen.engine import Template, load_template
from document_gen.letters import InstalmentContext, PretrialDemandContext, letter_values
from document_gen.penalty_calculation import PenaltyCalculationContext
from document_gen.registers import DutyRegisterContext, SectionListContext, register_values

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document; ``code`` names its template file.

    ``values`` turns a context into the names that the template uses; ``examples`` are invented
    contexts that between them take every branch.
    """

    code: str
    title: str
    context: type
    values: Callable[[Any], dict[str, Any]]
    heading: Callable[[Any], str]
    examples: Callable[[], tuple[Any, ...]]

    @property
    def template(self) -> Path:
        """The template that comes with the program."""
        return TEMPLATES / f"{self.code}.docx"


def render(kind: DocumentKind, context: Any, template: Template | None = None) -> bytes:
    """The document as a .docx; ``template`` is the kind's own where none is given.

    Raises ``TemplateProblem`` when the template names what the context does not have.
    """
    template = template or load_template(kind.template)
    values = kind.values(context) | {"template_version": template.version}
    return template.render(values, title=kind.heading(context), built_at=context.built_at)


def _of_case(code: str, title: str) -> DocumentKind:
    def heading(context: CaseContext) -> str:
        return f"{title}, дело № {context.case_number}"

    return DocumentKind(code, title, CaseContext, case_values, heading, examples.cases)


def _numbered(
    code: str,
    title: str,
    context: type,
    values: Callable[[Any], dict[str, Any]],
    made: Callable[[], tuple[Any, ...]],
) -> DocumentKind:
    def heading(context: Any) -> str:
        return f"{title} № {context.number}"

    return DocumentKind(code, title, context, values, heading, made)


def _of_account(code: str, title: str, context: type, made: Callable) -> DocumentKind:
    def heading(context: Any) -> str:
        of_what = f" по лицевому счёту № {context.account_number}" if context.account_number else ""
        return f"{title}{of_what}"

    def values(context: Any) -> dict[str, Any]:
        return {field.name: getattr(context, field.name) for field in fields(context)}

    return DocumentKind(code, title, context, values, heading, made)


ACCOUNT_STATEMENT = _of_account(
    "account_statement",
    "Свод задолженности",
    AccountStatementContext,
    examples_of_accounts.statements,
)
PENALTY_CALCULATION = replace(
    _of_account(
        "penalty_calculation",
        "Расчёт пени",
        PenaltyCalculationContext,
        examples_of_accounts.calculations,
    ),
    values=penalty_calculation.values,
)
PRETRIAL_DEMAND = _numbered(
    "pretrial_demand",
    "Претензия",
    PretrialDemandContext,
    letter_values,
    examples.pretrial_demands,
)
ORDER_APPLICATION = _of_case("order_application", "Заявление о вынесении судебного приказа")
DEBT_CALCULATION = _of_case("debt_calculation", "Расчёт задолженности")
DRAFT_ORDER = _of_case("draft_order", "Проект судебного приказа")
ENCLOSURE_LIST = _of_case("enclosure_list", "Опись вложения")
CLAIM_STATEMENT = replace(
    _of_case("claim_statement", "Исковое заявление"),
    context=ClaimContext,
    examples=examples.claims,
)
INSTALMENT_AGREEMENT = _numbered(
    "instalment_agreement",
    "Соглашение о рассрочке",
    InstalmentContext,
    letter_values,
    examples.instalments,
)
DUTY_REGISTER = _numbered(
    "duty_register",
    "Реестр государственной пошлины",
    DutyRegisterContext,
    register_values,
    examples.duty_registers,
)
SECTION_LIST = _numbered(
    "section_list",
    "Перечень дел для судебного участка",
    SectionListContext,
    register_values,
    examples.section_lists,
)

KINDS: dict[str, DocumentKind] = {
    kind.code: kind
    for kind in (
        ACCOUNT_STATEMENT,
        PENALTY_CALCULATION,
        PRETRIAL_DEMAND,
        ORDER_APPLICATION,
        DEBT_CALCULATION,
        DRAFT_ORDER,
        ENCLOSURE_LIST,
        CLAIM_STATEMENT,
        INSTALMENT_AGREEMENT,
        DUTY_REGISTER,
        SECTION_LIST,
    )
}
"""Every kind by its code, in the order of a case's life."""
