"""Statements of debt for many accounts: read together, kept once each, never doubled.

What a statement says is what ``statements.statement_data`` reads for one account on a screen; here
the same is read by the owner for a few hundred accounts in a handful of queries.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from operational_db import clock
from operational_db.services import ageing, letterheads
from operational_db.services.statements import head_of_statement

ACCOUNTS_LISTED = 20


class StatementsRefusedError(Exception):
    """The batch cannot be printed; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Accounts of a request: which of them it may print, and which are printed already."""

    account_ids: tuple[int, ...]
    to_print: tuple[int, ...]
    may_see_names: bool


def batch_of(connection: Connection, run_request_id: int) -> Batch:
    """The accounts that a request names and its organisation may see.

    A municipality sees the accounts of the organisations that it oversees. Names of people are
    masked where the user who asked may not read them. Raises :class:`StatementsRefusedError` when
    the marts, whose views the statements are read from, are not built yet.
    """
    if not connection.scalar(VIEWS_EXIST):
        raise StatementsRefusedError(
            "Показатели ещё не посчитаны. Запустите пересчёт и запросите своды снова."
        )
    rows = connection.execute(ACCOUNTS, {"run_request_id": run_request_id}).all()
    return Batch(
        account_ids=tuple(row.account_id for row in rows),
        to_print=tuple(row.account_id for row in rows if not row.is_printed),
        may_see_names=connection.scalar(MAY_SEE_NAMES, {"run_request_id": run_request_id}),
    )


def statements_data(
    connection: Connection, account_ids: Sequence[int], *, may_see_names: bool
) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield each account with the parts of its statement, or with the reason why there is none.

    The day and the state of knowledge are those of the connection. ``statement_from_mappings(**…)``
    takes the parts.
    """
    asked = {"account_ids": list(account_ids)}
    heads = _by_account(connection, HEADS, asked)
    rows = _by_account(connection, ROWS, asked)
    holders = _by_account(connection, HOLDERS, asked | {"may_see_names": may_see_names})
    services = _by_account(connection, SERVICES, asked)
    balances = _by_account(connection, BALANCES, asked)
    built_at = clock.now().replace(microsecond=0)
    for account_id in account_ids:
        head, balance = heads[account_id][0], balances[account_id][0]
        months = rows[account_id]
        if not months:
            yield account_id, "на эту дату нет ни начислений, ни оплат"
        elif months[-1]["closing"] != balance["balance"]:
            yield (
                account_id,
                f"после {balance['as_of']:%d.%m.%Y} есть записи того же месяца: свод сойдётся на "
                "последний день месяца",
            )
        else:
            yield (
                account_id,
                {
                    "head": head_of_statement(head, head, balance, months, built_at),
                    "organisation": organisation_of(head),
                    "holders": holders[account_id],
                    "services": [service["name"] for service in services[account_id]],
                    "rows": months,
                    "totals": _totals(months[-1]),
                    "ageing": {told: balance[code] for code, told in ageing.COLUMNS.items()},
                },
            )


def accounts_and_holders(
    connection: Connection, account_ids: Sequence[int], *, may_see_names: bool
) -> tuple[dict[int, Mapping[str, Any]], dict[int, list[Mapping[str, Any]]]]:
    """Heads of papers by account (:func:`organisation_of` tells the organisation), and holders."""
    asked = {"account_ids": list(account_ids)}
    heads = {row["account_id"]: row for row in connection.execute(HEADS, asked).mappings()}
    return heads, _by_account(connection, HOLDERS, asked | {"may_see_names": may_see_names})


def keep_statement(
    connection: Connection,
    run_request_id: int,
    account_id: int,
    *,
    file_name: str,
    template_version: str,
    context_digest: str,
    content: bytes,
    kind: str = "account_statement",
) -> bool:
    """Keep a printed document, unless the request has one of this account; tell which it was."""
    values = {
        "kind": kind,
        "run_request_id": run_request_id,
        "account_id": account_id,
        "file_name": file_name,
        "template_version": template_version,
        "context_digest": context_digest,
        "content": content,
    }
    return connection.execute(KEEP, values).rowcount == 1


