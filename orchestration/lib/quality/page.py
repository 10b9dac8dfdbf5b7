"""The result of the checks as pages: one for everybody without names, one per organisation."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine

from document_gen.russian import moment_ru, number
from operational_db import clock, settings
from orchestration.lib.quality.findings import OrganisationFindings, collect
from orchestration.lib.quality.rules import SUITES, Rule

TITLE = "Качество данных: что исправить"


def folder() -> Path:
    """Where the pages are; they hold personal data and stay in the home folder."""
    return settings.home() / "quality"


def write_pages(engine: Engine, rules: Sequence[Rule], broken: Sequence[Rule]) -> Path:
    """Write index.html, a page and a workbook per organisation; return the index.

    The old pages stay until the new ones are whole. Only the rows of broken rules are read.
    """
    draft = Path(tempfile.mkdtemp(dir=settings.home(), prefix=".quality-"))
    try:
        organisations = collect(engine, broken, draft)
        _write(draft, rules, organisations)
        before = folder().with_name(".quality-before")
        shutil.rmtree(before, ignore_errors=True)
        if folder().exists():
            os.replace(folder(), before)
        os.replace(draft, folder())
        settings.give_to_home_owner(folder())
        shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder() / "index.html"


def _write(
    place: Path, rules: Sequence[Rule], organisations: Sequence[OrganisationFindings]
) -> None:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    pages.filters["number"] = number
    template = pages.get_template("page.html")
    totals = dict.fromkeys((rule.code for rule in rules), 0)
    for organisation in organisations:
        for finding in organisation.findings:
            totals[finding.rule.code] += finding.rows
    common = {
        "rules": rules,
        "suites": SUITES,
        "organisations": organisations,
        "totals": totals,
        "checked_at": moment_ru(clock.now()),
    }
    index = template.render(title=TITLE, organisation=None, **common)
    (place / "index.html").write_text(index, encoding="utf-8")
    for organisation in organisations:
        page = template.render(
            title=f"{TITLE}. {organisation.name}", organisation=organisation, **common
        )
        (place / f"{organisation.organisation_id}.html").write_text(page, encoding="utf-8")
