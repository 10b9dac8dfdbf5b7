"""The registry of debtors: who owes, at what stage the work is, what may be filed today.

Rows come from ``screens.debtors`` as of the last build; the case, its duty, the section, what is in
the way and what an application may bring are read for the rows that are shown, so a page costs the
same in a town of any size. The connection is that of a screen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from operational_db.services import debtor_work
from operational_db.services.accounts import conditions_of_words

Row = Mapping[str, Any]

STAGES = {
    "pretrial": "Досудебная",
    "court": "Судебная",
    "enforcement": "Исполнительная",
}
"""Stages of the work, in order: no case at work, a case without an act, an act of the court."""

CLAIMED = {
    "none": ("ничего не просужено", "claimed_amount = 0"),
    "some": ("просужено частично", "claimed_amount > 0 and unclaimed_amount > 0"),
    "all": ("просужено всё", "claimed_amount > 0 and unclaimed_amount = 0"),
    "claimable": ("есть что заявить сегодня", "claimable_amount > 0"),
}
"""How much of the debt is in live cases: names and conditions."""

# People who answer for what may be claimed, where something is amiss with one of them.
_OF_PEOPLE = """account_id in (
    select answering.account_id
    from screens.portion_debtors as answering
    where answering.claimable_amount > 0 and {amiss}
)"""
_NO_SECTION = (
    "not exists (select 1 from ops.house_court as placed "
    "where placed.house_id = listed.house_id and placed.magistrate_code is not null)"
)
_ANY_OF_PEOPLE = (
    "(answering.is_dead or answering.is_bankrupt or answering.is_minor_alone "
    "or not answering.has_identifier or not answering.has_birth_date)"
)
# Agreements put off all that may be claimed. Of co-owners one may have signed: the others, and the
# months after an agreement, may go to court, and so the account stays.
_AGREED = """
    select agreed.account_id from screens.agreed_parts as agreed {where}
    group by agreed.account_id having bool_and(agreed.is_put_off)
