"""A company with three debtors in two court sections: what the tests of duty speak of."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, text

from operational_db.reference.loader import load_reference
from operational_db.services.duties import DutyRequest, record_duties
from operational_db.services.state_duty import DutyKind
from tests.factories import (
    insert,
    insert_all,
    new_account,
    new_house,
    new_organisation,
    new_owner,
    new_person,
    new_premises,
    new_session,
    new_user,
)

DAY = date(2026, 11, 20)
SECTIONS = ("50MS0084", "50MS0085")
DISTRICT = "50RS0001"
ACCOUNT = "40702810000000000001"
TREASURY = "03100643000000018500"


@dataclass(frozen=True)
class Company:
    """Numbers of the rows, and tokens of sessions by role."""

    organisation_id: int
    bank_account_id: int
    accounts: list[int]
    people: list[int]
    houses: list[int]
    tokens: dict[str, str]


def settle(connection: Connection) -> Company:
    """Write the company into an empty migrated database."""
    load_reference(connection)
    organisation_id = new_organisation(
        connection, "uyut", name="ООО «Уют»", inn="7700000016", kpp="770001001"
    )
    bank_account_id = insert(
        connection,
        "bank_account",
        "bank_account_id",
        organisation_id=organisation_id,
        account_number=ACCOUNT,
        bic="044525225",
        bank_name="ПАО Сбербанк",
        correspondent_account="30101810400000000225",
        valid_from=date(2020, 1, 1),
    )
    insert_all(
        connection,
        "court",
        [
            *(
                {"court_code": code, "kind": "MS", "name": f"Судебный участок № {code[-2:]}"}
                | {"region_code": "50", "parent_court": "Городской суд"}
                for code in SECTIONS
            ),
            {"court_code": DISTRICT, "kind": "RS", "name": "Городской суд"}
            | {"region_code": "50", "parent_court": None},
        ],
    )
    houses = [new_house(connection, number) for number in ("1", "2", "3")]
    for code, house in zip(SECTIONS, houses, strict=False):
        connection.execute(
            text(
                "insert into ops.house_court_decision (house_id, court_kind, court_code, basis) "
                "values (:house, 'MS', :code, 'письмо')"
            ),
            {"house": house, "code": code},
        )
    accounts, people = [], []
    for number, house in enumerate(houses, start=1):
        premises = new_premises(connection, house)
        accounts.append(
            new_account(
                connection, organisation_id, account_number=f"00010{number}", premises_id=premises
            )
        )
        people.append(new_person(connection, organisation_id))
        new_owner(connection, premises, people[-1])
    for code in (*SECTIONS, DISTRICT):
        add_details(connection, code)
    tokens = {
        role: new_session(connection, new_user(connection, organisation_id, role))
        for role in ("accountant", "lawyer", "manager", "operator", "administrator")
    }
    return Company(organisation_id, bank_account_id, accounts, people, houses, tokens)


def add_details(connection: Connection, code: str, **values: object) -> None:
    """Payment details of a court, checked this year unless told otherwise."""
    given = {
        "court_code": code,
        "payee": "Казначейство России (ФНС России)",
        "inn": "7727406020",
        "kpp": "770801001",
        "oktmo": "46744000",
        "kbk": "18210803010011050110",
        "bic": "017003983",
        "account_number": TREASURY,
        "correspondent_account": "40102810445370000059",
        "bank": "ОТДЕЛЕНИЕ ТУЛА БАНКА РОССИИ//УФК по Тульской области",
        "valid_from": date(2026, 1, 1),
        "source": "сайт суда",
    }
    insert_all(connection, "court_payment_details", [given | values])


def record(
    connection: Connection,
    company: Company,
    *debtors: int,
    kind: DutyKind = DutyKind.ORDER,
    claim_sum: str = "30000.00",
) -> list[int]:
    """Record a duty against each of the debtors (numbers from 0)."""
    return record_duties(
        connection,
        [
            DutyRequest(
                company.organisation_id,
                company.accounts[debtor],
                kind,
                Decimal(claim_sum),
                DAY,
                "Иванов Пётр Сергеевич",
                person_id=company.people[debtor],
            )
            for debtor in debtors
        ],
    )  # fmt: skip


def statement(*documents: dict[str, str]) -> bytes:
    """A statement of the company's account with outgoing documents."""
    lines = [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        f"РасчСчет={ACCOUNT}",
    ]
    lines += ["СекцияРасчСчет", f"РасчСчет={ACCOUNT}", "НачальныйОстаток=100000.00"]
    spent = sum(Decimal(document["Сумма"]) for document in documents)
    lines += ["ВсегоПоступило=0", f"ВсегоСписано={spent}", f"КонечныйОстаток={100000 - spent}"]
    lines.append("КонецРасчСчет")
    for document in documents:
        given = {
            "Номер": "1",
            "Дата": "23.11.2026",
            "ДатаСписано": "23.11.2026",
            "ПлательщикСчет": ACCOUNT,
            "ПолучательСчет": TREASURY,
            "ПолучательИНН": "7727406020",
        }
        lines.append("СекцияДокумент=Платежное поручение")
        lines += [f"{key}={value}" for key, value in (given | document).items()]
        lines.append("КонецДокумента")
    return "\r\n".join([*lines, "КонецФайла", ""]).encode("cp1251")
