"""Columns of the registry of debtors: the usual ones of each stage, and all that can be chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.shared.page import MOSCOW
from apps.shared.tables import Column
from document_gen.russian import date_ru
from operational_db.event_names import CONTACT_KINDS
from operational_db.services import debtors
from operational_db.services.cases import EVENT_NAMES
from operational_db.services.debtor_work import RESTRICTION_NAMES

PINNED = "account_number"

HEAD = [
    Column("account_number", "Лицевой счёт", width=100),
    Column("holder_name", "Должник", width=185),
    Column("address", "Адрес", "address", width=205),
    Column("due_amount", "Долг, ₽", "money", width=100, has_total=True),
]
CLAIM = [
    Column(
        "claimable_amount",
        "К подаче, ₽",
        "money",
        width=100,
        has_total=True,
        help="Можно заявить сегодня: срок оплаты прошёл, давность нет, в делах не заявлено",
    ),
    Column("claimable_months", "Мес.", "count", width=48, help="Месяцев, которые можно заявить"),
    Column("limitation_date", "Давность", "date", width=84, help="Когда уйдёт первый месяц"),
]
CLAIMED = Column("claimed_amount", "В делах, ₽", "money", width=100, has_total=True)
MONEY = [
    Column("filing_duty", "Пошлина, ₽", "money", width=85, help="За все заявления счёта, без пени"),
    Column(
        "expected_net",
        "Итог, ₽",
        "money",
        width=95,
        help="Доля взыскания × сумма − пошлина − расходы: экран «Экономика подачи»",
    ),
    Column("told_advice", "Совет", width=115, help="Окупится ли подача и не вернёт ли её суд"),
]
OBSTACLES = Column("told_obstacles", "Что мешает", width=175)
SECTION = Column("court_name", "Судебный участок", "court", width=150)
CASE = [
    Column("case_number", "Дело", width=100),
    Column("told_state", "Состояние дела", width=150),
    Column("state_on", "С даты", "date", width=84),
    Column("court_number", "№ в суде", width=85),
    Column("told_duty", "Пошлина", width=100),
]
WORK = [
    Column("phones", "Телефон", width=130),
    Column("charged_year", "Начислено за год, ₽", "money", width=125, help="За 12 месяцев"),
    Column("paid_year", "Оплачено за год, ₽", "money", width=125, help="За 12 месяцев"),
    Column("penalty_amount", "Пени, ₽", "money", width=95),
    Column("whole_amount", "Всего с пени, ₽", "money", width=115),
    Column("told_contact", "Последний контакт", width=180),
    Column("promise_date", "Обещал оплатить", "date", width=110),
    Column("assignee_name", "Исполнитель", width=170),
    Column("next_action", "Что сделать", width=200),
    Column("action_due_on", "Срок", "date", width=88),
    Column("last_note", "Заметка", width=240),
    Column("writ_number", "№ приказа, листа", width=120),
    Column("writ_issued_on", "Выдан", "date", width=88),
    Column("bailiff_told", "Куда направлен", width=190),
    Column("writ_sent_on", "Направлен", "date", width=88),
    Column("told_restriction", "Ограничение услуг", width=170),
    Column("extract_on", "Выписка ЕГРН от", "date", width=115),
]
OTHERS = [
    Column("told_stage", "Стадия", width=130),
    Column("overdue_months", "Просрочено мес.", "count"),
    Column("unclaimed_amount", "Не просужено, ₽", "money", has_total=True),
    Column("time_barred_amount", "Старше давности, ₽", "money", has_total=True),
    Column("application_count", "Заявлений", "count", has_total=True),
    Column("last_payment_date", "Посл. оплата", "date"),
    Column("organisation_name", "Организация", width=200),
]
# What fits an office display: the rest waits behind «Столбцы».
BY_STAGE = {
    "pretrial": [*HEAD, *CLAIM, OBSTACLES, *MONEY[1:], SECTION],
    "court": [*HEAD, CLAIMED, *CASE, SECTION],
    "enforcement": [*HEAD, CLAIMED, *CASE, SECTION],
}
EXPORTED = [
    OTHERS[0],
    *HEAD,
    OTHERS[1],
    *CLAIM,
    OTHERS[2],
    CLAIMED,
    *OTHERS[3:5],
    *MONEY,
    OBSTACLES,
    SECTION,
    *CASE,
    *OTHERS[5:],
]
CATALOGUE = {
    column.key: column
    for column in (
        *HEAD, *CLAIM, CLAIMED, OBSTACLES, *MONEY, SECTION, *CASE, *WORK, *OTHERS
    )
}  # fmt: skip
"""Every column by its key, in the order in which they are offered."""

SOURCES = {
    "told_contact": ("contact_at",),
    "told_restriction": ("restriction_kind",),
}
"""What a column in words is told from, where its key is not the one that is read."""


def of_keys(keys: Sequence[str], stage: str) -> list[Column]:
    """The columns of ``keys``, the number of the account first; without keys those of the stage."""
    known = [CATALOGUE[key] for key in keys if key in CATALOGUE and key != PINNED]
    return [CATALOGUE[PINNED], *known] if known else BY_STAGE[stage]


def read_for(columns: Sequence[Column]) -> list[str]:
    """Names of the values that have to be read for ``columns``."""
    return [name for column in columns for name in SOURCES.get(column.key, (column.key,))]


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the registry in words, for the screen and the workbook."""
    advice = row["advice"] and debtors.ADVICE[row["advice"]]
    if row["advice"] == "wait":
        advice = f"{advice} {row['wait_months']} мес."
    elif row["advice"] == "stopped":
        advice = f"нельзя: {debtors.OBSTACLES[row['obstacles'][0]][0]}"
    return {
        **row,
        "told_stage": debtors.STAGES[row["stage"]],
        "told_advice": advice,
        "told_obstacles": "; ".join(debtors.OBSTACLES[code][0] for code in row["obstacles"])
        or None,
        "told_state": row["case_state"] and EVENT_NAMES[row["case_state"]],
        "told_duty": _told_duty(row),
        "told_contact": _told_contact(row),
        "told_restriction": _told_restriction(row),
    }


def _told_duty(row: Mapping[str, Any]) -> str | None:
    if row["last_case_id"] is None:
        return None
    return debtors.DUTIES[row["duty_status"] or "none"]


def _told_contact(row: Mapping[str, Any]) -> str | None:
    if (moment := row.get("contact_at")) is None:
        return None
    return f"{date_ru(moment.astimezone(MOSCOW).date())}, {CONTACT_KINDS[row['contact_kind']]}"


def _told_restriction(row: Mapping[str, Any]) -> str | None:
    if (kind := row.get("restriction_kind")) is None:
        return None
    return f"{RESTRICTION_NAMES[kind]} {date_ru(row['restriction_on'])}"
