"""Addresses, lists of houses, courts, and purposes of payments."""

from datetime import date
from pathlib import Path

import pytest

from operational_db.imports.address import AddressPart, read_address
from operational_db.imports.channels import read_channel
from operational_db.imports.courts import read_courts
from operational_db.imports.houses import read_houses
from operational_db.imports.problems import FieldError
from operational_db.imports.purpose import read_purpose

TODAY = date(2026, 11, 21)
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"нет открытых данных в {DATA}")


@pytest.mark.parametrize(
    ("text", "street", "number", "building", "structure"),
    [
        ("г. Саратов ул. Майская д. 1", "ул. Майская", "1", None, None),
        ("г. Саратов ул. Майская д. 12 а", "ул. Майская", "12А", None, None),
        ('г. Саратов ул. Майская д. 12"а"', "ул. Майская", "12А", None, None),
        ("г. Саратов ул. Майская д. 44-б", "ул. Майская", "44Б", None, None),
        ("г. Саратов ул. Майская д. 1A", "ул. Майская", "1А", None, None),
        ("г. Саратов ул. Майская д. 40\\42", "ул. Майская", "40/42", None, None),
        ("г. Саратов ул. Майская д. № 19/21", "ул. Майская", "19/21", None, None),
        ("г. Саратов ул. Майская д. дом 16", "ул. Майская", "16", None, None),
        ("г. Саратов ул. Майская д. 7 к. а", "ул. Майская", "7", "А", None),
        ("г. Саратов ул. Майская д. 104 А к. 1", "ул. Майская", "104А", "1", None),
        ("г. Саратов ул. Майская д. 59/65 стр. 1", "ул. Майская", "59/65", None, "1"),
        ("г. Саратов ул. Майская д. 42 (литер А)", "ул. Майская", "42", None, "литера А"),
        ("г. Саратов ул. Майская д. 66 литер Е", "ул. Майская", "66", None, "литера Е"),
        ("г. Саратов ул. Майская д. 5 стр. жилой", "ул. Майская", "5", None, None),
        ("г. Саратов пр-кт. им 50 лет Октября д. 3", "пр-кт им. 50 лет Октября", "3", None, None),
        ("г. Саратов ул. Им Лазо С.Г. д. 31", "ул. им. Лазо С.Г.", "31", None, None),
        ("410000, г. Саратов, ул. Майская, д. 1, корп. 2", "ул. Майская", "1", "2", None),
        ("г Саратов, Майская ул, дом 1", "ул. Майская", "1", None, None),
        ("г. Саратов проезд. Дачный 1-й д. 10", "проезд Дачный 1-й", "10", None, None),
    ],
)
def test_an_address_is_taken_apart(text, street, number, building, structure):
    address = read_address(text)
    assert f"{address.street.type_name} {address.street.name}" == street
    assert (address.full_number, address.building, address.full_structure) == (
        number,
        building,
        structure,
    )


def test_a_village_inside_a_city_is_a_settlement_of_its_own():
    address = read_address("г. Саратов п. Дачный ул. Мелиораторов д. 3")
    assert address.settlements == (AddressPart("г.", "Саратов"), AddressPart("п.", "Дачный"))


def test_a_village_house_may_have_no_street():
    assert read_address("г. Саратов п. Воробьевка д. 10").street is None


def test_a_second_card_of_the_same_house_is_marked():
    address = read_address("г. Саратов ул. Майская д. 13/17 (дубль X) к. Б")
    assert address.is_marked_duplicate
    assert (address.full_number, address.building) == ("13/17", "Б")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("none", "строка заголовка"),
        ("", "строка заголовка"),
        ("г. Саратов ул. Майская", "нет номера дома"),
        ("г. Саратов д. 2", "нет улицы"),
        ("ул. Майская д. 2", "нет населённого пункта"),
        ("г. Саратов ул. Майская д. б/н", "без номера"),
        ("г. Саратов ул. Майская д. 9 11", "два номера"),
        ("г. Саратов ул. Майская д. секция 4", "не номер дома"),
        ("г. Саратов ул. Майская ул. Речная д. 1", "две улицы"),
        ("г. Саратов ул. Майская д. ЖК Звезда д.2", "а не номер дома"),
        ("Саратов, ул. Майская, д. 1", "не понять часть «Саратов»"),
    ],
)
def test_an_address_that_cannot_be_told_for_certain_is_refused(text, reason):
    with pytest.raises(FieldError, match=reason):
        read_address(text)


