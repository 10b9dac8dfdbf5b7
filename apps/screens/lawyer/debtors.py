"""Реестр должников: whom to press and how, by stage; from here batches go to the court."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, exports, filing_names, filters, session
from apps.shared.debtor_links import card_of
from apps.shared.page import MOSCOW, say_later, title_line
from apps.shared.tables import Column, show_markable_table
from document_gen.russian import counted, date_ru, rubles
from operational_db.services import accounts, debtors, requests
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
)
NAMES = ("stage", *CHOICES, "sort", "page")
RED, AMBER = "#fbe4e1", "#fff4d6"

HEAD = [
    Column("account_number", "Лицевой счёт", width=100),
    Column("holder_name", "Должник", width=185),
    Column("address", "Адрес", width=225),
    Column("due_amount", "Долг, ₽", "money", width=105, has_total=True),
]
CLAIM = [
    Column(
        "claimable_amount",
        "К подаче, ₽",
        "money",
        width=105,
        has_total=True,
        help="Можно заявить сегодня: срок оплаты прошёл, давность нет, в делах не заявлено",
    ),
    Column("claimable_months", "Мес.", "count", width=50, help="Месяцев, которые можно заявить"),
    Column("limitation_date", "Давность", "date", width=88, help="Когда уйдёт первый месяц"),
]
CLAIMED = Column("claimed_amount", "В делах, ₽", "money", width=105, has_total=True)
MONEY = [
    Column("filing_duty", "Пошлина, ₽", "money", width=85, help="За все заявления счёта, без пени"),
    Column(
        "expected_net",
        "Итог, ₽",
        "money",
        width=95,
        help="Доля взыскания × сумма − пошлина − расходы: экран «Экономика подачи»",
    ),
    Column("told_advice", "Совет", width=115),
]
OBSTACLES = Column("told_obstacles", "Что мешает", width=190)
SECTION = Column("court_name", "Судебный участок", width=220)
CASE = [
    Column("case_number", "Дело", width=105),
    Column("told_state", "Состояние дела", width=185),
    Column("state_on", "С даты", "date", width=88),
    Column("court_number", "№ в суде", width=95),
    Column("told_duty", "Пошлина", width=120),
]
BY_STAGE = {
    "pretrial": [*HEAD, *CLAIM, OBSTACLES, *MONEY, SECTION],
    "court": [*HEAD, CLAIMED, *CASE, *CLAIM, SECTION],
    "enforcement": [*HEAD, CLAIMED, *CASE, *CLAIM, SECTION],
}
EXPORTED = [
    Column("told_stage", "Стадия", width=130),
    *HEAD,
    Column("overdue_months", "Просрочено мес.", "count"),
    *CLAIM,
    Column("unclaimed_amount", "Не просужено, ₽", "money", has_total=True),
    CLAIMED,
    Column("time_barred_amount", "Старше давности, ₽", "money", has_total=True),
    Column("application_count", "Заявлений", "count", has_total=True),
    *MONEY,
    OBSTACLES,
    SECTION,
    *CASE,
    Column("last_payment_date", "Посл. оплата", "date"),
    Column("organisation_name", "Организация", width=200),
]


def show() -> None:
    """Stages, filters, a page of the registry with its totals, and what can be done with it."""
    with database.connection(session.token()) as connection:
        built = title_line("Реестр должников", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        asked, sort = _ask(connection)
        asked = _ask_stage(connection, asked)
        filters.start_from_first_page((asked, sort))
        filters.keep_in_address(PAGE, NAMES)
        totals = debtors.totals(connection, asked)
        pages = -(-totals["accounts"] // ROWS_ON_A_PAGE)
        rows = debtors.debtors(
            connection,
            asked,
            sort=sort,
            limit=ROWS_ON_A_PAGE,
            offset=(filters.current_page(pages) - 1) * ROWS_ON_A_PAGE,
        )
    if not rows:
        st.info(f"Нет должников с такими условиями. {_advice(asked)}")
        return
    marked = _show_page(rows, totals, asked, pages)
    _show_actions(asked, sort, totals, marked)


def _ask(connection: Connection) -> tuple[DebtorFilter, str]:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="debtors_filters"):
        words = filters.words("Поиск", "words", placeholder="номер, фамилия, адрес", width=165)
        debt_from = filters.sum_of_money("Долг от, ₽", "debt_from", width=85)
        debt_to = filters.sum_of_money("до, ₽", "debt_to", width=85)
        months_from = filters.whole_number("Месяцев от", "months", width=80)
        claimed = filters.choice(
            "Просужено", "claimed", {k: told for k, (told, _) in debtors.CLAIMED.items()}, width=165
        )
        obstacle = filters.choice(
            "Можно ли подать",
            "obstacle",
            {
                "ready": "можно подавать сегодня",
                **{code: f"мешает: {told}" for code, (told, _) in debtors.OBSTACLES.items()},
            },
            width=180,
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
        sort = filters.choice(
            "Порядок",
            "sort",
            {k: told for k, (told, _) in debtors.SORTS.items() if k != debtors.USUAL_SORT},
            nothing=debtors.SORTS[debtors.USUAL_SORT][0],
            width=180,
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
    )
    _tell_hidden_conditions(asked, organisations, courts, houses)
    return asked, sort or debtors.USUAL_SORT


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
    if told:
        st.caption("Ещё условия: " + "; ".join(told))


def _ask_stage(connection: Connection, asked: DebtorFilter) -> DebtorFilter:
    found = debtors.stages(connection, asked)
    if st.session_state.get("filter_stage") not in debtors.STAGES:
        st.session_state["filter_stage"] = next(iter(debtors.STAGES))
    stage = st.segmented_control(
        "Стадия",
        list(debtors.STAGES),
        format_func=lambda key: f"{debtors.STAGES[key]}: {found[key]}",
        key="filter_stage",
        label_visibility="collapsed",
        required=True,
    )
    return DebtorFilter(**{**_values(asked), "stage": stage})


def _values(asked: DebtorFilter) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in DebtorFilter.__slots__}


def _show_page(
    rows: list[dict[str, Any]], totals: Mapping[str, Any], asked: DebtorFilter, pages: int
) -> list[Mapping[str, Any]]:
    columns = BY_STAGE[asked.stage]
    marked = show_markable_table(
        [told(row) for row in rows],
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


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the registry in words, for the screen and the workbook."""
    advice = row["advice"] and debtors.ADVICE[row["advice"]]
    if row["advice"] == "wait":
        advice = f"{advice} {row['wait_months']} мес."
    return {
        **row,
        "told_stage": debtors.STAGES[row["stage"]],
        "told_advice": advice,
        "told_obstacles": "; ".join(debtors.OBSTACLES[code][0] for code in row["obstacles"])
        or None,
        "told_state": row["case_state"] and EVENT_NAMES[row["case_state"]],
        "told_duty": _told_duty(row),
    }


def _told_duty(row: Mapping[str, Any]) -> str | None:
    if row["last_case_id"] is None:
        return None
    return debtors.DUTIES[row["duty_status"] or "none"]


def _colour(row: Mapping[str, Any]) -> str | None:
    if row["obstacles"]:
        return RED
    return AMBER if row["advice"] in {"wait", "loss"} else None


def _show_actions(
    asked: DebtorFilter, sort: str, totals: Mapping[str, Any], marked: list[Mapping[str, Any]]
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
        ):
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
    elif exports.is_dialog_open("export"):
        exports.offer_workbook(
            name="debtors",
            title="Реестр должников",
            columns=EXPORTED,
            count=totals["accounts"],
            read=lambda connection: map(told, debtors.all_debtors(connection, asked, sort=sort)),
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
    sent_on = st.date_input(
        "Когда отправим", now, min_value=now, format="DD.MM.YYYY", key="debtors_batch_sent_on"
    )
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
