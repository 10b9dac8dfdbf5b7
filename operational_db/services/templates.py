"""Word templates of an organisation: versions kept for ever, and which of them is used.

A document is made from the template chosen for its court; without one, from that of the
organisation; without that, from the one that came with the program. Every version that was ever
uploaded stays by the hash of its bytes, so that an old document can be made again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

LARGEST = 10 * 2**20
"""Bytes of a template file; real ones are a hundredth of it."""

KEPT = text(
    """
    select v.template_version_id from ops.template_version as v
    where v.organisation_id is not distinct from cast(:organisation_id as integer)
        and v.kind = :kind and v.sha256 = :sha256
    """
)
KEEP = text(
    """
    insert into ops.template_version
        (organisation_id, kind, sha256, file_name, content, user_id)
    values (:organisation_id, :kind, :sha256, :file_name, :content, :user_id)
    on conflict (organisation_id, kind, sha256) do nothing
    """
)
CHOOSE = text(
    """
    insert into ops.template_choice
        (organisation_id, kind, court_code, template_version_id, reason, user_id)
    values (:organisation_id, :kind, :court_code, :template_version_id, :reason, :user_id)
    """
)

# The latest choice of a court (or of all courts) stands, even if it says «none of our own».
IN_USE = text(
    """
    with standing as (
        select distinct on (c.kind, c.court_code)
            c.kind, c.court_code, c.template_version_id, c.recorded_at, c.reason
        from ops.template_choice as c
        where c.organisation_id = :organisation_id
            and (cast(:at as timestamptz) is null or c.recorded_at <= :at)
        order by c.kind, c.court_code, c.template_choice_id desc
    )
    select s.kind, s.court_code, ct.name as court_name, s.template_version_id, v.sha256,
        v.file_name, s.reason, s.recorded_at
    from standing as s
    inner join ops.template_version as v on v.template_version_id = s.template_version_id
    left join ops.court as ct on ct.court_code = s.court_code
    order by s.kind, s.court_code nulls first
    """
)
VERSIONS = text(
    """
    select v.template_version_id, v.sha256, v.file_name, v.recorded_at,
        octet_length(v.content) as size_bytes
    from ops.template_version as v
    where v.organisation_id = :organisation_id and v.kind = :kind
    order by v.template_version_id desc
    """
)
CONTENT = text(
    "select file_name, content from ops.template_version where template_version_id = :id"
)
BY_HASH = text("select content from ops.template_version where sha256 = :sha256 limit 1")
COURTS = text(
    """
    select ct.court_code, ct.name from ops.court as ct
    where ct.name ilike '%' || :words || '%' or ct.court_code ilike :words || '%'
    order by ct.name limit :limit
    """
)


class TemplateRefusedError(Exception):
    """A template cannot be kept; the message, in Russian, says why."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a template of an organisation."""

    template_version_id: int
    sha256: str
    file_name: str
    recorded_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True)
class InUse:
    """A template that stands for a kind; ``court_code`` is ``None`` for all other courts."""

    kind: str
    court_code: str | None
    court_name: str | None
    template_version_id: int
    sha256: str
    file_name: str
    reason: str | None
    recorded_at: datetime


class Chosen:
    """What one organisation has chosen, read once for a whole run.

    ``version(kind, court)`` answers without a query; contents are read once each.
    """

    def __init__(
        self, connection: Connection, organisation_id: int, at: datetime | None = None
    ) -> None:
        """Read the choices that stand now, or stood ``at`` a moment.

        A batch takes those of the moment of its approval: killed and taken up again, it goes on
        with the templates that it began with.
        """
        self._versions = {
            (choice.kind, choice.court_code): choice.template_version_id
            for choice in in_use(connection, organisation_id, at)
        }
        # Read before the run, so that a version chosen meanwhile does not split it in two.
        self._contents = {
            version: content_of(connection, version) for version in set(self._versions.values())
        }

    def version(self, kind: str, court_code: str | None = None) -> int | None:
        """The version for a court, or else the organisation's; ``None``: the program's own."""
        own = self._versions.get((kind, court_code)) if court_code else None
        return own or self._versions.get((kind, None))

    def template(self, kind: str, court_code: str | None = None) -> tuple[str, bytes] | None:
        """File name and bytes of that version, ``None`` for the program's own."""
        version = self.version(kind, court_code)
        return None if version is None else self._contents[version]


