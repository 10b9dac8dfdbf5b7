"""A chain over the events that plans count: what was sealed cannot be changed unnoticed.

A seal is the digest of all events recorded since the seal before, together with that seal. Events
are only added and their triggers refuse anything else; the chain tells whether somebody went around
them, on the server itself.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

FIRST = {"contact": 0, "account": 0, "public": 0, "bill": 0}

# Whoever is writing an event has its number already: they are waited for, so that no event with a
# smaller number comes after the seal.
LOCK = text(
    "lock table ops.contact_event, ops.account_event, ops.public_event, ops.bill_event, "
    "ops.event_seal in share row exclusive mode"
)
# Moments are written by the clock of the session: the same one for every digest.
SAME_CLOCK = text("set local timezone = 'UTC'")
SEALS = text(
    """
    select event_seal_id, last_contact_event_id as contact, last_account_event_id as account,
        last_public_event_id as public, last_bill_event_id as bill, events, previous_digest,
        digest, recorded_at
    from ops.event_seal
    order by event_seal_id
    """
)
LAST_EVENTS = text(
    """
    select
        (select coalesce(max(contact_event_id), 0) from ops.contact_event) as contact,
        (select coalesce(max(account_event_id), 0) from ops.account_event) as account,
        (select coalesce(max(public_event_id), 0) from ops.public_event) as public,
        (select coalesce(max(bill_event_id), 0) from ops.bill_event) as bill
    """
)
# Nulls are left out, so that a column which comes later changes no old digest.
DIGEST = text(
    """
    with events as (
        select 1 as source, e.contact_event_id as number, to_jsonb(e) as body
        from ops.contact_event as e
        where e.contact_event_id > :contact_after and e.contact_event_id <= :contact
        union all
        select 2, e.account_event_id, to_jsonb(e) from ops.account_event as e
        where e.account_event_id > :account_after and e.account_event_id <= :account
        union all
        select 3, e.public_event_id, to_jsonb(e) from ops.public_event as e
        where e.public_event_id > :public_after and e.public_event_id <= :public
        union all
        select 4, e.bill_event_id, to_jsonb(e) from ops.bill_event as e
        where e.bill_event_id > :bill_after and e.bill_event_id <= :bill
    )

    select count(*) as events, encode(sha256(convert_to(
        cast(:previous as text) || coalesce(string_agg(
            encode(sha256(convert_to(jsonb_strip_nulls(body)::text, 'UTF8')), 'hex'), ''
            order by source, number
        ), ''), 'UTF8'
    )), 'hex') as digest
    from events
    """
)
ADD = text(
    """
    insert into ops.event_seal (
        last_contact_event_id, last_account_event_id, last_public_event_id, last_bill_event_id,
        events, previous_digest, digest
    )
    values (:contact, :account, :public, :bill, :events, :previous, :digest)
    returning event_seal_id
    """
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A new link of the chain; None where there was nothing new to seal."""

    event_seal_id: int
    events: int
    digest: str


@dataclass(frozen=True, slots=True)
class ChainState:
    """What a verification found. ``broken_seal`` is the first link that does not fit."""

    seals: int
    events: int
    broken_seal: int | None = None
    broken_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        return self.broken_seal is None


def seal(connection: Connection) -> Sealed | None:
    """Seal what was recorded since the last seal, as the owner, in the caller's transaction."""
    connection.execute(SAME_CLOCK)
    connection.execute(LOCK)
    chain = connection.execute(SEALS).mappings().all()
    after = {kind: chain[-1][kind] for kind in FIRST} if chain else FIRST
    previous = chain[-1]["digest"] if chain else ""
    until = dict(connection.execute(LAST_EVENTS).mappings().one())
    found = _digest(connection, after, until, previous)
    if found["events"] == 0:
        return None
    number = connection.execute(ADD, {**until, **found, "previous": previous}).scalar_one()
    return Sealed(number, found["events"], found["digest"])


def verify(connection: Connection) -> ChainState:
    """Count every seal anew, from the first; stop at the one that does not fit."""
    connection.execute(SAME_CLOCK)
    after, previous, events = FIRST, "", 0
    chain = connection.execute(SEALS).mappings().all()
    for link in chain:
        until = {kind: link[kind] for kind in FIRST}
        found = _digest(connection, after, until, previous)
        told = {"events": link["events"], "digest": link["digest"]}
        if found != told or link["previous_digest"] != previous:
            return ChainState(len(chain), events, link["event_seal_id"], link["recorded_at"])
        after, previous, events = until, link["digest"], events + link["events"]
    return ChainState(len(chain), events)


def _digest(
    connection: Connection, after: dict[str, int], until: dict[str, int], previous: str
) -> dict[str, object]:
    values = {**until, **{f"{kind}_after": number for kind, number in after.items()}}
    return dict(connection.execute(DIGEST, {**values, "previous": previous}).mappings().one())
