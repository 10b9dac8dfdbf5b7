"""The law's files as they are shipped, and what the reader of such files refuses.

Facts are checked against what the acts say, not against the files' own arithmetic. The tables in
the database are the matter of ``tests/integration/test_reference_loader.py``.
"""

import shutil
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operational_db.reference.dataset import DATA, SPECIFICATIONS, read_reference
from operational_db.reference.names import nearest_services, normalise_name
from operational_db.reference.schema import (
    NoOverlap,
    Record,
    ReferenceDataError,
    Span,
    read_boolean,
    read_integer,
    read_number,
)
from tests.warehouse.reference_calendar import ageing_bucket

WORKING_DAYS = {
    2016: 247,
    2017: 247,
    2018: 247,
    2019: 247,
    2020: 248,
    2021: 247,
    2022: 247,
    2023: 247,
    2024: 248,
    2025: 247,
    2026: 247,
}


@pytest.fixture(scope="module")
def tables():
    return {table.name: table for table in read_reference()}


@pytest.fixture(scope="module")
def calendar(tables):
    return {row["day"]: row for row in tables["calendar_day"].rows}


@pytest.fixture
def folder(tmp_path):
    """Spoil the files of this copy at will."""
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(ReferenceDataError) as refused:
        read_reference(folder)
    return str(refused.value)


def rate_on(tables, day):
    begun = [row for row in tables["key_rate"].rows if row["start_date"] <= day]
    return max(begun, key=lambda row: row["start_date"])["rate_pct"]


class TestCalendar:
    def test_every_day_of_eleven_years_is_there_once(self, calendar):
        first = date(2016, 1, 1)
        days = (date(2026, 12, 31) - first).days + 1
        assert list(calendar) == [first + timedelta(days=offset) for offset in range(days)]

    def test_each_year_has_as_many_working_days_as_the_published_calendar(self, calendar):
        counted = Counter(day.year for day, row in calendar.items() if row["is_working"])
        assert counted == WORKING_DAYS

    @pytest.mark.parametrize(
        ("day", "kind"),
        [
            (date(2016, 2, 20), "moved_working"),
            (date(2018, 12, 31), "moved_day_off"),
            (date(2020, 5, 5), "moved_day_off"),
            (date(2021, 2, 20), "moved_working"),
            (date(2022, 3, 7), "moved_day_off"),
            (date(2024, 12, 28), "moved_working"),
            (date(2025, 11, 1), "moved_working"),
            (date(2026, 1, 9), "moved_day_off"),
            (date(2026, 3, 9), "moved_day_off"),
            (date(2026, 3, 15), "weekend"),
            (date(2026, 3, 16), "working"),
            (date(2026, 11, 3), "short"),
            (date(2026, 11, 4), "holiday"),
        ],
    )
    def test_days_moved_by_decree_stand_where_the_decree_put_them(self, calendar, day, kind):
        assert calendar[day]["day_kind"] == kind

    def test_non_working_days_by_presidential_decree_do_not_move_the_end_of_a_term(self, calendar):
        april_2020 = [date(2020, 3, 30) + timedelta(days=offset) for offset in range(32)]
        weekdays = [day for day in april_2020 if day.weekday() < 5]
        assert all(calendar[day]["is_working"] for day in weekdays)
        assert all("Указ Президента" in calendar[day]["act"] for day in weekdays)
        assert calendar[date(2021, 5, 4)]["is_working"]
        assert calendar[date(2021, 11, 1)]["is_working"]

    def test_a_worked_saturday_always_pays_for_a_day_off_in_the_same_year(self, calendar):
        kinds = Counter(
            (day.year, row["day_kind"])
            for day, row in calendar.items()
            if "Постановление" in row["act"]
        )
        worked = {year: count for (year, kind), count in kinds.items() if kind == "moved_working"}
        assert worked == {2016: 1, 2018: 3, 2021: 1, 2022: 1, 2024: 3, 2025: 1}
        assert all(kinds[year, "moved_day_off"] >= count for year, count in worked.items())


