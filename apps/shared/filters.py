"""Filters that live in the address of the page: a link or a reload shows the same.

``open_filters`` is called before the widgets and ``keep_in_address`` right after them.
"""

import re
import time
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from apps.shared import days

WRITTEN = "filters_written"
REPLACED = "filters_replaced"
SHOWN = "filters_page"
SECONDS_ON_THE_WAY = 3.0
"""How long a browser may still answer with the address that has just been replaced."""

LARGEST = Decimal("999999999999.99")
UNWRITABLE = ("Cc", "Cs")
SUM = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?")


def come_to(page: str) -> None:
    """Before a page is run: one that was left in the meantime is opened by its address anew.

    Its widgets are gone, and what other pages keep under the names of its filters is not its own.
    """
    if st.session_state.get(SHOWN) != page:
        st.session_state.pop(WRITTEN, None)
        st.session_state.pop(REPLACED, None)
        st.session_state[SHOWN] = page


def open_filters(page: str, names: tuple[str, ...]) -> None:
    """Take the values from the address when the page was opened by a link or went back."""
    asked = {name: plain_text(st.query_params[name]) for name in names if name in st.query_params}
    if st.session_state.get(WRITTEN) == (page, asked) or _is_on_its_way(page, asked):
        return
    for name in names:
        st.session_state[_key(name)] = asked.get(name)
    st.session_state[WRITTEN] = (page, asked)


def keep_in_address(page: str, names: tuple[str, ...]) -> None:
    """Write what the widgets now say into the address; what asks nothing is left out."""
    said = {name: str(st.session_state[_key(name)]) for name in names if _is_said(name)}
    before = st.query_params.to_dict()
    if before != said:
        st.query_params.from_dict(said)
        st.session_state[REPLACED] = (page, before, time.monotonic())
    st.session_state[WRITTEN] = (page, said)


def reset(names: tuple[str, ...]) -> None:
    """«Сбросить»: for ``on_click``."""
    for name in names:
        st.session_state[_key(name)] = None


def choice(
    label: str, name: str, options: Mapping[Any, str], *, nothing: str = "все", **widget: Any
) -> str | None:
    """One of the options by its key as text, or None for all of them."""
    known = {str(key): told for key, told in options.items()}
    if st.session_state.get(_key(name)) not in known:
        st.session_state[_key(name)] = None
    return st.selectbox(
        label,
        [None, *known],
        format_func=lambda key: nothing if key is None else known[key],
        key=_key(name),
        placeholder=nothing,
        **widget,
    )


def number_choice(label: str, name: str, options: Mapping[int, str], **widget: Any) -> int | None:
    """The same where the keys are numbers of the database."""
    chosen = choice(label, name, options, **widget)
    return None if chosen is None else int(chosen)


def words(label: str, name: str, **widget: Any) -> str:
    """Free text to search for."""
    if st.session_state.get(_key(name)) is None:
        st.session_state[_key(name)] = ""
    return plain_text(st.text_input(label, key=_key(name), **widget)).strip()


def sum_of_money(label: str, name: str, **widget: Any) -> Decimal | None:
    """A sum in roubles as people write it; what is wrong with it is said below the field."""
    written = words(label, name, **widget)
    if not written:
        return None
    value = parsed_sum(written)
    if value is None:
        st.error(f"«{written}» – не сумма. Напишите, например, 5000 или 5000,50.")
        return None
    return value


def whole_number(label: str, name: str, **widget: Any) -> int | None:
    """A count; what is wrong with it is said below the field."""
    written = words(label, name, **widget)
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= 6):
        st.error(f"«{written}» – не число. Напишите целое число, например 3.")
        return None
    return int(written)


def day(label: str, name: str, **widget: Any) -> date | None:
    """A date as people write it; what is wrong with it is said below the field."""
    written = words(label, name, placeholder="ДД.ММ.ГГГГ", **widget)
    if not written:
        return None
    value = parsed_day(written)
    if value is None:
        st.error(not_a_day(written))
    return value


