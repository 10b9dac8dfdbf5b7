"""Партии в суд: choose debtors, see what is amiss, approve, take the packages."""

from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import batch_sending, database, days, filing_names, filters, session
from apps.shared.exports import (
    DOCX,
    choose_purpose,
    close_dialog,
    is_dialog_open,
    offer_file,
    offer_workbook,
    open_dialog,
)
from apps.shared.page import MOSCOW, local, say_later, title_line
from apps.shared.tables import AMBER, RED, Column, show_table
from document_gen.russian import counted, date_ru, moment_ru, rubles, short_rubles
from operational_db.services import accounts, requests
from operational_db.services.filing import batches, proposals, results
from operational_db.services.filing.batches import BatchRefusedError, BatchSummary
from operational_db.services.filing.proposals import ATTACHMENTS, Proposal, Selection

PAGE = "batches"
CHOICES = (
    *("organisation", "debt_from", "debt_to", "months", "house", "limitation"),
    "penalty_from",
)
NAMES = ("batch", "show", "rule", "page", *CHOICES)
ROWS_ON_A_PAGE = 50
PURPOSES_OF_PACKAGES = ("Подача в суд", "Проверка перед подачей")
STANDINGS = {
    "to_file": "К подаче",
    "warned": "С предупреждениями",
    "stopped": "Остановлены",
    "left_out": "Исключены",
}

ITEMS = [
    Column("item_number", "№", "count", width=50),
    Column("account_number", "Лицевой счёт", width=100),
    Column("holder", "Должник", width=210),
    Column("address", "Адрес", "address", width=290),
    Column("principal_amount", "Долг, ₽", "money", width=100, has_total=True),
    Column("penalty_amount", "Пени, ₽", "money", width=90, has_total=True),
    Column("duty_amount", "Пошлина, ₽", "money", width=90, has_total=True),
    Column(
        "expected_net",
        "Итог, ₽",
        "money",
        width=95,
        help="Доля взыскания × долг − пошлина − расходы: экран «Экономика подачи»",
    ),
    Column("period_from", "С месяца", "month", width=110),
    Column("period_to", "По месяц", "month", width=110),
    Column("court_name", "Судебный участок", "court", width=230),
    Column("findings", "Что не так", width=330),
    Column("case_number", "Дело", width=110),
    Column("reason", "Почему не подано", width=260),
]


def show() -> None:
    """One batch when the address names it; else the list of batches and a new proposal."""
    filters.open_filters(PAGE, NAMES)
    number = st.session_state.get("filter_batch")
    with database.connection(session.token()) as connection:
        built = title_line("Партии в суд", connection)
    if built is None:
        st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
        return
    if batch_id := filters.row_number(number):
        _show_batch(batch_id)
    else:
        _offer_proposal()
        _show_list()
    filters.keep_in_address(PAGE, NAMES)


def _show_list() -> None:
    with database.connection(session.token()) as connection:
        found = batches.recent_batches(connection)
    st.subheader("Партии", anchor=False)
    if not found:
        st.info("Партий ещё не было. Отберите должников и нажмите «Предложить партию».")
        return
    is_of_several = len({each.organisation_name for each in found}) > 1
    chosen = show_table(
        [
            {
                "batch_id": each.batch_id,
                "title": each.title,
                "recorded_at": local(each.recorded_at),
                "state": batches.STATES[each.state].capitalize(),
                "to_file": each.to_file,
                "stopped": each.stopped,
                "principal": each.principal,
                "penalty": each.penalty,
                "duty": each.duty,
                "filed": each.filed,
                "proposed_by": each.proposed_by,
                "organisation_name": each.organisation_name,
            }
            for each in found
        ],
        [
            Column("batch_id", "№", "count", width=45),
            Column("title", "Партия", width=225),
            Column("recorded_at", "Предложена", "moment", width=122),
            Column("state", "Состояние", width=130),
            Column("to_file", "К подаче", "count", width=75),
            Column("stopped", "Остановлено", "count", width=95),
            Column("principal", "Долг, ₽", "money", width=112),
            Column("penalty", "Пени, ₽", "money", width=100),
            Column("duty", "Пошлина, ₽", "money", width=95),
            Column("filed", "Готово", "count", width=62),
            Column("proposed_by", "Кто предложил", width=130),
            # Who works for one organisation knows whose batches these are.
            *([Column("organisation_name", "Организация", width=110)] if is_of_several else []),
        ],
        key="batches_list",
        is_selectable=True,
    )
    if chosen is not None:
        _open_batch(chosen["batch_id"])
        st.rerun()
    st.caption("Партию открывает щелчок слева от строки.")


