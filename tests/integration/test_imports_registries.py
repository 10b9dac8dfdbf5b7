"""Houses and courts in a real database."""

from pathlib import Path

import pytest

from operational_db.services.import_report import Outcome
from tests.integration.importing_steps import count, counts, load, rows

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"нет открытых данных в {DATA}")
pytestmark = pytest.mark.usefixtures("fresh_database")

HOUSES = "address,built_year\n"
COURTS = "court_code,court_name,court_type,region_id,court_phone,last_update\n"
PLACES = """
    with recursive place as (
        select address_object_id, type_name || ' ' || name as title from ops.address_object
        where parent_id is null
        union all
        select a.address_object_id, p.title || ', ' || a.type_name || ' ' || a.name
        from ops.address_object as a inner join place as p on a.parent_id = p.address_object_id
    )
    select p.title, h.number, h.building, h.structure, h.built_year
    from ops.house as h inner join place as p using (address_object_id)
    order by h.import_line
"""


def test_houses_stand_on_their_streets():
    content = HOUSES + (
        "г. Орёл ул. Весёлая д. 12 а,1970\n"
        "г. Орёл п. Дачный ул. Весёлая д. 1 к. Б,н.д.\n"
        "г. Орёл п. Дачный д. 5 литер А,2001\n"
    )
    assert counts(load(None, "houses", content)) == (3, 0, 0)
    assert rows(PLACES) == [
        ("г. Орёл, ул. Весёлая", "12А", None, None, 1970),
        ("г. Орёл, п. Дачный, ул. Весёлая", "1", "Б", None, None),
        ("г. Орёл, п. Дачный", "5", None, "литера А", 2001),
    ]


def test_a_street_is_one_with_and_without_yo():
    load(None, "houses", HOUSES + "г. Орёл ул. Весёлая д. 1,\n")
    report = load(None, "houses", HOUSES + "г. Орел ул. Веселая д. 1,\nг. Орел ул. Веселая д. 2,\n")
    assert counts(report) == (1, 1, 0)
    assert count("address_object") == 2


def test_a_second_card_of_a_house_makes_no_second_house():
    content = HOUSES + (
        "г. Орёл ул. Мира д. 1,н.д.\nг. Орёл ул. Мира д. 1 (дубль 1),1970\nг. Орёл ул. Мира д. 1,\n"
    )
    report = load(None, "houses", content)
    assert counts(report) == (1, 2, 0)
    assert [notice.line for notice in report.notices] == [4]
    assert rows("select built_year from ops.house") == [(1970,)]


@real_data
def test_the_real_list_of_saratov_is_loaded_once():
    content = (DATA / "houses_saratov_2015.csv").read_bytes()
    report = load(None, "houses", content)
    assert report.rows_accepted + report.rows_known + report.rows_refused == 3977
    assert report.rows_accepted == count("house")
    assert report.rows_accepted > 3500
    before = [count(table) for table in ("house", "address_object", "import_file", "import_line")]
    again = load(None, "houses", content)
    assert again.outcome is Outcome.ALREADY_LOADED
    assert [
        count(table) for table in ("house", "address_object", "import_file", "import_line")
    ] == before


@real_data
def test_the_real_registry_of_courts_is_loaded_once():
    content = (DATA / "courts_rf_2019.csv").read_bytes()
    assert counts(load(None, "courts", content)) == (9887, 0, 0)
    assert load(None, "courts", content).outcome is Outcome.ALREADY_LOADED
    assert count("court") == 9887


def test_a_newer_registry_renews_a_court_and_an_older_one_does_not():
    old = COURTS + "50MS0084,Участок № 84,MS,50,111,2019-01-01\n"
    new = COURTS + "50MS0084,Участок № 84,MS,50,222,2020-01-01\n"
    older = COURTS + "50MS0084,Участок № 84,MS,50,333,2018-01-01\n"
    load(None, "courts", old)
    report = load(None, "courts", new)
    assert counts(report) == (1, 0, 0)
    assert "обновлены" in report.notices[0].text
    assert counts(load(None, "courts", older)) == (0, 1, 0)
    assert rows("select phone from ops.court") == [("222",)]


def test_a_court_given_twice_in_one_file_is_taken_once():
    line = "50MS0084,Участок № 84,MS,50,,\n"
    report = load(None, "courts", COURTS + line + line)
    assert counts(report) == (1, 0, 1)
    assert "строке 2" in report.refusals[0].reason
