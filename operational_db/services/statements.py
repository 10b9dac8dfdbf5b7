"""What a statement of debt (свод задолженности) says, read for one account or for many.

The document room knows nothing of tables, so the answer is plain mappings in its words:
``statement_from_mappings(**statement_data(…))``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from operational_db import clock
from operational_db.services import account_card, ageing, letterheads

ORGANISATION = text(
    f"""
    select o.name, o.inn, o.kpp, o.ogrn, o.address, o.phone, o.email,
        o.head_position, o.head_name,
        b.bank_name, b.bic, b.account_number as bank_account, b.correspondent_account
    from ops.organisation as o
    {letterheads.bank_account()}
    where o.organisation_id = :organisation_id
    """  # noqa: S608 - constants of this package
)

SERVICES = text(
    """
    select s.name from reference.service as s
    where s.service_id in (
        select c.service_id from ops.charge as c
        where c.account_id = :account_id and c.period <= ops.as_of()
            and c.recorded_at <= ops.known_at()
    )
    order by s.service_id
    """
)

# A write-off lowers the debt, an adjustment may do either: the form has one column for both. What
# of a receipt repaid duty and penalty that a court awarded is no payment for services.
ROWS = text(
    """
    select
        t.period, t.opening_balance as opening, t.charged, t.recalculated as one_off,
        t.adjusted - t.written_off as adjustment, t.paid - t.to_awards as paid, t.to_awards,
        t.closing_balance as closing
    from screens.account_turnover as t
    where t.account_id = :account_id and t.period <= ops.as_of()
    order by t.period
    """
)

TOTALS = text(
    """
    select
        coalesce((array_agg(t.opening_balance order by t.period))[1], 0) as opening,
        coalesce(sum(t.charged), 0) as charged,
        coalesce(sum(t.recalculated), 0) as one_off,
        coalesce(sum(t.adjusted - t.written_off), 0) as adjustment,
        coalesce(sum(t.paid - t.to_awards), 0) as paid,
        coalesce(sum(t.to_awards), 0) as to_awards,
        coalesce((array_agg(t.closing_balance order by t.period desc))[1], 0) as closing
    from screens.account_turnover as t
    where t.account_id = :account_id and t.period <= ops.as_of()
    """
)

SAVE = text(
    """
    insert into ops.document (
        organisation_id, account_id, run_request_id, kind, file_name, template_version,
        context_digest, content_digest, content, user_id
    )
    select
        a.organisation_id, a.account_id, :run_request_id, :kind, :file_name,
        :template_version, :context_digest, encode(sha256(:content), 'hex'), :content,
        ops.session_user_id()
    from ops.account as a
    where a.account_id = :account_id
    returning document_id
    """
)


class StatementDateError(Exception):
    """No statement adds up on the day that was asked; the message is Russian and offers another."""


def statement_data(connection: Connection, account_id: int) -> dict[str, Any]:
    """The parts of a statement for the day and the state of knowledge of the connection.

    Raises ``StatementDateError`` where the sheet by months cannot end in the balance of the day:
    in the middle of a month that has later entries already. Raises ``LookupError`` for an account
    that the session does not see.
    """
    head = account_card.head(connection, account_id)
    if head is None:
        raise LookupError("Счёт не найден.")
    organisation = _one(connection, ORGANISATION, organisation_id=head["organisation_id"])
    totals = _one(connection, TOTALS, account_id=account_id)
    balance = account_card.balance(connection, account_id)
    rows = list(connection.execute(ROWS, {"account_id": account_id}).mappings())
    if not rows:
        raise StatementDateError(
            "На эту дату по счёту ещё нет ни начислений, ни оплат: свод составлять не из чего."
        )
    if totals["closing"] != balance["balance"]:
        raise StatementDateError(
            f"За месяц, в который попадает {balance['as_of']:%d.%m.%Y}, уже есть записи более "
            "поздних дней, и свод по месяцам на эту дату не сойдётся с долгом. Выберите последний "
            "день месяца."
        )
    return {
        "head": head_of_statement(
            head, organisation, balance, rows, clock.now().replace(microsecond=0)
        ),
        "organisation": organisation,
        "holders": [
            {"name": holder["holder_name"], "share": share_of_holder(holder)}
            for holder in account_card.holders(connection, account_id)
            if holder["holder_name"]
        ],
        "services": list(connection.scalars(SERVICES, {"account_id": account_id})),
        "rows": rows,
        "totals": totals,
        "ageing": {told: balance[code] for code, told in ageing.COLUMNS.items()},
    }


def head_of_statement(
    account: Mapping[str, Any],
    organisation: Mapping[str, Any],
    balance: Mapping[str, Any],
    months: Sequence[Mapping[str, Any]],
    built_at: datetime,
) -> dict[str, Any]:
    """Whose statement it is, of which day and months, and who signs it."""
    return {
        "account_number": account["account_number"],
        "payer_code": account["payer_code"],
        "address": account["address"] or "адрес не указан",
        "as_of": balance["as_of"],
        "period_from": months[0]["period"],
        "period_to": months[-1]["period"],
        "total_debt": balance["balance"],
        "signer_position": organisation["head_position"],
        "signer_name": organisation["head_name"],
        "built_at": built_at,
    }


def save_statement(
    connection: Connection,
    account_id: int,
    *,
    file_name: str,
    template_version: str,
    context_digest: str,
    content: bytes,
    kind: str = "account_statement",
    run_request_id: int | None = None,
) -> int:
    """Keep a printed document with what it was made from; return the document's number."""
    return connection.scalar(
        SAVE,
        {
            "account_id": account_id,
            "run_request_id": run_request_id,
            "kind": kind,
            "file_name": file_name,
            "template_version": template_version,
            "context_digest": context_digest,
            "content": content,
        },
    )


def _one(connection: Connection, query: Any, **values: Any) -> Mapping[str, Any]:
    return connection.execute(query, values).mappings().one()


def share_of_holder(holder: Mapping[str, Any]) -> str | None:
    """The share as text, where holders have shares of their own."""
    if holder["right_kind"] != "shared_ownership":
        return None
    return f"{holder['share_numerator']}/{holder['share_denominator']}"
