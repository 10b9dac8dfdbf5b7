"""Links from the registry of debtors to a card, which keeps to the filter that it came from."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from operational_db.services.debtors import SORTS, USUAL_SORT, DebtorFilter

PARAMETER = "debtors"


def card_of(account_id: int, asked: DebtorFilter, sort: str) -> dict[str, str]:
    """Query parameters of the card of an account of the registry."""
    within = urlencode({**asked.described(), "sort": sort})
    return {"account": str(account_id), PARAMETER: within}


def registry_of(query: Mapping[str, str]) -> tuple[DebtorFilter, str] | None:
    """The filter and the order that the card was opened within; None when there were none.

    An address can hold anything: what cannot be read is no filter.
    """
    written = query.get(PARAMETER, "")
    if not written:
        return None
    values = dict(parse_qsl(written))
    sort = values.pop("sort", USUAL_SORT)
    if sort not in SORTS:
        return None
    try:
        return DebtorFilter.from_description(values), sort
    except ValueError:
        return None


FILTERS = {
    "organisation_id": "organisation",
    "house_id": "house",
    "months_from": "months",
    "court_code": "court",
    "limitation_days": "limitation",
    "case_number": "case",
    "district_code": "district",
    "case_state": "state",
    "assignee_id": "assignee",
}
"""Names of the filter that the address of the registry writes otherwise."""


def registry_address(asked: DebtorFilter, sort: str) -> dict[str, str]:
    """Query parameters of the registry with the same filter."""
    named = {FILTERS.get(name, name): told for name, told in asked.described().items()}
    for name in ("period_from", "period_to"):
        if (month := getattr(asked, name)) is not None:
            named[name] = f"{month:%m.%Y}"
    return named if sort == USUAL_SORT else {**named, "sort": sort}
