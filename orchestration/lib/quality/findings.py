"""The rows behind broken rules, by organisation: for the page the first, for the workbook all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import Connection, Engine, text

from orchestration.lib.quality.rules import Rule

SHOWN = 100
LAST_ROW = 1_048_575
HEADINGS = (("Лицевой счёт", 18), ("Что", 46), ("В чём дело", 80))


@dataclass(slots=True)
class Finding:
    """A broken rule of one organisation: how many rows, and the first of them."""

    rule: Rule
    rows: int = 0
    shown: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class OrganisationFindings:
    """Everything that one organisation must mend."""

    organisation_id: int
    name: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows there are to look at."""
        return sum(finding.rows for finding in self.findings)


def collect(
    engine: Engine, rules: Sequence[Rule], workbook_folder: Path
) -> list[OrganisationFindings]:
    """Read the rows of broken rules; all of them go to a workbook per organisation.

    Organisations that keep accounts are listed even when nothing is wrong with them.
    """
    workbooks: dict[int, _Workbook] = {}
    with engine.connect() as connection:
        found = {
            row.organisation_id: OrganisationFindings(row.organisation_id, row.short_name)
            for row in connection.execute(ORGANISATIONS)
        }
        for rule in rules:
            for row in _rows_of(connection, rule):
                organisation = found[row["organisation_id"]]
                if not organisation.findings or organisation.findings[-1].rule is not rule:
                    organisation.findings.append(Finding(rule))
                finding = organisation.findings[-1]
                finding.rows += 1
                if finding.rows <= SHOWN:
                    finding.shown.append(row)
                number = organisation.organisation_id
                if number not in workbooks:
                    workbooks[number] = _Workbook(workbook_folder / f"{number}.xlsx")
                workbooks[number].write(rule, row)
    for workbook in workbooks.values():
        workbook.close()
    return list(found.values())


def _rows_of(connection: Connection, rule: Rule) -> Iterator[Mapping[str, Any]]:
    query = text(
        f"select found.* from ({rule.whole_query}) as found "  # noqa: S608  our own rule
        "order by organisation_id, account_number, subject, detail"
    )
    streaming = connection.execution_options(yield_per=1_000)
    yield from streaming.execute(query).mappings()


class _Workbook:
    """A sheet per rule. Values are text: an account keeps its zeros, a formula stays harmless."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True})
        self._bold = self._book.add_format({"bold": True, "text_wrap": True})
        self._rule: Rule | None = None

    def write(self, rule: Rule, row: Mapping[str, Any]) -> None:
        if rule is not self._rule:
            self._begin(rule)
        self._row += 1
        if self._row > LAST_ROW:
            return
        for place, column in enumerate(("account_number", "subject", "detail")):
            self._sheet.write_string(self._row, place, str(row[column] or ""))

    def close(self) -> None:
        self._book.close()

    def _begin(self, rule: Rule) -> None:
        self._rule = rule
        number = len(self._book.worksheets()) + 1
        # The name of a sheet holds 31 letters and none of these.
        name = f"{number}. {rule.title}".replace(":", ",").replace("/", ",")[:31]
        self._sheet = self._book.add_worksheet(name)
        for place, (_heading, width) in enumerate(HEADINGS):
            self._sheet.set_column(place, place, width)
        self._sheet.freeze_panes(3, 0)
        self._sheet.write_string(0, 0, rule.title, self._bold)
        self._sheet.write_string(1, 0, rule.advice)
        for place, (heading, _width) in enumerate(HEADINGS):
            self._sheet.write_string(2, place, heading, self._bold)
        self._row = 2


ORGANISATIONS = text(
    """
    select o.organisation_id, o.short_name from ops.organisation as o
    where exists (select from ops.account as a where a.organisation_id = o.organisation_id)
        or exists (
            select from ops.bank_operation as b where b.organisation_id = o.organisation_id
        )
    order by o.short_name
    """
)
