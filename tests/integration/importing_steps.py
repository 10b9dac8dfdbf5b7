"""Steps that the tests of imports share."""

from datetime import date

from sqlalchemy import text

from operational_db.database import owner_engine
from operational_db.reference.loader import load_reference
from operational_db.services.importing import import_file

TODAY = date(2026, 11, 21)


def organisation_with_reference_data(code="uk1"):
    """Load the reference data and create an organisation; return its number."""
    with owner_engine().begin() as connection:
        load_reference(connection)
    return new_organisation(code)


def new_organisation(code):
    with owner_engine().begin() as connection:
        return connection.execute(
            text(
                "insert into ops.organisation (code, kind, name, short_name) "
                "values (:code, 'management_company', :code, :code) returning organisation_id"
            ),
            {"code": code},
        ).scalar_one()


def load(organisation_id, kind, content, *, file_name="выгрузка.csv", **options):
    with owner_engine().begin() as connection:
        return import_file(
            connection,
            kind=kind,
            file_name=file_name,
            content=content.encode() if isinstance(content, str) else content,
            organisation_id=organisation_id,
            today=TODAY,
            **options,
        )


def rows(query, **values):
    with owner_engine().connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def count(table):
    return rows(f"select count(*) from ops.{table}")[0][0]


def counts(report):
    return report.rows_accepted, report.rows_known, report.rows_refused
