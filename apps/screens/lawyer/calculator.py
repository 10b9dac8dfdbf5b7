"""Калькулятор пени: a case typed, pasted or loaded, reckoned by the SQL that reckons accounts."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd
import streamlit as st

from apps.shared import database, days, session
from apps.shared import penalty as penalty_views
from apps.shared.exports import DOCX, is_dialog_open, offer_workbook, open_dialog
from apps.shared.page import MOSCOW, title_line
from document_gen import penalty_calculation
from document_gen.russian import counted, date_ru
from operational_db.imports.case import CASE_COLUMNS, CaseLine, read_case
from operational_db.imports.problems import FileRefusedError
from operational_db.services import audit, penalty_case, penalty_papers
from operational_db.services import penalty as penalties

TITLES = [column.title for column in CASE_COLUMNS]
ROWS_TO_TYPE = 12
COLUMN_WIDTH = 180
"""Seven columns on an office display, pixels."""
EXAMPLE = (
    "Вид\tПериод\tСумма\tДата\tСрок оплаты\n"
    "начисление\t09.2023\t10 000,00\t\t10.10.2023\n"
    "оплата\t\t3 000,00\t19.11.2023\t\n"
)
TABLE, TEXT, FILE = "Вписать в таблицу", "Вставить из Excel", "Загрузить CSV"
HINT = (
    "Строка с месяцем – начисление, строка с датой – оплата. Срок оплаты пустой – по закону; «Счёт "
    "доставлен» – только если он пришёл после срока. Строки считаются как в Excel: первая – "
    "заголовок. Лицевой счёт не нужен, и ничего не сохраняется."
)


def show() -> None:
    """Ask for the case and its day; below, what it comes to."""
    with database.connection(session.token()) as connection:
        title_line("Калькулятор пени", connection)
    as_of, debtor_kind, title = _ask_about_the_case()
    content = _ask_for_the_case()
    st.caption(HINT)
    if st.button(
        "Рассчитать", key="calculator_reckon", type="primary", icon=":material/calculate:"
    ):
        st.session_state["calculator_case"] = content
    if asked := st.session_state.get("calculator_case"):
        _show_case(asked, as_of, debtor_kind, title)


def _ask_about_the_case() -> tuple[date, str, str]:
    today = datetime.now(MOSCOW).date()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        as_of = days.field(
            "Расчёт на дату",
            today,
            until=today.replace(year=today.year + 1, day=min(today.day, 28)),
            key="calculator_as_of",
            width=150,
        )
        debtor_kind = st.selectbox(
            "Должник",
            list(penalty_case.DEBTOR_KINDS),
            format_func=penalty_case.DEBTOR_KINDS.__getitem__,
            key="calculator_debtor",
            width=330,
        )
        title = st.text_input(
            "Чей расчёт",
            key="calculator_title",
            placeholder="например, Иванов И. И., ул. Мира, 5-12",
            width=360,
        )
    return as_of or today, debtor_kind, title.strip()


def _ask_for_the_case() -> bytes | None:
    way = st.segmented_control(
        "Откуда данные",
        [TABLE, TEXT, FILE],
        default=TABLE,
        key="calculator_way",
        label_visibility="collapsed",
    )
    if way == TEXT:
        text = st.text_area(
            "Таблица с заголовком",
            placeholder=EXAMPLE,
            key="calculator_text",
            height=220,
            help="Скопируйте в Excel строки вместе с заголовком и вставьте сюда",
        )
        return text.encode() if text.strip() else None
    if way == FILE:
        file = st.file_uploader("CSV с теми же столбцами", key="calculator_file")
        return None if file is None else file.getvalue()
    typed = st.data_editor(
        # Text in every cell: dates and sums may be written as people write them.
        pd.DataFrame({title: [""] * ROWS_TO_TYPE for title in TITLES}, dtype=str),
        key="calculator_table",
        num_rows="dynamic",
        hide_index=True,
        height=330,
        column_config={
            title: st.column_config.TextColumn(title, width=COLUMN_WIDTH) for title in TITLES
        },
    )
    return _as_table(typed)


def _as_table(typed: pd.DataFrame) -> bytes | None:
    """The typed rows as a file; empty rows keep their places, so that messages name the row."""
    rows = typed.fillna("").astype(str).to_numpy().tolist()
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        return None
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";", lineterminator="\n")
    writer.writerow(TITLES)
    for row in rows:
        if any(cell.strip() for cell in row):
            writer.writerow(row)
        else:
            output.write("\n")
    return output.getvalue().encode()


def _show_case(content: bytes, as_of: date, debtor_kind: str, title: str) -> None:
    try:
        lines, notices = read_case(content, today=datetime.now(MOSCOW).date())
    except FileRefusedError as problem:
        st.error(str(problem).replace("\n", "  \n"))
        return
    for notice in notices:
        st.info(notice.as_text())
    with database.connection(session.token(), as_of=as_of) as connection:
        found = penalty_case.penalty_of_case(connection, lines, debtor_kind=debtor_kind)
        tables = penalties.tables_of_law(connection)
    st.markdown(
        f"**На {date_ru(as_of)}** · {counted(len(lines), 'строка', 'строки', 'строк')} · "
        f"{penalty_case.DEBTOR_KINDS[debtor_kind]}"
    )
    if not found.months:
        st.success(f"На {date_ru(as_of)} нет ни просроченного долга, ни пени.")
        return
    penalty_views.show_penalty(found, tables, key="calculator")
    _offer_files(found, lines, as_of, debtor_kind, title)


def _offer_files(
    found: penalties.Penalty, lines: Sequence[CaseLine], as_of: date, debtor_kind: str, title: str
) -> None:
    told = penalty_views.told_lines(found)
    with st.container(horizontal=True):
        st.button(
            f"Выгрузить в Excel: {counted(len(told), 'строка', 'строки', 'строк')}",
            icon=":material/table_view:",
            key="calculator_export",
            on_click=open_dialog,
            args=("calculator_export",),
            disabled=not told,
        )
        if st.button("Расчёт пени (Word)", icon=":material/print:", key="calculator_print"):
            name, content = _print(lines, as_of, debtor_kind, title)
            st.download_button(
                "Скачать расчёт пени",
                content,
                file_name=name,
                mime=DOCX,
                key="calculator_download",
                icon=":material/download:",
                type="primary",
                on_click="ignore",
            )
    if is_dialog_open("calculator_export"):
        offer_workbook(
            name="penalty_case",
            title=f"Пени на {date_ru(as_of)}",
            columns=(*penalty_views.LINE_COLUMNS, *penalty_views.LINK_COLUMNS),
            count=len(told),
            read=lambda _connection: told,
            asked={"as_of": as_of.isoformat(), "debtor": debtor_kind},
        )


def _print(
    lines: Sequence[CaseLine], as_of: date, debtor_kind: str, title: str
) -> tuple[str, bytes]:
    """Render the paper; it is of no account, so it is not kept, but the trail tells of it."""
    with database.connection(session.token(), as_of=as_of) as connection:
        context = penalty_calculation.calculation_from_rows(
            **penalty_papers.paper_of_case(
                connection, lines, debtor_kind=debtor_kind, title=title or None
            )
        )
        audit.record_event(
            connection,
            "print",
            object_kind="penalty_case",
            purpose="Расчёт пени по введённым данным",
            details={"lines": len(lines), "as_of": as_of.isoformat()},
        )
    return penalty_calculation.file_name(context), penalty_calculation.render(context)


show()
