"""Templates of organisations: versions that stay, choices by court, and who may touch them."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from docx import Document
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from document_gen.examples import case
from document_gen.kinds import KINDS, ORDER_APPLICATION, render
from operational_db import server
from operational_db.database import owner_engine, screens_connection
from operational_db.services import templates
from orchestration.lib.document_templates import chosen_templates, keep_templates_of_the_program
from tests import conftest as servers
from tests.factories import insert, new_organisation, new_session, new_user

COURTS = ("50MS0084", "50MS0085")


class Offices(NamedTuple):
    ours: int
    theirs: int
    lawyer: str
    lawyer_id: int
    operator: str
    their_lawyer: str


@pytest.fixture(scope="module")
def offices(database_server: server.DatabaseUrls, migrated_template: str) -> Iterator[Offices]:
    """Two organisations and two courts in a database of this module's own."""
    with (
        servers._copied_database(database_server, migrated_template),
        owner_engine().begin() as connection,
    ):
        for court in COURTS:
            insert(connection, "court", "court_code", court_code=court, kind="MS", name=court)
        ours, theirs = new_organisation(connection), new_organisation(connection)
        lawyer = new_user(connection, ours, "lawyer")
        made = Offices(
            ours,
            theirs,
            new_session(connection, lawyer),
            lawyer,
            new_session(connection, new_user(connection, ours, "operator")),
            new_session(connection, new_user(connection, theirs, "lawyer")),
        )
        connection.commit()
        yield made


@pytest.fixture
def kept(offices: Offices) -> Iterator[tuple]:
    """A session of our lawyer's, undone after the test."""
    with screens_connection(offices.lawyer) as connection:
        yield connection, offices
        connection.rollback()


def version(connection, office, content=b"one", kind="order_application"):
    return templates.keep(
        connection,
        kind=kind,
        file_name="шаблон.docx",
        content=content,
        organisation_id=office.ours,
        user_id=office.lawyer_id,
    )


def choose(connection, office, chosen, court=None):
    templates.choose(
        connection,
        organisation_id=office.ours,
        kind="order_application",
        template_version_id=chosen,
        court_code=court,
        user_id=office.lawyer_id,
    )


def test_the_same_file_is_kept_once(kept):
    connection, office = kept
    assert version(connection, office) == version(connection, office)
    assert version(connection, office, b"two") != version(connection, office)
    assert len(templates.versions(connection, office.ours, "order_application")) == 2


def test_a_court_s_own_template_comes_before_that_of_the_organisation(kept):
    connection, office = kept
    common, of_court = version(connection, office), version(connection, office, b"court")
    choose(connection, office, common)
    choose(connection, office, of_court, COURTS[0])
    chosen = templates.Chosen(connection, office.ours)
    assert chosen.version("order_application", COURTS[0]) == of_court
    assert chosen.version("order_application", COURTS[1]) == common
    assert chosen.version("order_application") == common
    assert chosen.version("draft_order", COURTS[0]) is None
    assert chosen.template("order_application", COURTS[0]) == ("шаблон.docx", b"court")


def test_one_goes_back_to_an_earlier_version_and_to_none(kept):
    connection, office = kept
    first, second = version(connection, office), version(connection, office, b"two")
    for chosen in (first, second, first):
        choose(connection, office, chosen)
    assert templates.Chosen(connection, office.ours).version("order_application") == first
    choose(connection, office, None)
    assert templates.Chosen(connection, office.ours).version("order_application") is None
    assert templates.in_use(connection, office.ours) == []
    assert len(templates.versions(connection, office.ours, "order_application")) == 2


def test_a_run_that_goes_on_takes_the_templates_of_its_beginning(offices):
    def session():
        return screens_connection(offices.lawyer)

    with session() as connection:
        choose(connection, offices, version(connection, offices, b"approved with"))
    with session() as connection:
        approved_at = connection.scalar(text("select now()"))
    with session() as connection:
        choose(connection, offices, version(connection, offices, b"chosen later"))
    with session() as connection:
        then = templates.Chosen(connection, offices.ours, approved_at)
        now = templates.Chosen(connection, offices.ours)
        assert then.template("order_application")[1] == b"approved with"
        assert now.template("order_application")[1] == b"chosen later"
        choose(connection, offices, None)


def test_an_empty_or_a_huge_file_is_refused(kept):
    connection, office = kept
    for content in (b"", b"x" * (templates.LARGEST + 1)):
        with pytest.raises(templates.TemplateRefusedError, match="не больше 10 МБ"):
            version(connection, office, content)


def test_a_version_is_found_by_the_hash_that_its_documents_print(kept, tmp_path):
    connection, office = kept
    path = tmp_path / "own.docx"
    document = Document()
    document.add_paragraph("Дело {{ case_number }}")
    document.save(path)
    chosen = version(connection, office, path.read_bytes())
    choose(connection, office, chosen)
    template = chosen_templates(connection, office.ours)(COURTS[0])(ORDER_APPLICATION.code)
    made = render(ORDER_APPLICATION, case(), template)
    assert templates.by_hash(connection, template.version) == path.read_bytes()
    assert render(ORDER_APPLICATION, case(), template) == made
    assert chosen_templates(connection, office.ours)(None)("draft_order") is None


def test_templates_of_the_program_are_kept_and_everybody_may_read_them(offices):
    with owner_engine().begin() as connection:
        keep_templates_of_the_program(connection)
        keep_templates_of_the_program(connection)
    with screens_connection(offices.their_lawyer) as connection:
        kept = connection.scalar(text("select count(*) from ops.template_version"))
        assert kept == len(KINDS)


def test_another_company_neither_sees_nor_uses_our_templates(offices):
    with screens_connection(offices.lawyer) as connection:
        ours = version(connection, offices, b"ours")
        choose(connection, offices, ours)
        connection.commit()
    with screens_connection(offices.their_lawyer) as connection:
        assert templates.in_use(connection, offices.ours) == []
        with pytest.raises(templates.TemplateRefusedError, match="не видна"):
            templates.content_of(connection, ours)
        with pytest.raises(DBAPIError, match="row-level security"):
            templates.choose(
                connection,
                organisation_id=offices.theirs,
                kind="order_application",
                template_version_id=ours,
            )


def test_an_operator_may_not_change_what_goes_to_court(offices):
    with (
        screens_connection(offices.operator) as connection,
        pytest.raises(DBAPIError, match="row-level security"),
    ):
        version(connection, offices, b"operator")


def test_a_version_cannot_claim_another_s_hash(offices):
    with (
        screens_connection(offices.lawyer) as connection,
        pytest.raises(DBAPIError, match="row-level security"),
    ):
        connection.execute(
            templates.KEEP,
            {
                "organisation_id": offices.ours,
                "kind": "order_application",
                "sha256": "0" * 64,
                "file_name": "x.docx",
                "content": b"x",
                "user_id": offices.lawyer_id,
            },
        )


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize("table", ["template_version", "template_choice"])
def test_versions_and_choices_are_only_added(table):
    with owner_engine().connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(f"delete from ops.{table}"))
