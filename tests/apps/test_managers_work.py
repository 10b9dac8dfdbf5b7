"""The manager steers: figures open lists, work is given to people, figures lead to their facts."""

from decimal import Decimal

from apps import menu
from document_gen.russian import rubles
from operational_db.database import screens_connection
from operational_db.services import accounts, steering
from operational_db.services.dashboard import Scope
from operational_db.services.sign_in import sign_in
from tests.apps import town
from tests.apps.conftest import plain, table_with

CLICK = {
    "selection": {"points": [{"point_index": 0}], "point_indices": [0], "box": [], "lasso": []}
}


def test_the_queue_holds_every_debtor_and_explains_its_order(open_as, ask):
    app = open_as("manager", menu.WORKLIST)

    debtors = ask(
        "select count(*) as n from marts.account_balances "
        "where organisation_id = :o and overdue_debt > 0",
        o=town.UYUT,
    )[0].n
    expected = [e for e in table_with(app, "Ожидается, ₽")["Ожидается, ₽"] if e is not None]

    assert f"{debtors} долж" in plain(app.markdown[0].value) or any(
        f"{debtors} долж" in plain(line.value) for line in app.markdown
    )
    assert expected == sorted(expected, reverse=True)


def test_work_is_given_to_a_person_and_taken_back(open_as, ask):
    app = open_as("manager", menu.WORKLIST)
    app.number_input(key="assign_count").set_value(3)
    app.text_input(key="assign_action").set_value("Позвонить")
    app.button(key="assign_open").click().run()
    app.button(key="assign_confirm").click().run()

    assert not app.exception
    rows = ask("select assignee_id, next_action, user_id from ops.work_assignment")
    assert len(rows) == 3
    assert {row.next_action for row in rows} == {"Позвонить"}
    assert all(row.user_id for row in rows), "who gave it is written down"

    mine = open_as("manager", menu.WORKLIST, assignee=str(rows[0].assignee_id))
    assert len(table_with(mine, "Исполнитель")) == 3


def test_the_last_contact_of_the_queue_is_one_that_nobody_took_back(open_as, change):
    shown = table_with(open_as("manager", menu.WORKLIST), "Последний контакт")
    assert any("звонок" in told for told in shown["Последний контакт"])
    change(
        """
        insert into ops.contact_event (account_id, kind, happened_at, result, cancels_event_id,
            source)
        select account_id, kind, now(), result, contact_event_id, 'screen'
        from ops.contact_event
        """
    )
    shown = table_with(open_as("manager", menu.WORKLIST), "Последний контакт")
    assert not any(shown["Последний контакт"])


def test_a_page_of_the_queue_that_is_not_there_gives_the_last_one_and_says_so(open_as):
    app = open_as("manager", menu.WORKLIST, page="999999")

    assert any("Показана последняя" in told.value for told in app.info)
    assert len(table_with(app, "Последний контакт"))


def test_a_date_that_is_none_is_refused(open_as, ask):
    app = open_as("manager", menu.WORKLIST)
    app.text_input(key="assign_due").set_value("31.02.2026")
    app.button(key="assign_open").click().run()

    assert "не дата" in app.error[0].value
    assert ask("select count(*) as n from ops.work_assignment")[0].n == 0


def test_an_operator_sees_the_queue_and_gives_no_work(open_as):
    app = open_as("operator", menu.WORKLIST)

    assert not [button for button in app.button if button.key == "assign_open"]


def test_a_price_of_work_is_written_down_and_counts(open_as, ask, change):
    change(
        """
        insert into ops.contact_event (account_id, kind, happened_at, result, source)
        values (:a, 'live_call', now() - interval '2 days', 'talked', 'screen')
        """,
        a=town.FIRST_FILLER,
    )
    app = open_as("manager", menu.STEERING)
    app.text_input(key="cost_price").set_value("12,50")
    app.date_input(key="cost_since").set_value(town.CALENDAR.month(2))
    app.button(key="cost_save").click().run()

    assert not app.exception
    assert ask("select price from ops.work_cost")[0].price is not None
    shown = open_as("manager", menu.STEERING)
    work = table_with(shown, "Количество")
    calls = work[work["Вид работы"] == "звонок"].iloc[0]
    assert calls["Стоимость, ₽"] == calls["Количество"] * Decimal("12.50")


