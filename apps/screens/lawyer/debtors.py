"""Реестр должников: whom to press and how, by stage; from here batches go to the court."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import (
    database,
    days,
    debtor_actions,
    debtor_columns,
    exports,
    filing_names,
    filters,
    saved_sets,
    session,
)
from apps.shared.debtor_links import card_of
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import AMBER, RED, Column, show_markable_table
from document_gen.russian import counted, date_ru, period_ru, rubles
from operational_db.services import accounts, debtor_work, debtors, requests, worklist
from operational_db.services.cases import EVENT_NAMES
from operational_db.services.debtors import DebtorFilter
from operational_db.services.filing import proposals
from operational_db.services.filing.batches import BatchRefusedError
from operational_db.services.filing.proposals import Proposal, Selection

PAGE = "debtors"
ROWS_ON_A_PAGE = 50
CHOICES = (
    *("words", "debt_from", "debt_to", "months", "court", "limitation", "claimed", "obstacle"),
    *("duty", "case", "advice", "house", "organisation"),
    *("phone", "district", "state", "extract", "writ", "bailiff", "contact", "restriction"),
    *("period_from", "period_to", "assignee"),
)
KEPT_IN_SETS = ("stage", *CHOICES, "sort")
NAMES = (*KEPT_IN_SETS, "columns", "set", "page")


def show() -> None:
    """Stages, filters, a page of the registry with its totals, and what can be done with it."""
    with database.connection(session.token()) as connection:
        built = title_line("Реестр должников", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        saved_sets.show_sets(connection, PAGE, KEPT_IN_SETS)
        asked, sort = _ask(connection)
        asked, totals = _ask_stage(connection, asked)
        columns = saved_sets.ask_columns(debtor_columns.CATALOGUE, asked.stage)
        filters.start_from_first_page((asked, sort))
        filters.keep_in_address(PAGE, NAMES)
        pages = -(-totals["accounts"] // ROWS_ON_A_PAGE)
        rows = debtors.debtors(
            connection,
            asked,
            sort=sort,
            limit=ROWS_ON_A_PAGE,
            offset=(filters.current_page(pages) - 1) * ROWS_ON_A_PAGE,
            columns=debtor_columns.read_for(columns),
        )
    if not rows:
        st.info(f"Нет должников с такими условиями. {_advice(asked)}")
        return
    marked = _show_page(rows, totals, asked, pages, columns)
    _show_actions(asked, sort, totals, marked, columns)


def _ask(connection: Connection) -> tuple[DebtorFilter, str]:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="debtors_filters"):
        words = filters.words("Поиск", "words", placeholder="номер, фамилия, адрес", width=160)
        debt_from = filters.sum_of_money("Долг от, ₽", "debt_from", width=85)
        debt_to = filters.sum_of_money("до, ₽", "debt_to", width=85)
        months_from = filters.whole_number("Месяцев от", "months", width=80)
        claimed = filters.choice(
            "Просужено", "claimed", {k: told for k, (told, _) in debtors.CLAIMED.items()}, width=142
        )
        obstacle = filters.choice(
            "Можно ли подать",
            "obstacle",
            {
                "ready": "можно подавать сегодня",
                **{code: f"мешает: {told}" for code, (told, _) in debtors.OBSTACLES.items()},
            },
            width=164,
        )
        with st.popover("Ещё условия", icon=":material/tune:", key="debtors_more"):
            organisation_id = None
            if len(organisations) > 1:
                organisation_id = filters.number_choice(
                    "Организация", "organisation", organisations
                )
            courts = debtors.sections(connection)
            court = filters.choice("Судебный участок", "court", courts)
            houses = accounts.houses_with_accounts(connection, organisation_id)
            house_id = filters.number_choice("Дом", "house", houses)
            limitation = filters.whole_number(
                "Давность до, дней",
                "limitation",
                help="Только те, у кого месяц уйдёт за давность в этот срок",
            )
            advice = filters.choice("Совет по экономике", "advice", debtors.ADVICE)
            duty = filters.choice("Пошлина по делу", "duty", debtors.DUTIES)
            case_number = filters.words(
                "Номер дела", "case", placeholder="наш, суда или приказа, целиком"
            )
        with st.popover("О работе", icon=":material/history:", key="debtors_work"):
            work = _ask_about_work(connection)
        sort = filters.choice(
            "Порядок",
            "sort",
            {k: told for k, (told, _) in debtors.SORTS.items() if k != debtors.USUAL_SORT},
            nothing=debtors.SORTS[debtors.USUAL_SORT][0],
            width=164,
        )
        st.button("Сбросить", key="debtors_reset", on_click=filters.reset, args=(CHOICES,))
    asked = DebtorFilter(
        words=words,
        organisation_id=organisation_id,
        house_id=house_id,
        debt_from=debt_from,
        debt_to=debt_to,
        months_from=months_from,
        court_code=court,
        limitation_days=limitation,
        claimed=claimed,
        obstacle=obstacle,
        duty=duty,
        case_number=case_number,
        advice=advice,
        **work,
    )
    _tell_hidden_conditions(asked, organisations, courts, houses)
    return asked, sort or debtors.USUAL_SORT


def _ask_about_work(connection: Connection) -> dict[str, Any]:
    """Conditions on what was done, and on what is known of the people."""
    left, right = st.columns(2)
    with left:
        phone = filters.words("Телефон", "phone", placeholder="любая часть номера")
        state = filters.choice("Состояние дела", "state", dict(EVENT_NAMES))
        districts = debtors.districts(connection)
        district = filters.choice("Районный суд", "district", districts)
        period_from = filters.month("Долг за месяцы с", "period_from")
        period_to = filters.month("по", "period_to")
        assignee = filters.number_choice("Исполнитель", "assignee", worklist.people(connection))
    with right:
        extract = filters.choice("Выписка ЕГРН", "extract", debtor_work.EXTRACTS)
        writ = filters.choice("Приказ или лист", "writ", debtor_work.WRITS)
        bailiff = filters.words("Отдел приставов", "bailiff", placeholder="часть названия")
        contact = filters.choice(
            f"Контакт за {debtor_work.RECENT_DAYS} дней", "contact", debtor_work.CONTACTS
        )
        restriction = filters.choice("Ограничение услуг", "restriction", debtor_work.RESTRICTIONS)
    return {
        "phone": "".join(sign for sign in phone if sign.isdecimal()),
        "case_state": state,
        "district_code": district,
        "period_from": period_from,
        "period_to": period_to,
        "assignee_id": assignee,
        "extract": extract,
        "writ": writ,
        "bailiff": bailiff,
        "contact": contact,
        "restriction": restriction,
    }


def _told_work(asked: DebtorFilter) -> list[str]:
    """What of it was asked, in words."""
    told = []
    if asked.phone:
        told.append(f"телефон {asked.phone}")
    if asked.case_state is not None:
        told.append(f"дело: {EVENT_NAMES.get(asked.case_state, asked.case_state)}")
    if asked.district_code is not None:
        told.append("районный суд")
    if asked.period_from is not None:
        told.append(f"долг с {period_ru(asked.period_from)}")
    if asked.period_to is not None:
        told.append(f"долг по {period_ru(asked.period_to)}")
    if asked.assignee_id is not None:
        told.append("исполнитель")
    for name, value, known in (
        ("выписка ЕГРН", asked.extract, debtor_work.EXTRACTS),
        ("приказ или лист", asked.writ, debtor_work.WRITS),
        ("контакт", asked.contact, debtor_work.CONTACTS),
        ("ограничение", asked.restriction, debtor_work.RESTRICTIONS),
    ):
        if value is not None:
            told.append(f"{name}: {known[value]}")
    if asked.bailiff:
        told.append(f"приставы «{asked.bailiff}»")
    return told


def _tell_hidden_conditions(
    asked: DebtorFilter,
    organisations: Mapping[int, str],
    courts: Mapping[str, str],
    houses: Mapping[int, str],
) -> None:
    """What stands in the popover is not seen: say it, or the list looks wrong."""
    told = []
    if asked.organisation_id is not None:
        told.append(organisations.get(asked.organisation_id, "организация не найдена"))
    if asked.court_code is not None:
        told.append(courts.get(asked.court_code, "участок не найден"))
    if asked.house_id is not None:
        told.append(f"дом: {houses.get(asked.house_id, 'не найден')}")
    if asked.limitation_days is not None:
        days = counted(asked.limitation_days, "день", "дня", "дней")
        told.append(f"давность в ближайшие {days}")
    if asked.advice is not None:
        told.append(f"совет: {debtors.ADVICE[asked.advice]}")
    if asked.duty is not None:
        told.append(f"пошлина {debtors.DUTIES[asked.duty]}")
    if asked.case_number:
        told.append(f"дело № {asked.case_number}")
    told += _told_work(asked)
    if told:
        st.caption("Ещё условия: " + "; ".join(told))


def _ask_stage(
    connection: Connection, asked: DebtorFilter
) -> tuple[DebtorFilter, Mapping[str, Any]]:
    """The filter with the stage that was chosen, and the totals of that stage."""
    found = debtors.by_stage(connection, asked)
    if st.session_state.get("filter_stage") not in debtors.STAGES:
        st.session_state["filter_stage"] = next(iter(debtors.STAGES))
    stage = st.segmented_control(
        "Стадия",
        list(debtors.STAGES),
        format_func=lambda key: f"{debtors.STAGES[key]}: {found[key]['accounts']}",
        key="filter_stage",
        label_visibility="collapsed",
        required=True,
    )
    return DebtorFilter(**{**_values(asked), "stage": stage}), found[stage]


def _values(asked: DebtorFilter) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in DebtorFilter.__slots__}


def _show_page(
    rows: list[dict[str, Any]],
    totals: Mapping[str, Any],
    asked: DebtorFilter,
    pages: int,
    columns: list[Column],
) -> list[Mapping[str, Any]]:
    marked = show_markable_table(
        [debtor_columns.told(row) for row in rows],
        columns,
        key=f"debtors_table_{asked.stage}",
        totals={
            "account_number": "Итого",
            "address": counted(totals["accounts"], "счёт", "счёта", "счетов"),
            **{name: totals[name] for name in debtors.SUMS},
        },
        height=430 if len(rows) > 13 else "content",
        highlight=_colour if asked.stage == "pretrial" else None,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Выбрано **{len(marked)}** из **{totals['accounts']}** · "
            f"долг **{rubles(totals['due_amount'])}** · "
            f"к подаче **{rubles(totals['claimable_amount'])}**, "
            + counted(totals["applications"], "заявление", "заявления", "заявлений")
            + f" · в делах **{rubles(totals['claimed_amount'])}**"
        )
        st.space("stretch")
        filters.page_number(pages)
    return marked


def _colour(row: Mapping[str, Any]) -> str | None:
    if row["obstacles"]:
        return RED
    return AMBER if row["advice"] in {"wait", "loss"} else None


def _show_actions(
    asked: DebtorFilter,
    sort: str,
    totals: Mapping[str, Any],
    marked: list[Mapping[str, Any]],
    columns: list[Column],
) -> None:
    count = len(marked) or totals["accounts"]
    told_count = counted(count, "счёт", "счёта", "счетов")
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(marked) == 1:
            st.page_link(
                menu.ACCOUNT,
                label=f"Карточка должника {marked[0]['account_number']} →",
                query_params=card_of(marked[0]["account_id"], asked, sort),
            )
        for name, label, icon in (
            ("batch", "Предложить партию", ":material/gavel:"),
            ("statements", "Своды", ":material/print:"),
            ("assign", "Назначить", ":material/assignment_ind:"),
            ("note", "Заметка", ":material/edit_note:"),
        ):
            if name == "assign" and not session.user().has_any_role("manager"):
                continue

            st.button(
                f"{label}: {told_count}",
                icon=icon,
                key=f"debtors_{name}",
                type="primary" if name == "batch" else "secondary",
                on_click=exports.open_dialog,
                args=(name,),
            )
        st.button(
            f"Выгрузить в Excel: {counted(totals['accounts'], 'счёт', 'счёта', 'счетов')}",
            icon=":material/table_view:",
            key="debtors_export",
            on_click=exports.open_dialog,
            args=("export",),
        )
        st.caption("Отметьте строки слева; без отметок действие касается всего отбора.")
    ids = [row["account_id"] for row in marked]
    if exports.is_dialog_open("batch"):
        _propose_batch(asked, ids)
    elif exports.is_dialog_open("statements"):
        _confirm_statements(asked, ids, count)
    elif exports.is_dialog_open("assign"):
        debtor_actions.assign(lambda connection: _chosen(connection, asked, ids), count)
    elif exports.is_dialog_open("note"):
        debtor_actions.write_note(lambda connection: _chosen(connection, asked, ids), count)
    elif exports.is_dialog_open("export"):
        is_own = columns != debtor_columns.BY_STAGE[asked.stage]
        wanted = columns if is_own else debtor_columns.EXPORTED
        names = debtor_columns.read_for(wanted)
        exports.offer_workbook(
            name="debtors",
            title="Реестр должников",
            columns=wanted,
            count=totals["accounts"],
            read=lambda connection: map(
                debtor_columns.told,
                debtors.all_debtors(connection, asked, sort=sort, columns=names),
            ),
            asked=asked.described(),
        )


def _chosen(connection: Connection, asked: DebtorFilter, marked: list[int]) -> list[int]:
    return marked or debtors.account_ids(connection, asked)


@st.dialog("Партия заявлений о судебных приказах", width="medium", on_dismiss=exports.close_dialog)
def _propose_batch(asked: DebtorFilter, marked: list[int]) -> None:
    with database.connection(session.token()) as connection:
        ids = _chosen(connection, asked, marked)
        selection = Selection(
            organisation_id=_organisation(connection, asked), account_ids=tuple(ids)
        )
        found = proposals.preview(connection, selection)
    if not found.applications:
        st.info(
            "По выбранным счетам заявить сегодня нечего: долг просужен, не наступил или держит."
        )
        return
    st.markdown(
        f"**{counted(found.applications, 'заявление', 'заявления', 'заявлений')}** по "
        f"**{counted(found.accounts, 'счёту', 'счетам', 'счетам')}**, "
        f"долг **{rubles(found.principal)}**."
    )
    if found.in_other_batches:
        told_others = counted(found.in_other_batches, "счёт", "счёта", "счетов")
        st.caption(f"Ещё {told_others} ждут решения в других партиях и сюда не войдут.")
    now = datetime.now(MOSCOW).date()
    title = st.text_input("Название партии", f"Приказы, {date_ru(now)}", key="debtors_batch_title")
    sent_on = days.field("Когда отправим", now, since=now, key="debtors_batch_sent_on")
    with_penalty = st.checkbox("Взыскать пени", value=True, key="debtors_batch_penalty")
    st.caption("Партию проверят все правила; утвердить или исключить заявления можно на её экране.")
    if not st.button(
        f"Предложить: {found.applications}", type="primary", key="debtors_batch_propose"
    ):
        return
    try:
        with (
            st.spinner("Считаю и проверяю заявления…"),
            database.connection(session.token()) as connection,
        ):
            number = proposals.propose(
                connection,
                selection,
                Proposal(title, sent_on, with_penalty),
                doubtful_name=filing_names.doubt,
            )
    except (BatchRefusedError, PermissionError) as problem:
        st.error(str(problem))
        return
    exports.close_dialog()
    say_later("Партия предложена. Посмотрите, что нашла проверка, и утвердите.")
    st.switch_page(menu.BATCHES, query_params={"batch": str(number)})


def _organisation(connection: Connection, asked: DebtorFilter) -> int:
    """A batch is filed by one organisation: the one asked for, the user's, or the only one."""
    if asked.organisation_id is not None:
        return asked.organisation_id
    known = accounts.organisations_with_accounts(connection)
    own = session.user().organisation_id
    return own if own in known or not known else next(iter(known))


@st.dialog("Своды задолженности", on_dismiss=exports.close_dialog)
def _confirm_statements(asked: DebtorFilter, marked: list[int], count: int) -> None:
    told_count = counted(count, "свод", "свода", "сводов")
    st.markdown(f"Будет составлено: **{told_count}**.")
    st.caption("Работа идёт в очереди; ход и готовые документы – на экране «Задания».")
    if st.button("Поставить в очередь", key="debtors_statements_confirm", type="primary"):
        try:
            with database.connection(session.token()) as connection:
                number = requests.request_statements(connection, _chosen(connection, asked, marked))
        except PermissionError as refusal:
            st.error(str(refusal))
            return
        exports.close_dialog()
        say_later(f"Задание № {number} поставлено в очередь: {told_count}.")
        st.switch_page(menu.REQUESTS)


def _advice(asked: DebtorFilter) -> str:
    if asked.words:
        return f"Проверьте, как написано «{asked.words}», или снимите другие фильтры."
    if set(asked.described()) - {"stage"}:
        return "Нажмите «Сбросить»."
    if asked.stage == "pretrial":
        return "Все, кто должен, уже в суде или на исполнении."
    return "Дела появятся здесь после партии и пересчёта."


show()