def month(label: str, name: str, **widget: Any) -> date | None:
    """The first day of a month as people write it; what is wrong is said below the field."""
    written = words(label, name, placeholder="ММ.ГГГГ", **widget)
    if not written:
        return None
    value = parsed_day(f"01.{written}")
    if value is None:
        st.error(
            f"«{written}» – не месяц, с которым работает программа. Напишите, например, 03.2025."
        )
    return value


def asked_page(name: str = "page") -> int:
    """The page that is asked for, whether the list has it or not."""
    try:
        return max(int(st.session_state.get(_key(name)) or 1), 1)
    except ValueError:
        return 1


def current_page(pages: int, name: str = "page") -> int:
    """The page that is asked for, counted from one, where its widget stands below the list.

    An address may ask for a page that the list does not have (any more): the last one is given,
    and it is said so.
    """
    asked = asked_page(name)
    given = min(asked, max(pages, 1))
    if asked > given:
        st.session_state[_key(name)] = given
        st.info(f"Такой страницы нет: всего страниц {max(pages, 1)}. Показана последняя.")
    return given


def page_number(pages: int, name: str = "page") -> int:
    """The page of a list, counted from one; a filter that changes starts from the first."""
    key = _key(name)
    st.session_state[key] = current_page(pages, name)
    if pages <= 1:
        return 1
    return st.pagination(pages, key=key)


def turned_page(name: str, of: object) -> int:
    """The page that «Дальше» led to in a list that nobody counts; the first of any other list."""
    known = st.session_state.get(name)
    return known[1] if known and known[0] == of else 1


def turn_page(name: str, of: object, page: int) -> None:
    """«Дальше» and «Назад»: for ``on_click``."""
    st.session_state[name] = (of, page)


def start_from_first_page(signature: object, name: str = "page") -> None:
    """Go to the first page when what was asked differs from the last time."""
    last = st.session_state.get("filters_signature")
    if last is not None and last != signature:
        st.session_state[_key(name)] = 1
    st.session_state["filters_signature"] = signature


def plain_text(written: str) -> str:
    """The text without control characters and halves of characters.

    Anybody can write them into an address; the database takes neither a NUL nor a lone surrogate.
    """
    return "".join(sign for sign in written if unicodedata.category(sign) not in UNWRITABLE)


def row_number(written: object) -> int | None:
    """The number of a row from an address; None for what the database could not have given."""
    told = str(written or "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else None


def address_of(**asked: object) -> dict[str, str]:
    """Query parameters of a link to a list: what is None or empty is left out."""
    return {name: str(value) for name, value in asked.items() if value not in (None, "")}


def parsed_day(written: str) -> date | None:
    """A date from «31.10.2026»; None when it is none, or none that the database takes."""
    try:
        day = datetime.strptime(written.strip(), "%d.%m.%Y").date()  # noqa: DTZ007 - a day
    except ValueError:
        return None
    return day if days.is_taken(day) else None


def not_a_day(written: str) -> str:
    """What to say of a text that ``parsed_day`` made nothing of."""
    return f"«{written}» – не дата {days.RANGE_TOLD}. Напишите, например, 31.10.2026."


def parsed_sum(written: str) -> Decimal | None:
    """A sum from «5 000,50 ₽», «5000.5» and the like; None when it is no sum of roubles."""
    for mark in (" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "₽"):
        written = written.replace(mark, "")
    plain = written.replace(",", ".").replace("\N{MINUS SIGN}", "-")
    if not SUM.fullmatch(plain):
        return None
    value = Decimal(plain)
    return value if abs(value) <= LARGEST else None


def _is_on_its_way(page: str, asked: Mapping[str, str]) -> bool:
    """A click can overtake the new address; it must not undo the filter that made it."""
    replaced = st.session_state.get(REPLACED)
    if replaced is None or replaced[:2] != (page, asked):
        return False
    return time.monotonic() - replaced[2] < SECONDS_ON_THE_WAY


def _key(name: str) -> str:
    return f"filter_{name}"


def _is_said(name: str) -> bool:
    value = st.session_state.get(_key(name))
    if name == "page":
        return value not in (None, "", 1, "1")
    return value not in (None, "")
