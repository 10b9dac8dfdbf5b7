"""Owners are mended on the screen: every action adds a fact, what is wrong is not written."""

from datetime import date

import pytest

from apps import menu
from tests.apps import town
from tests.apps.conftest import table_with

IVANOV = town.IVANOV


@pytest.fixture
def people(open_as):
    """The screen at the flat of Иванов."""

    def start(login="lawyer"):
        return open_as(login, menu.PEOPLE, account=str(IVANOV))

    return start


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception, [problem.stack_trace for problem in app.exception]
    return app


def test_an_account_is_found_by_its_words_and_shows_its_owners(open_as):
    app = open_as("lawyer", menu.PEOPLE)
    assert "Найдите счёт" in app.info[0].value
    app.text_input(key="filter_words").set_value("петрова").run()
    assert list(table_with(app, "Доля")["Собственник"]) == ["Петрова Алёна Игоревна"]
    app.text_input(key="filter_words").set_value("нет такого").run()
    assert "ничего не найдено" in app.info[0].value


def test_only_a_lawyer_has_the_screen(open_as):
    for login in ("accountant", "operator", "official"):
        with pytest.raises(ValueError, match="people"):
            open_as(login, menu.PEOPLE)


def test_details_are_corrected_with_a_ground_and_the_old_ones_stay_known(people, ask):
    app = people()
    app.date_input(key=f"birth_date_{IVANOV}").set_value(date(1980, 1, 1))
    app.text_input(key=f"last_name_{IVANOV}").set_value("Иванов-Петров")
    click(app, f"details_save_{IVANOV}")
    assert app.error[0].value == "Укажите основание: документ или чьи слова."
    assert ask("select count(*) from ops.person_correction") == [(0,)]

    app.text_input(key=f"basis_{IVANOV}").set_value("паспорт")
    click(app, f"details_save_{IVANOV}")
    assert not app.error
    assert ask(
        "select c.field, c.old_value, c.new_value, c.basis, u.login "
        "from ops.person_correction as c inner join ops.app_user as u using (user_id) "
        "order by c.field"
    ) == [
        ("birth_date", None, "1980-01-01", "паспорт", "lawyer"),
        ("last_name", "Иванов", "Иванов-Петров", "паспорт", "lawyer"),
    ]
    assert list(table_with(app, "Собственник")["Собственник"]) == ["Иванов-Петров Пётр Сергеевич"]
    assert "Иванов" in list(table_with(app, "Было")["Было"])


def test_a_death_before_the_birth_is_refused_and_a_death_warns(people, ask):
    app = people()
    app.date_input(key=f"birth_date_{IVANOV}").set_value(date(1980, 1, 1))
    app.date_input(key=f"death_date_{IVANOV}").set_value(date(1979, 1, 1))
    app.text_input(key=f"basis_{IVANOV}").set_value("свидетельство о смерти")
    click(app, f"details_save_{IVANOV}")
    assert "раньше даты рождения" in app.error[0].value

    app.date_input(key=f"death_date_{IVANOV}").set_value(date(2026, 1, 1))
    click(app, f"details_save_{IVANOV}")
    assert any("умер" in warning.value for warning in app.warning)
    assert ask(f"select death_date::text from ops.person where person_id = {IVANOV}") == [
        ("2026-01-01",)
    ]


def test_documents_are_checked_added_and_taken_off(people, ask):
    app = people()
    assert any("идентификатора" in warning.value for warning in app.warning)
    app.text_input(key=f"document_number_{IVANOV}").set_value("112-233-445 96")
    click(app, f"document_add_{IVANOV}")
    assert "не сходится" in app.error[0].value

    app.text_input(key=f"document_number_{IVANOV}").set_value("11223344595")
    click(app, f"document_add_{IVANOV}")
    assert list(table_with(app, "Номер")["Номер"]) == ["112-233-445 95"]
    assert not any("идентификатора" in warning.value for warning in app.warning)

    click(app, f"document_remove_{IVANOV}")
    assert "основание" in app.error[0].value
    app.text_input(key=f"document_basis_{IVANOV}").set_value("номер соседа")
    click(app, f"document_remove_{IVANOV}")
    assert ask("select count(*) from ops.person_identifier") == [(0,)]
    assert ask("select kind, number, basis from ops.person_identifier_removal") == [
        ("snils", "112-233-445 95", "номер соседа")
    ]


