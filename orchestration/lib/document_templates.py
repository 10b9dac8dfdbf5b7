"""Templates that an organisation has chosen, compiled for a run of documents."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from document_gen.engine import Template, compile_template
from document_gen.kinds import KINDS
from operational_db.services import templates

TemplateOfKind = Callable[[str], Template | None]


def chosen_templates(
    connection: Connection, organisation_id: int, at: datetime | None = None
) -> Callable[[str | None], TemplateOfKind]:
    """Which template a kind is made from, by court: ``chosen_templates(…)(court)(kind)``.

    ``None`` stands for the program's own template. All choices are read at once, before the run,
    as they stood ``at`` a moment.
    """
    chosen = templates.Chosen(connection, organisation_id, at)

    def of_court(court_code: str | None) -> TemplateOfKind:
        def of_kind(kind: str) -> Template | None:
            found = chosen.template(kind, court_code)
            return None if found is None else compile_template(*found)

        return of_kind

    return of_court


def keep_templates_of_the_program(connection: Connection) -> None:
    """Keep the program's own templates, so that documents of this release can be made again."""
    templates.keep_bundled(
        connection,
        ((kind.code, kind.template.name, kind.template.read_bytes()) for kind in KINDS.values()),
    )
