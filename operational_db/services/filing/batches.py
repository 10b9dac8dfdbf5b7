"""Batches for the court as people see and decide them: list, card, leaving out, approval.

The caller owns the transaction and the connection is that of a screen: row-level security decides
what is seen, and every step is signed by the session's user.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from operational_db.locks import LockSpace
from operational_db.models.batches import FilingStepKind
from operational_db.services import requests
from operational_db.services.audit import record_event

State = Literal["proposed", "approved", "printed", "cancelled"]
STATES: dict[str, str] = {
    "proposed": "ждёт утверждения",
    "approved": "готовится",
    "printed": "пакеты готовы",
    "cancelled": "отменена",
}


DECIDED_MEANWHILE = "Партию только что утвердил или отменил другой сотрудник. Обновите страницу."


class BatchRefusedError(ValueError):
    """The batch cannot be proposed, changed or approved; the message is Russian."""


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """A batch in the list: its sums are of the applications that are not left out, in roubles.

    ``stopped`` applications have a red finding and are never filed; ``warned`` have yellow ones
    only.
    """

    batch_id: int
    organisation_id: int
    organisation_name: str
    title: str
    calculated_on: date
    sent_on: date
    with_penalty: bool
    attachments: tuple[str, ...]
    proposed_by: str | None
    recorded_at: datetime
    state: State
    items: int
    stopped: int
    left_out: int
    warned: int
    to_file: int
    principal: Decimal
    penalty: Decimal
    duty: Decimal
    filed: int
    not_filed: int
    approved_by: str | None
    approved_at: datetime | None
    run_request_id: int | None

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.state == "proposed"


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many applications of a batch broke a rule."""

    rule_code: str
    title: str
    what_to_do: str
    is_red: bool
    act: str
    items: int


def recent_batches(connection: Connection, limit: int = 50) -> list[BatchSummary]:
    """The latest batches that the session sees, newest first."""
    return [_summary(row) for row in connection.execute(RECENT, {"limit": limit}).mappings()]


def batch(connection: Connection, batch_id: int) -> BatchSummary:
    """One batch. Raises :class:`BatchRefusedError` when it is out of sight."""
    row = connection.execute(ONE, {"batch_id": batch_id}).mappings().one_or_none()
    if row is None:
        raise BatchRefusedError("Такой партии нет, или она чужая.")
    return _summary(row)


def rule_counts(connection: Connection, batch_id: int) -> list[RuleCount]:
    """What the guard found in a batch, red rules first."""
    return [
        RuleCount(**row) for row in connection.execute(RULES, {"batch_id": batch_id}).mappings()
    ]


