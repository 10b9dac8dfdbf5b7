"""Ответы суда: find a case, register what the court did, undo a mistake, go on with a claim."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, days, filters, session
from apps.shared.claim_package import show_claim_package
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, moment_ru, rubles
from operational_db.imports.problems import FileRefusedError
from operational_db.models.claims import CaseEventKind, CaseKind
from operational_db.services import accounts, court_work, limitation
from operational_db.services.cases import (
    EVENT_NAMES,
    NEEDS_REASON,
    CaseRefusedError,
    NewEvent,
    annul_event,
    case_states,
    continue_as_claim,
    court_reasons,
    possible_events,
    register_event,
)
from operational_db.services.court_work import STAGES, CaseFilter
from operational_db.services.import_report import ImportReport
from operational_db.services.importing import import_file

PAGE = "answers"
ROWS_ON_A_PAGE = 50
CHOICES = ("words", "stage", "organisation")
NAMES = (*CHOICES, "page")
KINDS = {"order": "приказ", "claim": "иск"}
LIABILITIES = {"housing": "жильё и услуги", "capital_repair": "капремонт"}
PARTS = {"principal": "долг", "penalty": "пени"}
WRITERS = ("lawyer", "manager")
WITH_SUMS = {CaseEventKind.ISSUED}
WITH_DESTINATION = {
    CaseEventKind.SENT_TO_BANK,
    CaseEventKind.SENT_TO_BAILIFF,
    CaseEventKind.SENT_TO_EMPLOYER,
}

COLUMNS = [
    Column("number", "Наш номер", width=105),
    Column("court_number", "№ дела", width=105),
    Column("kind_name", "Вид", width=60),
    Column("state_name", "Состояние", width=175),
    Column("state_on", "С", "date", width=85),
    Column("account_number", "Лицевой счёт", width=95),
    Column("debtors", "Должники", width=230),
    Column("principal", "Долг, ₽", "money", width=105, has_total=True),
    Column("penalty", "Пени, ₽", "money", width=95, has_total=True),
    Column("filed_on", "Подано", "date", width=85),
    Column("court_name", "Суд", "court", width=230),
]


def show() -> None:
    """The list of cases; the chosen one is worked with below it."""
    with database.connection(session.token()) as connection:
        if title_line("Ответы суда", connection) is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        asked = _ask(connection)
        filters.start_from_first_page(asked)
        filters.keep_in_address(PAGE, NAMES)
        totals = court_work.totals(connection, asked)
        pages = max(1, -(-totals["cases"] // ROWS_ON_A_PAGE))
        number = filters.current_page(pages)
        rows = court_work.cases(
            connection, asked, limit=ROWS_ON_A_PAGE, offset=(number - 1) * ROWS_ON_A_PAGE
        )
    may_write = session.user().has_any_role(*WRITERS)
    if rows:
        chosen = show_table(
            [_told(row) for row in rows],
            COLUMNS,
            key="answers_table",
            totals={
                "principal": totals["principal"],
                "penalty": totals["penalty"],
                "debtors": counted(totals["cases"], "дело", "дела", "дел"),
            },
            is_selectable=True,
            height=330 if len(rows) > 9 else "content",
        )
        filters.page_number(pages)
        if chosen is None and len(rows) == 1:
            chosen = _told(rows[0])
        if chosen is None:
            st.caption("Выберите дело щелчком слева от строки.")
        else:
            _show_case(chosen, may_write=may_write)
    elif asked == CaseFilter():
        st.info("Дел ещё нет. Их заводят на экране «Партии в суд», а иск – в карточке счёта.")
    else:
        st.info("Нет дел с такими условиями. Снимите фильтр или измените слова поиска.")
    if may_write:
        _offer_list()


def _ask(connection: Connection) -> CaseFilter:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="answers_filters"):
        words = filters.words(
            "Поиск",
            "words",
            placeholder="номер, должник или адрес",
            width=280,
            help="Наш номер (с документа или его QR), номер дела, лицевой счёт, фамилия",
        )
        stages = {code: name for code, (name, _) in STAGES.items()}
        stage = filters.choice("Стадия", "stage", stages, width=230)
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=260
            )
        st.button("Сбросить", key="answers_reset", on_click=filters.reset, args=(CHOICES,))
    return CaseFilter(stage, words, organisation_id)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "kind_name": KINDS[row["kind"]],
        "state_name": EVENT_NAMES[CaseEventKind(row["state"])],
    }


def _show_case(case: Mapping[str, Any], *, may_write: bool) -> None:
    with database.connection(session.token()) as connection:
        state = case_states(connection, [case["case_id"]])[case["case_id"]]
        events = court_work.events(connection, case["case_id"])
        ledger = court_work.ledger(connection, case["account_id"], case["case_id"])
        reasons = court_reasons(connection)
    st.subheader(f"Дело {case['number']}: {case['debtors'] or 'должник не назван'}", anchor=False)
    left, right = st.columns([2, 3])
    with left:
        if may_write:
            _offer_event(state, reasons)
            if state.state is CaseEventKind.CANCELLED:
                if state.penalty_claimed:
                    st.checkbox(
                        "Просить пени и по день фактической уплаты",
                        key="answers_until_paid",
                        help="ГК РФ ст. 330, Постановление Пленума ВС РФ от 24.03.2016 № 7, п. 65. "
                        "Пени за дни после иска отдельно уже не заявляют",
                    )
                    st.caption("Отметьте, только если это есть в вашем иске.")
                st.button(
                    "Подготовить иск в продолжение приказа",
                    key="answers_claim",
                    type="primary",
                    icon=":material/gavel:",
                    on_click=_go_on,
                    args=(case["case_id"],),
                )
        if problem := st.session_state.pop("answers_problem", None):
            st.error(problem)
        if state.kind is CaseKind.CLAIM:
            show_claim_package(state)
    with right:
        _show_events(events, may_write=may_write)
    _show_ledger(ledger)


def _offer_event(state: Any, reasons: Sequence[Any]) -> None:
    possible = possible_events(state)
    if not possible:
        st.caption("Дело закончено: регистрировать больше нечего.")
        return
    kind = st.selectbox(
        "Что произошло",
        possible,
        format_func=EVENT_NAMES.__getitem__,
        key=f"answers_kind_{state.case_id}_{state.state}",
    )
    # A form of its own for each case and kind: what was typed for one is not sent for another.
    with st.form(f"answers_event_{state.case_id}_{kind}", clear_on_submit=False):
        on = days.field("Дата", _today(), until=_today(), key="answers_date")
        court_number = st.text_input(
            "№ дела в суде", value=state.court_number or "", key="answers_court_number"
        )
        document = st.text_input("№ акта или письма", key="answers_document")
        sums = _ask_for_sums(state) if kind in WITH_SUMS else {}
        reason = None
        if kind in NEEDS_REASON:
            named = {r.reason_code: r.title for r in reasons if r.event_kind == kind}
            reason = st.selectbox(
                "Причина",
                list(named),
                format_func=named.__getitem__,
                index=None,
                placeholder="Выберите причину",
                key="answers_reason",
            )
        destination = ""
        if kind in WITH_DESTINATION:
            destination = st.text_input("Куда направлено", key="answers_destination")
        comment = st.text_input("Пояснение", key="answers_comment")
        if not st.form_submit_button(
            f"Зарегистрировать: {EVENT_NAMES[kind]}", type="primary", key="answers_register"
        ):
            return
    amounts = _read_sums(sums)
    if amounts is None:
        return
    event = NewEvent(
        case_id=state.case_id,
        kind=kind,
        happened_on=on,
        court_number=court_number.strip() or None,
        document_number=document.strip() or None,
        reason_code=reason,
        destination=destination.strip() or None,
        comment=comment.strip() or None,
        **amounts,
    )
    try:
        with database.connection(session.token()) as connection:
            late = (
                limitation.passed_before(connection, [state.case_id], on)
                if kind is CaseEventKind.FILED
                else []
            )
            register_event(connection, event)
    except CaseRefusedError as problem:
        st.error(str(problem))
        return
    say_later(f"Дело {state.number}: {EVENT_NAMES[kind]} {date_ru(on)}.{_told_late(late)}")
    st.rerun()


def _told_late(cases: Sequence[Mapping[str, Any]]) -> str:
    """The months that had passed the limitation by the day of sending, in words."""
    return "".join(
        f" Внимание: {counted(row['months'], 'месяц', 'месяца', 'месяцев')} "
        f"({row['period_from']:%m.%Y}–{row['period_to']:%m.%Y}) ко дню отправки за давностью: "
        f"последний день был {date_ru(row['last_day'])}. Суд откажет в них, если должник заявит "
        "о давности."
        for row in cases
    )


def _ask_for_sums(state: Any) -> dict[str, str]:
    """What the act awards; offered is what was asked for."""
    principal, penalty, duty = st.columns(3)
    return {
        "principal_amount": principal.text_input(
            "Взыскано долга, ₽", value=_written(state.principal_claimed), key="answers_principal"
        ),
        "penalty_amount": penalty.text_input(
            "Пени, ₽", value=_written(state.penalty_claimed), key="answers_penalty"
        ),
        "duty_amount": duty.text_input("Пошлина, ₽", key="answers_duty"),
    }


def _read_sums(written: Mapping[str, str]) -> dict[str, Decimal | None] | None:
    """Sums as exact numbers; None when one of them is no sum, which is said."""
    found: dict[str, Decimal | None] = {}
    for name, value in written.items():
        found[name] = filters.parsed_sum(value) if value.strip() else None
        if value.strip() and (found[name] is None or found[name] < 0):
            st.error(f"«{value}» – не сумма. Напишите, например, 5000 или 5000,50.")
            return None
    return found


def _written(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


def _go_on(case_id: int) -> None:
    try:
        with database.connection(session.token()) as connection:
            claim = continue_as_claim(
                connection,
                case_id,
                penalty_until_paid=st.session_state.get("answers_until_paid", False),
            )
    except CaseRefusedError as problem:
        st.session_state["answers_problem"] = str(problem)
        return
    st.session_state["filter_words"] = claim.number
    st.session_state["filter_stage"] = None
    told = f"Подготовлен иск {claim.number}."
    if claim.duty_to_pay is not None:
        told += (
            f" Зачтена пошлина приказа {rubles(claim.duty_offset)}, "
            f"доплатить {rubles(claim.duty_to_pay)}."
        )
    say_later(told)


def _show_events(events: Sequence[Mapping[str, Any]], *, may_write: bool) -> None:
    for event in reversed(events):
        kind = CaseEventKind(event["kind"])
        told = [f"**{date_ru(event['happened_on'])} {EVENT_NAMES[kind]}**"]
        told += [
            f"{name} {event[key]}"
            for key, name in (("court_number", "дело"), ("document_number", "№"))
            if event[key]
        ]
        if event["principal_amount"] is not None:
            told.append(
                f"долг {rubles(event['principal_amount'])}, "
                f"пени {rubles(event['penalty_amount'] or 0)}"
            )
        told += [str(event[key]) for key in ("reason", "destination", "comment") if event[key]]
        who = f"{event['registered_by'] or 'система'}, {moment_ru(_local(event['recorded_at']))}"
        line = "; ".join(told)
        row, action = st.columns([5, 1], vertical_alignment="center")
        row.markdown(
            f"~~{line}~~  \n:gray[отменено; {who}]"
            if event["is_annulled"]
            else f"{line}  \n:gray[{who}]"
        )
        can_be_annulled = kind not in {CaseEventKind.DRAFTED, CaseEventKind.ANNULLED}
        if may_write and can_be_annulled and not event["is_annulled"]:
            with action.popover("Отменить", key=f"answers_undo_{event['case_event_id']}"):
                why = st.text_input(
                    "Почему отметка ошибочна", key=f"answers_why_{event['case_event_id']}"
                )
                if st.button("Отменить отметку", key=f"answers_annul_{event['case_event_id']}"):
                    _annul(event["case_event_id"], why)


def _annul(case_event_id: int, why: str) -> None:
    try:
        with database.connection(session.token()) as connection:
            annul_event(connection, case_event_id, why)
    except CaseRefusedError as problem:
        st.error(str(problem))
        return
    say_later("Отметка отменена. Она осталась в журнале дела.")
    st.rerun()


def _show_ledger(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    sums = ("claimed_amount", "awarded_amount", "recovered_amount", "rest_amount")
    with st.expander("Что заявлено по месяцам", expanded=len(rows) <= 12):
        show_table(
            [
                {
                    **row,
                    "liability_name": LIABILITIES[row["liability"]],
                    "part_name": PARTS[row["claimed_part"]],
                }
                for row in rows
            ],
            [
                Column("period", "Месяц", "month", width=120),
                Column("liability_name", "Обязательство", width=130),
                Column("part_name", "Что", width=60),
                Column("claimed_amount", "Заявлено, ₽", "money", width=110),
                Column("awarded_amount", "Взыскано судом, ₽", "money", width=130),
                Column("recovered_amount", "Поступило, ₽", "money", width=110),
                Column("rest_amount", "Осталось, ₽", "money", width=110),
            ],
            key="answers_ledger",
            totals={
                name: sum((row[name] for row in rows if row[name] is not None), Decimal(0))
                for name in sums
                if any(row[name] is not None for row in rows)
            },
        )


def _offer_list() -> None:
    """Many answers at once: first a trial that writes nothing, then the same for good."""
    with st.expander("Загрузить список ответов (CSV)"):
        st.caption(
            "Столбцы: наш номер или № дела; вид акта (приказ, возврат, отказ, отмена, в иске "
            "отказано, вступил в силу); № акта; дата акта; вступило в силу; взыскано долга, пени, "
            "пошлины; причина. Тот же файл второй раз ничего не меняет."
        )
        file = st.file_uploader("Файл", key="answers_file", accept_multiple_files=False)
        if file is None:
            return
        with st.container(horizontal=True):
            is_trial = st.button("Проверить без записи", key="answers_try")
            is_real = st.button("Зарегистрировать", key="answers_load", type="primary")
        if is_trial or is_real:
            report = _load(file.name, file.getvalue(), dry_run=not is_real)
            if report is not None:
                st.text(report.as_text())


def _load(name: str, content: bytes, *, dry_run: bool) -> ImportReport | None:
    user = session.user()
    try:
        with st.spinner("Читаю файл…"), database.connection(session.token()) as connection:
            return import_file(
                connection,
                kind="court-answers",
                file_name=name,
                content=content,
                organisation_id=user.organisation_id,
                user_id=user.user_id,
                dry_run=dry_run,
            )
    except FileRefusedError as refusal:
        st.error(str(refusal))
        return None


def _today() -> date:
    return datetime.now(MOSCOW).date()


def _local(moment: datetime) -> datetime:
    return moment.astimezone(MOSCOW)


show()
