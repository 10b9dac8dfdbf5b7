"""Events of plans from files: each line once, however often and in however many files it comes."""

from operational_db.event_names import ACCOUNT_EVENTS, BILLS, CONTACT_KINDS, PUBLIC_EVENTS
from operational_db.imports.events import EventRow, read_events
from operational_db.imports.problems import KnownRow, Refusal
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

ROW_COLUMNS = """
    line integer, kind text, happened_at timestamptz, happened_on date, account text, result text,
    amount numeric, amount_after numeric, document text, phone text, seconds integer, reason text,
    promise_day date, promise_sum numeric, duty_day date, has_receipt boolean, office text,
    decision text, house text, entrance smallint, title text, people integer, is_signed boolean,
    month date, penalty_told boolean, penalty numeric, executor text, comment text
"""
# Addresses as our screens print them, without case, «ё» and punctuation.
FIND = """
    create temporary table import_found on commit drop as
    with houses as (
        select h.house_id, {plain_house} as address
        from ops.house as h
        inner join ops.address_object as o on h.address_object_id = o.address_object_id
        left join ops.address_object as s on o.parent_id = s.address_object_id
    )

    select
        r.*, a.account_id, h.house_id, h.houses,
        case when r.kind in ('writ_dispatched', 'writ_returned', 'account_seizure',
                'property_arrest', 'travel_ban', 'direct_payment_notice', 'property_change') then (
            select max(e.execution_document_id) from ops.execution_document_current as e
            where e.account_id = a.account_id and e.number = r.document
        ) end as execution_document_id,
        row_number() over (
            partition by r.kind, r.happened_at, r.account, r.result, r.document, r.amount, r.house,
                r.entrance, r.title, r.month
            order by r.line
        ) as repetition
    from pg_temp.import_row as r
    left join ops.account as a
        on r.account = a.account_number and a.organisation_id = :organisation_id
    left join lateral (
        select min(houses.house_id) as house_id, count(*) as houses
        from houses
        where houses.address like '%' || {plain_asked}
    ) as h on r.house is not null
"""
PLAIN = "regexp_replace(ops.russian_sort_key({0}), '[^0-9a-zа-я]+', ' ', 'g')"
HOUSE = (
    "coalesce(s.name, '') || ' ' || o.name || ' ' || h.number "
    "|| coalesce(' корп ' || h.building, '') || coalesce(' стр ' || h.structure, '')"
)
# «г. Красногорск, ул. Лесная, д. 2» is looked for as «лесная 2».
ASKED = (
    "regexp_replace(r.house, '(^|[ ,.])(г|город|ул|улица|пр-кт|проспект|пер|переулок|ш|шоссе|б-р"
    "|бульвар|д|дом)(?=[ ,.])', ' ', 'gi')"
)
COMPARE = """
    select
        f.line, f.kind, f.account, f.account_id, f.house, f.house_id, f.houses, f.document,
        f.execution_document_id, f.repetition, f.happened_on,
        case
            when f.kind = any(:contacts) then exists (
                select 1 from ops.contact_event as c
                where c.account_id = f.account_id and c.kind = f.kind
                    and c.happened_at = f.happened_at and c.result = f.result
                    and c.document_number is not distinct from f.document
                    and c.cancels_event_id is null
            )
            when f.kind = any(:steps) then exists (
                select 1 from ops.account_event as e
                where e.account_id = f.account_id and e.kind = f.kind
                    and e.happened_on = f.happened_on
                    and e.document_number is not distinct from f.document
                    and e.amount is not distinct from f.amount
                    and e.cancels_event_id is null
            )
            when f.kind = any(:bills) then exists (
                select 1 from ops.bill_event as b
                where b.account_id = f.account_id and b.period = f.month
                    and b.issued_on = f.happened_on
                    and b.has_penalty_information = f.penalty_told
                    and b.penalty_amount is not distinct from f.penalty
            )
            else exists (
                select 1 from ops.public_event as p
                where p.organisation_id = :organisation_id and p.kind = f.kind
                    and p.happened_on = f.happened_on
                    and p.house_ids is not distinct from
                        case when f.house_id is not null then array[f.house_id] end
                    and p.entrance is not distinct from f.entrance
                    and p.title is not distinct from f.title
                    and p.reference is not distinct from f.document
                    and p.cancels_event_id is null
            )
        end as is_known
    from pg_temp.import_found as f
    order by f.line
"""
ADD_CONTACTS = """
    insert into ops.contact_event (
        account_id, kind, happened_at, result, phone, duration_seconds, non_payment_reason,
        promise_date, promise_amount, document_number, executor, comment, source, import_id,
        import_line, user_id
    )
    select account_id, kind, happened_at, result, phone, seconds, reason, promise_day, promise_sum,
        document, executor, comment, 'file', :import_id, line, :user_id
    from pg_temp.import_found
    where line = any(:lines) and kind = any(:kinds)
    order by line
"""
ADD_STEPS = """
    insert into ops.account_event (
        account_id, kind, happened_on, amount, document_number, execution_document_id,
        duty_paid_on, bailiff_office, has_receipt, decision, executor, comment, source, import_id,
        import_line, user_id
    )
    select account_id, kind, happened_on, amount, document, execution_document_id, duty_day,
        office, has_receipt, decision, executor, comment, 'file', :import_id, line, :user_id
    from pg_temp.import_found
    where line = any(:lines) and kind = any(:kinds)
    order by line
"""
ADD_BILLS = """
    insert into ops.bill_event (
        account_id, period, issued_on, has_penalty_information, penalty_amount, source, import_id,
        import_line, user_id
    )
    select account_id, month, happened_on, penalty_told, penalty, 'file', :import_id, line,
        :user_id
    from pg_temp.import_found
    where line = any(:lines) and kind = any(:kinds)
    order by line
"""
ADD_PUBLIC = """
    insert into ops.public_event (
        organisation_id, kind, happened_on, house_ids, entrance, title, reference, bailiff_office,
        participants, amount, amount_after, is_signed, executor, comment, source, import_id,
        import_line, user_id
    )
    select :organisation_id, kind, happened_on,
        case when house_id is not null then array[house_id] end, entrance, title, document, office,
        people, amount, amount_after, is_signed, executor, comment, 'file', :import_id, line,
        :user_id
    from pg_temp.import_found
    where line = any(:lines) and kind = any(:kinds)
    order by line
"""
OF_ONE_DOCUMENT = frozenset({"writ_dispatched", "writ_returned"})


