"""Due days other than the law's: what a management contract, a meeting or a regional law set."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from operational_db.services.organisations import organisation_by_code


class DueDayRefusedError(ValueError):
    """The due day cannot be recorded; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class OwnDueDayTerm:
    """A due day (None: the law's again) for months in a row, and the paper that sets it.

    ``house_of`` is the number of any account of the one house that it is for; None: all houses.
    """

    day: int | None
    period_from: date
    period_to: date | None
    basis: str
    liability: str = "housing"
    house_of: str | None = None


def record_own_due_day(connection: Connection, code: str, term: OwnDueDayTerm) -> int:
    """Record a due day of an organisation; return how many accounts it may move.

    Nothing is overwritten: the latest row of a month counts. Raises :class:`DueDayRefusedError`
    for months in which the law lets no other day hold, and for an account without a house.
    """
    organisation_id = organisation_by_code(connection, code)
    if term.period_to is not None and term.period_to < term.period_from:
        raise DueDayRefusedError("Последний месяц раньше первого. Поменяйте их местами.")
    if not term.basis.strip():
        raise DueDayRefusedError("Не назван документ: договор, протокол собрания или закон.")
    is_allowed = connection.scalar(
        IS_ALLOWED, {"liability": term.liability, "period": term.period_from}
    )
    if term.day is not None and is_allowed is False:
        raise DueDayRefusedError(
            f"С {term.period_from:%m.%Y} ни договор, ни собрание не могут установить другой срок "
            "оплаты (177-ФЗ от 24.06.2025). Срок договора действует для более ранних месяцев."
        )
    house_id = None
    if term.house_of is not None:
        house_id = connection.scalar(
            HOUSE_OF, {"organisation_id": organisation_id, "number": term.house_of.strip()}
        )
        if house_id is None:
            raise DueDayRefusedError(
                f"У организации нет счёта «{term.house_of}» с известным домом. Назовите другой "
                "счёт этого дома."
            )
    values = {
        "organisation_id": organisation_id,
        "house_id": house_id,
        "liability": term.liability,
        "due_day": term.day,
        "period_from": term.period_from,
        "period_to": term.period_to,
        "basis": term.basis.strip(),
    }
    connection.execute(ADD, values)
    return connection.scalar(ACCOUNTS, {"organisation_id": organisation_id, "house_id": house_id})


IS_ALLOWED = text("""
    select is_override_allowed from reference.due_day
    where scope = :liability and period_from <= :period
        and (period_to is null or period_to >= :period)
""")
HOUSE_OF = text("""
    select p.house_id
    from ops.account as a
    inner join ops.premises as p on a.premises_id = p.premises_id
    where a.organisation_id = :organisation_id and a.account_number = :number
""")
ADD = text("""
    insert into ops.own_due_day (
        organisation_id, house_id, liability, due_day, period_from, period_to, basis
    )
    values (
        :organisation_id, :house_id, :liability, cast(:due_day as smallint), :period_from,
        :period_to, :basis
    )
""")
ACCOUNTS = text("""
    select count(*)
    from ops.account as a
    left join ops.premises as p on a.premises_id = p.premises_id
    where a.organisation_id = :organisation_id
        and (cast(:house_id as integer) is null or p.house_id = :house_id)
""")
