"""Who bills, who supplies, who takes the money: all invented, with numbers that pass every check.

The tax office and the year are plausible, the serial numbers lie where none has been given out, so
no requisite can be a real company's.
"""

from dataclasses import dataclass

import numpy as np

from operational_db.demo import check_digits
from operational_db.demo.clock import Clock
from operational_db.demo.tables import Columns

TAX_OFFICE = 5024
FREE_SERIAL = 99_100
SINCE = np.datetime64("2012-03-01")
BANK_REGION = "044525"


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation of the town; ``recipients`` maps a service to the code of who is owed it."""

    code: str
    kind: str
    name: str
    short_name: str
    head_position: str
    head_name: str
    address: str


MUNICIPALITY = Body(
    "krasnogorsk",
    "municipality",
    "Администрация городского округа Красногорск Московской области",
    "городской округ Красногорск",
    "Глава городского округа",
    "Воронцова Марина Андреевна",
    "143404, Московская обл., г. Красногорск, ул. Ленина, д. 4",
)
KEEPERS = (
    Body(
        "uk-zaboty",
        "management_company",
        "Общество с ограниченной ответственностью «Управляющая компания „Город забот“»",
        "ООО «УК „Город забот“»",
        "Генеральный директор",
        "Мельников Олег Викторович",
        "143401, Московская обл., г. Красногорск, ул. Речная, д. 41, пом. 2",
    ),
    Body(
        "uk-pavshino",
        "management_company",
        "Общество с ограниченной ответственностью «Павшинский дом»",
        "ООО «Павшинский дом»",
        "Генеральный директор",
        "Соловьёва Ирина Петровна",
        "143402, Московская обл., г. Красногорск, Павшинский б-р, д. 90, пом. 1",
    ),
    Body(
        "uk-opalikha",
        "management_company",
        "Муниципальное бюджетное учреждение «Жилищное хозяйство Красногорска»",
        "МБУ «Жилищное хозяйство Красногорска»",
        "Директор",
        "Гусев Павел Николаевич",
        "143405, Московская обл., г. Красногорск, ул. Школьная, д. 77",
    ),
    Body(
        "tszh-optika",
        "homeowners",
        "Товарищество собственников жилья «Оптика»",
        "ТСЖ «Оптика»",
        "Председатель правления",
        "Королёв Дмитрий Ильич",
        "143408, Московская обл., г. Красногорск, ул. Оптическая, д. 60, пом. 3",
    ),
    Body(
        "teploset",
        "resource_supplier",
        "Акционерное общество «Красногорские тепловые сети»",
        "АО «Красногорские тепловые сети»",
        "Генеральный директор",
        "Чернов Андрей Сергеевич",
        "143404, Московская обл., г. Красногорск, ул. Заводская, д. 150",
    ),
)
HEAT_KEEPER = 4
"""Number in ``KEEPERS`` of the supplier that has direct contracts with residents."""

SUPPLIERS = (
    Body(
        "vodokanal",
        "resource_supplier",
        "Акционерное общество «Красногорский водоканал»",
        "АО «Красногорский водоканал»",
        "Генеральный директор",
        "Белов Игорь Олегович",
        "143404, Московская обл., г. Красногорск, ул. Речная, д. 112",
    ),
    Body(
        "energosbyt",
        "resource_supplier",
        "Акционерное общество «Северо-Западный энергосбыт»",
        "АО «Северо-Западный энергосбыт»",
        "Директор отделения",
        "Орлова Наталья Юрьевна",
        "143403, Московская обл., г. Красногорск, ул. Вокзальная, д. 95",
    ),
    Body(
        "gaz",
        "resource_supplier",
        "Общество с ограниченной ответственностью «Подмосковный газ»",
        "ООО «Подмосковный газ»",
        "Директор филиала",
        "Захаров Михаил Львович",
        "143409, Московская обл., г. Красногорск, ул. Железнодорожная, д. 101",
    ),
    Body(
        "othody",
        "waste_operator",
        "Общество с ограниченной ответственностью «Региональный оператор „Чистый округ“»",
        "ООО «Чистый округ»",
        "Генеральный директор",
        "Фёдорова Анна Игоревна",
        "143407, Московская обл., г. Красногорск, Ильинский б-р, д. 70",
    ),
    Body(
        "fond-kapremonta",
        "capital_repair_fund",
        "Фонд капитального ремонта многоквартирных домов Подмосковного края",
        "Фонд капитального ремонта",
        "Генеральный директор",
        "Тихонов Алексей Романович",
        "143401, Московская обл., г. Красногорск, Красногорский б-р, д. 120",
    ),
)
AGENTS = (
    Body(
        "bank-narodny",
        "bank",
        "Публичное акционерное общество «Народный сберегательный банк»",
        "ПАО «Народный сберегательный банк»",
        "Управляющий отделением",
        "Громова Елена Павловна",
        "143404, Московская обл., г. Красногорск, ул. Кирова, д. 130",
    ),
    Body(
        "bank-moskovsky",
        "bank",
        "Акционерное общество «Московский расчётный банк»",
        "АО «Московский расчётный банк»",
        "Управляющий филиалом",
        "Власов Кирилл Денисович",
        "143401, Московская обл., г. Красногорск, ул. Ленина, д. 133",
    ),
    Body(
        "raschetny-centr",
        "settlement_centre",
        "Общество с ограниченной ответственностью «Красногорский расчётный центр»",
        "ООО «Красногорский расчётный центр»",
        "Директор",
        "Щербакова Ольга Максимовна",
        "143404, Московская обл., г. Красногорск, ул. Успенская, д. 103",
    ),
)
BODIES = (MUNICIPALITY, *KEEPERS, *SUPPLIERS, *AGENTS)
IDS = {body.code: number for number, body in enumerate(BODIES, start=1)}
MUNICIPALITY_ID = IDS[MUNICIPALITY.code]
KEEPER_IDS = np.array([IDS[body.code] for body in KEEPERS])
AGENT_IDS = np.array([IDS[body.code] for body in AGENTS])

RECIPIENTS = {
    "cold_water": "vodokanal",
    "sewerage": "vodokanal",
    "hot_water": "teploset",
    "heating": "teploset",
    "electricity": "energosbyt",
    "gas": "gaz",
    "waste": "othody",
    "capital_repair": "fond-kapremonta",
    "rent": MUNICIPALITY.code,
}


def organisation_rows(clock: Clock) -> Columns:
    """Return rows of ``ops.organisation``."""
    size = len(BODIES)
    overseen = [
        None if body.kind in {"municipality", "bank"} else MUNICIPALITY_ID for body in BODIES
    ]
    return {
        "organisation_id": list(range(1, size + 1)),
        "code": [body.code for body in BODIES],
        "kind": [body.kind for body in BODIES],
        "name": [body.name for body in BODIES],
        "short_name": [body.short_name for body in BODIES],
        "municipality_id": overseen,
        "keeps_registries": [body.kind == "municipality" for body in BODIES],
        "inn": [_inn(number) for number in range(size)],
        "kpp": [f"{TAX_OFFICE}01001"] * size,
        "ogrn": [_ogrn(number) for number in range(size)],
        "address": [body.address for body in BODIES],
        "phone": [f"+7 495 000-{number // 10:02d}-{number % 10:02d}" for number in range(size)],
        "email": [f"info@{body.code}.example" for body in BODIES],
        "head_position": [body.head_position for body in BODIES],
        "head_name": [body.head_name for body in BODIES],
        "recorded_at": _recorded(clock, size),
    }


def bank_account_rows(clock: Clock) -> Columns:
    """Return rows of ``ops.bank_account``: two accounts for keepers, one for suppliers."""
    holders = [*KEEPERS, *KEEPERS, *SUPPLIERS, MUNICIPALITY]
    banks = [AGENTS[0]] * len(KEEPERS) + [AGENTS[1]] * (len(holders) - len(KEEPERS))
    bics = [_bic(bank) for bank in banks]
    size = len(holders)
    return {
        "bank_account_id": list(range(1, size + 1)),
        "organisation_id": [IDS[body.code] for body in holders],
        "account_number": [
            check_digits.bank_account(f"407028100{number:04d}0{TAX_OFFICE:04d}{number:02d}", bic)
            for number, bic in enumerate(bics, start=1)
        ],
        "bic": bics,
        "bank_name": [bank.short_name for bank in banks],
        "correspondent_account": [f"30101810000000000{bic[-3:]}" for bic in bics],
        "valid_from": [SINCE.item()] * size,
        "recorded_at": _recorded(clock, size),
    }


def contract_rows(clock: Clock, service_ids: dict[str, int]) -> Columns:
    """Return rows of ``ops.contract``: who is owed the money for what a keeper bills."""
    rows = [
        (IDS[keeper.code], IDS[recipient], service_ids[service])
        for keeper in KEEPERS
        for service, recipient in RECIPIENTS.items()
        if service in service_ids and keeper.kind != "resource_supplier"
    ]
    keepers, recipients, services = (list(column) for column in zip(*rows, strict=True))
    size = len(rows)
    return {
        "contract_id": list(range(1, size + 1)),
        "organisation_id": keepers,
        "recipient_id": recipients,
        "service_id": services,
        "number": [f"{recipient}/{keeper}-{service:02d}" for keeper, recipient, service in rows],
        "signed_on": [(SINCE - 14).item()] * size,
        "valid_from": [SINCE.item()] * size,
        "recorded_at": _recorded(clock, size),
    }


def _inn(number: int) -> str:
    return check_digits.inn_of_organisation(TAX_OFFICE * 100_000 + FREE_SERIAL + number)


def _ogrn(number: int) -> str:
    return check_digits.ogrn(1_12_50_24_00000 + 99_100 + number)


def _bic(bank: Body) -> str:
    return f"{BANK_REGION}{950 + AGENTS.index(bank)}"


def _recorded(clock: Clock, size: int) -> np.ndarray:
    return clock.recorded(np.full(size, clock.first_day - 30), 9 * 3600)
