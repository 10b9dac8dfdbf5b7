"""The run of an approved batch: what is left to file, what its papers say, what came of it.

Works as the owner, inside Dagster, a chunk of applications a transaction: cases, months, papers and
results of a chunk are kept together or not at all, so a killed run loses its last chunk only and
never makes a case twice. Nothing here looks at the clock: the number of a case comes from the batch
and the moment printed is that of the approval, so that the same batch makes the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from operational_db.imports.values import rubles
from operational_db.models.claims import CaseKind, ClaimedPart, DebtorLiability
from operational_db.services.cases import (
    CaseRefusedError,
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    open_cases,
)
from operational_db.services.duties import DutyRequest, record_duties
from operational_db.services.filing.guard import red_findings
from operational_db.services.state_duty import DutyKind


class PackagesRefusedError(Exception):
    """The packages cannot be made at all; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class ApprovedBatch:
    """A batch that a run works on; ``to_file`` are the numbers of applications without a result."""

    batch_id: int
    organisation_id: int
    title: str
    calculated_on: date
    sent_on: date
    attachments: tuple[str, ...]
    approved_at: datetime
    items: int
    to_file: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A paper of a package, made and ready to be kept."""

    kind: str
    file_name: str
    template_version: str
    context_digest: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """The papers of one application, in the order of the package."""

    item_number: int
    documents: tuple[Document, ...]


def approved_batch(connection: Connection, run_request_id: int) -> ApprovedBatch:
    """Read the batch that a request orders. Raises :class:`PackagesRefusedError` without one."""
    row = connection.execute(BATCH, {"run_request_id": run_request_id}).mappings().one_or_none()
    if row is None:
        raise PackagesRefusedError("Партия этого запроса не утверждена или уже отменена.")
    return ApprovedBatch(
        **{**row, "attachments": tuple(row["attachments"]), "to_file": tuple(row["to_file"])}
    )


def case_number(batch: ApprovedBatch, item_number: int) -> str:
    """Our number of the case: year of sending, batch, place in it."""
    return f"{batch.sent_on.year}-{batch.batch_id}/{item_number:04d}"


def changed_since_approval(
    connection: Connection, batch: ApprovedBatch, item_numbers: Sequence[int]
) -> dict[int, str]:
    """Tell which applications may not be filed any more, and why (Russian).

    The last build is asked, so it has to be a fresh one. A month that is claimed elsewhere by now,
    was paid, recalculated, put on hold or became time-barred comes to another sum than was
    approved.
    """
    asked = {
        "batch_id": batch.batch_id,
        "organisation_id": batch.organisation_id,
        "numbers": list(item_numbers),
    }
    return {row.item_number: _why_changed(row) for row in connection.execute(CHANGED, asked)}


def stopped_now(connection: Connection, batch: ApprovedBatch) -> dict[int, str]:
    """Tell which applications a red rule stops today, or another court hears by now, and why.

    Counted afresh from facts: what was written down when the batch was proposed was written by the
    session of a person, and people, shares and territories may have changed since.
    """
    asked = {"batch_id": batch.batch_id}
    moved = {row.item_number: row.reason for row in connection.execute(OTHER_COURT, asked)}
    return moved | red_findings(connection, batch.batch_id)


def open_batch_cases(
    connection: Connection, batch: ApprovedBatch, item_numbers: Sequence[int]
) -> dict[int, str]:
    """Open the cases of applications with their debtors and months, and write the results.

    Returned are the applications that the ledger of claims refused, with its reason: another case
    took a month in the meantime. They get no case.
    """
    months = _grouped(connection, CASE_MONTHS, batch, item_numbers)
    debtors = _grouped(connection, CASE_DEBTORS, batch, item_numbers)
    cases = [
        (number, _new_case(batch, number, months[number], debtors.get(number, [])))
        for number in item_numbers
    ]
    refused: dict[int, str] = {}
    try:
        opened = dict(
            zip(item_numbers, open_cases(connection, [case for _, case in cases]), strict=True)
        )
    except CaseRefusedError:
        # One of them cannot be; find out which, so that the others are not held up.
        opened = {}
        for number, case in cases:
            try:
                opened[number] = open_cases(connection, [case])[0]
            except CaseRefusedError as problem:
                refused[number] = str(problem)
    connection.execute(
        RESULTS,
        [
            {
                "batch_id": batch.batch_id,
                "item_number": number,
                "case_id": case.case_id,
                "reason": None,
            }
            for number, case in opened.items()
        ]
        or [_refusal(batch, number, reason) for number, reason in refused.items()],
    )
    if opened and refused:
        refuse(connection, batch, refused)
    return refused


def record_duties_of(
    connection: Connection, batch: ApprovedBatch, item_numbers: Sequence[int]
) -> None:
    """Count the duty of each new case and put it down to be paid."""
    asked = {"batch_id": batch.batch_id, "numbers": list(item_numbers)}
    record_duties(
        connection,
        [
            DutyRequest(
                organisation_id=batch.organisation_id,
                account_id=row.account_id,
                kind=DutyKind.ORDER,
                claim_sum=row.claim_sum,
                filed_on=batch.sent_on,
                debtor_name=row.debtor_name,
                person_id=row.person_id,
                case_id=row.case_id,
                court_code=row.court_code,
            )
            for row in connection.execute(NEW_CASES, asked)
        ],
    )


def refuse(connection: Connection, batch: ApprovedBatch, reasons: dict[int, str]) -> None:
    """Write why applications were not filed."""
    if reasons:
        connection.execute(
            RESULTS, [_refusal(batch, number, reason) for number, reason in reasons.items()]
        )


def keep_packages(
    connection: Connection,
    batch: ApprovedBatch,
    run_request_id: int,
    packages: Iterable[Package],
) -> None:
    """Keep the papers of applications that have got their cases."""
    rows = [
        {
            "batch_id": batch.batch_id,
            "item_number": package.item_number,
            "run_request_id": run_request_id,
            "position": position,
            "kind": document.kind,
            "file_name": document.file_name,
            "template_version": document.template_version,
            "context_digest": document.context_digest,
            "content": document.content,
        }
        for package in packages
        for position, document in enumerate(package.documents, start=1)
    ]
    if rows:
        connection.execute(KEEP, rows)


def finish(connection: Connection, batch: ApprovedBatch, run_request_id: int) -> None:
    """Mark that every application of the batch has its result."""
    connection.execute(FINISH, {"batch_id": batch.batch_id, "run_request_id": run_request_id})


def _why_changed(row: Any) -> str:
    if row.is_uneven:
        return "Суммы заявления не сходятся с суммами его месяцев. Предложите заново."
    if row.amount == row.approved:
        return "После утверждения изменились месяцы долга, доли или должники. Предложите заново."
    return (
        f"После утверждения долг изменился: было {rubles(row.approved)} ₽, "
        f"стало {rubles(row.amount)} ₽. Предложите заново."
    )


def _refusal(batch: ApprovedBatch, number: int, reason: str) -> dict[str, Any]:
    return {
        "batch_id": batch.batch_id,
        "item_number": number,
        "case_id": None,
        "reason": reason,
    }


def _new_case(
    batch: ApprovedBatch, number: int, months: Sequence[Any], debtors: Sequence[Any]
) -> NewCase:
    claimed = []
    for month in months:
        if month.principal_amount > Decimal(0):
            claimed.append(
                NewClaimedMonth(
                    liability=month.liability,
                    period=month.period,
                    amount=month.principal_amount,
                    portion_person_id=month.portion_person_id,
                )
            )
        if month.penalty_amount > Decimal(0):
            claimed.append(
                NewClaimedMonth(
                    liability=month.liability,
                    period=month.period,
                    amount=month.penalty_amount,
                    part=ClaimedPart.PENALTY,
                    portion_person_id=month.penalty_portion_person_id,
                    penalty_from=month.penalty_from,
                    penalty_to=month.penalty_to or batch.calculated_on,
                )
            )
    return NewCase(
        account_id=months[0].account_id,
        kind=CaseKind.ORDER,
        number=case_number(batch, number),
        court_code=months[0].court_code,
        drafted_on=batch.calculated_on,
        months=claimed,
        debtors=[
            NewDebtor(
                person_id=debtor.person_id,
                liability_kind=DebtorLiability(debtor.liability_kind),
                share_numerator=debtor.share_numerator,
                share_denominator=debtor.share_denominator,
                represented_person_id=debtor.represented_person_id,
            )
            for debtor in debtors
        ],
    )


def _grouped(
    connection: Connection, query: Any, batch: ApprovedBatch, item_numbers: Sequence[int]
) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    asked = {"batch_id": batch.batch_id, "numbers": list(item_numbers)}
    for row in connection.execute(query, asked):
        found.setdefault(row.item_number, []).append(row)
    return found


NUMBERS = bindparam("numbers", type_=ARRAY(Integer))
IDS = bindparam("account_ids", type_=ARRAY(BigInteger))

BATCH = text(
    """
    select
        b.batch_id, b.organisation_id, b.title, b.calculated_on, b.sent_on, b.attachments,
        s.recorded_at as approved_at,
        (
            select count(*) from ops.filing_item as i
            where i.batch_id = b.batch_id and not exists (
                select 1 from ops.filing_finding as f
                where f.batch_id = i.batch_id and f.item_number = i.item_number and f.is_red
            ) and coalesce((
                select w.kind <> 'excluded' from ops.filing_step as w
                where w.batch_id = i.batch_id and w.item_number = i.item_number
                order by w.filing_step_id desc limit 1
            ), true)
        ) as items,
        array(
            select i.item_number from ops.filing_item as i
            where i.batch_id = b.batch_id and not exists (
                select 1 from ops.filing_finding as f
                where f.batch_id = i.batch_id and f.item_number = i.item_number and f.is_red
            ) and coalesce((
                select w.kind <> 'excluded' from ops.filing_step as w
                where w.batch_id = i.batch_id and w.item_number = i.item_number
                order by w.filing_step_id desc limit 1
            ), true) and not exists (
                select 1 from ops.filing_result as r
                where r.batch_id = i.batch_id and r.item_number = i.item_number
            )
            order by i.item_number
        ) as to_file
    from ops.filing_step as s
    inner join ops.filing_batch as b on s.batch_id = b.batch_id
    where s.kind = 'approved' and s.run_request_id = :run_request_id
    """
)
# What was approved against what the same months come to now, by the holders that answer now.
CHANGED = text(
    """
    with asked as (
        select i.batch_id, i.item_number, i.account_id, i.holder_kind, i.holder_person_id,
            i.debtors, i.family_ids, i.principal_amount, i.penalty_amount
        from ops.filing_item as i
        where i.batch_id = :batch_id and i.item_number = any (:numbers)
    ),

    now as (
        select a.item_number, p.liability, p.period, p.due_date, p.portion_person_id,
            p.family_ids, p.claimable_amount
        from asked as a
        inner join marts.debt_parts as p
            on a.account_id = p.account_id and a.holder_kind = p.holder_kind
                and a.debtors is not distinct from p.debtors
                and (a.debtors is not null
                    or a.holder_person_id is not distinct from p.holder_person_id)
                and p.organisation_id = :organisation_id
    ),

    compared as (
        select a.item_number,
            bool_and(whole.is_uneven) as is_uneven,
            -- A month paid late has no debt now and had none then.
            bool_or(
                coalesce(n.claimable_amount, 0) <> m.principal_amount
                or m.principal_amount > 0 and (
                    n.portion_person_id is distinct from m.portion_person_id
                    or n.family_ids is distinct from m.family_ids
                )
            )
            -- The family of the application is that of its months.
            or min(a.family_ids) is distinct from max(m.family_ids)
            or min(m.family_ids) is distinct from max(m.family_ids) as is_changed,
            coalesce(sum(n.claimable_amount), 0) as amount,
            min(a.principal_amount) as approved
        from asked as a
        -- Both were written by the session that proposed: they have to be the same sum twice.
        cross join lateral (
            select coalesce(sum(w.principal_amount), -1) <> a.principal_amount
                or coalesce(sum(w.penalty_amount), -1) <> a.penalty_amount as is_uneven
            from ops.filing_month as w
            where w.batch_id = a.batch_id and w.item_number = a.item_number
        ) as whole
        left join ops.filing_month as m
            on a.batch_id = m.batch_id and a.item_number = m.item_number
        -- Month by month (offset 0): joined, every month of the chunk would meet every other.
        left join lateral (
            select now.* from now
            where now.item_number = a.item_number and now.liability = m.liability
                and now.period = m.period and now.due_date = m.due_date
            offset 0
        ) as n on true
        group by a.item_number
    )

    select c.item_number, c.is_uneven, c.approved, c.amount
    from compared as c
    where c.is_changed or c.is_uneven
    """
).bindparams(NUMBERS)
OTHER_COURT = text(
    """
    select i.item_number,
        'После предложения у дома другой судебный участок: '
            || coalesce(c.magistrate_code, 'не определён') || '. Предложите заново.' as reason
    from ops.filing_item as i
    inner join marts.accounts as a on i.account_id = a.account_id
    left join ops.house_court as c on a.house_id = c.house_id
    where i.batch_id = :batch_id and i.court_code is distinct from c.magistrate_code
    """
)
CASE_MONTHS = text(
    """
    select m.item_number, i.account_id, i.court_code, m.liability, m.period,
        min(m.portion_person_id) as portion_person_id,
        -- Months that were proposed before penalty had days of its own have none.
        min(case when m.penalty_to is null then m.portion_person_id
            else m.penalty_portion_person_id end) as penalty_portion_person_id,
        -- Due dates of a month are one row: its days are those of all of them.
        case when bool_and(m.penalty_from is not null) then min(m.penalty_from) end
            as penalty_from,
        max(m.penalty_to) as penalty_to,
        sum(m.principal_amount) as principal_amount, sum(m.penalty_amount) as penalty_amount
    from ops.filing_month as m
    inner join ops.filing_item as i on m.batch_id = i.batch_id and m.item_number = i.item_number
    where m.batch_id = :batch_id and m.item_number = any (:numbers)
    group by m.item_number, i.account_id, i.court_code, m.liability, m.period
    order by m.item_number, m.period, m.liability
    """
).bindparams(NUMBERS)
CASE_DEBTORS = text(
    """
    select i.item_number, d.person_id,
        case d.asked_as when 'family' then 'joint' when 'minor' then 'share' else d.asked_as end
            as liability_kind,
        coalesce(held.share_numerator, 1) as share_numerator,
        coalesce(held.share_denominator, 1) as share_denominator,
        d.ward_id as represented_person_id
    from ops.filing_item as i
    cross join lateral ops.people_asked(i.holder_person_id, i.debtors, i.family_ids)
        with ordinality as d (person_id, asked_as, ward_id, place)
    -- A share that changed between the months stands as it was last.
    left join lateral (
        select p.share_numerator, p.share_denominator
        from ops.filing_month as m
        inner join marts.debt_parts as p
            on p.account_id = i.account_id and m.liability = p.liability
                and m.period = p.period and m.due_date = p.due_date
        where m.batch_id = i.batch_id and m.item_number = i.item_number
            and i.holder_kind = 'owner' and p.holder_person_id = i.holder_person_id
        order by m.period desc, m.liability, m.due_date
        limit 1
    ) as held on true
    where i.batch_id = :batch_id and i.item_number = any (:numbers)
    order by i.item_number, d.place
    """
).bindparams(NUMBERS)
NEW_CASES = text(
    """
    select r.item_number, r.case_id, i.account_id, i.court_code,
        i.principal_amount + i.penalty_amount as claim_sum, p.person_id,
        p.last_name || ' ' || left(p.first_name, 1) || '.'
            || coalesce(' ' || left(p.middle_name, 1) || '.', '') as debtor_name
    from ops.filing_result as r
    inner join ops.filing_item as i
        on r.batch_id = i.batch_id and r.item_number = i.item_number
    inner join lateral (
        select n.* from ops.case_debtor as d
        inner join ops.person as n on d.person_id = n.person_id
        where d.case_id = r.case_id
        order by d.case_debtor_id
        limit 1
    ) as p on true
    where r.batch_id = :batch_id and r.item_number = any (:numbers)
    order by r.item_number
    """
).bindparams(NUMBERS)
RESULTS = text(
    """
    insert into ops.filing_result (batch_id, item_number, case_id, reason)
    values (:batch_id, :item_number, :case_id, :reason)
    """
)
KEEP = text(
    """
    with kept as (
        insert into ops.document (
            organisation_id, account_id, run_request_id, kind, file_name, template_version,
            context_digest, content_digest, content, user_id
        )
        select
            c.organisation_id, c.account_id, :run_request_id, :kind, :file_name,
            :template_version, :context_digest, encode(sha256(:content), 'hex'), :content,
            q.user_id
        from ops.filing_result as r
        inner join ops.court_case as c on r.case_id = c.case_id
        inner join ops.run_request as q on q.run_request_id = :run_request_id
        where r.batch_id = :batch_id and r.item_number = :item_number
        returning document_id
    )

    insert into ops.package_document (document_id, case_id, position)
    select k.document_id, r.case_id, :position
    from kept as k
    inner join ops.filing_result as r
        on r.batch_id = :batch_id and r.item_number = :item_number
    """
)
FINISH = text(
    """
    insert into ops.filing_step (batch_id, kind, run_request_id)
    select :batch_id, 'printed', :run_request_id
    where not exists (
        select 1 from ops.filing_step as s where s.batch_id = :batch_id and s.kind = 'printed'
    )
    """
)