class TestLaw:
    @pytest.mark.parametrize(
        ("day", "rate"),
        [
            (date(2015, 12, 31), "8.25"),
            (date(2016, 1, 1), "11"),
            (date(2022, 2, 27), "9.50"),
            (date(2022, 2, 28), "20"),
            (date(2024, 10, 28), "21"),
            (date(2026, 9, 11), "14"),
        ],
    )
    def test_the_rate_of_a_day_is_the_one_that_the_bank_had_set(self, tables, day, rate):
        assert rate_on(tables, day) == Decimal(rate)

    def test_the_cap_runs_without_a_gap_until_the_end_of_2026(self, tables):
        caps = [
            row
            for row in tables["moratorium"].rows
            if row["kind"] == "rate_cap" and row["is_enabled"]
        ]
        assert (caps[0]["date_from"], caps[-1]["date_to"]) == (
            date(2022, 2, 28),
            date(2026, 12, 31),
        )
        for earlier, later in pairwise(caps):
            assert later["date_from"] == earlier["date_to"] + timedelta(days=1)
        assert {cap["cap_pct"] for cap in caps} == {Decimal("9.5")}

    def test_nothing_caps_the_rate_in_2027_until_an_act_is_found(self, tables):
        row = next(r for r in tables["moratorium"].rows if r["moratorium_id"] == "C2027")
        assert (row["mark"], row["is_enabled"], row["act"]) == ("NOT_FOUND", False, None)

    def test_moratoria_leave_out_270_and_184_days(self, tables):
        days = {
            row["moratorium_id"]: (row["date_to"] - row["date_from"]).days + 1
            for row in tables["moratorium"].rows
            if row["kind"] == "exclude_days"
        }
        assert days == {"M2020": 270, "M2022": 184}

    def test_the_2022_moratorium_spares_march_2022_and_not_april(self, tables):
        row = next(r for r in tables["moratorium"].rows if r["moratorium_id"] == "M2022")
        assert date(2022, 3, 1) < row["debts_before"] <= date(2022, 4, 1)

    @pytest.mark.parametrize(
        ("scope", "period", "day"),
        [
            ("housing", date(2026, 1, 1), 10),
            ("housing", date(2026, 2, 1), 15),
            ("housing", date(2026, 12, 1), 15),
            ("capital_repair", date(2025, 6, 1), 10),
            ("capital_repair", date(2026, 2, 1), 15),
        ],
    )
    def test_the_due_day_became_the_15th_from_february_2026(self, tables, scope, period, day):
        rows = [
            row
            for row in tables["due_day"].rows
            if row["scope"] == scope
            and row["period_from"] <= period
            and (row["period_to"] is None or period <= row["period_to"])
        ]
        assert [row["due_day"] for row in rows] == [day]

    def test_a_month_charged_is_the_next_of_the_one_before_it_without_a_gap(self, tables):
        for scope in ("housing", "capital_repair"):
            rows = [row for row in tables["due_day"].rows if row["scope"] == scope]
            for earlier, later in pairwise(rows):
                after = (earlier["period_to"] + timedelta(days=31)).replace(day=1)
                assert later["period_from"] == after

    def test_a_citizen_pays_nothing_for_30_days_then_one_300th_then_one_130th(self, tables):
        assert self.denominators(tables, "citizen", "housing", date(2024, 1, 1)) == {
            1: None,
            30: None,
            31: 300,
            90: 300,
            91: 130,
            1000: 130,
        }

    def test_before_2016_a_citizen_paid_one_300th_from_the_first_day(self, tables):
        old = self.denominators(tables, "citizen", "housing", date(2015, 12, 31))
        assert set(old.values()) == {300}

    def test_capital_repair_is_never_one_130th_and_starts_on_day_31_by_default(self, tables):
        steps = self.denominators(tables, "citizen", "capital_repair", date(2024, 1, 1))
        assert steps == {1: None, 30: None, 31: 300, 90: 300, 91: 300, 1000: 300}

    def test_a_management_company_pays_its_supplier_in_three_steps(self, tables):
        steps = self.denominators(tables, "management_company", "housing", date(2024, 1, 1))
        assert steps == {1: 300, 30: 300, 31: 300, 90: 170, 91: 130, 1000: 130}

    def denominators(self, tables, debtor_kind, liability, day):
        """Denominator of every day of delay that matters; exactly one step must answer."""
        steps = [
            row
            for row in tables["penalty_step"].rows
            if (row["debtor_kind"], row["liability"]) == (debtor_kind, liability)
            and row["is_enabled"]
            and row["valid_from"] <= day
            and (row["valid_to"] is None or day <= row["valid_to"])
        ]
        answers = {}
        for delay in (1, 30, 31, 90, 91, 1000):
            [answers[delay]] = [
                step["denominator"]
                for step in steps
                if step["day_from"] <= delay and (step["day_to"] is None or delay <= step["day_to"])
            ]
        return answers

    @pytest.mark.parametrize("scale", ["old", "new"])
    def test_each_step_of_the_duty_begins_with_the_fee_that_the_last_one_ended_with(
        self, tables, scale
    ):
        steps = [
            row
            for row in tables["state_duty_step"].rows
            if row["scale_id"] == scale and row["kind"] == "claim"
        ]
        for lower, upper in pairwise(steps):
            assert upper["claim_over"] == lower["claim_upto_incl"]
            width = lower["claim_upto_incl"] - lower["claim_over"]
            assert lower["base_rub"] + width * lower["pct_over"] / 100 == upper["base_rub"]

    def test_an_order_costs_half_of_a_claim_before_and_after_the_rise(self, tables):
        orders = [row for row in tables["state_duty_step"].rows if row["kind"] == "court_order"]
        assert {row["claim_fee_share_pct"] for row in orders} == {Decimal(50)}

    @pytest.mark.parametrize(
        ("code", "day", "value", "unit"),
        [
            ("limitation", date(2026, 1, 1), 3, "year"),
            ("court_order_claim_max", date(2026, 1, 1), 500_000, "rouble"),
            ("restriction_notice", date(2016, 12, 31), 30, "day"),
            ("restriction_notice", date(2017, 1, 1), 20, "day"),
            ("court_order_objection_term", date(2026, 1, 1), 10, "working_day"),
            ("debt_request_answer_term", date(2026, 1, 1), 5, "working_day"),
        ],
    )
    def test_a_term_has_one_value_on_a_day(self, tables, code, day, value, unit):
        found = [
            (row["value"], row["unit"])
            for row in tables["legal_term"].rows
            if row["code"] == code
            and row["valid_from"] <= day
            and (row["valid_to"] is None or day <= row["valid_to"])
        ]
        assert found == [(value, unit)]

    def test_every_rule_names_its_act_unless_none_was_found(self, tables):
        without = [
            (name, row["mark"])
            for name, table in tables.items()
            for row in table.rows
            if "act" in row and not row["act"]
        ]
        assert without == [("moratorium", "NOT_FOUND")]


