"""Суды и участки: find a court, its requisites and territory; houses that no court is found for."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, days, filters, session
from apps.shared.page import local, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, number
from operational_db.imports.court_places import PARITY_NAMES, Houses
from operational_db.imports.problems import FieldError
from operational_db.services import courts
from operational_db.services.courts import CourtError
from operational_db.services.organisations import keepers_of_registries, keeps_registries

NAMES = ("words", "kind", "only_ours", "court", "queue", "page", "queue_page")
ROWS_ON_A_PAGE = 25
QUEUE_ON_A_PAGE = 50
CHOICE_SHOWN = 50
DETAILS_FIELDS = (
    ("payee", "Получатель", 420),
    ("inn", "ИНН", 130),
    ("kpp", "КПП", 110),
    ("oktmo", "ОКТМО", 120),
    ("kbk", "КБК", 200),
    ("bic", "БИК", 110),
    ("account_number", "Счёт", 210),
    ("correspondent_account", "ЕКС", 210),
    ("bank", "Банк", 420),
    ("valid_from", "Действует с", 120),
    ("valid_to", "Действует по", 120),
    ("source", "Источник", 320),
)
TERRITORY_FIELDS = (
    ("settlement", "Населённый пункт", 200, "г. Орёл"),
    ("street", "Улица", 220, "пусто: остаток населённого пункта"),
    ("number_from", "С дома", 80, ""),
    ("number_to", "По дом", 80, ""),
    ("houses", "Отдельные дома", 220, "12, 12А, 14 корп. 2"),
    ("except_houses", "Кроме", 160, "5, 7к1"),
    ("valid_from", "Действует с", 120, "01.01.2026"),
    ("source", "Источник", 280, "закон области, сайт суда"),
)


def show() -> None:
    """Figures, the courts with the chosen one below, then the queue of houses."""
    filters.open_filters("courts", NAMES)
    with database.connection(session.token()) as connection:
        title_line("Суды и участки", connection)
        totals = courts.resolved_houses(connection)
    tiles = st.columns(4)
    tiles[0].metric("Домов с нашими счетами", number(totals["houses"]), border=True)
    tiles[1].metric("С судебным участком", number(totals["with_section"]), border=True)
    tiles[2].metric("С районным судом", number(totals["with_district"]), border=True)
    tiles[3].metric("Назначено вручную", number(totals["by_hand"]), border=True)
    places = st.tabs(["Справочник", "Дома без суда"])
    with places[0]:
        _registry()
    with places[1]:
        _queue()
    filters.keep_in_address("courts", NAMES)


def _registry() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = filters.words(
            "Поиск", "words", width=320, placeholder="код, название, район или адрес"
        )
        kind = filters.choice("Вид", "kind", courts.KINDS, width=170)
        only_ours = filters.choice(
            "Территории", "only_ours", {"yes": "только с территориями"}, width=210
        )
    filters.start_from_first_page((words, kind, only_ours))
    asked = {"words": words, "kind": kind, "with_houses": only_ours == "yes"}
    with database.connection(session.token()) as connection:
        _, count = courts.find(connection, **asked, limit=1)
        if count == 0:
            if words or kind or only_ours:
                st.info("Таких судов нет. Проверьте слова или снимите фильтры.")
            else:
                st.info("Справочник судов пуст: загрузите его (вид «Справочник судов»).")
                st.page_link(menu.IMPORTS, label="Загрузить справочник →")
            return
        page = filters.page_number(-(-count // ROWS_ON_A_PAGE))
        rows, _ = courts.find(
            connection, **asked, limit=ROWS_ON_A_PAGE, offset=(page - 1) * ROWS_ON_A_PAGE
        )
    chosen = show_table(
        [{**row, "kind_name": courts.KINDS.get(row["kind"], row["kind"])} for row in rows],
        [
            Column("court_code", "Код", width=95),
            Column("kind_name", "Вид", width=115),
            Column("name", "Суд", width=440),
            Column("address", "Адрес", "address", width=310),
            Column("phone", "Телефон", width=130),
            Column("territories", "Территорий", "count", width=90),
            Column("details_since", "Реквизиты с", "date", width=95),
        ],
        key="courts_table",
        is_selectable=True,
        height=330 if len(rows) > 10 else "content",
    )
    st.caption(f"Найдено: {counted(count, 'суд', 'суда', 'судов')}. Выберите суд слева от строки.")
    if chosen is not None:
        st.session_state["filter_court"] = chosen["court_code"]
    code = st.session_state.get("filter_court")
    if code:
        _show_court(str(code))


def _show_court(code: str) -> None:
    with database.connection(session.token()) as connection:
        court = courts.card(connection, code)
        if court is None:
            st.warning(f"Суда с кодом {code} в справочнике нет.")
            return
        details = courts.details(connection, code)
        territories = courts.territories(connection, code)
        houses = courts.houses_of(connection, code)
        is_kept_here = keeps_registries(connection)
        keepers = keepers_of_registries(connection)
    st.subheader(court["name"], anchor=False)
    st.caption(
        " · ".join(
            filter(
                None,
                (
                    code,
                    court["address"],
                    court["phone"],
                    court["email"],
                    court["parent_court"] and f"вышестоящий: {court['parent_court']}",
                    f"рассматривает {counted(houses, 'дом', 'дома', 'домов')}",
                ),
            )
        )
    )
    if not is_kept_here:
        st.caption(
            "Реквизиты и территории одни для всех организаций. Их вносит администратор "
            f"справочника: {', '.join(keepers) or 'не назначен'}. Заметили ошибку – сообщите ему."
        )
    parts = st.tabs(["Реквизиты", "Территория"])
    with parts[0]:
        _show_details(details)
        if is_kept_here:
            _add_details(code, details)
    with parts[1]:
        _show_territories(territories)
        if is_kept_here:
            with st.expander("Добавить территорию", icon=":material/add_location:"):
                _add_territory(code)
            if territories:
                with st.expander(
                    "Закончить или снять территорию", icon=":material/wrong_location:"
                ):
                    _end_territory(code, territories)


def _show_details(details: list[Mapping[str, Any]]) -> None:
    if details:
        show_table(
            [
                {**row, "state": "исправлены" if row["is_corrected"] else None,
                 "written": local(row["recorded_at"])}
                for row in details
            ],
            [
                Column("valid_from", "С", "date", width=90),
                Column("valid_to", "По", "date", width=90),
                Column("payee", "Получатель", width=260),
                Column("inn", "ИНН", width=100),
                Column("kpp", "КПП", width=90),
                Column("oktmo", "ОКТМО", width=90),
                Column("kbk", "КБК", width=170),
                Column("bic", "БИК", width=90),
                Column("account_number", "Счёт", width=175),
                Column("bank", "Банк", width=230),
                Column("source", "Источник", width=160),
                Column("written", "Внесены", "moment", width=125),
                Column("state", "", width=90),
            ],
            key="courts_details",
        )  # fmt: skip
    else:
        st.info("Реквизитов нет: пошлину в этот суд не включить в реестр.")


def _add_details(code: str, details: list[Mapping[str, Any]]) -> None:
    latest = next((row for row in details if not row["is_corrected"]), {})
    with st.expander("Внести реквизиты", icon=":material/add:"), st.form(f"court_details_{code}"):
        st.caption("Та же дата начала исправляет прежние реквизиты; они остаются в истории.")
        values = {"court_code": code}
        with st.container(horizontal=True):
            for name, label, width in DETAILS_FIELDS:
                known = latest.get(name) if name not in {"valid_from", "valid_to"} else None
                values[name] = st.text_input(
                    label, value=known or "", key=f"detail_{name}_{code}", width=width
                )
        if st.form_submit_button("Сохранить", type="primary", key=f"details_add_{code}"):

            def write(connection: Connection) -> str:
                courts.add_details(connection, values)
                return "Реквизиты внесены."

            _do(write)


def _show_territories(territories: list[Mapping[str, Any]]) -> None:
    if territories:
        show_table(
            [
                {
                    **row,
                    "houses_told": _houses_told(row),
                    "street": row["street"] or "остаток населённого пункта",
                    "origin": row["file_name"] or "внесено на экране",
                }
                for row in territories
            ],
            [
                Column("settlement", "Населённый пункт", width=170),
                Column("street", "Улица", width=230),
                Column("houses_told", "Дома", width=280),
                Column("valid_from", "С", "date", width=90),
                Column("valid_to", "По", "date", width=90),
                Column("source", "Источник", width=200),
                Column("origin", "Откуда", width=180),
            ],
            key="courts_territories",
            height=330 if len(territories) > 10 else "content",
        )
    else:
        st.info("Территории нет: дома этого участка не найдутся.")


def _houses_told(row: Mapping[str, Any]) -> str:
    if row["is_whole_settlement"]:
        return "все, которых нет в строках улиц"
    keys = row["house_keys"]
    return Houses(
        row["parity"],
        row["number_from"],
        row["number_to"],
        None if keys is None else tuple(keys),
        tuple(row["except_keys"] or ()),
    ).told()


def _add_territory(code: str) -> None:
    with st.form(f"court_territory_{code}"):
        values = {"court_code": code}
        with st.container(horizontal=True):
            for name, label, width, hint in TERRITORY_FIELDS:
                values[name] = st.text_input(
                    label, key=f"territory_{name}_{code}", width=width, placeholder=hint
                )
            parity = st.selectbox(
                "Чётность",
                list(PARITY_NAMES),
                format_func=PARITY_NAMES.__getitem__,
                key=f"territory_parity_{code}",
                width=130,
            )
        values["parity"] = parity
        if st.form_submit_button("Добавить", type="primary", key=f"territory_add_{code}"):
            _do(lambda connection: f"Добавлено: {courts.add_territory(connection, values)}.")


def _end_territory(code: str, territories: list[Mapping[str, Any]]) -> None:
    told = {
        row["court_territory_id"]: f"{row['street'] or row['settlement']}, {_houses_told(row)}"
        for row in territories
    }
    with st.form(f"court_territory_end_{code}"):
        with st.container(horizontal=True):
            chosen = st.selectbox(
                "Что",
                list(told),
                format_func=told.__getitem__,
                key=f"territory_ended_{code}_{_version(told)}",
                width=420,
            )
            last_day = days.field(
                "Последний день",
                key=f"territory_last_day_{code}",
                width=150,
                help="Без дня строка снимается как ошибочная",
            )
            reason = st.text_input("Основание", key=f"territory_reason_{code}", width=320)
        if st.form_submit_button("Закончить", key=f"territory_end_{code}"):

            def write(connection: Connection) -> str:
                courts.end_territory(connection, chosen, reason, last_day=last_day)
                return f"Закончено {date_ru(last_day)}." if last_day else "Строка снята."

            _do(write)


def _queue() -> None:
    kind = (
        filters.choice(
            "Какой суд не найден",
            "queue",
            {"RS": "районный суд"},
            nothing="участок мирового судьи",
            width=260,
        )
        or "MS"
    )
    with database.connection(session.token()) as connection:
        _, totals = courts.unresolved_houses(connection, kind, limit=1)
        if totals["houses"] == 0:
            st.success("У всех домов с нашими счетами этот суд определён.")
            return
        page = filters.page_number(-(-totals["houses"] // QUEUE_ON_A_PAGE), "queue_page")
        rows, _ = courts.unresolved_houses(
            connection, kind, limit=QUEUE_ON_A_PAGE, offset=(page - 1) * QUEUE_ON_A_PAGE
        )
    st.markdown(
        f"Без суда: **{counted(totals['houses'], 'дом', 'дома', 'домов')}**, в них "
        f"{counted(int(totals['accounts']), 'счёт', 'счёта', 'счетов')}"
    )
    show_table(
        [{**row, "state_name": courts.STATES[row["state"]]} for row in rows],
        [
            Column("address", "Дом", width=420),
            Column("accounts", "Счетов", "count", width=80),
            Column("state_name", "Почему", width=230),
            Column("candidates", "Подходят", width=300),
        ],
        key="courts_queue",
        height=330 if len(rows) > 10 else "content",
    )
    _decide(kind, rows)


def _decide(kind: str, rows: list[Mapping[str, Any]]) -> None:
    addresses = {row["house_id"]: row["address"] for row in rows}
    words = st.text_input(
        "Найти суд", key="decide_words", width=320, placeholder="номер участка или название"
    )
    with database.connection(session.token()) as connection:
        found, count = courts.find(
            connection, words=filters.plain_text(words), kind=kind, limit=CHOICE_SHOWN
        )
    if count > CHOICE_SHOWN:
        st.caption(f"Показаны первые {CHOICE_SHOWN} из {number(count)}: уточните слова.")
    names = {row["court_code"]: f"{row['court_code']} · {row['name']}" for row in found}
    with st.form("decide_house"):
        house = st.selectbox(
            "Дом",
            list(addresses),
            format_func=addresses.__getitem__,
            key=f"decide_house_id_{_version(addresses)}",
        )
        court = st.selectbox(
            "Суд",
            list(names),
            format_func=names.__getitem__,
            key="decide_court",
            index=None,
            placeholder="выберите суд",
        )
        basis = st.text_input("Откуда это известно", key="decide_basis", width=420)
        if not st.form_submit_button("Назначить суд дому", type="primary", key="decide_add"):
            return
    if court is None:
        st.error("Выберите суд.")
        return

    def write(connection: Connection) -> str:
        courts.decide_house(connection, house, kind, court, basis)
        return f"{addresses[house]}: назначен {court}."

    _do(write)


def _version(options: Mapping[int, str]) -> int:
    """Part of the key of a list whose options come and go: a choice that is gone must not stay."""
    return hash(tuple(options))


def _do(write: Callable[[Connection], str]) -> None:
    """Do it in one transaction; say what was done, or what is wrong."""
    try:
        with database.connection(session.token()) as connection:
            done = write(connection)
    except (CourtError, FieldError) as problem:
        st.error(str(problem))
        return
    say_later(done)
    st.rerun()


show()
