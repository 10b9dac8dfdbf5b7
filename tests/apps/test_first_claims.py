"""What cannot go as an order: a claim drafted from the card, or a case written down by hand."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, create_engine, pool, text

from apps import menu
from operational_db.models.claims import CaseEventKind, CaseKind
from operational_db.services.cases import CaseRefusedError, NewEvent, register_event
from operational_db.services.duties import pay_by_hand
from operational_db.services.filing import first_claims
from operational_db.services.filing.first_claims import FiledByHand
from orchestration.lib.builds import run_build
from orchestration.lib.package_runs import make_packages
from tests.apps import town
from tests.apps.conftest import plain, prepared_town
from tests.apps.test_batches import COURT, TODAY, approved, as_user, mended, proposed, words_of
from tests.apps.test_claim_packages import made
from tests.apps.test_instalments import agreed

DISTRICT = "77RS0001"
FIRM = town.FIRST_FILLER
HALF_OF_PETROVA = text(
    "insert into ops.ownership (premises_id, right_kind, person_id, share_numerator, "
    "share_denominator, valid_from, source) "
    "values (:flat, 'shared_ownership', 102, 1, 2, '2015-01-01', 'выписка из ЕГРН')"
)


def with_a_district_and_a_firm(owner: Engine) -> None:
    """Иванов's house belongs to a district court as well; a filler's flat belongs to a firm."""
    mended(owner)
    with owner.begin() as connection:
        for statement in (
            f"insert into ops.court (court_code, kind, name, region_code, address) values "
            f"('{DISTRICT}', 'RS', 'Зеленоградский районный суд города Москвы', '77', "
            "'124000, г. Зеленоград, ул. Судебная, д. 2')",
            "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
            f"values (2, 'RS', '{DISTRICT}', 'письмо суда')",
            "insert into ops.ownership (premises_id, organisation_id, right_kind, holder_name, "
            f"holder_inn, valid_from, source) values ({FIRM}, {town.UYUT}, 'ownership', "
            "'ООО «Ромашка»', '7700000023', '2015-01-01', 'выписка из ЕГРН')",
        ):
            connection.execute(text(statement))


@pytest.fixture(scope="module")
def town_at_start(database_server, town_template) -> Iterator[str]:
    with prepared_town(database_server, town_template, with_a_district_and_a_firm) as name:
        yield name


@pytest.fixture
def mended_town(town_database) -> Engine:
    return create_engine(town_database.owner, poolclass=pool.NullPool)


def grown(owner, town_database, roubles: int) -> None:
    """One more charge of Иванов's oldest month."""
    with owner.begin() as connection:
        connection.execute(
            text(
                "insert into ops.charge (account_id, period, service_id, kind, amount, booked_on) "
                "select account_id, period, service_id, 'recalculation', :sum, booked_on "
                "from ops.charge where account_id = 101 and period = :month"
            ),
            {"sum": roubles, "month": town.CALENDAR.month(12)},
        )
    run_build(town_database.owner)


def only_offer(account_id: int = town.IVANOV) -> first_claims.ClaimOffer:
    with as_user("lawyer") as connection:
        [offer] = first_claims.claim_offers(connection, account_id)
    return offer


def opened(offer: first_claims.ClaimOffer, **more):
    with as_user("lawyer") as connection:
        return first_claims.open_first_claim(connection, town.IVANOV, offer.key, **more)


def test_a_sum_above_the_limit_of_orders_goes_as_a_claim_to_the_district_court(
    mended_town, town_database
):
    grown(mended_town, town_database, 500_000)
    offer = only_offer()
    assert (offer.court.court_kind, offer.court_code) == ("RS", DISTRICT)
    assert "судебный приказ по ней не выдают" in plain(offer.above_limit)
    claim = opened(offer)
    papers = made(mended_town, town_database, claim.case_id)
    told = plain(words_of(papers[0].content))
    assert "В Зеленоградский районный суд города Москвы" in told
    assert "превышает 500 000,00 руб. – предел, до которого выдают судебный приказ" in told
    assert f"{offer.principal:,.2f}".replace(",", " ").replace(".", ",") in told
    with mended_town.connect() as connection:
        find = text("select amount from ops.state_duty where case_id = :id")
        assert connection.scalar(find, {"id": claim.case_id}) == offer.duty.amount
    with as_user("lawyer") as connection:
        assert first_claims.claim_offers(connection, town.IVANOV) == []


def refused_order(owner, reason_code: str = "dispute") -> int:
    """Иванов's order of a batch, paid for and refused; the figures are not counted anew."""
    make_packages(owner, approved(proposed()))
    with owner.begin() as connection:
        order = connection.scalar(text("select case_id from ops.court_case"))
        duty = connection.scalar(text("select state_duty_id from ops.state_duty"))
        pay_by_hand(connection, duty, paid_on=TODAY, document="17")
        register_event(connection, NewEvent(order, CaseEventKind.FILED, TODAY))
        refused = NewEvent(order, CaseEventKind.REFUSED, TODAY, reason_code=reason_code)
        register_event(connection, refused)
    return order