class TestLists:
    def test_any_delay_falls_into_exactly_one_bucket(self):
        for due_date in (date(2023, 3, 1), date(2024, 2, 29), date(2024, 3, 1)):
            for delay in range(-400, 2000):
                # Raises where none holds it, or two.
                assert ageing_bucket(due_date, due_date + timedelta(days=delay))

    @pytest.mark.parametrize(
        ("due_date", "day", "bucket"),
        [
            (date(2023, 2, 10), date(2026, 2, 10), "y1_3"),  # 1096 days: a 29 February between
            (date(2023, 2, 10), date(2026, 2, 11), "y3_plus"),
            (date(2024, 3, 11), date(2027, 3, 11), "y1_3"),  # 1095 days: none
            (date(2024, 3, 11), date(2027, 3, 12), "y3_plus"),
            (date(2024, 2, 29), date(2027, 2, 28), "y1_3"),
            (date(2024, 2, 29), date(2027, 3, 1), "y3_plus"),
        ],
    )
    def test_debt_is_older_than_three_years_when_limitation_has_run_out(
        self, due_date, day, bucket
    ):
        assert ageing_bucket(due_date, day) == bucket

    @pytest.mark.parametrize(
        ("amount", "band"),
        [
            ("4999.99", None),
            ("5000", "D"),
            ("9999.99", "D"),
            ("10000", "C"),
            ("50000", "B"),
            ("100000", "B"),
            ("100000.01", "A"),
        ],
    )
    def test_a_debt_belongs_to_the_band_of_the_plan(self, tables, amount, band):
        debt = Decimal(amount)
        found = [
            row["band_code"]
            for row in tables["debt_band"].rows
            if (
                debt > row["amount_from"]
                or (row["is_from_inclusive"] and debt == row["amount_from"])
            )
            and (
                row["amount_to"] is None
                or debt < row["amount_to"]
                or (row["is_to_inclusive"] and debt == row["amount_to"])
            )
        ]
        assert found == ([band] if band else [])

    @pytest.mark.parametrize(
        ("printed", "code"),
        [
            ("Взнос на капитальный ремонт", "capital_repair"),
            ("ВЗНОС НА КАП.РЕМОНТ", "capital_repair"),
            ("капремонт", "capital_repair"),
            ("Х/В", "cold_water"),
            ("Холодная вода", "cold_water"),
            ("ГВС", "hot_water"),
            ("Подогрев воды", "hot_water_heat"),
            ("Отопл.", "heating"),
            ("Эл. энергия", "electricity"),
            ("Обращение с твёрдыми коммунальными отходами", "waste"),
            ("вывоз мусора", "waste"),
            ("Наём жилого помещения", "rent"),
            ("Электроэнергия на ОДН", "common_electricity"),
            ("Содержание и текущий ремонт", "maintenance"),
        ],
    )
    def test_a_service_is_known_by_the_name_that_bills_print(self, tables, printed, code):
        ids = {row["code"]: row["service_id"] for row in tables["service"].rows}
        synonyms = {row["synonym"]: row["service_id"] for row in tables["service_synonym"].rows}
        assert synonyms[normalise_name(printed)] == ids[code]

    def test_only_capital_repair_has_its_own_rules_of_delay(self, tables):
        own = [row["code"] for row in tables["service"].rows if row["liability"] != "housing"]
        assert own == ["capital_repair"]


