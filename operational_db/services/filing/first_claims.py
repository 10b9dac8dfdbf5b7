"""A claim of an account without an order before it, and cases that were filed by hand.

Nearly all debt goes to the court as an application for an order, in batches. Some of it cannot:
the sum is above the limit of orders (``reference.legal_term``), an order was refused, or it would
be (a dispute about the right: ``reference.court_reason``). Then a claim is drafted here, one at a
time, for the court that hears such a sum (ГПК 23, 24); its package comes from the case
(``claim_packages``). An organisation is sued before other courts (АПК), whose papers are not made
here: its case is written down by hand, so that its months are claimed and not claimed again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, text

from operational_db.models.claims import CaseEventKind, CaseKind, ClaimedPart, DebtorLiability
from operational_db.services.cases import (
    CaseRefusedError,
    ContinuedCase,
    NewCase,
    NewClaimedMonth,
    NewDebtor,
    NewEvent,
    OpenedCase,
    case_states,
    open_case,
    register_event,
    set_off,
)
from operational_db.services.filing.guard import RULES_OF_PEOPLE
from operational_db.services.filing.proposals import Selection, claimable_months
from operational_db.services.state_duty import (
    Competence,
    DutyKind,
    StateDuty,
    competence,
    duty_tables,
    state_duty,
)

Row = Mapping[str, Any]
OF_PEOPLE = frozenset({"owner", "joint_owners", "tenants"})
"""Holders who are sued before courts of general jurisdiction."""
UNKNOWN = "unknown"
WRITERS = frozenset({"lawyer", "manager"})
"""Who drafts claims and writes cases down; the policies of ``ops.court_case`` hold to the same."""
RULES_OF_MONTHS: Mapping[str, str] = {"shares": "has_share_problem", "instalment": "is_agreed"}
"""Rules that look at the months of an application → what of the offer breaks them."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a court gives no order, from the table of reasons."""

    reason_code: str
    title: str
    act: str


@dataclass(frozen=True, slots=True)
class RefusedOrder:
    """An application for an order against the same people that a court has refused."""

    case_id: int
    number: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class ClaimOffer:
    """What may be claimed of one holder today, in roubles, and before which court.

    ``above_limit`` says why no order is possible by the sum; ``refused`` is the order for these
    very months that was refused. ``obstacles`` are the red rules that the people or the months
    break, each with what to do (Russian). ``court_code`` is None where the house belongs to no
    court of that kind. ``is_whole`` tells that nobody else holds a part of these months.
    """

    holder_kind: str
    holder_name: str | None
    months: tuple[Row, ...]
    people: tuple[Row, ...]
    principal: Decimal
    penalty: Decimal
    court: Competence | None
    court_code: str | None
    court_name: str | None
    duty: StateDuty
    above_limit: str | None
    refused: RefusedOrder | None
    obstacles: tuple[str, ...]
    is_whole: bool
    calculated_on: date

    @property
    def key(self) -> str:
        """Whom it asks and for how much: what was offered is found again, or nothing is."""
        first = self.months[0]
        sole_person_id = first["holder_person_id"] if first["debtors"] is None else None
        told = [first[name] for name in IDENTITY]
        sums = [str(self.principal), str(self.penalty)]
        return json.dumps([sole_person_id, *told, *sums], sort_keys=True, ensure_ascii=False)

    @property
    def demand(self) -> Decimal:
        return self.principal + self.penalty

    @property
    def is_of_people(self) -> bool:
        """Whether courts of general jurisdiction hear it, and its papers are made here."""
        return self.holder_kind in OF_PEOPLE

    @property
    def is_of_nobody(self) -> bool:
        """Whether it is not known who holds these months: there is nobody to sue yet."""
        return self.holder_kind == UNKNOWN


IDENTITY = (
    "holder_kind",
    "holder_organisation_id",
    "holder_name",
    "debtors",
    "family_ids",
    "is_agreed",
)


def claim_offers(connection: Connection, account_id: int) -> list[ClaimOffer]:
    """What may be claimed of each holder of an account, as of the last build.

    Months of an open batch are not offered: they wait there. Turns the connection to the day of the
    last build.
    """
    account = connection.execute(ACCOUNT, {"account_id": account_id}).mappings().one_or_none()
    if account is None:
        return []
    selection = Selection(account["organisation_id"], account_ids=(account_id,))
    rows = claimable_months(connection, selection)
    by_item = groupby(rows, key=lambda row: row["item_number"])
    return [_offer(connection, account, tuple(months)) for _, months in by_item]


