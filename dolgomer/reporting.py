"""Reports of the command line: rows from the database, written as csv, json or xlsx."""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from document_gen import penalty_words
from operational_db.services.reports import ReportKind, ReportRefusedError


class ReportFormat(StrEnum):
    """How a report is written."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


COLUMNS = {
    ReportKind.DEBT: (
        "organisation", "account", "kind", "liability", "period", "due_date", "days_overdue",
        "amount",
    ),
    ReportKind.AGEING: (
        "organisation", "account", "balance", "advance", "not_due", "days_1_30", "days_31_60",
        "days_61_90", "days_91_180", "days_181_365", "years_1_3", "over_3_years",
    ),
    ReportKind.PENALTY: (
        "organisation", "account", "liability", "period", "due_date", "base", "date_from",
        "date_to", "days", "rate", "fraction", "penalty", "reason", "ends", "formula",
        "closed_by_id", "rule", "act", "key_rate_from", "cap", "is_verified", "delay_from",
    ),
    ReportKind.TURNOVER: (
        "organisation", "account", "period", "opening_balance", "charged", "recalculated", "paid",
        "to_awards", "adjusted", "written_off", "closing_balance",
    ),
    ReportKind.CLAIMS: (
        "organisation", "account", "liability", "period", "due_date", "holder_kind", "holder",
        "share", "part", "claimed", "unclaimed", "claimable", "limitation_date", "case_number",
        "case_state", "cancelled_case",
    ),
    ReportKind.LIMITATION: (
        "organisation", "account", "liability", "period", "due_date", "limitation_date",
        "days_left", "unclaimed", "band",
    ),
    ReportKind.SPLITTING: (
        "organisation", "account", "payment_id", "paid_on", "falls_on", "period", "service",
        "recipient", "contract", "amount", "pass_on_by",
    ),
}  # fmt: skip
SUMMED = {
    "amount",
    "penalty",
    "balance",
    "charged",
    "recalculated",
    "paid",
    "to_awards",
    "adjusted",
    "written_off",
    "part",
    "claimed",
    "unclaimed",
    "claimable",
}


def written(
    kind: ReportKind, rows: Iterable[Mapping[str, Any]], form: ReportFormat
) -> Iterable[bytes]:
    """Yield the report in portions, ready for a file or for standard output."""
    shaped = (shaped_penalty(row) for row in rows) if kind is ReportKind.PENALTY else rows
    if form is ReportFormat.XLSX:
        yield _workbook(kind, shaped)
        return
    if form is ReportFormat.JSON:
        yield from _json(kind, shaped)
        return
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(COLUMNS[kind])
    for row in shaped:
        writer.writerow([_plain(row[column]) for column in COLUMNS[kind]])
        if line.tell() > 1 << 16:
            yield line.getvalue().encode()
            line.seek(0)
            line.truncate()
    yield line.getvalue().encode()


@dataclass
class UnverifiedCounter:
    """Counts, while a report of penalty is written, the lines that rest on unverified law."""

    count: int = 0
    without_rate: int = 0

    def passing(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield the rows as they come."""
        for row in rows:
            self.count += not row["is_verified"]
            self.without_rate += row["penalty_amount"] is None
            yield row


def shaped_penalty(row: Mapping[str, Any]) -> dict[str, Any]:
    """Add to a penalty line what people read: the fraction, the formula and both reasons."""
    return {
        **row,
        "base": row["base_amount"],
        "days": row["day_count"],
        "rate": row["rate_pct"],
        "penalty": row["penalty_amount"],
        "fraction": penalty_words.fraction(row),
        "formula": penalty_words.formula(row),
        "reason": penalty_words.begins(row),
        "ends": penalty_words.ends(row),
        "delay_from": row["delay_from_date"],
        "rule": row["step_id"],
        "act": row["step_act"],
        "key_rate_from": row["key_rate_start_date"],
        "cap": row["cap_id"],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else value


def _json(kind: ReportKind, rows: Iterable[Mapping[str, Any]]) -> Iterable[bytes]:
    # An object a line inside one array: large reports are written as they are read. Sums are
    # written as the exact numbers that they are, not as the nearest binary fraction.
    yield b"["
    for place, row in enumerate(rows):
        shown = ", ".join(f'"{column}": {_json_value(row[column])}' for column in COLUMNS[kind])
        yield f"{',' if place else ''}\n{{{shown}}}".encode()
    yield b"\n]\n"


def _json_value(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(_plain(value) if isinstance(value, date) else value, ensure_ascii=False)


def _workbook(kind: ReportKind, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """A sheet with a frozen head, a filter and working totals."""
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(kind.value)
        money = book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        bold = book.add_format({"bold": True})
        total = book.add_format({"bold": True, "num_format": "#,##0.00"})
        for column, name in enumerate(COLUMNS[kind]):
            sheet.write_string(0, column, name, bold)
        sheet.freeze_panes(1, 0)
        last = 0
        totals = dict.fromkeys(SUMMED, Decimal(0))
        for last, row in enumerate(rows, start=1):
            for column, name in enumerate(COLUMNS[kind]):
                value = row[name]
                if name in SUMMED:
                    totals[name] += value or 0
                if isinstance(value, Decimal):
                    sheet.write_number(last, column, value, money)
                elif isinstance(value, date):
                    sheet.write_datetime(last, column, value, day)
                elif value is not None:
                    sheet.write(last, column, value)
        sheet.autofilter(0, 0, max(last, 1), len(COLUMNS[kind]) - 1)
        for column, name in enumerate(COLUMNS[kind]):
            if name in SUMMED and last:
                letter = xlsxwriter.utility.xl_col_to_name(column)
                formula = f"=SUBTOTAL(9,{letter}2:{letter}{last + 1})"
                # LibreOffice shows the stored sum of a formula until something changes.
                sheet.write_formula(last + 1, column, formula, total, totals[name])
    return output.getvalue()


def write_to(portions: Iterable[bytes], target: Path | None, standard: BinaryIO) -> None:
    """Write to a file, or to standard output without one.

    A file appears whole or not at all: a report that fails half-way leaves an earlier one alone.
    Raises :class:`ReportRefusedError` when the file cannot be written.
    """
    if target is None:
        try:
            standard.writelines(portions)
            standard.flush()
        except BrokenPipeError:  # `| head` has seen enough; nobody is left to be told
            os.dup2(os.open(os.devnull, os.O_WRONLY), standard.fileno())
        return
    try:
        _write_file(portions, target.resolve())
    except OSError as problem:
        raise ReportRefusedError(
            f"Отчёт не записан в «{target}»: {problem.strerror}. "
            "Укажите другой файл или освободите место."
        ) from problem


def _write_file(portions: Iterable[bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not target.is_file():  # a pipe or a device: nothing to keep whole
        with target.open("wb") as file:
            file.writelines(portions)
        return
    draft = target.with_name(f".{target.name}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(portions)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
