"""The package of a claim (исковое заявление), made of a case that has been drafted already.

A screen asks for it; the run works as the owner. The papers ask for what the case claims, to the
kopeck: the debt is held against the last build, and whoever is asked against those who answer now.
The day and the moment printed are those on which the claim was drafted, so that the same case makes
the same bytes whenever it is printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, Engine, RowMapping, text

from operational_db.imports.values import rubles
from operational_db.models.claims import CaseKind
from operational_db.services import requests
from operational_db.services.cases import CaseRefusedError, case_states
from operational_db.services.duties import DutyRequest, record_duties
from operational_db.services.filing.runs import Document, PackagesRefusedError
from operational_db.services.state_duty import DutyKind, competence, duty_tables

ATTACHMENTS = ("application", "debt_calculation", "penalty_calculation", "enclosure_list")
"""Papers of the package, in the order that courts are used to; a claim has no draft order."""
STAYS = "Отзовите этот иск на экране «Ответы суда» и подготовьте его заново."


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A drafted claim, as its package needs it.

    ``court_code`` is that of the case, or else the one that hears such a sum today. ``duty`` is the
    state duty of the claim in roubles, ``offset_duty`` what of it the cancelled order has paid.
    """

    case_id: int
    organisation_id: int
    account_id: int
    number: str
    parent_case_id: int | None
    calculated_on: date
    approved_at: datetime
    penalty_until_paid: bool
    court_code: str
    duty: Decimal
    attachments: tuple[str, ...] = ATTACHMENTS

    @property
    def sent_on(self) -> date:
        """The day that the papers bear: that of the draft, by which the duty was counted."""
        return self.calculated_on


def ask_for_claim_package(connection: Connection, case_id: int) -> int:
    """Ask for the package of a drafted claim; return the number of the request.

    Raises :class:`CaseRefusedError` for what is no claim, is ended, or went to the court already,
    ``PermissionError`` for users who may not (both Russian).
    """
    state = case_states(connection, [case_id]).get(case_id)
    if state is None:
        raise CaseRefusedError("Такого дела нет, или оно чужое.")
    if state.kind is not CaseKind.CLAIM:
        raise CaseRefusedError(f"Дело {state.number} – приказ: его пакет готовит партия.")
    if not state.is_live or state.filed_on is not None:
        raise CaseRefusedError(
            f"Дело {state.number}: пакет готовят до подачи, а оно уже подано или закончено."
        )
    return requests.request_claim_package(connection, case_id)


def last_request(connection: Connection, case_id: int) -> requests.RunRequest | None:
    """The last request for the package of a case, that its screen tells of; None without one."""
    number = connection.scalar(LAST_REQUEST, {"case_id": str(case_id)})
    return None if number is None else requests.one_request(connection, number)


def claim_of_request(connection: Connection, run_request_id: int) -> ClaimCase:
    """Read the claim that a request asks a package for, and count its duty if nobody has.

    Of two runs for one claim the second waits, and finds the duty that the first has counted.

    Raises :class:`PackagesRefusedError` (Russian): no such claim of the organisation that asked, no
    court for it.
    """
    asked = {"run_request_id": run_request_id}
    case_id = connection.scalar(CASE_ASKED, asked)
    if case_id is not None:
        requests.take_turn_for_claim(connection, case_id)
    row = connection.execute(ASKED, asked).mappings().one_or_none()
    if row is None:
        raise PackagesRefusedError("Такого иска нет, или он уже подан, закончен или чужой.")
    court_code = row["court_code"] or _court_by_limits(connection, row)
    if court_code is None:
        raise PackagesRefusedError(
            f"Иск {row['number']}: не известно, какой суд рассматривает его. Отнесите дом к "
            "участку и районному суду на экране «Суды и участки» и повторите."
        )
    duty = row["duty"]
    if duty is None:
        duty = _record_duty(connection, row, court_code)
    names = ("case_id", "organisation_id", "account_id", "number", "parent_case_id")
    told = ("calculated_on", "approved_at", "penalty_until_paid")
    return ClaimCase(
        **{name: row[name] for name in (*names, *told)}, court_code=court_code, duty=duty
    )