def reasons_without_order(connection: Connection) -> list[Reason]:
    """Reasons for which a court gives no order, in the order of their table (ГПК 125)."""
    return [Reason(**row) for row in connection.execute(REASONS).mappings()]


def open_first_claim(
    connection: Connection,
    account_id: int,
    key: str,
    *,
    reason_code: str | None = None,
    comment: str = "",
    penalty_until_paid: bool = False,
) -> ContinuedCase:
    """Draft a claim for what may be claimed of one holder today; ``key`` is that of its offer.

    Without a sum above the limit or a refused order, ``reason_code`` (of
    :func:`reasons_without_order`) and a ``comment`` have to say why no order will be given. Raises
    :class:`CaseRefusedError` (Russian) for an organisation, for people or months that a red rule
    stops, where the court is not known, where an order is the lawful way, and for users of other
    roles than ``WRITERS``.
    """
    _demand_role(connection)
    offer = _offer_of(connection, account_id, key)
    _check_claim(connection, offer, reason_code, comment)
    parent = offer.refused
    months = _claimed(offer.months, offer.calculated_on)
    claim = open_case(
        connection,
        NewCase(
            account_id=account_id,
            kind=CaseKind.CLAIM,
            debtors=_debtors(offer),
            months=months,
            court_code=offer.court_code,
            parent_case_id=parent.case_id if parent else None,
            drafted_on=offer.calculated_on,
            penalty_until_paid=penalty_until_paid,
            reason_code=parent.reason.reason_code if parent else reason_code,
            comment=comment.strip() or None,
        ),
    )
    used, to_pay = Decimal(0), None
    if parent is not None:
        state = case_states(connection, [parent.case_id])[parent.case_id]
        used, to_pay = set_off(
            connection, state, claim, months, offer.calculated_on, ground="refused"
        )
    return ContinuedCase(claim.case_id, account_id, claim.number, used, to_pay)


@dataclass(frozen=True, slots=True)
class FiledByHand:
    """A case that was filed past this program: before which court, when, under which number.

    ``first_month`` to ``last_month`` of the debt were asked for, with penalty or without.
    """

    kind: CaseKind
    court: str
    filed_on: date
    first_month: date
    last_month: date
    court_number: str = ""
    with_penalty: bool = True
    comment: str = ""


def record_by_hand(
    connection: Connection, account_id: int, key: str, filed: FiledByHand
) -> OpenedCase:
    """Write down a case that was filed by hand, so that its months stand as claimed.

    Sums are those of the months as of the last build; only months that were late on the day of
    filing can have been asked for, and no penalty of later days. The duty is not counted: scales of
    other courts are not ours. Raises :class:`CaseRefusedError` (Russian).
    """
    _demand_role(connection)
    offer = _offer_of(connection, account_id, key)
    if offer.is_of_nobody:
        raise CaseRefusedError(NOBODY)
    if not filed.court.strip():
        raise CaseRefusedError("Назовите суд, например «Арбитражный суд Московской области».")
    if not offer.is_of_people and not offer.is_whole:
        raise CaseRefusedError(
            "Организация владеет долей, остальное принадлежит другим. Программа записывает за "
            "организацией только месяц целиком: иначе доли других собственников стали бы "
            "просуженными. Ведите такое дело отдельно и отметьте его заметкой на карточке."
        )
    months = [
        row
        for row in offer.months
        if filed.first_month.replace(day=1) <= row["period"] <= filed.last_month
        and row["due_date"] < filed.filed_on
    ]
    if not months:
        raise CaseRefusedError(
            "За эти месяцы ко дню подачи заявлять нечего: выберите другие или исправьте день."
        )
    if filed.with_penalty and filed.filed_on < offer.calculated_on:
        raise CaseRefusedError(
            f"Пени здесь посчитаны по {offer.calculated_on:%d.%m.%Y}, а дело подано раньше, "
            f"{filed.filed_on:%d.%m.%Y}: в дело попали бы дни, которых в нём не просили. Снимите "
            "отметку «С пенями»: запишется один долг. Пени этого дела программа будет считать "
            "незаявленными: помните об этом, когда она предложит заявить их."
        )
    if not filed.with_penalty:
        months = [{**row, "month_penalty": Decimal(0)} for row in months]
    case = open_case(
        connection,
        NewCase(
            account_id=account_id,
            kind=filed.kind,
            debtors=_debtors(offer),
            months=_claimed(months, offer.calculated_on),
            drafted_on=min(offer.calculated_on, filed.filed_on),
            comment=f"Подано без программы. {filed.comment.strip()}".strip(),
        ),
    )
    register_event(
        connection,
        NewEvent(
            case.case_id,
            CaseEventKind.FILED,
            filed.filed_on,
            court_number=filed.court_number.strip() or None,
            comment=f"Суд: {filed.court.strip()}",
        ),
    )
    return case


