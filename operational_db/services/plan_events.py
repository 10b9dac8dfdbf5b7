"""Events of plans entered on screens, and taken back there by cancelling rows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.event_names import ACCOUNT_EVENTS, EVENT_KINDS, PUBLIC_EVENTS
from operational_db.services.standing import stands

Row = Mapping[str, Any]

LARGEST_FILE = 5_000_000
FILINGS = frozenset({"order_filed", "claim_filed"})

ACCOUNT_BY_NUMBER = text(
    """
    select a.account_id from ops.account as a
    where a.organisation_id = :organisation_id and a.account_number = :account_number
    """
)
DOCUMENT_OF_ACCOUNT = text(
    """
    select e.execution_document_id from ops.execution_document_current as e
    where e.account_id = :account_id and e.number = :number
    order by e.execution_document_id desc
    limit 1
    """
)
ADD_ACCOUNT_EVENT = text(
    """
    insert into ops.account_event (
        account_id, kind, happened_on, amount, document_number, execution_document_id,
        duty_paid_on, bailiff_office, has_receipt, decision, comment, executor, source, user_id
    )
    select :account_id, :kind, :happened_on, :amount, :document_number, :execution_document_id,
        :duty_paid_on, :bailiff_office, :has_receipt, :decision, :comment, w.full_name, 'screen',
        w.user_id
    from ops.who_am_i() as w
    returning account_event_id
    """
)
ADD_PUBLIC_EVENT = text(
    """
    insert into ops.public_event (
        organisation_id, kind, happened_on, house_ids, entrance, title, reference,
        bailiff_office, participants, amount, amount_after, is_signed, file_sha256, comment,
        executor, source, user_id
    )
    select :organisation_id, :kind, :happened_on, cast(:house_ids as integer[]), :entrance,
        :title, :reference, :bailiff_office, :participants, :amount, :amount_after, :is_signed,
        :file_sha256, :comment, w.full_name, 'screen', w.user_id
    from ops.who_am_i() as w
    returning public_event_id
    """
)
KEEP_FILE = text(
    """
    insert into ops.event_file (organisation_id, sha256, file_name, content, user_id)
    select :organisation_id, :sha256, :file_name, :content, ops.session_user_id()
    where not exists (
        select 1 from ops.event_file as f
        where f.organisation_id = :organisation_id and f.sha256 = :sha256
    )
    """
)
RECENT = text(
    """
    select * from (
        select 'public' as event_table, p.public_event_id as event_id, cast(null as bigint)
                as account_id,
            p.happened_on, p.kind, o.short_name as organisation_name,
            concat_ws(' ', p.title, p.reference) as told, p.amount, p.executor, p.comment,
            p.recorded_at, p.source, p.user_id = ops.session_user_id() as is_own,
            exists (
                select 1 from ops.public_event as back
                where back.cancels_event_id = p.public_event_id
            ) as is_cancelled
        from ops.public_event as p
        inner join ops.organisation as o on p.organisation_id = o.organisation_id
        where p.cancels_event_id is null
        union all
        select 'step' as event_table, e.account_event_id, e.account_id, e.happened_on, e.kind,
            o.short_name, concat_ws(' ', 'ЛС ' || a.account_number, e.document_number), e.amount,
            e.executor, e.comment, e.recorded_at, e.source, e.user_id = ops.session_user_id(),
            exists (
                select 1 from ops.account_event as back
                where back.account_id = e.account_id
                    and back.cancels_event_id = e.account_event_id
            )
        from ops.account_event as e
        inner join ops.account as a on e.account_id = a.account_id
        inner join ops.organisation as o on a.organisation_id = o.organisation_id
        where e.cancels_event_id is null
    ) as entered
    where happened_on >= :since and (cast(:kind as text) is null or kind = :kind)
    order by recorded_at desc, event_table, event_id desc
    limit :limit
    """
)
CANCEL_PUBLIC = text(
    """
    insert into ops.public_event (
        organisation_id, kind, happened_on, house_ids, cancels_event_id, comment, executor, source,
        user_id
    )
    select p.organisation_id, p.kind, p.happened_on, p.house_ids, p.public_event_id, :comment,
        w.full_name, 'screen', w.user_id
    from ops.public_event as p
    cross join ops.who_am_i() as w
    where p.public_event_id = :event_id and p.cancels_event_id is null
        and not exists (
            select 1 from ops.public_event as back
            where back.cancels_event_id = p.public_event_id
        )
    """
)
CANCEL_STEP = text(
    f"""
    insert into ops.account_event (
        account_id, kind, happened_on, cancels_event_id, comment, executor, source, user_id
    )
    select e.account_id, e.kind, e.happened_on, e.account_event_id, :comment, w.full_name,
        'screen', w.user_id
    from ops.account_event as e
    cross join ops.who_am_i() as w
    where e.account_event_id = :event_id and e.account_id = :account_id
        and {stands("account_event")}
    """  # noqa: S608 - constants of this module
)


class EventRefusedError(Exception):
    """An event cannot be recorded; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class AccountEventEntry:
    """A step of collection as entered. ``document_number`` may name an execution document."""

    organisation_id: int
    account_number: str
    kind: str
    happened_on: date
    amount: Decimal | None = None
    document_number: str | None = None
    duty_paid_on: date | None = None
    bailiff_office: str | None = None
    has_receipt: bool = False
    decision: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class PublicEventEntry:
    """A poster, publication, meeting, raid or reconciliation as entered."""

    organisation_id: int
    kind: str
    happened_on: date
    house_ids: tuple[int, ...] = ()
    entrance: int | None = None
    title: str | None = None
    reference: str | None = None
    bailiff_office: str | None = None
    participants: int | None = None
    amount: Decimal | None = None
    amount_after: Decimal | None = None
    is_signed: bool = False
    comment: str | None = None
    file_name: str | None = None
    file_content: bytes | None = None


