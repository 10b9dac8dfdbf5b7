"""The part of «Собственники» on joint liability: who answers separately, and is family named."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, days, session
from apps.shared.tables import Column, show_table
from document_gen.russian import date_ru
from operational_db.services import joint_liability
from operational_db.services.joint_liability import FamilyPractice

Do = Callable[[Callable[[Connection], str]], None]


def show(place: Mapping[str, Any], do: Do) -> None:
    """Residents who answer jointly or not; below, the practice of the organisation."""
    with database.connection(session.token()) as connection:
        residents = joint_liability.residents(connection, place["account_id"])
        practice = joint_liability.practice(connection, place["organisation_id"])
    with st.expander("Кто отвечает вместе с собственником", icon=":material/group:"):
        st.caption(
            "Совершеннолетняя семья отвечает солидарно за месяцы своей регистрации: с нанимателем "
            "– за весь долг (ЖК РФ ст. 69), с собственником – за коммунальные услуги (ЖК РФ "
            "ст. 31)."
        )
        if residents:
            _show_residents(residents)
            _answer_separately(place, residents, do)
        else:
            st.info("По этому счёту никто не зарегистрирован.")
        _practice(place, practice, do)


def _show_residents(residents: list[Mapping[str, Any]]) -> None:
    show_table(
        [{**row, "apart": _apart(row)} for row in residents],
        [
            Column("full_name", "Зарегистрирован", width=240),
            Column("relation", "Кем приходится", width=150),
            Column("valid_from", "С", "date", width=90),
            Column("valid_to", "По", "date", width=90),
            Column("apart", "Отвечает отдельно", width=330),
        ],
        key="people_residents",
    )


def _apart(row: Mapping[str, Any]) -> str | None:
    if row["apart_from"] is None:
        return None
    until = f" по {date_ru(row['apart_to'])}" if row["apart_to"] else ""
    return f"с {date_ru(row['apart_from'])}{until}: {row['apart_basis']}"


def _answer_separately(
    place: Mapping[str, Any], residents: list[Mapping[str, Any]], do: Do
) -> None:
    names = {row["person_id"]: row["full_name"] for row in residents}
    with st.form("people_apart"):
        person_id = st.selectbox(
            "Кто отвечает отдельно", list(names), format_func=names.__getitem__, key="apart_person"
        )
        with st.container(horizontal=True):
            since = days.field("С какого дня", key="apart_since", width=150)
            until = days.field("По какой день", key="apart_until", width=150)
            basis = st.text_input(
                "Основание", key="apart_basis", width=320, placeholder="соглашение с собственником"
            )
        is_mistake = st.checkbox(
            "Снять запись, которая начинается в этот день: она ошибочна", key="apart_is_mistake"
        )
        if not st.form_submit_button("Записать", key="apart_add"):
            return

    def write(connection: Connection) -> str:
        account_id = place["account_id"]
        if is_mistake and since is not None:
            joint_liability.answer_jointly_after_all(
                connection, account_id, person_id, since, basis
            )
            return "Запись снята: человек отвечает солидарно."
        joint_liability.answer_separately(connection, account_id, person_id, since, until, basis)
        return "Записано: за эти месяцы человек отвечает отдельно."

    do(write)


def _practice(place: Mapping[str, Any], practice: FamilyPractice, do: Do) -> None:
    told = "называют" if practice.is_family_named else "не называют"
    ground = practice.basis if practice.is_own else "как в справочнике правил"
    st.markdown(
        f"Заявления организации «{place['organisation_name']}» **{told}** семью собственника "
        f"({ground})."
    )
    with st.form("people_practice"):
        with st.container(horizontal=True):
            is_named = st.checkbox(
                "Называть семью собственника",
                value=practice.is_family_named,
                key=f"practice_named_{practice.is_family_named}",
            )
            basis = st.text_input(
                "Основание",
                key="practice_basis",
                width=420,
                placeholder="практика судебного участка № 84",
            )
        if not st.form_submit_button("Изменить для всех счетов", key="practice_set"):
            return

    def write(connection: Connection) -> str:
        joint_liability.set_practice(
            connection, place["organisation_id"], basis, is_family_named=is_named
        )
        return "Записано. Должники сменятся после пересчёта."

    do(write)
