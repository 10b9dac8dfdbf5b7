"""«Расчёт пени» (ЖК РФ ст. 155): penalty month by month, with the ground of every line.

Every figure arrives computed; here it is only put on paper. The columns are those of the accepted
form; the ground of a line, the numbers of charges and payments, and the versions of the tables of
law are ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from document_gen import penalty_words
from document_gen.account_statement import FORBIDDEN_IN_FILE_NAMES, Holder
from document_gen.engine import Template, load_template
from document_gen.parties import DocumentDataError, Organisation
from document_gen.qr import case_code
from document_gen.russian import amount, date_ru

TEMPLATE = Path(__file__).parent / "templates" / "penalty_calculation.docx"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of penalty, or what happened after it.

    Either ``event`` tells what closed the debt, or the other fields tell a run of days under one
    rule. ``rate`` is per cent as text, ``fraction`` is 1/300, ``ground`` says why the run begins
    and ends. ``penalty`` is ``None`` for days of which no rate is known.
    """

    event: str | None
    base: Decimal | None = None
    date_from: date | None = None
    date_to: date | None = None
    days: int | None = None
    rate: str | None = None
    fraction: str | None = None
    formula: str | None = None
    penalty: Decimal | None = None
    ground: str | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """What is owed for a month: its head, its rows, its penalty, the debt still open."""

    period: date
    liability: str
    due_date: date
    charges: str | None
    bill_delivered: date | None
    rows: tuple[Row, ...]
    penalty: Decimal
    debt: Decimal


@dataclass(frozen=True, slots=True)
class LawTable:
    """A table of law that the reckoning rests on: how far it is verified, and its version."""

    title: str
    verified_through: date | None
    version: str


@dataclass(frozen=True, slots=True)
class PenaltyCalculationContext:
    """Every placeholder of ``templates/penalty_calculation.docx``, by the same name.

    ``debt`` is the overdue principal on ``as_of``, ``penalty`` the sum of all lines. ``known_on``
    is the day whose knowledge counts, where it is not the present. Without an organisation and an
    account it is a reckoning of typed figures, and ``subject`` says of what. ``case_number`` is
    that of the case to whose papers it belongs. ``own_debt``, ``own_penalty`` and ``own_total`` are
    the debtor's part, where others answer for the rest; else ``None``. The template adds
    ``template_version`` itself.
    """

    organisation: Organisation | None
    account_number: str | None
    address: str | None
    subject: str | None
    holders: tuple[Holder, ...]
    as_of: date
    known_on: date | None
    months: tuple[Month, ...]
    debt: Decimal
    penalty: Decimal
    debt_and_penalty: Decimal
    rules: tuple[str, ...]
    tables: tuple[LawTable, ...]
    warning: str | None
    signer_position: str | None
    signer_name: str | None
    built_at: datetime
    case_number: str | None = None
    own_debt: Decimal | None = None
    own_penalty: Decimal | None = None
    own_total: Decimal | None = None


def calculation_from_rows(
    head: Mapping[str, Any],
    *,
    lines: Sequence[Mapping[str, Any]],
    months: Sequence[Mapping[str, Any]],
    total: Mapping[str, Any],
    tables: Sequence[Mapping[str, Any]],
    limits: Sequence[Mapping[str, Any]],
    organisation: Mapping[str, Any] | None = None,
    holders: Iterable[Mapping[str, Any]] = (),
) -> PenaltyCalculationContext:
    """Build the context from query results.

    ``lines`` come in the order of months; ``months`` have the debt and the penalty of each month;
    ``total`` may have the part of the debtor (``own_debt``, ``own_penalty``, ``own_total``), and
    what a cancelled order has brought of the penalty (``recovered_penalty``): the part is less it;
    or else what acts of courts have brought of the whole (``repaid_penalty``), which is told only;
    ``limits`` are the moratoria and caps in force, of which those that bear on the lines are named.
    Raises ``DocumentDataError`` when nothing is overdue: there is nothing to reckon then.
    """
    if not months:
        raise DocumentDataError("На эту дату нет ни просроченного долга, ни пени: считать нечего.")
    of_month = {
        key: list(rows) for key, rows in groupby(sorted(lines, key=_month_key), key=_month_key)
    }
    unverified = sum(not line["is_verified"] for line in lines)
    given = _named(Organisation, organisation) if organisation is not None else None
    is_part = total.get("own_total") is not None and total["own_total"] != total["debt_and_penalty"]
    return PenaltyCalculationContext(
        organisation=given,
        account_number=head.get("account_number"),
        address=head.get("address"),
        subject=head.get("subject"),
        holders=tuple(_named(Holder, holder) for holder in holders),
        as_of=head["as_of"],
        known_on=head.get("known_on"),
        months=tuple(_month(month, of_month.get(_month_key(month), [])) for month in months),
        debt=total["debt"],
        penalty=total["penalty"],
        debt_and_penalty=total["debt_and_penalty"],
        rules=(*_recovered(total), *_rules(lines, limits)),
        tables=tuple(_named(LawTable, table) for table in tables),
        warning=penalty_words.unverified(unverified, tables),
        signer_position=head.get("signer_position"),
        signer_name=head.get("signer_name"),
        built_at=head["built_at"],
        case_number=head.get("case_number"),
        own_debt=total["own_debt"] if is_part else None,
        own_penalty=total["own_penalty"] if is_part else None,
        own_total=total["own_total"] if is_part else None,
    )


