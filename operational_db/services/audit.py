"""The audit trail: who took what out of the system, and why."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import bindparam

RECORD = text(
    """
    insert into ops.audit_event
        (organisation_id, user_id, action, object_kind, object_id, purpose, details)
    select w.organisation_id, w.user_id, :action, :object_kind, :object_id, :purpose, :details
    from ops.who_am_i() as w
    """
).bindparams(bindparam("details", type_=JSONB))


def record_event(
    connection: Connection,
    action: str,
    *,
    object_kind: str | None = None,
    object_id: str | None = None,
    purpose: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write down what the session's user does, in the transaction of the deed itself.

    Raises ``PermissionError`` when nobody is signed in: nothing may leave the system unrecorded.
    """
    written = connection.execute(
        RECORD,
        {
            "action": action,
            "object_kind": object_kind,
            "object_id": object_id,
            "purpose": purpose,
            "details": dict(details or {}),
        },
    ).rowcount
    if written != 1:
        raise PermissionError("Сеанс закончился. Войдите снова.")
