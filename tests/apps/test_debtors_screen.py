"""The registry of debtors and the lawyer's tabs of the card, over the known town."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps import menu
from operational_db.database import owner_engine, screens_connection
from operational_db.models import CaseEventKind, CaseKind
from operational_db.services.cases import (
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    open_case,
    register_events,
)
from operational_db.services.debtors import DebtorFilter, account_ids
from operational_db.services.sign_in import sign_in
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.town import CALENDAR

DEBTORS = 1 + town.FILLERS


@pytest.fixture
def case(town_database):
    """Иванов is sued for the oldest month: the application has been filed."""
    assert town_database.owner
    with owner_engine().begin() as connection:
        opened = open_case(
            connection,
            NewCase(
                town.IVANOV,
                CaseKind.ORDER,
                [NewDebtor(town.IVANOV)],
                [NewClaimedMonth("housing", CALENDAR.month(12), Decimal(1000))],
                number="Н-1",
            ),
        )
        register_events(
            connection, [NewEvent(opened.case_id, CaseEventKind.FILED, CALENDAR.month(3))]
        )
    return opened


def listed(app) -> list[str]:
    """Account numbers of the page, without the totals row."""
    return list(table_with(app, "Должник")["Лицевой счёт"])[:-1]


def test_the_registry_lists_those_who_owe_and_nobody_else(open_as, ask):
    app = open_as("lawyer", menu.DEBTORS)
    [owed] = ask(
        "select count(*), sum(overdue_debt) from marts.account_balances "
        "where organisation_id = 2 and overdue_debt > 0"
    )
    assert owed[0] == DEBTORS
    totals = table_with(app, "Должник").iloc[-1]
    assert plain(totals["Адрес"]) == f"{DEBTORS} счёт"
    assert totals["Долг, ₽"] == owed[1]
    assert len(listed(app)) == 50
    assert not {"000102", "000103"} & set(listed(app)), "who has paid is no debtor"


def test_filters_narrow_the_registry_and_stay_in_the_address(open_as):
    app = open_as("lawyer", menu.DEBTORS, words="иванов")
    assert listed(app) == ["000101"]
    assert "нет идентификатора" in table_with(app, "Должник")["Что мешает"][0]
    app.selectbox(key="filter_obstacle").select("owner").run()
    assert app.query_params["obstacle"] in ("owner", ["owner"])
    assert "Нет должников" in app.info[0].value
    app.button(key="debtors_reset").click().run()
    assert len(listed(app)) == 50


def test_what_stands_in_the_way_is_found_by_its_filter(open_as, change):
    found = open_as("lawyer", menu.DEBTORS, obstacle="identifier")
    assert listed(found) == ["000101"]
    change(
        "insert into ops.person_identifier (person_id, kind, number) "
        "values (101, 'snils', '112-233-445 95')"
    )
    gone = open_as("lawyer", menu.DEBTORS, obstacle="identifier")
    assert "Нет должников" in gone.info[0].value


def test_a_debtor_may_be_filed_today_once_nothing_is_in_the_way(open_as, change):
    assert "Нет должников" in open_as("lawyer", menu.DEBTORS, obstacle="ready").info[0].value
    for statement in (
        "insert into ops.person_identifier (person_id, kind, number) "
        "values (101, 'snils', '112-233-445 95')",
        "update ops.person set birth_date = '1980-05-01' where person_id = 101",
        "insert into ops.court (court_code, kind, name, region_code) "
        "values ('77MS0001', 'MS', 'Судебный участок № 1', '77')",
        "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
        "values (2, 'MS', '77MS0001', 'письмо участка')",
    ):
        change(statement)
    app = open_as("lawyer", menu.DEBTORS, obstacle="ready")
    assert listed(app) == ["000101"]
    assert table_with(app, "Должник")["Судебный участок"][0] == "Судебный участок № 1"


def test_a_batch_is_proposed_for_the_filter_and_for_nobody_else(open_as, ask):
    app = open_as("lawyer", menu.DEBTORS, words="иванов")
    app.button(key="debtors_batch").click().run()
    app.button(key="debtors_batch_propose").click().run()

    assert not app.exception
    assert ask("select account_id from ops.filing_item") == [(town.IVANOV,)]
    [batch] = ask("select title, user_id is not null from ops.filing_batch")
    assert batch[0].startswith("Приказы")
    assert batch[1]


def test_statements_of_the_filter_are_ordered(open_as, ask):
    app = open_as("lawyer", menu.DEBTORS, words="лесная 10")
    app.button(key="debtors_statements").click().run()
    app.button(key="debtors_statements_confirm").click().run()
    assert not app.exception
    [request] = ask(
        "select kind, jsonb_array_length(parameters -> 'account_ids') from ops.run_request"
    )
    assert tuple(request) == ("statements", town.FILLERS)


def test_a_case_is_found_by_its_number(open_as, case):
    app = open_as("lawyer", menu.DEBTORS, case="Н-1")
    assert listed(app) == ["000101"]
    assert case.number == "Н-1"


def test_people_who_do_not_go_to_court_have_no_registry(open_as):
    app = open_as("accountant")
    with pytest.raises(ValueError, match="debtors"):
        app.switch_page(menu.DEBTORS)


def test_the_card_goes_on_within_the_filter_of_the_registry(open_as):
    app = open_as(
        "lawyer",
        menu.ACCOUNT,
        account=str(town.FIRST_FILLER + 1),
        debtors="words=%D0%BB%D0%B5%D1%81%D0%BD%D0%B0%D1%8F+10&stage=pretrial&sort=number",
    )
    assert not app.exception
    assert any(told.value == f"2 из {town.FILLERS}" for told in app.caption)


def test_a_broken_filter_in_the_address_of_a_card_is_no_filter(open_as):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV), debtors="debt_from=много")
    assert not app.exception
    assert not any(" из " in told.value for told in app.caption)


def test_the_card_tells_who_answers_and_what_is_claimed(open_as, case):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    people = table_with(app, "Идентификаторы")
    assert people["Кто"][0] == "Иванов Пётр Сергеевич"
    assert "нет идентификатора" in people["Что мешает"][0]
    months = table_with(app, "Что с месяцем")
    # The newest month first: the last row is the month that is in court.
    assert months["Что с месяцем"].iloc[-1] == f"в деле {case.number}"
    assert months["Просужено, ₽"].iloc[-1] == Decimal(1000)
    cases = table_with(app, "Наш номер")
    assert cases["Состояние"][0] == "подано в суд"
    events = table_with(app, "Событие")
    assert list(events["Событие"]) == ["подготовлено", "подано в суд"]


def test_an_accountant_has_no_tabs_of_the_court(open_as):
    app = open_as("accountant", menu.ACCOUNT, account=str(town.IVANOV))
    assert not [tab for tab in app.tabs if tab.label == "Что просужено"]


def test_the_economics_tell_from_which_sum_filing_pays(open_as, ask):
    app = open_as("lawyer", menu.ECONOMICS)
    # (2 000 ₽ of duty + 395 ₽ of costs) / 45 % = 5 322,2 ₽, in whole roubles upwards.
    even = next(tile for tile in app.metric if tile.label == "Подавать выгодно от")
    assert plain(even.value) == "5 323,00 ₽"
    told = table_with(app, "Совет")
    # They would pay, and the court would return every one of them.
    assert set(told["Совет"]) == {"нельзя подать: неизвестно, кто отвечает за долг"}
    shown = {tile.label.split(":")[0]: plain(tile.label) for tile in app.metric}
    assert shown["Окупятся"].endswith(": 0 заявлений")
    assert shown["Суд вернёт"].endswith(f": {DEBTORS} заявление")
    [cost] = ask("select sum(value) from reference.filing_economics where kind = 'unit_cost'")
    assert cost[0] == Decimal(395)
    net = Decimal("0.45") * told["К подаче, ₽"][0] - 2000 - cost[0]
    assert told["Итог, ₽"][0] == net


def test_who_owes_before_and_after_the_asked_months_is_not_found_by_them(change, ask):
    of_ivanov = (
        "select distinct period from marts.debt_parts where account_id = :account order by 1"
    )
    first, *_, last = [row.period for row in ask(of_ivanov, account=town.IVANOV)]
    between = {"account": town.IVANOV, "first": first, "last": last}
    change(
        "delete from marts.debt_parts where account_id = :account "
        "and period > :first and period < :last",
        **between,
    )
    gap = {"period_from": first + timedelta(days=35), "period_to": last - timedelta(days=5)}
    with screens_connection(sign_in("lawyer", town.PASSWORD)) as connection:
        assert town.IVANOV not in account_ids(connection, DebtorFilter(**gap))
        assert town.IVANOV in account_ids(connection, DebtorFilter(**gap | {"period_from": first}))
        assert town.IVANOV in account_ids(connection, DebtorFilter(**gap | {"period_to": last}))


def test_a_filter_survives_its_own_description():
    asked = DebtorFilter(
        stage="court", words="иванов", debt_from=Decimal("10.50"), months_from=3, obstacle="ready"
    )
    assert DebtorFilter.from_description(asked.described()) == asked
    with pytest.raises(ValueError, match="Неизвестная стадия"):
        DebtorFilter(stage="прочая")
