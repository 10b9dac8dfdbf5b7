"""Which screens a role works with; the one register of screens.

The database guards the data. This list only spares people what is not theirs to do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from operational_db.services.sign_in import SignedInUser


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen: its file under ``apps``, its name in the menu, the roles that it serves."""

    path: str
    title: str
    icon: str
    roles: frozenset[str]
    visibility: Literal["visible", "hidden"] = "visible"

    @property
    def section(self) -> str:
        """The drop-down of the menu that it stands in; without a name, on the bar itself."""
        return next((name for name, paths in SECTIONS.items() if self.path in paths), "Ещё")


EVERYBODY = frozenset(
    {"official", "manager", "lawyer", "accountant", "operator", "inspector", "administrator"}
)

DASHBOARD = "screens/manager/dashboard.py"
ACCOUNTS = "screens/common/accounts.py"
ACCOUNT = "screens/common/account.py"
REQUESTS = "screens/common/requests.py"
IMPORTS = "screens/accountant/imports.py"
RECEIPTS = "screens/accountant/receipts.py"
TURNOVER_SHEET = "screens/accountant/turnover_sheet.py"
PAYMENTS_REGISTER = "screens/accountant/payments_register.py"
DEBT_INFORMATION = "screens/accountant/debt_information.py"
RESOURCE_REPORT = "screens/accountant/resource_report.py"
FORM_RIGHTS = "screens/accountant/form_rights.py"
STEERING = "screens/manager/steering.py"
WORKLIST = "screens/manager/worklist.py"
PROVENANCE = "screens/common/provenance.py"
CLOSING = "screens/accountant/closing.py"
DEBTORS = "screens/lawyer/debtors.py"
ECONOMICS = "screens/lawyer/economics.py"
BATCHES = "screens/lawyer/batches.py"
CALCULATOR = "screens/lawyer/calculator.py"
PEOPLE = "screens/lawyer/people.py"
COURTS = "screens/lawyer/courts.py"
DUTIES = "screens/accountant/duties.py"
LIMITATION = "screens/lawyer/limitation.py"
ANSWERS = "screens/lawyer/answers.py"
DEADLINES = "screens/lawyer/deadlines.py"
RETURNS = "screens/lawyer/returns.py"
TEMPLATES = "screens/lawyer/templates.py"
PLAN = "screens/official/plan.py"
INDICATOR = "screens/official/indicator.py"
DEBT = "screens/official/debt.py"
RATING = "screens/official/rating.py"
DESK = "screens/operator/desk.py"
EVENTS = "screens/common/events.py"
ROUTE = "screens/inspector/route.py"

SCREENS = (
    Screen(
        DASHBOARD,
        "Сводка",
        ":material/monitoring:",
        frozenset({"manager", "official", "lawyer", "accountant"}),
    ),
    Screen(
        STEERING,
        "Управление взысканием",
        ":material/query_stats:",
        frozenset({"manager"}),
    ),
    Screen(
        WORKLIST,
        "Очередь работ",
        ":material/checklist:",
        frozenset({"manager", "operator", "lawyer"}),
    ),
    Screen(PROVENANCE, "Откуда это число", ":material/account_tree:", EVERYBODY, "hidden"),
    Screen(ACCOUNTS, "Лицевые счета", ":material/list_alt:", EVERYBODY),
    Screen(ACCOUNT, "Карточка счёта", ":material/home:", EVERYBODY, visibility="hidden"),
    Screen(
        IMPORTS,
        "Загрузка файлов",
        ":material/upload_file:",
        frozenset({"manager", "accountant", "administrator", "lawyer"}),
    ),
    Screen(
        RECEIPTS,
        "Невыясненные",
        ":material/help_center:",
        frozenset({"manager", "accountant"}),
    ),
    # Rights of forms are given by form and organisation: a screen tells whoever has none.
    Screen(
        TURNOVER_SHEET,
        "Оборотно-сальдовая ведомость",
        ":material/table_chart:",
        frozenset({"accountant", "manager", "official"}),
    ),
    Screen(
        PAYMENTS_REGISTER,
        "Реестр платежей",
        ":material/receipt_long:",
        frozenset({"accountant", "manager"}),
    ),
    Screen(
        DEBT_INFORMATION,
        "Информация о долге",
        ":material/request_quote:",
        frozenset({"accountant", "manager", "lawyer", "official"}),
    ),
    Screen(
        RESOURCE_REPORT,
        "Ресурсный отчёт",
        ":material/water_drop:",
        frozenset({"accountant", "manager", "official"}),
    ),
    Screen(
        FORM_RIGHTS,
        "Права на формы",
        ":material/key:",
        frozenset({"administrator"}),
    ),
    Screen(
        CLOSING,
        "Закрытие месяца",
        ":material/event_available:",
        frozenset({"manager", "accountant"}),
    ),
    Screen(
        DEBTORS,
        "Реестр должников",
        ":material/person_search:",
        frozenset({"lawyer", "manager"}),
    ),
    Screen(
        ECONOMICS,
        "Экономика подачи",
        ":material/balance:",
        frozenset({"lawyer", "manager"}),
    ),
    Screen(BATCHES, "Партии в суд", ":material/gavel:", frozenset({"lawyer", "manager"})),
    Screen(
        CALCULATOR,
        "Калькулятор пени",
        ":material/calculate:",
        frozenset({"manager", "lawyer", "accountant"}),
    ),
    Screen(PEOPLE, "Собственники", ":material/family_restroom:", frozenset({"lawyer"})),
    Screen(
        COURTS,
        "Суды и участки",
        ":material/gavel:",
        frozenset({"lawyer", "administrator"}),
    ),
    Screen(
        DUTIES,
        "Пошлины",
        ":material/account_balance:",
        frozenset({"manager", "lawyer", "accountant"}),
    ),
    Screen(
        RETURNS,
        "Возвраты",
        ":material/assignment_return:",
        frozenset({"lawyer", "manager"}),
    ),
    Screen(
        LIMITATION,
        "Радар давности",
        ":material/radar:",
        frozenset({"manager", "lawyer", "official"}),
    ),
    Screen(
        ANSWERS,
        "Ответы суда",
        ":material/gavel:",
        frozenset({"manager", "lawyer", "accountant"}),
    ),
    Screen(
        DEADLINES,
        "Календарь сроков",
        ":material/calendar_month:",
        frozenset({"manager", "lawyer"}),
    ),
    Screen(
        TEMPLATES,
        "Шаблоны",
        ":material/description:",
        frozenset({"manager", "lawyer"}),
    ),
    Screen(PLAN, "План мероприятий", ":material/checklist:", frozenset({"official", "manager"})),
    Screen(
        INDICATOR,
        "Показатель плана",
        ":material/show_chart:",
        frozenset({"official", "manager"}),
        visibility="hidden",
    ),
    Screen(DEBT, "Задолженность", ":material/account_balance:", frozenset({"official", "manager"})),
    Screen(RATING, "Рейтинг", ":material/leaderboard:", frozenset({"official"})),
    Screen(DESK, "Обзвон", ":material/call:", frozenset({"operator", "manager"})),
    Screen(
        ROUTE,
        "Обход",
        ":material/directions_walk:",
        frozenset({"inspector", "manager", "operator"}),
    ),
    Screen(
        EVENTS,
        "События",
        ":material/event_note:",
        frozenset({"official", "manager", "lawyer", "accountant", "inspector"}),
    ),
    # «Обновить» and «Сформировать своды» are offered to everybody and lead here.
    Screen(REQUESTS, "Задания", ":material/pending_actions:", EVERYBODY),
)

