"""Which agreement a receipt pays, where co-owners of an account have one each.

A receipt names an account and not a payer, so a person says it; ``ops.instalment_state`` counts it
by that word.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from operational_db.services.instalments import InstalmentRefusedError

Row = Mapping[str, Any]


def shared_payments(connection: Connection, account_id: int) -> list[Row]:
    """Receipts that could pay several agreements, or of which it was said, with what was said.

    ``agreement_ids`` are those that it could pay; until one is named, the receipt makes none of
    them fulfilled and none late. The latest first.
    """
    return list(connection.execute(SHARED, {"account_id": account_id}).mappings())


def tell_payment(
    connection: Connection, account_id: int, payment_id: int, agreement_id: int | None
) -> None:
    """Say which agreement a receipt pays, or that it pays none; the last word counts.

    Raises :class:`InstalmentRefusedError` when the receipt is none of the account's, or the
    agreement is one that it cannot pay.
    """
    found = {row["payment_id"]: row for row in shared_payments(connection, account_id)}
    if payment_id not in found:
        raise InstalmentRefusedError("Такой оплаты нет, или она не спорная: обновите экран.")
    if agreement_id is not None and agreement_id not in found[payment_id]["agreement_ids"]:
        raise InstalmentRefusedError("Эта оплата не может относиться к такому соглашению.")
    connection.execute(
        TELL_PAYMENT,
        {"account_id": account_id, "payment_id": payment_id, "agreement": agreement_id},
    )


# Named already, a receipt may still be named otherwise, even when but one agreement is left. Which
# agreements it could pay, and whose word counts, is told as ops.instalment_state tells it.
SHARED = text(
    """
    select p.payment_id, p.paid_on, p.amount, p.document,
        coalesce(could.agreement_ids, '{}') as agreement_ids,
        coalesce(could.numbers, '{}') as numbers, said.is_said, said.instalment_agreement_id,
        named.number as told_number
    from ops.payment as p
    cross join lateral (
        select array_agg(a.instalment_agreement_id order by a.instalment_agreement_id)
                as agreement_ids,
            array_agg(a.number order by a.instalment_agreement_id) as numbers
        from ops.instalment_state as a
        where a.account_id = p.account_id
            and p.paid_on >= a.signed_on and p.recorded_at > a.recorded_at
            and coalesce(p.named_period between a.period_from and a.period_to, true)
            and a.ended_by is distinct from 'annulled'
            and (a.ended_on is null or a.ended_on > p.paid_on)
    ) as could
    left join lateral (
        select true as is_said, word.instalment_agreement_id
        from (
            select s.instalment_agreement_id
            from ops.instalment_payment as s
            where s.account_id = p.account_id and s.payment_id = p.payment_id
                and s.recorded_at <= ops.known_at()
            order by s.instalment_payment_id desc
            limit 1
        ) as word
        where not exists (
            select 1 from ops.instalment_annulled as x
            where x.instalment_agreement_id = word.instalment_agreement_id
        )
    ) as said on true
    left join ops.instalment_agreement as named
        on said.instalment_agreement_id = named.instalment_agreement_id
    where p.account_id = :account_id and p.amount > 0 and p.execution_document_id is null
        and p.paid_on <= ops.as_of() and p.recorded_at <= ops.known_at()
        and (cardinality(could.agreement_ids) > 1 or said.is_said)
    order by p.paid_on desc, p.payment_id desc
    """
)
TELL_PAYMENT = text(
    """
    insert into ops.instalment_payment
        (account_id, payment_id, instalment_agreement_id, user_id)
    values (:account_id, :payment_id, :agreement, ops.session_user_id())
    """
)
