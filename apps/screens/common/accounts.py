"""Лицевые счета: find an account, or all accounts of a kind, and do something with them."""

from decimal import Decimal

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, exports, filters, session
from apps.shared.page import say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, rubles
from operational_db.services import accounts, requests
from operational_db.services.accounts import AccountFilter, AccountPage

PAGE = "accounts"
ROWS_ON_A_PAGE = 50
CHOICES = ("words", "organisation", "house", "state", "bucket", "debt_from", "debt_to", "months")
NAMES = (*CHOICES, "sort", "page")

COLUMNS = [
    Column("account_number", "Лицевой счёт", width=90),
    Column("address", "Адрес", "address", width=330),
    Column("holder_name", "Плательщик", width=205),
    Column("debt", "Долг, ₽", "money", width=95, has_total=True),
    Column("overdue_debt", "Просрочено, ₽", "money", width=100, has_total=True),
    Column(
        "overdue_months",
        "Мес.",
        "count",
        width=45,
        help="За сколько месяцев есть просроченный долг",
    ),
    Column("overpayment", "Переплата, ₽", "money", width=92, has_total=True),
    Column("last_payment_date", "Посл. оплата", "date", width=90),
    Column("last_payment_amount", "Сумма оплаты, ₽", "money", width=110),
]

EXPORT_COLUMNS = [
    *COLUMNS[:3],
    Column("organisation_name", "Организация", width=200),
    Column("area", "Площадь, м²", "area"),
    Column("residents", "Проживает", "count"),
    Column("balance", "Сальдо, ₽", "money", has_total=True),
    *COLUMNS[3:6],
    Column("oldest_due_date", "Просрочка с", "date"),
    Column("not_due", "Срок не наступил, ₽", "money", has_total=True),
    *(
        Column(part, f"{told}, ₽", "money", has_total=True)
        for part, told in accounts.AGEING.items()
    ),
    *COLUMNS[6:],
]


def show() -> None:
    """Filters, the page of the list with its totals, and what can be done with all of it."""
    with database.connection(session.token()) as connection:
        built = title_line("Лицевые счета", connection)
        if built is None:
            st.info("Показатели ещё ни разу не рассчитаны. Нажмите «Обновить».")
            return
        filters.open_filters(PAGE, NAMES)
        asked, sort = _ask(connection)
        filters.start_from_first_page((asked, sort))
        filters.keep_in_address(PAGE, NAMES)
        totals = accounts.totals_of_accounts(connection, asked)
        pages = -(-totals["accounts"] // ROWS_ON_A_PAGE)
        number = filters.current_page(pages)
        page = accounts.page_of_accounts(
            connection,
            asked,
            sort=sort,
            limit=ROWS_ON_A_PAGE,
            offset=(number - 1) * ROWS_ON_A_PAGE,
            totals=totals,
        )
    if page.count == 0:
        st.info(f"Нет счетов с такими условиями. {_advice(asked)}")
        return
    _show_page(page, pages)
    _show_actions(asked, sort, page)


def _ask(connection: Connection) -> tuple[AccountFilter, str]:
    organisations = accounts.organisations_with_accounts(connection)
    with st.container(horizontal=True, vertical_alignment="bottom", key="accounts_filters"):
        words = filters.words(
            "Поиск",
            "words",
            placeholder="номер, фамилия или адрес",
            width=230,
            help="Слова в любом порядке: «ленина 5 12», «иванов», «000123»",
        )
        state = filters.choice(
            "Состояние",
            "state",
            {key: told for key, (told, _) in accounts.STATES.items()},
            width=165,
        )
        bucket = filters.choice("Есть долг сроком", "bucket", accounts.AGEING, width=130)
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=220
            )
        with st.popover("Ещё условия", icon=":material/tune:", key="accounts_more"):
            houses = accounts.houses_with_accounts(connection, organisation_id)
            house_id = filters.number_choice("Дом", "house", houses)
            debt_from = filters.sum_of_money("Долг от, ₽", "debt_from")
            debt_to = filters.sum_of_money("Долг до, ₽", "debt_to")
            months_from = filters.whole_number("Месяцев просрочки не меньше", "months")
        sort = filters.choice(
            "Порядок",
            "sort",
            {key: told for key, (told, _) in accounts.SORTS.items() if key != "address"},
            nothing=accounts.SORTS["address"][0],
            width=215,
        )
        st.button("Сбросить", key="accounts_reset", on_click=filters.reset, args=(CHOICES,))
    asked = AccountFilter(
        words=words,
        organisation_id=organisation_id,
        house_id=house_id,
        bucket=bucket,
        state=state,
        debt_from=debt_from,
        debt_to=debt_to,
        months_from=months_from,
    )
    _tell_hidden_conditions(asked, houses)
    return asked, sort or "address"


