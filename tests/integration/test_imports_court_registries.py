"""Payment details and territories of courts, and the court of every house, in a real database."""

import pytest
from sqlalchemy import text

from operational_db.database import owner_engine
from operational_db.services.import_report import Outcome
from tests.integration.importing_steps import count, counts, load, rows

COURTS = (
    "court_code,court_name,court_type,region_id,parent_court\n"
    "57MS0001,Участок № 1,MS,57,Советский районный суд г. Орла\n"
    "57MS0002,Участок № 2,MS,57,Советский районный суд г. Орла\n"
    "57RS0001,Советский районный суд г. Орла,RS,57,\n"
    "57OS0001,Орловский областной суд,OS,57,\n"
)
HOUSES = "address\n" + "".join(
    f"{address}\n"
    for address in (
        "г. Орёл ул. Весёлая д. 1",
        "г. Орёл ул. Весёлая д. 2",
        "г. Орёл ул. Весёлая д. 12",
        "г. Орёл ул. Весёлая д. 12 к. 1",
        "г. Орёл ул. Весёлая д. 12А",
        "г. Орёл ул. Мира д. 5",
        "г. Орёл п. Дачный ул. Мира д. 5",
    )
)
TERRITORIES = "Код суда;Населённый пункт;Улица;Чётность;С дома;По дом;Дома;Кроме;Источник\n"
DETAILS = (
    "court_code;payee;inn;kpp;oktmo;kbk;bic;account_number;correspondent_account;bank;"
    "valid_from;source\n"
)
TULA = (
    "57MS0001;Казначейство России (ФНС России);7727406020;770801001;54701000;"
    "18210803010011050110;017003983;03100643000000018500;40102810445370000059;"
    "ОТДЕЛЕНИЕ ТУЛА БАНКА РОССИИ;01.01.2024;сайт суда\n"
)


@pytest.fixture(autouse=True)
def _courts(fresh_database):
    assert fresh_database.owner
    load(None, "courts", COURTS)


def court_of_houses():
    return {
        f"{street} {number}": (code, state)
        for street, number, code, state in rows(
            "select o.name, ops.house_key(h.number, h.building, h.structure), c.magistrate_code, "
            "c.magistrate_state from ops.house_court as c inner join ops.house as h "
            "using (house_id) inner join ops.address_object as o using (address_object_id)"
        )
    }


def test_every_house_gets_the_section_of_its_street_and_number():
    content = TERRITORIES + (
        "57MS0001;г. Орёл;ул. Весёлая;нечётные;;;;;закон\n"
        "57MS0002;г. Орел;улица Веселая;чётные;2;20;;12 корп. 1;закон\n"
        "57MS0001;г. Орёл;ул. Весёлая;;;;12к1;;закон\n"
        "57MS0002;г. Орёл;;;;;;;закон\n"
    )
    assert counts(load(None, "court-territories", content)) == (4, 0, 0)
    load(None, "houses", HOUSES)
    found = court_of_houses()
    # A range takes in letters; a building that is excepted goes where its own row says.
    assert found["Весёлая 1"] == ("57MS0001", "territory")
    assert found["Весёлая 2"] == found["Весёлая 12"] == found["Весёлая 12а"]
    assert found["Весёлая 2"] == ("57MS0002", "territory")
    assert found["Весёлая 12к1"] == ("57MS0001", "territory")
    # What no street names belongs to the rest of the town, its villages too.
    assert found["Мира 5"] == ("57MS0002", "territory")
    assert rows("select distinct district_code, district_state from ops.house_court") == [
        ("57RS0001", "of_section")
    ]


def test_a_house_without_a_section_and_one_with_two_are_told_apart():
    load(None, "houses", HOUSES)
    content = TERRITORIES + (
        "57MS0001;п. Дачный;ул. Мира;;;;;;закон\n57MS0002;г. Орёл п. Дачный;ул. Мира;;;;;;закон\n"
    )
    assert counts(load(None, "court-territories", content)) == (2, 0, 0)
    found = rows(
        "select magistrate_state, magistrate_candidates, count(*) from ops.house_court "
        "group by 1, 2 order by 3"
    )
    assert found == [("several", ["57MS0001", "57MS0002"], 1), ("none", None, 6)]


def test_a_decision_by_hand_goes_before_territories_and_can_be_taken_back():
    load(None, "houses", HOUSES)
    load(None, "court-territories", TERRITORIES + "57MS0001;г. Орёл;;;;;;;закон\n")
    decide = text(
        "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
        "values (:house, 'MS', :court, 'письмо')"
    )
    [(house,)] = rows("select min(house_id) from ops.house")
    asked = "select magistrate_code, magistrate_state from ops.house_court where house_id = :house"
    for court, expected in (("57MS0002", "by_hand"), (None, "territory")):
        with owner_engine().begin() as connection:
            connection.execute(decide, {"house": house, "court": court})
        assert rows(asked, house=house) == [(court or "57MS0001", expected)]