def _offer_of(connection: Connection, account_id: int, key: str) -> ClaimOffer:
    for offer in claim_offers(connection, account_id):
        if offer.key == key:
            return offer
    raise CaseRefusedError(
        "Этого предложения больше нет: долг оплачен, уже заявлен, ждёт в партии, или его сумма "
        "изменилась. Посмотрите на новые суммы и повторите."
    )


def _demand_role(connection: Connection) -> None:
    roles = connection.scalar(OWN_ROLES)
    # The owner of the database is nobody's user; whose session has ended sees no account.
    if roles is not None and not WRITERS.intersection(roles):
        raise CaseRefusedError("Иски и дела заводит юрист или руководитель. Попросите их.")


def _offer(connection: Connection, account: Row, months: tuple[Row, ...]) -> ClaimOffer:
    first = months[0]
    day = connection.scalar(text("select ops.as_of()"))
    tables = duty_tables(connection)
    demand = first["principal_amount"] + first["penalty_amount"]
    court = competence(tables, DutyKind.CLAIM, demand, day)
    order = competence(tables, DutyKind.ORDER, demand, day)
    level = "magistrate" if court is not None and court.court_kind == "MS" else "district"
    asked = {
        "account_id": first["account_id"],
        "holder_person_id": first["holder_person_id"],
        "debtors": first["debtors"] and json.dumps(first["debtors"]),
        "family_ids": first["family_ids"],
    }
    people = tuple(connection.execute(PEOPLE, asked).mappings())
    who = {"account_id": first["account_id"], "people": [row["person_id"] for row in people]}
    refused = connection.execute(REFUSED, who | _asked_of_months(months)).mappings().one_or_none()
    shared = connection.execute(
        SHARED, {"account_id": first["account_id"], "periods": [row["period"] for row in months]}
    ).one()
    broken = {"is_agreed": first["is_agreed"], "has_share_problem": shared.has_share_problem}
    named = {
        "holder_person_id": first["holder_person_id"],
        "holder_organisation_id": first["holder_organisation_id"],
    }
    return ClaimOffer(
        holder_kind=first["holder_kind"],
        holder_name=first["holder_name"] or connection.scalar(HOLDER, named),
        months=months,
        people=people,
        principal=first["principal_amount"],
        penalty=first["penalty_amount"],
        court=court,
        court_code=account[f"{level}_code"],
        court_name=account[f"{level}_name"],
        duty=state_duty(tables, DutyKind.CLAIM, demand, day),
        above_limit=order.objection if order else None,
        refused=_refused(refused) if refused else None,
        obstacles=_obstacles(connection, people, broken),
        is_whole=not shared.is_shared,
        calculated_on=day,
    )


def _refused(row: Row) -> RefusedOrder:
    reason = Reason(row["reason_code"], row["title"], row["act"])
    return RefusedOrder(row["case_id"], row["number"], reason)


def _asked_of_months(months: Sequence[Row]) -> dict[str, list[Any]]:
    """Months of an offer as arrays: an order for the debt has to have asked for the debt."""
    return {
        "liabilities": [row["liability"] for row in months],
        "periods": [row["period"] for row in months],
        "parts": [
            ClaimedPart.PRINCIPAL.value if row["month_principal"] > 0 else ClaimedPart.PENALTY.value
            for row in months
        ],
    }


def _obstacles(
    connection: Connection, people: Sequence[Row], of_months: Mapping[str, bool]
) -> tuple[str, ...]:
    """The red rules of the guard, held against those who are asked and against the months."""
    codes = [*RULES_OF_PEOPLE, *RULES_OF_MONTHS]
    rules = connection.execute(RULES, {"codes": codes}).mappings()
    return tuple(
        f"{rule['title']}. {rule['what_to_do']} ({rule['act']})."
        for rule in rules
        if _is_broken(rule["rule_code"], people, of_months)
    )