def keep(
    connection: Connection,
    *,
    kind: str,
    file_name: str,
    content: bytes,
    organisation_id: int | None,
    user_id: int | None = None,
) -> int:
    """Keep a version and return its number; the same bytes are kept once.

    ``organisation_id`` of ``None`` is for templates of the program, which only runs (not screens)
    keep. Raises ``TemplateRefusedError`` for an empty or a huge file.
    """
    if not 0 < len(content) <= LARGEST:
        raise TemplateRefusedError(
            f"Файл «{file_name}»: шаблон должен быть не пустым и не больше 10 МБ."
        )
    given = {
        "organisation_id": organisation_id,
        "kind": kind,
        "sha256": hashlib.sha256(content).hexdigest(),
        "file_name": file_name,
        "content": content,
        "user_id": user_id,
    }
    found = connection.scalar(KEPT, given)
    if found is None:
        # Somebody may keep the same bytes at the same moment: both then read the one row.
        connection.execute(KEEP, given)
        found = connection.scalar(KEPT, given)
    return found


def choose(
    connection: Connection,
    *,
    organisation_id: int,
    kind: str,
    template_version_id: int | None,
    court_code: str | None = None,
    reason: str | None = None,
    user_id: int | None = None,
) -> None:
    """Use a version from now on; ``None`` goes back to what stands without a choice."""
    connection.execute(
        CHOOSE,
        {
            "organisation_id": organisation_id,
            "kind": kind,
            "court_code": court_code,
            "template_version_id": template_version_id,
            "reason": reason,
            "user_id": user_id,
        },
    )


def in_use(connection: Connection, organisation_id: int, at: datetime | None = None) -> list[InUse]:
    """Every choice of the organisation that stands (or stood ``at``), for all courts first."""
    rows = connection.execute(IN_USE, {"organisation_id": organisation_id, "at": at})
    return [InUse(**row) for row in rows.mappings()]


def versions(connection: Connection, organisation_id: int, kind: str) -> list[Version]:
    """The organisation's versions of a kind, the latest upload first."""
    rows = connection.execute(VERSIONS, {"organisation_id": organisation_id, "kind": kind})
    return [Version(**row) for row in rows.mappings()]


def content_of(connection: Connection, template_version_id: int) -> tuple[str, bytes]:
    """File name and bytes of a version. Raises ``TemplateRefusedError`` if it is not there."""
    row = connection.execute(CONTENT, {"id": template_version_id}).one_or_none()
    if row is None:
        raise TemplateRefusedError("Такой версии шаблона нет или она вам не видна.")
    return row.file_name, bytes(row.content)


def by_hash(connection: Connection, sha256: str) -> bytes | None:
    """The bytes of the version that a document names, for making it again."""
    found = connection.scalar(BY_HASH, {"sha256": sha256})
    return None if found is None else bytes(found)


def keep_bundled(connection: Connection, templates: Iterable[tuple[str, str, bytes]]) -> None:
    """Keep the program's own templates (kind, file name, bytes) that documents are made from.

    A later release brings others; without these an old document could not be made again.
    """
    for kind, file_name, content in templates:
        keep(connection, kind=kind, file_name=file_name, content=content, organisation_id=None)


def courts_named(connection: Connection, words: str, limit: int = 50) -> list[dict[str, Any]]:
    """Courts by a part of their name or the beginning of their code."""
    rows = connection.execute(COURTS, {"words": words.strip(), "limit": limit})
    return [dict(row) for row in rows.mappings()]
