"""Notes of people about accounts: written for one or many at once, taken back by another row.

The connection is that of a screen; the caller owns the transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

Row = Mapping[str, Any]

LONGEST = 1000
MOST_AT_ONCE = 5000


class NoteRefusedError(ValueError):
    """The note cannot be written or taken back; the message is Russian."""


def add(connection: Connection, account_ids: Sequence[int], note: str) -> int:
    """Write the same note about accounts; return about how many."""
    written = note.strip()
    if not written:
        raise NoteRefusedError("Напишите заметку.")
    if len(written) > LONGEST:
        raise NoteRefusedError(f"Заметка длиннее {LONGEST} знаков: сократите её.")
    if not account_ids:
        raise NoteRefusedError("Не выбрано ни одного счёта.")
    if len(account_ids) > MOST_AT_ONCE:
        raise NoteRefusedError(f"За раз отмечают не больше {MOST_AT_ONCE} счетов: сузьте отбор.")
    return connection.execute(ADD, {"account_ids": list(account_ids), "note": written}).rowcount


def take_back(connection: Connection, account_note_id: int) -> None:
    """Take a note back; it stays in the journal. Refuses one that is gone or out of sight."""
    if not connection.execute(CANCEL, {"account_note_id": account_note_id}).rowcount:
        raise NoteRefusedError("Заметки нет, или она уже снята.")


def notes(connection: Connection, account_id: int) -> list[Row]:
    """Notes about an account that stand, the newest first, with their writers."""
    return list(connection.execute(NOTES, {"account_id": account_id}).mappings())


ADD = text(
    """
    insert into ops.account_note (account_id, note, user_id)
    select chosen.account_id, :note, ops.session_user_id()
    from unnest(:account_ids) as chosen (account_id)
    """
).bindparams(bindparam("account_ids", type_=ARRAY(BigInteger)))
CANCEL = text(
    """
    insert into ops.account_note (account_id, cancels_note_id, user_id)
    select n.account_id, n.account_note_id, ops.session_user_id()
    from ops.account_note as n
    where n.account_note_id = :account_note_id and n.note is not null
        and not exists (
            select 1 from ops.account_note as c where c.cancels_note_id = n.account_note_id
        )
    """
)
NOTES = text(
    """
    select n.account_note_id, n.note, n.recorded_at, writer.full_name as written_by
    from ops.account_note as n
    left join ops.colleague as writer on n.user_id = writer.user_id
    where n.account_id = :account_id and n.note is not null
        and not exists (
            select 1 from ops.account_note as c where c.cancels_note_id = n.account_note_id
        )
    order by n.account_note_id desc
    """
)
