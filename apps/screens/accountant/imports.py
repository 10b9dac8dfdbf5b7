"""Загрузка файлов: try a file, see what would happen, then load it; and what was loaded before."""

from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, session
from apps.shared.exports import PURPOSES, XLSX, close_dialog, is_dialog_open, open_dialog
from apps.shared.page import local, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import amount, counted, number
from operational_db.imports.problems import FieldError, FileRefusedError
from operational_db.imports.values import read_line_numbers
from operational_db.services import import_history
from operational_db.services.audit import record_event
from operational_db.services.import_report import ImportReport, untaken_rows_xlsx
from operational_db.services.importing import COMMON_REGISTRIES, import_file
from operational_db.services.organisations import keeps_registries
from operational_db.services.sign_in import SignedInUser

REMARKS_SHOWN = 200
FILES_SHOWN = 50
MENDING = "Исправление файла"
LOADERS = ("accountant", "manager", "administrator")

HINTS = {
    "charges": "CSV: столбцы «лицевой счёт», «период», «услуга», «сумма».",
    "payments": "CSV: столбцы «лицевой счёт», «дата оплаты», «сумма».",
    "bills": "CSV: столбцы «лицевой счёт», «период», «дата доставки»; пустая дата – не доставлен.",
    "bank-statement": "Выписка банка в формате 1CClientBankExchange (kl_to_1c.txt).",
    "events": "CSV или Excel: столбцы «событие», «дата», «лицевой счёт», «результат» и другие; "
    "все описаны в руководстве «Планы мероприятий».",
    "houses": "CSV: столбцы «адрес», «год постройки».",
    "payment-requests": "CSV: «номер», «желаемая дата», «сумма документа», «контрагент», "
    "«назначение платежа», «расчетный счет», «инициатор».",
    "courts": "CSV справочника судов.",
    "court-details": "CSV: столбцы «код суда», «получатель», «ИНН», «КПП», «ОКТМО», «КБК», «БИК», "
    "«счёт», «банк», «действует с», «источник».",
    "court-territories": "CSV: столбцы «код суда», «населённый пункт», «улица», «чётность», "
    "«с дома», «по дом», «дома», «кроме».",
    "egrn": "Выписка ЕГРН о помещении, XML. В выписке персональные данные.",
}


def show() -> None:
    """Choose, try, load; the history below."""
    user = session.user()
    with database.connection(session.token()) as connection:
        title_line("Загрузка файлов", connection)
        kinds = _kinds_of(user, keeps_registries=keeps_registries(connection))
    with st.container(horizontal=True, vertical_alignment="top"):
        kind = st.selectbox(
            "Что в файле",
            kinds,
            format_func=import_history.KINDS.__getitem__,
            key="import_kind",
            width=260,
            on_change=_forget_trial,
        )
    # An organisation loads its own facts: whoever oversees it reads them.
    organisation_id = None if kind in COMMON_REGISTRIES else user.organisation_id
    st.caption(HINTS[kind])
    files = st.file_uploader(
        "Файл", key="import_files", on_change=_forget_trial, accept_multiple_files=False
    )
    create_accounts = False
    if kind in {"charges", "payments"}:
        create_accounts = st.checkbox(
            "Заводить лицевые счета, которых ещё нет",
            key="import_create_accounts",
            on_change=_forget_trial,
        )
    if files is not None:
        asked = {
            "kind": kind,
            "file_name": files.name,
            "content": files.getvalue(),
            "organisation_id": organisation_id,
            "user_id": user.user_id,
            "create_accounts": create_accounts,
        }
        _offer(asked)
    _show_history()


def _kinds_of(user: SignedInUser, *, keeps_registries: bool) -> list[str]:
    own = ["charges", "payments", "bills"] if user.has_any_role(*LOADERS) else []
    if user.has_any_role("lawyer"):
        # An extract names owners with their documents, which only a lawyer reads.
        own.append("egrn")
    if user.has_any_role("accountant", "manager"):
        own.append("events")
    if user.has_any_role("accountant", "manager"):
        # A statement names payers, and whoever works with masked names must not read them.
        own += ["bank-statement", "payment-requests"]
    registries: list[str] = []
    if user.has_any_role("administrator"):
        # Every organisation files and pays by the registry of courts: one of them keeps it.
        registries = sorted(COMMON_REGISTRIES if keeps_registries else {"houses"})
    return own + registries