def _tell_hidden_conditions(asked: AccountFilter, houses: dict[int, str]) -> None:
    """What stands in the popover is not seen: say it, or the list looks wrong."""
    told = []
    if asked.house_id is not None:
        told.append(f"дом: {houses.get(asked.house_id, 'не найден')}")
    if asked.debt_from is not None:
        told.append(f"долг от {rubles(asked.debt_from)}")
    if asked.debt_to is not None:
        told.append(f"долг до {rubles(asked.debt_to)}")
    if asked.months_from is not None:
        told.append(f"месяцев просрочки не меньше {asked.months_from}")
    if told:
        st.caption("Ещё условия: " + "; ".join(told))


def _show_page(page: AccountPage, pages: int) -> None:
    totals = {
        "account_number": "Итого",
        "address": counted(page.count, "счёт", "счёта", "счетов"),
        **{name: page.totals[name] for name in ("debt", "overdue_debt", "overpayment")},
    }
    st.markdown(
        f"Найдено: **{counted(page.count, 'счёт', 'счёта', 'счетов')}** · "
        f"долг **{rubles(page.totals['debt'])}** · "
        f"просрочено **{rubles(page.totals['overdue_debt'])}** · "
        f"переплата **{rubles(page.totals['overpayment'])}**"
    )
    chosen = show_table(
        page.rows,
        COLUMNS,
        key="accounts_table",
        totals=totals,
        is_selectable=True,
        height=458 if len(page.rows) > 16 else "content",
    )
    if chosen is not None:
        st.switch_page(menu.ACCOUNT, query_params={"account": str(chosen["account_id"])})
    filters.page_number(pages)


def _show_actions(asked: AccountFilter, sort: str, page: AccountPage) -> None:
    told = counted(page.count, "счёт", "счёта", "счетов")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Выгрузить в Excel: {told}",
            icon=":material/table_view:",
            key="accounts_export",
            on_click=exports.open_dialog,
            args=("export",),
        )
        st.button(
            f"Сформировать своды задолженности: {told}",
            icon=":material/print:",
            key="accounts_statements",
            on_click=exports.open_dialog,
            args=("statements",),
        )
        st.button(
            f"Рассчитать пени: {told}",
            icon=":material/percent:",
            key="accounts_penalties",
            on_click=exports.open_dialog,
            args=("penalties",),
        )
        st.caption("Щёлкните по строке слева, чтобы открыть карточку счёта.")
    if exports.is_dialog_open("export"):
        exports.offer_workbook(
            name="accounts",
            title="Лицевые счета",
            columns=EXPORT_COLUMNS,
            count=page.count,
            read=lambda connection: accounts.all_accounts(connection, asked, sort=sort),
            asked=asked.described(),
        )
    elif exports.is_dialog_open("statements"):
        _confirm_statements(asked, page.count, page.totals["debt"])
    elif exports.is_dialog_open("penalties"):
        _confirm_penalties(asked, page.count, page.totals["overdue_debt"])


@st.dialog("Своды задолженности", on_dismiss=exports.close_dialog)
def _confirm_statements(asked: AccountFilter, count: int, debt: Decimal) -> None:
    told = counted(count, "свод", "свода", "сводов")
    st.markdown(f"Будет составлено: **{told}**, общий долг по ним **{rubles(debt)}**.")
    _confirm_papers(asked, told, key="statements_confirm")


@st.dialog("Расчёты пени", on_dismiss=exports.close_dialog)
def _confirm_penalties(asked: AccountFilter, count: int, overdue: Decimal) -> None:
    told = counted(count, "расчёт пени", "расчёта пени", "расчётов пени")
    st.markdown(f"Будет составлено: **{told}**, просроченный долг по ним **{rubles(overdue)}**.")
    st.caption("Счета без просроченного долга и пени останутся без документа: это скажет задание.")
    _confirm_papers(asked, told, key="penalties_confirm", document="penalty_calculation")


def _confirm_papers(
    asked: AccountFilter, told: str, *, key: str, document: str | None = None
) -> None:
    st.caption("Работа идёт в очереди; ход и готовые документы – на экране «Задания».")
    if st.button("Поставить в очередь", key=key, type="primary"):
        try:
            with database.connection(session.token()) as connection:
                number = requests.request_statements(
                    connection, accounts.account_ids(connection, asked), document=document
                )
        except PermissionError as refusal:
            st.error(str(refusal))
            return
        exports.close_dialog()
        say_later(f"Задание № {number} поставлено в очередь: {told}.")
        st.switch_page(menu.REQUESTS)


def _advice(asked: AccountFilter) -> str:
    if asked.words:
        return f"Проверьте, как написано «{asked.words}», или снимите другие фильтры."
    if asked.house_id is not None:
        return "Снимите фильтр «Дом»."
    return "Нажмите «Сбросить»." if asked.described() else "Загрузите начисления и оплаты."


show()