def add_account_event(connection: Connection, entry: AccountEventEntry, today: date) -> int:
    """Record a step; return its number. Raises ``EventRefusedError`` saying what is missing."""
    if entry.kind not in ACCOUNT_EVENTS:
        raise EventRefusedError("Выберите вид события.")
    _refuse_future(entry.happened_on, today)
    if entry.kind in FILINGS and entry.amount is None:
        raise EventRefusedError("У заявления в суд назовите сумму требования.")
    if entry.duty_paid_on is not None and entry.duty_paid_on > today:
        raise EventRefusedError("День уплаты пошлины ещё не наступил.")
    number = entry.account_number.strip()
    account_id = connection.scalar(
        ACCOUNT_BY_NUMBER,
        {"organisation_id": entry.organisation_id, "account_number": number},
    )
    if account_id is None:
        raise EventRefusedError(
            f"Лицевого счёта «{number}» у этой организации нет. Проверьте номер: нули в начале "
            "тоже пишутся."
        )
    document_id = None
    if entry.document_number:
        document_id = connection.scalar(
            DOCUMENT_OF_ACCOUNT,
            {"account_id": account_id, "number": entry.document_number.strip()},
        )
    if document_id is None and entry.kind in ("writ_dispatched", "writ_returned"):
        raise EventRefusedError(
            "Назовите номер исполнительного документа этого счёта: без него передачу не засчитать."
        )
    values = {
        name: getattr(entry, name)
        for name in entry.__dataclass_fields__
        if name not in ("organisation_id", "account_number")
    }
    return connection.execute(
        ADD_ACCOUNT_EVENT,
        {"account_id": account_id, "execution_document_id": document_id, **values},
    ).scalar_one()


def add_public_event(connection: Connection, entry: PublicEventEntry, today: date) -> int:
    """Record an event with its photo or scan; return its number.

    The file is kept under its checksum. Raises ``EventRefusedError`` saying what is missing.
    """
    if entry.kind not in PUBLIC_EVENTS:
        raise EventRefusedError("Выберите вид события.")
    _refuse_future(entry.happened_on, today)
    if entry.kind == "poster" and len(entry.house_ids) != 1:
        raise EventRefusedError("Объявление вывешено в одном доме: выберите его.")
    if entry.kind == "meeting" and not entry.house_ids:
        raise EventRefusedError("Выберите дома, по которым прошло собрание.")
    if entry.kind in ("publication", "forum") and not entry.title:
        raise EventRefusedError("Напишите, где и что опубликовано.")
    sha256 = None
    if entry.file_content is not None:
        sha256 = _keep_file(connection, entry)
    values = {
        name: getattr(entry, name)
        for name in entry.__dataclass_fields__
        if name not in ("file_name", "file_content", "house_ids")
    }
    houses = list(entry.house_ids) or None
    return connection.execute(
        ADD_PUBLIC_EVENT, {**values, "house_ids": houses, "file_sha256": sha256}
    ).scalar_one()


def recent(
    connection: Connection, since: date, kind: str | None = None, limit: int = 100
) -> list[Row]:
    """What was entered or loaded since a day, the newest first, cancelled events marked."""
    rows = connection.execute(RECENT, {"since": since, "kind": kind, "limit": limit}).mappings()
    return [{**row, "event_name": EVENT_KINDS[row["kind"]]} for row in rows]


def cancel(
    connection: Connection, event_table: str, event_id: int, account_id: int | None, why: str
) -> None:
    """Take an event back by a row that names it. Raises ``EventRefusedError`` when it cannot."""
    if not why.strip():
        raise EventRefusedError("Напишите, почему событие отменяется.")
    statement = CANCEL_PUBLIC if event_table == "public" else CANCEL_STEP
    values = {"event_id": event_id, "comment": why.strip()}
    if event_table != "public":
        values["account_id"] = account_id
    if connection.execute(statement, values).rowcount != 1:
        raise EventRefusedError("Событие уже отменено. Обновите страницу.")


def _keep_file(connection: Connection, entry: PublicEventEntry) -> str:
    if len(entry.file_content) > LARGEST_FILE:
        raise EventRefusedError("Файл больше 5 МБ: уменьшите фото и приложите снова.")
    sha256 = hashlib.sha256(entry.file_content).hexdigest()
    connection.execute(
        KEEP_FILE,
        {
            "organisation_id": entry.organisation_id,
            "sha256": sha256,
            "file_name": entry.file_name or "файл",
            "content": entry.file_content,
        },
    )
    return sha256


def _refuse_future(day: date, today: date) -> None:
    if day > today:
        raise EventRefusedError("Этот день ещё не наступил: события записывают, когда они были.")