def _offer(asked: dict[str, Any]) -> None:
    """First the trial, which writes nothing; loading is offered only after it."""
    report = st.session_state.get("import_trial")
    loaded = st.session_state.get("import_loaded")
    asked["repeated_lines"] = st.session_state.get("import_repeated_lines", ())
    if st.session_state.pop("import_try_again", False):
        report = st.session_state["import_trial"] = _run(asked, dry_run=True)
    with st.container(horizontal=True):
        if st.button("Проверить без записи", key="import_try", disabled=loaded is not None):
            report = st.session_state["import_trial"] = _run(asked, dry_run=True)
        rows = report.rows_accepted if report is not None else 0
        if st.button(
            f"Загрузить: {counted(rows, 'строка', 'строки', 'строк')}" if report else "Загрузить",
            type="primary",
            key="import_load",
            disabled=report is None or loaded is not None or rows == 0,
            help="Сначала проверьте файл" if report is None else None,
        ):
            loaded = st.session_state["import_loaded"] = _run(asked, dry_run=False)
            if loaded is not None:
                say_later("Файл загружен. Нажмите «Обновить», чтобы пересчитать показатели.")
                st.rerun()
    shown = loaded or report
    if shown is not None:
        _show_report(shown, is_loaded=loaded is not None)


def _run(asked: dict[str, Any], *, dry_run: bool) -> ImportReport | None:
    try:
        with st.spinner("Читаю файл…"), database.connection(session.token()) as connection:
            report = import_file(connection, **asked, dry_run=dry_run)
            if not dry_run:
                _record_import(connection, report, asked["organisation_id"])
            return report
    except FileRefusedError as refusal:
        st.error(str(refusal))
        return None


def _record_import(
    connection: Connection, report: ImportReport, organisation_id: int | None
) -> None:
    record_event(
        connection,
        "import",
        object_kind=report.kind,
        object_id=str(report.import_id),
        details={
            "file_name": report.file_name,
            "organisation_id": organisation_id,
            "outcome": report.outcome.value,
            "accepted": report.rows_accepted,
            "known": report.rows_known,
            "refused": report.rows_refused,
        },
    )


def _show_report(report: ImportReport, *, is_loaded: bool) -> None:
    st.markdown(f"**{report.as_text(lines_shown=0).splitlines()[0]}**")
    figures = st.columns(3)
    figures[0].metric("Принято строк", number(report.rows_accepted), border=True)
    figures[1].metric("Уже известны", number(report.rows_known), border=True)
    figures[2].metric("Отказано", number(report.rows_refused), border=True)
    if report.figures:
        st.caption(
            " · ".join(
                f"{name}: {number(value) if isinstance(value, int) else amount(value)}"
                for name, value in report.figures.items()
            )
        )
    if report.known_rows or st.session_state.get("import_repeated_lines"):
        _show_known_rows(report, is_loaded=is_loaded)
    if report.refusals:
        st.markdown("**Отказано: строки и причины**")
        _show_remarks(
            [
                {"line": r.line, "field": r.field or None, "reason": r.reason, "raw": r.raw}
                for r in report.refusals[:REMARKS_SHOWN]
            ],
            "import_refusals",
        )
        _tell_cut(len(report.refusals))
    if report.has_untaken_rows:
        st.button(
            "Скачать непринятые строки (Excel)",
            key="import_refused_xlsx",
            icon=":material/download:",
            on_click=open_dialog,
            args=("refused_rows",),
        )
        if is_dialog_open("refused_rows"):
            _offer_refused_rows(report)
    if report.notices:
        st.markdown("**Принято, но обратите внимание**")
        for notice in report.notices[:REMARKS_SHOWN]:
            st.markdown(f"- {notice.as_text()}")
        _tell_cut(len(report.notices))


def _show_known_rows(report: ImportReport, *, is_loaded: bool) -> None:
    """Rows equal to those of other files, and a field that takes in those that are no repeats."""
    st.markdown("**Уже известны из других файлов**")
    if report.known_rows:
        show_table(
            [
                {"line": row.line, "reason": row.text, "raw": row.raw}
                for row in report.known_rows[:REMARKS_SHOWN]
            ],
            [
                Column("line", "Строка", "count", width=70),
                Column("reason", "Чему равна", width=560),
                Column("raw", "Как в файле", width=480),
            ],
            key="import_known",
            height=320 if len(report.known_rows) > 10 else "content",
        )
        _tell_cut(len(report.known_rows))
    if is_loaded:
        return
    st.text_input(
        "Записать и эти строки (номера)",
        key="import_repeated",
        placeholder="5, 12, 20-25",
        on_change=_try_with_repeated,
        width=320,
        help="Строки, которые не повтор, а вторая такая же сумма. Оплату с другим номером "
        "документа программа отличит сама.",
    )
    if problem := st.session_state.get("import_repeated_problem"):
        st.error(problem)


