"""Bank statements: every document once, receipts posted to accounts or put into the queue."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from operational_db.imports.bank_statement import (
    BankDocument,
    Direction,
    Party,
    Statement,
    direction_of,
    turnover_differences,
)
from operational_db.imports.bank_statement_reader import read_statement
from operational_db.imports.ledger import last_day_of_month
from operational_db.imports.problems import FileRefusedError, Notice, Refusal
from operational_db.imports.values import LARGEST_AMOUNT
from operational_db.services.duty_registers import pay_from_statements
from operational_db.services.import_ledger import late_payment
from operational_db.services.import_receipts import find_accounts, post_waiting_receipts
from operational_db.services.import_staging import ImportRequest, Staged, fill_temporary_table
from operational_db.services.month_closing import last_closed_month

OUR_ACCOUNTS = """
    select account_number from ops.bank_account where organisation_id = :organisation_id
"""
SOMEBODY_ELSES = """
    select b.account_number, o.short_name
    from ops.bank_account as b
    inner join ops.organisation as o on b.organisation_id = o.organisation_id
    where b.account_number = any(:accounts) and b.organisation_id <> :organisation_id
"""
ROW_COLUMNS = """
    line integer, natural_key text, direction text, document_kind text, document_number text,
    document_date date, operation_date date, amount numeric(14, 2), our_account text,
    payer_name text, payer_inn text, payer_account text, payer_bic text,
    payee_name text, payee_inn text, payee_account text, payee_bic text,
    purpose text, payment_code text
"""
UNKNOWN_LINES = """
    select r.line from pg_temp.import_row as r
    where not exists (
        select 1 from ops.bank_operation as b
        where b.organisation_id = :organisation_id and b.natural_key = r.natural_key
    )
"""
ADD = """
    insert into ops.bank_operation (
        organisation_id, natural_key, direction, document_kind, document_number, document_date,
        operation_date, amount, our_account, payer_name, payer_inn, payer_account, payer_bic,
        payee_name, payee_inn, payee_account, payee_bic, purpose, payment_code,
        import_id, import_line
    )
    select
        :organisation_id, natural_key, direction, document_kind, document_number, document_date,
        operation_date, amount, our_account, payer_name, payer_inn, payer_account, payer_bic,
        payee_name, payee_inn, payee_account, payee_bic, purpose, payment_code,
        :import_id, line
    from pg_temp.import_row
    order by line
    on conflict (organisation_id, natural_key) do nothing
