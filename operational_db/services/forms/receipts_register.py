"""Реестр принятых платежей: money of residents, payment by payment, and where each one went.

What a payment closed is told by the pieces of the last build: a payment that came since is «ещё не
разнесён». What of it repaid duty and penalty that a court awarded stands beside the services. Day
of crediting, commission and receipt are what the agent's register says of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from operational_db.models.reporting import ReportForm
from operational_db.services.forms import rights
from operational_db.services.forms.rights import STREAMED

Row = Mapping[str, Any]

CHANNELS = {
    "bank": "банк",
    "cash_desk": "касса",
    "agent": "агент",
    "online": "интернет",
    "autopay": "автоплатёж",
    "post": "почта",
    "bailiff": "приставы",
    "subsidy": "субсидия",
    "other": "прочее",
}
STATES = {
    "settled": "разнесён",
    "partly": "разнесён частично",
    "advance": "аванс",
    "refund": "возврат",
    "waiting": "ещё не разнесён",
}


@dataclass(frozen=True, slots=True)
class ReceiptsRequest:
    """Payments of the days from ``since`` to ``until``; None narrows nothing."""

    since: date
    until: date
    organisation_id: int | None = None
    channel: str | None = None
    agent_id: int | None = None
    account_number: str | None = None

    def values(self) -> dict[str, Any]:
        return {
            "since": self.since,
            "until": self.until,
            "organisation_id": self.organisation_id,
            "channel": self.channel,
            "agent_id": self.agent_id,
            "account_number": self.account_number,
        }

    def described(self) -> dict[str, str]:
        """The filters for the audit trail."""
        return {name: str(value) for name, value in self.values().items() if value is not None}


_OF_FILTERS = """
    (cast(:organisation_id as integer) is null or r.organisation_id = :organisation_id)
    and (cast(:channel as text) is null or r.channel = :channel)
    and (cast(:agent_id as integer) is null or r.agent_id = :agent_id)
    and (
        cast(:account_number as text) is null
        or r.account_id in (
            select a.account_id from ops.account as a where a.account_number = :account_number
        )
    )
"""
_WHICH = f"r.paid_date between :since and :until and {_OF_FILTERS}"
_DETAIL = """
    left join lateral (
        select d.credited_on, d.commission, d.receipt_number
        from ops.payment_detail as d
        where d.account_id = r.account_id and d.payment_id = r.payment_id
        order by d.recorded_at desc
        limit 1
    ) as detail on true
"""
TOTALS = text(
    f"""
    select count(*) as receipts, coalesce(sum(r.amount), 0) as amount,
        coalesce(sum(detail.commission), 0) as commission,
        count(detail.commission) as with_commission,
        -- By the day on which it was repaid, as the turnover sheet counts it: penalty waits until
        -- the last month claimed is over. Only accounts with an order of a court have any.
        (
            select coalesce(sum(i.interval_amount), 0)
            from screens.receipts as r
            inner join marts.debt_intervals as i
                on r.account_id = i.account_id and i.interval_kind = 'award'
                    and r.payment_id = coalesce(i.refund_id, i.credit_id)
            where r.account_id in (
                    select d.account_id from ops.execution_document as d
                    where d.case_id is not null
                )
                and i.opened_date between :since and :until
                and {_OF_FILTERS}
        ) as to_awards
    from screens.receipts as r
    {_DETAIL}
    where {_WHICH}
    """  # noqa: S608 - constants of this module, here and below
)
PAGE = text(
    f"""
    with page as (
        select r.*
        from screens.receipts as r
        where {_WHICH}
        order by r.paid_date, r.payment_id
        limit :limit offset :offset
    )

    select r.account_id, r.payment_id, r.paid_date as paid_on,
        coalesce(detail.credited_on, r.bank_date) as credited_on,
        r.channel, r.agent_name,
        coalesce(r.bank_document_number, r.document_number) as operation,
        l.account_number, l.holder_name, l.address, r.amount, detail.commission,
        detail.receipt_number, r.named_period,
        closed.first_period, closed.last_period, closed.services,
        case
            when r.amount < 0 then 'refund'
            when closed.settled = 0 and closed.waiting = 0 then 'waiting'
            when closed.waiting = 0 then 'settled'
            when closed.settled = 0 then 'advance'
            else 'partly'
        end as state,
        closed.to_awards
    from page as r
    inner join screens.accounts as l on r.account_id = l.account_id
    {_DETAIL}
    cross join lateral (
        select min(i.period) as first_period, max(i.period) as last_period,
            coalesce(sum(i.interval_amount) filter (
                where i.interval_kind <> 'advance' and i.refund_id is null
            ), 0) as settled,
            coalesce(sum(i.interval_amount) filter (
                where i.interval_kind = 'award' and i.refund_id is null
            ), 0) as to_awards,
            coalesce(sum(i.interval_amount) filter (
                where i.interval_kind = 'advance' and i.closed_date is null
            ), 0) as waiting,
            (
                select string_agg(distinct s.short_name, '; ')
                from marts.debt_intervals as p
                cross join lateral unnest(p.service_ids) as share (service_id)
                inner join reference.service as s on share.service_id = s.service_id
                where p.account_id = r.account_id
                    and p.credit_kind = 'payment' and p.credit_id = r.payment_id
            ) as services
        from marts.debt_intervals as i
        where i.account_id = r.account_id
            and i.credit_kind = 'payment' and i.credit_id = r.payment_id
    ) as closed
    order by r.paid_date, r.payment_id
    """  # noqa: S608
)


def totals(connection: Connection, asked: ReceiptsRequest) -> Row:
    """How many receipts, their sum, what of it repaid awards, and the commissions that are known.

    Raises ``FormRefusedError`` without the right.
    """
    rights.require(connection, ReportForm.PAYMENTS_REGISTER)
    return connection.execute(TOTALS, asked.values()).mappings().one()


def page(
    connection: Connection, asked: ReceiptsRequest, *, limit: int, offset: int = 0
) -> list[Row]:
    """A page of the register, numbered on from ``offset``."""
    rights.require(connection, ReportForm.PAYMENTS_REGISTER)
    found = connection.execute(PAGE, {**asked.values(), "limit": limit, "offset": offset})
    return [{"ordinal": number, **row} for number, row in enumerate(found.mappings(), offset + 1)]


def everything(connection: Connection, asked: ReceiptsRequest) -> Iterator[Row]:
    """All rows of the register, read as they are taken."""
    rights.require(connection, ReportForm.PAYMENTS_REGISTER)
    found = connection.execute(
        PAGE, {**asked.values(), "limit": None, "offset": 0}, execution_options=STREAMED
    )
    return ({"ordinal": number, **row} for number, row in enumerate(found.mappings(), 1))