def test_a_refused_order_goes_on_as_a_claim_that_names_the_refusal_and_sets_off_the_duty(
    mended_town, town_database
):
    order = refused_order(mended_town)
    run_build(town_database.owner)
    offer = only_offer()
    assert offer.refused.case_id == order
    assert offer.court_code == COURT
    claim = opened(offer)
    assert (claim.duty_offset, claim.duty_to_pay) == (Decimal(2000), Decimal(2000))
    told, *_, listed = (
        plain(words_of(paper.content)) for paper in made(mended_town, town_database, claim.case_id)
    )
    assert "отказано в принятии заявления о вынесении судебного приказа" in told
    assert "из документов виден спор о праве (ГПК РФ ст. 125 ч. 3 п. 3)" in told
    assert "Зачесть государственную пошлину" in told
    assert "об отказе в принятии заявления о судебном приказе" in listed


def test_a_refusal_speaks_of_no_month_that_the_order_did_not_ask_for(mended_town, town_database):
    refused_order(mended_town)
    with mended_town.begin() as connection:
        older = text(
            "insert into ops.charge (account_id, period, service_id, kind, amount, booked_on) "
            "select account_id, :older, service_id, 'charge', 700, :booked_on "
            "from ops.charge where account_id = 101 and period = :month"
        )
        calendar = town.CALENDAR
        months = {"older": calendar.month(13), "month": calendar.month(12)}
        connection.execute(older, months | {"booked_on": calendar.last_day(13)})
    run_build(town_database.owner)
    offer = only_offer()
    assert offer.months[0]["period"] == town.CALENDAR.month(13)
    assert offer.refused is None
    with pytest.raises(CaseRefusedError, match=r"ст\. 135"):
        opened(offer)


def test_a_refusal_because_the_debtor_died_is_no_way_to_a_claim(mended_town, town_database):
    refused_order(mended_town, "debtor_dead")
    run_build(town_database.owner)
    assert only_offer().refused is None


def test_a_claim_withdrawn_before_it_was_filed_leaves_the_refusal_and_the_duty_to_the_next(
    mended_town, town_database
):
    order = refused_order(mended_town)
    run_build(town_database.owner)
    first = opened(only_offer())
    with as_user("lawyer") as connection:
        register_event(connection, NewEvent(first.case_id, CaseEventKind.WITHDRAWN, TODAY))
    run_build(town_database.owner)
    offer = only_offer()
    assert offer.refused.case_id == order
    second = opened(offer)
    assert (second.duty_offset, second.duty_to_pay) == (Decimal(2000), Decimal(2000))
    with mended_town.connect() as connection:
        received = text("select offset_amount from ops.state_duty_current where case_id = :id")
        assert connection.scalar(received, {"id": first.case_id}) == 0


def test_an_offer_that_is_claimed_already_does_not_sue_the_next_owner(mended_town, town_database):
    with mended_town.begin() as connection:
        half = (
            "update ops.ownership set right_kind = 'shared_ownership', share_denominator = 2 "
            "where premises_id = 101"
        )
        connection.execute(text(half))
        connection.execute(HALF_OF_PETROVA, {"flat": town.IVANOV})
    run_build(town_database.owner)
    with as_user("lawyer") as connection:
        ivanov, petrova = first_claims.claim_offers(connection, town.IVANOV)
    assert [ivanov.people[0]["person_id"], petrova.people[0]["person_id"]] == [101, 102]
    opened(ivanov, reason_code="dispute", comment="спор")
    run_build(town_database.owner)
    assert only_offer().people[0]["person_id"] == 102
    with pytest.raises(CaseRefusedError, match="больше нет"):
        opened(ivanov, reason_code="dispute", comment="спор")


def test_an_offer_whose_sum_has_changed_is_not_claimed(mended_town, town_database):
    offer = only_offer()
    grown(mended_town, town_database, 300)
    with pytest.raises(CaseRefusedError, match="сумма изменилась"):
        opened(offer, reason_code="dispute", comment="спор")


@pytest.mark.usefixtures("mended_town")
def test_no_order_because_of_another_reason_is_not_offered_as_a_reason():
    with as_user("lawyer") as connection:
        codes = [each.reason_code for each in first_claims.reasons_without_order(connection)]
    assert codes == ["dispute", "not_order_demand", "debtor_abroad"]


