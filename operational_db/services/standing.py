"""Which contacts and steps stand: a wrong one is taken back by another row, and neither counts."""

from typing import Literal


def stands(table: Literal["contact_event", "account_event"], alias: str = "e") -> str:
    """The condition that a row ``alias`` of ``ops.table`` neither takes back nor was taken back.

    Both names come from our own queries, never from a user.
    """
    # Few rows are taken back: «is not null» lets the small index of those be read whole.
    return f"""{alias}.cancels_event_id is null and not exists (
            select 1 from ops.{table} as back
            where back.account_id = {alias}.account_id
                and back.cancels_event_id = {alias}.{table}_id
                and back.cancels_event_id is not null
        )"""  # noqa: S608 - names of our own
