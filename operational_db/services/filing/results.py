"""What came of a batch: packages with their papers, applications that were not filed and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from operational_db import settings

ARCHIVE = "packages.zip"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many applications got a case, how many not, and the reasons, the most frequent first."""

    filed: int
    refused: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of a package, with its place in the pile."""

    court_code: str
    section: str
    case_id: int
    case_number: str
    account_number: str
    position: int
    kind: str
    file_name: str
    template_version: str
    content: bytes


def outcome(connection: Connection, batch_id: int) -> Outcome:
    """Count the results of a batch."""
    row = connection.execute(OUTCOME, {"batch_id": batch_id}).one()
    return Outcome(row.filed, row.refused, tuple(row.reasons))


def papers(
    connection: Connection, batch_id: int, *, court_code: str | None = None
) -> Iterator[Paper]:
    """Yield the papers of a batch in the order of the pile, a few at a time."""
    streaming = connection.execution_options(yield_per=50)
    asked = {"batch_id": batch_id, "court_code": court_code}
    for row in streaming.execute(PAPERS, asked).mappings():
        yield Paper(**{**row, "content": bytes(row["content"])})


def folder_of(batch_id: int) -> Path:
    """Where the archive and the print files of a batch lie; whoever opens it checks the right."""
    return settings.home() / "documents" / f"batch-{batch_id}"


def files_of(batch_id: int) -> list[Path]:
    """The archive of packages and the print files of the sections that are there, by name."""
    folder = folder_of(batch_id)
    archive = [path for path in (folder / ARCHIVE,) if path.exists()]
    return archive + sorted(folder.glob("*.docx"))


OUTCOME = text(
    """
    with counted as (
        select r.reason, count(*) as items
        from ops.filing_result as r
        where r.batch_id = :batch_id
        group by r.reason
    )

    select
        cast(coalesce(sum(c.items) filter (where c.reason is null), 0) as integer) as filed,
        cast(coalesce(sum(c.items) filter (where c.reason is not null), 0) as integer)
            as refused,
        coalesce(
            array_agg(c.reason order by c.items desc, c.reason) filter (where c.reason is not null),
            '{}'
        ) as reasons
    from counted as c
    """
)
PAPERS = text(
    """
    select
        i.court_code, c.name as section, k.case_id, k.number as case_number, a.account_number,
        p.position, d.kind, d.file_name, d.template_version, d.content
    from ops.filing_result as r
    inner join ops.filing_item as i
        on r.batch_id = i.batch_id and r.item_number = i.item_number
    inner join ops.court_case as k on r.case_id = k.case_id
    inner join ops.account as a on k.account_id = a.account_id
    inner join ops.court as c on i.court_code = c.court_code
    inner join ops.package_document as p on k.case_id = p.case_id
    inner join ops.document as d on p.document_id = d.document_id
    where r.batch_id = :batch_id
        and (cast(:court_code as text) is null or i.court_code = :court_code)
    order by r.item_number, p.position
    """
)
