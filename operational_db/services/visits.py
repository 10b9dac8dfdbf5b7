"""Routes of field inspectors: debtors house by house, and what came of a visit.

A route is what its choice finds on the day it is printed; a result is an ordinary contact with a
debtor, counted by plans and shown in the journal of the account.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.event_names import CONTACT_RESULTS, RESULTS_OF_KIND
from operational_db.services.standing import stands

Row = Mapping[str, Any]

VISIT_RESULTS = {code: CONTACT_RESULTS[code] for code in RESULTS_OF_KIND["visit"]}

# Whoever may not be pursued is not visited either, nor whoever pays by an agreement (unless others
# answer for a part as well, or months have come that it does not speak of), nor who was met as
# often in a week as we allow ourselves: limits of frequency are ours to keep (230-ФЗ, row
# contact_meetings_per_week). A day of visit counts for seven days; an empty flat is no meeting.
#
# Who is meant by each of these is found once and looked up, not asked of every debtor.
_LEFT_OUT = f"""
    paying as materialized (
        select s.account_id from ops.instalment_state as s where s.holds_filing
        except
        select free.account_id from screens.agreed_parts as free where not free.is_put_off
    ),

    met as materialized (
        select e.account_id
        from ops.contact_event as e
        where e.kind = 'visit'
            and e.result in ('talked', 'handed_over', 'third_person', 'refused')
            and cast(e.happened_at at time zone 'Europe/Moscow' as date) > current_date - 7
            -- The same by the index, with room for any time zone.
            and e.happened_at > now() - interval '8 days'
            and {stands("contact_event")}
        group by e.account_id
        having count(*) >= (
            select min(t.value) from reference.legal_term as t
            where t.code = 'contact_meetings_per_week' and t.is_enabled
                and t.valid_from <= current_date
                and (t.valid_to is null or t.valid_to >= current_date)
        )
    ),

    spared as materialized (
        select h.account_id
        from ops.debt_hold as h
        where h.kind = 'no_pursuit' and h.valid_from <= current_date
            and (h.valid_to is null or h.valid_to >= current_date)
    )
"""  # noqa: S608 - constants of this module
CHOSEN = """
    from (
        select b.account_id, b.house_id, b.overdue_debt, b.overdue_months, a.address_sort_key,
            b.account_id in (select paying.account_id from paying) as pays_by_agreement,
            b.account_id in (select met.account_id from met) as was_met
        from marts.account_balances as b
        inner join marts.accounts as a on b.account_id = a.account_id
        where a.is_open and b.overdue_debt > 0
            and (
                cast(:organisation_id as integer) is null
                or b.organisation_id = :organisation_id
            )
            and (cast(:house_id as integer) is null or b.house_id = :house_id)
            and (cast(:debt_from as numeric) is null or b.overdue_debt >= :debt_from)
            and (cast(:months_from as integer) is null or b.overdue_months >= :months_from)
            and b.account_id not in (select spared.account_id from spared)
    ) as l
