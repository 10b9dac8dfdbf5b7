"""The package of a claim that has been drafted: asked for, waited for, given out."""

import streamlit as st

from apps.shared import court_tabs, database, session
from apps.shared.page import say_later
from operational_db.models.claims import CaseKind
from operational_db.services import debtor_card
from operational_db.services.cases import CaseRefusedError, CaseState
from operational_db.services.filing.claim_packages import ask_for_claim_package, last_request

WRITERS = ("lawyer", "manager")


def show_claim_package(state: CaseState) -> None:
    """What there is of the package of a case, and the button that makes it while it is a draft."""
    with database.connection(session.token()) as connection:
        papers = debtor_card.papers(connection, [state.case_id])
        request = last_request(connection, state.case_id)
    is_draft = state.kind is CaseKind.CLAIM and state.is_live and state.filed_on is None
    if is_draft and session.user().has_any_role(*WRITERS):
        if request is not None and not request.is_finished:
            st.info("Пакет иска готовится. Обновите страницу через минуту.")
        else:
            st.button(
                "Подготовить пакет иска" if not papers else "Обновить пакет иска",
                key="claim_package",
                type="secondary" if papers else "primary",
                icon=":material/description:",
                on_click=_ask,
                args=(state.case_id,),
                help="Исковое заявление, расчёты долга и пени, опись – на суммы этого дела",
            )
        if request is not None and request.state == "failed":
            st.error(request.message)
        if problem := st.session_state.pop("claim_package_problem", None):
            st.error(problem)
    if papers or state.kind is CaseKind.CLAIM:
        court_tabs.show_papers(papers)


def _ask(case_id: int) -> None:
    try:
        with database.connection(session.token()) as connection:
            ask_for_claim_package(connection, case_id)
    except (CaseRefusedError, PermissionError) as problem:
        st.session_state["claim_package_problem"] = str(problem)
        return
    say_later("Пакет иска заказан: он появится здесь через минуту.")
