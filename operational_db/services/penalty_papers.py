"""What «Расчёт пени» says, read for one account, for a batch of them, or for a typed case.

The document room knows nothing of tables, so the answer is plain mappings in its words:
``calculation_from_rows(**…)``.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from operational_db import clock
from operational_db.imports.case import CaseLine
from operational_db.services import account_card
from operational_db.services.penalty import (
    Penalty,
    limits_in_force,
    penalty_of_account,
    penalty_of_accounts,
    tables_of_law,
)
from operational_db.services.penalty_case import DEBTOR_KINDS, penalty_of_case
from operational_db.services.statements import ORGANISATION, share_of_holder
from operational_db.services.statements_in_bulk import accounts_and_holders, organisation_of

NOTHING_OVERDUE = "на эту дату нет ни просроченного долга, ни пени"

DAY = text("select ops.as_of()")


class NothingOverdueError(Exception):
    """There is no penalty and no overdue debt to reckon; the message is Russian."""


def paper_of_account(
    connection: Connection, account_id: int, *, known_on: date | None = None
) -> dict[str, Any]:
    """The parts of the paper for the day and the state of knowledge of a screen's connection.

    Raises ``LookupError`` for an account that the session does not see, ``NothingOverdueError``
    where there is nothing to reckon.
    """
    head = account_card.head(connection, account_id)
    if head is None:
        raise LookupError("Счёт не найден.")
    penalty = penalty_of_account(connection, account_id)
    if not penalty.months:
        raise NothingOverdueError(f"Расчёт не составлен: {NOTHING_OVERDUE}.")
    organisation = (
        connection.execute(ORGANISATION, {"organisation_id": head["organisation_id"]})
        .mappings()
        .one()
    )
    return {
        **_of_law(connection),
        **_of_penalty(penalty),
        "head": {
            "account_number": head["account_number"],
            "address": head["address"] or "адрес не указан",
            "as_of": connection.scalar(DAY),
            "known_on": known_on,
            "signer_position": organisation["head_position"],
            "signer_name": organisation["head_name"],
            "built_at": _now(),
        },
        "organisation": organisation,
        "holders": [
            {"name": holder["holder_name"], "share": share_of_holder(holder)}
            for holder in account_card.holders(connection, account_id)
            if holder["holder_name"]
        ],
    }


def papers_of_accounts(
    connection: Connection, account_ids: Sequence[int], *, may_see_names: bool
) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield each account with the parts of its paper, or with the reason why there is none."""
    heads, holders = accounts_and_holders(connection, account_ids, may_see_names=may_see_names)
    found = penalty_of_accounts(connection, account_ids)
    law = _of_law(connection)
    as_of, built_at = connection.scalar(DAY), _now()
    for account_id in account_ids:
        if not found[account_id].months:
            yield account_id, NOTHING_OVERDUE
            continue
        head = heads[account_id]
        yield (
            account_id,
            {
                **law,
                **_of_penalty(found[account_id]),
                "head": {
                    "account_number": head["account_number"],
                    "address": head["address"] or "адрес не указан",
                    "as_of": as_of,
                    "signer_position": head["head_position"],
                    "signer_name": head["head_name"],
                    "built_at": built_at,
                },
                "organisation": organisation_of(head),
                "holders": holders[account_id],
            },
        )


def paper_of_case(
    connection: Connection,
    lines: Sequence[CaseLine],
    *,
    debtor_kind: str = "citizen",
    title: str | None = None,
) -> dict[str, Any]:
    """The parts of the paper of a typed case on the day of the connection.

    ``title`` is what the user calls the case. Raises ``NothingOverdueError``.
    """
    penalty = penalty_of_case(connection, lines, debtor_kind=debtor_kind)
    if not penalty.months:
        raise NothingOverdueError(f"Расчёт не составлен: {NOTHING_OVERDUE}.")
    told = "по введённым данным; номера начислений и оплат – строки таблицы"
    return {
        **_of_law(connection),
        **_of_penalty(penalty),
        "head": {
            "subject": f"{title}: {told}" if title else f"{told}; {DEBTOR_KINDS[debtor_kind]}",
            "as_of": connection.scalar(DAY),
            "built_at": _now(),
        },
    }


def _of_law(connection: Connection) -> dict[str, Any]:
    return {"tables": tables_of_law(connection), "limits": limits_in_force(connection)}


def _of_penalty(penalty: Penalty) -> Mapping[str, Any]:
    return {"lines": penalty.lines, "months": penalty.months, "total": penalty.total}


def _now() -> datetime:
    return clock.now().replace(microsecond=0)