SECTIONS: dict[str, tuple[str, ...]] = {
    "": (DASHBOARD, ACCOUNTS, ACCOUNT, PROVENANCE, INDICATOR),
    "План": (PLAN, DEBT, RATING, EVENTS),
    "Работа": (WORKLIST, DESK, ROUTE, STEERING),
    "Суд": (
        DEBTORS,
        BATCHES,
        ECONOMICS,
        ANSWERS,
        RETURNS,
        DEADLINES,
        LIMITATION,
        CALCULATOR,
        DUTIES,
        COURTS,
        PEOPLE,
        TEMPLATES,
    ),
    "Отчёты": (TURNOVER_SHEET, PAYMENTS_REGISTER, DEBT_INFORMATION, RESOURCE_REPORT),
    "Учёт": (CLOSING, IMPORTS, RECEIPTS, REQUESTS, FORM_RIGHTS),
}
"""Thirty screens do not fit on a bar of 1366 pixels: what people do together stands together."""


def waiting_screens(sign_in: Callable[[], None]) -> list:
    """Every address of a screen, answered by the sign-in page, so that a link survives it."""
    start = st.Page(sign_in, title="Вход", default=True)
    return [start, *(st.Page(sign_in, title="Вход", url_path=_address(s)) for s in SCREENS)]


def screens_of(user: SignedInUser) -> dict[str, list]:
    """The pages of the user's roles, by section of the menu.

    The bare address leads to the first of them and is none itself, because the page that is the
    start loses its own address, and links are passed on between people of different roles.
    """
    allowed = [screen for screen in SCREENS if user.has_any_role(*screen.roles)]

    def start() -> None:
        st.switch_page(start_of(user).path)

    pages = {"": [st.Page(start, title="Долгомер", default=True, visibility="hidden")]}
    for section in [*SECTIONS, "Ещё"]:
        for screen in allowed:
            if screen.section == section:
                pages.setdefault(section, []).append(_page(screen))
    return pages


def start_of(user: SignedInUser) -> Screen:
    """Where a user begins: the first screen of his own work, and not one that links lead to."""
    allowed = [s for s in SCREENS if s.visibility == "visible" and user.has_any_role(*s.roles)]
    return next((s for s in allowed if s.roles != EVERYBODY), allowed[0])


def roles_of(path: str) -> frozenset[str]:
    """Who has the screen in the menu: a link to it would fail for anybody else."""
    return next(screen.roles for screen in SCREENS if screen.path == path)


def _page(screen: Screen) -> Any:
    return st.Page(
        screen.path,
        title=screen.title,
        icon=screen.icon,
        url_path=_address(screen),
        visibility=screen.visibility,
    )


def _address(screen: Screen) -> str:
    return Path(screen.path).stem