def test_a_year_nobody_can_tell_is_left_empty_and_noted():
    content = "address,built_year\nг. Орёл ул. Мира д. 1,1929-1958\nг. Орёл ул. Мира д. 2,н.д.\n"
    parsed = read_houses(content.encode(), today=TODAY)
    assert [row.built_year for row in parsed.rows] == [None, None]
    assert [notice.line for notice in parsed.notices] == [2]


@real_data
def test_of_the_real_list_of_saratov_more_than_97_percent_is_read():
    parsed = read_houses((DATA / "houses_saratov_2015.csv").read_bytes(), today=TODAY)
    refused = {refusal.line: refusal.reason for refusal in parsed.refusals}
    assert "строка заголовка" in refused[2]
    assert "строка заголовка" in refused[3]
    assert len(parsed.rows) + len(parsed.refusals) == 3977
    assert len(parsed.rows) / 3975 > 0.97


@real_data
def test_the_real_registry_of_courts_is_read_whole():
    parsed = read_courts((DATA / "courts_rf_2019.csv").read_bytes())
    assert parsed.refusals == []
    assert len(parsed.rows) == 9887
    by_code = {row.code: row for row in parsed.rows}
    assert by_code["50MS0084"].region_code == "50"
    assert by_code["24MS0002"].parent_court == "Ачинский городской суд"
    assert by_code["00VS0000"].name.startswith("Верховный Суд")


def test_a_court_without_a_proper_code_is_refused_alone():
    content = "court_code,court_name\n50MS1,Участок\n50MS0084,Участок № 84\n"
    parsed = read_courts(content.encode())
    assert [row.code for row in parsed.rows] == ["50MS0084"]
    assert "50MS1" in parsed.refusals[0].reason


@pytest.mark.parametrize(
    ("purpose", "accounts"),
    [
        ("ЛС: 50133547364", ("50133547364",)),
        ("ЛС 1234567; ул. Тестовая, д.123/2, кв.321", ("1234567",)),
        ("Оплата жку л/с №00-12 за март 2024", ("00-12",)),
        ("Лицевой счёт 0000001001", ("0000001001",)),
        ("оплата по лиц.сч. 77А, 88", ("77А",)),
        ("л.с. 5", ("5",)),
        ("лс1 и ЛС2", ("1", "2")),
        ("Оплата услуг связи", ()),
        ("за ООО ПЛС 55", ()),
        ("ЛС не указан", ()),
    ],
)
def test_the_account_is_found_in_the_purpose(purpose, accounts):
    assert read_purpose(purpose).accounts == accounts


@pytest.mark.parametrize(
    ("purpose", "month"),
    [
        ("ЛС 5 за март 2024г.", date(2024, 3, 1)),
        ("ЛС 5 за 03.2024", date(2024, 3, 1)),
        ("ЛС 5, период 03/2024", date(2024, 3, 1)),
        ("квартплата мая 2024", date(2024, 5, 1)),
        ("за январь-март 2024", None),
        ("за январь 2024 и март 2024", None),
        ("за 01-03.2024", None),
        ("счёт от 31.03.2024", None),
        ("по договору от 5 марта 2024", None),
        ("за март", None),
        ("ЛС 5 за 03.2024. НДС не облагается", date(2024, 3, 1)),
        ("за март 24", date(2024, 3, 1)),
        ("ул. 50 лет Октября 12", None),
        ("ул. 8 Марта 15", None),
        ("ЛС 5", None),
    ],
)
def test_a_month_counts_as_named_only_when_it_is_the_only_one(purpose, month):
    assert read_purpose(purpose).period == month


@pytest.mark.parametrize(
    ("words", "channel"),
    [
        ("Касса №2", "cash_desk"),
        ("Сбербанк Онлайн", "online"),
        ("Автоплатёж Сбербанк Онлайн", "autopay"),
        ("Почта России", "post"),
        ("ФССП", "bailiff"),
        ("Субсидия", "subsidy"),
        ("Система Город", "agent"),
        ("ВТБ", "bank"),
        ("", "other"),
        (None, "other"),
        ("волшебство", None),
    ],
)
def test_the_channel_of_a_payment_is_told_from_the_words_of_the_billing(words, channel):
    assert read_channel(words) == channel


def test_another_pattern_of_accounts_can_be_set():
    assert read_purpose("ИД плательщика 99-1", [r"плательщика (\S+)"]).accounts == ("99-1",)
