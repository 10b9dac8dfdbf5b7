"""The official's road: board, card of an indicator, report, comment, debt, rating, events."""

from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

from apps import menu
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.town import CALENDAR

LAST_MONTH = CALENDAR.month(1).isoformat()
CALLS_TOLD = "Доля звонков, закончившихся разговором"


class Sheet(HTMLParser):
    """The cells of the board, line by line: those that span several lines stand in the first."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = []

    def handle_starttag(self, tag, _attributes):
        if tag == "tr":
            self.lines.append([])
        elif tag in ("td", "th"):
            self.lines[-1].append("")

    def handle_data(self, data):
        if self.lines and self.lines[-1]:
            self.lines[-1][-1] += data


def board_of(app) -> dict[str, dict[str, str]]:
    """Lines of the board by the title of the indicator, cells by their heading."""
    [body] = [e.proto.body for e in app.get("html") if "plan-board" in e.proto.body[:80]]
    sheet = Sheet()
    sheet.feed(body)
    head, *lines = sheet.lines
    # A line that is not the first of its measure lacks the cells of the measure.
    told = [dict(zip(reversed(head), reversed(line), strict=False)) for line in lines]
    return {line["Показатель"].split(". ", 1)[1]: line for line in told}


def choose_first(app, ask) -> None:
    [(indicator,)] = ask("select plan_indicator_id from ops.plan_indicator where code = 'K1'")
    app.selectbox(key="plan_indicator").set_value(indicator).run()


def words(app) -> str:
    told = [*app.markdown, *app.caption, *app.info, *app.warning, *app.success]
    return plain(" ".join(element.value for element in told))


def test_the_board_shows_every_measure_of_the_plan(open_as):
    app = open_as("official", menu.PLAN)

    board = board_of(app).values()
    assert [line["№"] for line in board if "№" in line] == [str(n) for n in range(1, 14)]
    assert {line["Состояние"] for line in board} <= {
        "без норматива",
        "… ждёт событий",
        "▼ отстаёт",
        "не с чем сравнить",
        "▲ идёт по плану",
    }


def test_the_calls_of_last_month_stand_on_its_board(open_as):
    app = open_as("official", menu.PLAN, start=LAST_MONTH)

    talked = board_of(app)[CALLS_TOLD]
    assert plain(talked["Факт"]) == "66,7 %"
    assert talked["Отклонение"] == "—", "the source names no norm"
    assert "журнал обзвона; засчитано 2" in plain(talked["Источник"])


def test_the_words_of_a_measure_stand_whole_on_the_board(open_as, ask):
    board = board_of(open_as("official", menu.PLAN))
    measures = ask(
        "select m.name, i.title from ops.plan_measure as m "
        "inner join ops.plan_indicator as i on m.plan_measure_id = i.plan_measure_id "
        "inner join ops.plan as p on m.plan_id = p.plan_id "
        "where i.position = 1 and p.code like 'krasnogorsk%'"
    )

    assert len(measures) == 13
    for name, title in measures:
        assert board[title]["Мероприятие"] == name.replace("\n", "")


def test_the_board_of_a_past_day_shows_what_was_told_then(open_as, change):
    """The last build said nothing of calls; the one of yesterday had counted seven."""
    yesterday = CALENDAR.today - timedelta(days=1)
    change(
        "insert into ops.plan_figure (plan_indicator_id, organisation_id, period_kind, "
        "period_start, as_of_date, figures, recorded_at) "
        "select e.plan_indicator_id, e.organisation_id, e.period_kind, e.period_start, "
        "cast(:day as date), jsonb_set(to_jsonb(e), '{fact}', '7'), "
        "cast(cast(:day as text) || ' 12:00+03' as timestamptz) "
        "from marts.plan_execution as e "
        "inner join ops.plan_indicator as i on e.plan_indicator_id = i.plan_indicator_id "
        "where i.code = 'K1' and e.organisation_id = :city and e.period_kind = 'month' "
        "and e.period_start = date_trunc('month', cast(:day as date))",
        day=yesterday,
        city=town.CITY,
    )
    month = yesterday.replace(day=1).isoformat()
    app = open_as("official", menu.PLAN, start=month, known=f"{yesterday:%d.%m.%Y}")

    board = board_of(app)
    assert board["Должники с долгом свыше 30 000 ₽, которым доставлено СМС"]["Факт"] == "7"
    assert board[CALLS_TOLD]["Факт"] == "—"
    assert "Как было известно на" in words(app)


def test_a_day_before_the_first_figures_is_told_of(open_as):
    app = open_as("official", menu.PLAN, known="01.01.2020")

    assert any("ещё не считали" in info.value for info in app.info)


def test_words_of_a_plan_are_no_markup(open_as, change):
    """Whoever writes a plan file writes text: a tag in it is shown and does nothing."""
    change("alter table ops.plan_measure disable trigger user")
    change(
        "update ops.plan_measure set name = '<script>alert(1)</script>' "
        "where plan_measure_id = (select min(plan_measure_id) from ops.plan_measure)"
    )
    app = open_as("official", menu.PLAN)

    [body] = [e.proto.body for e in app.get("html") if "plan-board" in e.proto.body[:80]]
    assert "<script>" not in body
    assert "<script>alert(1)</script>" in unescape(body)


def test_a_manager_sees_the_work_of_the_own_company_only(open_as):
    app = open_as("neighbour", menu.PLAN, start=LAST_MONTH)

    assert board_of(app)[CALLS_TOLD]["Факт"] == "—"
    assert not [box for box in app.selectbox if box.label == "Организация"]


def test_the_comment_on_a_measure_is_kept_and_goes_into_the_report(open_as, ask, files):
    app = open_as("official", menu.PLAN, start=LAST_MONTH)
    choose_first(app, ask)
    app.text_area(key="plan_comment_text").set_value("Договор с оператором связи кончился")
    app.button(key="plan_comment_save").click().run()

    assert not app.exception
    assert ask("select comment from ops.plan_comment") == [("Договор с оператором связи кончился",)]

    app.button(key="plan_report").click().run()
    app.button(key="plan_report_make").click().run()
    assert not app.exception
    word, excel = (button.proto for button in app.get("download_button"))
    assert "Word" in word.label
    assert "Excel" in excel.label
    noted = "select details ->> 'form' from ops.audit_event where object_kind = 'plan_report'"
    assert ask(noted) == []
    assert all(give().startswith(b"PK") for give in files)
    assert ask(noted) == [("Word",), ("Excel",)]


def test_an_empty_comment_is_not_kept(open_as, ask):
    app = open_as("official", menu.PLAN)
    choose_first(app, ask)
    app.button(key="plan_comment_save").click().run()

    assert any("Напишите пояснение" in error.value for error in app.error)
    assert ask("select * from ops.plan_comment") == []


def test_the_card_lists_what_was_counted_and_what_was_not_with_the_reason(open_as, ask):
    [(indicator,)] = ask("select plan_indicator_id from ops.plan_indicator where code = 'K1'")
    asked = {"indicator": indicator, "organisation": town.CITY, "kind": "month"}

    app = open_as(
        "official", menu.INDICATOR, start=LAST_MONTH, **{k: str(v) for k, v in asked.items()}
    )
    assert "Засчитано: 0" in str(app.segmented_control(key="indicator_list").options)
    app.segmented_control(key="indicator_list").set_value("excluded").run()

    assert not app.exception
    events = table_with(app, "Почему не засчитано")
    assert list(events["Почему не засчитано"]) == ["долг на день события мал"]
    assert "долг на день события мал – 1" in words(app)


def test_names_of_people_are_nowhere_on_the_officials_screens(open_as):
    for screen in (menu.PLAN, menu.DEBT, menu.RATING, menu.EVENTS):
        app = open_as("official", screen)
        everything = words(app) + "".join(str(frame.value) for frame in app.dataframe)
        assert "Иванов" not in everything
        assert "+7 900" not in everything


def test_the_debt_of_the_municipality_adds_up(open_as):
    app = open_as("official", menu.DEBT)

    by_organisation = table_with(app, "Должников")
    assert list(by_organisation["Организация"]) == ["ООО «Уют»", "ТСЖ «Сосна»", "Итого"]
    assert by_organisation["Просрочено, ₽"].iloc[-1] == sum(
        by_organisation["Просрочено, ₽"].iloc[:-1]
    )
    bands = table_with(app, "Полоса")
    assert sum(bands["Просрочено, ₽"]) == by_organisation["Просрочено, ₽"].iloc[-1]
    houses = table_with(app, "Дом")
    assert sum(houses["Просрочено, ₽"]) == by_organisation["Просрочено, ₽"].iloc[-1]


def test_the_debt_of_a_past_day_is_that_of_the_ledger(open_as, ask):
    day = CALENDAR.last_day(3)
    app = open_as("official", menu.DEBT, day=f"{day:%d.%m.%Y}")

    [(owed,)] = ask(
        "select sum(interval_amount) from marts.debt_intervals where interval_kind <> 'advance' "
        "and opened_date <= :day and (closed_date is null or closed_date > :day) "
        "and due_date < :day",
        day=day,
    )
    assert table_with(app, "Должников")["Просрочено, ₽"].iloc[-1] == owed


def test_a_page_of_houses_that_is_not_there_gives_the_last_one_and_says_so(open_as):
    app = open_as("official", menu.DEBT, page="999999")

    assert list(table_with(app, "Дом")["Дом"]) == list(
        table_with(open_as("official", menu.DEBT), "Дом")["Дом"]
    )
    assert any("всего страниц 1" in told.value for told in app.info)


def test_a_wrong_day_is_told_of(open_as):
    app = open_as("official", menu.DEBT, day="завтра")

    assert any("не дата" in error.value for error in app.error)


def test_the_rating_has_every_organisation_that_charges(open_as):
    app = open_as("official", menu.RATING, since=CALENDAR.month(12).isoformat())

    rating = table_with(app, "Собираемость")
    assert set(rating["Организация"]) == {"ООО «Уют»", "ТСЖ «Сосна»"}
    assert list(rating["Место"]) == [1, 2]


def test_a_publication_is_entered_and_taken_back(open_as, ask):
    app = open_as("official", menu.EVENTS)
    app.selectbox(key="event_kind").set_value("publication").run()
    app.text_input(key="event_title_publication").set_value("Вести: кто должен городу")
    app.text_input(key="event_stated").set_value("1 000 000,00")
    app.button(key="event_save").click().run()

    assert not app.exception
    assert ask("select kind, title, amount, source from ops.public_event") == [
        ("publication", "Вести: кто должен городу", 1_000_000, "screen")
    ]
    app.session_state["event_recent"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    app.text_input(key="event_cancel_why").set_value("не вышла")
    app.button(key="event_cancel_save").click().run()

    assert not app.exception
    assert ask(
        "select count(*) from ops.public_event where cancels_event_id is not null "
        "and comment = 'не вышла'"
    ) == [(1,)]
    assert "отменено" in set(table_with(app, "Состояние")["Состояние"])


def test_a_poster_without_its_house_is_not_taken(open_as, ask):
    app = open_as("manager", menu.EVENTS)
    app.button(key="event_save").click().run()

    assert any("выберите" in error.value for error in app.error)
    assert ask("select * from ops.public_event") == []


def test_a_filing_is_entered_by_a_lawyer_with_its_duty(open_as, ask):
    app = open_as("lawyer", menu.EVENTS)
    app.selectbox(key="event_kind").set_value("order_filed").run()
    app.text_input(key="event_account_order_filed").set_value("000101")
    app.text_input(key="event_amount_order_filed").set_value("11 000")
    app.date_input(key="event_duty_order_filed").set_value(CALENDAR.today)
    app.button(key="event_step_save").click().run()

    assert not app.exception
    assert ask("select account_id, kind, amount, duty_paid_on from ops.account_event") == [
        (town.IVANOV, "order_filed", 11_000, CALENDAR.today)
    ]


def test_a_filing_without_its_sum_and_a_strange_account_are_refused_in_words(open_as, ask):
    app = open_as("lawyer", menu.EVENTS)
    app.selectbox(key="event_kind").set_value("order_filed").run()
    app.text_input(key="event_account_order_filed").set_value("000201")
    app.button(key="event_step_save").click().run()
    assert any("сумму требования" in error.value for error in app.error)

    app.text_input(key="event_account_order_filed").set_value("000201")
    app.text_input(key="event_amount_order_filed").set_value("11 000")
    app.button(key="event_step_save").click().run()
    assert any("нет. Проверьте номер" in error.value for error in app.error)
    assert ask("select * from ops.account_event") == []