"""
_ALL_AGREED = _AGREED.format(where="")
OBSTACLES = {
    "owner": ("неизвестно, кто отвечает", "has_unknown_holder"),
    "legal_person": ("должник не гражданин", "has_legal_holder"),
    "dead": ("должник умер", _OF_PEOPLE.format(amiss="answering.is_dead")),
    "bankruptcy": ("должник банкрот", _OF_PEOPLE.format(amiss="answering.is_bankrupt")),
    "representative": (
        "нет представителя ребёнка",
        _OF_PEOPLE.format(amiss="answering.is_minor_alone"),
    ),
    "shares": ("доли не складываются", "has_share_problem"),
    "identifier": ("нет идентификатора", _OF_PEOPLE.format(amiss="not answering.has_identifier")),
    "birth": ("нет даты рождения", _OF_PEOPLE.format(amiss="not answering.has_birth_date")),
    "section": ("дом без участка", _NO_SECTION),
    "instalment": ("платит по рассрочке", f"account_id in ({_ALL_AGREED})"),
    "pursuit": ("взыскание приостановлено", "is_held"),
}
"""What stops an application: codes of ``reference.filing_rule``, short names, conditions."""

READY = (
    "claimable_amount > 0 and not (has_unknown_holder or has_legal_holder or has_share_problem "
    f"or is_held) and not {_NO_SECTION} and not {_OF_PEOPLE.format(amiss=_ANY_OF_PEOPLE)} "
    f"and account_id not in ({_ALL_AGREED})"
)
"""«Можно подавать сегодня»: something to claim, and nothing of the above in the way."""

DUTIES = {
    "none": "не рассчитана",
    "waiting": "ждёт оплаты",
    "paid": "оплачена или зачтена",
}
_DUTY_OF_CASE = """exists (
    select 1 from ops.state_duty_current as duty
    where duty.case_id = listed.last_case_id and duty.status {statuses}
)"""
_DUTY_CONDITIONS = {
    "none": "last_case_id is not null and not exists (select 1 from ops.state_duty as duty "
    "where duty.case_id = listed.last_case_id)",
    "waiting": _DUTY_OF_CASE.format(
        statuses="in ('calculated', 'in_register') and not exists ("
        "select 1 from ops.court_case_state as never where never.case_id = duty.case_id "
        "and never.state = 'withdrawn' and never.filed_on is null)"
    ),
    "paid": _DUTY_OF_CASE.format(statuses="in ('paid', 'offset')"),
}

ADVICE = {
    "file": "подавать",
    "wait": "подождать",
    "loss": "не окупится",
    "stopped": "нельзя подать",
}
"""What the economics of filing says, and where the guard has the last word."""

SORTS = {
    "debt": ("по долгу, от большего", "due_amount desc"),
    "claimable": ("по сумме к подаче, от большей", "claimable_amount desc"),
    "limitation": ("по сроку давности", "limitation_date nulls last"),
    "months": ("по месяцам к подаче, от большего", "claimable_months desc"),
    "address": ("по адресу", "address_sort_key, account_number"),
    "number": ("по номеру счёта", "account_number"),
    "name": ("по фамилии", "holder_sort_key nulls last"),
}
USUAL_SORT = "debt"
LONGEST_NUMBER = 60
PORTION = 1000
"""Rows of a workbook that are looked up together."""

_COLUMNS = (
    "account_id, organisation_id, house_id, stage, account_number, holder_name, address, "
    "organisation_name, due_amount, claimed_amount, unclaimed_amount, claimable_amount, "
    "time_barred_amount, claimable_months, overdue_months, first_month, last_month, "
    "limitation_date, application_count, has_unknown_holder, has_legal_holder, "
    "has_share_problem, is_held, open_cases, last_case_id, last_payment_date"
)
SUMS = ("due_amount", "claimed_amount", "unclaimed_amount", "claimable_amount")


@dataclass(frozen=True, slots=True)
class DebtorFilter:
    """What a user asked of the registry; what is None or empty asks nothing. Sums in roubles.

    ``words`` must each be found in the number, the holder's name or the address. ``debt`` is debt
    after its due date; ``months_from`` counts months that may be claimed today.
    """

    stage: str | None = None
    words: str = ""
    organisation_id: int | None = None
    house_id: int | None = None
    debt_from: Decimal | None = None
    debt_to: Decimal | None = None
    months_from: int | None = None
    court_code: str | None = None
    limitation_days: int | None = None
    claimed: str | None = None
    obstacle: str | None = None
    duty: str | None = None
    case_number: str = ""
    advice: str | None = None
    phone: str = ""
    """Figures of a telephone number, or a part of them."""
    district_code: str | None = None
    case_state: str | None = None
    extract: str | None = None
    writ: str | None = None
    bailiff: str = ""
    contact: str | None = None
    restriction: str | None = None
    period_from: date | None = None
    period_to: date | None = None
    assignee_id: int | None = None

    def __post_init__(self) -> None:
        for value, known, told in (
            (self.stage, STAGES, "Неизвестная стадия"),
            (self.claimed, CLAIMED, "Неизвестное состояние долга"),
            (self.obstacle, {**OBSTACLES, "ready": ""}, "Неизвестное препятствие"),
            (self.duty, DUTIES, "Неизвестное состояние пошлины"),
            (self.advice, ADVICE, "Неизвестный совет"),
            (self.extract, debtor_work.EXTRACTS, "Неизвестное состояние выписки"),
            (self.writ, debtor_work.WRITS, "Неизвестное состояние листа"),
            (self.contact, debtor_work.CONTACTS, "Неизвестный контакт"),
            (self.restriction, debtor_work.RESTRICTIONS, "Неизвестное ограничение"),
        ):
            if value is not None and value not in known:
                raise ValueError(f"{told} «{value}».")

    def described(self) -> dict[str, str]:
        """What was asked, for addresses and the audit trail: only what was asked at all."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    @classmethod
    def from_description(cls, described: Mapping[str, str]) -> "DebtorFilter":
        """Read back what :meth:`described` wrote. Raises ``ValueError`` for anything else."""
        numbers = {
            *("organisation_id", "house_id", "months_from", "limitation_days", "assignee_id"),
        }
        values: dict[str, Any] = {}
        for each in fields(cls):
            if (told := described.get(each.name)) is None:
                continue
            if each.name in numbers:
                values[each.name] = int(told)
            elif each.name in {"period_from", "period_to"}:
                values[each.name] = date.fromisoformat(told)
            elif each.name in {"debt_from", "debt_to"}:
                try:
                    values[each.name] = Decimal(told)
                except InvalidOperation as problem:
                    raise ValueError(f"«{told}» – не сумма.") from problem
            else:
                values[each.name] = told
        return cls(**values)


