"""The tab «Рассрочка» of the debtor card: agreements, how they are kept, a new one, its paper."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, days, filters, session
from apps.shared.exports import DOCX
from apps.shared.page import MOSCOW, say_later
from apps.shared.tables import AMBER, RED, Column, show_table
from document_gen import kinds
from document_gen.engine import load_template
from document_gen.letters import agreement_from_rows
from document_gen.parties import DocumentDataError
from document_gen.russian import counted, date_ru, period_ru, rubles
from operational_db.services import (
    audit,
    instalment_debts,
    instalment_papers,
    instalment_receipts,
    instalments,
    statements,
)
from operational_db.services.instalments import InstalmentRefusedError, NewAgreement

LIVE = ("kept", "late", "broken")
KIND = kinds.INSTALMENT_AGREEMENT


def show(connection: Connection, account_id: int) -> None:
    """Agreements of the account; the chosen one with its schedule; below, drawing up a new one.

    Co-owners by share answer each for his own part, so an account may have several.
    """
    found = instalments.agreements(connection, account_id)
    if found:
        chosen = _show_agreements(found)
        _show_schedule(instalments.lines(connection, chosen["instalment_agreement_id"]))
        _offer_deeds(chosen)
        _show_shared_payments(connection, account_id)
    else:
        st.info("Соглашений о рассрочке по счёту не было.")
    _offer_agreement(connection, account_id, found)


def _show_agreements(found: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    rows = [{**row, "told_state": instalments.STATES[row["state"]]} for row in found]
    chosen = show_table(
        rows,
        [
            Column("number", "Соглашение", width=130),
            Column("signed_on", "Подписано", "date", width=90),
            Column("told_state", "Состояние", width=150),
            Column("debtors", "Кто подписал", width=230),
            Column("total_amount", "Долг с пени, ₽", "money", width=115),
            Column("received_amount", "Поступило, ₽", "money", width=110),
            *(
                [Column("doubtful_amount", "Не указано, чьё, ₽", "money", width=130)]
                if any(row["doubtful_amount"] for row in rows)
                else []
            ),
            Column("rest_amount", "Осталось, ₽", "money", width=110),
            Column("missed", "Пропущено", "count", width=90),
            Column("next_due_on", "Следующий платёж", "date", width=130),
            Column("next_amount", "Сумма, ₽", "money", width=100),
        ],
        key="instalment_agreements",
        is_selectable=True,
        highlight=lambda row: {"broken": RED, "late": AMBER}.get(row["state"]),
    )
    return chosen or rows[0]


def _show_schedule(lines: list[Mapping[str, Any]]) -> None:
    show_table(
        [
            {
                **line,
                "told_number": "первый" if line["line_number"] == 0 else str(line["line_number"]),
                "standing": _standing(line),
            }
            for line in lines
        ],
        [
            Column("told_number", "№", width=70),
            Column("due_on", "Не позднее", "date", width=95),
            Column("amount", "Сумма, ₽", "money", width=110),
            Column("balance", "Остаток после, ₽", "money", width=125),
            Column("paid_amount", "Поступило, ₽", "money", width=110),
            Column("standing", "Состояние", width=150),
        ],
        key="instalment_lines",
        highlight=lambda row: AMBER if row["is_missed"] else None,
        height=330 if len(lines) > 10 else "content",
    )
    st.caption(
        "Засчитываются оплаты со дня подписания, внесённые после записи соглашения (прежние уже "
        "вычтены из долга), кроме названных за другие месяцы и взысканных "
        "по исполнительным документам."
    )


def _standing(line: Mapping[str, Any]) -> str:
    if line["paid_amount"] == line["amount"]:
        return "оплачен"
    if line["is_missed"]:
        return "просрочен"
    return "оплачен частью" if line["paid_amount"] else "срок не наступил"


def _offer_deeds(chosen: Mapping[str, Any]) -> None:
    number = chosen["instalment_agreement_id"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _offer_paper(chosen)
        why = st.text_input("Причина", key=f"instalment_why_{number}", width=330)
        if chosen["ended_by"] is None:
            ended_on = days.field(
                "Расторгнуто с",
                _today(),
                since=chosen["signed_on"],
                until=_today(),
                key="instalment_ended_on",
                width=130,
            )
            if st.button(
                "Расторгнуть",
                key="instalment_terminate",
                help="По согласию сторон или решению суда. Нарушенное соглашение расторгать не "
                "нужно: весь остаток можно взыскивать сразу",
            ):
                _do(
                    lambda c: instalments.terminate(c, number, ended_on, why),
                    f"Соглашение {chosen['number']} расторгнуто: долг можно подавать в суд.",
                )
            if st.button("Внесено по ошибке", key="instalment_annul"):
                _do(
                    lambda c: instalments.annul(c, number, _today(), why),
                    f"Соглашение {chosen['number']} отмечено как ошибочное.",
                )
        elif st.button("Отменить эту отметку", key="instalment_undo"):
            _do(
                lambda c: instalments.undo_end(c, number, _today(), why),
                f"Соглашение {chosen['number']} снова действует.",
            )


def _offer_paper(chosen: Mapping[str, Any]) -> None:
    number = chosen["instalment_agreement_id"]
    ready = st.session_state.get("instalment_paper")
    if ready and ready[0] == number:
        st.download_button(
            "Скачать соглашение",
            ready[1],
            file_name=f"Соглашение {chosen['number']}.docx",
            mime=DOCX,
            key="instalment_download",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
    elif st.button("Соглашение (Word)", icon=":material/print:", key="instalment_print"):
        try:
            st.session_state["instalment_paper"] = (number, _print(number, chosen))
        except (DocumentDataError, LookupError) as problem:
            st.error(str(problem))
            return
        st.rerun()


def _print(number: int, chosen: Mapping[str, Any]) -> bytes:
    """Render the paper, keep it among the documents, and note who took it."""
    with database.connection(session.token()) as connection:
        context = agreement_from_rows(**instalment_papers.paper_of_agreement(connection, number))
        content = kinds.render(KIND, context)
        document_id = statements.save_statement(
            connection,
            chosen["account_id"],
            kind=KIND.code,
            file_name=f"Соглашение {chosen['number']}.docx",
            template_version=load_template(KIND.template).version,
            context_digest=hashlib.sha256(repr(context).encode()).hexdigest(),
            content=content,
        )
        audit.record_event(
            connection,
            "print",
            object_kind="account",
            object_id=str(chosen["account_id"]),
            purpose="Соглашение о рассрочке",
            details={"document_id": document_id},
        )
    return content


def _show_shared_payments(connection: Connection, account_id: int) -> None:
    """Receipts of an account with several agreements: a person says which of them each one pays."""
    found = instalment_receipts.shared_payments(connection, account_id)
    if not found:
        return
    st.markdown("**Какое соглашение оплачено**")
    rows = [{**row, "told_number": _told_number(row)} for row in found]
    with st.container(horizontal=True, vertical_alignment="top"):
        chosen = show_table(
            rows,
            [
                Column("paid_on", "Оплачено", "date", width=90),
                Column("amount", "Сумма, ₽", "money", width=110),
                Column("document", "Документ", width=120),
                Column("told_number", "По соглашению", width=180),
            ],
            key="instalment_shared",
            is_selectable=True,
            highlight=lambda row: None if row["is_said"] else AMBER,
        )
        payment = chosen or rows[0]
        numbers = dict(zip(payment["agreement_ids"], payment["numbers"], strict=True))
        with st.container():
            agreement = st.selectbox(
                f"Оплата {rubles(payment['amount'])} от {date_ru(payment['paid_on'])}",
                [*numbers, None],
                format_func=lambda each: numbers.get(each, "ни по одному"),
                key=f"instalment_payment_{payment['payment_id']}",
                width=300,
            )
            if st.button("Отнести", key="instalment_tell_payment"):
                _do(
                    lambda c: instalment_receipts.tell_payment(
                        c, account_id, payment["payment_id"], agreement
                    ),
                    "Записано, по какому соглашению эта оплата.",
                )
    st.caption(
        "Пока не сказано, чья это оплата, она не закрывает ни одного соглашения и ни одно не "
        "делает просроченным."
    )


def _told_number(row: Mapping[str, Any]) -> str:
    if not row["is_said"]:
        return "не указано"
    return row["told_number"] or "ни по одному"


def _offer_agreement(connection: Connection, account_id: int, found: list) -> None:
    living = [row["answering"] for row in found if row["state"] in LIVE]
    # An agreement of the whole account leaves nobody to sign another.
    parties = [
        party
        for party in instalment_debts.parties(connection, account_id)
        if None not in living and party["answering"] not in living
    ]
    if living and not parties:
        return
    st.markdown("**Новое соглашение**")
    if not parties:
        st.caption(
            "Рассрочивать нечего: нет просроченных месяцев, которые не заявлены в суд, или "
            "неизвестно, кто за них отвечает. Людей вносят на экране «Собственники»."
        )
        return
    told = [f"{each['names']}: {rubles(each['claimable_amount'])}" for each in parties]
    place = st.selectbox(
        "Чей долг",
        range(len(parties)),
        format_func=told.__getitem__,
        key="instalment_party",
        help="Собственники по долям отвечают каждый за свою часть: у каждого своё соглашение",
    )
    party = parties[place]
    people = {each["person_id"]: each["full_name"] for each in party["people"]}
    if not people:
        st.caption("Подписать некому: должник умер, или у ребёнка нет представителя.")
        return
    of_party = "_".join(str(each["person_id"]) for each in party["answering"])
    months = party["months"]
    left, right = st.columns(2)
    with left, st.container(horizontal=True):
        period_from = st.selectbox(
            "Долг с месяца", months, format_func=period_ru, key=f"instalment_from_{of_party}"
        )
        period_to = st.selectbox(
            "по месяц",
            months,
            index=len(months) - 1,
            format_func=period_ru,
            key=f"instalment_to_{of_party}",
        )
    signers = right.multiselect(
        "Кто подписывает",
        list(people),
        default=list(people),
        format_func=people.__getitem__,
        placeholder="выберите людей",
        key=f"instalment_people_{of_party}",
    )
    answering = party["answering"]
    debt = instalment_debts.debt_of(connection, account_id, answering, period_from, period_to)
    if debt is None:
        st.error("В этих месяцах долга нет: первый месяц должен быть не позже последнего.")
        return
    total = debt["principal"] + debt["penalty"]
    st.markdown(
        f"Долг **{rubles(debt['principal'])}**, пени **{rubles(debt['penalty'])}**, "
        f"всего **{rubles(total)}**"
    )
    _ask_schedule(account_id, answering, debt, total, signers)


def _ask_schedule(
    account_id: int,
    answering: list[Mapping[str, Any]],
    debt: Mapping[str, Any],
    total: Decimal,
    signers: list[int],
) -> None:
    today = _today()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        signed_on = days.field("Подписано", today, until=today, key="instalment_on", width=130)
        place = st.text_input(
            "Где", key="instalment_place", placeholder="г. Красногорск", width=190
        )
        first = st.text_input(
            "Первый платёж, ₽",
            value=f"{total / 10:.0f}",
            key=f"instalment_first_{total}",
            width=130,
        )
        first_on = days.field("внести до", today, key="instalment_first_on", width=130)
        count = st.number_input(
            "Затем платежей", 1, instalments.LONGEST, 6, key="instalment_count", width=120
        )
        pay_day = st.number_input("День месяца", 1, 31, 15, key="instalment_day", width=110)
        missed = st.number_input(
            "В суд после пропуска", 1, 12, 2, key="instalment_missed", width=150
        )
    first_payment = filters.parsed_sum(first)
    if first_payment is None:
        st.error(f"«{first}» – не сумма. Напишите, например, 5000 или 5000,50.")
        return
    try:
        lines = instalments.schedule(
            total,
            first_payment=first_payment,
            first_on=first_on,
            count=int(count),
            pay_day=int(pay_day),
        )
    except InstalmentRefusedError as problem:
        st.error(str(problem))
        return
    told = counted(len(lines) - 1, "платёж", "платежа", "платежей")
    st.caption(
        f"Первый {rubles(lines[0].amount)} до {date_ru(lines[0].due_on)}, затем {told} по "
        f"{rubles(lines[1].amount)}, последний {rubles(lines[-1].amount)} до "
        f"{date_ru(lines[-1].due_on)}. Пени на остаток идут по закону."
    )
    if st.button(f"Записать соглашение на {rubles(total)}", type="primary", key="instalment_sign"):
        wanted = NewAgreement(
            account_id=account_id,
            answering=answering,
            signed_on=signed_on,
            place=place,
            person_ids=signers,
            period_from=debt["period_from"],
            period_to=debt["period_to"],
            principal=debt["principal"],
            penalty=debt["penalty"],
            lines=lines,
            missed_limit=int(missed),
        )
        _do(
            lambda c: instalments.sign(c, wanted),
            "Соглашение записано. Пока его не нарушили, этот долг в суд не подают; долг других "
            "людей и новые месяцы подавать можно.",
        )


def _do(step: Callable[[Connection], Any], told: str) -> None:
    try:
        with database.connection(session.token()) as connection:
            step(connection)
    except (InstalmentRefusedError, PermissionError) as problem:
        st.error(str(problem))
        return
    say_later(told)
    st.rerun()


def _today() -> date:
    return datetime.now(MOSCOW).date()
