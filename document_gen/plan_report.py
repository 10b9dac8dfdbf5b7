"""«Отчёт о выполнении плана мероприятий»: the columns of the plan, and beside them what was done.

Every figure arrives computed; here it is only put on paper. A plan with a mechanism of its measures
(seven columns) is printed by the wide table of the template, another one by the narrow table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from document_gen.engine import load_template
from document_gen.russian import UNKNOWN, amount, date_ru, number, percent

TEMPLATE = Path(__file__).parent / "templates" / "plan_report.docx"
TITLE = "Отчёт о выполнении плана мероприятий"

FigureKind = Literal["share", "money", "days", "count"]


class PlanReportDataError(ValueError):
    """The data of a report lacks a field; the message, in Russian, names it."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One indicator. The words of its measure are empty but for the first one of the measure."""

    measure_no: str
    name: str
    quantity: str
    expected_result: str
    mechanism: str
    indicators: str
    responsible: str
    term: str
    code: str
    indicator: str
    target: str
    fact: str
    execution: str
    cumulative: str
    deviation: str
    source: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """How an indicator was counted."""

    code: str
    title: str
    rule: str


@dataclass(frozen=True, slots=True)
class AppendixRow:
    """What an indicator counted: numbers of its accounts, or of its papers where it has none."""

    code: str
    title: str
    told: str


@dataclass(frozen=True, slots=True)
class PlanReportContext:
    """Every placeholder of ``templates/plan_report.docx``, by the same name.

    ``known_at`` and ``built_at`` are aware moments in the time zone of the reader. ``headings``
    are those of the source, by column.
    """

    plan_title: str
    approval: str | None
    plan_version: int
    scope_name: str
    period_name: str
    as_of: date
    known_at: datetime
    is_wide: bool
    headings: Mapping[str, str]
    rows: tuple[ReportRow, ...]
    rules: tuple[RuleRow, ...]
    appendix: tuple[AppendixRow, ...]
    forecast_method: str
    kept: int
    judged: int
    without_target: int
    waiting: int
    signer_position: str | None
    signer_name: str | None
    built_at: datetime


def figure(value: Decimal | int | None, kind: FigureKind) -> str:
    """A figure of an indicator in its own form: ``94,3 %``, ``700 000,00 ₽``, ``12,5``, ``400``."""
    if value is None:
        return UNKNOWN
    if kind == "share":
        return percent(value)
    if kind == "money":
        return f"{amount(value)} ₽"
    return number(value, 0 if value == int(value) else 1)


def kind_of(counts: str, unit: str, *, is_share: bool) -> FigureKind:
    """How the figures of an indicator are written."""
    if is_share:
        return "share"
    if counts == "days_to_payment":
        return "days"
    return "money" if unit == "₽" else "count"


def signed_deviation(value: Decimal | None, kind: FigureKind) -> str:
    """A deviation from the norm with its sign; shares in percentage points."""
    if value is None:
        return UNKNOWN
    sign = "+" if value > 0 else ""
    told = figure(value, kind)
    return f"{sign}{told.removesuffix('%').rstrip()} п. п." if kind == "share" else sign + told


def report_from_mappings(
    head: Mapping[str, Any],
    board: Iterable[Mapping[str, Any]],
    shares: frozenset[str],
    counted: Iterable[Mapping[str, Any]] = (),
) -> PlanReportContext:
    """Build the context from rows of the board, in the order of the plan.

    ``counted`` are the events that were counted, each with the ``code`` of its indicator: they make
    the appendix. ``shares`` are the ways of counting that give parts of one. Raises
    ``PlanReportDataError`` naming an absent field.
    """
    required = {field.name for field in fields(PlanReportContext) if field.default is MISSING}
    computed = {"rows", "rules", "kept", "judged", "without_target", "waiting", "is_wide"}
    computed.add("appendix")
    if absent := sorted(required - computed - head.keys()):
        raise PlanReportDataError(f"Отчёт по плану: нет данных {', '.join(absent)}")
    listed = list(board)
    main = [row for row in listed if row["indicator_position"] == 1]
    judged = [row for row in main if row["status_code"] in ("kept", "not_kept", "behind")]
    judged += [row for row in main if row["status_code"] == "on_course"]
    headings = head["headings"]
    return PlanReportContext(
        **{name: head[name] for name in required - computed},
        is_wide=bool({"mechanism", "expected_result", "indicators"} & headings.keys()),
        rows=tuple(_row(row, shares) for row in listed),
        rules=tuple(RuleRow(row["code"], row["title"], row["counting_rule"]) for row in listed),
        appendix=_appendix(listed, counted),
        kept=sum(row["status_code"] == "kept" for row in judged),
        judged=len(judged),
        without_target=sum(row["status_code"] == "no_target" for row in main),
        waiting=sum(row["status_code"] == "awaits_events" for row in main),
    )


