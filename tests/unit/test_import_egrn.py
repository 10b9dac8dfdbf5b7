"""What is read of an extract from ЕГРН, and what refuses it."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from operational_db.imports.egrn import ExtractBody, ExtractPerson, read_extract
from operational_db.imports.problems import FileRefusedError
from operational_db.services.import_egrn import sex_by_patronymic
from tests.egrn_extracts import JOINT, SHARED, Body, Owner, Right, extract

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples" / "egrn"
IVANOV = Owner("Иванов Пётр Сергеевич", "1980-01-01", "112-233-445 95", "46 08 123456", "г. Орёл")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"нет образцов в {SAMPLES}")
def test_the_real_masked_extract_is_read():
    found = read_extract((SAMPLES / "extract_base_params_room__masked.xml").read_bytes())
    assert found.cadastral_number == "68:29:0101048:000"
    assert found.formed_on == date(2020, 3, 17)
    assert found.address.endswith("д.0/0, пом.1")
    assert [right.share for right in found.rights] == [Fraction(1, 3), Fraction(2, 3)]
    assert found.share_sum == 1
    [person] = found.rights[0].holders
    assert person.full_name == "Образцов Иван Примерович"
    # Masked numbers are none; a broken line is one text.
    assert (person.snils, person.passport) == (None, None)
    assert person.address == "Примерная обл., г. Примерск, ул. Примерная, дом №0, кв. 1"
    assert found.rights[0].registered_on == date(2018, 4, 23)


def test_an_owner_is_read_with_what_courts_want_to_know():
    found = read_extract(extract(Right([IVANOV])))
    [right] = found.rights
    assert (right.kind, right.share) == ("ownership", 1)
    assert right.holders == (
        ExtractPerson(
            "Иванов",
            "Пётр",
            "Сергеевич",
            date(1980, 1, 1),
            None,
            "112-233-445 95",
            "46 08 123456",
            "ОВД района",
            date(2010, 2, 3),
            "г. Орёл",
        ),
    )


def test_other_encodings_and_capital_names_are_read():
    shouted = Owner("ИВАНОВ-ПЕТРОВ ПЁТР СЕРГЕЕВИЧ")
    found = read_extract(extract(Right([shouted]), encoding="WINDOWS-1251"))
    assert found.rights[0].holders[0].full_name == "Иванов-Петров Пётр Сергеевич"


def test_a_namespace_changes_nothing():
    content = extract(Right([IVANOV])).replace(
        b"<extract_about_property_room>", b'<extract_about_property_room xmlns="urn:x">'
    )
    assert read_extract(content).rights[0].holders[0].last_name == "Иванов"


def test_bodies_are_owners_too():
    found = read_extract(
        extract(
            Right([Body("ООО «Ромашка»", "7727406020")], SHARED, "1/2"),
            Right([Body("Городской округ Красногорск", formation="municipality")], SHARED, "1/4"),
            Right([Body("Российская Федерация", formation="russia")], SHARED, "1/4"),
        )
    )
    assert [right.holders for right in found.rights] == [
        (ExtractBody("ООО «Ромашка»", "7727406020", is_municipality=False),),
        (ExtractBody("Городской округ Красногорск", None, is_municipality=True),),
        (ExtractBody("Российская Федерация", None, is_municipality=False),),
    ]


def test_a_flat_of_the_town_is_municipal_property():
    found = read_extract(extract(Right([Body("Город", formation="municipality")])))
    assert found.rights[0].kind == "municipal_property"


def test_names_may_be_hidden_and_shares_absent():
    found = read_extract(extract(Right(kind=JOINT)))
    assert found.rights[0].holders == ()
    assert found.rights[0].share == 1


def test_a_right_that_ended_is_none():
    ended = Right([IVANOV], cancelled="2019-01-01T00:00:00+03:00")
    assert read_extract(extract(ended)).rights == ()


def test_an_unknown_kind_of_right_is_kept_apart_from_shares():
    manager = Right([Body("МУП «Жилище»")], kind="001004000000", title="Оперативное управление")
    found = read_extract(extract(Right([IVANOV]), manager))
    assert [right.kind for right in found.rights] == ["ownership", "unknown"]
    assert found.share_sum == 1
    assert "Оперативное управление" in found.notices[0].text


def test_a_wrong_snils_is_noted_and_left_out():
    found = read_extract(extract(Right([Owner("Иванов Пётр Сергеевич", snils="112-233-445 96")])))
    assert found.rights[0].holders[0].snils is None
    assert "не сходится" in found.notices[0].text


@pytest.mark.parametrize("share", ["1/0", "0/1", "3/2", "-1/2", "x/2"])
def test_an_impossible_share_refuses_the_file_with_its_line(share):
    with pytest.raises(FileRefusedError, match="невозможна") as refusal:
        read_extract(extract(Right([IVANOV], SHARED, share)))
    assert refusal.value.line > 10


def test_a_shared_right_without_a_share_is_refused():
    with pytest.raises(FileRefusedError, match="не указана доля"):
        read_extract(extract(Right([IVANOV], SHARED)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "не XML"),
        (b"PK\x03\x04", "Распакуйте"),
        (extract()[:400], "обрезан"),
        (b"<html></html>", "не выписка"),
        (b"<KPOKS/>", "старого образца"),
        (b"<extract_about_property_land/>", "о земельном участке"),
        (b"<extract_base_params_build/>", "о здании"),
        (b"<extract_about_property_room/>", "нет раздела"),
        (extract(cadastral="77"), "кадастрового номера"),
        (extract(formed="вчера"), "нет даты"),
    ],
)
def test_what_is_no_extract_about_premises_is_refused(content, told):
    with pytest.raises(FileRefusedError, match=told):
        read_extract(content)


def test_entities_and_files_of_the_server_are_never_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("тайна")
    attack = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
        "<extract_about_property_room>&e;</extract_about_property_room>"
    )
    with pytest.raises(FileRefusedError, match="DOCTYPE"):
        read_extract(attack.encode())


@pytest.mark.parametrize(
    ("patronymic", "sex"),
    [
        ("Сергеевич", "male"),
        ("Ильич", "male"),
        ("Ильинична", "female"),
        ("Мамед оглы", "male"),
        ("Мамед кызы", "female"),
        (None, None),
        ("Ли", None),
    ],
)
def test_a_patronymic_tells_the_sex(patronymic, sex):
    assert sex_by_patronymic(patronymic) == sex
