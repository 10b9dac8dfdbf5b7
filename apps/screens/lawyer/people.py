"""Собственники: who owns the premises of an account, and everything that a court asks of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from apps.shared import database, days, filters, liability_panel, session
from apps.shared.page import MOSCOW, local, say_later, title_line
from apps.shared.tables import Column, show_table
from document_gen.russian import date_ru
from operational_db.services import people
from operational_db.services.account_card import RIGHTS
from operational_db.services.accounts import AccountFilter, page_of_accounts
from operational_db.services.people import NewPerson, PersonError

NAMES = ("words", "account")
FOUND_SHOWN = 20
DAY_WIDTH = 150
NEW = 0
"""Choice «новый человек» in lists of people, whose keys are numbers of people."""


def show() -> None:
    """Find an account, then its owners; below, one person to mend."""
    filters.open_filters("people", NAMES)
    with database.connection(session.token()) as connection:
        built = title_line("Собственники", connection)
        words = filters.words(
            "Лицевой счёт, фамилия или адрес",
            "words",
            width=420,
            placeholder="например, 000123 или ленина 5 12",
        )
        account_id = _chosen_account(connection, words, is_built=built is not None)
        filters.keep_in_address("people", NAMES)
        if account_id is None:
            return
        place = people.premises_of(connection, account_id)
        if place is None or place["premises_id"] is None:
            st.warning("Такого счёта нет, или у него ещё не указано помещение.")
            return
        rights = people.rights(connection, place["premises_id"], place["organisation_id"])
        known = people.people_of(connection, place["premises_id"], place["organisation_id"])
    st.markdown(
        f"**{place['address']}** · ЛС {place['account_number']} · {place['organisation_name']} · "
        f"кадастровый № {place['cadastral_number'] or '—'}"
    )
    _show_rights(rights)
    with st.expander("Добавить собственника", icon=":material/person_add:"):
        _add_owner(place, known)
    _end_right(rights)
    liability_panel.show(place, _do)
    if known:
        _show_person(place, known)


def _chosen_account(connection: Connection, words: str, *, is_built: bool) -> int | None:
    if not words:
        asked = filters.row_number(st.session_state.get("filter_account"))
        if asked is not None:
            return asked
        st.info("Найдите счёт: по номеру, фамилии или адресу.")
        return None
    if not is_built:
        st.info("Показатели ещё ни разу не рассчитаны: поиск заработает после кнопки «Обновить».")
        return None
    page = page_of_accounts(connection, AccountFilter(words=words), limit=FOUND_SHOWN)
    if not page.rows:
        st.info(f"По словам «{words}» ничего не найдено. Проверьте, как они написаны.")
        return None
    options = {
        str(row["account_id"]): f"{row['account_number']} · {row['address']} · "
        f"{row['holder_name'] or 'владелец не известен'}"
        for row in page.rows
    }
    if page.count > FOUND_SHOWN:
        st.caption(f"Показаны первые {FOUND_SHOWN} из {page.count}: уточните слова.")
    chosen = filters.choice("Счёт", "account", options, nothing=next(iter(options.values())))
    return int(chosen or next(iter(options)))


def _show_rights(rights: Sequence[Mapping[str, Any]]) -> None:
    if not rights:
        st.info("Прав на помещение не записано. Загрузите выписку ЕГРН или добавьте собственника.")
        return
    total = people.share_sum(rights)
    if total != 1:
        st.warning(f"Доли действующих собственников дают {total}, а не целое.")
    show_table(
        [
            {
                **row,
                "kind_name": RIGHTS[row["right_kind"]],
                "share": f"{row['share_numerator']}/{row['share_denominator']}",
                "state": _state(row),
            }
            for row in rights
        ],
        [
            Column("holder_name", "Собственник", width=230),
            Column("share", "Доля", width=60),
            Column("kind_name", "Право", width=190),
            Column("valid_from", "С", "date", width=90),
            Column("valid_to", "По", "date", width=90),
            Column("registration_number", "№ регистрации", width=220),
            Column("source", "Источник", width=230),
            Column("state", "Состояние", width=160),
        ],
        key="people_rights",
    )


def _state(row: Mapping[str, Any]) -> str:
    if row["is_void"]:
        return "снято как ошибочное"
    if not row["is_in_force"]:
        return "закончилось"
    told = [word for word, is_so in (("умер", row["is_dead"]), ("до 18 лет", row["is_minor"]))
            if is_so]  # fmt: skip
    return ", ".join(["действует", *told])


def _add_owner(place: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> None:
    with st.form("people_add_owner"):
        person_id, new = _somebody(known, "owner", "Кто")
        with st.container(horizontal=True):
            kinds = [kind for kind in RIGHTS if kind != "municipal_property"]
            kind = st.selectbox(
                "Вид права", kinds, format_func=RIGHTS.__getitem__, key="owner_kind", width=260
            )
            share = st.text_input("Доля", value="1", key="owner_share", width=100)
            since = _past_day("С какого дня", "owner_since")
        with st.container(horizontal=True):
            number = st.text_input("№ регистрации", key="owner_number", width=260)
            source = st.text_input("Документ", key="owner_source", width=320)
        if not st.form_submit_button("Записать право", type="primary", key="owner_add"):
            return

    def write(connection: Connection) -> str:
        chosen = _written_person(connection, place, person_id, new)
        total = people.add_right(
            connection,
            place["premises_id"],
            chosen,
            right_kind=kind,
            share=share,
            valid_from=since,
            source=source,
            registration_number=number,
        )
        return "Право записано." + ("" if total == 1 else f" Доли теперь дают {total}.")

    _do(write)


def _somebody(known: Sequence[Mapping[str, Any]], key: str, label: str) -> tuple[int, NewPerson]:
    """Choose one of those whom we know here, or write down somebody new."""
    names = {row["person_id"]: row["full_name"] for row in known}
    person_id = st.selectbox(
        label,
        [NEW, *names],
        format_func=lambda it: "новый человек" if it == NEW else names[it],
        key=f"{key}_person",
        width=360,
    )
    with st.container(horizontal=True):
        last = st.text_input("Фамилия", key=f"{key}_last_name", width=180)
        first = st.text_input("Имя", key=f"{key}_first_name", width=150)
        middle = st.text_input("Отчество", key=f"{key}_middle_name", width=170)
        birth = _past_day("Дата рождения", f"{key}_birth")
    st.caption("Фамилия, имя и дата нужны только для нового человека.")
    return person_id, NewPerson(last, first, middle, birth)


def _written_person(
    connection: Connection, place: Mapping[str, Any], person_id: int, new: NewPerson
) -> int:
    if person_id != NEW:
        return person_id
    return people.add_person(connection, place["organisation_id"], new, _today())


def _end_right(rights: Sequence[Mapping[str, Any]]) -> None:
    standing = {row["ownership_id"]: row for row in rights if not row["is_void"]}
    if not standing:
        return
    with st.expander("Закончить право или снять ошибочное", icon=":material/event_busy:"):
        with st.form("people_end_right"):
            chosen = st.selectbox(
                "Право",
                list(standing),
                format_func=lambda it: (
                    f"{standing[it]['holder_name'] or 'владелец не известен'}, "
                    f"с {date_ru(standing[it]['valid_from'])}"
                ),
                key=f"right_chosen_{len(standing)}_{max(standing)}",
                width=420,
            )
            with st.container(horizontal=True):
                last_day = _day("Последний день", "right_last_day")
                basis = st.text_input("Основание", key="right_basis", width=420)
            is_mistake = st.checkbox("Записано по ошибке: права не было", key="right_is_mistake")
            if not st.form_submit_button("Закончить", key="right_end"):
                return
        if last_day is None and not is_mistake:
            st.error("Укажите последний день или отметьте, что права не было.")
            return

        def write(connection: Connection) -> str:
            people.end_right(connection, chosen, None if is_mistake else last_day, basis)
            return "Запись снята." if is_mistake else "Право закончено."

        _do(write)


def _show_person(place: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> None:
    names = {row["person_id"]: row["full_name"] for row in known}
    person_id = st.selectbox(
        "Чьи сведения",
        list(names),
        format_func=names.__getitem__,
        key="people_person",
        width=420,
    )
    with database.connection(session.token()) as connection:
        person = people.person(connection, person_id)
        documents = people.identifiers_of(connection, person_id)
        representatives = people.representatives_of(connection, person_id)
        bankruptcies = people.bankruptcies_of(connection, person_id)
        history = people.history_of(connection, person_id)
    _warn(person, documents, representatives, bankruptcies)
    tabs = st.tabs(["Сведения", "Документы", "Представители", "Банкротство", "История"])
    with tabs[0]:
        _details(person)
    with tabs[1]:
        _documents(person_id, documents)
    with tabs[2]:
        _representatives(place, person_id, known, representatives)
    with tabs[3]:
        _bankruptcy(person_id, bankruptcies)
    with tabs[4]:
        _history(history)


def _warn(
    person: Mapping[str, Any],
    documents: Sequence[Mapping[str, Any]],
    representatives: Sequence[Mapping[str, Any]],
    bankruptcies: Sequence[Mapping[str, Any]],
) -> None:
    """What a court would return an application for."""
    if not documents:
        st.warning("Нет ни одного идентификатора (СНИЛС, ИНН, документ): суд его требует.")
    if person["is_minor"] and not any(it["valid_to"] is None for it in representatives):
        st.warning("Собственнику нет 18 лет, а законный представитель не указан.")
    if person["is_dead"]:
        st.warning("Человек умер: приказ на умершего недействителен, долг ищут с наследников.")
    if any(it["closed_on"] is None for it in bankruptcies):
        st.warning("Идёт дело о банкротстве: долг до принятия заявления включают в реестр.")


def _details(person: Mapping[str, Any]) -> None:
    key = person["person_id"]
    with st.form(f"people_details_{key}"):
        values: dict[str, Any] = {}
        with st.container(horizontal=True):
            for name, label in (
                ("last_name", "Фамилия"),
                ("first_name", "Имя"),
                ("middle_name", "Отчество"),
            ):
                values[name] = st.text_input(
                    label, value=person[name] or "", key=f"{name}_{key}", width=200
                )
            sexes = [None, *people.SEXES]
            values["sex"] = st.selectbox(
                "Пол",
                sexes,
                index=sexes.index(person["sex"]),
                format_func=lambda it: people.SEXES.get(it, "не указан"),
                key=f"sex_{key}",
                width=140,
            )
        with st.container(horizontal=True):
            for name, label in (("birth_date", "Дата рождения"), ("death_date", "Дата смерти")):
                values[name] = _past_day(label, f"{name}_{key}", person[name])
            for name, label, width in (
                ("birth_place", "Место рождения", 330),
                ("registered_address", "Адрес регистрации, если он другой", 420),
            ):
                values[name] = st.text_input(
                    label, value=person[name] or "", key=f"{name}_{key}", width=width
                )
        with st.container(horizontal=True):
            for name, label in (("phone", "Телефон"), ("email", "Почта")):
                values[name] = st.text_input(
                    label, value=person[name] or "", key=f"{name}_{key}", width=200
                )
            basis = st.text_input("Основание изменения", key=f"basis_{key}", width=360)
        if st.form_submit_button("Сохранить", type="primary", key=f"details_save_{key}"):
            _do(
                lambda connection: (
                    "Исправлено: "
                    + ", ".join(people.correct(connection, key, values, basis, _today()))
                    + "."
                )
            )


def _documents(person_id: int, documents: Sequence[Mapping[str, Any]]) -> None:
    if documents:
        show_table(
            [{**row, "kind_name": people.IDENTIFIERS[row["kind"]]} for row in documents],
            [
                Column("kind_name", "Документ", width=220),
                Column("number", "Номер", width=180),
                Column("issued_by", "Кем выдан", width=320),
                Column("issued_on", "Когда", "date", width=100),
            ],
            key=f"people_documents_{person_id}",
        )
    with st.form(f"people_add_document_{person_id}"):
        with st.container(horizontal=True):
            kind = st.selectbox(
                "Вид",
                list(people.IDENTIFIERS),
                format_func=people.IDENTIFIERS.__getitem__,
                key=f"document_kind_{person_id}",
                width=240,
            )
            number = st.text_input("Номер", key=f"document_number_{person_id}", width=200)
            issuer = st.text_input("Кем выдан", key=f"document_issuer_{person_id}", width=280)
            issued = _past_day("Когда", f"document_date_{person_id}")
        if st.form_submit_button("Добавить документ", key=f"document_add_{person_id}"):
            _do(
                lambda connection: (
                    "Записано: "
                    + people.add_identifier(
                        connection, person_id, kind, number, issued_by=issuer, issued_on=issued
                    )
                    + "."
                )
            )
    if not documents:
        return
    with st.form(f"people_remove_document_{person_id}"):
        with st.container(horizontal=True):
            place = st.selectbox(
                "Снять документ",
                range(len(documents)),
                format_func=lambda it: (
                    f"{people.IDENTIFIERS[documents[it]['kind']]} {documents[it]['number']}"
                ),
                key=f"document_wrong_{person_id}_{len(documents)}",
                width=320,
            )
            basis = st.text_input(
                "Почему", key=f"document_basis_{person_id}", width=320, placeholder="чужой номер"
            )
        if st.form_submit_button("Снять", key=f"document_remove_{person_id}"):
            wrong = documents[place]

            def write(connection: Connection) -> str:
                people.remove_identifier(
                    connection, person_id, wrong["kind"], wrong["number"], basis
                )
                return "Документ снят; он остался в истории."

            _do(write)


def _representatives(
    place: Mapping[str, Any],
    person_id: int,
    known: Sequence[Mapping[str, Any]],
    representatives: Sequence[Mapping[str, Any]],
) -> None:
    if representatives:
        show_table(
            representatives,
            [
                Column("full_name", "Представитель", width=260),
                Column("basis", "Основание", width=240),
                Column("valid_from", "С", "date", width=95),
                Column("valid_to", "По", "date", width=95),
            ],
            key=f"people_representatives_{person_id}",
        )
    others = [row for row in known if row["person_id"] != person_id and not row["is_minor"]]
    with st.form(f"people_add_representative_{person_id}"):
        chosen, new = _somebody(others, f"representative_{person_id}", "Представитель")
        with st.container(horizontal=True):
            since = _past_day("С какого дня", f"representative_since_{person_id}")
            basis = st.text_input(
                "Основание",
                key=f"representative_basis_{person_id}",
                width=320,
                placeholder="мать, свидетельство о рождении",
            )
        if st.form_submit_button("Записать представителя", key=f"representative_add_{person_id}"):

            def write(connection: Connection) -> str:
                representative = _written_person(connection, place, chosen, new)
                people.add_representative(connection, person_id, representative, since, basis)
                return "Представитель записан."

            _do(write)
    standing = [row for row in representatives if row["valid_to"] is None]
    if not standing:
        return
    with st.form(f"people_end_representative_{person_id}"):
        with st.container(horizontal=True):
            number = st.selectbox(
                "Закончить представительство",
                range(len(standing)),
                format_func=lambda it: standing[it]["full_name"],
                key=f"representative_ended_{person_id}_{len(standing)}",
                width=320,
            )
            last_day = _day("Последний день", f"representative_last_day_{person_id}")
            why = st.text_input("Основание", key=f"representative_why_{person_id}", width=280)
        if st.form_submit_button("Закончить", key=f"representative_end_{person_id}"):
            row = standing[number]

            def end(connection: Connection) -> str:
                people.end_representative(
                    connection,
                    person_id,
                    row["representative_id"],
                    row["valid_from"],
                    last_day,
                    why,
                )
                return "Представительство закончено."

            _do(end)


def _bankruptcy(person_id: int, bankruptcies: Sequence[Mapping[str, Any]]) -> None:
    if bankruptcies:
        show_table(
            bankruptcies,
            [
                Column("case_number", "Дело", width=150),
                Column("accepted_on", "Принято", "date", width=100),
                Column("closed_on", "Окончено", "date", width=100),
                Column("is_discharged", "Долги списаны", width=120),
                Column("basis", "Основание", width=360),
            ],
            key=f"people_bankruptcies_{person_id}",
        )
    with st.form(f"people_bankruptcy_{person_id}"):
        with st.container(horizontal=True):
            case = st.text_input(
                "Номер дела", key=f"case_{person_id}", width=180, placeholder="А41-12345/2026"
            )
            accepted = _past_day("Заявление принято", f"accepted_{person_id}")
            closed = _past_day("Дело окончено", f"closed_{person_id}")
            basis = st.text_input("Основание", key=f"case_basis_{person_id}", width=320)
        discharged = st.checkbox("Освобождён от долгов", key=f"discharged_{person_id}")
        if st.form_submit_button("Записать дело", key=f"bankruptcy_add_{person_id}"):

            def write(connection: Connection) -> str:
                people.mark_bankrupt(
                    connection,
                    person_id,
                    case,
                    accepted,
                    basis,
                    closed_on=closed,
                    is_discharged=discharged,
                )
                return "Дело о банкротстве записано."

            _do(write)


def _history(history: Sequence[Mapping[str, Any]]) -> None:
    if not history:
        st.caption("Сведения об этом человеке не менялись.")
        return
    show_table(
        [
            {
                **row,
                "moment": local(row["recorded_at"]),
                "detail": people.FIELDS.get(row["detail"])
                or people.IDENTIFIERS.get(row["detail"])
                or row["detail"],
            }
            for row in history
        ],
        [
            Column("moment", "Когда", "moment", width=130),
            Column("what", "Что", width=190),
            Column("detail", "Поле", width=170),
            Column("old_value", "Было", width=220),
            Column("new_value", "Стало", width=220),
            Column("basis", "Основание", width=320),
        ],
        key="people_history",
    )


def _do(write: Callable[[Connection], str]) -> None:
    """Do it in one transaction; say what was done, or what is wrong."""
    try:
        with database.connection(session.token()) as connection:
            done = write(connection)
    except PersonError as problem:
        st.error(str(problem))
        return
    say_later(done)
    st.rerun()


def _past_day(label: str, key: str, value: date | None = None) -> date | None:
    return days.field(
        label, value, since=people.OLDEST_BIRTH, until=_today(), key=key, width=DAY_WIDTH
    )


def _day(label: str, key: str) -> date | None:
    return days.field(label, since=people.OLDEST_BIRTH, key=key, width=DAY_WIDTH)


def _today() -> date:
    return datetime.now(MOSCOW).date()


show()