"""
_NOT_EXECUTED = (
    "это поручение банку, а не проведённая операция: нет ни даты списания, ни даты поступления. "
    "Загрузите выписку, когда банк его исполнит."
)
_NO_DIRECTION = (
    "не понять, приход это или расход: ни один из счетов не наш, а даты списания и поступления "
    "этого не решают. Добавьте расчётный счёт в карточку организации."
)


def stage_statement(request: ImportRequest) -> Staged:
    """Read a statement and compare it with the operations that are known.

    An account of the statement that is not among the organisation's is taken for its own with a
    notice; one that belongs to another organisation refuses the file.
    """
    statement = read_statement(request.content)
    notices = list(statement.notices)
    ours = _our_accounts(request, statement, notices)
    notices += turnover_differences(statement, ours)

    refusals = list(statement.refusals)
    operations: list[tuple[BankDocument, Direction]] = []
    for document in statement.documents:
        direction = direction_of(document, ours)
        if statement.is_order_to_bank and document.executed_on is None:
            refusals.append(Refusal(document.line, "", _NOT_EXECUTED, document.raw))
        elif direction is None:
            refusals.append(Refusal(document.line, "", _NO_DIRECTION, document.raw))
        else:
            operations.append((document, direction))
            if document.executed_on is None:
                text = "дат списания и поступления нет, взята дата документа"
                notices.append(Notice(document.line, text))

    rows = list(_rows(operations, ours))
    fill_temporary_table(request.connection, "import_row", ROW_COLUMNS, rows)
    new_lines = set(
        request.execute(UNKNOWN_LINES, organisation_id=request.organisation_id).scalars()
    )
    new = [(it, direction) for it, direction in operations if it.line in new_lines]
    matched = find_accounts(request, _receipts(new))
    notices += [
        Notice(line, "номер лицевого счёта в назначении отличается нулями впереди; сопоставлен")
        for line, is_exact in matched.items()
        if not is_exact
    ]

    notices += _late_receipts(request, new)
    figures = _figures(new, matched)

    def write(import_id: int) -> None:
        request.execute(ADD, organisation_id=request.organisation_id, import_id=import_id)
        post_waiting_receipts(request)
        paid = pay_from_statements(request.connection, request.organisation_id, request.user_id)
        if paid:
            figures["оплачено госпошлин из реестров"] = paid

    raw_by_line = {document.line: document.raw for document in statement.documents}
    return Staged(
        write=write,
        accepted=len(new),
        known=len(operations) - len(new),
        refusals=refusals,
        notices=notices,
        figures=figures,
        raw_of=lambda line: raw_by_line.get(line, ""),
        accepted_lines=lambda: [(document.line, "refused") for document, _ in new],
    )


def _late_receipts(
    request: ImportRequest, new: list[tuple[BankDocument, Direction]]
) -> list[Notice]:
    closed = last_closed_month(request.connection, request.organisation_id)
    if closed is None:
        return []
    receipts = (
        (document.line, _operation_date(document, direction))
        for document, direction in new
        if direction is Direction.IN
    )
    return [
        Notice(line, late_payment(day))
        for line, day in receipts
        if day <= last_day_of_month(closed)
    ]


def _our_accounts(request: ImportRequest, statement: Statement, notices: list[Notice]) -> set[str]:
    named = statement.own_accounts
    organisation = {"organisation_id": request.organisation_id}
    ours = set(request.execute(OUR_ACCOUNTS, **organisation).scalars())
    others = request.execute(SOMEBODY_ELSES, **organisation, accounts=named).all()
    for account, owner in others:
        if account not in ours:
            raise FileRefusedError(
                f"Счёт {account} принадлежит организации «{owner}». Загрузите выписку от её имени."
            )
    notices += [
        Notice(
            None,
            f"счёт {account} не записан за организацией; принят как её счёт, потому что выписка "
            "по нему. Добавьте его в карточку организации",
        )
        for account in named
        if account not in ours
    ]
    return ours | set(named)


def _rows(
    operations: list[tuple[BankDocument, Direction]], ours: set[str]
) -> Iterator[tuple[object, ...]]:
    seen: Counter[tuple[object, ...]] = Counter()
    for document, direction in operations:
        identity = _identity(document)
        seen[identity] += 1
        our_side = document.payee if direction is Direction.IN else document.payer
        payer, payee = document.payer, document.payee
        yield (
            document.line,
            _digest((*identity, seen[identity])),
            direction.value,
            document.kind,
            document.number,
            document.document_date,
            _operation_date(document, direction),
            document.amount,
            _our_account(our_side, ours),
            *(payer.name, payer.inn, payer.account, payer.bic),
            *(payee.name, payee.inn, payee.account, payee.bic),
            document.purpose or None,
            document.payment_code,
        )


def _identity(document: BankDocument) -> tuple[object, ...]:
    """What makes a document the same in two overlapping statements."""
    return (
        document.number,
        document.document_date.isoformat(),
        str(document.amount),
        document.payer.account,
        document.payee.account,
        document.purpose,
    )


def _digest(parts: tuple[object, ...]) -> str:
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


def _operation_date(document: BankDocument, direction: Direction) -> date:
    debited, credited = document.debited_on, document.credited_on
    first, second = (credited, debited) if direction is Direction.IN else (debited, credited)
    return first or second or document.document_date


def _our_account(side: Party, ours: set[str]) -> str | None:
    return next((account for account in side.accounts if account in ours), None)


def _receipts(
    operations: list[tuple[BankDocument, Direction]],
) -> Iterator[tuple[int, str, date]]:
    for document, direction in operations:
        if direction is Direction.IN and document.amount <= LARGEST_AMOUNT:
            yield document.line, document.purpose, _operation_date(document, direction)


def _figures(
    new: list[tuple[BankDocument, Direction]], matched: dict[int, bool]
) -> dict[str, int | Decimal]:
    def total(*, direction: Direction) -> Decimal:
        amounts = (document.amount for document, found in new if found is direction)
        return sum(amounts, Decimal("0.00"))

    receipts = sum(1 for _, direction in new if direction is Direction.IN)
    return {
        "новые поступления, руб.": total(direction=Direction.IN),
        "новые списания, руб.": total(direction=Direction.OUT),
        "разнесено по лицевым счетам": len(matched),
        "в очередь «невыясненные»": receipts - len(matched),
    }
