"""Where a figure comes from: the facts behind the balance of an account, with file and line."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

Row = Mapping[str, Any]

KINDS = {
    "charge": "начисление",
    "recalculation": "перерасчёт",
    "adjustment": "корректировка",
    "payment": "оплата",
    "award": "в пошлину и пени по суду",
    "write_off": "списание",
}
_FACTS = """
    with facts as (
        select case when c.kind = 'charge' then cast(c.period + interval '1 month' as date) - 1
                else c.booked_on end as day,
            c.kind, c.charge_id as fact_id, c.period, s.name as service_name,
            c.amount as raises, c.import_id, c.import_line, c.user_id, c.recorded_at
        from ops.charge as c
        inner join reference.service as s on c.service_id = s.service_id
        where c.account_id = :account_id
        union all
        select p.paid_on, 'payment', p.payment_id, p.named_period, null, -p.amount,
            p.import_id, p.import_line, p.user_id, p.recorded_at
        from ops.payment as p
        where p.account_id = :account_id
        union all
        select w.written_off_on, 'write_off', w.write_off_id, null, null, -w.amount,
            w.import_id, w.import_line, w.user_id, w.recorded_at
        from ops.write_off as w
        where w.account_id = :account_id
        -- What of a receipt repaid the duty and the penalty that a court awarded lowers no balance.
        union all
        select v.opened_date, 'award', v.credit_id, null, null, v.interval_amount,
            p.import_id, p.import_line, p.user_id, p.recorded_at
        from screens.account_intervals as v
        inner join ops.payment as p
            on p.account_id = v.account_id
            and p.payment_id = coalesce(v.refund_id, v.credit_id)
        where v.account_id = :account_id and v.interval_kind = 'award'
    ),

    counted as (
        select * from facts
        where facts.day <= :until and (cast(:kind as text) is null or facts.kind = :kind)
    )
"""
FACTS = text(
    f"""
    {_FACTS}

    select f.day, f.kind, f.fact_id, f.period, f.service_name, f.raises,
        i.file_name, f.import_line, i.sha256, f.recorded_at, w.full_name as user_name
    from counted as f
    left join ops.import_file as i on f.import_id = i.import_id
    left join ops.people_at_work() as w on f.user_id = w.user_id
    order by f.day desc, f.kind, f.fact_id desc
    limit :limit offset :offset
    """  # noqa: S608 - constants of this module, here and below
)
TOTALS = text(
    f"""
    {_FACTS}

    select count(*) filter (where f.kind <> 'award') as facts,
        coalesce(sum(f.raises), 0) as balance,
        coalesce(sum(f.raises) filter (where f.kind = 'charge'), 0) as charged,
        coalesce(sum(f.raises) filter (where f.kind = 'recalculation'), 0) as recalculated,
        coalesce(sum(f.raises) filter (where f.kind = 'adjustment'), 0) as adjusted,
        -coalesce(sum(f.raises) filter (where f.kind = 'payment'), 0) as paid,
        coalesce(sum(f.raises) filter (where f.kind = 'award'), 0) as to_awards,
        -coalesce(sum(f.raises) filter (where f.kind = 'write_off'), 0) as written_off,
        count(*) filter (where f.import_id is null and f.kind <> 'award') as without_file
    from counted as f
    """  # noqa: S608
)
HEAD = text(
    """
    select l.account_number, l.address, l.holder_name, l.balance, l.as_of_date
    from screens.accounts as l
    where l.account_id = :account_id
    """
)


def head(connection: Connection, account_id: int) -> Row | None:
    """The account and its balance of the last build; None when the session does not see it."""
    return connection.execute(HEAD, {"account_id": account_id}).mappings().one_or_none()


def totals(connection: Connection, account_id: int, until: date, kind: str | None) -> Row:
    """What the facts until the end of a day add up to, by kind and together."""
    values = {"account_id": account_id, "until": until, "kind": kind}
    return connection.execute(TOTALS, values).mappings().one()


def facts(
    connection: Connection,
    account_id: int,
    until: date,
    kind: str | None,
    *,
    limit: int,
    offset: int = 0,
) -> list[Row]:
    """A page of the facts, newest first: sums raise the debt or, below zero, lower it."""
    values = {
        "account_id": account_id,
        "until": until,
        "kind": kind,
        "limit": limit,
        "offset": offset,
    }
    return list(connection.execute(FACTS, values).mappings())
