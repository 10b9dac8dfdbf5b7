"""The dashboard's figures are the town's figures, and each opens the accounts behind it."""

from decimal import Decimal

from apps import menu
from document_gen.russian import date_ru, period_ru, short_rubles
from operational_db.database import screens_connection
from operational_db.services import dashboard
from operational_db.services.dashboard import Scope
from operational_db.services.sign_in import sign_in
from tests.apps import town
from tests.apps.town import CALENDAR

DEBT_OF_UYUT = Decimal(60 * 12_000 + 11_000)


def tile(app, label):
    return next(metric.value for metric in app.metric if metric.label == label)


def read(name, *rest, login="manager", scope=None):
    with screens_connection(sign_in(login, town.PASSWORD)) as connection:
        return getattr(dashboard, name)(connection, scope or Scope(), *rest)


def test_the_tiles_say_what_the_accounts_owe(open_as):
    app = open_as("manager", menu.DASHBOARD)

    assert tile(app, "Долг") == short_rubles(DEBT_OF_UYUT)
    assert tile(app, "Переплаты") == short_rubles(Decimal(3000))


def test_an_official_sees_the_sum_of_the_organisations(open_as):
    app = open_as("official", menu.DASHBOARD)

    assert tile(app, "Долг") == short_rubles(DEBT_OF_UYUT + 12_000)


def test_the_house_filter_narrows_every_figure(open_as, ask):
    app = open_as("manager", menu.DASHBOARD, house="2")

    assert tile(app, "Долг") == short_rubles(Decimal(11_000))
    assert tile(app, "Переплаты") == short_rubles(Decimal(3000))

    app.button(key="dashboard_reset").click().run()
    assert tile(app, "Долг") == short_rubles(DEBT_OF_UYUT)
    assert ask("select 1") == [(1,)]


def test_one_users_figures_are_never_shown_to_another(open_as):
    assert tile(open_as("manager", menu.DASHBOARD), "Долг") == short_rubles(DEBT_OF_UYUT)
    assert tile(open_as("neighbour", menu.DASHBOARD), "Долг") == short_rubles(Decimal(12_000))


def test_a_house_opens_its_accounts(open_as):
    app = open_as("manager", menu.DASHBOARD)

    app.session_state["dashboard_houses"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app.run()

    assert not app.exception
    assert app.title[0].value == "Лицевые счета"
    assert list(app.dataframe[0].value["Лицевой счёт"]) == ["000101", "Итого"]


def test_asking_twice_for_a_rebuild_queues_one(open_as, ask):
    app = open_as("manager", menu.DASHBOARD)

    app.button(key="refresh_data").click().run()
    app.button(key="refresh_data").click().run()

    assert not app.exception
    assert ask("select kind, state from ops.run_request") == [("build", "queued")]
    assert "Пересчёт заказан" in app.toast[0].value


def test_a_figure_older_than_a_day_is_marked(open_as, change):
    change("update warehouse.build set finished_at = finished_at - interval '2 days'")

    app = open_as("manager", menu.DASHBOARD)

    assert any(":orange[данные на" in text.value for text in app.markdown)


def test_before_the_first_build_the_screen_says_what_to_do(open_as, change):
    change("delete from warehouse.build")

    app = open_as("manager", menu.DASHBOARD)

    assert "ещё ни разу не рассчитаны" in app.info[0].value
    assert not app.metric


def test_the_parts_by_age_and_the_advance_make_up_the_balance(town_database):  # noqa: ARG001
    figures = read("debt_figures")

    ages = ("not_due", "d001_030", "d031_060", "d061_090", "d091_180", "d181_365", "y1_3",
            "y3_plus", "advance")  # fmt: skip
    assert sum(figures[part] for part in ages) == figures["balance"]
    assert figures["balance"] == DEBT_OF_UYUT - 3000


def test_the_trend_ends_in_the_debt_of_today(town_database):  # noqa: ARG001
    trend = read("debt_by_month", CALENDAR.today, 13)

    assert len(trend) == 13
    assert trend[-1]["debt"] == read("debt_figures")["debt"]
    assert date_ru(trend[-1]["day"]) == date_ru(CALENDAR.today)
    # A year ago nothing had been billed yet, and nothing may have been owed.
    assert trend[0]["debt"] == 0


def test_collection_of_a_month_is_what_came_against_what_was_charged(town_database):  # noqa: ARG001
    months = {row["period"]: row for row in read("collection_by_month")}

    last = months[CALENDAR.month(1)]
    # Петрова paid for the month before, Иванов the month that he named.
    assert (last["charged"], last["paid"]) == (Decimal(64_000), Decimal(2_000))
    assert last["months_in_year"] == 12


def test_collection_by_origin_counts_an_advance_for_the_months_that_it_closed(
    town_database,  # noqa: ARG001
):
    months = {row["period"]: row for row in read("collection_by_origin", 12)}

    named = months[CALENDAR.month(3)]
    # Петрова, Сидоров out of his advance, and Иванов who named this very month.
    assert named["paid"] == Decimal(3_000), period_ru(CALENDAR.month(3))
    assert named["charged"] - named["paid"] == named["unpaid"]


def test_an_organisation_without_accounts_is_told_to_load_them_and_sees_no_empty_charts(
    open_as, change
):
    change(
        """
        insert into ops.organisation (organisation_id, code, kind, name, short_name)
        overriding system value
        values (99, 'pusto', 'management_company', 'ООО «Пусто»', 'ООО «Пусто»')
        """
    )
    change("update ops.app_user set organisation_id = 99 where login = 'neighbour'")

    app = open_as("neighbour", menu.DASHBOARD)

    assert [told.value for told in app.info] == [
        "Счетов ещё нет. Загрузите начисления и оплаты: «Учёт» → «Загрузка файлов»."
    ]
    assert not app.get("plotly_chart")
    assert not app.dataframe