def _offer_proposal() -> None:
    st.subheader("Новая партия", anchor=False)
    with database.connection(session.token()) as connection:
        selection = _ask_whom(connection)
        found = proposals.preview(connection, selection)
    if not found.applications:
        st.info(
            "С такими условиями подавать нечего. Уменьшите сумму или число месяцев, снимите дом."
        )
        return
    tiles = st.columns(4)
    tiles[0].metric("Заявлений", found.applications, help="Дольщикам – по заявлению на каждого")
    tiles[1].metric("Счетов", found.accounts)
    if found.for_penalty_only:
        told = counted(found.for_penalty_only, "заявление", "заявления", "заявлений")
        st.caption(f"Только о пенях: {told}. Долг за эти месяцы уплачен или заявлен раньше.")
    tiles[2].metric(
        "Долг, который можно заявить", short_rubles(found.principal), help=rubles(found.principal)
    )
    tiles[3].metric(
        "Уже в других партиях",
        found.in_other_batches,
        help="Эти счета ждут решения в другой партии и сюда не войдут",
    )
    with st.form("batch_new"):
        left, middle, right = st.columns([2, 1, 2])
        now = datetime.now(MOSCOW).date()
        title = left.text_input(
            "Название партии", value=f"Приказы, {date_ru(now)}", key="batch_title"
        )
        sent_on = days.field("Когда отправим", now, since=now, key="batch_sent_on", place=middle)
        with_penalty = right.checkbox("Взыскать пени", value=True, key="batch_penalty")
        with_earlier = right.checkbox(
            "и за прежние месяцы",
            value=True,
            key="batch_earlier_penalty",
            help="Пени месяцев, долг за которые уже оплачен или заявлен в другом деле: за дни, "
            "которых нет ни в одном деле",
        )
        attachments = st.multiselect(
            "Состав пакета, по порядку",
            list(ATTACHMENTS),
            default=list(ATTACHMENTS),
            format_func=ATTACHMENTS.__getitem__,
            placeholder="выберите бумаги",
            key="batch_attachments",
        )
        if st.form_submit_button(
            f"Предложить партию: {found.applications}", type="primary", key="batch_propose"
        ):
            _propose(
                selection,
                Proposal(
                    title, sent_on, with_penalty, tuple(attachments), with_penalty and with_earlier
                ),
            )


def _ask_whom(connection: Connection) -> Selection:
    user = session.user()
    organisations = accounts.organisations_with_accounts(connection)
    for name, usual in (("debt_from", "10000"), ("months", "3")):
        if "filter_" + name not in st.session_state or st.session_state["filter_" + name] is None:
            st.session_state["filter_" + name] = usual
    with st.container(horizontal=True, vertical_alignment="bottom", key="batch_filters"):
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация",
                "organisation",
                organisations,
                nothing=user.organisation_name,
                width=240,
            )
        organisation_id = organisation_id or user.organisation_id
        debt_from = filters.sum_of_money("Долг от, ₽", "debt_from", width=120)
        debt_to = filters.sum_of_money("Долг до, ₽", "debt_to", width=120)
        months_from = filters.whole_number("Месяцев не меньше", "months", width=130)
        houses = accounts.houses_with_accounts(connection, organisation_id)
        house_id = filters.number_choice("Дом", "house", houses, width=300)
        penalty_from = filters.sum_of_money(
            "Или пени от, ₽",
            "penalty_from",
            width=130,
            help="Ещё и те, у кого столько пеней без дела: долг оплачен с опозданием или заявлен "
            "раньше. Остальные условия, кроме дома, к ним не относятся",
        )
        limitation = filters.whole_number(
            "Давность до, дней",
            "limitation",
            width=180,
            help="Только те, у кого месяц уйдёт за давность в этот срок",
        )
    return Selection(
        organisation_id=organisation_id,
        debt_from=debt_from,
        debt_to=debt_to,
        months_from=months_from,
        house_id=house_id,
        limitation_days=limitation,
        penalty_from=penalty_from,
    )


