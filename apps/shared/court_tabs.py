"""Tabs of the account card for those who take debts to court: debtors, cases, what is claimed."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps import menu
from apps.shared import session
from apps.shared.exports import DOCX, choose_purpose, offer_file
from apps.shared.page import local
from apps.shared.tables import RED, Column, show_table
from document_gen.russian import date_ru, period_ru, rubles
from operational_db.services import court_work, debtor_card
from operational_db.services.cases import EVENT_NAMES
from operational_db.services.duties import STATUSES
from operational_db.services.people import IDENTIFIERS

READERS = ("lawyer", "manager")
KINDS = {"order": "приказ", "claim": "иск"}
LIABILITIES = {"housing": "жильё и услуги", "capital_repair": "капремонт", "refund": "возврат"}
PARTS = {"principal": "долг", "penalty": "пени"}


def show_debtors(connection: Connection, account_id: int) -> None:
    """Holders with their parts of the debt, and the people to be asked for them."""
    holders = debtor_card.holders(connection, account_id)
    if not holders:
        st.success("Непогашенного долга нет: спрашивать не с кого.")
        return
    st.markdown("**Кто сколько должен**")
    show_table(
        [{**row, **_told_holder(row)} for row in holders],
        [
            Column("who", "Кто", width=265),
            Column("kind", "Как отвечает", width=180),
            Column("share", "Доля", width=60),
            Column("part_amount", "Должен, ₽", "money", width=110),
            Column("claimed_amount", "В делах, ₽", "money", width=110),
            Column("claimable_amount", "Можно заявить, ₽", "money", width=120),
            Column("claimable_months", "Мес.", "count", width=50),
            Column("limitation_date", "Давность", "date", width=90),
            Column("note", "Примечание", width=200),
        ],
        key="debtor_holders",
    )
    people = debtor_card.people(connection, account_id)
    st.markdown("**С кого взыскивать**")
    if not people:
        st.info("Людей, которые отвечают за долг, не внесено. Закажите выписку из ЕГРН.")
    else:
        show_table(
            [{**row, **_told_person(row)} for row in people],
            [
                Column("full_name", "Кто", width=230),
                Column("liability", "Отвечает", width=190),
                Column("months", "За месяцы", width=120),
                Column("birth_date", "Родился", "date", width=88),
                Column("birth_place", "Место рождения", width=170),
                Column("told_identifiers", "Идентификаторы", width=270),
                Column("phone", "Телефон", width=120),
                Column("obstacle", "Что мешает", width=210),
            ],
            key="debtor_people",
            highlight=lambda row: RED if row["obstacle"] else None,
        )
    if session.user().has_any_role("lawyer"):
        st.page_link(menu.PEOPLE, label="Исправить сведения на экране «Собственники» →")


def _told_holder(row: Mapping[str, Any]) -> dict[str, Any]:
    notes = []
    if row["has_share_problem"]:
        notes.append("доли не складываются")
    if row["is_held"]:
        notes.append("взыскание приостановлено")
    if row["put_off_amount"]:
        notes.append(f"рассрочка {row['agreement_numbers']}: {rubles(row['put_off_amount'])}")
    has_share = row["share_numerator"] is not None and row["holder_kind"] == "owner"
    return {
        "who": row["holder_name"] or "не установлен",
        "kind": debtor_card.HOLDER_KINDS[row["holder_kind"]],
        "share": f"{row['share_numerator']}/{row['share_denominator']}" if has_share else None,
        "note": "; ".join(notes) or None,
    }


def _told_person(row: Mapping[str, Any]) -> dict[str, Any]:
    obstacles = [
        told
        for told, stands in (
            ("умер: нужны наследники", row["is_dead"]),
            ("банкрот", row["is_bankrupt"]),
            ("нет представителя", row["is_minor_alone"]),
            ("нет идентификатора", not row["has_identifier"]),
            ("нет даты рождения", not row["has_birth_date"]),
        )
        if stands
    ]
    liability = debtor_card.LIABILITY_KINDS[row["liability_kind"]]
    if row["asked_as"] == "family" and row["holder_kind"] != "tenants":
        liability = debtor_card.LIABILITY_KINDS["family"]
    if row["liability_kind"] == "share":
        liability = f"{liability} {row['share_numerator']}/{row['share_denominator']}"
    elif row["represented_name"]:
        liability = f"{liability}: {row['represented_name']}"
    return {
        "liability": liability,
        "months": f"{row['first_period']:%m.%Y}–{row['last_period']:%m.%Y}",
        "told_identifiers": "; ".join(map(_identifier, row["identifiers"] or ())) or None,
        "obstacle": "; ".join(obstacles) or None,
    }


def _identifier(written: str) -> str:
    kind, _, number = written.partition(" ")
    return f"{IDENTIFIERS.get(kind, kind)} {number}"


def show_cases(connection: Connection, account_id: int) -> None:
    """Cases of the account; the chosen one with its events, months and papers."""
    found = debtor_card.cases(connection, account_id)
    if not found:
        st.info("Дел по счёту не было. Предложить партию можно из реестра должников.")
        return
    rows = [{**row, **_told_case(row)} for row in found]
    chosen = show_table(
        rows,
        [
            Column("number", "Наш номер", width=105),
            Column("court_number", "№ в суде", width=100),
            Column("kind_name", "Вид", width=60),
            Column("state_name", "Состояние", width=185),
            Column("state_on", "С даты", "date", width=88),
            Column("debtors", "Должники", width=220),
            Column("principal", "Долг, ₽", "money", width=105),
            Column("penalty", "Пени, ₽", "money", width=95),
            Column("duty_amount", "Пошлина, ₽", "money", width=90),
            Column("duty_state", "Пошлина", width=130),
            Column("court_name", "Суд", "court", width=220),
        ],
        key="debtor_cases",
        is_selectable=True,
    )
    case = chosen or rows[0]
    st.markdown(f"**Дело {case['number']}**" + _told_parent(case))
    left, right = st.columns([3, 2])
    with left:
        _show_events(court_work.events(connection, case["case_id"]))
    with right:
        show_papers(debtor_card.papers(connection, [case["case_id"]]))
    st.page_link(
        menu.ANSWERS,
        label="Зарегистрировать ответ суда →",
        query_params={"words": case["number"]},
    )


def _told_case(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind_name": KINDS[row["kind"]],
        "state_name": EVENT_NAMES[row["state"]],
        "duty_state": ", ".join(STATUSES[status] for status in row["duty_statuses"] or ()) or None,
    }


def _told_parent(case: Mapping[str, Any]) -> str:
    told = f" · {period_ru(case['period_from'])} – {period_ru(case['period_to'])}"
    if case["principal_awarded"] is not None:
        told += f" · взыскано {rubles(case['principal_awarded'])}"
        if case["penalty_awarded"]:
            told += f" и пени {rubles(case['penalty_awarded'])}"
    if case["parent_number"]:
        told += f" · продолжает дело {case['parent_number']}"
    return told


def _show_events(events: list) -> None:
    show_table(
        [
            {
                **row,
                "told": EVENT_NAMES[row["kind"]] + (" (отменено)" if row["is_annulled"] else ""),
                "document": row["document_number"] or row["court_number"],
                "why": "; ".join(filter(None, [row["reason"], row["destination"], row["comment"]]))
                or None,
            }
            for row in events
        ],
        [
            Column("happened_on", "Дата", "date", width=88),
            Column("told", "Событие", width=210),
            Column("document", "Номер", width=110),
            Column("why", "Причина, куда, примечание", width=240),
            Column("registered_by", "Кто внёс", width=170),
        ],
        key="debtor_events",
    )


def show_papers(papers: list) -> None:
    """The documents of a case, given out one by one with their purpose."""
    if not papers:
        st.caption(
            "Пакета документов у дела нет: приказы готовит партия, иск – кнопка у его дела на "
            "экране «Ответы суда»."
        )
        return
    names = {row["document_id"]: row["file_name"] for row in papers}
    chosen = st.selectbox(
        "Документ пакета", list(names), format_func=names.__getitem__, key="debtor_paper"
    )
    recorded = {row["document_id"]: row["recorded_at"] for row in papers}[chosen]
    st.caption(f"Составлен {date_ru(local(recorded).date())}")
    purpose = choose_purpose("debtor_paper_purpose", ("Подача в суд", "Проверка перед подачей"))
    offer_file(
        "Скачать",
        key="debtor_paper_download",
        file_name=names[chosen],
        mime=DOCX,
        of=("document", str(chosen)),
        purpose=purpose,
        read=lambda connection: _content(connection, chosen),
    )


def _content(connection: Connection, document_id: int) -> bytes:
    found = debtor_card.paper(connection, document_id)
    if found is None:
        raise LookupError(f"document {document_id} is out of sight")
    return found.content


def show_claims(connection: Connection, account_id: int) -> None:
    """Open months by holder: claimed or not, by which case, until when they may be claimed.

    Then the penalty that no case asks for yet, of months that were paid late as well.
    """
    _show_months(connection, account_id)
    _show_penalties(debtor_card.penalties(connection, account_id))


def _show_penalties(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        return
    st.markdown("**Пени, которых нет ни в одном деле**")
    show_table(
        [
            {
                **row,
                "liability_name": LIABILITIES[row["liability"]],
                "standing": "долг не погашен" if row["is_open"] else "долг уплачен с опозданием",
            }
            for row in found
        ],
        [
            Column("period", "Месяц", "month", width=125),
            Column("liability_name", "Обязательство", width=120),
            Column("holder_name", "Кто должен", width=230),
            Column("penalty_amount", "Пени, ₽", "money", width=105),
            Column("penalty_from_date", "С", "date", width=90, help="Пусто: с начала просрочки"),
            Column("penalty_to_date", "По", "date", width=90),
            Column("standing", "Что с месяцем", width=220),
        ],
        key="debtor_penalties",
        height=420 if len(found) > 13 else "content",
    )
    st.caption(
        "Пени оплаченных и уже заявленных месяцев войдут в партию, если при её подготовке не снять "
        "отметку «и за прежние месяцы». На день последнего пересчёта."
    )


def _show_months(connection: Connection, account_id: int) -> None:
    months = debtor_card.months(connection, account_id)
    if not months:
        st.success("Непогашенных месяцев нет.")
        return
    show_table(
        [{**row, **_told_month(row)} for row in months],
        [
            Column("period", "Месяц", "month", width=125),
            Column("liability_name", "Обязательство", width=120),
            Column("holder_name", "Кто должен", width=230),
            Column("part_amount", "Должен, ₽", "money", width=105),
            Column("claimed_amount", "Просужено, ₽", "money", width=110),
            Column("unclaimed_amount", "Не просужено, ₽", "money", width=115),
            Column("claimable_amount", "Можно заявить, ₽", "money", width=120),
            Column("limitation_date", "Давность", "date", width=90),
            Column("standing", "Что с месяцем", width=270),
        ],
        key="debtor_months",
        height=420 if len(months) > 13 else "content",
        highlight=lambda row: RED if row["is_time_barred"] and row["unclaimed_amount"] else None,
    )


def _told_month(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["live_number"]:
        standing = f"в деле {row['live_number']}"
        if row["unclaimed_amount"]:
            standing += (
                f"; прирост по заявленному месяцу: {rubles(row['unclaimed_amount'])}, "
                "ждёт конца дела"
            )
    elif not row["is_due"]:
        standing = "срок оплаты не прошёл"
    elif row["is_time_barred"]:
        standing = "давность прошла"
    elif row["is_held"]:
        standing = "взыскание приостановлено"
    elif row["cancelled_number"]:
        standing = f"приказ по делу {row['cancelled_number']} отменён: только иск"
    else:
        standing = "можно подавать"
    return {"liability_name": LIABILITIES[row["liability"]], "standing": standing}
