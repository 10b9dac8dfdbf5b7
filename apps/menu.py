"""Which screens a role works with; the one register of screens.

The database guards the data. This list only spares people what is not theirs to do.
"""

from dataclasses import dataclass
from typing import Literal

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


EVERYBODY = frozenset(
    {"official", "manager", "lawyer", "accountant", "operator", "inspector", "administrator"}
)

DASHBOARD = "screens/manager/dashboard.py"
ACCOUNTS = "screens/common/accounts.py"
ACCOUNT = "screens/common/account.py"
REQUESTS = "screens/common/requests.py"
IMPORTS = "screens/accountant/imports.py"
RECEIPTS = "screens/accountant/receipts.py"

SCREENS = (
    Screen(
        DASHBOARD,
        "Сводка",
        ":material/monitoring:",
        frozenset({"manager", "official", "lawyer", "accountant"}),
    ),
    Screen(ACCOUNTS, "Лицевые счета", ":material/list_alt:", EVERYBODY),
    Screen(ACCOUNT, "Карточка счёта", ":material/home:", EVERYBODY, visibility="hidden"),
    Screen(
        IMPORTS,
        "Загрузка файлов",
        ":material/upload_file:",
        frozenset({"manager", "accountant", "administrator"}),
    ),
    Screen(
        RECEIPTS,
        "Невыясненные",
        ":material/help_center:",
        frozenset({"manager", "accountant"}),
    ),
    Screen(
        REQUESTS,
        "Задания",
        ":material/pending_actions:",
        frozenset({"manager", "official", "lawyer", "accountant", "administrator"}),
    ),
)


def screens_of(user: SignedInUser) -> list:
    """The pages of the user's roles, the first visible one being the start."""
    allowed = [screen for screen in SCREENS if user.has_any_role(*screen.roles)]
    return [
        st.Page(
            screen.path,
            title=screen.title,
            icon=screen.icon,
            default=position == 0,
            visibility=screen.visibility,
        )
        for position, screen in enumerate(allowed)
    ]
