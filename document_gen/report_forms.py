"""The report forms of the accountant on paper: the same rows as on the screen and in the workbook.

Every figure arrives computed; here it is only put on paper. The columns and their order are those
of the accepted forms and are kept exactly.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from document_gen.engine import load_template

TEMPLATES = Path(__file__).parent / "templates"
MOST_ROWS = 5_000
"""Word needs minutes to open a longer table."""


class FormTemplate(StrEnum):
    """The forms that have a template; the value is the name of its file."""

    TURNOVER_SHEET = "turnover_sheet"
    PAYMENT_REQUESTS = "payment_requests"
    RECEIPTS = "receipts_register"
    DEBT_INFORMATION = "debt_information"
    RESOURCE_REPORT = "resource_report"
    ROUTE_SHEET = "route_sheet"


class FormTooLongError(ValueError):
    """More rows than a Word document is read with; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class FormPrintRow:
    """A row: how deep it lies, whether it is a group, and its values by the names of columns."""

    values: Mapping[str, Any]
    level: int = 0
    is_group: bool = False

    @property
    def indent(self) -> str:
        """No-break spaces in front of the name of a row inside a group."""
        return "\N{NO-BREAK SPACE}" * 3 * self.level


@dataclass(frozen=True, slots=True)
class ReportFormContext:
    """Every placeholder of the templates of forms, by the same name.

    ``lines`` stand below the title: supplier, period, parameters. ``totals`` has the values of the
    last row. ``built_at`` is an aware moment in the time zone that the reader lives in.
    """

    title: str
    lines: tuple[str, ...]
    rows: tuple[FormPrintRow, ...]
    totals: Mapping[str, Any]
    control: str
    signer: str
    built_at: datetime


def render(form: FormTemplate, context: ReportFormContext) -> bytes:
    """The form as a .docx; equal contexts give equal bytes.

    Raises ``FormTooLongError`` for a form that belongs into a workbook, ``TemplateProblem`` when
    the template names what the context does not have.
    """
    if len(context.rows) > MOST_ROWS:
        raise FormTooLongError(
            f"В документе Word помещается {MOST_ROWS} строк, здесь больше. "
            "Сузьте отбор или выгрузите в Excel."
        )
    template = load_template(TEMPLATES / f"{form.value}.docx")
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    values["template_version"] = template.version
    return template.render(values, title=context.title, built_at=context.built_at)


def print_rows(rows: Iterable[FormPrintRow]) -> tuple[FormPrintRow, ...]:
    """Take rows up to one more than fits, so that a form that is too long is never read whole."""
    taken = []
    for row in rows:
        taken.append(row)
        if len(taken) > MOST_ROWS:
            break
    return tuple(taken)