class TestNames:
    @given(st.text())
    def test_normalising_twice_changes_nothing(self, text):
        once = normalise_name(text)
        assert normalise_name(once) == once

    @given(st.text(alphabet="абвгдеёжзАБВГДЕЁЖЗ 0123456789"))
    def test_case_dots_and_yo_do_not_part_names(self, text):
        other = text.upper().replace("Ё", "Е").replace(" ", " . ")
        assert normalise_name(text) == normalise_name(other)

    @pytest.mark.parametrize(
        ("misprinted", "nearest"),
        [
            ("Капитальнй ремонт", "Капремонт"),
            ("Холодн. водоснабж.", "ХВС"),
            ("Вывоз мусра", "ТКО"),
            ("водоотведние", "Водоотведение"),
        ],
    )
    def test_a_misprint_is_answered_with_the_service_that_was_meant(
        self, tables, misprinted, nearest
    ):
        names = {row["service_id"]: row["short_name"] for row in tables["service"].rows}
        synonyms = {
            row["synonym"]: names[row["service_id"]] for row in tables["service_synonym"].rows
        }
        offered = nearest_services(misprinted, synonyms)
        assert offered[0] == nearest
        assert len(offered) == len(set(offered)) <= 3

    def test_nothing_is_offered_for_what_resembles_nothing(self):
        assert nearest_services("zzzz", {"холодная вода": "ХВС"}) == []


