"""Names of services in a file, matched to the list of services."""

from collections.abc import Iterable

from operational_db.imports.ledger import ChargeRow
from operational_db.imports.problems import ParsedTable, Refusal
from operational_db.reference.names import nearest_services, normalise_name
from operational_db.services.import_staging import ImportRequest

NAMES = """
    select name as known_name, service_id, name from reference.service
    union all
    select short_name, service_id, name from reference.service
    union all
    select code, service_id, name from reference.service
    union all
    select y.synonym, s.service_id, s.name
    from reference.service_synonym as y
    inner join reference.service as s on y.service_id = s.service_id
"""


def split_by_service(
    request: ImportRequest, parsed: ParsedTable[ChargeRow]
) -> tuple[list[tuple[ChargeRow, int]], list[Refusal]]:
    """Rows with the number of their service, and refusals of those whose service nobody knows."""
    names: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for known_name, service_id, name in request.execute(NAMES):
        names.setdefault(normalise_name(known_name), name)
        numbers[name] = service_id
    # A file names few services many times: each name is read once.
    written = {row.service for row in parsed.rows}
    reasons = _reasons(written, names)
    known = {name: numbers[names[normalise_name(name)]] for name in written - reasons.keys()}

    heading = parsed.header_of("service")
    found, refused = [], []
    for row in parsed.rows:
        if row.service in reasons:
            refused.append(Refusal(row.line, heading, reasons[row.service], parsed.raw(row.line)))
        else:
            found.append((row, known[row.service]))
    return found, refused


def _reasons(services: Iterable[str], names: dict[str, str]) -> dict[str, str]:
    """For each service that is not in the list: why its rows are refused, the nearest named."""
    return {
        service: _reason(service, nearest_services(service, names))
        for service in services
        if normalise_name(service) not in names
    }


def _reason(service: str, nearest: list[str]) -> str:
    alike = ", ".join(f"«{name}»" for name in nearest)
    hint = f"Похожие: {alike}." if nearest else "Похожих нет."
    return (
        f"услуга «{service}» не известна. {hint} Исправьте название или добавьте его в "
        "справочник услуг."
    )