def _propose(selection: Selection, proposal: Proposal) -> None:
    try:
        with (
            st.spinner("Считаю и проверяю заявления…"),
            database.connection(session.token()) as connection,
        ):
            number = proposals.propose(
                connection, selection, proposal, doubtful_name=filing_names.doubt
            )
    except (BatchRefusedError, PermissionError) as problem:
        st.error(str(problem))
        return
    _open_batch(number)
    say_later("Партия предложена. Посмотрите, что нашла проверка, и утвердите.")
    st.rerun()


def _open_batch(number: int | None) -> None:
    st.session_state["filter_batch"] = None if number is None else str(number)


def _show_batch(number: int) -> None:
    st.button("← Все партии", key="batch_back", on_click=_open_batch, args=(None,))
    try:
        with database.connection(session.token()) as connection:
            found = batches.batch(connection, number)
            rules = batches.rule_counts(connection, number)
            is_running = found.state == "approved" and _is_under_way(connection, found)
    except BatchRefusedError as problem:
        st.error(str(problem))
        return
    _show_head(found)
    st.fragment(_show_run, run_every=3 if is_running else None)(number, is_running=is_running)
    if rules:
        _show_rules(rules)
    elif found.is_open:
        st.success("Проверка ничего не нашла.")
    _show_items(found)
    if found.is_open:
        _offer_decisions(found)
    elif found.state == "printed":
        batch_sending.show_sending(number)


def _is_under_way(connection: Connection, found: BatchSummary) -> bool:
    request = requests.one_request(connection, found.run_request_id)
    return request is not None and not request.is_finished


def _show_head(found: BatchSummary) -> None:
    st.subheader(f"№ {found.batch_id}. {found.title}", anchor=False)
    told = [
        batches.STATES[found.state],
        f"расчёт на {date_ru(found.calculated_on)}",
        f"отправка {date_ru(found.sent_on)}",
        "с пенями" if found.with_penalty else "без пени",
    ]
    if found.approved_at is not None:
        who = found.approved_by or "сотрудник"
        told.append(f"утвердил {who}, {moment_ru(local(found.approved_at))}")
    st.caption(" · ".join(told))
    tiles = st.columns(6)
    tiles[0].metric("К подаче", found.to_file)
    tiles[1].metric("Остановлено", found.stopped, help="Красные правила: исправьте и предложите")
    tiles[2].metric("С предупреждениями", found.warned)
    tiles[3].metric("Долг", short_rubles(found.principal), help=rubles(found.principal))
    tiles[4].metric("Пени", short_rubles(found.penalty), help=rubles(found.penalty))
    tiles[5].metric("Пошлина", short_rubles(found.duty), help=rubles(found.duty))


def _show_run(number: int, *, is_running: bool) -> None:
    with database.connection(session.token()) as connection:
        found = batches.batch(connection, number)
        if found.run_request_id is None:
            return
        request = requests.one_request(connection, found.run_request_id)
    if is_running and request is not None and request.is_finished:
        st.rerun()
    if request is not None and not request.is_finished:
        total = request.items_total or found.to_file
        st.progress(
            min(request.items_done / total, 1.0) if total else 0.0,
            text=f"Готовлю пакеты: {request.items_done} из {total}. Экран можно закрыть.",
        )
        return
    if request is not None and request.state == "failed":
        st.error(request.message or "Пакеты не подготовлены.")
        if found.state == "approved":
            _offer_to_go_on(found)
    if found.state == "printed":
        _offer_files(found)


