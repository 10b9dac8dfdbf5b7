"""The kinds of papers that are printed for many accounts at once: how each is read and made."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from document_gen import account_statement, penalty_calculation
from operational_db.services.penalty_papers import papers_of_accounts
from operational_db.services.statements_in_bulk import StatementsRefusedError, statements_data

Parts = Iterator[tuple[int, dict[str, Any] | str]]


@dataclass(frozen=True, slots=True)
class BulkPaper:
    """A kind of paper. ``code`` is what a request and the stored document call it.

    ``one`` and ``many`` are its name in the genitive, for messages: «без свода», «сводов».
    """

    code: str
    one: str
    many: str
    template: Path
    read: Callable[..., Parts]
    context: Callable[..., Any]
    render_many: Callable[[Iterable[Any]], Iterator[tuple[str, bytes]]]

    def contexts(
        self, connection: Connection, account_ids: Sequence[int], *, may_see_names: bool
    ) -> Iterator[tuple[int, Any | str]]:
        """Yield each account with the context of its paper, or with the reason for having none."""
        for account_id, parts in self.read(connection, account_ids, may_see_names=may_see_names):
            yield account_id, parts if isinstance(parts, str) else self.context(**parts)


ACCOUNT_STATEMENT = BulkPaper(
    code="account_statement",
    one="свода",
    many="сводов",
    template=account_statement.TEMPLATE,
    read=statements_data,
    context=account_statement.statement_from_mappings,
    render_many=account_statement.render_many,
)
PENALTY_CALCULATION = BulkPaper(
    code="penalty_calculation",
    one="расчёта пени",
    many="расчётов пени",
    template=penalty_calculation.TEMPLATE,
    read=papers_of_accounts,
    context=penalty_calculation.calculation_from_rows,
    render_many=penalty_calculation.render_many,
)
PAPERS = {paper.code: paper for paper in (ACCOUNT_STATEMENT, PENALTY_CALCULATION)}


def paper_named(code: object) -> BulkPaper:
    """The kind that a request names; one that names none asks for statements of debt."""
    if code is None:
        return ACCOUNT_STATEMENT
    if not isinstance(code, str) or code not in PAPERS:
        raise StatementsRefusedError(
            f"Документы вида «{code}» эта версия не составляет. Есть виды: {', '.join(PAPERS)}."
        )
    return PAPERS[code]