def values(context: PenaltyCalculationContext) -> dict[str, Any]:
    """The names that the template uses: the fields, and the case number as a picture."""
    given = {field.name: getattr(context, field.name) for field in fields(context)}
    return given | {"case_qr": case_code(context.case_number) if context.case_number else None}


def render(context: PenaltyCalculationContext, template: Path = TEMPLATE) -> bytes:
    """The calculation as a .docx; equal contexts give equal bytes.

    Raises ``TemplateProblem`` when the template names what the context does not have.
    """
    return _render(context, load_template(template))


def render_many(
    contexts: Iterable[PenaltyCalculationContext], template: Path = TEMPLATE
) -> Iterator[tuple[str, bytes]]:
    """Yield file name and document one by one, all from one version of the template."""
    compiled = load_template(template)
    for context in contexts:
        yield file_name(context), _render(context, compiled)


def file_name(context: PenaltyCalculationContext) -> str:
    """A name for the file, different for different account numbers of one organisation."""
    number = "".join(
        f"%{ord(letter):02X}" if letter in FORBIDDEN_IN_FILE_NAMES or ord(letter) < 32 else letter
        for letter in context.account_number or ""
    )
    return f"Расчёт пени {number} на {date_ru(context.as_of)}.docx".replace("  ", " ")


def _render(context: PenaltyCalculationContext, template: Template) -> bytes:
    given = values(context) | {"template_version": template.version}
    of_what = f" по лицевому счёту № {context.account_number}" if context.account_number else ""
    return template.render(given, title=f"Расчёт пени{of_what}", built_at=context.built_at)


def _month_key(row: Mapping[str, Any]) -> tuple:
    return row["due_date"], row["period"], row["liability"]


def _month(month: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Month:
    charges = sorted({number for line in lines for number in line["charge_ids"]})
    return Month(
        period=month["period"],
        liability=penalty_words.LIABILITIES[month["liability"]],
        due_date=month["due_date"],
        charges=penalty_words.numbers(charges) if charges else None,
        bill_delivered=next((line["bill_delivered_date"] for line in lines), None),
        rows=tuple(_rows(lines)),
        penalty=month["penalty"],
        debt=month["debt"],
    )


def _rows(lines: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for line in lines:
        yield Row(
            event=None,
            base=line["base_amount"],
            date_from=line["date_from"],
            date_to=line["date_to"],
            days=line["day_count"],
            rate=penalty_words.rate(line["rate_pct"]),
            fraction=penalty_words.fraction(line),
            formula=penalty_words.formula(line),
            penalty=line["penalty_amount"],
            ground=f"{penalty_words.begins(line)}; по: {penalty_words.ends(line)}",
        )
        if line["ends_because"] == "closed":
            yield Row(event=_event(line))


def _event(line: Mapping[str, Any]) -> str:
    told = f"{date_ru(line['closed_by_date'])}: {penalty_words.closed_by(line)}"
    if line.get("payment_amount") is not None:
        told += f" на {amount(line['payment_amount'])} руб."
    return f"{told}; из долга за этот месяц погашено {amount(line['base_amount'])} руб."


def _recovered(total: Mapping[str, Any]) -> Iterator[str]:
    """What came under the order before the claim, and what the claim asks for beside it."""
    if total.get("recovered_penalty"):
        yield (
            "По отменённому судебному приказу в уплату этих пеней получено "
            f"{amount(total['recovered_penalty'])} руб.; к взысканию заявлено "
            f"{amount(total['own_penalty'])} руб."
        )
    elif total.get("repaid_penalty"):
        yield penalty_words.repaid(total["repaid_penalty"])


def _rules(
    lines: Sequence[Mapping[str, Any]], limits: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Acts that the lines rest on: shares of the rate, caps of the rate, moratoria met."""
    acts = {line["step_act"]: None for line in lines}
    found = [f"Доли ставки: {act}." for act in acts]
    caps = {line["cap_id"] for line in lines}
    first = min((line["date_from"] for line in lines), default=None)
    last = max((line["date_to"] for line in lines), default=None)
    for limit in limits:
        if limit["kind"] == "rate_cap" and limit["moratorium_id"] in caps:
            found.append(f"{limit['rule']}: {limit['act']}.")
        elif limit["kind"] == "exclude_days" and first is not None:
            # A run of days that ends where the moratorium begins is met from its last day.
            is_met = limit["date_from"] <= last or any(
                line["ends_because"] == "moratorium" for line in lines
            )
            if is_met and limit["date_to"] >= first:
                found.append(
                    f"{limit['rule']} (с {date_ru(limit['date_from'])} по "
                    f"{date_ru(limit['date_to'])}): {limit['act']}."
                )
    return tuple(found)


def _named(kind: type, values: Mapping[str, Any]) -> Any:
    return kind(**{field.name: values[field.name] for field in fields(kind)})
