"""Extracts from ЕГРН in a real database: rights are added and ended, people never doubled."""

from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from operational_db.database import owner_engine, screens_connection
from operational_db.imports.problems import FileRefusedError
from operational_db.reference.loader import load_reference
from operational_db.services.import_report import Outcome
from operational_db.services.importing import import_file
from tests.egrn_extracts import CADASTRAL, JOINT, SHARED, Body, Owner, Right, extract
from tests.factories import (
    insert,
    insert_all,
    new_account,
    new_organisation,
    new_owner,
    new_person,
    new_session,
    new_user,
)

TODAY = date(2026, 11, 21)
IVANOV = Owner("Иванов Пётр Сергеевич", "1980-01-01", "112-233-445 95", "46 08 123456")
PETROVA = Owner("Петрова Алёна Игоревна", "1985-05-05")


@pytest.fixture(scope="module")
def town(module_database):
    """Two flats of one house, an owner from the billing, sessions of a lawyer and an accountant."""
    assert module_database.owner
    with owner_engine().begin() as connection:
        load_reference(connection)
        ours = new_organisation(connection)
        theirs = new_organisation(connection)
        settlement = insert(
            connection, "address_object", "address_object_id",
            level="settlement", type_name="г.", name="Красногорск",
        )  # fmt: skip
        street = insert(
            connection, "address_object", "address_object_id",
            level="street", type_name="ул.", name="Речная", parent_id=settlement,
        )  # fmt: skip
        house = insert(connection, "house", "house_id", address_object_id=street, number="5")
        flats = {
            number: insert(
                connection, "premises", "premises_id",
                house_id=house, kind="flat", number=number, cadastral_number=cadastral,
            )
            for number, cadastral in (("7", CADASTRAL), ("8", None), ("9", "50:11:0010001:99"))
        }  # fmt: skip
        accounts = {
            number: new_account(connection, ours, premises_id=flat)
            for number, flat in flats.items()
            if number != "9"
        }
        new_account(connection, theirs, premises_id=flats["9"])
        # The billing knows the name only.
        billed = new_person(connection, ours)
        new_owner(
            connection, flats["7"], billed, valid_from=date(2015, 1, 1), source="лицевой счёт"
        )
        tokens = {
            role: new_session(connection, new_user(connection, ours, role))
            for role in ("lawyer", "accountant")
        }
    return {
        "ours": ours, "theirs": theirs, "flats": flats, "billed": billed, "tokens": tokens,
        "accounts": accounts,
    }  # fmt: skip


@pytest.fixture
def work(town):
    """One transaction of the owner; nothing of it stays."""
    assert town
    with owner_engine().connect() as connection:
        yield connection
        connection.rollback()


def load(connection, town, content, **values):
    given = {
        "kind": "egrn",
        "file_name": "выписка.xml",
        "content": content,
        "organisation_id": town["ours"],
        "today": TODAY,
    }
    return import_file(connection, **(given | values))


def rights(connection, premises_id, day="2026-11-21"):
    """Rights on a day: kind, name, share, first day."""
    found = connection.execute(
        text(
            "select w.right_kind, coalesce(p.last_name, o.code, w.holder_name) as holder, "
            "w.share_numerator || '/' || w.share_denominator as share, w.valid_from::text "
            "from ops.ownership as w left join ops.person as p using (person_id) "
            "left join ops.organisation as o on w.holder_organisation_id = o.organisation_id "
            "where w.premises_id = :premises_id and w.valid_from <= cast(:day as date) "
            "and (w.valid_to is null or w.valid_to >= cast(:day as date)) order by w.ownership_id"
        ),
        {"premises_id": premises_id, "day": day},
    )
    return [tuple(row) for row in found]


def scalar(connection, query, **values):
    return connection.scalar(text(query), values)


def test_the_owner_of_the_billing_is_the_owner_of_the_register(town, work):
    report = load(work, town, extract(Right([IVANOV])))
    assert (report.rows_accepted, report.rows_known) == (1, 0)
    assert report.figures["новых людей"] == 0
    flat = town["flats"]["7"]
    assert rights(work, flat) == [("ownership", "Иванов", "1/1", "2018-04-23")]
    # Until the registration the billing's word stands.
    assert rights(work, flat, "2018-04-22") == [("ownership", "Иванов", "1/1", "2015-01-01")]
    person = work.execute(
        text("select birth_date::text from ops.person where person_id = :id"),
        {"id": town["billed"]},
    ).scalar_one()
    assert person == "1980-01-01"
    numbers = "select string_agg(number, '; ' order by kind) from ops.person_identifier"
    assert scalar(work, numbers) == "46 08 123456; 112-233-445 95"
    corrected = "select field || ' ' || coalesce(old_value, '-') from ops.person_correction"
    assert scalar(work, corrected) == "birth_date -"