def test_a_cell_of_the_matrix_opens_its_accounts_and_they_their_facts(open_as, ask):
    click, click_on_nothing = clicks_on_the_matrix()
    app = open_as("manager", menu.STEERING)
    app.session_state["steering_rolls"] = click_on_nothing
    app.run()
    assert any("В этой клетке счетов нет" in told.value for told in app.caption)

    app.session_state["steering_rolls"] = click
    app.run()

    assert not app.exception
    behind = table_with(app, "Стало, ₽")
    known = {row.account_number for row in ask("select account_number from ops.account")}
    assert len(behind) > 0
    assert set(behind["Лицевой счёт"]) <= known

    app.session_state["steering_rolls"] = click
    app.session_state["steering_rolls_behind_rows"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    links = {link.proto.label for link in app.get("page_link")}
    assert "Откуда это число →" in links


def clicks_on_the_matrix():
    """A click on the first cell with accounts and one on the first without any, line by line."""
    with screens_connection(sign_in("manager", town.PASSWORD)) as connection:
        moves = {
            (row["from_bucket"], row["to_bucket"])
            for row in steering.roll_rates(connection, Scope())
        }
    buckets = ["none", *accounts.AGEING]
    cells = [
        (source, target) in moves
        for source in buckets
        if any(move[0] == source for move in moves)
        for target in buckets
    ]
    return [
        {
            "selection": {
                "points": [{"point_index": cells.index(is_known)}],
                "point_indices": [cells.index(is_known)],
                "box": [],
                "lasso": [],
            }
        }
        for is_known in (True, False)
    ]


def test_a_stage_of_the_funnel_opens_its_accounts(open_as, ask):
    app = open_as("manager", menu.STEERING)
    app.session_state["steering_stages"] = {"selection": {"rows": [0], "columns": []}}
    app.run()

    [(owed,)] = ask(
        "select sum(overdue_debt) from marts.account_balances where organisation_id = :o",
        o=town.UYUT,
    )
    assert not app.exception
    assert len(table_with(app, "Документ")) == 50, "the first page"
    assert any(plain(rubles(owed)) in plain(told.value) for told in app.caption)


def test_a_month_of_the_collection_opens_who_has_not_paid_it(open_as):
    app = open_as("manager", menu.DASHBOARD)
    app.session_state["dashboard_origin"] = {"selection": {"rows": [0], "columns": []}}
    app.run()

    assert not app.exception
    unpaid = table_with(app, "Не оплачено, ₽")["Не оплачено, ₽"].iloc[0]
    behind = next(frame.value for frame in app.dataframe if "Срок оплаты" in frame.value.columns)
    assert len(behind) == 50, "the first page"
    told = [plain(caption.value) for caption in app.caption]
    assert [line for line in told if plain(rubles(unpaid)) in line], told


def test_a_bar_of_the_dashboard_opens_the_payments_of_its_month(open_as):
    app = open_as("manager", menu.DASHBOARD)
    app.session_state["dashboard_collection"] = CLICK
    app.run()

    assert not app.exception
    assert any("Реестр" in title.value for title in app.title)


def test_panels_of_a_town_without_events_say_so(open_as):
    app = open_as("manager", menu.STEERING)

    assert any("Обещаний за этот срок нет" in told.value for told in app.info)
    assert not app.exception


def test_the_balance_is_the_sum_of_its_facts(open_as, ask):
    app = open_as("manager", menu.PROVENANCE, account=str(town.IVANOV))

    facts = table_with(app, "Контрольная сумма SHA-256")
    balance = ask(
        "select balance as b from marts.account_balances where account_id = :a", a=town.IVANOV
    )[0].b

    assert facts.iloc[-1]["Сумма, ₽"] == balance
    assert sum(facts.iloc[:-1]["Сумма, ₽"], Decimal(0)) == balance
    assert any("Сходится" in line.value for line in app.markdown)


def test_an_account_of_others_shows_no_facts(open_as):
    app = open_as("manager", menu.PROVENANCE, account=str(town.FOREIGN))

    assert any("Откройте этот экран" in told.value for told in app.info)
