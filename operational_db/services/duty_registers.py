"""Registers of state duty: what is to be paid goes to the bank in one file and comes back paid.

Every payment order begins its purpose with the mark of its duty, so a statement finds it again
whatever number the bank gives to the order.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from operational_db.exports.client_bank import client_bank_file
from operational_db.exports.credit_transfer import credit_transfer_file
from operational_db.exports.payment_orders import (
    OrderRefusedError,
    Party,
    PaymentOrder,
    control_total,
)
from operational_db.imports.values import rubles
from operational_db.services.courts import DETAILS_ON
from operational_db.services.duties import (
    MARK,
    NEVER_FILED,
    OLD_DETAILS_DAYS,
    DutyError,
    lock_duties,
    pay_by_hand,
)

CHOSEN = f"""
    chosen as (
        select
            d.state_duty_id, d.organisation_id, d.to_pay, d.purpose, d.court_code,
            t.court_payment_details_id, t.valid_to,
            greatest(t.valid_from, cast(t.recorded_at as date)) < :day - :old_days as is_old,
            row_number() over (order by d.court_code, d.state_duty_id) as position
        from ops.state_duty_current as d
        left join lateral (
            {DETAILS_ON.format(court_code="d.court_code", day=":day")}
        ) as t on true
        where d.organisation_id = :organisation_id and d.status = 'calculated' and d.to_pay > 0
            and d.state_duty_id = any(:ids) and not {NEVER_FILED}
    )
