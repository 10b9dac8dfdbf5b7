"""``dolgomer duty``: the state duty for a sum, told as text, json or csv."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from document_gen.russian import date_ru, number, rubles
from operational_db.imports.problems import FieldError
from operational_db.imports.values import read_bank_amount
from operational_db.services.state_duty import (
    Competence,
    DutyKind,
    DutyRefusedError,
    DutyTables,
    StateDuty,
    competence,
    split_by_shares,
    state_duty,
    total_to_pay,
)

COLUMNS = (
    "kind", "filed_on", "sum", "duty_exact", "duty", "offset", "to_pay", "scale", "step", "formula",
    "act", "mark", "is_verified", "court",
)  # fmt: skip
KIND_NAMES = {DutyKind.ORDER: "судебный приказ", DutyKind.CLAIM: "иск"}
COURT_NAMES = {"MS": "мировой судья", "RS": "районный суд"}


class DutyFormat(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def sum_asked(written: str) -> Decimal:
    """A sum as people write it; ``DutyRefusedError`` says what is wrong with it."""
    try:
        return read_bank_amount(written)
    except FieldError as problem:
        raise DutyRefusedError(f"Сумма: {problem}") from problem


def share_asked(written: str) -> Fraction:
    """A share such as ``1/3``."""
    top, slash, bottom = written.strip().partition("/")
    if not (top.isdecimal() and (not slash or bottom.isdecimal())):
        raise DutyRefusedError(f"«{written}» — не доля. Напишите её дробью, например 1/3.")
    if slash and int(bottom) == 0:
        raise DutyRefusedError(f"В доле «{written}» знаменатель ноль. Исправьте её.")
    return Fraction(int(top), int(bottom or 1))


def told_duty(
    tables: DutyTables,
    kind: DutyKind,
    claim_sum: Decimal,
    filed_on: date,
    *,
    paid_before: Decimal,
    shares: Sequence[Fraction],
    form: DutyFormat,
) -> str:
    """Count the duty and tell it; with ``shares``, that of every co-owner's own application."""
    parts = split_by_shares(claim_sum, shares) if shares else [claim_sum]
    duties = []
    for part in parts:
        # What was paid before is used up by the first applications.
        duty = state_duty(tables, kind, part, filed_on, paid_before=paid_before)
        paid_before = duty.offset_left
        duties.append(duty)
    courts = [competence(tables, kind, part, filed_on) for part in parts]
    if form is DutyFormat.TEXT:
        return _as_text(duties, courts)
    rows = [_row(duty, court) for duty, court in zip(duties, courts, strict=True)]
    if form is DutyFormat.JSON:
        told = [_as_object(row) for row in rows]
        return told[0] if len(told) == 1 else "[\n" + ",\n".join(told) + "\n]"
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[column]) for column in COLUMNS] for row in rows)
    return line.getvalue().rstrip("\n")


def _row(duty: StateDuty, court: Competence | None) -> dict[str, Any]:
    return {
        "kind": duty.kind.value,
        "filed_on": duty.filed_on.isoformat(),
        "sum": duty.claim_sum,
        "duty_exact": duty.exact,
        "duty": duty.amount,
        "offset": duty.offset,
        "to_pay": duty.to_pay,
        "scale": duty.scale_id,
        "step": duty.step_id,
        "formula": duty.formula,
        "act": duty.act,
        "mark": duty.mark,
        "is_verified": duty.is_verified,
        "court": None if court is None or court.objection else court.court_kind,
    }


def _as_object(row: dict[str, Any]) -> str:
    # Sums are written as the exact numbers that they are, not as the nearest binary fraction.
    pairs = [
        f'"{name}": '
        + (_exact(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False))
        for name, value in row.items()
    ]
    return "{" + ", ".join(pairs) + "}"


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _exact(value) if isinstance(value, Decimal) else value


def _exact(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _as_text(duties: Sequence[StateDuty], courts: Sequence[Competence | None]) -> str:
    lines = []
    for place, (duty, court) in enumerate(zip(duties, courts, strict=True), start=1):
        if len(duties) > 1:
            lines.append(f"Заявление {place} из {len(duties)}:")
        lines += _told(duty, court)
    if len(duties) > 1:
        total = number(total_to_pay(duties))
        lines.append(f"Всего к уплате по {len(duties)} заявлениям: {total} ₽")
    if not all(duty.is_verified for duty in duties):
        lines.append(
            "Внимание: дата подачи позже той, по которую проверен справочник. Проверьте, не "
            "изменилась ли ст. 333.19 НК РФ."
        )
    return "\n".join(lines)


def _told(duty: StateDuty, court: Competence | None) -> list[str]:
    lines = [
        f"Госпошлина: {number(duty.amount)} ₽ ({KIND_NAMES[duty.kind]}, "
        f"цена {rubles(duty.claim_sum)}, подача {date_ru(duty.filed_on)})",
        f"  расчёт: {duty.formula} = {_exact(duty.exact).replace('.', ',')}",
        f"  правило: {duty.act} [{duty.mark}]",
    ]
    if duty.offset:
        lines.append(f"  зачтено {number(duty.offset)} ₽, к уплате {number(duty.to_pay)} ₽")
    if duty.offset_left:
        lines.append(f"  не использовано из уплаченного раньше: {rubles(duty.offset_left)}")
    if court is None:
        lines.append("  какой суд, на эту дату по справочнику не определить")
    elif court.objection:
        lines.append(f"  {court.objection}")
    else:
        lines.append(f"  суд: {COURT_NAMES[court.court_kind]} ({court.act} [{court.mark}])")
        if court.note:
            lines.append(f"  {court.note}")
    return lines