"""
TOTALS = text(
    f"""
    with {_LEFT_OUT}

    select
        count(*) filter (where not l.pays_by_agreement and not l.was_met) as accounts,
        count(distinct l.house_id) filter (where not l.pays_by_agreement and not l.was_met)
            as houses,
        coalesce(
            sum(l.overdue_debt) filter (where not l.pays_by_agreement and not l.was_met), 0
        ) as overdue_debt,
        count(*) filter (where l.pays_by_agreement) as paying,
        count(*) filter (where l.was_met and not l.pays_by_agreement) as met
    {CHOSEN}
    """
)
# Names and addresses are read for the doors that are shown, one at a time (offset 0).
PAGE = text(
    f"""
    with {_LEFT_OUT},

    page as (
        select l.account_id, l.address_sort_key, l.overdue_debt, l.overdue_months
        {CHOSEN}
        where not l.pays_by_agreement and not l.was_met
        order by l.address_sort_key, l.account_id
        limit :limit offset :offset
    )

    select page.account_id, told.account_number, told.holder_name, told.house_id,
        told.house_address, told.address, page.address_sort_key, told.premises_number,
        p.entrance, p.floor, page.overdue_debt, page.overdue_months,
        visit.happened_at as last_visit_at, visit.result as last_result
    from page
    cross join lateral (
        select s.account_number, s.holder_name, s.house_id, s.house_address, s.address,
            s.premises_number
        from screens.accounts as s
        where s.account_id = page.account_id
        offset 0
    ) as told
    inner join ops.account as a on page.account_id = a.account_id
    left join ops.premises as p on a.premises_id = p.premises_id
    left join lateral (
        select e.happened_at, e.result
        from ops.contact_event as e
        where e.account_id = page.account_id and e.kind = 'visit' and {stands("contact_event")}
        order by e.happened_at desc
        limit 1
    ) as visit on true
    order by page.address_sort_key, page.account_id
    """  # noqa: S608 - constants of this module
)
ADD = text(
    """
    insert into ops.contact_event (
        account_id, kind, happened_at, result, document_number, phone, promise_date,
        promise_amount, comment, executor, source, user_id
    )
    select :account_id, 'visit', :happened_at, :result, :document_number, :phone, :promise_date,
        :promise_amount, :comment, w.full_name, 'screen', w.user_id
    from ops.who_am_i() as w
    returning contact_event_id
    """
)


class VisitRefusedError(Exception):
    """A result cannot be recorded; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """Which debtors stand on a route; None narrows nothing. Sums are past their due date, ₽."""

    organisation_id: int | None = None
    house_id: int | None = None
    debt_from: Decimal | None = None
    months_from: int | None = None

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def described(self) -> dict[str, str]:
        """The choice for the audit trail: only what was asked at all."""
        return {name: str(value) for name, value in self.values().items() if value is not None}


@dataclass(frozen=True, slots=True)
class VisitResult:
    """What an inspector brings back from a door; ``happened_at`` is an aware moment."""

    account_id: int
    happened_at: datetime
    result: str
    document_number: str | None = None
    phone: str | None = None
    promise_date: date | None = None
    promise_amount: Decimal | None = None
    comment: str | None = None


def totals(connection: Connection, asked: RouteRequest) -> Row:
    """How many doors and houses the route has, what is owed behind them, and who is left out.

    ``paying`` are accounts left out because an agreement of theirs lives, ``met`` because of the
    meetings of the last seven days.
    """
    return connection.execute(TOTALS, asked.values()).mappings().one()


def page(
    connection: Connection, asked: RouteRequest, *, limit: int | None, offset: int = 0
) -> list[Row]:
    """Doors of the route in the order of walking, with the visit before."""
    values = {**asked.values(), "limit": limit, "offset": offset}
    found = connection.execute(PAGE, values).mappings()
    return [
        {
            **row,
            "ordinal": number,
            "last_visit": CONTACT_RESULTS.get(row["last_result"]),
            "place": _place(row),
        }
        for number, row in enumerate(found, offset + 1)
    ]


def by_house(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The doors under the address of their house, houses in the order of the route."""
    houses: dict[str, list[Row]] = {}
    for row in rows:
        houses.setdefault(row["house_address"] or "адрес не известен", []).append(row)
    yield from houses.items()


def record_visit(connection: Connection, visit: VisitResult, now: datetime) -> int:
    """Record what came of a visit; return its number. Raises ``VisitRefusedError``."""
    if visit.result not in VISIT_RESULTS:
        raise VisitRefusedError("Выберите результат визита.")
    if visit.happened_at > now:
        raise VisitRefusedError("Этот день ещё не наступил: визит записывают, когда он был.")
    if visit.promise_amount is not None and visit.promise_date is None:
        raise VisitRefusedError("К сумме обещания назовите день, до которого обещано оплатить.")
    if visit.promise_amount is not None and visit.promise_amount <= 0:
        raise VisitRefusedError("Обещание в 0 ₽ – не обещание: оставьте поле пустым.")
    if visit.promise_date is not None and visit.promise_date < visit.happened_at.date():
        raise VisitRefusedError("День обещания раньше визита: исправьте его.")
    values = {name: getattr(visit, name) for name in visit.__dataclass_fields__}
    return connection.execute(ADD, values).scalar_one()


def _place(row: Row) -> str:
    """Entrance, floor and door as the route sheet names them; what is unknown is left out."""
    parts = (
        ("подъезд", row["entrance"]),
        ("этаж", row["floor"]),
        ("пом.", row["premises_number"]),
    )
    return ", ".join(f"{name} {value}" for name, value in parts if value is not None) or "—"