def test_one_number_is_not_written_to_two_people(people, change):
    change(
        "insert into ops.person_identifier (person_id, kind, number) "
        f"values ({town.PETROVA}, 'inn', '500100732259')"
    )
    app = people()
    app.selectbox(key=f"document_kind_{IVANOV}").set_value("inn")
    app.text_input(key=f"document_number_{IVANOV}").set_value("500100732259")
    click(app, f"document_add_{IVANOV}")
    assert "Петрова Алёна Игоревна" in app.error[0].value


def test_an_owner_is_added_by_share_and_the_sum_is_told(people, ask):
    app = people()
    app.text_input(key="owner_last_name").set_value("Иванова")
    app.text_input(key="owner_first_name").set_value("Мария")
    app.text_input(key="owner_middle_name").set_value("Петровна")
    app.date_input(key="owner_birth").set_value(date(2015, 3, 3))
    app.text_input(key="owner_share").set_value("1/0")
    app.date_input(key="owner_since").set_value(date(2020, 5, 5))
    app.text_input(key="owner_source").set_value("договор дарения")
    click(app, "owner_add")
    assert "невозможна" in app.error[0].value
    assert ask("select count(*) from ops.person where last_name = 'Иванова'") == [(0,)]

    app.text_input(key="owner_share").set_value("1/3")
    click(app, "owner_add")
    assert any("4/3" in warning.value for warning in app.warning)
    assert ask(
        "select p.sex, w.share_numerator, w.share_denominator, w.source from ops.ownership as w "
        "inner join ops.person as p using (person_id) where p.last_name = 'Иванова'"
    ) == [("female", 1, 3, "договор дарения")]


def test_a_right_ends_on_a_day_or_is_taken_out_as_a_mistake(people, ask):
    app = people()
    click(app, "right_end")
    assert "последний день" in app.error[0].value
    app.date_input(key="right_last_day").set_value(date(2024, 5, 31))
    app.text_input(key="right_basis").set_value("договор продажи")
    click(app, "right_end")
    assert ask(f"select valid_to::text from ops.ownership where person_id = {IVANOV}") == [
        ("2024-05-31",)
    ]
    app.checkbox(key="right_is_mistake").check()
    app.text_input(key="right_basis").set_value("не тот человек")
    click(app, "right_end")
    assert ask(
        "select valid_to::text, previous_valid_to::text from ops.ownership_end "
        "order by ownership_end_id"
    ) == [("2024-05-31", None), ("2014-12-31", "2024-05-31")]
    assert list(table_with(app, "Доля")["Состояние"]) == ["снято как ошибочное"]


def test_a_minor_gets_a_representative_and_the_warning_goes(people, change, ask):
    change(f"update ops.person set birth_date = '2015-01-01' where person_id = {IVANOV}")
    app = people()
    assert any("законный представитель" in warning.value for warning in app.warning)
    prefix = f"representative_{IVANOV}"
    app.text_input(key=f"{prefix}_last_name").set_value("Иванова")
    app.text_input(key=f"{prefix}_first_name").set_value("Анна")
    app.date_input(key=f"{prefix}_birth").set_value(date(1985, 1, 1))
    app.date_input(key=f"representative_since_{IVANOV}").set_value(date(2015, 1, 1))
    app.text_input(key=f"representative_basis_{IVANOV}").set_value("мать")
    click(app, f"representative_add_{IVANOV}")
    assert not any("законный представитель" in warning.value for warning in app.warning)

    app.date_input(key=f"representative_last_day_{IVANOV}").set_value(date(2026, 1, 31))
    app.text_input(key=f"representative_why_{IVANOV}").set_value("опека снята")
    click(app, f"representative_end_{IVANOV}")
    assert ask("select valid_to::text, basis from ops.representative") == [("2026-01-31", "мать")]
    assert ask("select basis from ops.representative_end") == [("опека снята",)]


