"""The list of accounts: searched, filtered, sorted and paged in the database.

Rows come from ``screens.accounts``, which shows a session the accounts that it may see, with
names masked for those who may not read them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

KINDS_IN_ADDRESSES = (
    "г гор город п пос поселок посёлок с село ул улица пер переулок пр проспект пр-кт просп "
    "б-р бул бульвар ш шоссе пл площадь проезд пр-д наб набережная мкр д дом корп корпус стр "
    "строение кв квартира комн комната пом помещение м/м"
)
WORDS_OF_ADDRESSES = frozenset(KINDS_IN_ADDRESSES.split())
HOUSE_OR_FLAT = re.compile(r"[0-9]{1,3}[А-Яа-яЁё]?")

AGEING = {
    "d001_030": "1–30 дней",
    "d031_060": "31–60 дней",
    "d061_090": "61–90 дней",
    "d091_180": "91–180 дней",
    "d181_365": "181–365 дней",
    "y1_3": "1–3 года",
    "y3_plus": "более 3 лет",
}
"""Columns of overdue debt by age, in order, and what people call them."""

STATES = {
    "debt": ("с долгом", "debt > 0"),
    "overdue": ("с просроченным долгом", "overdue_debt > 0"),
    "advance": ("с переплатой", "advance < 0"),
    "clear": ("без долга", "debt = 0"),
    "closed": ("закрытые", "not is_open"),
}
"""Choices of the state of an account, their Russian names and their conditions."""

SORTS = {
    "address": ("по адресу", "address_sort_key, account_number"),
    "number": ("по номеру счёта", "account_number"),
    "name": ("по фамилии", "holder_sort_key nulls last"),
    "debt": ("по долгу, от большего", "debt desc"),
    "overdue": ("по просроченному долгу, от большего", "overdue_debt desc"),
    "months": ("по месяцам просрочки, от большего", "overdue_months desc"),
    "last_payment": ("по последней оплате, от давней", "last_payment_date nulls first"),
}
"""Orders of the list, their Russian names and their SQL."""

MONEY_COLUMNS = (
    "balance",
    "debt",
    "overdue_debt",
    "advance",
    "not_due",
    *AGEING,
)

COLUMNS = (
    "account_id, account_number, holder_name, address, organisation_name, area, residents, "
    "is_open, overdue_months, oldest_due_date, last_payment_date, last_payment_amount, "
    + ", ".join(MONEY_COLUMNS)
    + ", -advance as overpayment"
)


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What a user asked of the list; what is None or empty asks nothing.

    ``words`` must each be found in the number, the holder's name or the address.
    ``bucket`` is a key of ``AGEING``, ``state`` of ``STATES``.
    """

    words: str = ""
    organisation_id: int | None = None
    house_id: int | None = None
    bucket: str | None = None
    state: str | None = None
    debt_from: Decimal | None = None
    debt_to: Decimal | None = None
    months_from: int | None = None

    def __post_init__(self) -> None:
        if self.bucket is not None and self.bucket not in AGEING:
            raise ValueError(f"Неизвестный срок долга «{self.bucket}».")
        if self.state is not None and self.state not in STATES:
            raise ValueError(f"Неизвестное состояние счёта «{self.state}».")

    def described(self) -> dict[str, str]:
        """What was asked, for the audit trail: only what was asked at all."""
        return {name: str(value) for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of the list, with the number and the sums of all accounts that match."""

    rows: list[Mapping[str, Any]]
    totals: Mapping[str, Any]

    @property
    def count(self) -> int:
        return self.totals["accounts"]


def page_of_accounts(
    connection: Connection,
    asked: AccountFilter,
    *,
    sort: str = "address",
    limit: int = 50,
    offset: int = 0,
    totals: Mapping[str, Any] | None = None,
) -> AccountPage:
    """Read one page of the accounts that match; ``sort`` is a key of ``SORTS``.

    ``totals`` of the same filter are counted here unless the caller has done so.
    """
    conditions, values = _conditions(asked)
    order = _order(sort)
    rows = connection.execute(
        text(
            f"""
            with page as materialized (
                select account_id as page_account_id
                from {_source(asked, sort)} where {conditions}
                order by {order} limit :limit offset :offset
            )

            select {COLUMNS}
            from page
            cross join lateral (
                select s.* from screens.accounts as s
                where s.account_id = page.page_account_id
                offset 0
            ) as listed
            order by {order}
            """  # noqa: S608 - own text
        ),
        {**values, "limit": limit, "offset": offset},
    )
    if totals is None:
        totals = totals_of_accounts(connection, asked)
    return AccountPage(list(rows.mappings()), totals)


def totals_of_accounts(connection: Connection, asked: AccountFilter) -> Mapping[str, Any]:
    """Count and sums of money columns over all accounts that match."""
    conditions, values = _conditions(asked)
    sums = ", ".join(f"coalesce(sum({column}), 0) as {column}" for column in MONEY_COLUMNS)
    return (
        connection.execute(
            text(
                "select count(*) as accounts, count(*) filter (where debt > 0) as debtors, "  # noqa: S608
                f"coalesce(sum(-advance), 0) as overpayment, {sums} "
                f"from {_source(asked)} where {conditions}"
            ),
            values,
        )
        .mappings()
        .one()
    )


def all_accounts(
    connection: Connection, asked: AccountFilter, *, sort: str = "address"
) -> Iterator[Mapping[str, Any]]:
    """Yield every account that matches, for a workbook; the database sends them in portions."""
    conditions, values = _conditions(asked)
    query = text(
        f"select {COLUMNS} from screens.accounts where {conditions} order by {_order(sort)}"  # noqa: S608
    )
    # Options of this statement only: the connection still has an audit trail to write.
    portions = {"stream_results": True, "yield_per": 2000}
    yield from connection.execute(query, values, execution_options=portions).mappings()


def account_ids(connection: Connection, asked: AccountFilter) -> list[int]:
    """The accounts that match, in the order of addresses, for a batch of documents."""
    conditions, values = _conditions(asked)
    query = text(
        "select account_id from screens.accounts "  # noqa: S608 - own text
        f"where {conditions} order by {_order('address')}"
    )
    return list(connection.scalars(query, values))


def organisations_with_accounts(connection: Connection) -> dict[int, str]:
    """Organisations that keep accounts, of those that the session sees: number and short name."""
    rows = connection.execute(
        text(
            """
            select o.organisation_id, o.short_name from ops.organisation as o
            where exists (
                select 1 from ops.account as a where a.organisation_id = o.organisation_id
            )
            order by ops.russian_sort_key(o.short_name)
            """
        )
    )
    return dict(iter(rows))


def houses_with_accounts(
    connection: Connection, organisation_id: int | None = None
) -> dict[int, str]:
    """Houses of the accounts that the session sees: number and address, in the order of streets."""
    rows = connection.execute(
        text(
            """
            select house_id, house_address from marts.house_debts
            where cast(:organisation_id as integer) is null or organisation_id = :organisation_id
            group by house_id, house_address, house_sort_key
            order by house_sort_key
            """
        ),
        {"organisation_id": organisation_id},
    )
    return dict(iter(rows))


# Columns of the list in the marts that hold them. The view that guards names joins three marts and
# masks every name: whoever asks neither by words nor by names need not wait for it.
BALANCES = "marts.account_balances"
PLACED_BALANCES = """(
    select b.*, a.account_number, a.address_sort_key, a.is_open
    from marts.account_balances as b
    inner join marts.accounts as a on b.account_id = a.account_id
) as placed"""
SORTS_OF_BALANCES = {None, "debt", "overdue", "months", "last_payment"}
SORTS_OF_NAMES = {"name"}


def _source(asked: AccountFilter, sort: str | None = None) -> str:
    """Where the accounts that match are looked for, in the order asked or, for sums, in none."""
    if asked.words or sort in SORTS_OF_NAMES:
        return "screens.accounts"
    if sort in SORTS_OF_BALANCES and asked.state != "closed":
        return BALANCES
    return PLACED_BALANCES


def _order(sort: str) -> str:
    # Equal keys would let rows jump between pages.
    return f"{SORTS[sort][1]}, account_id"


def _conditions(asked: AccountFilter) -> tuple[str, dict[str, Any]]:
    conditions = ["true"]
    values: dict[str, Any] = {}

    def add(condition: str, **bound: Any) -> None:
        conditions.append(condition)
        values.update(bound)

    for condition, bound in conditions_of_words(asked.words):
        add(condition, **bound)
    if asked.organisation_id is not None:
        add("organisation_id = :organisation_id", organisation_id=asked.organisation_id)
    if asked.house_id is not None:
        add("house_id = :house_id", house_id=asked.house_id)
    if asked.bucket is not None:
        add(f"{asked.bucket} > 0")
    if asked.state is not None:
        add(STATES[asked.state][1])
    if asked.debt_from is not None:
        add("debt >= :debt_from", debt_from=asked.debt_from)
    if asked.debt_to is not None:
        add("debt <= :debt_to", debt_to=asked.debt_to)
    if asked.months_from is not None:
        add("overdue_months >= :months_from", months_from=asked.months_from)
    return " and ".join(conditions), values


def conditions_of_words(words: str) -> list[tuple[str, dict[str, str]]]:
    """Conditions that each word be found in number, name or address, with their parameters.

    They speak of the columns of ``screens.accounts``, which other lists of accounts have as well.
    """
    found = []
    for position, word in enumerate(_meaningful_words(words)):
        name = f"word_{position}"
        if HOUSE_OR_FLAT.fullmatch(word):
            # «12» is house 12 or flat 12, not every number with these figures in it; the key of
            # an address holds numbers padded, so that they sort as numbers.
            condition = (
                f"(address_sort_key || ' ' like ops.russian_sort_key(:{name})"
                f" or ltrim(account_number, '0') = :{name}_whole)"
            )
            bound = {name: f"% {_padded(word)} %", f"{name}_whole": word}
        else:
            condition = (
                f"(account_number like :{name} or unified_number like :{name}"
                f" or holder_sort_key like ops.russian_sort_key(:{name})"
                f" or address_sort_key like ops.russian_sort_key(:{name}))"
            )
            bound = {name: f"%{_escaped(word)}%"}
        found.append((condition, bound))
    return found


def _meaningful_words(written: str) -> list[str]:
    """The words without «ул.» and «кв.», which keys of addresses leave out."""
    words = written.replace(",", " ").split()
    return [word for word in words if word.lower().rstrip(".") not in WORDS_OF_ADDRESSES]


def _padded(word: str) -> str:
    return word.zfill(5) if word.isdigit() else word


def _escaped(word: str) -> str:
    """The word itself and no pattern: an account number may hold an underscore."""
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