def stage_events(request: ImportRequest) -> Staged:
    """Read events and compare them with what is known; find accounts, houses and documents."""
    parsed = read_events(request.content)
    fill_temporary_table(request.connection, "import_row", ROW_COLUMNS, map(_columns, parsed.rows))
    request.execute("drop table if exists pg_temp.import_found")
    request.execute(
        FIND.format(plain_house=PLAIN.format(HOUSE), plain_asked=f"btrim({PLAIN.format(ASKED)})"),
        organisation_id=request.organisation_id,
    )
    found = request.execute(
        COMPARE,
        organisation_id=request.organisation_id,
        contacts=list(CONTACT_KINDS),
        steps=list(ACCOUNT_EVENTS),
        bills=list(BILLS),
    ).all()
    refusals, new, known = [], [], []
    for row in found:
        reason = _refusal(row, request)
        if reason is not None:
            field, told = reason
            refusals.append(Refusal(row.line, parsed.header_of(field), told, parsed.raw(row.line)))
        elif row.is_known or row.repetition > 1:
            told = "это событие уже записано" if row.is_known else "то же событие есть строкой выше"
            known.append(KnownRow(row.line, told, parsed.raw(row.line)))
        else:
            new.append(row.line)

    def write(import_id: int) -> None:
        of_file = {"import_id": import_id, "lines": new, "user_id": request.user_id}
        request.execute(ADD_CONTACTS, **of_file, kinds=list(CONTACT_KINDS))
        request.execute(ADD_STEPS, **of_file, kinds=list(ACCOUNT_EVENTS))
        request.execute(ADD_BILLS, **of_file, kinds=list(BILLS))
        request.execute(
            ADD_PUBLIC,
            **of_file,
            kinds=list(PUBLIC_EVENTS),
            organisation_id=request.organisation_id,
        )

    staged = staged_table(parsed, write)
    staged.accepted, staged.known = len(new), len(known)
    staged.refusals += refusals
    staged.known_rows += known
    staged.accepted_lines = lambda: [(line, "refused") for line in new]
    return staged


def _refusal(row, request: ImportRequest) -> tuple[str, str] | None:
    """Column and reason, where the line cannot be taken."""
    if row.happened_on > request.today:
        return "day", "этот день ещё не наступил. Исправьте дату."
    if row.account is not None and row.account_id is None:
        return "account", (
            f"лицевого счёта «{row.account}» у организации нет. Проверьте номер: нули в начале "
            "тоже пишутся."
        )
    if row.house is not None and row.houses != 1:
        what = "не найден" if not row.houses else "подходит к нескольким домам"
        return "house", f"дом «{row.house}» {what}. Напишите, например: Лесная, 2."
    if row.kind in OF_ONE_DOCUMENT and row.execution_document_id is None:
        return "document", (
            f"исполнительного документа «{row.document or ''}» у этого счёта нет. Назовите его "
            "номер так, как он записан."
        )
    return None


def _columns(row: EventRow) -> tuple[object, ...]:
    return (
        *(row.line, row.kind, row.happened_at, row.happened_on, row.account, row.result),
        *(
            row.amount,
            row.amount_after,
            row.document,
            row.phone,
            row.seconds,
            row.reason,
            row.promise_day,
        ),
        *(row.promise_sum, row.duty_day, row.has_receipt, row.office, row.decision, row.house),
        *(row.entrance, row.title, row.people, row.is_signed, row.month, row.penalty_told),
        *(row.penalty, row.executor, row.comment),
    )