def documents_of(connection: Connection, run_request_id: int) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every document of a request, a few at a time.

    Documents of several organisations lie in folders named by their codes: two organisations may
    have accounts of the same number.
    """
    streaming = connection.execution_options(yield_per=50)
    for row in streaming.execute(DOCUMENTS, {"run_request_id": run_request_id}):
        name = f"{row.code}/{row.file_name}" if row.organisations > 1 else row.file_name
        yield name, bytes(row.content)


def count_of(connection: Connection, run_request_id: int) -> int:
    """How many statements a request has by now."""
    return connection.scalar(COUNT, {"run_request_id": run_request_id})


def missing_of(connection: Connection, run_request_id: int) -> list[str]:
    """Numbers of the accounts that were asked for and have no document (or do not exist)."""
    return list(connection.scalars(MISSING, {"run_request_id": run_request_id}))


def choose_accounts(
    connection: Connection,
    organisation_id: int,
    *,
    numbers: Sequence[str] = (),
    overdue_from: Decimal | None = None,
) -> list[int]:
    """Accounts of an organisation by number, or by overdue debt of at least so many roubles.

    Raises :class:`StatementsRefusedError` naming the numbers that the organisation does not have,
    or when nothing is chosen.
    """
    if numbers:
        wanted = {"organisation_id": organisation_id, "numbers": list(numbers)}
        found = {r.account_number: r.account_id for r in connection.execute(BY_NUMBER, wanted)}
        unknown = [number for number in numbers if number not in found]
        if unknown:
            raise StatementsRefusedError(
                f"Нет таких лицевых счетов: {', '.join(unknown[:ACCOUNTS_LISTED])}. "
                "Номер пишется как в квитанции, с нулями в начале."
            )
        return list(dict.fromkeys(found[number] for number in numbers))
    if overdue_from is None:
        raise StatementsRefusedError("Назовите счета или наименьшую сумму просроченного долга.")
    wanted = {"organisation_id": organisation_id, "overdue_from": overdue_from}
    chosen = list(connection.scalars(BY_DEBT, wanted))
    if not chosen:
        raise StatementsRefusedError("Нет счетов с таким просроченным долгом.")
    return chosen


def _by_account(
    connection: Connection, query: Any, values: Mapping[str, Any]
) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in connection.execute(query, values).mappings():
        found[row["account_id"]].append(row)
    return found


def organisation_of(account: Mapping[str, Any]) -> dict[str, Any]:
    """The organisation of a head, in the words of the papers."""
    return {
        name: account[name]
        for name in (
            *("name", "inn", "kpp", "ogrn", "phone", "email"),
            *("bank_name", "bic", "bank_account", "correspondent_account"),
        )
    } | {"address": account["organisation_address"]}


def _totals(last_month: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removeprefix("total_"): value
        for name, value in last_month.items()
        if name.startswith("total_")
    } | {"closing": last_month["closing"]}


ASKED = bindparam("account_ids", type_=ARRAY(BigInteger))

VIEWS_EXIST = text(
    """
    select to_regclass('intermediate.int_debt_intervals') is not null
        and to_regclass('intermediate.int_account_turnover') is not null
        and to_regclass('marts.accounts') is not null
    """
)
ACCOUNTS = text(
    """
    select
        a.account_id,
        exists (
            select from ops.document as d
            where d.run_request_id = r.run_request_id and d.account_id = a.account_id
        ) as is_printed
    from ops.run_request as r
    cross join lateral jsonb_array_elements_text(r.parameters -> 'account_ids')
        with ordinality as asked (account_id, place)
    inner join ops.account as a on cast(asked.account_id as bigint) = a.account_id
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
    where r.run_request_id = :run_request_id
        and (o.organisation_id = r.organisation_id or o.municipality_id = r.organisation_id)
    group by a.account_id, r.run_request_id
    order by min(asked.place)
    """
)
# A run that nobody in particular asked for is of the organisation itself.
MAY_SEE_NAMES = text(
    """
    select r.user_id is null or exists (
        select from ops.user_role as u
        where u.user_id = r.user_id
            and u.role in ('manager', 'lawyer', 'accountant', 'operator', 'inspector')
    )
    from ops.run_request as r
    where r.run_request_id = :run_request_id
    """
)
HEADS = text(
    f"""
    select
        a.account_id, a.account_number, a.payer_code, placed.address,
        o.name, o.inn, o.kpp, o.ogrn, o.address as organisation_address, o.phone, o.email,
        o.head_position, o.head_name,
        b.bank_name, b.bic, b.account_number as bank_account, b.correspondent_account
    from ops.account as a
    inner join ops.organisation as o on a.organisation_id = o.organisation_id
    left join marts.accounts as placed on a.account_id = placed.account_id
    {letterheads.bank_account()}
    where a.account_id = any (:account_ids)
    """  # noqa: S608 - constants of this package
).bindparams(ASKED)
# One account after another (offset 0): so each question reaches the indexes of the ledger.
# A write-off lowers the debt, an adjustment may do either: the form has one column for both. What
# of a receipt repaid duty and penalty that a court awarded is no payment for services.
ROWS = text(
    """
    select
        asked.account_id, t.period, t.opening_balance as opening, t.charged,
        t.recalculated as one_off, t.adjusted - t.written_off as adjustment,
        t.paid - t.to_awards as paid, t.to_awards, t.closing_balance as closing,
        first_value(t.opening_balance) over months as total_opening,
        sum(t.charged) over months as total_charged,
        sum(t.recalculated) over months as total_one_off,
        sum(t.adjusted - t.written_off) over months as total_adjustment,
        sum(t.paid - t.to_awards) over months as total_paid,
        sum(t.to_awards) over months as total_to_awards
    from unnest(:account_ids) as asked (account_id)
    cross join lateral (
        select one.* from intermediate.int_account_turnover as one
        where one.account_id = asked.account_id and one.period <= ops.as_of()
        offset 0
    ) as t
    window months as (partition by asked.account_id order by t.period)
    order by asked.account_id, t.period
    """
).bindparams(ASKED)
HOLDERS = text(
    """
    select
        a.account_id,
        coalesce(
            o.short_name,
            case when :may_see_names then
                p.last_name || ' ' || p.first_name || coalesce(' ' || p.middle_name, '')
            else ops.masked_name(p.last_name, p.first_name, p.middle_name) end
        ) as name,
        case when w.right_kind = 'shared_ownership' then
            w.share_numerator || '/' || w.share_denominator
        end as share
    from ops.account as a
    inner join ops.ownership as w
        on a.premises_id = w.premises_id and a.organisation_id = w.organisation_id
    left join ops.person as p
        on w.person_id = p.person_id and a.organisation_id = p.organisation_id
    left join ops.organisation as o on w.holder_organisation_id = o.organisation_id
    where a.account_id = any (:account_ids)
        and (p.person_id is not null or o.organisation_id is not null)
        and w.valid_from <= ops.as_of() and (w.valid_to is null or w.valid_to >= ops.as_of())
        and w.recorded_at <= ops.known_at()
    order by
        a.account_id, cast(w.share_numerator as numeric) / w.share_denominator desc, w.ownership_id
    """
).bindparams(ASKED)
SERVICES = text(
    """
    select distinct c.account_id, s.service_id, s.name
    from ops.charge as c
    inner join reference.service as s on c.service_id = s.service_id
    where c.account_id = any (:account_ids) and c.period <= ops.as_of()
        and c.recorded_at <= ops.known_at()
    order by c.account_id, s.service_id
    """
).bindparams(ASKED)
BALANCES = text(
    f"""
    with counted as (
        select
            asked.account_id, i.interval_kopecks,
            case when i.interval_kind = 'advance' then 'advance' else b.bucket_code end as bucket
        from unnest(:account_ids) as asked (account_id)
        cross join lateral (
            select one.* from intermediate.int_debt_intervals as one
            where one.account_id = asked.account_id
            offset 0
        ) as i
        left join reference.ageing_bucket as b
            on b.bucket_code <> 'advance'
                and warehouse.is_of_age(i.due_date, ops.as_of(),
                    b.days_from, b.days_to, b.years_from, b.years_to)
        where i.opened_date <= ops.as_of()
            and (i.closed_date is null or i.closed_date > ops.as_of())
    ),

    aged as (
        select
            account_id,
            case when grouping(bucket) = 1 then 'balance' else bucket end as bucket,
            cast(sum(interval_kopecks) / 100.0 as numeric(14, 2)) as amount
        from counted
        group by grouping sets ((account_id), (account_id, bucket))
    )

    select
        asked.account_id,
        ops.as_of() as as_of,
        coalesce(max(amount) filter (where bucket = 'balance'), 0) as balance,
        {ageing.sums("max(amount)", "bucket")}
    from unnest(:account_ids) as asked (account_id)
    left join aged on asked.account_id = aged.account_id
    group by asked.account_id
    """  # noqa: S608 - constants of this package
).bindparams(ASKED)
KEEP = text(
    """
    insert into ops.document (
        organisation_id, account_id, run_request_id, kind, file_name, template_version,
        context_digest, content_digest, content, user_id
    )
    select
        a.organisation_id, a.account_id, r.run_request_id, :kind, :file_name,
        :template_version, :context_digest, encode(sha256(:content), 'hex'), :content, r.user_id
    from ops.run_request as r
    inner join ops.account as a on a.account_id = :account_id
    where r.run_request_id = :run_request_id
        and not exists (
            select from ops.document as d
            where d.run_request_id = r.run_request_id and d.account_id = a.account_id
        )
    """
)
DOCUMENTS = text(
    """
    select
        o.code, d.file_name, d.content,
        (
            select count(distinct of_all.organisation_id) from ops.document as of_all
            where of_all.run_request_id = :run_request_id
        ) as organisations
    from ops.document as d
    inner join ops.organisation as o on d.organisation_id = o.organisation_id
    where d.run_request_id = :run_request_id
    order by o.code, d.document_id
    """
)
COUNT = text("select count(*) from ops.document where run_request_id = :run_request_id")
MISSING = text(
    """
    select coalesce(a.account_number, 'неизвестный счёт № ' || asked.account_id)
    from ops.run_request as r
    cross join lateral jsonb_array_elements_text(r.parameters -> 'account_ids')
        as asked (account_id)
    -- Numbers of accounts that the organisation does not see are as unknown as those of none.
    left join (
        ops.account as a
        inner join ops.organisation as o on a.organisation_id = o.organisation_id
    )
        on cast(asked.account_id as bigint) = a.account_id
        and (o.organisation_id = r.organisation_id or o.municipality_id = r.organisation_id)
    where r.run_request_id = :run_request_id
        and not exists (
            select from ops.document as d
            where d.run_request_id = r.run_request_id
                and d.account_id = cast(asked.account_id as bigint)
        )
    order by 1
    """
)
BY_NUMBER = text(
    """
    select account_id, account_number from ops.account
    where organisation_id = :organisation_id and account_number = any (:numbers)
    """
)
BY_DEBT = text(
    """
    select b.account_id
    from marts.account_balances as b
    inner join ops.account as a on b.account_id = a.account_id
    where b.organisation_id = :organisation_id and b.overdue_debt >= :overdue_from
    order by a.account_number
    """
)