def batch_items(
    connection: Connection,
    batch_id: int,
    *,
    rule_code: str | None = None,
    standing: Literal["to_file", "stopped", "left_out", "warned"] | None = None,
    limit: int | None = 50,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Applications of a batch in the order of printing: by court section, address, number.

    Each with account, address, debtors, sums, what is wrong and what became of it. ``limit`` None
    is for exports.
    """
    values = {
        "batch_id": batch_id,
        "rule_code": rule_code,
        "standing": standing,
        "limit": limit,
        "offset": offset,
    }
    return [dict(row) for row in connection.execute(ITEMS, values).mappings()]


def count_items(
    connection: Connection,
    batch_id: int,
    *,
    rule_code: str | None = None,
    standing: str | None = None,
) -> int:
    """How many applications :func:`batch_items` would find without a limit."""
    values = {"batch_id": batch_id, "rule_code": rule_code, "standing": standing}
    return connection.scalar(COUNT_ITEMS, values)


def leave_out(
    connection: Connection, batch_id: int, item_numbers: Sequence[int], reason: str
) -> int:
    """Leave applications out of a batch that is not approved yet; return how many."""
    if not reason.strip():
        raise BatchRefusedError("Напишите, почему заявления исключены.")
    return _mark(connection, batch_id, item_numbers, FilingStepKind.EXCLUDED, reason.strip())


def take_back_in(connection: Connection, batch_id: int, item_numbers: Sequence[int]) -> int:
    """Undo :func:`leave_out`; return how many.

    Raises :class:`BatchRefusedError` where another batch has taken the debtor in the meantime.
    """
    take_turn(connection, batch(connection, batch_id).organisation_id)
    asked = {"batch_id": batch_id, "numbers": list(item_numbers)}
    elsewhere = connection.execute(ELSEWHERE, asked).all()
    if elsewhere:
        told = "; ".join(
            f"счёт {row.account_number} – партия № {row.batch_id}" for row in elsewhere
        )
        raise BatchRefusedError(f"Вернуть нельзя: должника уже взяли в другую партию ({told}).")
    return _mark(connection, batch_id, item_numbers, FilingStepKind.INCLUDED, None)


def take_turn(connection: Connection, organisation_id: int) -> None:
    """Wait until nobody else of the organisation is choosing debtors; held until the end."""
    connection.execute(TURN, {"organisation_id": organisation_id})


def approve(connection: Connection, batch_id: int) -> int:
    """Approve a batch and order its run; return the number of the request.

    Applications with a red finding stay where they are. Raises :class:`BatchRefusedError` when
    there is nothing to file, or somebody decided before.
    """
    found = _still_open(connection, batch_id)
    if not found.to_file:
        raise BatchRefusedError(
            "Подавать нечего: каждое заявление остановлено проверкой или исключено."
        )
    try:
        with connection.begin_nested():
            request = requests.request_packages(connection, batch_id, found.to_file)
            _step(connection, batch_id, FilingStepKind.APPROVED, run_request_id=request)
    except IntegrityError as problem:
        raise BatchRefusedError(DECIDED_MEANWHILE) from problem
    return request


def go_on(connection: Connection, batch_id: int) -> None:
    """Let the failed run of an approved batch go on where it stopped.

    Raises :class:`BatchRefusedError` when the run has not failed, or the batch is another
    organisation's, and ``PermissionError`` (Russian) for other roles than those that approve.
    """
    batch(connection, batch_id)
    if not requests.continue_packages(connection, batch_id):
        raise BatchRefusedError(
            "Продолжить нечего: подготовка уже идёт или закончена, или партия другой организации. "
            "Обновите страницу."
        )
    record_event(connection, "continue", object_kind="filing_batch", object_id=str(batch_id))


def cancel(connection: Connection, batch_id: int, reason: str) -> None:
    """Give up a batch that is not approved yet; it stays in the list as cancelled."""
    if not reason.strip():
        raise BatchRefusedError("Напишите, почему партия отменена.")
    _still_open(connection, batch_id)
    try:
        with connection.begin_nested():
            _step(connection, batch_id, FilingStepKind.CANCELLED, comment=reason.strip())
    except IntegrityError as problem:
        raise BatchRefusedError(DECIDED_MEANWHILE) from problem


def _mark(
    connection: Connection,
    batch_id: int,
    item_numbers: Sequence[int],
    kind: FilingStepKind,
    comment: str | None,
) -> int:
    _still_open(connection, batch_id)
    values = {
        "batch_id": batch_id,
        "numbers": list(item_numbers),
        "kind": kind.value,
        "comment": comment,
    }
    return connection.execute(MARK, values).rowcount


def _still_open(connection: Connection, batch_id: int) -> BatchSummary:
    found = batch(connection, batch_id)
    if not found.is_open:
        raise BatchRefusedError(f"Партия уже {STATES[found.state]}: изменить её нельзя.")
    return found


def _step(
    connection: Connection,
    batch_id: int,
    kind: FilingStepKind,
    *,
    comment: str | None = None,
    run_request_id: int | None = None,
) -> None:
    values = {
        "batch_id": batch_id,
        "kind": kind.value,
        "comment": comment,
        "run_request_id": run_request_id,
    }
    connection.execute(STEP, values)


def _summary(row: Any) -> BatchSummary:
    return BatchSummary(**{**row, "attachments": tuple(row["attachments"])})


# Whoever has one of the accounts in a batch that is not decided, or not yet printed, is left to it.
TAKEN = """
    select i.batch_id, i.account_id, i.holder_kind, i.holder_person_id,
        i.holder_organisation_id, i.holder_name, i.debtors
    from ops.filing_item as i
    where not exists (
            select 1 from ops.filing_step as s
            where s.batch_id = i.batch_id and s.kind in ('printed', 'cancelled')
        )
        and not exists (
            select 1 from ops.filing_result as r
            where r.batch_id = i.batch_id and r.item_number = i.item_number
        )
        and coalesce((
            select s.kind <> 'excluded' from ops.filing_step as s
            where s.batch_id = i.batch_id and s.item_number = i.item_number
            order by s.filing_step_id desc
            limit 1
        ), true)
"""
# What an application is to the run: filed, unless a red rule stops it or somebody left it out.
STANDING = """
    select
        i.batch_id, i.item_number, i.account_id, i.holder_kind, i.holder_person_id,
        i.holder_organisation_id, i.holder_name, i.debtors, i.family_ids, i.principal_amount,
        i.penalty_amount, i.duty_amount, i.period_from, i.period_to, i.court_code,
        coalesce(found.is_stopped, false) as is_stopped,
        coalesce(found.is_warned, false) as is_warned,
        coalesce(last_word.kind = 'excluded', false) as is_left_out,
        case when last_word.kind = 'excluded' then last_word.comment end as left_out_because
    from ops.filing_item as i
    left join lateral (
        select bool_or(f.is_red) as is_stopped, bool_or(not f.is_red) as is_warned
        from ops.filing_finding as f
        where f.batch_id = i.batch_id and f.item_number = i.item_number
    ) as found on true
    left join lateral (
        select s.kind, s.comment from ops.filing_step as s
        where s.batch_id = i.batch_id and s.item_number = i.item_number
        order by s.filing_step_id desc
        limit 1
    ) as last_word on true
"""
# S608: the fragments are constants of this file.
SUMMARY = f"""
    select
        b.batch_id, b.organisation_id, o.short_name as organisation_name, b.title,
        b.calculated_on, b.sent_on, b.with_penalty, b.attachments, u.full_name as proposed_by,
        b.recorded_at,
        case
            when steps.is_cancelled then 'cancelled'
            when steps.is_printed then 'printed'
            when steps.approved_at is not null then 'approved'
            else 'proposed'
        end as state,
        sums.items, sums.stopped, sums.left_out, sums.warned, sums.to_file, sums.principal,
        sums.penalty, sums.duty, results.filed, results.not_filed,
        steps.approved_by, steps.approved_at, steps.run_request_id
    from ops.filing_batch as b
    inner join ops.organisation as o on b.organisation_id = o.organisation_id
    left join ops.colleague as u on b.user_id = u.user_id
    cross join lateral (
        select
            bool_or(s.kind = 'cancelled') as is_cancelled,
            bool_or(s.kind = 'printed') as is_printed,
            max(s.recorded_at) filter (where s.kind = 'approved') as approved_at,
            max(s.run_request_id) filter (where s.kind = 'approved') as run_request_id,
            max(a.full_name) filter (where s.kind = 'approved') as approved_by
        from ops.filing_step as s
        left join ops.colleague as a on s.user_id = a.user_id
        where s.batch_id = b.batch_id and s.item_number is null
    ) as steps
    cross join lateral (
        select
            count(*) as items,
            count(*) filter (where t.is_stopped) as stopped,
            count(*) filter (where t.is_left_out and not t.is_stopped) as left_out,
            count(*) filter (where t.is_warned and not t.is_stopped and not t.is_left_out)
                as warned,
            count(*) filter (where not t.is_stopped and not t.is_left_out) as to_file,
            coalesce(sum(t.principal_amount)
                filter (where not t.is_stopped and not t.is_left_out), 0) as principal,
            coalesce(sum(t.penalty_amount)
                filter (where not t.is_stopped and not t.is_left_out), 0) as penalty,
            coalesce(sum(t.duty_amount)
                filter (where not t.is_stopped and not t.is_left_out), 0) as duty
        from ({STANDING}) as t
        where t.batch_id = b.batch_id
    ) as sums
    cross join lateral (
        select
            count(*) filter (where r.case_id is not null) as filed,
            count(*) filter (where r.case_id is null) as not_filed
        from ops.filing_result as r
        where r.batch_id = b.batch_id
    ) as results
"""  # noqa: S608
RECENT = text(f"{SUMMARY} order by b.batch_id desc limit :limit")
ONE = text(f"{SUMMARY} where b.batch_id = :batch_id")
RULES = text(
    """
    select f.rule_code, r.title, r.what_to_do, f.is_red, r.act, count(*) as items
    from ops.filing_finding as f
    inner join reference.filing_rule as r on f.rule_code = r.rule_code
    where f.batch_id = :batch_id
    group by f.rule_code, r.title, r.what_to_do, f.is_red, r.act, r.sort_order
    order by f.is_red desc, r.sort_order
    """
)
CHOSEN = f"""
    from ({STANDING}) as t
    where t.batch_id = :batch_id
        and (
            cast(:rule_code as text) is null or exists (
                select 1 from ops.filing_finding as f
                where f.batch_id = t.batch_id and f.item_number = t.item_number
                    and f.rule_code = :rule_code
            )
        )
        and case cast(:standing as text)
            when 'to_file' then not t.is_stopped and not t.is_left_out
            when 'stopped' then t.is_stopped
            when 'left_out' then t.is_left_out
            when 'warned' then t.is_warned and not t.is_stopped and not t.is_left_out
            else true
        end
"""  # noqa: S608
COUNT_ITEMS = text(f"select count(*) {CHOSEN}")
ITEMS = text(
    f"""
    select
        chosen.item_number, chosen.account_id, a.account_number, placed.address,
        chosen.holder_kind,
        coalesce(asked.names, holder.short_name, chosen.holder_name) as holder,
        chosen.principal_amount,
        chosen.penalty_amount, chosen.principal_amount + chosen.penalty_amount as total_amount,
        chosen.duty_amount, chosen.period_from, chosen.period_to, chosen.court_code,
        c.name as court_name, chosen.is_stopped, chosen.is_warned, chosen.is_left_out,
        chosen.left_out_because, findings.told as findings, res.case_id, res.reason,
        cast(
            rates.recovery_share * chosen.principal_amount - chosen.duty_amount - rates.unit_cost
            as numeric(14, 2)
        ) as expected_net,
        cases.number as case_number
    from (select t.* {CHOSEN} order by t.item_number limit :limit offset :offset) as chosen
    inner join ops.account as a on chosen.account_id = a.account_id
    -- The same reckoning as «Экономика подачи»: penalty and the duty awarded are left aside.
    left join (
        select r.recovery_share, r.unit_cost
        from ops.filing_batch as b
        inner join screens.recovery_rates as r on b.organisation_id = r.organisation_id
        where b.batch_id = :batch_id
    ) as rates on true
    left join screens.accounts as placed on chosen.account_id = placed.account_id
    left join lateral (
        select string_agg(
            v.full_name || case when who.ward_id is null then '' else ' (за ребёнка)' end,
            ', ' order by who.place
        ) as names
        from ops.people_asked(
            chosen.holder_person_id, chosen.debtors, chosen.family_ids
        ) with ordinality as who (person_id, asked_as, ward_id, place)
        cross join lateral (
            select x.full_name from ops.person_visible as x
            where x.person_id = who.person_id
            offset 0
        ) as v
    ) as asked on true
    left join ops.organisation as holder
        on chosen.holder_organisation_id = holder.organisation_id
    left join ops.court as c on chosen.court_code = c.court_code
    left join ops.filing_result as res
        on res.batch_id = :batch_id and res.item_number = chosen.item_number
    left join ops.court_case as cases on res.case_id = cases.case_id
    left join lateral (
        select string_agg(
            r.title || coalesce(' (' || f.details || ')', ''), '; '
            order by f.is_red desc, r.sort_order
        ) as told
        from ops.filing_finding as f
        inner join reference.filing_rule as r on f.rule_code = r.rule_code
        where f.batch_id = :batch_id and f.item_number = chosen.item_number
    ) as findings on true
    order by chosen.item_number
    """  # noqa: S608
)
MARK = text(
    """
    insert into ops.filing_step (batch_id, item_number, kind, comment, user_id)
    select i.batch_id, i.item_number, :kind, :comment, ops.session_user_id()
    from ops.filing_item as i
    where i.batch_id = :batch_id and i.item_number = any (:numbers)
    """
)
TURN = text(f"select pg_advisory_xact_lock({LockSpace.FILING:d}, :organisation_id)")
ELSEWHERE = text(
    f"""
    select distinct taken.batch_id, a.account_number
    from ({TAKEN}) as taken
    inner join ops.filing_item as i
        on i.account_id = taken.account_id and i.holder_kind = taken.holder_kind
            and i.debtors is not distinct from taken.debtors
            and (i.debtors is not null
                or i.holder_person_id is not distinct from taken.holder_person_id)
            and i.holder_organisation_id is not distinct from taken.holder_organisation_id
            and i.holder_name is not distinct from taken.holder_name
    inner join ops.account as a on i.account_id = a.account_id
    where i.batch_id = :batch_id and i.item_number = any (:numbers)
        and taken.batch_id <> i.batch_id
    order by taken.batch_id, a.account_number
    limit 5
    """  # noqa: S608 - constants of this file
)
STEP = text(
    """
    insert into ops.filing_step (batch_id, kind, comment, run_request_id, user_id)
    values (:batch_id, :kind, :comment, :run_request_id, ops.session_user_id())
    """
)