def _is_broken(rule_code: str, people: Sequence[Row], of_months: Mapping[str, bool]) -> bool:
    if rule_code in RULES_OF_MONTHS:
        return of_months[RULES_OF_MONTHS[rule_code]]
    return any(person[RULES_OF_PEOPLE[rule_code]] for person in people)


def _check_claim(
    connection: Connection, offer: ClaimOffer, reason_code: str | None, comment: str
) -> None:
    if offer.is_of_nobody:
        raise CaseRefusedError(NOBODY)
    if not offer.is_of_people:
        raise CaseRefusedError(
            "Должник – организация или публичный собственник: такой иск рассматривает другой суд, "
            "и пакет для него программа не готовит. Подайте его сами и запишите дело здесь же: "
            "«Дело подано вручную»."
        )
    if not offer.people:
        raise CaseRefusedError(NOBODY)
    if offer.obstacles:
        raise CaseRefusedError(" ".join(offer.obstacles))
    if offer.court_code is None:
        kind = "участку" if offer.court and offer.court.court_kind == "MS" else "районному суду"
        raise CaseRefusedError(
            f"Дом не отнесён к {kind}: отнесите его на экране «Суды и участки» и повторите."
        )
    if offer.above_limit or offer.refused:
        return
    if reason_code not in {reason.reason_code for reason in reasons_without_order(connection)}:
        raise CaseRefusedError(
            "На такую сумму подают на приказ: иск без отказа в приказе суд вернёт (ГПК РФ ст. 135 "
            "ч. 1 п. 1.1). Если приказа не дадут, выберите почему."
        )
    if not comment.strip():
        raise CaseRefusedError("Напишите, из чего это видно: например, в чём спор о праве.")


def _debtors(offer: ClaimOffer) -> list[NewDebtor]:
    if not offer.is_of_people:
        organisation_id = offer.months[0]["holder_organisation_id"]
        name = None if organisation_id is not None else offer.holder_name
        if organisation_id is None and not name:
            raise CaseRefusedError(NOBODY)
        return [NewDebtor(holder_organisation_id=organisation_id, holder_name=name)]
    return [
        NewDebtor(
            person_id=row["person_id"],
            liability_kind=DebtorLiability(row["liability_kind"]),
            share_numerator=row["share_numerator"],
            share_denominator=row["share_denominator"],
            represented_person_id=row["ward_id"],
        )
        for row in offer.people
    ]


def _claimed(months: Sequence[Row], calculated_on: date) -> list[NewClaimedMonth]:
    """One row a month and part; several due dates of a month are one claimed sum."""
    claimed: list[NewClaimedMonth] = []
    for (period, liability), found in groupby(sorted(months, key=_month), key=_month):
        same = list(found)
        principal = sum((row["month_principal"] for row in same), Decimal(0))
        if principal > 0:
            claimed.append(
                NewClaimedMonth(
                    liability=liability,
                    period=period,
                    amount=principal,
                    portion_person_id=_first(same, "portion_person_id"),
                )
            )
        if penalties := [row for row in same if row["month_penalty"] > 0]:
            starts = [row["penalty_from"] for row in penalties]
            claimed.append(
                NewClaimedMonth(
                    liability=liability,
                    period=period,
                    amount=sum((row["month_penalty"] for row in penalties), Decimal(0)),
                    part=ClaimedPart.PENALTY,
                    portion_person_id=_first(penalties, "penalty_portion_person_id"),
                    penalty_from=None if None in starts else min(starts),
                    penalty_to=max(row["penalty_to"] or calculated_on for row in penalties),
                )
            )
    return claimed


def _month(row: Row) -> tuple[date, str]:
    return row["period"], row["liability"]


def _first(rows: Sequence[Row], column: str) -> int | None:
    return min((row[column] for row in rows if row[column] is not None), default=None)


