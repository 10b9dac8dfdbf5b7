"""One account: who holds it, what was charged and paid, and why it owes what it owes.

Everything is read live, for the day and the state of knowledge that the connection states
(``screens_connection(token, as_of=…, known_at=…)``), so that a card never lags behind a payment.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from operational_db.services import ageing

RIGHTS = {
    "ownership": "собственность",
    "shared_ownership": "общая долевая собственность",
    "joint_ownership": "общая совместная собственность",
    "social_tenancy": "социальный наём",
    "municipal_property": "муниципальная собственность",
    "unknown": "право не установлено",
}

CHANNELS = {
    "bank": "банк",
    "cash_desk": "касса",
    "agent": "платёжный агент",
    "online": "интернет",
    "autopay": "автоплатёж",
    "post": "почта",
    "bailiff": "взыскано приставом",
    "subsidy": "субсидия",
    "other": "иное",
}

FACT_KINDS = {
    "charge": "начисление",
    "recalculation": "перерасчёт",
    "adjustment": "корректировка",
    "write_off": "списание",
    "payment": "оплата",
}

HEAD = text(
    """
    select s.*, o.name as organisation_full_name, a.recorded_at as account_recorded_at
    from screens.accounts as s
    inner join ops.account as a on s.account_id = a.account_id
    inner join ops.organisation as o on s.organisation_id = o.organisation_id
    where s.account_id = :account_id
    """
)

HOLDERS = text(
    """
    select
        w.right_kind, w.share_numerator, w.share_denominator, w.valid_from, w.valid_to,
        w.registration_number, w.source,
        coalesce(p.full_name, o.short_name) as holder_name,
        p.birth_date, p.phone, p.email, p.is_dead, p.is_minor
    from ops.account as a
    inner join ops.ownership as w
        on a.premises_id = w.premises_id and a.organisation_id = w.organisation_id
    -- One person at a time (offset 0): the view guards itself by masking everybody it is joined to.
    left join lateral (
        select v.* from ops.person_visible as v where v.person_id = w.person_id offset 0
    ) as p on true
    left join ops.organisation as o on w.holder_organisation_id = o.organisation_id
    where a.account_id = :account_id and w.valid_from <= ops.as_of()
        and (w.valid_to is null or w.valid_to >= ops.as_of())
        and w.recorded_at <= ops.known_at()
    order by w.share_numerator::numeric / w.share_denominator desc, w.ownership_id
    """
)

RESIDENTS = text(
    """
    select
        p.full_name, p.birth_date, p.phone, p.is_dead, p.is_minor,
        r.relation, r.is_permanent, r.valid_from, r.valid_to
    from ops.residency as r
    inner join lateral (
        select v.* from ops.person_visible as v where v.person_id = r.person_id offset 0
    ) as p on true
    where r.account_id = :account_id and r.valid_from <= ops.as_of()
        and (r.valid_to is null or r.valid_to >= ops.as_of())
        and r.recorded_at <= ops.known_at()
    order by r.position, r.valid_from
    """
)

# What counts on the day asked about is what was opened by then and not yet closed.
BALANCE = text(
    f"""
    with counted as (
        select
            i.interval_amount as amount, i.period, i.due_date,
            i.interval_kind <> 'advance' as is_debt,
            i.interval_kind <> 'advance' and i.due_date < ops.as_of() as is_overdue,
            case when i.interval_kind = 'advance' then 'advance' else b.bucket_code end as bucket
        from screens.account_intervals as i
        left join reference.ageing_bucket as b
            on b.bucket_code <> 'advance'
                and warehouse.is_of_age(i.due_date, ops.as_of(),
                    b.days_from, b.days_to, b.years_from, b.years_to)
        where i.account_id = :account_id
            and i.opened_date <= ops.as_of()
            and (i.closed_date is null or i.closed_date > ops.as_of())
    )

    select
        coalesce(sum(amount), 0) as balance,
        coalesce(sum(amount) filter (where is_debt), 0) as debt,
        coalesce(sum(amount) filter (where is_overdue), 0) as overdue_debt,
        {ageing.sums("sum(amount)", "bucket")},
        count(distinct period) filter (where is_overdue) as overdue_months,
        min(due_date) filter (where is_overdue) as oldest_due_date,
        ops.as_of() as as_of
    from counted
    """  # noqa: S608 - constants of this package
)

INTERVALS = text(
    """
    select
        i.interval_no, i.interval_kind, i.liability, i.period, i.due_date, i.opened_date,
        i.interval_amount, i.credit_kind, i.credit_date, i.refund_kind, i.reopened_by_kind,
        case when i.closed_date <= ops.as_of() then i.closed_date end as closed_date,
        i.closed_date is null or i.closed_date > ops.as_of() as is_open,
        case when i.interval_kind <> 'advance' then greatest(
            least(coalesce(i.closed_date, ops.as_of()), ops.as_of()) - i.due_date, 0
        ) end as days_late,
        p.amount as payment_amount, p.document as payment_document, p.channel as payment_channel,
        p.paid_on as payment_date
    from screens.account_intervals as i
    left join ops.payment as p
        on i.credit_kind = 'payment' and p.account_id = i.account_id
            and p.payment_id = i.credit_id
    where i.account_id = :account_id and i.opened_date <= ops.as_of()
    order by i.period desc nulls first, i.liability, i.due_date, i.opened_date, i.interval_no
    """
)

TURNOVER = text(
    """
    select period, opening_balance, charged, recalculated, paid, to_awards, adjusted, written_off,
        closing_balance
    from screens.account_turnover
    where account_id = :account_id and period <= ops.as_of()
    order by period desc
    """
)

LEDGER = text(
    """
    select
        l.fact_date, l.fact_kind, l.period, s.name as service_name, l.amount, l.document_number,
        l.channel, l.source_file, l.source_line, l.recorded_at, awards.to_awards
    from screens.account_ledger as l
    left join reference.service as s on l.service_id = s.service_id
    -- What of a receipt repaid duty and penalty that a court awarded; the account is walked once.
    left join (
        select coalesce(v.refund_id, v.credit_id) as payment_id,
            sum(v.interval_amount) as to_awards
        from screens.account_intervals as v
        where v.account_id = :account_id and :payments and v.interval_kind = 'award'
            and v.opened_date <= ops.as_of()
        group by coalesce(v.refund_id, v.credit_id)
    ) as awards on l.fact_kind = 'payment' and l.fact_id = awards.payment_id
    where l.account_id = :account_id and l.fact_date <= ops.as_of()
        and (l.fact_kind = 'payment') = :payments
    order by l.fact_date desc, l.recorded_at desc, l.fact_id desc
    """
)

SPLITTING = text(
    """
    select p.paid_date, p.falls_date, p.period, p.is_award, s.name as service_name,
        o.short_name as recipient_name, p.amount
    from screens.payment_services as p
    left join reference.service as s on p.service_id = s.service_id
    left join ops.organisation as o on p.recipient_id = o.organisation_id
    where p.account_id = :account_id and p.paid_date <= ops.as_of()
    order by p.paid_date desc, p.payment_id desc, p.falls_date, p.period, p.service_id
    """
)

DOCUMENTS = text(
    """
    select document_id, file_name, kind, recorded_at from ops.document
    where account_id = :account_id
    order by document_id desc
    limit 20
    """
)

NEIGHBOURS = text(
    """
    select previous_id, next_id from (
        select account_id,
            lag(account_id) over same_house as previous_id,
            lead(account_id) over same_house as next_id
        from screens.accounts
        where house_id = (select a.house_id from screens.accounts as a
            where a.account_id = :account_id)
        window same_house as (order by address_sort_key, account_number, account_id)
    ) as in_order
    where account_id = :account_id
    """
)

Row = Mapping[str, Any]


def head(connection: Connection, account_id: int) -> Row | None:
    """The account with its address and holder; None when there is none or it is not ours."""
    return connection.execute(HEAD, {"account_id": account_id}).mappings().one_or_none()


def holders(connection: Connection, account_id: int) -> list[Row]:
    """Rights to the premises on the day asked about, larger shares first."""
    return _rows(connection, HOLDERS, account_id)


def residents(connection: Connection, account_id: int) -> list[Row]:
    """Who is registered or lives there on the day asked about, in the order of the card."""
    return _rows(connection, RESIDENTS, account_id)


def balance(connection: Connection, account_id: int) -> Row:
    """Balance, debt with its parts by age, and advance (negative) on the day asked about."""
    return connection.execute(BALANCE, {"account_id": account_id}).mappings().one()


def intervals(connection: Connection, account_id: int) -> list[Row]:
    """Pieces of debt, of advances and of awards, newest month first: what closed each, how late."""
    return _rows(connection, INTERVALS, account_id)


def turnover(connection: Connection, account_id: int) -> list[Row]:
    """Opening, charges, payments and closing by month, newest first."""
    return _rows(connection, TURNOVER, account_id)


def charges(connection: Connection, account_id: int) -> list[Row]:
    """Charges, recalculations, adjustments and write-offs with their source, newest first."""
    return _ledger(connection, account_id, payments=False)


def payments(connection: Connection, account_id: int) -> list[Row]:
    """Receipts, refunds and reversals with their source, newest first."""
    return _ledger(connection, account_id, payments=True)


def splitting(connection: Connection, account_id: int) -> list[Row]:
    """To which services and recipients each payment fell (ПП РФ 253), the latest payment first.

    Rows without a service are money that waits for a month to come, that repaid duty and penalty
    awarded by a court, or that was given back.
    """
    return _rows(connection, SPLITTING, account_id)


def documents(connection: Connection, account_id: int) -> list[Row]:
    """The latest documents printed for the account."""
    return _rows(connection, DOCUMENTS, account_id)


def neighbours(connection: Connection, account_id: int) -> tuple[int | None, int | None]:
    """The previous and the next account of the same house, in the order of addresses."""
    found = connection.execute(NEIGHBOURS, {"account_id": account_id}).one_or_none()
    return (None, None) if found is None else (found.previous_id, found.next_id)


def _ledger(connection: Connection, account_id: int, *, payments: bool) -> list[Row]:
    values = {"account_id": account_id, "payments": payments}
    return list(connection.execute(LEDGER, values).mappings())


def _rows(connection: Connection, query: Any, account_id: int) -> list[Row]:
    return list(connection.execute(query, {"account_id": account_id}).mappings())