def is_of_claim(engine: Engine, run_request_id: int) -> bool:
    """Tell whether a request asks for the package of one claim, and not for those of a batch."""
    with engine.connect() as connection:
        return bool(connection.scalar(OF_CLAIM, {"run_request_id": run_request_id}))


def package_problem(connection: Connection, run_request_id: int) -> str | None:
    """Say why a request for a claim has brought no package (Russian); None when it is done."""
    row = connection.execute(CAME_OF, {"run_request_id": run_request_id}).one()
    if row.state == "done":
        return None
    if row.state == "failed":
        return row.message or "Пакет иска не готов: причина не записана."
    return "Пакет иска ещё готовит другой запуск."


def changed_since_draft(connection: Connection, claim: ClaimCase) -> str | None:
    """Say why the claim may not go to the court as it was drafted (Russian); None if it may.

    The last build is asked, and has to be a fresh one.
    """
    asked = {"case_id": claim.case_id}
    for row in connection.execute(SHORT_MONTHS, asked).mappings():
        return (
            f"Дело {claim.number}: за {row['period']:%m.%Y} заявлено {rubles(row['claimed'])} ₽, "
            f"а долга осталось {rubles(row['owed'])} ₽. {STAYS}"
        )
    row = connection.execute(PEOPLE, asked).mappings().one()
    if not row["answering"]:
        return (
            f"Дело {claim.number}: в иске нет непогашенного долга, только пени. Пакет такого иска "
            "программа не готовит: составьте его по расчёту пени из карточки счёта."
        )
    if row["named"] != row["answering"]:
        return (
            f"Дело {claim.number}: в деле названы не те, кто отвечает за эти месяцы по сведениям "
            f"о собственниках и проживающих. Исправьте сведения. Если они верны: {STAYS}"
        )
    return None


def cancelled_order(connection: Connection, claim: ClaimCase) -> RowMapping | None:
    """The order that the claim follows: its court, number, days; None for a first claim."""
    found = connection.execute(ORDER, {"case_id": claim.parent_case_id}).mappings()
    return found.one_or_none()


def recovered_penalty(connection: Connection, claim: ClaimCase) -> Decimal:
    """What came under the order that the claim follows of the penalty of its months, in roubles.

    As of the day that the connection stands on; nothing for a first claim.
    """
    asked = {
        "account_id": claim.account_id,
        "case_id": claim.case_id,
        "order_id": claim.parent_case_id,
    }
    return connection.scalar(RECOVERED_PENALTY, asked)


def why_no_order(connection: Connection, claim: ClaimCase) -> RowMapping:
    """Why the claim goes without an order: the limit of orders that its sum exceeds (``limit``,
    ``limit_act``), the refusal of an earlier application (``refused_on``), the reason named when it
    was drafted (``title``, ``act``, ``comment``). What does not hold is None.
    """
    return connection.execute(WHY, {"case_id": claim.case_id}).mappings().one()


def offset_payments(connection: Connection, claim: ClaimCase) -> Sequence[RowMapping]:
    """Payments for the duty of the order that were set off against that of the claim."""
    return connection.execute(OFFSETS, {"case_id": claim.case_id}).mappings().all()


def keep_package(
    connection: Connection,
    claim: ClaimCase,
    run_request_id: int,
    documents: Sequence[Document],
) -> int:
    """Keep the papers; return how many are new. What is kept already byte for byte stays."""
    kept = 0
    for document in documents:
        values = {
            "case_id": claim.case_id,
            "run_request_id": run_request_id,
            "kind": document.kind,
            "file_name": document.file_name,
            "template_version": document.template_version,
            "context_digest": document.context_digest,
            "content": document.content,
        }
        kept += connection.execute(KEEP, values).rowcount
    return kept


def _court_by_limits(connection: Connection, row: RowMapping) -> str | None:
    tables = duty_tables(connection)
    court = competence(tables, DutyKind.CLAIM, row["claim_sum"], row["calculated_on"])
    if court is None:
        return None
    return row["magistrate_code"] if court.court_kind == "MS" else row["district_code"]


