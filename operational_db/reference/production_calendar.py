"""The production calendar of the Russian Federation, every day of it.

The file names the exceptional days only: holidays (ТК 112 ч. 1), days off moved by the law itself
(ч. 2) or by the yearly government decree, worked days off, short eves (ТК 95), and days that a
presidential decree called non-working though terms of obligations run through them. The rest is
the five-day week (ТК 111).
"""

from collections.abc import Sequence
from datetime import date, timedelta

from operational_db.reference.schema import Problem, Record, Value

WORKING_KINDS = frozenset({"working", "moved_working", "short"})
SATURDAY = 5
WEEK_ACT = "ТК РФ ст. 111"


def every_day(
    file: str, exceptions: Sequence[Record], verified_through: date | None
) -> tuple[list[dict[str, Value]], list[Problem]]:
    """One row per day, from the first year of the file through ``verified_through``."""
    if verified_through is None:
        return [], [Problem("manifest.csv", "для calendar_day нужен verified_through")]
    named = {record.values["day"]: record for record in exceptions}
    problems = [problem for record in exceptions for problem in _misnamed(file, record)]
    first = date(min(named).year, 1, 1)
    for year in range(first.year, verified_through.year + 1):
        new_year = named.get(date(year, 1, 1))
        if new_year is None or new_year.values["day_kind"] != "holiday":
            problems.append(Problem(file, f"нет праздников {year} года: внесите его календарь"))
    last = max(named)
    if last > verified_through:
        text = f"{last} позже проверенного {verified_through}: исправьте manifest.csv"
        problems.append(Problem(file, text, named[last].line, "day"))

    days = (verified_through - first).days + 1
    dates = (first + timedelta(days=offset) for offset in range(days))
    return [_row(day, named.get(day)) for day in dates], problems


def _row(day: date, named: Record | None) -> dict[str, Value]:
    if named is not None:
        return {**named.values, "is_working": named.values["day_kind"] in WORKING_KINDS}
    is_working = day.weekday() < SATURDAY
    return {
        "day": day,
        "day_kind": "working" if is_working else "weekend",
        "note": None,
        "act": WEEK_ACT,
        "mark": "V2",
        "is_working": is_working,
    }


def _misnamed(file: str, record: Record) -> list[Problem]:
    """A worked day off falls on a weekend, the other transfers and eves on a weekday."""
    day, kind = record.values["day"], record.values["day_kind"]
    is_weekend = day.weekday() >= SATURDAY
    if kind == "moved_working" and not is_weekend:
        return [Problem(file, f"{day} — и так рабочий день недели", record.line, "day_kind")]
    if kind in ("moved_day_off", "working", "short") and is_weekend:
        return [Problem(file, f"{day} — и так выходной по неделе", record.line, "day_kind")]
    return []