def render(context: PlanReportContext, template: Path = TEMPLATE) -> bytes:
    """The report as a .docx; equal contexts give equal bytes.

    Raises ``TemplateProblem`` when the template names what the context does not have.
    """
    compiled = load_template(template)
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    values["template_version"] = compiled.version
    return compiled.render(values, title=TITLE, built_at=context.built_at)


def file_name(context: PlanReportContext, extension: str = "docx") -> str:
    """A name for the file: the period and the day that the figures speak of."""
    period = context.period_name.replace("/", "-")
    return f"{TITLE} {period} на {date_ru(context.as_of)}.{extension}"


def _row(row: Mapping[str, Any], shares: frozenset[str]) -> ReportRow:
    is_first = row["indicator_position"] == 1
    is_share = row["counts"] in shares or (
        row["is_daily_norm"] and row["period_kind"] not in ("day", None)
    )
    kind = kind_of(row["counts"], row["unit"], is_share=is_share)

    def words(column: str) -> str:
        return (row[column] or "") if is_first else ""

    return ReportRow(
        measure_no=words("measure_no"),
        name=words("name"),
        quantity=words("quantity"),
        expected_result=words("expected_result"),
        mechanism=words("mechanism"),
        indicators=words("indicators") or words("quantity"),
        responsible=words("responsible"),
        term=words("term"),
        code=row["code"],
        indicator=f"{row['title']}, {row['unit']}",
        target=figure(row["target"], kind) if row["target"] is not None else "без норматива",
        fact=_fact(row, kind),
        execution=percent(row["execution_share"]),
        cumulative=figure(row["cumulative_fact"], kind),
        deviation="; ".join(
            part
            for part in (
                signed_deviation(row["deviation"], kind) if row["deviation"] is not None else "",
                (row["comment"] or "") if is_first else "",
            )
            if part
        ),
        source=_source(row),
    )


def _appendix(
    rows: Iterable[Mapping[str, Any]], counted: Iterable[Mapping[str, Any]]
) -> tuple[AppendixRow, ...]:
    """Indicators that counted something, in the order of the plan; a number stands once."""
    accounts: dict[str, dict[str, None]] = {}
    papers: dict[str, dict[str, None]] = {}
    for event in counted:
        if event["account_number"]:
            accounts.setdefault(event["code"], {})[event["account_number"]] = None
        else:
            paper = event["document_number"] or f"событие № {event['event_id']}"
            told = f"{date_ru(event['event_date'])} {paper}"
            papers.setdefault(event["code"], {})[told] = None
    found = []
    for row in rows:
        numbers, documents = accounts.get(row["code"], {}), papers.get(row["code"], {})
        parts = []
        if numbers:
            parts.append(f"лицевых счетов {number(len(numbers))}: {', '.join(numbers)}")
        if documents:
            parts.append(f"документов {number(len(documents))}: {'; '.join(documents)}")
        if parts:
            found.append(AppendixRow(row["code"], row["title"], "; ".join(parts)))
    return tuple(found)


def _fact(row: Mapping[str, Any], kind: FigureKind) -> str:
    told = figure(row["fact"], kind)
    if row["is_daily_norm"] and kind == "share" and row["denominator"] is not None:
        return f"{told} ({number(row['numerator'])} из {number(row['denominator'])} раб. дн.)"
    if kind == "share" and row["denominator"]:
        return f"{told} ({number(row['numerator'])} из {number(row['denominator'])})"
    return told


def _source(row: Mapping[str, Any]) -> str:
    if row["status_code"] == "awaits_events":
        return f"событий нет; ждёт: {row['awaits']}"
    return f"{row['sources']}; событий {number(row['events_counted'])}"