class TestRefusals:
    """Each message names the file, the line and the field, and says what to do."""

    @pytest.mark.parametrize(
        ("file", "old", "new", "message"),
        [
            (
                "key_rate.csv",
                "2016-06-14,10.50",
                "14.06.2016,10.50",
                "key_rate.csv, строка 5, поле «start_date»: «14.06.2016» — не дата",
            ),
            (
                "key_rate.csv",
                "2016-06-14,10.50",
                "2016-06-14,10.505",
                "key_rate.csv, строка 5, поле «rate_pct»: 10.505 — не больше 2 знаков",
            ),
            (
                "key_rate.csv",
                "2016-09-19",
                "2016-06-14",
                "key_rate.csv, строка 6, поле «start_date»: тот же ключ, что в строке 5",
            ),
            (
                "key_rate.csv",
                ",M+\n",
                ",M++\n",
                "key_rate.csv, строка 2, поле «mark»: «M++» — допустимы только: V2, V1, C",
            ),
            (
                "due_day.csv",
                "2005-03-01,2026-01-01,10",
                "2005-03-01,2026-02-01,10",
                "due_day.csv, строка 3, поле «period_from»: действует одновременно со строкой 2",
            ),
            (
                "due_day.csv",
                "2005-03-01,2026-01-01,10",
                "2005-03-01,2004-01-01,10",
                "due_day.csv, строка 2, поле «period_to»: 2004-01-01 раньше начала 2005-03-01",
            ),
            (
                "due_day.csv",
                "housing_2005,housing,2005-03-01",
                "housing_2005,,2005-03-01",
                "due_day.csv, строка 2, поле «scope»: пусто, а значение обязательно",
            ),
            (
                "penalty_step.csv",
                ",300,false,",
                ",300,true,",
                "разведите даты или выключите одну из строк",
            ),
            (
                "state_duty_step.csv",
                "any,20000,100000,800",
                "any,19999,100000,800",
                "state_duty_step.csv, строка 3, поле «valid_from»: действует одновременно",
            ),
            (
                "service_synonym.csv",
                "ХВС,cold_water",
                "ХВС,cold_wtaer",
                "услуги cold_wtaer нет в service.csv",
            ),
            (
                "service_synonym.csv",
                "ХВС,cold_water",
                "капремонт,cold_water",
                "«капремонт» уже значит другую услугу",
            ),
            (
                "service_synonym.csv",
                "ХВС,cold_water",
                "ХВС ,cold_water",
                "«ХВС » — уберите пробелы по краям",
            ),
            (
                "service.csv",
                "1,maintenance",
                "100000,maintenance",
                "service.csv, строка 2, поле «service_id»: 100000 — вне пределов",
            ),
            ("service.csv", "service_id,code", "id,code", "service.csv, строка 1: нужны столбцы"),
            (
                "calendar_day.csv",
                "2016-02-20,moved_working",
                "2016-02-19,moved_working",
                "2016-02-19 — и так рабочий день недели",
            ),
            (
                "calendar_day.csv",
                "2026-01-01,holiday",
                "2026-01-01,working",
                "нет праздников 2026 года",
            ),
            (
                "manifest.csv",
                '2026-12-31,"ТК РФ',
                '2027-12-31,"ТК РФ',
                "calendar_day.csv: нет праздников 2027 года: внесите его календарь",
            ),
            ("manifest.csv", "key_rate,", "key_rates,", "нет строки для таблицы key_rate"),
        ],
    )
    def test_a_spoilt_file_is_refused_with_the_place(self, folder, file, old, new, message):
        spoil(folder, file, old, new)
        assert message in refusal(folder)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('сам",true,ГК РФ ст. 21', 'сам",false,ГК РФ ст. 21'),
            ("age_of_majority,1995-01-01,,", "age_of_majority,1995-01-01,2020-01-01,"),
            ("age_of_majority,", "age_of_maturity,"),
        ],
        ids=["switched off", "ended", "lost"],
    )
    def test_the_age_at_which_one_answers_for_oneself_is_always_known(self, folder, old, new):
        spoil(folder, "legal_term.csv", old, new)
        told = refusal(folder)
        assert "нет действующей строки code = age_of_majority" in told
        assert len(told.splitlines()) == 1

    def test_all_problems_are_told_at_once(self, folder):
        spoil(folder, "key_rate.csv", "10.50", "десять")
        spoil(folder, "due_day.csv", "housing_2026,housing", "housing_2026,dwelling")
        told = refusal(folder).splitlines()
        assert [line.split(",")[0] for line in told] == ["key_rate.csv", "due_day.csv"]

    def test_a_line_with_an_open_quote_is_refused(self, folder):
        spoil(folder, "key_rate.csv", "2016-06-14,10.50", '"2016-06-14,10.50')
        assert "key_rate.csv" in refusal(folder)

    def test_a_line_with_a_cell_too_many_is_refused(self, folder):
        spoil(folder, "key_rate.csv", "2016-06-14,10.50", "2016-06-14,10,50")
        assert "key_rate.csv, строка 5: полей 6, а нужно 5" in refusal(folder)

    @pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda s: s.file)
    def test_a_missing_file_is_named(self, folder, specification):
        (folder / specification.file).unlink()
        assert f"{specification.file}: файла нет" in refusal(folder)

    def test_a_file_in_another_encoding_is_named(self, folder):
        path = folder / "service.csv"
        path.write_bytes(
            path.read_text(encoding="utf-8").replace("²", "").encode("cp1251", "ignore")
        )
        assert "service.csv: файл не в UTF-8" in refusal(folder)

    def test_an_empty_list_is_refused(self, folder):
        path = folder / "debt_band.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
        assert "debt_band.csv: нет ни одной строки" in refusal(folder)


