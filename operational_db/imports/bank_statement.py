"""What a bank statement says: turnovers of accounts, documents, and which way the money went.

``bank_statement_reader`` makes these from the text of a file.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from operational_db.imports.problems import Notice, Refusal


class Direction(StrEnum):
    """Which way money went, seen from the owner of the statement."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Party:
    """Payer or payee. ``accounts`` are all numbers named for the side, the main one first."""

    name: str | None
    inn: str | None
    kpp: str | None
    accounts: tuple[str, ...]
    bank: str | None
    bic: str | None
    correspondent_account: str | None

    @property
    def account(self) -> str | None:
        """The settlement account."""
        return self.accounts[0] if self.accounts else None


@dataclass(frozen=True, slots=True)
class BankDocument:
    """One document of a statement. Roubles; ``budget`` maps field numbers (101…110) to values."""

    line: int
    kind: str
    number: str
    document_date: date
    amount: Decimal
    payer: Party
    payee: Party
    debited_on: date | None
    credited_on: date | None
    purpose: str
    operation_code: str | None
    payment_code: str | None
    priority: str | None
    receipt: str | None
    budget: dict[str, str]
    raw: str

    @property
    def executed_on(self) -> date | None:
        """The day the bank moved the money; None for an order that was only sent to the bank."""
        return self.credited_on or self.debited_on


@dataclass(frozen=True, slots=True)
class AccountTurnover:
    """What the bank says of one account for a range of days."""

    line: int
    account: str
    date_from: date | None
    date_to: date | None
    opening: Decimal | None
    received: Decimal | None
    spent: Decimal | None
    closing: Decimal | None


@dataclass(slots=True)
class Statement:
    """A whole file. ``header`` keeps single keys as written, in lower case."""

    header: dict[str, str] = field(default_factory=dict)
    accounts: list[str] = field(default_factory=list)
    document_kinds: list[str] = field(default_factory=list)
    turnovers: list[AccountTurnover] = field(default_factory=list)
    documents: list[BankDocument] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    encoding: str = "utf-8"

    @property
    def own_accounts(self) -> list[str]:
        """Accounts that the file is about, from its header and its account sections."""
        named = [*self.accounts, *(turnover.account for turnover in self.turnovers)]
        return list(dict.fromkeys(account for account in named if account))

    @property
    def is_order_to_bank(self) -> bool:
        """True for a file of orders on its way to the bank (1c_to_kl), not a statement from it.

        Such a file names the account that pays too; but it has no balances, it lists the kinds of
        its documents, and none of them was executed.
        """
        if not self.documents or self.turnovers:
            return False
        if not self.own_accounts:
            return True
        return bool(self.document_kinds) and all(it.executed_on is None for it in self.documents)


def direction_of(document: BankDocument, own_accounts: Collection[str]) -> Direction | None:
    """Tell the direction by the account, then by the date that is filled; None when neither tells.

    The same account on both sides, or two accounts of ours, is an internal transfer.
    """
    is_from_us = any(account in own_accounts for account in document.payer.accounts)
    is_to_us = any(account in own_accounts for account in document.payee.accounts)
    if is_from_us and is_to_us:
        return Direction.INTERNAL
    if is_to_us:
        return Direction.IN
    if is_from_us:
        return Direction.OUT
    if document.payer.account and document.payer.account == document.payee.account:
        return Direction.INTERNAL
    if document.credited_on and not document.debited_on:
        return Direction.IN
    if document.debited_on and not document.credited_on:
        return Direction.OUT
    return None


def turnover_differences(statement: Statement, own_accounts: Collection[str]) -> list[Notice]:
    """Where the balances of the header and the documents below disagree (a cut file, as a rule)."""
    notices = []
    for turnover in statement.turnovers:
        expected = _sum_or_none(turnover.opening, turnover.received, turnover.spent)
        if expected is not None and turnover.closing is not None and expected != turnover.closing:
            notices.append(
                Notice(
                    turnover.line,
                    f"остатки по счёту {turnover.account} не сходятся: начальный "
                    f"{turnover.opening} + поступило {turnover.received} − списано "
                    f"{turnover.spent} = {expected}, а конечный {turnover.closing}",
                )
            )
    return notices + _document_differences(statement, own_accounts)


def _sum_or_none(
    opening: Decimal | None, received: Decimal | None, spent: Decimal | None
) -> Decimal | None:
    if opening is None or received is None or spent is None:
        return None
    return opening + received - spent


def _document_differences(statement: Statement, own_accounts: Collection[str]) -> list[Notice]:
    if not statement.turnovers or not statement.documents:
        return []
    directions = [
        (document, direction_of(document, own_accounts)) for document in statement.documents
    ]
    notices = []
    for name, wanted, stated in (
        ("поступило", Direction.IN, [turnover.received for turnover in statement.turnovers]),
        ("списано", Direction.OUT, [turnover.spent for turnover in statement.turnovers]),
    ):
        found = sum(
            (document.amount for document, direction in directions if direction is wanted),
            Decimal("0.00"),
        )
        figures = [figure for figure in stated if figure is not None]
        internal = any(direction is Direction.INTERNAL for _, direction in directions)
        if figures and sum(figures) != found and not internal:
            notices.append(
                Notice(
                    statement.turnovers[0].line,
                    f"в заголовке {name} {sum(figures)}, а по документам файла {found}: "
                    "возможно, выписка обрезана. Документы загружены; запросите полную выписку",
                )
            )
    return notices
