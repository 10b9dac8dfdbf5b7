"""Plan files: those that are shipped say what the sources say, and mistakes are told by line."""

from decimal import Decimal

import pytest

from operational_db.imports.problems import FileRefusedError
from operational_db.plans.plan_file import read_plan
from operational_db.services.plan_import import SHIPPED

GOOD = """\
план: наш
название: Наш план
действует с: 2026-01-01
столбцы:
  - [номер, № п/п]
  - [мероприятие, Мероприятие]
мероприятия:
  - номер: "1"
    мероприятие: Звонить
    показатели:
      - код: A1
        название: Звонки
        единица: звонков
        считать: события
        события: [звонок]
        период: месяц
        норма: 10
        числитель: звонки
        правило: Считается каждый звонок.
        источники: журнал
        ждёт: звонки
"""


def shipped(name: str):
    return read_plan((SHIPPED / f"{name}.yaml").read_bytes())


def test_krasnogorsk_has_its_five_columns_and_thirteen_measures():
    plan = shipped("krasnogorsk")

    assert [heading for _field, heading in plan.columns] == [
        "№ п/п",
        "Мероприятия",
        "Кол-во",
        "Срок исполнения",
        "Ответственный исполнитель",
    ]
    assert [measure.values["measure_no"] for measure in plan.measures] == [
        str(number) for number in range(1, 14)
    ]
    first, second, third = (measure.values for measure in plan.measures[:3])
    assert first["name"] == (
        "Осуществление СМС рассылки должникам с задолженностью свыше 30 тыс руб."
    )
    assert first["quantity"] == "Не менее 100 абонентов в месяц"
    assert second["name"].splitlines()[1:] == [
        "-Свыше 100000 руб",
        "-от 50000 руб до 100000 руб;",
        "-от 10000 руб. до 50 000 руб.;",
        "От 5000 руб. до 10000 руб",
    ]
    assert (second["quantity"], second["term"]) == (
        "Не менее 400 лицевых счетов в день.",
        "Ежедневно",
    )
    assert third["quantity"] == "100%"
    assert plan.measures[11].values["quantity"] == "-"


def test_beloyarsky_has_its_seven_columns_and_four_measures():
    plan = shipped("beloyarsky")

    assert [heading for _field, heading in plan.columns] == [
        "№ п/п",
        "Наименование мероприятия",
        "Ожидаемый результат",
        "Механизм реализации мероприятия",
        "Индикаторы",
        "Ответственные исполнители",
        "Срок",
    ]
    assert len(plan.measures) == 4
    first = plan.measures[0].values
    assert first["indicators"].splitlines() == ["не менее 700 000 руб.", "(в месяц)"]
    assert first["mechanism"].endswith("в упрощённой форме (судебные приказы)")
    assert plan.sections == (
        "Обеспечение снижения роста задолженности за жилищно-коммунальные услуги",
    )


def test_where_the_source_has_no_norm_there_is_none():
    norms = {
        indicator.values["code"]: indicator.values["target"]
        for name in ("krasnogorsk", "beloyarsky")
        for measure in shipped(name).measures
        for indicator in measure.indicators
        if indicator.values["target"] is not None
    }

    assert norms == {"K1": 100, "K2": 400, "K3": Decimal(1), "B1": 700_000}


def test_a_plan_of_ones_own_is_read():
    plan = read_plan(GOOD.encode())

    assert plan.measures[0].indicators[0].values["event_kinds"] == ["live_call"]


@pytest.mark.parametrize(
    ("wrong", "right", "line", "field", "told"),
    [
        ("2026-01-01", "31.02.2026", 3, "действует с", "нет в календаре"),
        ("[звонок]", "[чаепитие]", 15, "события", "«чаепитие» не известно"),
        ("норма: 10", "норма: 0", 17, "норма", "больше нуля"),
        ("норма: 10", "норм: 10", 17, "норм", "такого поля нет"),
        ("считать: события", "считать: доля событий", 11, "знаменатель", "должен быть знаменатель"),
        ("мероприятие: Звонить", "мероприятие:", 9, "мероприятие", "пусто"),
        ("период: месяц", "период: месяц\n        период: год", 17, "период", "назван"),
        ("[мероприятие, Мероприятие]", "[дело, Дело]", 6, "столбцы", "не бывает"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_field(wrong, right, line, field, told):
    with pytest.raises(FileRefusedError) as refusal:
        read_plan(GOOD.replace(wrong, right, 1).encode())

    assert f"Строка {line}," in str(refusal.value)
    assert f"поле «{field}»" in str(refusal.value)
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"- just\n- a list", b"a: [1", "план: [1".encode()]
)
def test_what_is_no_plan_is_refused_in_words(content):
    with pytest.raises(FileRefusedError) as refusal:
        read_plan(content)

    assert "Traceback" not in str(refusal.value)


def test_all_mistakes_are_told_at_once():
    broken = GOOD.replace("норма: 10", "норма: -5").replace("[звонок]", "[пляска]")

    with pytest.raises(FileRefusedError, match="ошибок: 2"):
        read_plan(broken.encode())