class TestReading:
    @given(st.decimals(-9999, 9999, places=2))
    def test_a_number_survives_its_text(self, number):
        assert read_number(str(number), precision=6, scale=2) == number

    @pytest.mark.parametrize("text", ["NaN", "Infinity", "1,5", "10000", "1.234", ""])
    def test_what_is_no_number_of_the_column_is_refused(self, text):
        with pytest.raises(ValueError, match=r"не число|знаков|слишком большое"):
            read_number(text, precision=6, scale=2)

    @pytest.mark.parametrize("text", ["yes", "True", "1"])
    def test_a_switch_is_true_or_false_and_nothing_else(self, text):
        with pytest.raises(ValueError, match="true или false"):
            read_boolean(text)

    def test_a_whole_number_has_no_fraction(self):
        with pytest.raises(ValueError, match="не целое"):
            read_integer("1.0", 0, 10)

    @given(
        st.lists(
            st.tuples(
                st.integers(0, 20), st.one_of(st.none(), st.integers(0, 20)), st.sampled_from("ab")
            ),
            max_size=6,
        )
    )
    def test_overlaps_are_found_exactly_when_a_day_has_two_answers(self, ranges):
        rows = [(start, end, key) for start, end, key in ranges if end is None or end >= start]
        records = [
            Record(line, {"start": start, "end": end, "key": key})
            for line, (start, end, key) in enumerate(rows, start=2)
        ]
        answers = Counter(
            (key, day)
            for start, end, key in rows
            for day in range(start, 40 if end is None else end + 1)
        )
        rule = NoOverlap(("key",), (Span("start", "end"),))
        found = rule.problems("file.csv", records)
        assert bool(found) == any(count > 1 for count in answers.values())


def test_every_rule_of_the_check_before_filing_has_its_check(tables):
    from operational_db.services.filing.guard import CHECKS

    named = {row["rule_code"] for row in tables["filing_rule"].rows}

    # The cases of names are a matter of grammar, which the documents know.
    assert named == set(CHECKS) | {"name_cases", "penalty_unverified"}
