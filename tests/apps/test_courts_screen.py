"""Courts are found, given requisites and territories; houses without a court leave the queue."""

from datetime import date

import pytest

from apps import menu
from tests.apps.conftest import plain, table_with

COURTS = """
    insert into ops.court (court_code, kind, name, region_code, parent_court) values
    ('50MS0084', 'MS', 'Судебный участок № 84', '50', 'Зеленоградский районный суд'),
    ('50MS0085', 'MS', 'Судебный участок № 85', '50', 'Зеленоградский районный суд'),
    ('50RS0001', 'RS', 'Зеленоградский районный суд', '50', null)
"""


@pytest.fixture
def courts(open_as, change):
    """The screen with three courts in the registry."""
    change(COURTS)

    def start(login="lawyer", **query):
        return open_as(login, menu.COURTS, **query)

    return start


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception, [problem.stack_trace for problem in app.exception]
    return app


def test_an_empty_registry_says_what_to_load(open_as):
    app = open_as("lawyer", menu.COURTS)
    assert any("Справочник судов пуст" in info.value for info in app.info)


def test_a_court_is_found_by_words_and_kind(courts):
    app = courts(words="участок 84")
    assert list(table_with(app, "Код")["Код"]) == ["50MS0084"]
    app = courts(kind="RS")
    assert list(table_with(app, "Код")["Код"]) == ["50RS0001"]
    app = courts(words="нет такого")
    assert any("Таких судов нет" in info.value for info in app.info)


def test_requisites_are_added_and_corrected_by_the_keeper_of_the_registry(courts, ask):
    app = courts("registrar", court="50MS0084")
    values = {
        "payee": "Казначейство России (ФНС России)",
        "inn": "7727406021",
        "kpp": "770801001",
        "oktmo": "45930000",
        "kbk": "18210803010011050110",
        "bic": "017003983",
        "account_number": "03100643000000018500",
        "correspondent_account": "40102810445370000059",
        "bank": "ОТДЕЛЕНИЕ ТУЛА БАНКА РОССИИ",
        "valid_from": "01.01.2026",
        "source": "сайт суда",
    }
    for name, value in values.items():
        app.text_input(key=f"detail_{name}_50MS0084").set_value(value)
    click(app, "details_add_50MS0084")
    assert "контрольная" in app.error[0].value
    app.text_input(key="detail_inn_50MS0084").set_value("7727406020")
    click(app, "details_add_50MS0084")
    assert not app.error
    app.text_input(key="detail_oktmo_50MS0084").set_value("45930001")
    click(app, "details_add_50MS0084")
    assert ask("select oktmo from ops.court_payment_details order by 1") == [
        ("45930000",),
        ("45930001",),
    ]
    assert list(table_with(app, "ОКТМО")["ОКТМО"]) == ["45930001", "45930000"]


def add_territory(app, code, **values):
    for name, value in {"settlement": "г. Зеленоград", "street": "ул. Лесная", **values}.items():
        app.text_input(key=f"territory_{name}_{code}").set_value(value)
    return click(app, f"territory_add_{code}")


def test_a_territory_gives_houses_their_section_and_its_overlap_is_refused(courts, ask):
    app = add_territory(
        courts("registrar", court="50MS0084"), "50MS0084", number_to="5", source="закон"
    )
    assert not app.error
    tiles = {metric.label: metric.value for metric in app.metric}
    assert tiles["Домов с нашими счетами"] == "2"
    assert tiles["С судебным участком"] == "1"
    assert tiles["С районным судом"] == "1"

    app = add_territory(
        courts("registrar", court="50MS0085"), "50MS0085", houses="2", source="закон"
    )
    assert "дом 2 уже относится к 50MS0084" in plain(app.error[0].value).lower() or (
        "50MS0084" in app.error[0].value
    )
    assert ask("select count(*) from ops.court_territory") == [(1,)]


def test_a_territory_ends_on_a_day_or_is_taken_out(courts, ask):
    app = add_territory(courts("registrar", court="50MS0084"), "50MS0084", source="закон")
    click(app, "territory_end_50MS0084")
    assert "основание" in app.error[0].value
    app.date_input(key="territory_last_day_50MS0084").set_value(date(2030, 12, 31))
    app.text_input(key="territory_reason_50MS0084").set_value("новый закон")
    click(app, "territory_end_50MS0084")
    current = "select valid_to::text, source from ops.court_territory_current"
    assert ask(current) == [("2030-12-31", "новый закон")]
    app.date_input(key="territory_last_day_50MS0084").set_value(None)
    app.text_input(key="territory_reason_50MS0084").set_value("по ошибке")
    click(app, "territory_end_50MS0084")
    assert ask(current) == []
    assert ask("select count(*) from ops.court_territory") == [(3,)]


def test_a_house_without_a_section_is_given_one_by_hand(courts, ask):
    app = courts()
    queue = table_with(app, "Почему")
    assert list(queue["Дом"]) == [
        "г. Зеленоград, ул. Лесная, д. 2",
        "г. Зеленоград, ул. Лесная, д. 10",
    ]
    click(app, "decide_add")
    assert app.error[0].value == "Выберите суд."

    app.selectbox(key="decide_court").set_value("50MS0085")
    click(app, "decide_add")
    assert "откуда это известно" in app.error[0].value
    app.text_input(key="decide_basis").set_value("письмо суда")
    click(app, "decide_add")
    assert list(table_with(app, "Почему")["Дом"]) == ["г. Зеленоград, ул. Лесная, д. 10"]
    assert ask(
        "select magistrate_code, magistrate_state from ops.house_court where house_id = 2"
    ) == [("50MS0085", "by_hand")]


@pytest.mark.parametrize("login", ["lawyer", "administrator"])
def test_people_of_a_company_read_the_registry_and_are_told_who_keeps_it(courts, login):
    app = courts(login, court="50MS0084")
    assert any("вносит администратор справочника: Город" in told.value for told in app.caption)
    keys = {button.key for button in app.button}
    assert not keys & {"details_add_50MS0084", "territory_add_50MS0084"}


def test_accountants_have_no_registry_of_courts(courts, open_as):
    assert not courts("administrator").exception
    with pytest.raises(ValueError, match="courts"):
        open_as("accountant", menu.COURTS)
