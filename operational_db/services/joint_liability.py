"""Who of a household does not answer jointly, and whether family of owners is named at all.

ЖК 31 ч. 3 makes grown-up family that lives with an owner answer with him for utilities, unless they
agreed otherwise; ЖК 69 ч. 3 the family of a tenant for all that he owes. Whom it concerns month by
month is told by the warehouse; here the exceptions are written down. The caller owns the
transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from operational_db.services.people import PersonError

Row = Mapping[str, Any]

OLDEST = date(1991, 1, 1)
"""No ledger is older; an agreement from before is written down from this day."""


@dataclass(frozen=True, slots=True)
class FamilyPractice:
    """Whether applications of an organisation name the family of an owner, and why."""

    is_family_named: bool
    basis: str | None
    is_own: bool


def residents(connection: Connection, account_id: int) -> list[Row]:
    """People registered at an account, with the days on which they answer separately, if any."""
    return list(connection.execute(RESIDENTS, {"account_id": account_id}).mappings())


def answer_separately(
    connection: Connection,
    account_id: int,
    person_id: int,
    since: date | None,
    until: date | None,
    basis: str,
) -> None:
    """Write that a resident does not answer jointly from a day to a day (both inclusive).

    Raises :class:`PersonError` (Russian) where days or the ground are missing.
    """
    if since is None:
        raise PersonError("Укажите, с какого дня человек отвечает отдельно.")
    if since < OLDEST:
        raise PersonError(f"Укажите день не раньше {OLDEST:%d.%m.%Y}.")
    if until is not None and until < since:
        raise PersonError("Последний день раньше первого: проверьте даты.")
    _write(connection, account_id, person_id, since, until, basis)


def answer_jointly_after_all(
    connection: Connection, account_id: int, person_id: int, since: date, basis: str
) -> None:
    """Take back what was written from the day ``since``: it was a mistake."""
    _write(connection, account_id, person_id, since, since - timedelta(days=1), basis)


def practice(connection: Connection, organisation_id: int) -> FamilyPractice:
    """What stands for an organisation: its own word, else the rule of the reference table."""
    row = connection.execute(PRACTICE, {"organisation_id": organisation_id}).one()
    return FamilyPractice(row.is_family_named, row.basis, row.is_own)


def set_practice(
    connection: Connection, organisation_id: int, basis: str, *, is_family_named: bool
) -> None:
    """Write whether applications name the family of an owner. Needs a ground (Russian error)."""
    if not basis.strip():
        raise PersonError("Укажите основание: практику суда или решение организации.")
    connection.execute(
        SET_PRACTICE,
        {
            "organisation_id": organisation_id,
            "is_family_named": is_family_named,
            "basis": basis.strip(),
        },
    )


def _write(
    connection: Connection,
    account_id: int,
    person_id: int,
    since: date,
    until: date | None,
    basis: str,
) -> None:
    if not basis.strip():
        raise PersonError("Укажите основание: соглашение, решение суда.")
    connection.execute(
        ADD,
        {
            "account_id": account_id,
            "person_id": person_id,
            "valid_from": since,
            "valid_to": until,
            "basis": basis.strip(),
        },
    )


RESIDENTS = text(
    """
    select r.person_id, v.full_name, r.relation, min(r.valid_from) as valid_from,
        case when bool_or(r.valid_to is null) then null else max(r.valid_to) end as valid_to,
        apart.valid_from as apart_from, apart.valid_to as apart_to, apart.basis as apart_basis
    from ops.residency as r
    cross join lateral (
        select x.full_name from ops.person_visible as x where x.person_id = r.person_id offset 0
    ) as v
    left join lateral (
        select latest.* from (
            select distinct on (s.valid_from) s.valid_from, s.valid_to, s.basis
            from ops.separate_liability as s
            where s.account_id = r.account_id and s.person_id = r.person_id
            order by s.valid_from, s.separate_liability_id desc
        ) as latest
        where latest.valid_to is null or latest.valid_to >= latest.valid_from
    ) as apart on true
    where r.account_id = :account_id and r.is_permanent
    group by r.person_id, v.full_name, r.relation, r.position, apart.valid_from, apart.valid_to,
        apart.basis
    order by r.position, r.person_id, apart.valid_from
    """
)
ADD = text(
    """
    insert into ops.separate_liability (
        account_id, person_id, valid_from, valid_to, basis, user_id
    )
    values (:account_id, :person_id, :valid_from, :valid_to, :basis, ops.session_user_id())
    """
)
PRACTICE = text(
    """
    select
        coalesce(own.is_family_named, exists (
            select 1 from reference.legal_term as t
            where t.code = 'family_answers_jointly' and t.is_enabled
        )) as is_family_named,
        own.basis, own.organisation_id is not null as is_own
    from (select 1) as always
    left join lateral (
        select p.* from ops.family_practice as p
        where p.organisation_id = :organisation_id
        order by p.family_practice_id desc
        limit 1
    ) as own on true
    """
)
SET_PRACTICE = text(
    """
    insert into ops.family_practice (organisation_id, is_family_named, basis, user_id)
    values (:organisation_id, :is_family_named, :basis, ops.session_user_id())
    """
)
