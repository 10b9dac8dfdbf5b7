"""The registry of courts: new courts are added, known ones renewed by a newer registry."""

from operational_db.imports.courts import CourtRow, read_courts
from operational_db.imports.problems import Notice, ParsedTable, Refusal
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

ROW_COLUMNS = """
    line integer, court_code text, kind text, name text, region_code text, district text,
    parent_court text, address text, phone text, email text, website text,
    source_updated_on date
"""
# A registry may come out of order: what we have is kept unless the row is at least as new.
COMPARE = """
    select
        r.line, c.name as known_name,
        case
            when c.court_code is null then 'new'
            when c.source_updated_on > coalesce(r.source_updated_on, '-infinity') then 'known'
            when (c.kind, c.name, c.region_code, c.district, c.parent_court, c.address, c.phone,
                c.email, c.website, c.source_updated_on)
                is distinct from
                (r.kind, r.name, r.region_code, r.district, r.parent_court, r.address, r.phone,
                r.email, r.website, r.source_updated_on) then 'renewed'
            else 'known'
        end as outcome
    from pg_temp.import_row as r
    left join ops.court as c on r.court_code = c.court_code
    order by r.line
"""
ADD = """
    insert into ops.court (
        court_code, kind, name, region_code, district, parent_court, address, phone, email,
        website, source_updated_on, import_id, import_line
    )
    select
        court_code, kind, name, region_code, district, parent_court, address, phone, email,
        website, source_updated_on, :import_id, line
    from pg_temp.import_row
    where line = any(:lines)
"""
RENEW = """
    update ops.court as c
    set kind = r.kind, name = r.name, region_code = r.region_code, district = r.district,
        parent_court = r.parent_court, address = r.address, phone = r.phone, email = r.email,
        website = r.website, source_updated_on = r.source_updated_on, import_id = :import_id,
        import_line = r.line, recorded_at = now()
    from pg_temp.import_row as r
    where c.court_code = r.court_code and r.line = any(:lines)
"""


def stage_courts(request: ImportRequest) -> Staged:
    """Read a registry of courts and compare it with ours."""
    parsed = read_courts(request.content)
    rows, repeated = _without_repeats(parsed)
    fill_temporary_table(request.connection, "import_row", ROW_COLUMNS, map(_columns, rows))
    found = request.execute(COMPARE).all()
    new = [row.line for row in found if row.outcome == "new"]
    renewed = [row.line for row in found if row.outcome == "renewed"]

    def write(import_id: int) -> None:
        request.execute(ADD, import_id=import_id, lines=new)
        request.execute(RENEW, import_id=import_id, lines=renewed)

    staged = staged_table(parsed, write)
    staged.accepted_lines = lambda: [(line, "refused") for line in (*new, *renewed)]
    staged.accepted = len(new) + len(renewed)
    staged.known = len(found) - staged.accepted
    staged.refusals += repeated
    staged.notices += [
        Notice(row.line, f"сведения обновлены: {row.known_name}")
        for row in found
        if row.outcome == "renewed"
    ]
    staged.figures = {"новых судов": len(new), "обновлено сведений": len(renewed)}
    return staged


def _without_repeats(parsed: ParsedTable[CourtRow]) -> tuple[list[CourtRow], list[Refusal]]:
    """One row a court. Of two with one code nobody can tell which is right, so the first stays."""
    by_code: dict[str, CourtRow] = {}
    refused = []
    for row in parsed.rows:
        first = by_code.setdefault(row.code, row)
        if first is not row:
            reason = f"код суда {row.code} уже был в строке {first.line}. Оставьте одну из них."
            heading = parsed.header_of("court_code")
            refused.append(Refusal(row.line, heading, reason, parsed.raw(row.line)))
    return list(by_code.values()), refused


def _columns(row: CourtRow) -> tuple[object, ...]:
    return (
        row.line,
        row.code,
        row.kind,
        row.name,
        row.region_code,
        row.district or row.subject or row.okrug,
        row.parent_court,
        row.address,
        row.phone,
        row.email,
        row.website,
        row.updated_on,
    )