def _try_with_repeated() -> None:
    """The trial is made anew with the lines that were named, so that it tells what will be."""
    st.session_state.pop("import_repeated_problem", None)
    try:
        lines = read_line_numbers(st.session_state["import_repeated"])
    except FieldError as problem:
        st.session_state["import_repeated_problem"] = str(problem)
        return
    st.session_state["import_repeated_lines"] = lines
    st.session_state["import_try_again"] = True


@st.dialog("Выгрузка непринятых строк", on_dismiss=close_dialog)
def _offer_refused_rows(report: ImportReport) -> None:
    """Ask what for, note it in the audit trail, offer the workbook: it has the lines as they are.

    A trial has no number of an import; its file is told by name.
    """
    rows = len(report.refusals) + len(report.known_rows)
    st.write(f"Будет выгружено: {counted(rows, 'строка', 'строки', 'строк')}.")
    purpose = st.selectbox(
        "Для чего",
        (MENDING, *PURPOSES),
        index=None,
        key="refused_purpose",
        placeholder="Выберите цель",
    )
    if purpose == "Другое":
        purpose = st.text_input("Укажите цель", key="refused_other_purpose").strip()
    st.caption("Цель и время записываются в журнал: в файле персональные данные.")
    if not st.button("Подготовить файл", key="refused_make", type="primary", disabled=not purpose):
        return
    content = untaken_rows_xlsx(report)
    with database.connection(session.token()) as connection:
        record_event(
            connection,
            "export",
            object_kind="refused_rows",
            object_id=None if report.import_id is None else str(report.import_id),
            purpose=purpose,
            details={
                "rows": rows,
                "kind": report.kind,
                "file_name": report.file_name,
            },
        )
    st.download_button(
        "Скачать файл",
        content,
        file_name=f"Не приняты – {report.file_name}.xlsx",
        mime=XLSX,
        key="refused_download",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )


def _show_remarks(rows: list, key: str) -> None:
    show_table(
        rows,
        [
            Column("line", "Строка", "count", width=70),
            Column("field", "Столбец", width=140),
            Column("reason", "Причина", width=760),
            Column("raw", "Как в файле", width=280),
        ],
        key=key,
        height=320 if len(rows) > 10 else "content",
    )


def _tell_cut(count: int) -> None:
    if count > REMARKS_SHOWN:
        st.caption(f"Показаны первые {REMARKS_SHOWN} из {number(count)}; все – в файле Excel.")


def _show_history() -> None:
    st.subheader("Что загружено раньше", anchor=False)
    with database.connection(session.token()) as connection:
        rows = import_history.files(connection, limit=FILES_SHOWN)
        count = import_history.file_count(connection)
    if not rows:
        st.info("Файлов ещё не загружали.")
        return
    chosen = show_table(
        [
            {
                **row,
                "kind": import_history.KINDS[row["kind"]],
                "recorded": local(row["recorded_at"]),
            }
            for row in rows
        ],
        [
            Column("import_id", "№", "count", width=60),
            Column("recorded", "Когда", "moment", width=130),
            Column("kind", "Что", width=150),
            Column("file_name", "Файл", width=280),
            Column("organisation_name", "Организация", width=200),
            Column("rows_accepted", "Принято", "count", width=90),
            Column(
                "rows_taken_later",
                "Дозагружено",
                "count",
                width=105,
                help="Сначала отказано, принято при повторной загрузке того же файла",
            ),
            Column("rows_known", "Известны", "count", width=90),
            Column("rows_refused", "Отказано", "count", width=90),
        ],
        key="import_history",
        is_selectable=True,
        height=320 if len(rows) > 10 else "content",
    )
    if count > FILES_SHOWN:
        st.caption(f"Показаны последние {FILES_SHOWN} из {number(count)}.")
    if chosen is not None:
        _show_remarks_of(chosen)


def _show_remarks_of(chosen: Any) -> None:
    with database.connection(session.token()) as connection:
        remarks = import_history.remarks(connection, chosen["import_id"], limit=REMARKS_SHOWN)
    if not remarks:
        st.success(f"В файле «{chosen['file_name']}» замечаний нет.")
        return
    st.markdown(f"**Замечания по файлу «{chosen['file_name']}»**")
    _show_remarks(
        [{**row, "line": row["line_number"]} for row in remarks], "import_history_remarks"
    )


def _forget_trial() -> None:
    """Another file or another choice: what was tried says nothing about it."""
    st.session_state.pop("import_trial", None)
    for key in ("import_loaded", "import_repeated_lines", "import_repeated_problem"):
        st.session_state.pop(key, None)
    close_dialog()


show()
