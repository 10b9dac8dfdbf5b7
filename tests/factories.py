"""Rows of the system of record for tests: only what a test is about has to be said."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, text

NUMBERS = count(1)


def insert(connection: Connection, table: str, returning: str, **values: Any) -> int:
    """Insert one row into a table of ``ops``; return the column ``returning``."""
    columns = ", ".join(values)
    places = ", ".join(f":{column}" for column in values)
    return connection.execute(
        text(f"insert into ops.{table} ({columns}) values ({places}) returning {returning}"), values
    ).scalar_one()


def insert_all(connection: Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows of the same columns into a table of ``ops`` with one statement each batch."""
    batch = list(rows)
    if not batch:
        return
    columns = ", ".join(batch[0])
    places = ", ".join(f":{column}" for column in batch[0])
    connection.execute(text(f"insert into ops.{table} ({columns}) values ({places})"), batch)


def new_organisation(connection: Connection, code: str | None = None, **values: Any) -> int:
    """A management company, unless ``kind`` says otherwise."""
    code = code or f"organisation-{next(NUMBERS)}"
    given = {"kind": "management_company", "name": f"ООО «{code}»", "short_name": code, **values}
    return insert(connection, "organisation", "organisation_id", code=code, **given)


def new_house(connection: Connection, number: str = "1") -> int:
    """A house on a street of its own."""
    street = insert(
        connection,
        "address_object",
        "address_object_id",
        level="street",
        type_name="ул.",
        name=f"Улица {next(NUMBERS)}",
    )
    return insert(connection, "house", "house_id", address_object_id=street, number=number)


def new_premises(connection: Connection, house_id: int, number: str | None = None) -> int:
    """A flat of a house."""
    number = number or str(next(NUMBERS))
    return insert(
        connection, "premises", "premises_id", house_id=house_id, kind="flat", number=number
    )


def new_meter(connection: Connection, premises_id: int, service_id: int, **values: Any) -> int:
    """A meter of premises, there since 2020 unless another day is given."""
    given = {"number": f"M-{next(NUMBERS)}", "installed_on": date(2020, 1, 1), **values}
    return insert(
        connection, "meter", "meter_id", premises_id=premises_id, service_id=service_id, **given
    )


def new_account(connection: Connection, organisation_id: int, **values: Any) -> int:
    """An account of an organisation; without premises unless they are given."""
    given = {"account_number": f"{next(NUMBERS):08}", **values}
    return insert(connection, "account", "account_id", organisation_id=organisation_id, **given)


def new_person(connection: Connection, organisation_id: int, **values: Any) -> int:
    """Иванов Пётр Сергеевич, unless another name is given."""
    given = {"last_name": "Иванов", "first_name": "Пётр", "middle_name": "Сергеевич", **values}
    return insert(connection, "person", "person_id", organisation_id=organisation_id, **given)


def new_owner(connection: Connection, premises_id: int, person_id: int, **values: Any) -> int:
    """Make a person the only owner of premises since 2020."""
    given = {
        "right_kind": "ownership",
        "share_numerator": 1,
        "share_denominator": 1,
        "valid_from": date(2020, 1, 1),
        "source": "ЕГРН",
        **values,
    }
    return insert(
        connection,
        "ownership",
        "ownership_id",
        premises_id=premises_id,
        person_id=person_id,
        **given,
    )


def new_user(connection: Connection, organisation_id: int, *roles: str, **values: Any) -> int:
    """A user with roles; signs in through :func:`new_session`."""
    given = {"login": f"user{next(NUMBERS)}", "full_name": "Пользователь", **values}
    user_id = insert(connection, "app_user", "user_id", organisation_id=organisation_id, **given)
    insert_all(connection, "user_role", [{"user_id": user_id, "role": role} for role in roles])
    return user_id


def new_session(
    connection: Connection, user_id: int, lifetime: timedelta = timedelta(hours=1)
) -> str:
    """Open a session of a user; return its token. A negative lifetime has run out already."""
    token = f"token-{next(NUMBERS)}"
    connection.execute(
        text(
            "insert into ops.user_session (token_digest, user_id, expires_at) "
            "values (:digest, :user_id, now() + :lifetime)"
        ),
        {
            "digest": hashlib.sha256(token.encode()).digest(),
            "user_id": user_id,
            "lifetime": lifetime,
        },
    )
    return token