def test_below_the_limit_a_claim_needs_a_reason_of_the_law_and_words(mended_town):
    assert mended_town
    offer = only_offer()
    with pytest.raises(CaseRefusedError, match=r"ст\. 135"):
        opened(offer)
    with pytest.raises(CaseRefusedError, match="из чего это видно"):
        opened(offer, reason_code="dispute", comment=" ")
    claim = opened(offer, reason_code="dispute", comment="Иванов оспаривает право")
    with mended_town.connect() as connection:
        why = text("select reason_code, comment from ops.case_event where case_id = :id")
        found = connection.execute(why, {"id": claim.case_id}).one()
    assert tuple(found) == ("dispute", "Иванов оспаривает право")


def test_whom_a_red_rule_stops_is_not_sued_past_the_batch_either(mended_town, change):
    assert mended_town
    change("update ops.person set death_date = '2026-01-01' where person_id = 101")
    with pytest.raises(CaseRefusedError, match="Должник умер"):
        opened(only_offer(), reason_code="dispute", comment="спор")


@pytest.mark.usefixtures("mended_town")
def test_what_an_agreement_puts_off_is_not_sued_past_the_batch_either():
    agreed()
    with pytest.raises(CaseRefusedError, match="платит по рассрочке"):
        opened(only_offer(), reason_code="dispute", comment="спор")


def test_shares_that_do_not_add_up_stop_a_claim_as_they_stop_a_batch(mended_town, town_database):
    with mended_town.begin() as connection:
        connection.execute(HALF_OF_PETROVA, {"flat": town.IVANOV})
    run_build(town_database.owner)
    with as_user("lawyer") as connection:
        ivanov, _ = first_claims.claim_offers(connection, town.IVANOV)
    with pytest.raises(CaseRefusedError, match="Доли не складываются"):
        opened(ivanov, reason_code="dispute", comment="спор")


@pytest.mark.usefixtures("mended_town")
def test_nobody_is_sued_while_the_owner_is_unknown():
    offer = only_offer(FIRM + 1)
    assert offer.is_of_nobody
    with as_user("lawyer") as connection:
        with pytest.raises(CaseRefusedError, match="внесите собственника"):
            first_claims.open_first_claim(connection, FIRM + 1, offer.key)
        with pytest.raises(CaseRefusedError, match="внесите собственника"):
            first_claims.record_by_hand(connection, FIRM + 1, offer.key, filed_by_hand())


def filed_by_hand(**more) -> FiledByHand:
    values = {
        "kind": CaseKind.CLAIM,
        "court": "Арбитражный суд города Москвы",
        "filed_on": TODAY,
        "first_month": date(2020, 1, 1),
        "last_month": TODAY,
        "court_number": "А40-1/2026",
    }
    return FiledByHand(**values | more)


def recorded(filed: FiledByHand):
    with as_user("lawyer") as connection:
        [offer] = first_claims.claim_offers(connection, FIRM)
        return first_claims.record_by_hand(connection, FIRM, offer.key, filed)


def test_a_case_against_a_firm_is_written_down_and_its_months_are_claimed(
    mended_town, town_database
):
    offer = only_offer(FIRM)
    assert (offer.is_of_people, offer.holder_name) == (False, "ООО «Ромашка»")
    with as_user("lawyer") as connection, pytest.raises(CaseRefusedError, match="другой суд"):
        first_claims.open_first_claim(connection, FIRM, offer.key)
    case = recorded(filed_by_hand())
    run_build(town_database.owner)
    with mended_town.connect() as connection:
        named = text("select holder_name from ops.case_debtor where case_id = :id")
        assert connection.scalar(named, {"id": case.case_id}) == "ООО «Ромашка»"
        left = text(
            "select sum(claimable_amount) as claimable, sum(claimed_amount) as claimed "
            "from marts.debt_parts where account_id = :id"
        )
        row = connection.execute(left, {"id": FIRM}).one()
    assert (row.claimable, row.claimed) == (0, offer.principal)
    with as_user("lawyer") as connection:
        assert first_claims.claim_offers(connection, FIRM) == []


def test_only_the_months_of_the_case_are_claimed(mended_town):
    assert mended_town
    month = town.CALENDAR.month(12)
    case = recorded(filed_by_hand(first_month=month, last_month=month, with_penalty=False))
    with mended_town.connect() as connection:
        find = text("select period, part, amount from ops.claimed_month where case_id = :id")
        rows = connection.execute(find, {"id": case.case_id}).all()
    assert [tuple(row) for row in rows] == [(month, "principal", 1000)]