"""  # noqa: S608 - a constant of ours
CHECK = text(
    f"""
    with {CHOSEN}

    select
        count(*) as items, coalesce(sum(to_pay), 0) as total,
        count(*) filter (where court_code is null) as without_court,
        count(*) filter (where court_code is not null and court_payment_details_id is null)
            as without_details,
        count(*) filter (where valid_to < :day) as with_ended_details,
        count(*) filter (where is_old) as with_old_details,
        min(court_code) filter (where court_payment_details_id is null) as one_without_details
    from chosen
    """  # noqa: S608 - a constant of ours
)
READY = text(
    f"""
    select d.state_duty_id, d.to_pay
    from ops.state_duty_current as d
    cross join lateral (
        {DETAILS_ON.format(court_code="d.court_code", day=":day")}
    ) as t
    where d.organisation_id = :organisation_id and d.status = 'calculated' and d.to_pay > 0
        and (cast(:court_code as text) is null or d.court_code = :court_code)
        and (t.valid_to is null or t.valid_to >= :day)
        and not {NEVER_FILED}
    order by d.state_duty_id
    """  # noqa: S608 - a constant of ours
)
PAYER_ACCOUNTS = text(
    """
    select b.bank_account_id, b.account_number, b.bank_name
    from ops.bank_account as b
    where b.organisation_id = :organisation_id and b.valid_from <= ops.as_of()
        and (b.valid_to is null or b.valid_to >= ops.as_of())
    order by b.bank_account_id
    """
)
NEXT_ORDER_NUMBER = text(
    """
    select coalesce(max(i.order_number), 0) + 1
    from ops.duty_register_item as i
    inner join ops.duty_register as r on i.duty_register_id = r.duty_register_id
    where r.organisation_id = :organisation_id
        and extract(year from r.registered_on) = extract(year from cast(:day as date))
    """
)
ADD_REGISTER = text(
    """
    insert into ops.duty_register (
        organisation_id, number, registered_on, bank_account_id, items, total, user_id
    )
    select
        :organisation_id,
        coalesce((
            select max(number) from ops.duty_register where organisation_id = :organisation_id
        ), 0) + 1,
        :day, :bank_account_id, :items, :total, ops.session_user_id()
    returning duty_register_id, number
    """
)
ADD_ITEMS = text(
    f"""
    with {CHOSEN}

    insert into ops.duty_register_item (
        duty_register_id, position, state_duty_id, order_number, amount, court_payment_details_id,
        purpose, uin
    )
    select
        :duty_register_id, position, state_duty_id, :first_number + position - 1, to_pay,
        court_payment_details_id, '{MARK}' || state_duty_id || ' ' || purpose,
        coalesce(cast(:uins as jsonb) ->> cast(state_duty_id as text), '0')
    from chosen
    """  # noqa: S608 - constants of ours
)
ADD_EVENTS = text(
    """
    insert into ops.state_duty_event (
        state_duty_id, kind, happened_on, duty_register_id, user_id
    )
    select i.state_duty_id, 'in_register', :day, i.duty_register_id, ops.session_user_id()
    from ops.duty_register_item as i
    where i.duty_register_id = :duty_register_id
    order by i.position
    """
)
REGISTERS = text(
    """
    select
        r.duty_register_id, r.organisation_id, r.number, r.registered_on, r.items, r.total,
        r.recorded_at, o.short_name as organisation_name,
        count(*) filter (where d.status = 'paid') as paid_items,
        coalesce(sum(i.amount) filter (where d.status = 'paid'), 0) as paid_total
    from ops.duty_register as r
    inner join ops.organisation as o on r.organisation_id = o.organisation_id
    inner join ops.duty_register_item as i on r.duty_register_id = i.duty_register_id
    inner join ops.state_duty_current as d on i.state_duty_id = d.state_duty_id
    group by r.duty_register_id, o.organisation_id
    order by r.duty_register_id desc
    limit :limit
    """
)
# Items that left the register since are not sent: the file would pay for nothing.
ORDERS = text(
    f"""
    select
        d.status = 'in_register' and {NEVER_FILED} as is_never_filed,
        i.order_number, i.amount, i.uin, i.purpose, i.state_duty_id, r.registered_on, r.number,
        r.recorded_at,
        o.name as payer_name, o.inn as payer_inn, o.kpp as payer_kpp,
        b.account_number as payer_account, b.bank_name as payer_bank, b.bic as payer_bic,
        b.correspondent_account as payer_correspondent,
        t.payee, t.inn, t.kpp, t.account_number, t.bank, t.bic, t.correspondent_account, t.kbk,
        t.oktmo
    from ops.duty_register as r
    inner join ops.duty_register_item as i on r.duty_register_id = i.duty_register_id
    inner join ops.state_duty_current as d
        on i.state_duty_id = d.state_duty_id and d.duty_register_id = i.duty_register_id
    inner join ops.organisation as o on r.organisation_id = o.organisation_id
    inner join ops.bank_account as b on r.bank_account_id = b.bank_account_id
    inner join ops.court_payment_details as t
        on i.court_payment_details_id = t.court_payment_details_id
    where r.duty_register_id = :duty_register_id
    order by i.position
    """  # noqa: S608 - a constant of ours
)
FREE_OPERATIONS = f"""
    free as (
        select
            b.bank_operation_id, b.amount, b.operation_date, b.document_number, b.payment_code,
            b.payee_account, b.payee_name, b.purpose, b.organisation_id,
            cast(substring(b.purpose from '{MARK}([0-9]{{1,18}})') as bigint) as marked_id
        from ops.bank_operation as b
        where (cast(:organisation_id as integer) is null or b.organisation_id = :organisation_id)
            and b.direction = 'out'
            and not exists (
                select 1 from ops.state_duty_event as e
                where e.bank_operation_id = b.bank_operation_id
                    and not exists (
                        select 1 from ops.state_duty_event as u
                        where u.undoes_event_id = e.state_duty_event_id
                    )
            )
    )
