"""Penalty on the card and in the calculator: lines, their grounds, papers made of them."""

from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document

from apps import menu
from document_gen.russian import rubles
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.town import CALENDAR

CASE = (
    "Вид\tПериод\tСумма\tДата\tСрок оплаты\n"
    "начисление\t09.2023\t10 000,00\t\t10.10.2023\n"
    "оплата\t\t3 000,00\t19.11.2023\t\n"
)


def tile(app, label):
    return next(metric.value for metric in app.metric if metric.label.startswith(label))


def words_of(paper: bytes) -> str:
    document = Document(BytesIO(paper))
    told = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        told += [cell.text for row in table.rows for cell in row.cells]
    return plain("\n".join(told))


def test_the_card_shows_the_lines_of_penalty_and_they_add_up_to_the_total(open_as):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))

    lines = table_with(app, "Почему с этого дня")
    of_lines, total = lines["Пени, ₽"][:-1], lines["Пени, ₽"].iloc[-1]
    assert sum(of_lines) == total > 0
    assert tile(app, "Пени по закону") == rubles(total)
    first = lines.iloc[0]
    assert first["Почему с этого дня"].startswith("31-й день просрочки")
    assert first["Начисления №"]
    assert first["Правило"].startswith("citizen_housing")


def test_on_an_earlier_day_the_card_reckons_only_what_was_late_by_then(open_as):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))

    app.date_input(key="account_as_of").set_value(CALENDAR.last_day(10)).run()

    assert not app.exception
    lines = table_with(app, "Почему с этого дня")
    assert max(lines["По"][:-1]) == CALENDAR.last_day(10)


def test_the_months_compare_the_law_with_other_programs(open_as):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))

    app.segmented_control(key="penalty_view").set_value("По месяцам и сравнение").run()

    assert not app.exception
    months = table_with(app, "Другие программы, ₽")
    *rows, total = months.to_dict("records")
    for name in ("Просроченный долг, ₽", "Пени, ₽", "Другие программы, ₽", "Разница, ₽"):
        assert sum(row[name] for row in rows) == total[name]
    assert total["Разница, ₽"] == total["Другие программы, ₽"] - total["Пени, ₽"]


def test_before_anything_is_overdue_there_is_nothing_to_reckon_and_the_card_says_so(open_as):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))

    app.date_input(key="account_as_of").set_value(CALENDAR.last_day(13)).run()

    assert "нет ни просроченного долга, ни пени" in " ".join(info.value for info in app.info)


def test_the_calculation_is_printed_kept_and_noted_in_the_trail(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    total = table_with(app, "Почему с этого дня")["Пени, ₽"].iloc[-1]

    app.button(key="penalty_print").click().run()

    assert not app.exception
    [paper] = ask("select kind, file_name, content, user_id from ops.document")
    assert (paper.kind, paper.user_id is not None) == ("penalty_calculation", True)
    assert paper.file_name.startswith("Расчёт пени ")
    told = words_of(bytes(paper.content))
    assert plain(rubles(total))[:-2] in told
    assert "версия" in told
    assert ask("select purpose from ops.audit_event where action = 'print'") == [("Расчёт пени",)]


def test_a_day_beyond_verified_law_is_warned_of(open_as, change):
    change(
        "update reference.table_state set verified_through = date '2020-01-01' "
        "where table_name in ('key_rate', 'moratorium')"
    )
    change("update intermediate.int_penalty_rates set is_verified = false")
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))

    assert any("непроверенные ставку" in warning.value for warning in app.warning)


def test_calculations_for_a_list_are_asked_for_as_papers_of_their_kind(open_as, ask):
    app = open_as("manager", menu.ACCOUNTS)
    app.button(key="accounts_penalties").click().run()
    app.button(key="penalties_confirm").click().run()

    assert not app.exception
    [request] = ask("select kind, parameters, items_total from ops.run_request")
    assert request.kind == "statements"
    assert request.parameters["document"] == "penalty_calculation"
    assert len(request.parameters["account_ids"]) == request.items_total > 0


@pytest.fixture
def reckoned(open_as):
    """The calculator with the example of law.md: 10 000 due on 10.10.2023, 3 000 paid on 19.11."""
    app = open_as("lawyer", menu.CALCULATOR)
    app.date_input(key="calculator_as_of").set_value("2024-01-09").run()
    app.segmented_control(key="calculator_way").set_value("Вставить из Excel").run()
    app.text_area(key="calculator_text").set_value(CASE).run()
    app.button(key="calculator_reckon").click().run()
    assert not app.exception
    return app


def test_a_pasted_case_is_reckoned_without_an_account(reckoned, ask):
    lines = table_with(reckoned, "Почему с этого дня")
    assert [str(sum_) for sum_ in lines["Пени, ₽"]] == ["9.50", "133.00", "5.12", "147.62"]
    assert lines["Почему по этот день"][0].startswith("оплата № 3 от 19.11.2023")
    assert lines["Начисления №"][0] == "2"
    assert tile(reckoned, "Просроченный долг") == rubles(Decimal(7000))
    assert ask("select count(*) from ops.charge where amount = 10000") == [(0,)]


def test_the_paper_of_a_case_is_made_and_noted_but_not_kept(reckoned, ask):
    reckoned.text_input(key="calculator_title").set_value("Иванов И. И.").run()
    reckoned.button(key="calculator_print").click().run()

    assert not reckoned.exception
    assert ask("select count(*) from ops.document") == [(0,)]
    assert ask("select object_kind from ops.audit_event where action = 'print'") == [
        ("penalty_case",)
    ]


def test_wrong_lines_are_named_and_nothing_is_reckoned(open_as):
    app = open_as("lawyer", menu.CALCULATOR)
    app.segmented_control(key="calculator_way").set_value("Вставить из Excel").run()
    app.text_area(key="calculator_text").set_value(CASE + "оплата\t\tabc\t01.01.2024\t\n").run()
    app.button(key="calculator_reckon").click().run()

    assert not app.exception
    [error] = app.error
    assert "строка 4, столбец «Сумма»: «abc» не сумма" in error.value
    assert not app.dataframe


def test_other_kinds_of_debtors_take_their_own_steps(reckoned):
    reckoned.selectbox(key="calculator_debtor").set_value("other_organisation").run()

    lines = table_with(reckoned, "Почему с этого дня")
    assert set(lines["Доля"][:-1]) == {"1/130"}
    assert lines["Почему с этого дня"][0].startswith("1-й день просрочки")