def test_the_same_file_and_the_same_rights_change_nothing(town, work):
    content = extract(Right([IVANOV]))
    load(work, town, content)
    before = scalar(work, "select count(*) from ops.ownership")
    assert load(work, town, content).outcome is Outcome.ALREADY_LOADED
    later = load(work, town, extract(Right([IVANOV]), formed="2026-11-10"))
    assert (later.rows_accepted, later.rows_known) == (0, 1)
    assert scalar(work, "select count(*) from ops.ownership") == before
    assert scalar(work, "select count(*) from ops.person") == 1


def test_a_new_owner_comes_with_the_registration_and_the_old_one_ends_the_day_before(town, work):
    load(work, town, extract(Right([IVANOV]), formed="2020-01-01"))
    sold = Right([PETROVA], since="2021-06-10T09:00:00+03:00", number="2021-1")
    report = load(work, town, extract(sold))
    assert report.figures["прав прекращено"] == 1
    flat = town["flats"]["7"]
    assert rights(work, flat, "2021-06-09") == [("ownership", "Иванов", "1/1", "2018-04-23")]
    assert rights(work, flat, "2021-06-10") == [("ownership", "Петрова", "1/1", "2021-06-10")]


def test_an_owner_who_never_was_in_the_register_is_taken_out_of_all_days(town, work):
    load(work, town, extract(Right([PETROVA], since="2012-02-02T00:00:00+04:00")))
    flat = town["flats"]["7"]
    assert rights(work, flat, "2016-01-01") == [("ownership", "Петрова", "1/1", "2012-02-02")]
    ended = "select valid_to::text || ' ' || coalesce(previous_valid_to::text, '-')"
    assert scalar(work, f"{ended} from ops.ownership_end") == "2014-12-31 -"


def test_co_owners_stand_by_share_and_the_minor_is_pointed_out(town, work):
    child = Owner("Иванова Мария Петровна", "2015-03-03")
    report = load(
        work,
        town,
        extract(
            Right([IVANOV], SHARED, "2/3", number="1"), Right([child], SHARED, "1/3", number="2")
        ),
    )
    assert rights(work, town["flats"]["7"]) == [
        ("shared_ownership", "Иванов", "2/3", "2018-04-23"),
        ("shared_ownership", "Иванова", "1/3", "2018-04-23"),
    ]
    assert any("несовершеннолетний" in notice.text for notice in report.notices)
    assert scalar(work, "select sex from ops.person where first_name = 'Мария'") == "female"


def test_joint_owners_have_equal_parts(town, work):
    load(work, town, extract(Right([IVANOV, PETROVA], JOINT)))
    assert rights(work, town["flats"]["7"]) == [
        ("joint_ownership", "Иванов", "1/2", "2018-04-23"),
        ("joint_ownership", "Петрова", "1/2", "2018-04-23"),
    ]


def test_shares_that_do_not_make_a_whole_are_flagged_and_nobody_is_ended(town, work):
    report = load(work, town, extract(Right([PETROVA], SHARED, "5/6")))
    told = " ".join(notice.text for notice in report.notices)
    assert "дают 5/6" in told
    assert "осталось право" in told
    assert [right[1] for right in rights(work, town["flats"]["7"])] == ["Иванов", "Петрова"]
    assert scalar(work, "select share_sum from ops.egrn_extract") == "5/6"


def test_an_extract_that_only_ends_a_right_changes_something(town, work):
    shared = [Right([it], SHARED, "1/2", number=str(n)) for n, it in enumerate((IVANOV, PETROVA))]
    load(work, town, extract(*shared, formed="2020-01-01"))
    stranger = new_person(work, town["ours"], last_name="Лишний")
    new_owner(work, town["flats"]["7"], stranger, valid_from=date(2019, 1, 1))
    report = load(work, town, extract(*shared, formed="2026-11-01"))
    assert (report.rows_accepted, report.rows_known) == (1, 2)
    assert report.figures["прав прекращено"] == 1
    assert [right[1] for right in rights(work, town["flats"]["7"])] == ["Иванов", "Петрова"]


def test_a_share_that_cannot_be_refuses_the_whole_file(town, work):
    with pytest.raises(FileRefusedError, match=r"«выписка\.xml» не загружен.*1/0"):
        load(work, town, extract(Right([IVANOV], SHARED, "1/0")))
    assert scalar(work, "select count(*) from ops.import_file") == 0


def test_bodies_own_by_inn_or_by_name(town, work):
    work.execute(
        text("update ops.organisation set inn = '7727406020' where organisation_id = :id"),
        {"id": town["theirs"]},
    )
    known = Right([Body("ООО «Чужое»", "7727406020")], SHARED, "1/2", number="1")
    unknown = Right([Body("ООО «Ромашка»", "7707083893")], SHARED, "1/2", number="2")
    load(work, town, extract(known, unknown))
    code = scalar(
        work, "select code from ops.organisation where organisation_id = :id", id=town["theirs"]
    )
    assert [right[1:3] for right in rights(work, town["flats"]["7"])] == [
        (code, "1/2"),
        ("ООО «Ромашка»", "1/2"),
    ]
    again = load(work, town, extract(known, unknown, formed="2026-11-02"))
    assert (again.rows_accepted, again.rows_known) == (0, 2)


