"""The tables of law and lists in a real database: equal to their files, and honest about doubts."""

import shutil
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, select, text

from operational_db.models import reference as models
from operational_db.reference.check import check_reference
from operational_db.reference.dataset import DATA, SPECIFICATIONS, read_reference
from operational_db.reference.loader import load_reference
from operational_db.reference.schema import ReferenceDataError

TODAY = date(2026, 11, 21)


@pytest.fixture
def connection(fresh_database):
    engine = create_engine(fresh_database.owner)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def loaded(connection):
    load_reference(connection)
    connection.commit()
    return connection


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def replace(folder, file, old, new):
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def rows_of(connection, table):
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def warnings_of(connection, table_name, today=TODAY, folder=DATA):
    return [
        warning.text
        for warning in check_reference(connection, today, folder)
        if warning.table_name == table_name
    ]


def test_every_table_equals_its_file(loaded):
    for wanted in read_reference():
        present = rows_of(loaded, wanted.table)
        assert len(present) == len(wanted.rows)
        assert all(row in present for row in wanted.rows[:50])


def test_the_second_load_writes_nothing(loaded):
    before = rows_of(loaded, models.TableState.__table__)
    loaded.commit()
    again = load_reference(loaded)
    assert not any(table.is_changed for table in again)
    loaded.commit()
    assert rows_of(loaded, models.TableState.__table__) == before
    touched = text(
        "select count(*) from reference.calendar_day where xmin = pg_current_xact_id()::xid"
    )
    assert loaded.scalar(touched) == 0


def test_a_changed_row_is_updated_and_a_removed_one_goes(loaded, folder):
    replace(folder, "key_rate.csv", "2026-07-27,14.00", "2026-07-27,13.75")
    replace(folder, "service_synonym.csv", "ХВС,cold_water\n", "")
    replace(folder, "service_synonym.csv", "Х/В,cold_water\n", "Х/В — подача,cold_water\n")

    results = {table.name: table for table in load_reference(loaded, folder)}

    rate = models.KeyRate.__table__
    newest = select(rate.c.rate_pct).order_by(rate.c.start_date.desc()).limit(1)
    assert loaded.scalar(newest) == Decimal("13.75")
    assert (results["key_rate"].updated, results["key_rate"].inserted) == (1, 0)
    # «ХВС» stays: it is the short name of the service itself.
    synonyms = results["service_synonym"]
    assert (synonyms.inserted, synonyms.updated, synonyms.deleted) == (1, 0, 1)
    assert not results["calendar_day"].is_changed


def test_a_renamed_service_keeps_its_number(loaded, folder):
    replace(folder, "service.csv", "Холодное водоснабжение,ХВС", "Холодная вода питьевая,ХВС")
    load_reference(loaded, folder)
    service = models.Service.__table__
    named = select(service.c.service_id).where(service.c.name == "Холодная вода питьевая")
    assert loaded.scalar(named) == 3


def test_a_service_that_facts_refer_to_cannot_be_removed(loaded, folder):
    loaded.execute(
        text("create table public.bill (service_id smallint references reference.service)")
    )
    loaded.execute(text("insert into public.bill values (31)"))
    replace(
        folder,
        "service.csv",
        "31,insurance,Добровольное страхование жилья,Страхование,м²,other,housing,310\n",
        "",
    )
    path = folder / "service_synonym.csv"
    kept = [
        line for line in path.read_text(encoding="utf-8").splitlines() if "insurance" not in line
    ]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")

    with pytest.raises(ReferenceDataError, match="service_id = 31 нельзя убрать"):
        load_reference(loaded, folder)
    loaded.rollback()
    assert len(rows_of(loaded, models.Service.__table__)) == 32


def test_a_row_that_breaks_a_rule_of_the_table_is_told_in_russian(connection, folder):
    replace(folder, "due_day.csv", "2026-03-01,,15,5", "2026-03-01,,31,5")
    with pytest.raises(ReferenceDataError) as refused:
        load_reference(connection, folder)
    assert "due_day.csv: база не приняла строку" in str(refused.value)
    assert "due_day_exists_in_every_month" in str(refused.value)


def test_a_wrong_file_leaves_the_tables_as_they_were(loaded, folder):
    replace(folder, "key_rate.csv", "10.50", "десять")
    replace(folder, "service.csv", "ХВС,м³", "ХВ,м³")
    with pytest.raises(ReferenceDataError):
        load_reference(loaded, folder)
    assert not any(table.is_changed for table in load_reference(loaded))


def test_the_tables_remember_how_far_they_were_verified(loaded):
    states = {row["table_name"]: row for row in rows_of(loaded, models.TableState.__table__)}
    assert set(states) == {specification.table.name for specification in SPECIFICATIONS}
    assert states["key_rate"]["verified_through"] == date(2026, 10, 25)
    assert states["calendar_day"]["rows"] == 4018
    assert states["service"]["verified_through"] is None


class TestWarnings:
    def test_a_rate_not_verified_up_to_today_is_told(self, loaded):
        [warning] = warnings_of(loaded, "key_rate")
        assert "проверен по 25.10.2026, сегодня 21.11.2026" in warning

    def test_a_rate_verified_up_to_today_is_not(self, loaded):
        assert warnings_of(loaded, "key_rate", date(2026, 10, 25)) == []

    def test_the_missing_extension_of_the_cap_is_told_before_it_is_needed(self, loaded):
        assert warnings_of(loaded, "moratorium", date(2026, 10, 1)) == []
        [warning] = warnings_of(loaded, "moratorium")
        assert "C2027 — начнёт действовать 01.01.2027, но акт не найден" in warning
        later = warnings_of(loaded, "moratorium", date(2027, 2, 1))
        assert any("C2027 — в силе сегодня" in text for text in later)

    def test_the_disputed_start_of_penalty_on_capital_repair_is_one_question(self, loaded):
        [warning] = warnings_of(loaded, "penalty_step")
        assert "citizen_capital_repair_2016_d31" in warning
        assert "и ещё 5" in warning  # two steps of four kinds of debtor; the alternative is off
        assert "источники расходятся (пометка C)" in warning

    def test_a_disputed_month_that_is_past_is_not_told(self, loaded):
        assert warnings_of(loaded, "due_day") == []
        [warning] = warnings_of(loaded, "due_day", date(2026, 2, 28))
        assert "housing_2026_02" in warning

    def test_the_end_of_the_calendar_is_told_in_time(self, loaded):
        assert warnings_of(loaded, "calendar_day", date(2026, 10, 1)) == []
        [warning] = warnings_of(loaded, "calendar_day")
        assert "кончается 31.12.2026" in warning

    def test_lists_that_do_not_age_are_never_told(self, loaded):
        assert warnings_of(loaded, "service", date(2040, 1, 1)) == []

    def test_a_table_that_was_not_loaded_is_told(self, connection):
        told = {warning.table_name for warning in check_reference(connection, TODAY)}
        assert told == {specification.table.name for specification in SPECIFICATIONS}

    def test_a_file_changed_after_the_load_is_told(self, loaded, folder):
        replace(folder, "key_rate.csv", "2026-07-27,14.00", "2026-07-27,13.75")
        told = warnings_of(loaded, "key_rate", date(2026, 10, 25), folder)
        assert len(told) == 1
        assert "отличается от файла" in told[0]