def test_a_bankruptcy_is_marked_and_ended(people, ask):
    app = people()
    app.text_input(key=f"case_{IVANOV}").set_value("12/2026")
    app.date_input(key=f"accepted_{IVANOV}").set_value(date(2026, 2, 2))
    app.text_input(key=f"case_basis_{IVANOV}").set_value("ЕФРСБ")
    click(app, f"bankruptcy_add_{IVANOV}")
    assert "А41-12345/2026" in app.error[0].value

    app.text_input(key=f"case_{IVANOV}").set_value("А41-7/2026")
    click(app, f"bankruptcy_add_{IVANOV}")
    assert any("банкротстве" in warning.value for warning in app.warning)

    app.date_input(key=f"closed_{IVANOV}").set_value(date(2026, 10, 1))
    app.checkbox(key=f"discharged_{IVANOV}").check()
    click(app, f"bankruptcy_add_{IVANOV}")
    assert not any("банкротстве" in warning.value for warning in app.warning)
    assert ask("select count(*) from ops.person_bankruptcy") == [(2,)]


def test_who_agreed_with_the_owner_to_answer_separately_is_written_down_and_taken_back(
    people, change, ask
):
    change(
        "insert into ops.residency (account_id, person_id, valid_from, relation) "
        "values (:account, :person, '2015-01-01', 'супруга')",
        account=IVANOV,
        person=town.PETROVA,
    )
    app = people()
    click(app, "apart_add")
    assert app.error[0].value == "Укажите, с какого дня человек отвечает отдельно."

    app.date_input(key="apart_since").set_value(date(2025, 1, 1))
    click(app, "apart_add")
    assert app.error[0].value == "Укажите основание: соглашение, решение суда."

    app.text_input(key="apart_basis").set_value("соглашение от 25.12.2024")
    click(app, "apart_add")
    assert not app.error
    assert table_with(app, "Отвечает отдельно")["Отвечает отдельно"].tolist() == [
        "с 01.01.2025: соглашение от 25.12.2024"
    ]
    told = (
        "select s.valid_from, s.valid_to, u.login from ops.separate_liability as s "
        "inner join ops.app_user as u using (user_id) order by s.separate_liability_id"
    )
    assert ask(told) == [(date(2025, 1, 1), None, "lawyer")]

    app.date_input(key="apart_since").set_value(date(2025, 1, 1))
    app.text_input(key="apart_basis").set_value("соглашения не было")
    app.checkbox(key="apart_is_mistake").set_value(True)
    click(app, "apart_add")
    assert ask(told)[1] == (date(2025, 1, 1), date(2024, 12, 31), "lawyer")
    assert table_with(app, "Отвечает отдельно")["Отвечает отдельно"].tolist() == [None]


def test_an_organisation_says_whether_its_applications_name_the_family_of_owners(people, ask):
    app = people()
    app.checkbox(key="practice_named_True").set_value(False)
    click(app, "practice_set")
    assert app.error[0].value == "Укажите основание: практику суда или решение организации."

    app.checkbox(key="practice_named_True").set_value(False)
    app.text_input(key="practice_basis").set_value("суд требует доказать общее хозяйство")
    click(app, "practice_set")
    assert not app.error
    assert ask(
        "select p.organisation_id, p.is_family_named, u.login from ops.family_practice as p "
        "inner join ops.app_user as u using (user_id)"
    ) == [(town.UYUT, False, "lawyer")]
    assert any("**не называют** семью собственника" in it.value for it in app.markdown)
