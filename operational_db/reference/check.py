"""What in the law's tables wants a person's eye today."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection, RowMapping, Table, select

from operational_db.models.reference import TableState
from operational_db.reference.dataset import (
    CALENDAR,
    DATA,
    DUE_DAY,
    LEGAL_TERM,
    MORATORIUM,
    PENALTY_STEP,
    STATE_DUTY,
    FileSpecification,
    file_checksum,
    read_manifest,
)
from operational_db.reference.schema import ReferenceDataError

DOUBTS = {
    "C": "источники расходятся",
    "M-": "нужна сверка с официальным текстом",
    "NOT_FOUND": "акт не найден",
}
AHEAD = timedelta(days=60)
"""How long before the end of a rule or of the calendar we start to speak of it: decrees on next
year's days off come in autumn, extensions of the penalty cap in the last days of December."""

NAMED_AT_MOST = 3

DATED = (MORATORIUM, STATE_DUTY, DUE_DAY, PENALTY_STEP, LEGAL_TERM)


@dataclass(frozen=True, slots=True)
class ReferenceWarning:
    """One thing to verify, in Russian."""

    table_name: str
    text: str

    def __str__(self) -> str:
        return self.text


def check_reference(
    connection: Connection, today: date, folder: Path = DATA
) -> list[ReferenceWarning]:
    """Tell what is not loaded, no longer verified, doubtful and in force, or about to end."""
    manifest, problems = read_manifest(folder)
    if problems:
        raise ReferenceDataError(problems)
    state = TableState.__table__
    states = {row["table_name"]: row for row in connection.execute(select(state)).mappings()}

    warnings = []
    for name, known in manifest.items():
        title = f"«{known['title']}» ({name})"
        warnings.extend(
            ReferenceWarning(name, f"Справочник {title} {text}")
            for text in _standing(name, states.get(name), today, folder)
        )
    for specification in DATED:
        table = specification.table
        title = f"«{manifest[table.name]['title']}» ({table.name})"
        rows = connection.execute(select(table)).mappings().all()
        warnings.extend(
            ReferenceWarning(table.name, f"Справочник {title}: {text}")
            for text in _doubts(specification, rows, today)
        )
    return warnings


def _standing(name: str, state: RowMapping | None, today: date, folder: Path) -> list[str]:
    if state is None or state["rows"] == 0:
        return ["не загружен: загрузите справочники."]
    told = []
    if state["checksum"] != file_checksum(f"{name}.csv", folder):
        told.append("в базе отличается от файла: загрузите справочники заново.")
    verified = state["verified_through"]
    if verified is None:
        return told
    if verified < today:
        told.append(
            f"проверен по {_day(verified)}, сегодня {_day(today)}. Сверьте его и обновите файл. "
            f"Источник: {state['source']}."
        )
    elif name == CALENDAR.table.name and verified - today < AHEAD:
        told.append(
            f"кончается {_day(verified)}: внесите следующий год по постановлению Правительства РФ "
            "о переносе выходных дней."
        )
    return told


def _doubts(specification: FileSpecification, rows: list[RowMapping], today: date) -> list[str]:
    """One text for all rows that share a doubt: eight steps of one rule are one question."""
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        when = _when(specification, row, today)
        if when is not None and row["mark"] in DOUBTS:
            doubt = f"{when}, но {DOUBTS[row['mark']]} (пометка {row['mark']})."
            together[doubt, row["notes"] or ""].append(_name(specification.table, row))
    return [
        f"{_together(names)} — {doubt} {notes}".strip()
        for (doubt, notes), names in together.items()
    ]


def _when(specification: FileSpecification, row: RowMapping, today: date) -> str | None:
    """Say when a row matters: in force today, or without an act and soon to begin.

    A disabled row is an alternative that is not applied; only a missing act matters all the same.
    """
    span = specification.spans[0]
    start, end = row[span.start], row[span.end]
    if specification is DUE_DAY and end is not None:
        end = (end + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    is_act_missing = row["mark"] == "NOT_FOUND"
    if not row.get("is_enabled", True) and not is_act_missing:
        return None
    if start <= today and (end is None or end >= today):
        return "в силе сегодня"
    if is_act_missing and today < start <= today + AHEAD:
        return f"начнёт действовать {_day(start)}"
    return None


def _name(table: Table, row: RowMapping) -> str:
    return str(row[next(iter(table.primary_key)).name])


def _together(names: list[str]) -> str:
    rest = len(names) - NAMED_AT_MOST
    shown = ", ".join(names[:NAMED_AT_MOST])
    return f"{shown} и ещё {rest}" if rest > 0 else shown


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
