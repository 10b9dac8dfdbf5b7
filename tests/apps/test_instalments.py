"""Agreements by instalments: to the kopeck, kept or broken by payments, and what they hold back."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from docx import Document
from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import DBAPIError

from apps import menu
from document_gen import kinds
from document_gen.letters import agreement_from_rows
from document_gen.russian import amount
from operational_db import database
from operational_db.services import debtors, instalment_papers, instalments, worklist
from operational_db.services.dashboard import Scope
from operational_db.services.instalment_debts import debt_of
from operational_db.services.instalments import (
    InstalmentRefusedError,
    Line,
    NewAgreement,
    schedule,
)
from operational_db.services.sign_in import sign_in
from tests.apps import test_batches as batch
from tests.apps import town
from tests.apps.conftest import plain, table_with
from tests.apps.test_batches import TODAY, as_user

FROM, TO = town.CALENDAR.month(12), town.CALENDAR.month(1)
IVANOVS = [{"person_id": town.IVANOV, "ward_id": None}]


def total_of(lines) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


@pytest.mark.parametrize(
    ("total", "first", "count"),
    [("10000.00", "1000", 3), ("0.03", "0.01", 2), ("9999.99", "0.01", 60), ("100.01", "100", 1)],
)
def test_a_schedule_adds_up_to_the_debt_to_the_kopeck(total, first, count):
    lines = schedule(
        Decimal(total),
        first_payment=Decimal(first),
        first_on=date(2026, 11, 21),
        count=count,
        pay_day=15,
    )
    assert total_of(lines) == Decimal(total)
    assert [line.number for line in lines] == list(range(count + 1))
    assert all(line.amount > 0 for line in lines)


def test_the_31st_is_the_last_day_of_a_shorter_month():
    lines = schedule(
        Decimal(500), first_payment=Decimal(100), first_on=date(2026, 12, 1), count=3, pay_day=31
    )
    assert [line.due_on for line in lines[1:]] == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
    ]


@pytest.mark.parametrize(("first", "count"), [("1000", 3), ("2000", 3), ("0", 3), ("10", 0)])
def test_there_is_no_schedule_without_something_to_put_off(first, count):
    with pytest.raises(InstalmentRefusedError):
        schedule(
            Decimal(1000),
            first_payment=Decimal(first),
            first_on=TODAY,
            count=count,
            pay_day=15,
        )


@pytest.fixture
def owner(town_database):
    engine = create_engine(town_database.owner, poolclass=pool.NullPool)
    batch.mended(engine)
    return engine


def agreed(signed_on: date = TODAY, first_in: int = 5, **changes) -> int:
    """Иванов puts off the whole of his debt: a first payment of 1 000 ₽ and the rest in a month."""
    with as_user("lawyer") as connection:
        debt = debt_of(connection, town.IVANOV, IVANOVS, FROM, TO)
        total = debt["principal"] + debt["penalty"]
        lines = [
            Line(0, signed_on + timedelta(days=first_in), Decimal(1000)),
            Line(1, signed_on + timedelta(days=first_in + 30), total - 1000),
        ]
        values = {
            "account_id": town.IVANOV,
            "answering": IVANOVS,
            "signed_on": signed_on,
            "place": "г. Зеленоград",
            "person_ids": [town.IVANOV],
            "period_from": debt["period_from"],
            "period_to": debt["period_to"],
            "principal": debt["principal"],
            "penalty": debt["penalty"],
            "lines": lines,
            "missed_limit": 1,
        } | changes
        return instalments.sign(connection, NewAgreement(**values))


def state_on(day: date, number: int) -> dict:
    token = sign_in("lawyer", town.PASSWORD)
    with database.screens_connection(token, as_of=day) as connection:
        return dict(
            connection.execute(
                text("select * from ops.instalment_state where instalment_agreement_id = :number"),
                {"number": number},
            )
            .mappings()
            .one()
        )


def paid(owner, amount: int, on: date, **values) -> None:
    columns = {"account_id": town.IVANOV, "paid_on": on, "amount": amount, "channel": "bank"}
    columns |= values
    with owner.begin() as connection:
        connection.execute(
            text(
                f"insert into ops.payment ({', '.join(columns)}) "
                f"values ({', '.join(':' + name for name in columns)})"
            ),
            columns,
        )


def test_an_agreement_is_kept_late_or_broken_by_what_was_paid(owner):
    # After Иванов's own payment of the first of last month.
    start = town.CALENDAR.month(1)
    first, second = start + timedelta(days=3), start + timedelta(days=20)
    with as_user("lawyer") as connection:
        debt = debt_of(connection, town.IVANOV, IVANOVS, FROM, TO)
    total = debt["principal"] + debt["penalty"]
    number = agreed(
        start + timedelta(days=1),
        missed_limit=2,
        lines=[Line(0, first, Decimal(1000)), Line(1, second, total - 1000)],
    )
    assert state_on(first, number)["state"] == "kept", "the day itself is still in time"
    assert state_on(first + timedelta(days=14), number)["state"] == "late"
    assert state_on(TODAY, number)["state"] == "broken"
    paid(owner, 1000, first)
    assert state_on(first + timedelta(days=14), number)["state"] == "kept"
    late = state_on(TODAY, number)
    assert (late["state"], late["missed"], late["received_amount"]) == ("late", 1, 1000)
    assert late["next_amount"] == total - 1000
    paid(owner, total - 1000, TODAY)
    assert state_on(TODAY, number)["state"] == "fulfilled"


def test_money_for_the_current_month_and_money_taken_back_do_not_count(owner):
    number = agreed(TODAY - timedelta(days=10))
    paid(owner, 700, TODAY, named_period=town.CALENDAR.month(0))
    paid(owner, 900, TODAY, payment_id=900001)
    paid(owner, -900, TODAY, reverses_payment_id=900001)
    paid(owner, 300, TODAY - timedelta(days=11))
    assert state_on(TODAY, number)["received_amount"] == 0
    paid(owner, 400, TODAY, named_period=FROM)
    assert state_on(TODAY, number)["received_amount"] == 400


def test_a_payment_that_was_known_when_the_agreement_was_entered_is_not_counted_twice(owner):
    signed_on = TODAY - timedelta(days=11)
    # Paid after the paper was signed, entered before it: the debt is told without it already.
    paid(owner, 600, signed_on + timedelta(days=2), payment_id=900002)
    number = agreed(signed_on, first_in=20)
    assert state_on(TODAY, number)["received_amount"] == 0
    paid(owner, -600, TODAY, reverses_payment_id=900002)
    assert state_on(TODAY, number)["received_amount"] == 0, "nor is it taken back from the schedule"
    paid(owner, 250, signed_on + timedelta(days=3))
    assert state_on(TODAY, number)["received_amount"] == 250


@pytest.mark.usefixtures("owner")
def test_an_end_is_not_undone_while_another_agreement_lives():
    first = agreed()
    with as_user("lawyer") as connection:
        instalments.terminate(connection, first, TODAY, "не платит")
    second = agreed()
    with as_user("lawyer") as connection:
        with pytest.raises(InstalmentRefusedError, match="уже действует"):
            instalments.undo_end(connection, first, TODAY, "заплатил")
        instalments.terminate(connection, second, TODAY, "ошибка")
        instalments.undo_end(connection, first, TODAY, "заплатил")
    assert state_on(TODAY, first)["state"] == "kept"


@pytest.mark.usefixtures("owner")
def test_two_people_do_not_sign_for_one_account_at_once():
    refused = []

    def second() -> None:
        try:
            agreed()
        except InstalmentRefusedError as problem:
            refused.append(str(problem))

    with as_user("lawyer") as connection:
        connection.execute(instalments.TURN, {"account_id": town.IVANOV})
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=2)
        assert waiting.is_alive(), "the other waits for its turn"
    waiting.join(timeout=30)
    assert not refused
    with pytest.raises(InstalmentRefusedError, match="уже действует"):
        agreed()


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("second_deed", [instalments.terminate, instalments.annul])
def test_of_two_clerks_who_end_an_agreement_at_once_the_second_is_told(ask, second_deed):
    number = agreed()
    refused = []

    def end_it_as_well() -> None:
        try:
            with as_user("manager") as connection:
                second_deed(connection, number, TODAY, "и я")
        except InstalmentRefusedError as problem:
            refused.append(str(problem))

    with as_user("lawyer") as connection:
        instalments.terminate(connection, number, TODAY, "по согласию")
        other = threading.Thread(target=end_it_as_well)
        other.start()
        other.join(timeout=2)
        assert other.is_alive(), "the other waits for the row of the agreement"
    other.join(timeout=30)
    assert len(refused) == 1
    assert "уже закончено" in refused[0]
    assert ask("select kind, comment from ops.instalment_event") == [("terminated", "по согласию")]


def test_the_database_itself_lets_an_agreement_end_once(owner):
    number = agreed()
    end = text(
        "insert into ops.instalment_event (instalment_agreement_id, kind, happened_on, comment) "
        "values (:number, 'terminated', current_date, 'мимо экрана')"
    )
    with owner.begin() as connection:
        connection.execute(end, {"number": number})
    with pytest.raises(DBAPIError, match="уже закончено"), owner.begin() as connection:
        connection.execute(end, {"number": number})


@pytest.mark.usefixtures("owner")
def test_who_ends_the_agreement_of_another_organisation_is_not_told_its_number():
    number = agreed()
    with as_user("lawyer") as connection:
        instalments.terminate(connection, number, TODAY, "по согласию")
    end = text(
        "insert into ops.instalment_event "
        "(instalment_agreement_id, kind, happened_on, comment, user_id) "
        "values (:number, 'terminated', current_date, 'чужое', ops.session_user_id())"
    )
    with pytest.raises(DBAPIError) as refused, as_user("neighbour") as connection:
        connection.execute(end, {"number": number})
    assert state_on(TODAY, number)["number"] not in str(refused.value)


@pytest.mark.usefixtures("owner")
def test_a_day_out_of_bounds_is_told_in_russian():
    day = date(2040, 1, 1)
    with pytest.raises(InstalmentRefusedError, match="не позже 2036"):
        agreed(first_in=(day - TODAY).days)


def test_a_debtor_who_keeps_his_agreement_is_not_sent_to_court(owner):
    agreed()
    found = batch.proposed()
    assert "instalment" in batch.rules_of(owner, found, town.IVANOV)
    with as_user("lawyer") as connection:
        [row] = debtors.debtors(connection, debtors.DebtorFilter(words="иванов"))
        assert "instalment" in row["obstacles"]
        assert row["advice"] == "stopped"
        ready = debtors.account_ids(connection, debtors.DebtorFilter(obstacle="ready"))
    assert town.IVANOV not in ready


def test_a_broken_agreement_holds_nobody_back(owner):
    # Clause 4.2 of the paper: the whole rest is due at once, without any termination.
    agreed(TODAY - timedelta(days=60))
    found = batch.proposed()
    assert "instalment" not in batch.rules_of(owner, found, town.IVANOV)


def test_an_agreement_that_was_ended_holds_nobody_until_the_end_is_undone(owner):
    number = agreed()
    with as_user("lawyer") as connection:
        instalments.terminate(connection, number, TODAY, "отказ должника")
    assert state_on(TODAY, number)["state"] == "terminated"
    assert "instalment" not in batch.rules_of(owner, batch.proposed(), town.IVANOV)
    with as_user("lawyer") as connection:
        instalments.undo_end(connection, number, TODAY, "не тот счёт")
    assert state_on(TODAY, number)["state"] == "kept"
    with as_user("lawyer") as connection, pytest.raises(InstalmentRefusedError, match="нечего"):
        instalments.undo_end(connection, number, TODAY, "ещё раз")


@pytest.mark.usefixtures("owner")
def test_who_pays_by_an_agreement_waits_in_the_queue_of_work():
    def listed(**asked) -> set[int]:
        with as_user("manager") as connection:
            found = worklist.WorkFilter(Scope(None, None), **asked)
            _, rows = worklist.board(connection, found, [], limit=500)
            return {row["account_id"] for row in rows}

    assert town.IVANOV in listed()
    agreed()
    assert town.IVANOV not in listed()
    assert town.IVANOV in listed(with_waiting=True)


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"person_ids": []}, "кто подписывает"),
        ({"place": " "}, "место подписания"),
        ({"principal": Decimal(1)}, "совпасть до копейки"),
        ({"account_id": town.FOREIGN}, "чужой"),
        ({"person_ids": [town.PETROVA]}, "отвечают другие люди"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused_whole(changes, told, ask):
    with pytest.raises(InstalmentRefusedError, match=told):
        agreed(**changes)
    assert ask("select count(*) from ops.instalment_agreement")[0][0] == 0


@pytest.mark.usefixtures("owner")
def test_an_account_has_one_living_agreement():
    agreed()
    with pytest.raises(InstalmentRefusedError, match="уже действует"):
        agreed()


def test_the_database_itself_keeps_the_schedule_whole(owner):
    number = agreed()
    with pytest.raises(DBAPIError, match="составляют"), owner.begin() as connection:
        connection.execute(
            text("insert into ops.instalment_line values (:number, 2, '2030-01-01', 1)"),
            {"number": number},
        )


@pytest.mark.usefixtures("owner")
def test_another_organisation_sees_no_agreement():
    number = agreed()
    with as_user("neighbour") as connection:
        assert instalments.agreements(connection, town.IVANOV) == []
        assert instalments.lines(connection, number) == []
        with pytest.raises(LookupError):
            instalment_papers.paper_of_agreement(connection, number)


@pytest.mark.usefixtures("owner")
def test_the_paper_says_what_was_signed():
    number = agreed()
    with as_user("lawyer") as connection:
        context = agreement_from_rows(**instalment_papers.paper_of_agreement(connection, number))
        lines = instalments.lines(connection, number)
    document = Document(BytesIO(kinds.render(kinds.INSTALMENT_AGREEMENT, context)))
    told = "\n".join(paragraph.text for paragraph in document.paragraphs)
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert "Иванов Пётр Сергеевич" in told
    assert "тысяча рублей 00 копеек" in plain(told)
    schedule_of_paper = [row for row in cells if len(row) == 4]
    assert [row[1] for row in schedule_of_paper[1:3]] == [f"{x['due_on']:%d.%m.%Y}" for x in lines]
    assert plain(schedule_of_paper[-1][2]) == plain(amount(total_of_rows(lines)))
    # One rule for the paper, the guard and the advice of the rule.
    assert "Расторгать соглашение, отказываться от него" in told
    assert "частью 14.1" in plain(told)


def total_of_rows(lines) -> Decimal:
    return sum((line["amount"] for line in lines), Decimal(0))


@pytest.mark.usefixtures("owner")
def test_an_agreement_is_drawn_up_printed_and_ended_on_the_card(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    app.text_input(key="instalment_place").input("г. Зеленоград").run()
    app.button(key="instalment_sign").click().run()
    assert not app.exception
    [written] = ask(
        "select a.principal_amount + a.penalty_amount = sum(l.amount), count(*) "
        "from ops.instalment_agreement as a "
        "inner join ops.instalment_line as l using (instalment_agreement_id) "
        "group by a.instalment_agreement_id"
    )
    assert tuple(written) == (True, 7)
    assert table_with(app, "Соглашение")["Состояние"][0] == "соблюдается"
    app.button(key="instalment_print").click().run()
    assert not app.exception
    assert ask("select kind from ops.document") == [("instalment_agreement",)]
    [number] = ask("select instalment_agreement_id from ops.instalment_agreement")[0]
    app.text_input(key=f"instalment_why_{number}").input("не платит").run()
    app.button(key="instalment_terminate").click().run()
    assert not app.exception
    assert ask("select kind, comment from ops.instalment_event") == [("terminated", "не платит")]


@pytest.mark.usefixtures("owner")
def test_the_card_says_what_is_missing_in_an_agreement(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    app.button(key="instalment_sign").click().run()
    assert any("место подписания" in error.value for error in app.error)
    assert ask("select count(*) from ops.instalment_agreement")[0][0] == 0


@pytest.mark.usefixtures("owner")
def test_on_the_card_one_says_which_agreement_a_receipt_pays(open_as, ask, owner):
    """Иванов's agreement, and one from before agreements had sets, both could mean the money."""
    number = agreed(TODAY - timedelta(days=3))
    with owner.begin() as connection:
        connection.execute(
            text(
                """
                with old as (
                    insert into ops.instalment_agreement (organisation_id, account_id, signed_on,
                        place, period_from, period_to, principal_amount, penalty_amount,
                        missed_limit)
                    select organisation_id, account_id, signed_on, place, period_from, period_to,
                        500, 0, 2
                    from ops.instalment_agreement where instalment_agreement_id = :number
                    returning instalment_agreement_id, signed_on
                ), debtor as (
                    insert into ops.instalment_debtor (instalment_agreement_id, person_id)
                    select instalment_agreement_id, :ivanov from old
                )
                insert into ops.instalment_line
                    (instalment_agreement_id, line_number, due_on, amount)
                select instalment_agreement_id, 0, signed_on + 30, 500 from old
                """
            ),
            {"number": number, "ivanov": town.IVANOV},
        )
    paid(owner, 250, TODAY)
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    assert set(table_with(app, "По соглашению")["По соглашению"]) == {"не указано"}
    [[payment]] = ask("select payment_id from ops.payment where amount = 250")
    app.selectbox(key=f"instalment_payment_{payment}").set_value(number).run()
    app.button(key="instalment_tell_payment").click().run()
    assert not app.exception
    assert ask("select payment_id, instalment_agreement_id from ops.instalment_payment") == [
        (payment, number)
    ]
    assert state_on(TODAY, number)["received_amount"] == 250


@pytest.mark.usefixtures("owner")
def test_the_card_tells_whose_debt_is_put_off(open_as):
    number = agreed()
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    [note] = table_with(app, "Как отвечает")["Примечание"]
    assert state_on(TODAY, number)["number"] in note