def test_overlap_within_a_file_refuses_both_lines_and_names_them():
    content = TERRITORIES + (
        "57MS0001;г. Орёл;ул. Весёлая;;1;20;;;закон\n"
        "57MS0002;г. Орёл;ул. Весёлая;;10;30;;;закон\n"
        "57MS0002;г. Орёл;ул. Мира;;;;;;закон\n"
    )
    report = load(None, "court-territories", content)
    assert counts(report) == (1, 0, 2)
    assert "со строкой 3: дом 10" in report.refusals[0].reason
    assert "со строкой 2: дом 10" in report.refusals[1].reason
    assert rows("select street from ops.court_territory") == [("ул. Мира",)]


def test_overlap_with_what_is_there_is_refused_with_its_file_and_line():
    first = TERRITORIES + "57MS0001;г. Орёл;ул. Весёлая;;1;20;;;закон\n"
    load(None, "court-territories", first, file_name="первый.csv")
    second = TERRITORIES + "57MS0002;г. Орёл;ул. Весёлая;;;;15;;закон\n"
    report = load(None, "court-territories", second, file_name="второй.csv")
    assert counts(report) == (0, 0, 1)
    assert "дом 15" in report.refusals[0].reason
    assert "строке 2 файла «первый.csv»" in report.refusals[0].reason
    assert count("court_territory") == 1


def test_the_same_list_twice_changes_nothing_and_a_new_end_replaces_the_row():
    heading = TERRITORIES.replace("Источник", "Действует с;Действует по;Источник")
    row = "57MS0001;г. Орёл;ул. Весёлая;;1;20;;;01.01.2020;{};закон\n"
    content = heading + row.format("")
    assert load(None, "court-territories", content).outcome is Outcome.LOADED
    assert load(None, "court-territories", content).outcome is Outcome.ALREADY_LOADED
    assert counts(load(None, "court-territories", content + "\n")) == (0, 1, 0)
    ended = (
        heading
        + row.format("30.06.2026")
        + ("57MS0002;г. Орёл;ул. Весёлая;;1;20;;;01.07.2026;;закон\n")
    )
    assert counts(load(None, "court-territories", ended)) == (2, 0, 0)
    current = rows(
        "select court_code, valid_to::text from ops.court_territory_current order by court_code"
    )
    assert current == [("57MS0001", "2026-06-30"), ("57MS0002", None)]


def test_rows_that_cannot_be_are_refused_with_what_to_do():
    content = TERRITORIES + (
        "57MS0009;г. Орёл;ул. Мира;;;;;;закон\n"
        "57OS0001;г. Орёл;ул. Мира;;;;;;закон\n"
        "57MS0001;Орёл;ул. Мира;;;;;;закон\n"
        "57MS0001;г. Орёл;;;1;5;;;закон\n"
    )
    report = load(None, "court-territories", content)
    assert counts(report) == (0, 0, 4)
    told = [refusal.reason for refusal in report.refusals]
    for reason, word in zip(told, ("справочник", "не мировой", "Орёл", "улиц"), strict=True):
        assert word in reason


def test_details_stand_by_date_and_a_correction_leaves_the_old_row():
    assert counts(load(None, "court-details", DETAILS + TULA)) == (1, 0, 0)
    assert counts(load(None, "court-details", DETAILS + TULA + "\n")) == (0, 1, 0)
    later = TULA.replace("01.01.2024", "01.01.2026").replace("54701000", "54701001")
    corrected = TULA.replace("54701000", "54701002")
    report = load(None, "court-details", DETAILS + later + corrected)
    assert counts(report) == (2, 0, 0)
    assert "исправлены" in report.notices[0].text
    assert rows(
        "select valid_from::text, oktmo from ops.court_payment_details "
        "order by court_payment_details_id"
    ) == [("2024-01-01", "54701000"), ("2026-01-01", "54701001"), ("2024-01-01", "54701002")]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("7727406020", "7727406021", "контрольная"),
        ("770801001", "77080100", "КПП"),
        ("54701000", "547010", "ОКТМО"),
        ("18210803010011050110", "1821080301001105011", "КБК"),
        ("017003983", "17003983", "БИК"),
        ("03100643000000018500", "0310064300000001850", "счёт"),
        ("57MS0001", "57MS0099", "справочник"),
        ("01.01.2024", "01.13.2024", "календар"),
    ],
)
def test_wrong_details_are_refused(right, wrong, told):
    report = load(None, "court-details", DETAILS + TULA.replace(right, wrong))
    assert counts(report) == (0, 0, 1)
    assert told in report.refusals[0].reason
    assert count("court_payment_details") == 0


def test_details_that_are_out_of_date_are_noted():
    stale = TULA.replace("40102810445370000059", "40101810045250010041")
    report = load(None, "court-details", DETAILS + stale)
    assert counts(report) == (1, 0, 0)
    assert "до 2021 года" in report.notices[0].text
