"""«Свод задолженности по лицевому счёту»: an account's turnover by month and what is owed.

Every figure arrives computed; here it is only put on paper. The columns and their order are
those of the accepted form and are kept exactly.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from document_gen.engine import Template, load_template
from document_gen.parties import Organisation
from document_gen.russian import date_ru

TEMPLATE = Path(__file__).parent / "templates" / "account_statement.docx"

FORBIDDEN_IN_FILE_NAMES = '\\/:*?"<>|%'


class StatementDataError(ValueError):
    """The data of a statement lacks a field; the message, in Russian, names it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or an organisation that answers for the account, with its share as text."""

    name: str
    share: str | None = None


@dataclass(frozen=True, slots=True)
class Turnover:
    """One line of the statement, in roubles.

    ``one_off`` holds recalculations, ``adjustment`` adjustments less write-offs. A subsidy that
    is not recorded is ``None`` and printed as a dash: it is unknown, not absent.
    closing = opening + charged + one_off + adjustment − subsidy − subsidy_recalculation − paid.
    ``to_awards`` came beside ``paid`` and repaid duty and penalty that a court awarded (ГК 319): it
    lowers no debt for services.
    """

    opening: Decimal
    charged: Decimal
    one_off: Decimal
    adjustment: Decimal
    paid: Decimal
    closing: Decimal
    subsidy: Decimal | None = None
    subsidy_recalculation: Decimal | None = None
    to_awards: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """The turnover of one month; ``period`` is its first day."""

    period: date
    turnover: Turnover


@dataclass(frozen=True, slots=True)
class Ageing:
    """The balance by age, in roubles; the parts add up to it and an advance is negative."""

    not_due: Decimal
    advance: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    days_91_180: Decimal
    days_181_365: Decimal
    years_1_3: Decimal
    over_3_years: Decimal


@dataclass(frozen=True, slots=True)
class AccountStatementContext:
    """Every placeholder of ``templates/account_statement.docx``, by the same name.

    ``total_debt`` is the balance on ``as_of``, negative for an overpayment. ``built_at`` is an
    aware moment in the time zone that the reader lives in. The template adds
    ``template_version`` itself, so that a statement cannot claim another.
    """

    organisation: Organisation
    account_number: str
    payer_code: str | None
    address: str
    holders: tuple[Holder, ...]
    services: tuple[str, ...]
    as_of: date
    period_from: date
    period_to: date
    rows: tuple[MonthRow, ...]
    totals: Turnover
    total_debt: Decimal
    ageing: Ageing
    signer_position: str | None
    signer_name: str | None
    built_at: datetime


def statement_from_mappings(
    head: Mapping[str, Any],
    *,
    rows: Iterable[Mapping[str, Any]],
    totals: Mapping[str, Any],
    ageing: Mapping[str, Any],
    organisation: Mapping[str, Any],
    holders: Iterable[Mapping[str, Any]] = (),
    services: Iterable[str] = (),
) -> AccountStatementContext:
    """Build the context from query results, whose columns bear the names of the fields.

    ``head`` gives the fields of the statement itself; ``rows`` have ``period`` and the fields of
    ``Turnover``. Columns that the statement does not know are passed over, so that one query may
    serve several documents. Raises ``StatementDataError`` naming an absent column.
    """
    return _build(
        AccountStatementContext,
        {
            **head,
            "organisation": _build(Organisation, organisation, "организация"),
            "holders": tuple(_build(Holder, holder, "плательщики") for holder in holders),
            "services": tuple(services),
            "rows": tuple(
                _build(MonthRow, {**row, "turnover": _build(Turnover, row, "строки")}, "строки")
                for row in rows
            ),
            "totals": _build(Turnover, totals, "итого"),
            "ageing": _build(Ageing, ageing, "сроки долга"),
        },
        "шапка",
    )


def render(context: AccountStatementContext, template: Path = TEMPLATE) -> bytes:
    """The statement as a .docx; equal contexts give equal bytes.

    Raises ``TemplateProblem`` when the template names what the context does not have.
    """
    return _render(context, load_template(template))


def render_many(
    contexts: Iterable[AccountStatementContext], template: Path = TEMPLATE
) -> Iterator[tuple[str, bytes]]:
    """Yield file name and document one by one, all from one version of the template.

    Takes contexts as they come, so a run of any size needs the memory of one document.
    """
    compiled = load_template(template)
    for context in contexts:
        yield file_name(context), _render(context, compiled)


def file_name(context: AccountStatementContext) -> str:
    """A name for the file, different for different account numbers of one organisation."""
    # Escaped and not replaced: accounts «1/2» and «1_2» must not overwrite each other's file.
    number = "".join(
        f"%{ord(letter):02X}" if letter in FORBIDDEN_IN_FILE_NAMES or ord(letter) < 32 else letter
        for letter in context.account_number
    )
    return f"Свод задолженности {number} на {date_ru(context.as_of)}.docx"


def _render(context: AccountStatementContext, template: Template) -> bytes:
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    values["template_version"] = template.version
    title = f"Свод задолженности по лицевому счёту № {context.account_number}"
    return template.render(values, title=title, built_at=context.built_at)


def _build(kind: type, values: Mapping[str, Any], part: str) -> Any:
    known = {field.name for field in fields(kind)}
    required = {field.name for field in fields(kind) if field.default is MISSING}
    if absent := sorted(required - values.keys()):
        raise StatementDataError(
            f"Свод задолженности: в разделе «{part}» нет данных {', '.join(absent)}"
        )
    return kind(**{name: value for name, value in values.items() if name in known})
