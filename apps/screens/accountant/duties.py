"""Пошлины: what is due to courts, registers to the bank, what statements say is paid, offsets."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import database, days, exports, filters, session
from apps.shared.page import MOSCOW, local, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import counted, date_ru, number, rubles
from operational_db.exports import client_bank
from operational_db.exports.payment_orders import OrderRefusedError
from operational_db.services import accounts, duties, duty_registers
from operational_db.services.duties import DutyError, DutyFilter, DutyRequest
from operational_db.services.state_duty import DutyKind, DutyRefusedError

CHOICES = ("status", "court", "account", "organisation")
NAMES = (*CHOICES, "page")
ROWS_ON_A_PAGE = 50
PURPOSES_OF_REGISTER = ("Оплата госпошлины", "Сверка с банком")
NO_COURT = "-"
DAY_WIDTH = 150

COLUMNS = [
    Column("state_duty_id", "№", "count", width=60),
    Column("account_number", "ЛС", width=90),
    Column("debtor_name", "Должник", width=200),
    Column("kind_name", "Вид", width=115),
    Column("claim_sum", "Цена требования, ₽", "money", width=125, has_total=True),
    Column("amount", "Пошлина, ₽", "money", width=90, has_total=True),
    Column("to_pay", "К уплате, ₽", "money", width=95, has_total=True),
    Column("court_name", "Суд", "court", width=260),
    Column("status_name", "Статус", width=140),
    Column("problem", "Чего не хватает", width=160),
    Column("register_number", "Реестр", "count", width=65),
    Column("paid_document", "№ ПП", width=80),
    Column("paid_on", "Оплачена", "date", width=90),
]
# The form of the register of duties, column by column.
FORM = [
    Column("number", "№", "count"),
    Column("account_number", "ЛС", width=90),
    Column("debtor_name", "Должник", width=220),
    Column("kind_name", "Вид", width=120),
    Column("claim_sum", "Цена требования", "money", has_total=True),
    Column("rule", "Ставка и правило", width=380),
    Column("amount", "Сумма пошлины", "money", has_total=True),
    Column("offset_amount", "Зачтено", "money", has_total=True),
    Column("to_pay", "К уплате", "money", has_total=True),
    Column("court_name", "Участок, суд", "court", width=300),
    Column("payee", "Получатель", width=260),
    Column("inn", "ИНН", width=100),
    Column("kpp", "КПП", width=90),
    Column("oktmo", "ОКТМО", width=90),
    Column("kbk", "КБК", width=170),
    Column("bic", "БИК", width=90),
    Column("payee_account", "Счёт", width=180),
    Column("bank", "Банк", width=240),
    Column("purpose", "Назначение", width=420),
    Column("status_name", "Статус", width=140),
    Column("order_number", "№ поручения", "count"),
    Column("paid_document", "№ ПП", width=90),
    Column("paid_on", "Дата ПП", "date"),
    Column("case_number", "Дело №", width=110),
]


def show() -> None:
    """Figures by status, the list, and below it everything that is done with duties."""
    filters.open_filters("duties", NAMES)
    user = session.user()
    with database.connection(session.token()) as connection:
        title_line("Пошлины", connection)
        totals = duties.totals_by_status(connection)
        courts = duties.courts_of_duties(connection)
        organisations = accounts.organisations_with_accounts(connection)
    _tiles(totals)
    asked = _ask(courts, organisations)
    filters.start_from_first_page(asked)
    filters.keep_in_address("duties", NAMES)
    organisation_id = asked.organisation_id or user.organisation_id
    _list(asked)
    tabs = st.tabs(
        [
            "Реестры на оплату",
            "Рассчитать пошлину",
            "Оплата, зачёт, возврат",
            "Не опознано в выписках",
        ]
    )
    with tabs[0]:
        _registers(organisation_id, asked)
    with tabs[1]:
        _calculate(organisation_id)
    with tabs[2]:
        _course()
    with tabs[3]:
        _unmatched(asked)


def _tiles(totals: Mapping[str, Mapping[str, Any]]) -> None:
    shown = ("calculated", "in_register", "paid", "refund_due")
    tiles = st.columns(len(shown))
    for tile, status in zip(tiles, shown, strict=True):
        row = totals.get(status)
        money = "to_pay" if status in {"calculated", "in_register"} else "amount"
        tile.metric(
            duties.STATUSES[status].capitalize(),
            number(row["duties"] if row else 0),
            rubles(row[money] if row else Decimal(0)),
            delta_color="off",
            delta_arrow="off",
            border=True,
        )


def _ask(courts: dict[str, str], organisations: dict[int, str]) -> DutyFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        status = filters.choice("Статус", "status", duties.STATUSES, width=180)
        court = filters.choice(
            "Участок, суд", "court", {NO_COURT: "суд не определён", **courts}, width=360
        )
        account = filters.words("Лицевой счёт", "account", width=130)
        organisation_id = None
        if len(organisations) > 1:
            organisation_id = filters.number_choice(
                "Организация", "organisation", organisations, width=220
            )
        st.button("Сбросить", key="duties_reset", on_click=filters.reset, args=(CHOICES,))
    return DutyFilter(
        organisation_id=organisation_id,
        court_code=None if court == NO_COURT else court,
        without_court=court == NO_COURT,
        status=status,
        account_number=account,
    )


def _list(asked: DutyFilter) -> None:
    with database.connection(session.token()) as connection:
        totals = duties.duties(connection, asked, limit=0)[1]
        page = filters.page_number(-(-totals["duties"] // ROWS_ON_A_PAGE))
        rows, _ = duties.duties(
            connection, asked, limit=ROWS_ON_A_PAGE, offset=(page - 1) * ROWS_ON_A_PAGE
        )
    if not rows:
        st.info("Пошлин с такими условиями нет. Рассчитайте пошлину ниже или снимите фильтры.")
        return
    told = counted(totals["duties"], "пошлина", "пошлины", "пошлин")
    chosen = show_table(
        [
            {
                **row,
                "kind_name": duties.KINDS[row["kind"]],
                "status_name": duties.STATUSES[row["status"]],
            }
            for row in rows
        ],
        COLUMNS,
        key="duties_table",
        totals={
            "account_number": "Итого",
            "debtor_name": told,
            **{name: totals[name] for name in ("claim_sum", "amount", "to_pay")},
        },
        is_selectable=True,
        height=330 if len(rows) > 10 else "content",
    )
    number_chosen = chosen and chosen["state_duty_id"]
    if number_chosen and number_chosen != st.session_state.get("duty_chosen_last"):
        # Only a new choice: a number that is written below by hand stays.
        st.session_state["duty_number"] = number_chosen
    st.session_state["duty_chosen_last"] = number_chosen
    st.button(
        f"Реестр госпошлин в Excel: {told}",
        icon=":material/table_view:",
        key="duties_export",
        on_click=exports.open_dialog,
        args=("duties",),
    )
    if exports.is_dialog_open("duties"):
        exports.offer_workbook(
            name="state_duties",
            title="Реестр госпошлин",
            columns=FORM,
            count=totals["duties"],
            read=lambda connection: duties.all_duties(connection, asked),
            asked=asked.described(),
        )


def _registers(organisation_id: int, asked: DutyFilter) -> None:
    with database.connection(session.token()) as connection:
        payers = duty_registers.payer_accounts(connection, organisation_id)
        made = duty_registers.registers(connection)
    if not payers:
        st.warning("У организации не записан расчётный счёт: платить не с чего.")
    else:
        _new_register(organisation_id, asked, payers)
    if not made:
        st.caption("Реестров ещё не было.")
        return
    st.markdown("**Реестры**")
    show_table(
        [{**row, "written": local(row["recorded_at"])} for row in made],
        [
            Column("number", "№", "count", width=60),
            Column("registered_on", "Дата", "date", width=95),
            Column("organisation_name", "Организация", width=220),
            Column("items", "Поручений", "count", width=90),
            Column("total", "Сумма, ₽", "money", width=120),
            Column("paid_items", "Оплачено", "count", width=90),
            Column("paid_total", "Оплачено, ₽", "money", width=120),
            Column("written", "Составлен", "moment", width=130),
        ],
        key="duties_registers",
    )
    _files(made)


def _new_register(organisation_id: int, asked: DutyFilter, payers: dict[int, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = days.field("Дата поручений", _today(), key="register_day", width=DAY_WIDTH)
        payer = st.selectbox(
            "С какого счёта",
            list(payers),
            format_func=payers.__getitem__,
            key="register_payer",
            width=360,
        )
        with database.connection(session.token()) as connection:
            ready, total = duty_registers.ready_duties(
                connection, organisation_id, day, asked.court_code
            )
            following = duty_registers.next_order_number(connection, organisation_id, day)
        first = st.number_input(
            "Номер первого поручения",
            min_value=1,
            max_value=999_999,
            value=following,
            step=1,
            key="register_first",
            width=190,
        )
    accepts = st.checkbox(
        "Реквизиты, которые не проверялись больше года, проверены", key="register_accepts"
    )
    uins = _ask_uins()
    if st.button(
        f"Составить реестр: {counted(len(ready), 'пошлина', 'пошлины', 'пошлин')}, {rubles(total)}",
        type="primary",
        key="register_make",
        disabled=not ready or uins is None,
    ):

        def write(connection: Connection) -> str:
            register = duty_registers.create_register(
                connection,
                organisation_id,
                ready,
                bank_account_id=payer,
                day=day,
                first_number=int(first),
                accepts_old_details=accepts,
                uins=uins,
            )
            told = counted(register.items, "поручение", "поручения", "поручений")
            return f"Реестр № {register.number}: {told} на {rubles(register.total)}."

        _do(write)


def _ask_uins() -> dict[int, str] | None:
    """УИН of duties that a court has given one; None while something of it cannot be read."""
    with st.expander("УИН, если суд их присвоил"):
        written = st.text_area(
            "Номер пошлины и УИН, по строке на пошлину",
            key="register_uins",
            placeholder="123 18810123456789012345",
            help="Номер – первый столбец списка пошлин. Где УИН нет, в поручении стоит 0",
        )
    try:
        return duty_registers.read_uins(written)
    except DutyError as problem:
        st.error(str(problem))
        return None


def _files(made: list[Mapping[str, Any]]) -> None:
    told = {
        row["duty_register_id"]: f"№ {row['number']} от {date_ru(row['registered_on'])}, "
        f"{rubles(row['total'])}"
        for row in made
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        register_id = st.selectbox(
            "Файлы реестра",
            list(told),
            format_func=told.__getitem__,
            key="register_chosen",
            width=320,
        )
        purpose = exports.choose_purpose("register_purpose", PURPOSES_OF_REGISTER)
        asked_bank = st.button("Для банк-клиента и 1С", key="register_bank", disabled=not purpose)
        asked_sap = st.button("Для SAP (pain.001)", key="register_sap", disabled=not purpose)
        st.button(
            "Excel",
            key="register_xlsx",
            on_click=exports.open_dialog,
            args=("register",),
        )
    if exports.is_dialog_open("register"):
        row = next(it for it in made if it["duty_register_id"] == register_id)
        asked = DutyFilter(duty_register_id=register_id)
        exports.offer_workbook(
            name="duty_register",
            title=f"Реестр госпошлин № {row['number']}",
            columns=FORM,
            count=row["items"],
            read=lambda connection: duties.all_duties(connection, asked),
            asked=asked.described(),
        )
    if asked_bank and purpose:
        _offer(
            duty_registers.register_for_client_bank,
            register_id,
            client_bank.FILE_NAME,
            "text/plain",
            purpose,
        )
    elif asked_sap and purpose:
        _offer(
            duty_registers.register_for_sap,
            register_id,
            f"pain.001-{register_id}.xml",
            "application/xml",
            purpose,
        )


def _offer(
    make: Callable[[Connection, int, datetime], bytes],
    register_id: int,
    name: str,
    kind: str,
    purpose: str,
) -> None:
    """Say first what a bank would not take; the file itself is made, and noted, at the click."""
    now = datetime.now(MOSCOW)
    try:
        with database.connection(session.token()) as connection:
            size = len(make(connection, register_id, now))
    except OrderRefusedError as problem:
        st.error(str(problem))
        return
    exports.offer_file(
        f"Скачать {name}",
        key="register_download",
        file_name=name,
        mime=kind,
        of=("duty_register", str(register_id)),
        purpose=purpose,
        read=lambda connection: make(connection, register_id, now),
        details={"file_name": name, "size_bytes": size},
    )


def _calculate(organisation_id: int) -> None:
    account = st.text_input("Лицевой счёт должника", key="duty_account", width=180).strip()
    if not account:
        st.caption("Впишите номер счёта: пошлина считается на каждого должника отдельно.")
        return
    with database.connection(session.token()) as connection:
        debtors = duties.debtors_of(connection, organisation_id, filters.plain_text(account))
    if debtors is None:
        st.error(f"Лицевого счёта «{account}» у организации нет.")
        return
    if not debtors.people:
        st.warning(
            "У помещения нет собственников и жильцов: заполните их на экране «Собственники»."
        )
        return
    with st.form("duty_new"):
        with st.container(horizontal=True):
            who = st.selectbox(
                "Должник",
                list(debtors.people),
                format_func=debtors.people.__getitem__,
                key="duty_who",
                width=320,
            )
            kind = st.selectbox(
                "Что подаём",
                list(DutyKind),
                format_func=lambda it: duties.KINDS[it.value],
                key="duty_kind",
                width=180,
            )
            claim = st.text_input("Цена требования с пени, ₽", key="duty_sum", width=190)
            filed = days.field("День подачи", _today(), key="duty_filed", width=DAY_WIDTH)
        if not st.form_submit_button("Рассчитать и записать", type="primary", key="duty_add"):
            return
    claim_sum = filters.parsed_sum(claim)
    if claim_sum is None:
        st.error("Впишите цену требования, например 35 400,50.")
        return

    def write(connection: Connection) -> str:
        asked = DutyRequest(
            organisation_id=organisation_id,
            account_id=debtors.account_id,
            kind=kind,
            claim_sum=claim_sum,
            filed_on=filed,
            debtor_name=debtors.people[who],
            person_id=who,
        )
        [made] = duties.record_duties(connection, [asked])
        return f"Пошлина № {made} рассчитана."

    _do(write)


def _course() -> None:
    chosen = st.number_input(
        "№ пошлины", min_value=1, step=1, value=None, key="duty_number", width=160
    )
    if chosen is None:
        st.caption("Выберите пошлину в списке или впишите её номер.")
        return
    with database.connection(session.token()) as connection:
        events = duties.events_of(connection, int(chosen))
        duty = duties.one(connection, int(chosen))
    if duty is None:
        st.error("Такой пошлины нет.")
        return
    st.markdown(
        f"Пошлина № {duty['state_duty_id']}: **{rubles(duty['amount'])}**, "
        f"{duties.STATUSES[duty['status']]}, к уплате {rubles(duty['to_pay'])}  \n"
        f"{duty['formula']} · {duty['act']}"
    )
    if events:
        show_table(
            [
                {**row, "kind_name": _event_told(row, duty), "moment": local(row["recorded_at"])}
                for row in events
            ],
            [
                Column("happened_on", "Когда", "date", width=95),
                Column("kind_name", "Событие", width=260),
                Column("amount", "Сумма, ₽", "money", width=110),
                Column("register_number", "Реестр", "count", width=70),
                Column("document", "Документ", width=160),
                Column("reason", "Основание", width=380),
                Column("moment", "Записано", "moment", width=130),
            ],
            key="duty_events",
        )
    _actions(duty)


def _event_told(row: Mapping[str, Any], duty: Mapping[str, Any]) -> str:
    told = duties.EVENTS[row["kind"]]
    if row["kind"] == "offset_to":
        is_source = row["state_duty_id"] == duty["state_duty_id"]
        told = (
            f"зачтена в пошлину № {row['other_duty_id']}"
            if is_source
            else f"зачёт из пошлины № {row['state_duty_id']}"
        )
    return f"{told} (отменено)" if row["is_undone"] else told


def _actions(duty: Mapping[str, Any]) -> None:
    key = duty["state_duty_id"]
    if duty["status"] in {"calculated", "in_register"}:
        with st.form("duty_pay"), st.container(horizontal=True, vertical_alignment="bottom"):
            paid_on = days.field(
                "Оплачена", _today(), until=_today(), key="pay_day", width=DAY_WIDTH
            )
            document = st.text_input("№ платёжного поручения", key="pay_document", width=200)
            if st.form_submit_button("Отметить оплату", key="pay_add"):
                _do_and_tell(
                    lambda connection: duties.pay_by_hand(
                        connection, key, paid_on=paid_on, document=document
                    ),
                    "Оплата записана.",
                )
    elif duty["status"] == "refund_due":
        with st.form("duty_refunded"), st.container(horizontal=True, vertical_alignment="bottom"):
            on = days.field(
                "Возвращена", _today(), until=_today(), key="refunded_day", width=DAY_WIDTH
            )
            document = st.text_input("Документ", key="refunded_document", width=240)
            if st.form_submit_button("Записать возврат", key="refunded_add"):
                _do_and_tell(
                    lambda connection: duties.refunded(connection, key, on=on, document=document),
                    "Возврат записан.",
                )
    elif duty["status"] in {"paid", "offset_to"}:
        _offset_or_refund(key)
    with st.form("duty_undo"), st.container(horizontal=True, vertical_alignment="bottom"):
        reason = st.text_input("Почему последнее событие неверно", key="undo_reason", width=360)
        if st.form_submit_button("Отменить последнее событие", key="undo_add"):
            _do(
                lambda connection: (
                    "Отменено: " + duties.undo_last_event(connection, key, reason, _today()) + "."
                )
            )


def _offset_or_refund(key: int) -> None:
    with st.form("duty_offset"), st.container(horizontal=True, vertical_alignment="bottom"):
        other = st.number_input(
            "Зачесть в пошлину №", min_value=1, step=1, value=None, key="offset_other", width=180
        )
        ground = st.selectbox(
            "Основание зачёта",
            list(duties.OFFSET_GROUNDS),
            format_func=duties.OFFSET_GROUNDS.__getitem__,
            key="offset_ground",
            width=420,
        )
        if st.form_submit_button("Зачесть", key="offset_add"):
            if other is None:
                st.error("Впишите номер новой пошлины.")
            else:
                _do(
                    lambda connection: (
                        "Зачтено "
                        + rubles(duties.offset(connection, key, int(other), ground, _today()))
                        + "."
                    )
                )
    with st.form("duty_refund"), st.container(horizontal=True, vertical_alignment="bottom"):
        why = st.selectbox(
            "Основание возврата",
            list(duties.REFUND_GROUNDS),
            format_func=duties.REFUND_GROUNDS.__getitem__,
            key="refund_ground",
            width=520,
        )
        if st.form_submit_button("К возврату", key="refund_add"):
            _do(
                lambda connection: (
                    "К возврату "
                    + rubles(duties.ask_for_refund(connection, key, why, _today()))
                    + "."
                )
            )


def _unmatched(asked: DutyFilter) -> None:
    with database.connection(session.token()) as connection:
        rows = duty_registers.unmatched_operations(connection, asked.organisation_id)
    if not rows:
        st.success("Все списания с госпошлиной из выписок опознаны.")
        st.page_link(menu.IMPORTS, label="Загрузить выписку →")
        return
    show_table(
        rows,
        [
            Column("operation_date", "Дата", "date", width=95),
            Column("document_number", "№ ПП", width=90),
            Column("amount", "Сумма, ₽", "money", width=110),
            Column("purpose", "Назначение", width=460),
            Column("reason", "Почему не опознано", width=300),
            Column("state_duty_id", "Пошлина", "count", width=80),
        ],
        key="duties_unmatched",
    )
    told = {
        row["bank_operation_id"]: f"{date_ru(row['operation_date'])}, № {row['document_number']}, "
        f"{rubles(row['amount'])}"
        for row in rows
    }
    with st.form("duty_bind"), st.container(horizontal=True, vertical_alignment="bottom"):
        operation = st.selectbox(
            "Операция",
            list(told),
            format_func=told.__getitem__,
            key=f"bind_operation_{len(told)}",
            width=340,
        )
        duty = st.number_input(
            "№ пошлины", min_value=1, step=1, value=None, key="bind_duty", width=140
        )
        if st.form_submit_button("Эта операция оплатила пошлину", key="bind_add"):
            if duty is None:
                st.error("Впишите номер пошлины.")
            else:
                _do_and_tell(
                    lambda connection: duty_registers.bind_operation(
                        connection, operation, int(duty)
                    ),
                    "Оплата записана.",
                )


def _do_and_tell(write: Callable[[Connection], object], done: str) -> None:
    def told(connection: Connection) -> str:
        write(connection)
        return done

    _do(told)


def _do(write: Callable[[Connection], str]) -> None:
    """Do it in one transaction; say what was done, or what is wrong."""
    try:
        with database.connection(session.token()) as connection:
            done = write(connection)
    except (DutyError, DutyRefusedError, OrderRefusedError) as problem:
        st.error(str(problem))
        return
    say_later(done)
    st.rerun()


def _today() -> date:
    return datetime.now(MOSCOW).date()


show()