def test_a_month_that_was_not_late_on_the_day_of_filing_is_not_claimed(mended_town):
    late = sorted({(row["due_date"], row["period"]) for row in only_offer(FIRM).months})
    last_due, last_period = late[-1]
    case = recorded(filed_by_hand(filed_on=last_due, with_penalty=False))
    with mended_town.connect() as connection:
        find = text("select distinct period from ops.claimed_month where case_id = :id")
        claimed = set(connection.scalars(find, {"id": case.case_id}))
    assert claimed == {period for _, period in late} - {last_period}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"court": " "}, "Назовите суд"),
        ({"filed_on": TODAY - timedelta(days=3)}, "Пени здесь посчитаны по"),
        ({"first_month": date(2020, 1, 1), "last_month": date(2020, 2, 1)}, "заявлять нечего"),
    ],
)
def test_a_case_by_hand_without_a_court_or_months_is_refused(mended_town, more, told):
    assert mended_town
    with pytest.raises(CaseRefusedError, match=told):
        recorded(filed_by_hand(**more))


def test_a_firm_that_holds_a_share_is_not_written_down_for_the_whole_month(
    mended_town, town_database
):
    with mended_town.begin() as connection:
        half = text("update ops.ownership set share_denominator = 2 where premises_id = :flat")
        connection.execute(half, {"flat": FIRM})
        connection.execute(HALF_OF_PETROVA, {"flat": FIRM})
    run_build(town_database.owner)
    with as_user("lawyer") as connection:
        offers = first_claims.claim_offers(connection, FIRM)
        [firm] = [offer for offer in offers if not offer.is_of_people]
        with pytest.raises(CaseRefusedError, match="долей"):
            first_claims.record_by_hand(connection, FIRM, firm.key, filed_by_hand())


@pytest.mark.parametrize(
    ("login", "told"), [("neighbour", "больше нет"), ("accountant", "юрист или руководитель")]
)
def test_neighbours_and_accountants_open_no_claim(mended_town, login, told):
    offer = only_offer()
    with as_user("neighbour") as connection:
        assert first_claims.claim_offers(connection, town.IVANOV) == []
    with as_user(login) as connection:
        with pytest.raises(CaseRefusedError, match=told):
            first_claims.open_first_claim(
                connection, town.IVANOV, offer.key, reason_code="dispute", comment="спор"
            )
        with pytest.raises(CaseRefusedError, match=told):
            first_claims.record_by_hand(connection, town.IVANOV, offer.key, filed_by_hand())
    with mended_town.connect() as connection:
        assert connection.scalar(text("select count(*) from ops.court_case")) == 0


def test_a_lawyer_drafts_a_claim_from_the_card(mended_town, open_as, ask):
    assert mended_town
    app = open_as("lawyer", menu.ACCOUNT, account=str(town.IVANOV))
    app.toggle(key="first_claim").set_value(True).run()
    app.selectbox(key="first_claim_reason").select("dispute").run()
    app.text_input(key="first_claim_comment").set_value("Иванов оспаривает право").run()
    app.button(key="first_claim_open").click().run()
    assert not app.exception
    assert [error.value for error in app.error] == []
    assert ask("select kind, court_code from ops.court_case") == [("claim", COURT)]


def test_a_lawyer_writes_a_case_of_a_firm_down_on_its_card(mended_town, open_as, ask):
    assert mended_town
    app = open_as("lawyer", menu.ACCOUNT, account=str(FIRM))
    app.toggle(key="first_claim").set_value(True).run()
    assert any("арбитражный" in warning.value for warning in app.warning)
    app.text_input(key="record_court").set_value("Арбитражный суд города Москвы")
    app.text_input(key="record_number").set_value("А40-7/2026")
    app.button(key="record_save").click().run()
    assert not app.exception
    assert ask("select court_number from ops.case_event where kind = 'filed'") == [("А40-7/2026",)]


@pytest.mark.usefixtures("mended_town")
def test_the_card_of_an_unknown_owner_asks_for_the_owner_and_offers_no_form(open_as):
    app = open_as("lawyer", menu.ACCOUNT, account=str(FIRM + 1))
    app.toggle(key="first_claim").set_value(True).run()
    assert not app.exception
    assert any("внесите собственника" in warning.value for warning in app.warning)
    assert not any("арбитражный" in warning.value for warning in app.warning)
    keys = {button.key for button in app.button}
    assert not keys & {"first_claim_open", "record_save"}


@pytest.mark.usefixtures("mended_town")
def test_the_card_says_why_a_case_is_not_written_down(open_as, ask):
    app = open_as("lawyer", menu.ACCOUNT, account=str(FIRM))
    app.toggle(key="first_claim").set_value(True).run()
    app.button(key="record_save").click().run()
    assert not app.exception
    assert any("Назовите суд" in error.value for error in app.error)
    assert ask("select count(*) from ops.court_case") == [(0,)]


def test_an_accountant_sees_no_switch_for_claims(mended_town, open_as):
    assert mended_town
    app = open_as("accountant", menu.ACCOUNT, account=str(town.IVANOV))
    assert [toggle.key for toggle in app.toggle if toggle.key == "first_claim"] == []
