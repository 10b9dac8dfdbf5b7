"""Answers of courts from a list: each line is checked against its case like one that is typed."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from operational_db.imports.court_answers import AnswerRow, read_court_answers
from operational_db.imports.problems import ParsedTable, Refusal
from operational_db.imports.table import normal_heading
from operational_db.models.claims import CaseEventKind
from operational_db.services.cases import (
    CaseState,
    NewEvent,
    after,
    case_states,
    court_reasons,
    problem_of,
    reasons_by_code,
    register_events,
)
from operational_db.services.import_staging import ImportRequest, Staged, staged_table

FIND = """
    select r.line, array_agg(distinct c.case_id) as case_ids
    from jsonb_to_recordset(cast(:rows as jsonb)) as r (line integer, number text, court text)
    inner join ops.court_case as c on c.organisation_id = :organisation_id
    where case
        when r.number is not null then c.number = r.number
        else exists (
            select 1 from ops.case_event as e
            where e.case_id = c.case_id and e.court_number = r.court
        )
    end
    group by r.line
"""
KNOWN = """
    select e.case_id, e.kind, e.happened_on
    from ops.case_event as e
    where e.case_id = any(:case_ids) and e.kind <> 'annulled'
        and not exists (
            select 1 from ops.case_event as a where a.annuls_event_id = e.case_event_id
        )
"""


def stage_court_answers(request: ImportRequest) -> Staged:
    """Read a list of answers and find the case of each line."""
    parsed = read_court_answers(request.content, request.today)
    cases, refused = _cases_of(request, parsed)
    states = case_states(request.connection, sorted(set(cases.values())))
    known = {
        (row.case_id, row.kind, row.happened_on)
        for row in request.execute(KNOWN, case_ids=list(states))
    }
    reasons, codes = reasons_by_code(request.connection), _codes_by_name(request)

    events: list[NewEvent] = []
    taken: list[int] = []
    repeated = 0
    # What happened first is checked first, in whatever order the lines stand.
    for row in sorted(parsed.rows, key=lambda row: (row.happened_on, row.line)):
        if row.line not in cases:
            continue
        wanted = [
            event
            for event in _events_of(row, cases[row.line], codes)
            if (event.case_id, event.kind, event.happened_on) not in known
        ]
        if not wanted:
            repeated += 1
            continue
        problem = _check(wanted, states, reasons, request.today)
        if problem:
            refused.append(Refusal(row.line, "", problem, parsed.raw(row.line)))
            continue
        events += wanted
        taken.append(row.line)

    def write(import_id: int) -> None:
        if events:
            register_events(request.connection, [_of_import(event, import_id) for event in events])

    staged = staged_table(parsed, write)
    staged.accepted_lines = lambda: [(line, "refused") for line in taken]
    staged.accepted, staged.known = len(taken), repeated
    staged.refusals += refused
    staged.figures = {
        "дел": len({event.case_id for event in events}),
        "взыскано долга, ₽": sum(event.principal_amount or 0 for event in events),
    }
    return staged


def _cases_of(
    request: ImportRequest, parsed: ParsedTable[AnswerRow]
) -> tuple[dict[int, int], list[Refusal]]:
    """Line → case; lines whose case is not there, or is not the only one, are refused."""
    asked = json.dumps(
        [{"line": row.line, "number": row.number, "court": row.court_number} for row in parsed.rows]
    )
    found = {
        row.line: row.case_ids
        for row in request.execute(FIND, rows=asked, organisation_id=request.organisation_id)
    }
    refused = []
    for row in parsed.rows:
        name = f"нашего номера «{row.number}»" if row.number else f"дела «{row.court_number}»"
        count = len(found.get(row.line, ()))
        if count == 1:
            continue
        reason = (
            f"{name} у нас нет. Проверьте номер."
            if count == 0
            else f"{name} есть у нескольких наших заявлений. Впишите наш номер."
        )
        heading = parsed.header_of("number" if row.number else "court_number")
        refused.append(Refusal(row.line, heading, reason, parsed.raw(row.line)))
    return {line: ids[0] for line, ids in found.items() if len(ids) == 1}, refused


def _codes_by_name(request: ImportRequest) -> dict[tuple[str, str], str]:
    """Kind of event and name (or code) of a reason → its code."""
    return {
        (reason.event_kind, name): reason.reason_code
        for reason in court_reasons(request.connection)
        for name in (normal_heading(reason.title), normal_heading(reason.reason_code))
    }


def _events_of(
    row: AnswerRow, case_id: int, codes: Mapping[tuple[str, str], str]
) -> list[NewEvent]:
    """The act of a line, and its coming into force where the line names the day."""
    kind = CaseEventKind(row.kind)
    reason = None
    if row.reason and kind is not CaseEventKind.ISSUED:
        reason = codes.get((row.kind, normal_heading(row.reason)), row.reason)
    act: dict[str, Any] = {
        "case_id": case_id,
        "kind": kind,
        "happened_on": row.happened_on,
        "court_number": row.court_number,
        "document_number": row.act_number,
        "reason_code": reason,
        "import_line": row.line,
    }
    if kind is CaseEventKind.ISSUED:
        # The number of an order is mostly that of its case.
        act["document_number"] = row.act_number or row.court_number
        act |= {
            "principal_amount": row.principal,
            "penalty_amount": row.penalty,
            "duty_amount": row.duty,
        }
    events = [NewEvent(**act)]
    if row.in_force_on and kind is CaseEventKind.ISSUED:
        events.append(
            NewEvent(case_id, CaseEventKind.IN_FORCE, row.in_force_on, import_line=row.line)
        )
    return events


def _check(
    events: list[NewEvent],
    states: dict[int, CaseState],
    reasons: Mapping[str, str],
    today: date,
) -> str | None:
    """Say what is wrong with the events of a line; without fault they change the states."""
    changed = states[events[0].case_id]
    for event in events:
        if problem := problem_of(event, changed, reasons, today):
            return f"дело {changed.number}: {problem}"
        changed = after(changed, event)
    states[changed.case_id] = changed
    return None


def _of_import(event: NewEvent, import_id: int) -> NewEvent:
    values = {name: getattr(event, name) for name in NewEvent.__slots__}
    return NewEvent(**(values | {"import_id": import_id}))
