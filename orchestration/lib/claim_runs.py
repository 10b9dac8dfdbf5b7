"""The package of one claim: made of a drafted case, by the same engine as packages of a batch."""

from collections.abc import Callable

from sqlalchemy import Engine

from document_gen.engine import TemplateProblem
from document_gen.parties import DocumentDataError
from operational_db.database import travel_in_time
from operational_db.services import run_queue
from operational_db.services.filing import claim_packages, package_data
from operational_db.services.filing.runs import PackagesRefusedError
from operational_db.services.penalty import limits_in_force, tables_of_law
from orchestration.lib.claim_papers import BeforeClaim, papers_of_claim
from orchestration.lib.document_templates import chosen_templates, keep_templates_of_the_program
from orchestration.lib.package_runs import PackagesOutcome


def make_claim_package(
    engine: Engine, run_request_id: int, *, bring_up_to_date: Callable[[], None] = lambda: None
) -> str:
    """Make the package that a request asks for; return what came of it (Russian).

    The caller holds the request. ``bring_up_to_date`` builds the warehouse where facts have come
    since the last build: the draft of the claim itself is one. The papers and the mark of progress
    are kept in one transaction; a package that is there already is not doubled. Raises
    ``PackagesRefusedError`` (Russian) when the claim may not go to the court as it was drafted.
    """
    with engine.begin() as connection:
        keep_templates_of_the_program(connection)
        claim = claim_packages.claim_of_request(connection, run_request_id)
    bring_up_to_date()
    with engine.begin() as connection:
        travel_in_time(connection, as_of=claim.calculated_on)
        if problem := claim_packages.changed_since_draft(connection, claim):
            raise PackagesRefusedError(problem)
        law = {
            "tables": tables_of_law(connection),
            "limits": limits_in_force(connection),
            "terms": package_data.order_terms(connection, claim.sent_on),
        }
        templates = chosen_templates(connection, claim.organisation_id)(claim.court_code)
        data = package_data.claim_data(
            connection,
            claim.case_id,
            court_code=claim.court_code,
            duty=claim.duty,
            recovered_penalty=claim_packages.recovered_penalty(connection, claim),
        )
        before = BeforeClaim(
            order=claim_packages.cancelled_order(connection, claim),
            offsets=claim_packages.offset_payments(connection, claim),
            why=claim_packages.why_no_order(connection, claim),
        )
        try:
            documents = papers_of_claim(claim, data, before, law, templates)
        except (DocumentDataError, TemplateProblem) as problem:
            raise PackagesRefusedError(str(problem)) from problem
        kept = claim_packages.keep_package(connection, claim, run_request_id, documents)
        run_queue.progress(connection, run_request_id, 1, 1)
    if not kept:
        return f"Иск {claim.number}: с прошлого раза ничего не изменилось, пакет прежний."
    return f"Иск {claim.number}: пакет готов, документов: {len(documents)}."


def outcome_of_claim(engine: Engine, run_request_id: int) -> PackagesOutcome:
    """What a request for the package of a claim has come to, whoever worked on it."""
    with engine.connect() as connection:
        problem = claim_packages.package_problem(connection, run_request_id)
    if problem is None:
        return PackagesOutcome(filed=1, refused=0, reasons=(), folder=None)
    return PackagesOutcome(filed=0, refused=1, reasons=(problem,), folder=None)
