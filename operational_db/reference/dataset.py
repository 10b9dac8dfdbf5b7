"""The reference files, read and checked: rows ready for the tables, without a database."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Table

from operational_db.models import reference as models
from operational_db.reference.names import normalise_name
from operational_db.reference.production_calendar import every_day
from operational_db.reference.schema import (
    AlwaysInForce,
    Field,
    NoOverlap,
    Problem,
    Record,
    ReferenceDataError,
    Span,
    Value,
    fields_of,
    read_date,
    read_records,
)

DATA = Path(__file__).parent / "data"
MANIFEST = "manifest.csv"

MANIFEST_FIELDS = [
    Field("table_name", str),
    Field("title", str),
    Field("verified_through", read_date, is_required=False),
    Field("source", str),
]

VALIDITY = Span("valid_from", "valid_to")
MORATORIUM_DATES = Span("date_from", "date_to")
DUE_PERIODS = Span("period_from", "period_to")
DAYS_OF_DELAY = Span("day_from", "day_to")
CLAIM = Span("claim_over", "claim_upto_incl", is_start_exclusive=True)


@dataclass(frozen=True, slots=True)
class ReferenceTable:
    """Rows that a table must hold, and how far they were verified."""

    table: Table
    title: str
    verified_through: date | None
    source: str
    checksum: str
    rows: list[dict[str, Value]]

    @property
    def name(self) -> str:
        return self.table.name


@dataclass(frozen=True, slots=True)
class FileSpecification:
    """How the file of one table is read."""

    table: Table
    spans: tuple[Span, ...] = ()
    rules: tuple[NoOverlap | AlwaysInForce, ...] = ()
    fields: list[Field] = field(default_factory=list)
    key: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.table.name}.csv"

    def read(self, folder: Path) -> tuple[list[Record], list[Problem]]:
        """Read the file and apply its rules."""
        fields = self.fields or fields_of(self.table)
        key = self.key or tuple(column.name for column in self.table.primary_key)
        records, problems = read_records(folder / self.file, fields, key, self.spans)
        for rule in self.rules:
            problems.extend(rule.problems(self.file, records))
        return records, problems


def is_enabled(record: Record) -> bool:
    return bool(record.values["is_enabled"])


def limits_everyone(record: Record) -> bool:
    """Exemptions of persons may run side by side; moratoria and caps on all debts may not."""
    return is_enabled(record) and record.values["kind"] != "exempt_person"


KEY_RATE = FileSpecification(models.KeyRate.__table__)
MORATORIUM = FileSpecification(
    models.Moratorium.__table__,
    spans=(MORATORIUM_DATES,),
    rules=(NoOverlap(("kind",), (MORATORIUM_DATES,), limits_everyone),),
)
STATE_DUTY = FileSpecification(
    models.StateDutyStep.__table__,
    spans=(VALIDITY, CLAIM),
    rules=(NoOverlap(("forum", "kind", "payer"), (VALIDITY, CLAIM)),),
)
DUE_DAY = FileSpecification(
    models.DueDay.__table__,
    spans=(DUE_PERIODS,),
    rules=(NoOverlap(("scope",), (DUE_PERIODS,)),),
)
PENALTY_STEP = FileSpecification(
    models.PenaltyStep.__table__,
    spans=(VALIDITY, DAYS_OF_DELAY),
    rules=(NoOverlap(("debtor_kind", "liability"), (VALIDITY, DAYS_OF_DELAY), is_enabled),),
)
LEGAL_TERM = FileSpecification(
    models.LegalTerm.__table__,
    spans=(VALIDITY,),
    rules=(
        NoOverlap(("code",), (VALIDITY,), is_enabled),
        # Without it a child is not told from a grown-up, and nothing would say so.
        AlwaysInForce("code", "age_of_majority", VALIDITY, is_enabled),
    ),
)
CALENDAR = FileSpecification(
    models.CalendarDay.__table__,
    fields=fields_of(models.CalendarDay.__table__, without=("is_working",)),
)
SERVICE = FileSpecification(models.Service.__table__)
SYNONYM = FileSpecification(
    models.ServiceSynonym.__table__,
    fields=[Field("synonym", str), Field("service_code", str)],
    key=("synonym",),
)
AGEING = FileSpecification(models.AgeingBucket.__table__)
DEBT_BAND = FileSpecification(models.DebtBand.__table__)
FILING_RULE = FileSpecification(models.FilingRule.__table__)
COURT_REASON = FileSpecification(models.CourtReason.__table__)
FILING_ECONOMICS = FileSpecification(models.FilingEconomics.__table__)

SPECIFICATIONS = (
    KEY_RATE,
    MORATORIUM,
    STATE_DUTY,
    DUE_DAY,
    PENALTY_STEP,
    LEGAL_TERM,
    CALENDAR,
    SERVICE,
    SYNONYM,
    AGEING,
    DEBT_BAND,
    FILING_RULE,
    COURT_REASON,
    FILING_ECONOMICS,
)
"""In the order of loading: a table comes after those that it refers to."""


def read_reference(folder: Path = DATA) -> list[ReferenceTable]:
    """Read all files; ``ReferenceDataError`` with every problem when any file is wrong."""
    manifest, problems = read_manifest(folder)
    records: dict[str, list[Record]] = {}
    for specification in SPECIFICATIONS:
        records[specification.table.name], wrong = specification.read(folder)
        problems.extend(wrong)
        if specification.table.name not in manifest:
            text = f"нет строки для таблицы {specification.table.name}"
            problems.append(Problem(MANIFEST, text, field="table_name"))
    if problems:
        raise ReferenceDataError(problems)

    tables = []
    for specification in SPECIFICATIONS:
        name = specification.table.name
        known = manifest[name]
        rows, wrong = _rows(specification, records, known["verified_through"])
        problems.extend(wrong)
        checksum = file_checksum(specification.file, folder)
        tables.append(ReferenceTable(specification.table, checksum=checksum, rows=rows, **known))
    if problems:
        raise ReferenceDataError(problems)
    return tables


def read_manifest(folder: Path = DATA) -> tuple[dict[str, dict[str, Value]], list[Problem]]:
    """Title, last verified day and source of every table, by its name."""
    records, problems = read_records(folder / MANIFEST, MANIFEST_FIELDS, key=("table_name",))
    known = {specification.table.name for specification in SPECIFICATIONS}
    problems.extend(
        Problem(MANIFEST, f"нет таблицы {name}", record.line, "table_name")
        for record in records
        if (name := record.values["table_name"]) not in known
    )
    told = ("title", "verified_through", "source")
    return {
        record.values["table_name"]: {name: record.values[name] for name in told}
        for record in records
    }, problems


def file_checksum(file: str, folder: Path = DATA) -> str:
    """SHA-256 of a file as it stands, in hexadecimal."""
    return hashlib.sha256((folder / file).read_bytes()).hexdigest()


def _rows(
    specification: FileSpecification,
    records: dict[str, list[Record]],
    verified_through: date | None,
) -> tuple[list[dict[str, Value]], list[Problem]]:
    own = records[specification.table.name]
    if specification is CALENDAR:
        return every_day(specification.file, own, verified_through)
    if specification is SYNONYM:
        return _synonyms(specification.file, own, records[SERVICE.table.name])
    return [record.values for record in own], []


def _synonyms(
    file: str, listed: Sequence[Record], services: Sequence[Record]
) -> tuple[list[dict[str, Value]], list[Problem]]:
    """Normalise the listed names; a service is also known by its own names."""
    ids = {record.values["code"]: record.values["service_id"] for record in services}
    found: dict[str, int] = {}
    problems: list[Problem] = []

    def learn(name: str, code: str, problem: Callable[[str], Problem]) -> None:
        normalised = normalise_name(name)
        if not normalised:
            problems.append(problem(f"«{name}» — ни одной буквы или цифры"))
        elif code not in ids:
            problems.append(problem(f"услуги {code} нет в service.csv"))
        elif found.setdefault(normalised, ids[code]) != ids[code]:
            problems.append(problem(f"«{name}» уже значит другую услугу"))

    for record in services:
        for column in ("name", "short_name"):
            learn(
                record.values[column],
                record.values["code"],
                lambda text, at=record.line, of=column: Problem(SERVICE.file, text, at, of),
            )
    for record in listed:
        learn(
            record.values["synonym"],
            record.values["service_code"],
            lambda text, at=record.line: Problem(file, text, at, "synonym"),
        )
    return [{"synonym": name, "service_id": service} for name, service in found.items()], problems
