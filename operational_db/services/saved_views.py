"""Saved sets of filters and columns of a list: one's own, and those that colleagues share.

The connection is that of a screen; the database shows nobody the sets of another organisation and
lets only their maker save them anew or throw them away. The caller owns the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

LONGEST_NAME = 80


class ViewRefusedError(ValueError):
    """The set cannot be saved; the message is Russian."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A named set; ``filters`` as they stand in the address, ``columns`` empty for the usual."""

    saved_view_id: int
    name: str
    is_shared: bool
    is_own: bool
    maker: str | None
    filters: Mapping[str, str]
    columns: tuple[str, ...]

    @property
    def told(self) -> str:
        """The name as it stands in the list of sets."""
        return self.name if self.is_own else f"{self.name} ({self.maker or 'общий'})"


def views(connection: Connection, screen: str) -> list[SavedView]:
    """Own sets of a list first, then shared ones, by name."""
    found = connection.execute(VIEWS, {"screen": screen}).mappings()
    return [SavedView(**{**row, "columns": tuple(row["columns"])}) for row in found]


def save(
    connection: Connection,
    screen: str,
    name: str,
    *,
    filters: Mapping[str, Any],
    columns: Sequence[str] = (),
    is_shared: bool = False,
) -> int:
    """Save a set under a name, in place of the own one that had it; return its number.

    Raises :class:`ViewRefusedError` without a name, or with one that is too long.
    """
    told = " ".join(name.split())
    if not told:
        raise ViewRefusedError("Назовите набор, например «Давность до конца года».")
    if len(told) > LONGEST_NAME:
        raise ViewRefusedError(f"Название длиннее {LONGEST_NAME} знаков: сократите его.")
    # Colleagues would go on seeing what was shared before: take that back first.
    for old in views(connection, screen):
        if old.is_own and old.name == told and old.is_shared and not is_shared:
            throw_away(connection, old.saved_view_id)
    return connection.scalar(
        ADD,
        {
            "screen": screen,
            "name": told,
            "is_shared": is_shared,
            "filters": {key: str(value) for key, value in filters.items()},
            "columns": list(columns),
        },
    )


def throw_away(connection: Connection, saved_view_id: int) -> None:
    """Remove an own set. Raises :class:`ViewRefusedError` when it is somebody else's, or gone."""
    if not connection.execute(REMOVE, {"saved_view_id": saved_view_id}).rowcount:
        raise ViewRefusedError("Набора уже нет, или его сохранил другой сотрудник.")


# A set that its maker no longer shares, or has thrown away, hides what he saved before: the newest
# row is looked for among all of them. Colleagues see the shared rows only, so sharing is ended by a
# removed row, which stays shared.
VIEWS = text(
    """
    select newest.saved_view_id, newest.name, newest.is_shared,
        newest.user_id = ops.session_user_id() as is_own,
        maker.full_name as maker, newest.filters, newest.columns
    from (
        select distinct on (v.user_id, v.name) v.*
        from ops.saved_view as v
        where v.screen = :screen
        order by v.user_id, v.name, v.saved_view_id desc
    ) as newest
    left join ops.colleague as maker on newest.user_id = maker.user_id
    where not newest.is_removed
    order by newest.user_id <> ops.session_user_id(), ops.russian_sort_key(newest.name),
        newest.saved_view_id
    """
)
ADD = text(
    """
    insert into ops.saved_view
        (organisation_id, user_id, screen, name, is_shared, filters, columns)
    select w.organisation_id, w.user_id, :screen, :name, :is_shared, :filters, :columns
    from ops.who_am_i() as w
    returning saved_view_id
    """
).bindparams(bindparam("filters", type_=JSONB), bindparam("columns", type_=ARRAY(String)))
REMOVE = text(
    """
    insert into ops.saved_view
        (organisation_id, user_id, screen, name, is_shared, is_removed, filters, columns)
    select v.organisation_id, v.user_id, v.screen, v.name, v.is_shared, true, v.filters, v.columns
    from ops.saved_view as v
    where v.saved_view_id = :saved_view_id and v.user_id = ops.session_user_id()
        and not exists (
            select 1 from ops.saved_view as later
            where later.user_id = v.user_id and later.screen = v.screen and later.name = v.name
                and later.saved_view_id > v.saved_view_id
        )
    """
)