def _offer_to_go_on(found: BatchSummary) -> None:
    st.caption(
        "Партия осталась утверждённой. Устраните причину и продолжите: готовые пакеты останутся, "
        "подготовка пойдёт с места остановки."
    )
    if st.button("Продолжить", key="batch_go_on", type="primary"):
        _decide(lambda connection: batches.go_on(connection, found.batch_id))


def _offer_files(found: BatchSummary) -> None:
    ready = results.files_of(found.batch_id)
    told = counted(found.filed, "пакет готов", "пакета готово", "пакетов готово")
    st.success(f"{told}." + (f" Не подано: {found.not_filed}." if found.not_filed else ""))
    if not ready:
        st.warning("Файлы партии удалены с диска. Попросите администратора повторить запуск.")
        return
    names = {
        path.name: "Архив пакетов" if path.name == results.ARCHIVE else path.stem for path in ready
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Файл", list(names), format_func=names.__getitem__, key="batch_file", width=520
        )
        purpose = choose_purpose("batch_purpose", PURPOSES_OF_PACKAGES)
        path = next(path for path in ready if path.name == chosen)

        def read(connection: Connection) -> bytes:
            # The right to the batch is asked once more: the page may have been open for long.
            batches.batch(connection, found.batch_id)
            return path.read_bytes()

        offer_file(
            f"Скачать ({path.stat().st_size / 1_048_576:.1f} МБ)".replace(".", ","),
            key="batch_download",
            file_name=f"Партия {found.batch_id}, {names[chosen]}{path.suffix}",
            mime=DOCX if path.suffix == ".docx" else "application/zip",
            of=("filing_batch", str(found.batch_id)),
            purpose=purpose,
            read=read,
            details={"file": chosen},
        )


def _show_rules(rules: list[batches.RuleCount]) -> None:
    chosen = show_table(
        [
            {
                "kind": "останавливает" if rule.is_red else "предупреждает",
                "title": rule.title,
                "items": rule.items,
                "what_to_do": rule.what_to_do,
                "act": rule.act,
                "rule_code": rule.rule_code,
                "is_red": rule.is_red,
            }
            for rule in rules
        ],
        [
            Column("kind", "Правило", width=110),
            Column("title", "Что не так", width=290),
            Column("items", "Заявлений", "count", width=90),
            Column("what_to_do", "Что сделать", width=420),
            Column("act", "Основание", width=260),
        ],
        key="batch_rules",
        is_selectable=True,
        highlight=lambda row: RED if row["is_red"] else AMBER,
    )
    st.session_state["filter_rule"] = None if chosen is None else chosen["rule_code"]