"""  # noqa: S608 - a constant of ours
# By УИН, by the mark in the purpose, by the number of the order and the treasury's account: the
# surest first. The sum must agree, and a pair must be the only one on both sides.
PAY = text(
    f"""
    with waiting as (
        select
            i.state_duty_id, i.amount, i.uin, i.order_number, r.registered_on, t.account_number
        from ops.duty_register_item as i
        inner join ops.duty_register as r on i.duty_register_id = r.duty_register_id
        inner join ops.court_payment_details as t
            on i.court_payment_details_id = t.court_payment_details_id
        inner join ops.state_duty_current as d
            on i.state_duty_id = d.state_duty_id and i.duty_register_id = d.duty_register_id
        where d.organisation_id = :organisation_id and d.status = 'in_register'
    ),

    {FREE_OPERATIONS},

    pairs as (
        select w.state_duty_id, f.bank_operation_id, 1 as way
        from waiting as w
        inner join free as f on w.uin = f.payment_code and w.amount = f.amount
        where w.uin <> '0'
        union all
        select w.state_duty_id, f.bank_operation_id, 2
        from waiting as w
        inner join free as f on w.state_duty_id = f.marked_id and w.amount = f.amount
        union all
        select w.state_duty_id, f.bank_operation_id, 3
        from waiting as w
        inner join free as f
            on cast(w.order_number as text) = f.document_number
                and w.account_number = f.payee_account and w.amount = f.amount
        where f.marked_id is null and f.operation_date between w.registered_on
            and w.registered_on + 60
    ),

    surest as (
        select p.*, min(way) over (partition by state_duty_id) as best_of_duty,
            min(way) over (partition by bank_operation_id) as best_of_operation
        from pairs as p
    ),

    single as (
        select state_duty_id, bank_operation_id,
            count(*) over (partition by state_duty_id) as operations,
            count(*) over (partition by bank_operation_id) as duties
        from surest
        where way = best_of_duty and way = best_of_operation
    )

    insert into ops.state_duty_event (
        state_duty_id, kind, happened_on, amount, bank_operation_id, document, user_id
    )
    select s.state_duty_id, 'paid', f.operation_date, f.amount, f.bank_operation_id,
        f.document_number, cast(:user_id as integer)
    from single as s
    inner join free as f on s.bank_operation_id = f.bank_operation_id
    where s.operations = 1 and s.duties = 1
    order by s.state_duty_id
    """  # noqa: S608 - a constant of ours
)
UNMATCHED = text(
    f"""
    with {FREE_OPERATIONS}

    select
        f.bank_operation_id, f.operation_date, f.amount, f.document_number, f.payee_name, f.purpose,
        case
            when f.marked_id is null then 'в назначении нет метки {MARK}…'
            when d.state_duty_id is null then 'пошлины с такой меткой нет'
            when d.status = 'paid' then 'эта пошлина уже оплачена другой операцией'
            when d.status not in ('in_register', 'calculated') then 'эта пошлина не ждёт оплаты'
            when d.to_pay <> f.amount then 'сумма не та: по реестру'
            else 'подходит, но пошлина не в реестре'
        end as reason,
        case when d.status in ('in_register', 'calculated') then d.state_duty_id end
            as state_duty_id,
        case when d.status in ('in_register', 'calculated') and d.to_pay <> f.amount
            then d.to_pay end as expected_amount
    from free as f
    left join ops.state_duty_current as d
        on f.marked_id = d.state_duty_id and f.organisation_id = d.organisation_id
    where f.marked_id is not null or f.purpose ilike '%госпошлин%'
        or f.purpose ilike '%государственная пошлина%'
    order by f.operation_date desc, f.bank_operation_id
    limit :limit
    """  # noqa: S608 - a constant of ours
)
OPERATION = text(
    """
    select operation_date, amount, document_number, organisation_id
    from ops.bank_operation where bank_operation_id = :bank_operation_id and direction = 'out'
    """
)
DUTY = text(
    "select organisation_id, to_pay from ops.state_duty_current "
    "where state_duty_id = :state_duty_id"
)

Row = Mapping[str, Any]
UIN_LENGTHS = (20, 25)


@dataclass(frozen=True, slots=True)
class Register:
    """A register that was made: its number within the organisation, its orders and their sum."""

    duty_register_id: int
    number: int
    items: int
    total: Decimal


def ready_duties(
    connection: Connection, organisation_id: int, day: date, court_code: str | None = None
) -> tuple[list[int], Decimal]:
    """Duties that could go to the bank on the day: their numbers and what they cost together."""
    rows = connection.execute(
        READY, {"organisation_id": organisation_id, "day": day, "court_code": court_code}
    ).all()
    return [row.state_duty_id for row in rows], sum((row.to_pay for row in rows), Decimal("0.00"))


def payer_accounts(connection: Connection, organisation_id: int) -> dict[int, str]:
    """Settlement accounts that the organisation may pay from."""
    found = connection.execute(PAYER_ACCOUNTS, {"organisation_id": organisation_id})
    return {row.bank_account_id: f"{row.account_number}, {row.bank_name}" for row in found}


def next_order_number(connection: Connection, organisation_id: int, day: date) -> int:
    """The number after the last payment order of the year."""
    return connection.scalar(NEXT_ORDER_NUMBER, {"organisation_id": organisation_id, "day": day})


def create_register(
    connection: Connection,
    organisation_id: int,
    state_duty_ids: Sequence[int],
    *,
    bank_account_id: int,
    day: date,
    first_number: int | None = None,
    accepts_old_details: bool = False,
    uins: Mapping[int, str] | None = None,
) -> Register:
    """Put duties into a register to pay, one payment order for each.

    ``uins`` are the УИН (field 22) of duties that have one, by number of the duty; see
    :func:`read_uins`. Raises ``DutyError`` when one of them is not to be paid any more, has no
    court or no details on the day, or its details are old and nobody said that they were looked at.
    """
    lock_duties(connection, organisation_id)
    chosen = {
        "organisation_id": organisation_id,
        "ids": list(state_duty_ids),
        "day": day,
        "old_days": OLD_DETAILS_DAYS,
    }
    found = connection.execute(CHECK, chosen).one()
    problem = _problem(found, len(set(state_duty_ids)), accepts_old_details=accepts_old_details)
    if problem:
        raise DutyError(problem)
    if bank_account_id not in payer_accounts(connection, organisation_id):
        raise DutyError("Выберите расчётный счёт, с которого платить.")
    first_number = first_number or next_order_number(connection, organisation_id, day)
    made = connection.execute(
        ADD_REGISTER,
        {
            "organisation_id": organisation_id,
            "day": day,
            "bank_account_id": bank_account_id,
            "items": found.items,
            "total": found.total,
        },
    ).one()
    numbers = {"duty_register_id": made.duty_register_id, "first_number": first_number}
    strange = set(uins or ()) - set(state_duty_ids)
    if strange:
        raise DutyError(f"УИН указан для пошлины № {min(strange)}, а в реестре её нет.")
    told = json.dumps({str(number): uin for number, uin in (uins or {}).items()})
    connection.execute(ADD_ITEMS, chosen | numbers | {"uins": told})
    connection.execute(ADD_EVENTS, {"day": day, "duty_register_id": made.duty_register_id})
    # What a bank would send back is better found now: nothing of it is written then.
    orders = register_orders(connection, made.duty_register_id)
    client_bank_file(orders, created_at=datetime.combine(day, datetime.min.time()))
    if control_total(orders) != found.total:
        raise DutyError("Сумма поручений не сошлась с реестром. Повторите.")
    return Register(made.duty_register_id, made.number, found.items, found.total)


def read_uins(written: str) -> dict[int, str]:
    """Read lines «number of a duty, УИН» as people paste them; return УИН by number of the duty.

    A УИН has 20 or 25 figures (приказ Минфина от 12.11.2013 № 107н). Raises ``DutyError`` naming
    the line that cannot be read.
    """
    found: dict[int, str] = {}
    for place, line in enumerate(written.splitlines(), start=1):
        words = line.replace(";", " ").replace(",", " ").split()
        if not words:
            continue
        number, *parts = words
        number = number.upper().removeprefix(MARK)
        uin = "".join(parts)
        if not (number.isascii() and number.isdigit() and parts):
            raise DutyError(f"Строка {place}: напишите номер пошлины и через пробел УИН.")
        if not (uin.isascii() and uin.isdigit() and len(uin) in UIN_LENGTHS) or not int(uin):
            raise DutyError(f"Строка {place}: «{uin}» – не УИН, в нём 20 или 25 цифр.")
        if int(number) in found:
            raise DutyError(f"Строка {place}: УИН пошлины № {number} указан дважды.")
        found[int(number)] = uin
    return found


def registers(connection: Connection, limit: int = 50) -> list[Row]:
    """Registers, the newest first, with what of them is paid."""
    return list(connection.execute(REGISTERS, {"limit": limit}).mappings())


def register_orders(connection: Connection, duty_register_id: int) -> list[PaymentOrder]:
    """The payment orders of a register, without those that left it since.

    Raises ``OrderRefusedError`` while a duty is in it whose case is not going to the court.
    """
    rows = connection.execute(ORDERS, {"duty_register_id": duty_register_id}).all()
    if idle := [row for row in rows if row.is_never_filed]:
        raise OrderRefusedError(
            f"Реестр № {idle[0].number}: пошлину № {idle[0].state_duty_id} платить не нужно, её "
            "дело отозвано до подачи. Отмените её последнее событие, чтобы исключить её из "
            "реестра, и скачайте файл снова."
        )
    return [
        PaymentOrder(
            number=row.order_number,
            day=row.registered_on,
            amount=row.amount,
            payer=Party(
                row.payer_name,
                row.payer_inn or "",
                row.payer_kpp or "",
                row.payer_account,
                row.payer_bank,
                row.payer_bic,
                row.payer_correspondent or "",
            ),
            payee=Party(
                row.payee,
                row.inn,
                row.kpp,
                row.account_number,
                row.bank,
                row.bic,
                row.correspondent_account or "",
            ),
            kbk=row.kbk,
            oktmo=row.oktmo,
            purpose=row.purpose,
            mark=f"GP-{row.state_duty_id}",
            uin=row.uin,
        )
        for row in rows
    ]


def register_for_client_bank(connection: Connection, duty_register_id: int, now: datetime) -> bytes:
    """The register as 1CClientBankExchange; raises ``OrderRefusedError``."""
    return client_bank_file(register_orders(connection, duty_register_id), created_at=now)


def register_for_sap(connection: Connection, duty_register_id: int, now: datetime) -> bytes:
    """The register as pain.001.001.09; raises ``OrderRefusedError``."""
    orders = register_orders(connection, duty_register_id)
    return credit_transfer_file(orders, message_id=f"DUTY-{duty_register_id}", created_at=now)


def pay_from_statements(
    connection: Connection, organisation_id: int, user_id: int | None = None
) -> int:
    """Mark duties as paid by outgoing operations of statements; return how many.

    Read anew after every statement, so the order in which register and statement come makes no
    difference.
    """
    lock_duties(connection, organisation_id)
    return connection.execute(
        PAY, {"organisation_id": organisation_id, "user_id": user_id}
    ).rowcount


def unmatched_operations(
    connection: Connection, organisation_id: int | None = None, limit: int = 200
) -> list[Row]:
    """Outgoing operations that speak of state duty but pay none that we know, and why."""
    values = {"organisation_id": organisation_id, "limit": limit}
    return [_with_expected_sum(row) for row in connection.execute(UNMATCHED, values).mappings()]


def _with_expected_sum(row: Row) -> Row:
    if row["expected_amount"] is None:
        return row
    return {**row, "reason": f"{row['reason']} {rubles(row['expected_amount'])} ₽"}


def bind_operation(connection: Connection, bank_operation_id: int, state_duty_id: int) -> None:
    """Say by hand which duty an operation paid; organisation and sum must agree."""
    operation = connection.execute(
        OPERATION, {"bank_operation_id": bank_operation_id}
    ).one_or_none()
    duty = connection.execute(DUTY, {"state_duty_id": state_duty_id}).one_or_none()
    if operation is None or duty is None or operation.organisation_id != duty.organisation_id:
        raise DutyError("Такой операции или такой пошлины у этой организации нет.")
    # Two people may bind one operation at once: the second finds it taken.
    lock_duties(connection, operation.organisation_id)
    if operation.amount != duty.to_pay:
        raise DutyError(
            f"Сумма операции {rubles(operation.amount)} ₽ не равна пошлине к уплате "
            f"{rubles(duty.to_pay)} ₽."
        )
    free = unmatched_operations(connection, operation.organisation_id, limit=1_000_000)
    if bank_operation_id not in {row["bank_operation_id"] for row in free}:
        raise DutyError("Эта операция уже оплатила другую пошлину.")
    pay_by_hand(
        connection,
        state_duty_id,
        paid_on=operation.operation_date,
        document=operation.document_number or "б/н",
        bank_operation_id=bank_operation_id,
    )


def _problem(found: Any, asked: int, *, accepts_old_details: bool) -> str | None:
    if not asked or found.items != asked:
        return (
            f"Из выбранных пошлин ({asked}) к оплате готовы {found.items}: остальные уже в "
            "реестре, оплачены, зачтены или по отозванным делам. Обновите страницу."
        )
    if found.without_court:
        return f"У {found.without_court} пошлин не определён суд. Назначьте его на экране «Суды»."
    if found.without_details:
        return (
            f"Нет реквизитов суда {found.one_without_details} на день оплаты (всего таких пошлин "
            f"{found.without_details}). Внесите их на экране «Суды и участки»."
        )
    if found.with_ended_details:
        return f"У {found.with_ended_details} пошлин срок реквизитов суда истёк. Обновите их."
    if found.with_old_details and not accepts_old_details:
        return (
            f"Реквизиты судов у {found.with_old_details} пошлин не проверялись больше "
            f"{OLD_DETAILS_DAYS} дней. Проверьте их на сайте суда и подтвердите."
        )
    return None
