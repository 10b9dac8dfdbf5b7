"""Права на отчётные формы: which roles of an organisation may use which form."""

import streamlit as st

from apps.shared import database, session
from apps.shared.page import ROLE_NAMES, say_later, title_line
from document_gen.russian import moment_ru
from operational_db.models.reporting import ReportForm
from operational_db.services.audit import record_event
from operational_db.services.forms import rights


def show() -> None:
    """A table of roles and forms; a tick that is changed is recorded at once."""
    user = session.user()
    with database.connection(session.token()) as connection:
        title_line("Права на отчётные формы", connection, user.organisation_name)
        found = rights.rights_of(connection, user.organisation_id, list(ROLE_NAMES))
    st.caption(
        "Отметка действует сразу и для экранов, и для выгрузок: без права база данных не отдаёт "
        "строк формы. Каждое решение сохраняется с датой и автором."
    )
    forms = list(ReportForm)
    widths = [2, *[2] * len(forms)]
    heading = st.columns(widths)
    for place, form in zip(heading[1:], forms, strict=True):
        place.markdown(f"**{rights.TITLES[form]}**")
    by_role = {(row["role"], row["form"]): row for row in found}
    for role, told in ROLE_NAMES.items():
        line = st.columns(widths)
        line[0].markdown(told.capitalize())
        for place, form in zip(line[1:], forms, strict=True):
            row = by_role[role, form.value]
            is_allowed = bool(row["is_allowed"])
            decided = place.checkbox(
                "разрешено",
                is_allowed,
                key=f"right_{role}_{form.value}_{is_allowed}",
                help=_told(row),
            )
            if decided != is_allowed:
                _decide(user.organisation_id, role, form, is_allowed=decided)


def _told(row: dict) -> str:
    if row["recorded_at"] is None:
        return "Решения не было: не разрешено"
    own = "решение организации" if row["is_own"] else "общее правило"
    return f"{own.capitalize()} от {moment_ru(row['recorded_at'])}"


def _decide(organisation_id: int, role: str, form: ReportForm, *, is_allowed: bool) -> None:
    with database.connection(session.token()) as connection:
        rights.decide(connection, organisation_id, role, form, is_allowed=is_allowed)
        record_event(
            connection,
            "form_right",
            object_kind=form.value,
            details={"role": role, "is_allowed": is_allowed},
        )
    say_later(
        f"{rights.TITLES[form]}, {ROLE_NAMES[role]}: {'разрешено' if is_allowed else 'запрещено'}."
    )
    st.rerun()


show()