def _show_items(found: BatchSummary) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        standing = filters.choice("Заявления", "show", STANDINGS, width=220)
        st.button(
            "Excel",
            key="batch_xlsx",
            icon=":material/download:",
            on_click=open_dialog,
            args=("batch_xlsx",),
        )
    asked: dict[str, Any] = {
        "rule_code": st.session_state.get("filter_rule"),
        "standing": standing,
    }
    with database.connection(session.token()) as connection:
        count = batches.count_items(connection, found.batch_id, **asked)
        pages = max(1, -(-count // ROWS_ON_A_PAGE))
        number = filters.current_page(pages)
        rows = batches.batch_items(
            connection,
            found.batch_id,
            **asked,
            limit=ROWS_ON_A_PAGE,
            offset=(number - 1) * ROWS_ON_A_PAGE,
        )
    if is_dialog_open("batch_xlsx"):
        offer_workbook(
            name="filing_batch",
            title=f"Партия {found.batch_id}",
            columns=ITEMS,
            count=count,
            read=lambda c: batches.batch_items(c, found.batch_id, **asked, limit=None),
            asked={key: str(value) for key, value in asked.items() if value},
        )
    if not rows:
        st.info("Таких заявлений в партии нет.")
        return
    chosen = show_table(
        rows,
        ITEMS if found.state in {"approved", "printed"} else ITEMS[:-2],
        key="batch_items",
        is_selectable=True,
        highlight=_colour,
        height=460 if len(rows) > 14 else "content",
    )
    filters.page_number(pages)
    if chosen is not None:
        _show_item(found, chosen)


def _colour(row: Any) -> str | None:
    if row["is_left_out"]:
        return "#eef1f4"
    return RED if row["is_stopped"] else AMBER if row["is_warned"] else None


def _show_item(found: BatchSummary, item: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            menu.ACCOUNT,
            label=f"Карточка счёта {item['account_number']} →",
            query_params={"account": str(item["account_id"])},
        )
        if not found.is_open:
            return
        if item["is_left_out"]:
            st.caption(f"Исключено: {item['left_out_because']}")
            if st.button("Вернуть в партию", key="batch_include"):
                _decide(lambda c: batches.take_back_in(c, found.batch_id, [item["item_number"]]))
        else:
            reason = st.text_input(
                "Почему исключить",
                key="batch_exclude_reason",
                placeholder="Почему исключить",
                label_visibility="collapsed",
                width=320,
            )
            if st.button("Исключить из партии", key="batch_exclude"):
                _decide(
                    lambda c: batches.leave_out(
                        c, found.batch_id, [item["item_number"]], reason or ""
                    )
                )


def _decide(step: Any) -> None:
    try:
        with database.connection(session.token()) as connection:
            step(connection)
    except (BatchRefusedError, PermissionError) as problem:
        st.error(str(problem))
        return
    st.rerun()


def _offer_decisions(found: BatchSummary) -> None:
    with st.container(horizontal=True):
        st.button(
            f"Утвердить и сформировать: {found.to_file}",
            key="batch_approve",
            type="primary",
            disabled=not found.to_file,
            on_click=open_dialog,
            args=("batch_approve",),
        )
        st.button(
            "Отменить партию", key="batch_cancel", on_click=open_dialog, args=("batch_cancel",)
        )
    if is_dialog_open("batch_approve"):
        _confirm_approval(found)
    if is_dialog_open("batch_cancel"):
        _confirm_cancel(found)


@st.dialog("Утвердить партию", on_dismiss=close_dialog)
def _confirm_approval(found: BatchSummary) -> None:
    told = counted(found.to_file, "заявление", "заявления", "заявлений")
    st.write(
        f"Будет подготовлено: **{told}** на **{rubles(found.principal + found.penalty)}**, "
        f"пошлина **{rubles(found.duty)}**."
    )
    if found.stopped or found.left_out:
        st.write(f"Останется без подачи: {found.stopped + found.left_out}.")
    st.caption("Месяцы этих долгов станут заявленными: в другую партию они не войдут.")
    if st.button("Утверждаю", type="primary", key="batch_approve_yes"):
        close_dialog()
        try:
            with database.connection(session.token()) as connection:
                batches.approve(connection, found.batch_id)
        except (BatchRefusedError, PermissionError) as problem:
            say_later(str(problem))
        st.rerun()


@st.dialog("Отменить партию", on_dismiss=close_dialog)
def _confirm_cancel(found: BatchSummary) -> None:
    reason = st.text_input("Почему", key="batch_cancel_reason")
    if st.button("Отменить партию", type="primary", key="batch_cancel_yes"):
        if not reason.strip():
            st.error("Напишите, почему партия отменена.")
            return
        close_dialog()
        _decide(lambda c: batches.cancel(c, found.batch_id, reason))


show()