def _record_duty(connection: Connection, row: RowMapping, court_code: str) -> Decimal:
    [duty] = record_duties(
        connection,
        [
            DutyRequest(
                organisation_id=row["organisation_id"],
                account_id=row["account_id"],
                kind=DutyKind.CLAIM,
                claim_sum=row["claim_sum"],
                filed_on=row["calculated_on"],
                debtor_name=row["debtor_name"],
                person_id=row["person_id"],
                case_id=row["case_id"],
                court_code=court_code,
            )
        ],
    )
    return connection.scalar(DUTY, {"state_duty_id": duty})


ASKED = text(
    """
    select
        s.case_id, s.organisation_id, s.account_id, s.number, s.parent_case_id, s.court_code,
        drafted.happened_on as calculated_on, c.recorded_at as approved_at,
        c.penalty_until_paid, demand.claim_sum, duty.amount as duty,
        debtor.person_id, debtor.name as debtor_name, placed.magistrate_code, placed.district_code
    from ops.run_request as r
    inner join ops.court_case_state as s
        on s.case_id = cast(r.parameters ->> 'case_id' as bigint)
            -- Requests are written by screens: of another organisation nothing is made.
            and r.organisation_id = s.organisation_id
    inner join ops.court_case as c on s.case_id = c.case_id
    inner join lateral (
        select e.happened_on from ops.case_event as e
        where e.case_id = s.case_id and e.kind = 'drafted'
        order by e.case_event_id
        limit 1
    ) as drafted on true
    cross join lateral (
        select sum(m.amount) as claim_sum from ops.claimed_month as m
        where m.case_id = s.case_id
    ) as demand
    left join lateral (
        select sum(d.amount) as amount from ops.state_duty_current as d
        where d.case_id = s.case_id and d.kind = 'claim'
    ) as duty on true
    inner join lateral (
        select p.person_id, concat_ws(' ', p.last_name, left(p.first_name, 1) || '.',
            left(p.middle_name, 1) || '.') as name
        from ops.case_debtor as d
        inner join ops.person as p on d.person_id = p.person_id
        where d.case_id = s.case_id
        order by d.case_debtor_id
        limit 1
    ) as debtor on true
    inner join ops.account as a on s.account_id = a.account_id
    left join ops.premises as p on a.premises_id = p.premises_id
    left join ops.house_court as placed on p.house_id = placed.house_id
    where r.run_request_id = :run_request_id and s.kind = 'claim' and s.is_live
        and s.filed_on is null
    """
)
CASE_ASKED = text(
    """
    select cast(r.parameters ->> 'case_id' as bigint) from ops.run_request as r
    where r.run_request_id = :run_request_id
    """
)
CAME_OF = text(
    """
    select r.state, r.message from ops.run_request as r
    where r.run_request_id = :run_request_id
    """
)
LAST_REQUEST = text(
    """
    select max(r.run_request_id) from ops.run_request as r
    where r.kind = 'court_packages' and r.parameters ->> 'case_id' = :case_id
    """
)
OF_CLAIM = text(
    """
    select r.parameters ? 'case_id' from ops.run_request as r
    where r.run_request_id = :run_request_id
    """
)
DUTY = text("select amount from ops.state_duty where state_duty_id = :state_duty_id")
# Months of which less is owed by now than the claim asks for; a case that the last build does not
# know yet owes nothing.
SHORT_MONTHS = text(
    """
    select m.period, m.liability, sum(m.amount) as claimed, coalesce(owed.amount, 0) as owed
    from ops.claimed_month as m
    left join lateral (
        select sum(p.part_amount) as amount from marts.debt_parts as p
        where p.account_id = m.account_id and p.liability = m.liability and p.period = m.period
            and p.live_case_id = m.case_id
    ) as owed on true
    where m.case_id = :case_id and m.part = 'principal'
    group by m.period, m.liability, owed.amount
    having sum(m.amount) > coalesce(owed.amount, 0)
    order by m.period, m.liability
    limit 1
    """
)
PEOPLE = text(
    """
    select
        array(
            -- A parent may answer for himself and for a child: twice in the case, one person.
            select distinct d.person_id from ops.case_debtor as d
            where d.case_id = :case_id and d.person_id is not null
            order by d.person_id
        ) as named,
        array(
            select distinct asked.person_id
            from ops.claimed_month as m
            inner join marts.debt_parts as p
                on m.account_id = p.account_id and m.liability = p.liability
                    and m.period = p.period and p.live_case_id = m.case_id
            cross join lateral ops.people_asked(p.holder_person_id, p.debtors, p.family_ids)
                as asked
            where m.case_id = :case_id
            order by asked.person_id
        ) as answering
    """
)
ORDER = text(
    """
    select
        c.name as court_name, c.kind as court_kind, c.address as court_address,
        s.issued_number, s.issued_on, s.freed_on as cancelled_on
    from ops.court_case_state as s
    inner join ops.court as c on s.court_code = c.court_code
    where s.case_id = :case_id and s.freed_by = 'cancelled'
    """
)
# A month whose penalty has come in full is in the claim no more, and in its calculation neither.
RECOVERED_PENALTY = text(
    """
    select cast(coalesce(sum(l.recovered_amount), 0) as numeric(14, 2))
    from intermediate.int_claimed_ledger as l
    where l.account_id = :account_id and l.case_id = :order_id and l.claimed_part = 'penalty'
        and exists (
            select 1 from ops.claimed_month as m
            where m.case_id = :case_id and m.part = 'penalty' and m.liability = l.liability
                and m.period = l.period
                and m.portion_person_id is not distinct from l.portion_person_id
        )
    """
)
WHY = text(
    """
    select
        t.value as limit_amount, t.act as limit_act, refused.freed_on as refused_on,
        court.name as court_name, court.kind as court_kind, court.address as court_address,
        r.title, r.act, drafted.comment
    from ops.court_case as c
    inner join lateral (
        select e.happened_on, e.reason_code, e.comment from ops.case_event as e
        where e.case_id = c.case_id and e.kind = 'drafted'
        order by e.case_event_id
        limit 1
    ) as drafted on true
    cross join lateral (
        select sum(m.amount) as demand from ops.claimed_month as m where m.case_id = c.case_id
    ) as asked
    left join reference.legal_term as t
        on t.code = 'court_order_claim_max' and t.is_enabled
            and t.valid_from <= drafted.happened_on
            and (t.valid_to is null or t.valid_to >= drafted.happened_on)
            and asked.demand > t.value
    left join ops.court_case_state as refused
        on c.parent_case_id = refused.case_id and refused.freed_by = 'refused'
    left join ops.court as court on refused.court_code = court.court_code
    left join reference.court_reason as r on drafted.reason_code = r.reason_code
    where c.case_id = :case_id
    """
)
OFFSETS = text(
    """
    select older.paid_document as number, older.paid_on, moved.amount
    from ops.state_duty_current as own
    inner join ops.state_duty_event as moved
        on own.state_duty_id = moved.other_duty_id and moved.kind = 'offset_to'
    inner join ops.state_duty_current as older on moved.state_duty_id = older.state_duty_id
    where own.case_id = :case_id and not exists (
        select 1 from ops.state_duty_event as back
        where back.undoes_event_id = moved.state_duty_event_id
    )
    order by moved.state_duty_event_id
    """
)
KEEP = text(
    """
    with kept as (
        insert into ops.document (
            organisation_id, account_id, run_request_id, kind, file_name, template_version,
            context_digest, content_digest, content, user_id
        )
        select
            c.organisation_id, c.account_id, q.run_request_id, cast(:kind as text), :file_name,
            :template_version, :context_digest, encode(sha256(:content), 'hex'), :content,
            q.user_id
        from ops.court_case as c
        inner join ops.run_request as q on q.run_request_id = :run_request_id
        where c.case_id = :case_id and not exists (
            select 1
            from ops.package_document as p
            inner join ops.document as d on p.document_id = d.document_id
            where p.case_id = c.case_id and d.kind = cast(:kind as text)
                and d.content_digest = encode(sha256(:content), 'hex')
        )
        returning document_id
    )

    insert into ops.package_document (document_id, case_id, position)
    select k.document_id, :case_id, (
        select coalesce(max(p.position), 0) + 1 from ops.package_document as p
        where p.case_id = :case_id
    )
    from kept as k
    """
)
