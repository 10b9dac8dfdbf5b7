"""Requests to pay of a file, added to the register."""

from operational_db.imports.payment_requests import PaymentRequestRow, read_payment_requests
from operational_db.imports.problems import Refusal
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

ROW_COLUMNS = """
    line integer, number text, desired_on date, amount numeric(14, 2), counterparty text,
    alternative_recipient text, contract text, purpose text, responsibility_centre text,
    settlement_account text, initiator text
"""
# A number names a request: the same one is known, another under its number is for the screen.
COMPARE = """
    select r.line, r.number,
        case
            when row_number() over (partition by r.number order by r.line) > 1 then 'repeated'
            when p.payment_request_id is null then 'new'
            when (p.desired_on, p.amount, p.counterparty, p.alternative_recipient, p.contract,
                p.purpose, p.responsibility_centre, p.settlement_account, p.initiator)
                is not distinct from
                (r.desired_on, r.amount, r.counterparty, r.alternative_recipient, r.contract,
                r.purpose, r.responsibility_centre, r.settlement_account, r.initiator)
                then 'known'
            else 'other'
        end as outcome
    from pg_temp.import_row as r
    left join ops.payment_request as p
        on p.organisation_id = :organisation_id and p.number = r.number
        and p.replaces_request_id is null
    order by r.line
"""
ADD = """
    insert into ops.payment_request (
        organisation_id, number, desired_on, amount, counterparty, alternative_recipient,
        contract, purpose, responsibility_centre, settlement_account, initiator, import_id,
        import_line, user_id
    )
    select
        :organisation_id, number, desired_on, amount, counterparty, alternative_recipient,
        contract, purpose, responsibility_centre, settlement_account, initiator, :import_id,
        line, cast(:user_id as integer)
    from pg_temp.import_row
    where line = any(:lines)
    order by line
"""
SUM = "select coalesce(sum(amount), 0) from pg_temp.import_row where line = any(:lines)"
REASONS = {
    "repeated": "номер «{}» уже был в этом файле. Оставьте одну строку.",
    "other": "заявка «{}» уже есть с другими данными. Исправьте её на экране «Реестр платежей».",
}


def stage_payment_requests(request: ImportRequest) -> Staged:
    """Read a file of requests and compare it with the register."""
    parsed = read_payment_requests(request.content, today=request.today)
    fill_temporary_table(
        request.connection, "import_row", ROW_COLUMNS, (_columns(row) for row in parsed.rows)
    )
    found = request.execute(COMPARE, organisation_id=request.organisation_id).all()
    new = [row.line for row in found if row.outcome == "new"]

    def write(import_id: int) -> None:
        request.execute(
            ADD,
            organisation_id=request.organisation_id,
            import_id=import_id,
            user_id=request.user_id,
            lines=new,
        )

    staged = staged_table(parsed, write)
    staged.accepted = len(new)
    staged.known = sum(row.outcome == "known" for row in found)
    heading = parsed.header_of("number")
    staged.refusals += [
        Refusal(row.line, heading, REASONS[row.outcome].format(row.number), parsed.raw(row.line))
        for row in found
        if row.outcome in REASONS
    ]
    staged.figures = {"сумма принятых заявок, руб.": request.execute(SUM, lines=new).scalar_one()}
    return staged


def _columns(row: PaymentRequestRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in PaymentRequestRow.__dataclass_fields__)
