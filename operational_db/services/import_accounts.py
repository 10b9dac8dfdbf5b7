"""Finding the accounts that the rows of a file name, and creating those that are new.

Works on the temporary table ``import_outcome``, which imports of charges and of payments share:
``line``, ``account_number``, ``account_id`` and ``outcome`` (accepted, known, refused).
"""

from operational_db.imports.problems import ParsedTable, Refusal
from operational_db.services.import_staging import ImportRequest

MISSING = """
    select line, account_number from pg_temp.import_outcome
    where outcome = 'refused' order by line
"""
COUNTS = """
    select
        count(*) filter (where outcome = 'accepted') as accepted,
        count(*) filter (where outcome = 'known') as known,
        coalesce(sum(amount) filter (where outcome = 'accepted'), 0.00) as amount,
        count(distinct account_number) filter (
            where outcome = 'accepted' and account_id is null
        ) as new_accounts
    from pg_temp.import_outcome
"""
CREATE_ACCOUNTS = """
    insert into ops.account (organisation_id, account_number, import_id, import_line)
    select :organisation_id, account_number, :import_id, min(line)
    from pg_temp.import_outcome
    where outcome = 'accepted' and account_id is null
    group by account_number
    on conflict (organisation_id, account_number) do nothing
"""
# When it was opened is not known: it is open at least from the first month that the file shows.
OPEN_ACCOUNTS = """
    insert into ops.account_state (account_id, valid_from, is_open, reason, user_id)
    select
        a.account_id, date_trunc('month', min(o.first_day))::date, true,
        'создан при загрузке файла', cast(:user_id as integer)
    from pg_temp.import_outcome as o
    inner join ops.account as a
        on a.organisation_id = :organisation_id and o.account_number = a.account_number
    where o.outcome = 'accepted' and o.account_id is null
    group by a.account_id
"""
TAKE_NEW_ACCOUNTS = """
    update pg_temp.import_outcome as o
    set account_id = a.account_id
    from ops.account as a
    where o.account_id is null and o.outcome = 'accepted'
        and a.organisation_id = :organisation_id and a.account_number = o.account_number
"""


def create_new_accounts(request: ImportRequest, import_id: int) -> bool:
    """Create the accounts that accepted rows name and nobody knows, open from their first month.

    Returns whether there were any: receipts may be waiting for them.
    """
    own = {"organisation_id": request.organisation_id}
    if not request.execute(CREATE_ACCOUNTS, **own, import_id=import_id).rowcount:
        return False
    request.execute(OPEN_ACCOUNTS, **own, user_id=request.user_id)
    request.execute(TAKE_NEW_ACCOUNTS, **own)
    return True


def refusals_of_unknown_accounts(
    request: ImportRequest, parsed: ParsedTable, *, may_be_created: bool = True
) -> list[Refusal]:
    """Rows refused because the organisation has no such account."""
    position = parsed.header_of("account")
    or_else = " или загрузите файл с созданием счетов (--create-accounts)" if may_be_created else ""
    return [
        Refusal(
            line,
            position,
            f"лицевого счёта «{number}» у организации нет. Проверьте номер (нули в начале тоже "
            f"пишутся){or_else}.",
            parsed.raw(line),
        )
        for line, number in request.execute(MISSING)
    ]