NOBODY = (
    "Неизвестно, кто отвечает за долг. Сначала внесите собственника или нанимателя (закажите "
    "выписку ЕГРН) и пересчитайте показатели."
)
OWN_ROLES = text("select w.roles from ops.who_am_i() as w")
ACCOUNT = text(
    """
    select a.account_id, a.organisation_id, c.magistrate_code, c.district_code,
        magistrate.name as magistrate_name, district.name as district_name
    from ops.account as a
    left join ops.premises as p on a.premises_id = p.premises_id
    left join ops.house_court as c on p.house_id = c.house_id
    left join ops.court as magistrate on c.magistrate_code = magistrate.court_code
    left join ops.court as district on c.district_code = district.court_code
    where a.account_id = :account_id
    """
)
# The dead are not sued at all; «another reason» tells a court nothing.
REASONS = text(
    """
    select r.reason_code, r.title, r.act from reference.court_reason as r
    where r.event_kind = 'refused' and r.reason_code not in ('debtor_dead', 'refused_other')
    order by r.sort_order
    """
)
# A share that changed between the months stands as it was last.
PEOPLE = text(
    """
    select
        asked.person_id, asked.ward_id,
        case asked.asked_as when 'family' then 'joint' when 'minor' then 'share'
            else asked.asked_as end as liability_kind,
        coalesce(who.is_dead or ward.is_dead, who.is_dead) as is_dead, who.is_bankrupt,
        asked.asked_as = 'minor' as is_minor_alone,
        not who.has_identifier as no_identifier, not who.has_birth_date as no_birth_date,
        coalesce(held.share_numerator, 1) as share_numerator,
        coalesce(held.share_denominator, 1) as share_denominator
    from ops.people_asked(
        :holder_person_id, cast(:debtors as jsonb), cast(:family_ids as bigint[])
    ) with ordinality as asked (person_id, asked_as, ward_id, place)
    cross join lateral (
        select x.* from screens.debtor_people as x where x.person_id = asked.person_id offset 0
    ) as who
    left join lateral (
        select x.is_dead from screens.debtor_people as x
        where x.person_id = asked.ward_id
        offset 0
    ) as ward on true
    left join lateral (
        select p.share_numerator, p.share_denominator from marts.debt_parts as p
        where p.account_id = :account_id and p.holder_kind = 'owner'
            and p.holder_person_id = asked.person_id
        order by p.period desc, p.liability, p.due_date
        limit 1
    ) as held on true
    order by asked.place
    """
)
# The court that refused spoke of the months that it was asked for: a claim for others needs a
# reason of its own. A claim that came to nothing leaves the refusal where it was.
REFUSED = text(
    """
    select s.case_id, s.number, r.reason_code, r.title, r.act
    from ops.court_case_state as s
    inner join reference.court_reason as r on s.freed_reason_code = r.reason_code
    where s.account_id = :account_id and s.kind = 'order' and s.state = 'refused'
        and r.reason_code <> 'debtor_dead'
        and exists (
            select 1 from ops.case_debtor as d
            where d.case_id = s.case_id and d.person_id = any (:people)
        )
        and not exists (
            select 1 from ops.court_case_state as next
            where next.parent_case_id = s.case_id and next.is_live
        )
        and not exists (
            select 1
            from unnest(
                cast(:liabilities as text[]), cast(:periods as date[]), cast(:parts as text[])
            ) as asked (liability, period, part)
            where not exists (
                select 1 from ops.claimed_month as m
                where m.case_id = s.case_id and m.liability = asked.liability
                    and m.period = asked.period and asked.part in ('penalty', m.part)
            )
        )
    order by s.freed_on desc, s.case_id desc
    limit 1
    """
)
HOLDER = text(
    """
    select coalesce(
        (select p.full_name from ops.person_visible as p where p.person_id = :holder_person_id),
        (
            select o.name from ops.organisation as o
            where o.organisation_id = :holder_organisation_id
        )
    )
    """
)
RULES = text(
    """
    select r.rule_code, r.title, r.what_to_do, r.act from reference.filing_rule as r
    where r.rule_code = any (:codes) and r.is_enabled and r.is_red
    order by r.sort_order
    """
)
SHARED = text(
    """
    select
        coalesce(bool_or(m.parts > 1), false) as is_shared,
        coalesce(bool_or(m.has_share_problem), false) as has_share_problem
    from (
        select count(*) as parts, bool_or(p.has_share_problem) as has_share_problem
        from marts.debt_parts as p
        where p.account_id = :account_id and p.period = any (:periods)
        group by p.liability, p.period, p.due_date
    ) as m
    """
)
