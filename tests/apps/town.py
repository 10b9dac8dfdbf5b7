"""A town small enough to know by heart: what the tests of the screens speak of.

Two organisations under one municipality. «Уют» keeps four accounts that differ in how they pay and
sixty that pay nothing, so that the list has more than one page; «Сосна» keeps one account.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import Connection, text

from operational_db.services.plan_import import SHIPPED, import_plan

PASSWORD = "Пароль-для-проверок"

UYUT, SOSNA, CITY = 2, 3, 1
IVANOV, PETROVA, SIDOROV, CLOSED_BY_COURT, FOREIGN = 101, 102, 103, 104, 201
FIRST_FILLER, FILLERS = 1001, 60

USERS = {
    "manager": (UYUT, "Орлова Мария Петровна"),
    "lawyer": (UYUT, "Юрьев Пётр Ильич"),
    "accountant": (UYUT, "Счётова Анна Львовна"),
    "operator": (UYUT, "Звонкова Ольга Юрьевна"),
    "administrator": (UYUT, "Админов Антон Антонович"),
    "official": (CITY, "Градова Елена Сергеевна"),
    "registrar": (CITY, "Реестрова Ирина Олеговна"),
    "neighbour": (SOSNA, "Соснин Иван Иванович"),
}
ROLES = {
    **{login: login for login in USERS},
    "neighbour": "manager",
    "registrar": "administrator",
}

MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True)
class Calendar:
    """Months counted back from today: 1 is the last one that was billed."""

    today: date

    def month(self, ago: int) -> date:
        month = self.today.replace(day=1)
        for _ in range(ago):
            month = (month - timedelta(days=1)).replace(day=1)
        return month

    def last_day(self, ago: int) -> date:
        return self.month(ago - 1) - timedelta(days=1)


CALENDAR = Calendar(datetime.now(MOSCOW).date())


def settle(connection: Connection) -> None:
    """Write the town into an empty migrated database that has its reference data."""
    _organisations(connection)
    _homes(connection)
    _people(connection)
    _money(connection)
    _users(connection)
    _plan_and_work(connection)
    connection.execute(
        text(
            """
            select setval(pg_get_serial_sequence('ops.' || t, c), 100000)
            from (values ('organisation', 'organisation_id'), ('account', 'account_id'),
                ('person', 'person_id'), ('premises', 'premises_id'), ('house', 'house_id'),
                ('address_object', 'address_object_id'), ('import_file', 'import_id')
            ) as s (t, c)
            """
        )
    )


def _organisations(connection: Connection) -> None:
    _add(
        connection,
        "organisation",
        [
            _organisation(
                CITY, "municipality", "Администрация города", "Город", None, keeps_registries=True
            ),
            _organisation(
                UYUT, "management_company", "ООО «Уют»", "ООО «Уют»", CITY, inn="7700000016"
            ),
            _organisation(SOSNA, "homeowners", "ТСЖ «Сосна»", "ТСЖ «Сосна»", CITY),
        ],
    )
    _add(
        connection,
        "bank_account",
        [
            {
                "organisation_id": UYUT,
                "account_number": "40702810000000000001",
                "bic": "044525225",
                "bank_name": "ПАО Сбербанк",
                "valid_from": date(2020, 1, 1),
            }
        ],
    )


def _organisation(number, kind, name, short, municipality, inn=None, *, keeps_registries=False):
    return {
        "organisation_id": number,
        "code": f"org{number}",
        "kind": kind,
        "name": name,
        "short_name": short,
        "municipality_id": municipality,
        "inn": inn,
        "keeps_registries": keeps_registries,
    }


def _homes(connection: Connection) -> None:
    _add(
        connection,
        "address_object",
        [
            {"address_object_id": 1, "parent_id": None, "level": "settlement",
             "type_name": "г.", "name": "Зеленоград"},
            {"address_object_id": 2, "parent_id": 1, "level": "street",
             "type_name": "ул.", "name": "Лесная"},
        ],
    )  # fmt: skip
    _add(
        connection,
        "house",
        [{"house_id": n, "address_object_id": 2, "number": str(n)} for n in (2, 10)],
    )
    premises, accounts = [], []
    homes = [
        (IVANOV, UYUT, 2, "1", "000101"),
        (PETROVA, UYUT, 2, "2", "000102"),
        (SIDOROV, UYUT, 2, "3", "000103"),
        (CLOSED_BY_COURT, UYUT, 2, "4", "000104"),
        (FOREIGN, SOSNA, 10, "100", "000201"),
        *(
            (FIRST_FILLER + n, UYUT, 10, str(n + 1), f"{FIRST_FILLER + n:06}")
            for n in range(FILLERS)
        ),
    ]
    for account, organisation, house, flat, number in homes:
        premises.append({"premises_id": account, "house_id": house, "kind": "flat", "number": flat})
        accounts.append(
            {
                "account_id": account,
                "organisation_id": organisation,
                "account_number": number,
                "premises_id": account,
                "recorded_at": _evening(CALENDAR.month(14)),
            }
        )
    _add(connection, "premises", premises)
    _add(connection, "account", accounts)


def _people(connection: Connection) -> None:
    names = {
        IVANOV: (UYUT, "Иванов", "Пётр", "Сергеевич"),
        PETROVA: (UYUT, "Петрова", "Алёна", "Игоревна"),
        SIDOROV: (UYUT, "Сидоров", "Олег", "Олегович"),
        FOREIGN: (SOSNA, "Соседов", "Глеб", "Глебович"),
    }
    _add(
        connection,
        "person",
        [
            {
                "person_id": person,
                "organisation_id": organisation,
                "last_name": last,
                "first_name": first,
                "middle_name": middle,
                "phone": "+7 900 000-00-00",
                "recorded_at": _evening(CALENDAR.month(14)),
            }
            for person, (organisation, last, first, middle) in names.items()
        ],
    )
    _add(
        connection,
        "ownership",
        [
            {
                "premises_id": person,
                "right_kind": "ownership",
                "person_id": person,
                "valid_from": date(2015, 1, 1),
                "source": "выписка из ЕГРН",
                "recorded_at": _evening(CALENDAR.month(14)),
            }
            for person in names
        ],
    )


def _money(connection: Connection) -> None:
    service = connection.scalar(
        text("select service_id from reference.service order by service_id limit 1")
    )
    accounts = [IVANOV, PETROVA, SIDOROV, CLOSED_BY_COURT, FOREIGN]
    accounts += range(FIRST_FILLER, FIRST_FILLER + FILLERS)
    _add(
        connection,
        "charge",
        [
            {
                "account_id": account,
                "period": CALENDAR.month(ago),
                "service_id": service,
                "kind": "charge",
                "amount": 1000,
                "booked_on": CALENDAR.last_day(ago),
                "recorded_at": _evening(CALENDAR.month(ago - 1)),
            }
            for account in accounts
            for ago in range(12, 0, -1)
        ],
    )
    payments = [
        # Иванов named the month before last, and nothing else was ever paid.
        (IVANOV, CALENDAR.month(1), 1000, CALENDAR.month(3), "п-1"),
        # Петрова pays every month in full, Сидоров paid a year and a half at once.
        *((PETROVA, CALENDAR.month(ago - 1), 1000, None, None) for ago in range(12, 0, -1)),
        (SIDOROV, CALENDAR.month(6), 15000, None, None),
    ]
    _add(
        connection,
        "payment",
        [
            {
                "account_id": account,
                "paid_on": paid_on,
                "amount": amount,
                "channel": "bank",
                "named_period": named,
                "document": document,
                "recorded_at": _evening(paid_on),
            }
            for account, paid_on, amount, named, document in payments
        ],
    )
    connection.execute(
        text(
            """
            insert into ops.write_off (account_id, written_off_on, amount, reason, recorded_at)
            values (:account, :day, 12000, 'решение суда', :moment)
            """
        ),
        {"account": CLOSED_BY_COURT, "day": CALENDAR.month(0), "moment": _evening(
            CALENDAR.month(0))},
    )  # fmt: skip


def _plan_and_work(connection: Connection) -> None:
    """The plan of Krasnogorsk; on the first of last month calls to four debtors, one a message."""
    file = SHIPPED / "krasnogorsk.yaml"
    import_plan(connection, file_name=file.name, content=file.read_bytes(), organisation_id=CITY)
    _add(
        connection,
        "contact_event",
        [
            {
                "account_id": account,
                "kind": kind,
                "happened_at": _evening(CALENDAR.month(1)) + timedelta(hours=12),
                "result": result,
                "executor": "Звонкова Ольга Юрьевна",
                "source": "file",
                "recorded_at": _evening(CALENDAR.month(1)) + timedelta(hours=13),
            }
            for account, kind, result in (
                (FIRST_FILLER, "live_call", "talked"),
                (FIRST_FILLER + 1, "live_call", "no_answer"),
                (IVANOV, "live_call", "talked"),
                (FIRST_FILLER, "sms", "delivered"),
            )
        ],
    )


def _users(connection: Connection) -> None:
    password_hash = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    for login, (organisation, name) in USERS.items():
        user_id = connection.scalar(
            text(
                """
                insert into ops.app_user (organisation_id, login, full_name, password_hash)
                values (:organisation, :login, :name, :hash) returning user_id
                """
            ),
            {"organisation": organisation, "login": login, "name": name, "hash": password_hash},
        )
        connection.execute(
            text("insert into ops.user_role (user_id, role) values (:user_id, :role)"),
            {"user_id": user_id, "role": ROLES[login]},
        )


def _evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 0, 30, tzinfo=MOSCOW)


def _add(connection: Connection, table: str, rows: list[dict]) -> None:
    columns = list(rows[0])
    connection.execute(
        text(
            f"insert into ops.{table} ({', '.join(columns)}) "
            f"values ({', '.join(':' + column for column in columns)})"
        ),
        rows,
    )
