"""A batch of papers for accounts: printed a hundred at a time, so that a killed run loses little.

What a chunk made is committed with it; whoever takes the batch up again prints the rest only.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from document_gen.engine import load_template
from operational_db import settings
from operational_db.database import travel_in_time
from operational_db.services import run_queue
from operational_db.services.statements_in_bulk import (
    Batch,
    batch_of,
    count_of,
    documents_of,
    keep_statement,
    missing_of,
)
from orchestration.lib.bulk_papers import ACCOUNT_STATEMENT, BulkPaper

CHUNK = 100
LISTED = 20


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a batch came to: documents, where they are packed, accounts without one and why."""

    documents: int
    archive: Path | None
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    paper: BulkPaper = ACCOUNT_STATEMENT

    def as_text(self) -> str:
        """For the user, in Russian."""
        lines = [f"Составлено {self.paper.many}: {self.documents}."]
        if self.missing:
            shown = ", ".join(self.missing[:LISTED])
            rest = len(self.missing) - LISTED
            lines.append(
                f"Без {self.paper.one} остались счета ({len(self.missing)}): {shown}"
                + (f" и ещё {rest}." if rest > 0 else ".")
            )
        lines += [f"{reason.capitalize()}." for reason in self.reasons[:LISTED]]
        return "\n".join(lines)


def print_batch(
    engine: Engine,
    run_request_id: int,
    *,
    as_of: date | None = None,
    paper: BulkPaper = ACCOUNT_STATEMENT,
    on_progress: Callable[[int, int], None] | None = None,
) -> BatchOutcome:
    """Print what a request asks for and has not yet, and pack all its documents.

    The caller holds the request, so nobody else prints it. Raises ``StatementsRefusedError``
    (Russian) when nothing can be printed at all.
    """
    with engine.begin() as connection:
        batch = batch_of(connection, run_request_id)
    total = len(batch.account_ids)
    done = total - len(batch.to_print)
    reasons: list[str] = []
    for start in range(0, len(batch.to_print), CHUNK):
        chunk = batch.to_print[start : start + CHUNK]
        with engine.begin() as connection:
            travel_in_time(connection, as_of=as_of)
            printed, refused = _print_chunk(connection, run_request_id, chunk, batch, paper)
            done += printed
            # In the same transaction: the screen never shows more than there is.
            run_queue.progress(connection, run_request_id, done, total)
        reasons += refused
        if on_progress:
            on_progress(done, total)
    if done:
        with engine.connect() as connection:
            _pack(connection, run_request_id)
    return outcome_of(engine, run_request_id, reasons, paper=paper)


def outcome_of(
    engine: Engine,
    run_request_id: int,
    reasons: Sequence[str] = (),
    *,
    paper: BulkPaper = ACCOUNT_STATEMENT,
) -> BatchOutcome:
    """What there is of a batch by now, whoever printed it."""
    archive = archive_of(run_request_id)
    with engine.connect() as connection:
        return BatchOutcome(
            documents=count_of(connection, run_request_id),
            archive=archive if archive.exists() else None,
            missing=tuple(missing_of(connection, run_request_id)),
            # Many accounts share one reason; it is told once.
            reasons=tuple(dict.fromkeys(reasons)),
            paper=paper,
        )


def archive_of(run_request_id: int) -> Path:
    """Where the packed documents of a request are."""
    return settings.home() / "documents" / f"{run_request_id}.zip"


def _print_chunk(
    connection: Connection,
    run_request_id: int,
    account_ids: tuple[int, ...],
    batch: Batch,
    paper: BulkPaper,
) -> tuple[int, list[str]]:
    contexts: list[Any] = []
    accounts: list[int] = []
    refused: list[str] = []
    for account_id, context in paper.contexts(
        connection, account_ids, may_see_names=batch.may_see_names
    ):
        if isinstance(context, str):
            refused.append(context)
        else:
            accounts.append(account_id)
            contexts.append(context)
    version = load_template(paper.template).version
    printed = 0
    for account_id, context, (name, content) in zip(
        accounts, contexts, paper.render_many(contexts), strict=True
    ):
        printed += keep_statement(
            connection,
            run_request_id,
            account_id,
            kind=paper.code,
            file_name=name,
            template_version=version,
            context_digest=hashlib.sha256(repr(context).encode()).hexdigest(),
            content=content,
        )
    return printed, refused


def _pack(connection: Connection, run_request_id: int) -> None:
    archive = archive_of(run_request_id)
    archive.parent.mkdir(exist_ok=True)
    draft = archive.with_suffix(".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as packed:  # a .docx is packed already
        for name, content in documents_of(connection, run_request_id):
            packed.writestr(name, content)
    os.replace(draft, archive)
    settings.give_to_home_owner(archive)