def debtors(
    connection: Connection,
    asked: DebtorFilter,
    *,
    sort: str = USUAL_SORT,
    limit: int = 50,
    offset: int = 0,
    columns: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """A page of the registry with case, section, obstacles and economics of each row.

    ``sort`` is a key of ``SORTS``; ``columns`` are those of ``debtor_work.COLUMNS_OF`` that are
    shown.
    """
    conditions, values = _conditions(asked)
    rows = connection.execute(
        text(
            f"select {_COLUMNS} from screens.debtors as listed where {conditions} "  # noqa: S608
            f"order by {_order(sort)} limit :limit offset :offset"
        ),
        {**values, "limit": limit, "offset": offset},
    ).mappings()
    return _with_details(connection, list(rows), columns)


def all_debtors(
    connection: Connection,
    asked: DebtorFilter,
    *,
    sort: str = USUAL_SORT,
    columns: Sequence[str] = (),
) -> Iterator[dict[str, Any]]:
    """Yield the whole registry in the same order, for a workbook, looked up in portions."""
    conditions, values = _conditions(asked)
    query = text(
        f"select {_COLUMNS} from screens.debtors as listed where {conditions} "  # noqa: S608
        f"order by {_order(sort)}"
    )
    portions = {"stream_results": True, "yield_per": PORTION}
    found = connection.execute(query, values, execution_options=portions).mappings()
    for rows in found.partitions():
        yield from _with_details(connection, list(rows), columns)


def by_stage(connection: Connection, asked: DebtorFilter) -> dict[str, Row]:
    """Count and sums of the debtors of a filter by stage, whatever stage it asks for.

    Every stage has its row: ``accounts``, ``applications`` and ``SUMS``, in roubles.
    """
    conditions, values = _conditions(asked, without_stage=True)
    sums = ", ".join(f"coalesce(sum(listed.{column}), 0) as {column}" for column in SUMS)
    query = text(
        f"""
        select known.stage, count(listed.account_id) as accounts,
            coalesce(sum(listed.application_count), 0) as applications, {sums}
        from unnest(cast(:stages as text[])) as known (stage)
        left join (
            select account_id, stage, application_count, {", ".join(SUMS)}
            from screens.debtors as listed
            where {conditions}
        ) as listed on known.stage = listed.stage
        group by known.stage
        """  # noqa: S608 - own text
    )
    found = connection.execute(query, {**values, "stages": list(STAGES)}).mappings()
    return {row["stage"]: row for row in found}


def account_ids(connection: Connection, asked: DebtorFilter) -> list[int]:
    """All accounts that match, in the order of addresses, for a batch."""
    conditions, values = _conditions(asked)
    query = text(
        "select account_id from screens.debtors as listed "  # noqa: S608 - own text
        f"where {conditions} order by {_order('address')}"
    )
    return list(connection.scalars(query, values))


@dataclass(frozen=True, slots=True)
class Place:
    """Neighbours of an account in a list; in the registry also which of how many it is."""

    previous_id: int | None
    next_id: int | None
    number: int = 0
    count: int = 0


def place_of(
    connection: Connection, asked: DebtorFilter, sort: str, account_id: int
) -> Place | None:
    """The neighbours of an account in the registry; None when the filter does not hold it."""
    conditions, values = _conditions(asked)
    query = text(
        f"""
        select previous_id, next_id, number, count from (
            select account_id,
                lag(account_id) over ranked as previous_id,
                lead(account_id) over ranked as next_id,
                row_number() over ranked as number,
                count(*) over () as count
            from screens.debtors as listed
            where {conditions}
            window ranked as (order by {_order(sort)})
        ) as in_order
        where account_id = :account_id
        """  # noqa: S608 - own text
    )
    row = connection.execute(query, {**values, "account_id": account_id}).mappings().one_or_none()
    return None if row is None else Place(**row)


def sections(connection: Connection) -> dict[str, str]:
    """Court sections of the houses in sight: code and name."""
    return {row.court_code: row.name for row in connection.execute(SECTIONS)}


def districts(connection: Connection) -> dict[str, str]:
    """District courts of the houses in sight: code and name."""
    return {row.court_code: row.name for row in connection.execute(DISTRICTS)}


def _with_details(
    connection: Connection, rows: Sequence[Row], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Add section, case, duty, obstacles and economics, by one query for each of them."""
    ids = [row["account_id"] for row in rows]
    if not ids:
        return []
    houses = {row["house_id"] for row in rows if row["house_id"] is not None}
    courts = _by(connection, COURTS, "house_id", house_ids=sorted(houses))
    case_ids = [row["last_case_id"] for row in rows if row["last_case_id"] is not None]
    cases = _by(connection, CASES, "case_id", case_ids=case_ids) if case_ids else {}
    people = _by(connection, PEOPLE, "account_id", account_ids=ids)
    agreed = set(connection.scalars(AGREED, {"account_ids": ids}))
    economics = _by(connection, ECONOMICS, "account_id", account_ids=ids)
    found = []
    for row in rows:
        court = courts.get(row["house_id"], {})
        case = cases.get(row["last_case_id"], {})
        person = people.get(row["account_id"], {})
        money = economics.get(row["account_id"], {})
        whole = {
            **row,
            "court_code": court.get("court_code"),
            "court_name": court.get("court_name"),
            **{name: case.get(name) for name in CASE_COLUMNS},
            **{name: money.get(name) for name in ECONOMICS_COLUMNS},
        }
        whole["obstacles"] = _obstacles(whole, person, is_agreed=row["account_id"] in agreed)
        # Money does not make a paper that the court is bound to return worth sending.
        if whole["obstacles"] and money:
            whole["advice"] = "stopped"
        found.append(whole)
    debtor_work.add_columns(connection, found, columns)
    return found


def _obstacles(row: Row, person: Row, *, is_agreed: bool) -> list[str]:
    """Codes of ``OBSTACLES`` that stand in the way of this account, in their order."""
    stands = {
        "owner": row["has_unknown_holder"],
        "legal_person": row["has_legal_holder"],
        "shares": row["has_share_problem"],
        "instalment": is_agreed,
        "pursuit": row["is_held"],
        "section": row["court_code"] is None,
        **{name: person.get(name) for name in PEOPLE_COLUMNS},
    }
    return [code for code in OBSTACLES if stands.get(code)]


def _by(connection: Connection, query: Any, key: str, **values: Any) -> dict[Any, Row]:
    return {row[key]: row for row in connection.execute(query, values).mappings()}


def _order(sort: str) -> str:
    # Equal keys would let rows jump between pages.
    return f"{SORTS[sort][1]}, account_id"


def _conditions(asked: DebtorFilter, *, without_stage: bool = False) -> tuple[str, dict[str, Any]]:
    conditions = ["true"]
    values: dict[str, Any] = {}

    def add(condition: str, **bound: Any) -> None:
        conditions.append(f"({condition})")
        values.update(bound)

    for condition, bound in conditions_of_words(asked.words):
        add(condition, **bound)
    if asked.stage is not None and not without_stage:
        add("stage = :stage", stage=asked.stage)
    for name, condition in COMPARED.items():
        if (value := getattr(asked, name)) is not None:
            add(condition, **{name: value})
    for name, condition in debtor_work.BY_VALUE.items():
        if value := getattr(asked, name):
            add(condition, **{name: value})
    if asked.period_from or asked.period_to:
        add(debtor_work.DEBT_OF_MONTHS, period_from=asked.period_from, period_to=asked.period_to)
    for name, known in debtor_work.BY_CHOICE.items():
        if (value := getattr(asked, name)) is not None:
            add(known[value])
    if asked.claimed is not None:
        add(CLAIMED[asked.claimed][1])
    if asked.obstacle is not None:
        add(READY if asked.obstacle == "ready" else OBSTACLES[asked.obstacle][1])
    if asked.duty is not None:
        add(_DUTY_CONDITIONS[asked.duty])
    if asked.case_number:
        add(OF_CASE, case_number=asked.case_number[:LONGEST_NUMBER].strip())
    if asked.advice == "stopped":
        add(f"claimable_amount > 0 and not ({READY})")
    elif asked.advice is not None:
        add(f"({READY}) and account_id in ({ADVISED})", advice=asked.advice)
    return " and ".join(conditions), values


COMPARED = {
    "organisation_id": "organisation_id = :organisation_id",
    "house_id": "house_id = :house_id",
    "debt_from": "due_amount >= :debt_from",
    "debt_to": "due_amount <= :debt_to",
    "months_from": "claimable_months >= :months_from",
    "court_code": "house_id in (select placed.house_id from ops.house_court as placed "
    "where placed.magistrate_code = :court_code)",
    "limitation_days": "limitation_date <= as_of_date + cast(:limitation_days as integer)",
}
# Ours, the court's, or that of the act.
OF_CASE = """account_id in (
    select c.account_id from ops.court_case as c where c.number = :case_number
    union
    select e.account_id from ops.case_event as e
    where e.court_number = :case_number or e.document_number = :case_number
)"""
IDS = bindparam("account_ids", type_=ARRAY(BigInteger))
CASE_COLUMNS = (
    "case_number",
    "court_number",
    "case_kind",
    "case_state",
    "state_on",
    "duty_amount",
    "duty_status",
)
CASES = text(
    """
    select s.case_id, s.number as case_number, s.court_number, s.kind as case_kind,
        s.state as case_state, s.state_on, duty.duty_amount, duty.duty_status
    from ops.court_case_state as s
    left join lateral (
        select sum(d.amount) as duty_amount,
            case when bool_and(d.status in ('paid', 'offset')) then 'paid' else 'waiting' end
                as duty_status
        from ops.state_duty_current as d
        where d.case_id = s.case_id
        having count(*) > 0
    ) as duty on true
    where s.case_id = any (:case_ids)
    """
).bindparams(bindparam("case_ids", type_=ARRAY(BigInteger)))
COURTS = text(
    """
    select placed.house_id, placed.magistrate_code as court_code, court.name as court_name
    from ops.house_court as placed
    left join ops.court as court on placed.magistrate_code = court.court_code
    where placed.house_id = any (:house_ids)
    """
)
PEOPLE_COLUMNS = ("dead", "bankruptcy", "representative", "identifier", "birth")
PEOPLE = text(
    """
    select
        answering.account_id,
        bool_or(answering.is_dead) as dead,
        bool_or(answering.is_bankrupt) as bankruptcy,
        bool_or(answering.is_minor_alone) as representative,
        bool_or(not answering.has_identifier) as identifier,
        bool_or(not answering.has_birth_date) as birth
    from screens.portion_debtors as answering
    where answering.claimable_amount > 0
        and answering.account_id = any (:account_ids)
    group by answering.account_id
    """
).bindparams(IDS)
# Account by account (offset 0), so that a page pays for its own accounts and not for the town.
_AGREED_OF = _AGREED.format(where="where agreed.account_id = asked.account_id")
AGREED = text(
    f"""
    select found.account_id
    from unnest(:account_ids) as asked (account_id)
    cross join lateral ({_AGREED_OF} offset 0) as found
    """  # noqa: S608 - a constant of this file
).bindparams(IDS)
ECONOMICS_COLUMNS = ("filing_duty", "expected_net", "advice", "wait_months")
# The account waits when everybody's part of it does. What an agreement puts off brings nothing now,
# and where it puts off everything there is no loss either: nothing is to be advised.
_ADVICE_OF_ACCOUNT = """case
            when bool_and(e.is_agreed) then null
            when bool_or(e.advice = 'file' and not e.is_agreed) then 'file'
            when bool_or(e.advice = 'wait' and not e.is_agreed) then 'wait'
            else 'loss'
        end"""
ECONOMICS = text(
    f"""
    select
        e.account_id,
        sum(e.duty_amount) filter (where not e.is_agreed) as filing_duty,
        sum(e.expected_net) filter (where not e.is_agreed) as expected_net,
        {_ADVICE_OF_ACCOUNT} as advice,
        min(e.wait_months) filter (where not e.is_agreed) as wait_months
    from unnest(:account_ids) as asked (account_id)
    cross join lateral (
        select f.* from screens.account_economics as f
        where f.account_id = asked.account_id
        offset 0
    ) as e
    group by e.account_id
    """  # noqa: S608 - a constant of this file
).bindparams(IDS)
ADVISED = (
    "select e.account_id from screens.filing_economics as e "  # noqa: S608
    f"group by e.account_id having {_ADVICE_OF_ACCOUNT} = :advice"
)
_COURTS_OF_HOUSES = """
    select court.court_code, court.name
    from ops.court as court
    where court.court_code in (
        select placed.{column} from ops.house_court as placed
        inner join marts.house_debts as h on placed.house_id = h.house_id
    )
    order by ops.russian_sort_key(court.name)
"""
SECTIONS = text(_COURTS_OF_HOUSES.format(column="magistrate_code"))
DISTRICTS = text(_COURTS_OF_HOUSES.format(column="district_code"))