def test_hidden_names_leave_those_whom_we_know(town, work):
    load(work, town, extract(Right([IVANOV]), formed="2020-01-01"))
    report = load(work, town, extract(Right()))
    assert (report.rows_accepted, report.rows_known) == (0, 1)
    assert any("скрыты" in notice.text for notice in report.notices)
    assert [right[1] for right in rights(work, town["flats"]["7"])] == ["Иванов"]


def test_no_right_in_the_register_ends_nothing(town, work):
    report = load(work, town, extract())
    assert any("не зарегистрированы" in notice.text for notice in report.notices)
    assert len(rights(work, town["flats"]["7"])) == 1


def test_premises_are_found_by_address_and_learn_their_number(town, work):
    address = "Московская область, Красногорск г.о., г. Красногорск, ул. Речная, д. 5, кв. 8"
    report = load(
        work, town, extract(Right([PETROVA]), cadastral="50:11:0010001:88", address=address)
    )
    assert any("по адресу" in notice.text for notice in report.notices)
    number = "select cadastral_number from ops.premises where premises_id = :id"
    assert scalar(work, number, id=town["flats"]["8"]) == "50:11:0010001:88"


@pytest.mark.parametrize(
    ("cadastral", "flat", "told"),
    [
        ("50:11:0010001:99", "9", "нет лицевого счёта"),
        ("50:11:0010001:55", "55", "нет лицевого счёта"),
        (CADASTRAL, "8", "указывает на одно наше помещение, адрес – на другое"),
        ("50:11:0010001:78", "7", "кадастровый номер 50:11:0010001:77"),
    ],
)
def test_an_extract_of_other_premises_is_refused(town, work, cadastral, flat, told):
    address = f"г. Красногорск, ул. Речная, д. 5, кв. {flat}"
    with pytest.raises(FileRefusedError, match="другом помещении") as refusal:
        load(work, town, extract(Right([IVANOV]), cadastral=cadastral, address=address))
    assert told in str(refusal.value)
    assert scalar(work, "select count(*) from ops.egrn_extract") == 0


def test_an_older_extract_does_not_turn_time_back(town, work):
    load(work, town, extract(Right([PETROVA]), formed="2026-11-01"))
    with pytest.raises(FileRefusedError, match="Уже загружена выписка новее"):
        load(work, town, extract(Right([IVANOV]), formed="2020-01-01"))


def test_a_person_known_by_snils_is_not_made_anew_under_another_surname(town, work):
    insert_all(
        work,
        "person_identifier",
        [{"person_id": town["billed"], "kind": "snils", "number": "112-233-445 95"}],
    )
    married = Owner("Сидоров Пётр Сергеевич", "1980-01-01", "112-233-445 95")
    report = load(work, town, extract(Right([married])))
    assert report.figures["новых людей"] == 0
    assert scalar(work, "select count(*) from ops.person") == 1


def test_a_namesake_born_on_another_day_is_somebody_else(town, work):
    work.execute(
        text(
            "insert into ops.person_correction (person_id, field, new_value, basis) "
            "values (:id, 'birth_date', '1950-05-05', 'паспорт')"
        ),
        {"id": town["billed"]},
    )
    report = load(work, town, extract(Right([IVANOV])))
    assert report.figures["новых людей"] == 1


def test_yo_makes_no_second_person(town, work):
    load(work, town, extract(Right([PETROVA])))
    plain = Owner("Петрова Алена Игоревна", "1985-05-05")
    report = load(work, town, extract(Right([plain]), formed="2026-11-02"))
    assert report.figures["новых людей"] == 0


def test_the_warehouse_is_told_whose_owner_changed(town, work):
    work.execute(text("delete from ops.account_change"))
    load(work, town, extract(Right([PETROVA])))
    changed = set(work.execute(text("select account_id from ops.account_change")).scalars())
    assert changed == {town["accounts"]["7"]}


@contextmanager
def trying(token):
    with screens_connection(token) as connection:
        attempt = connection.begin_nested()
        yield connection
        attempt.rollback()


def test_a_lawyer_loads_an_extract_in_his_own_name(town):
    with trying(town["tokens"]["lawyer"]) as connection:
        user_id = connection.scalar(text("select ops.session_user_id()"))
        child = Owner("Иванова Мария Петровна", "2015-03-03")
        content = extract(
            Right([IVANOV], SHARED, "1/2", number="1"), Right([child], SHARED, "1/2", number="2")
        )
        report = load(connection, town, content, user_id=user_id)
        assert report.rows_accepted == 2
        assert report.figures["новых людей"] == 1
        names = text("select full_name from ops.person_visible order by full_name")
        assert list(connection.scalars(names)) == [
            "Иванов Пётр Сергеевич",
            "Иванова Мария Петровна",
        ]


def test_nobody_else_does(town):
    content = extract(Right([PETROVA]))
    with trying(town["tokens"]["accountant"]) as connection:
        user_id = connection.scalar(text("select ops.session_user_id()"))
        with pytest.raises(ProgrammingError, match="row-level security"):
            load(connection, town, content, user_id=user_id)
