"""Payment details of courts: new ones are added beside the old, which stay for their own dates."""

from operational_db.imports.court_details import CourtDetails, read_court_details
from operational_db.imports.problems import Notice, Refusal
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

FIELDS = (
    "payee", "inn", "kpp", "oktmo", "kbk", "bic", "account_number", "correspondent_account", "bank",
    "valid_from", "valid_to", "source",
)  # fmt: skip
ROW_COLUMNS = """
    line integer, court_code text, payee text, inn text, kpp text, oktmo text, kbk text, bic text,
    account_number text, correspondent_account text, bank text, valid_from date, valid_to date,
    source text
"""
# Of rows with one start the last recorded counts, so only that one can be the same.
COMPARE = """
    select
        r.line, c.court_code is not null as has_court, d.court_payment_details_id is not null
            as is_correction,
        coalesce((d.payee, d.inn, d.kpp, d.oktmo, d.kbk, d.bic, d.account_number,
            d.correspondent_account, d.bank, d.valid_to, d.source)
            is not distinct from (r.payee, r.inn, r.kpp, r.oktmo, r.kbk, r.bic, r.account_number,
            r.correspondent_account, r.bank, r.valid_to, r.source), false) as is_known
    from pg_temp.import_row as r
    left join ops.court as c on r.court_code = c.court_code
    left join lateral (
        select d.* from ops.court_payment_details as d
        where d.court_code = r.court_code and d.valid_from = r.valid_from
        order by d.recorded_at desc, d.court_payment_details_id desc
        limit 1
    ) as d on true
    order by r.line
"""
ADD = """
    insert into ops.court_payment_details (
        court_code, payee, inn, kpp, oktmo, kbk, bic, account_number, correspondent_account, bank,
        valid_from, valid_to, source, import_id, import_line, user_id
    )
    select
        court_code, payee, inn, kpp, oktmo, kbk, bic, account_number, correspondent_account, bank,
        valid_from, valid_to, source, :import_id, line, :user_id
    from pg_temp.import_row
    where line = any(:lines)
    order by line
"""


def stage_court_details(request: ImportRequest) -> Staged:
    """Read details and compare them with ours. A court that we do not know is refused."""
    parsed = read_court_details(request.content)
    first: dict[tuple[object, ...], CourtDetails] = {}
    refused = []
    for row in parsed.rows:
        earlier = first.setdefault((row.court_code, row.valid_from), row)
        if earlier is not row:
            reason = (
                f"реквизиты суда {row.court_code} с {row.valid_from:%d.%m.%Y} уже есть в строке "
                f"{earlier.line}. Оставьте одну из них."
            )
            refused.append(Refusal(row.line, "", reason, parsed.raw(row.line)))
    rows = [(row.line, row.court_code, *(getattr(row, name) for name in FIELDS))
            for row in first.values()]  # fmt: skip
    fill_temporary_table(request.connection, "import_row", ROW_COLUMNS, rows)
    found = request.execute(COMPARE).all()
    by_line = {row.line: row for row in first.values()}
    refused += [
        Refusal(row.line, "", unknown_court(by_line[row.line].court_code), parsed.raw(row.line))
        for row in found
        if not row.has_court
    ]
    new = [row.line for row in found if row.has_court and not row.is_known]

    def write(import_id: int) -> None:
        request.execute(ADD, import_id=import_id, lines=new, user_id=request.user_id)

    staged = staged_table(parsed, write)
    staged.accepted = len(new)
    staged.known = sum(1 for row in found if row.is_known)
    staged.refusals += refused
    staged.accepted_lines = lambda: [(line, "refused") for line in new]
    corrected = [row.line for row in found if row.line in set(new) and row.is_correction]
    staged.notices += [
        Notice(line, "реквизиты с той же даты исправлены; прежние остались в истории")
        for line in corrected
    ]
    staged.figures = {"новых реквизитов": len(new) - len(corrected), "исправлено": len(corrected)}
    return staged


def unknown_court(code: str) -> str:
    """Why a row of a court that the registry lacks is refused."""
    return (
        f"суда с кодом {code} нет в справочнике. Проверьте код или загрузите справочник судов "
        "(вид courts)."
    )
