"""State duty (госпошлина) for orders and claims of general courts, НК 333.19, from its table.

The duty depends on one sum only, so it is the one sum of money that Python counts. The scale is
that of the day of sending to the court. The exact fee is halved for an order and rounded once, to
whole roubles, 50 kopecks up (НК 52 п. 6).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, text

LARGEST_CLAIM = Decimal("999999999999.99")
_ROUBLE = Decimal(1)
_KOPECKS = 100
_PER_CENT = 100

STEPS = text(
    """
    select step_id, scale_id, valid_from, valid_to, kind, claim_over, claim_upto_incl, base_rub,
        pct_over, claim_fee_share_pct, min_rub, max_rub, act, mark
    from reference.state_duty_step
    where forum = 'SOYU' and kind in ('claim', 'court_order') and payer = 'any'
    order by step_id
    """
)
LIMITS = text(
    """
    select code, valid_from, valid_to, value, act, mark from reference.legal_term
    where code in ('court_order_claim_max', 'magistrate_property_claim_max') and is_enabled
    """
)
VERIFIED_THROUGH = text(
    "select verified_through from reference.table_state where table_name = 'state_duty_step'"
)


class DutyKind(StrEnum):
    """What is filed: an application for an order, or a claim."""

    ORDER = "order"
    CLAIM = "claim"


STEP_KINDS = {DutyKind.ORDER: "court_order", DutyKind.CLAIM: "claim"}


class DutyRefusedError(ValueError):
    """The duty cannot be counted as asked; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class DutyTables:
    """Rows of the scales and of the limits of courts, and how far the scales were verified."""

    steps: Sequence[Mapping[str, Any]]
    limits: Sequence[Mapping[str, Any]]
    verified_through: date | None


@dataclass(frozen=True, slots=True)
class StateDuty:
    """The duty for one application, in roubles, with the rule that it rests on.

    ``exact`` is the fee before rounding. ``offset`` is what an earlier duty pays of it (зачёт),
    ``offset_left`` what of the earlier duty is left over.
    """

    kind: DutyKind
    filed_on: date
    claim_sum: Decimal
    exact: Decimal
    amount: Decimal
    offset: Decimal
    offset_left: Decimal
    scale_id: str
    step_id: str
    formula: str
    act: str
    mark: str
    is_verified: bool

    @property
    def to_pay(self) -> Decimal:
        """What is to be paid to the treasury."""
        return self.amount - self.offset


@dataclass(frozen=True, slots=True)
class Competence:
    """Which court hears it by the sum: ``MS`` a magistrate, ``RS`` a district court.

    ``objection`` says why an order cannot be asked for; None when it can, and for claims.
    """

    court_kind: str
    act: str
    mark: str
    objection: str | None = None
    note: str | None = None


def duty_tables(connection: Connection) -> DutyTables:
    """Read what the duty is counted from; a few dozen rows, to be read once for a batch."""
    return DutyTables(
        steps=list(connection.execute(STEPS).mappings()),
        limits=list(connection.execute(LIMITS).mappings()),
        verified_through=connection.scalar(VERIFIED_THROUGH),
    )


def state_duty(
    tables: DutyTables,
    kind: DutyKind,
    claim_sum: Decimal,
    filed_on: date,
    *,
    paid_before: Decimal = Decimal(0),
) -> StateDuty:
    """Count the duty for ``claim_sum`` roubles (principal and penalty, without the duty itself).

    ``paid_before`` is duty paid for an order that was refused, returned or cancelled: it is offset
    (НК 333.20 п. 1 пп. 13, 333.40). Raises ``DutyRefusedError`` for a sum that is none and for a
    day before the oldest scale.
    """
    _check_sum(claim_sum)
    if paid_before < 0:
        raise DutyRefusedError("Зачитываемая пошлина не может быть меньше нуля.")
    claim_step = _step(tables, "claim", claim_sum, filed_on)
    exact, formula = _fee_of_claim(claim_step, claim_sum)
    step = claim_step
    if kind is DutyKind.ORDER:
        step = _step(tables, STEP_KINDS[kind], claim_sum, filed_on)
        share = step["claim_fee_share_pct"]
        exact = _within(exact * share / _PER_CENT, step)
        whole = f"({formula})" if "," in formula or "+" in formula else formula
        formula = f"{whole} × {_plain(share)} %"
    amount = exact.quantize(_ROUBLE, ROUND_HALF_UP)
    offset = min(amount, paid_before)
    verified = tables.verified_through
    return StateDuty(
        kind=kind,
        filed_on=filed_on,
        claim_sum=claim_sum,
        exact=exact,
        amount=amount,
        offset=offset,
        offset_left=paid_before - offset,
        scale_id=claim_step["scale_id"],
        # The step that the sum fell into; of an order too, since halving is the same for all.
        step_id=claim_step["step_id"],
        formula=formula,
        act=step["act"],
        mark=step["mark"],
        is_verified=verified is None or filed_on <= verified,
    )


def split_by_shares(claim_sum: Decimal, shares: Sequence[Fraction]) -> list[Decimal]:
    """Divide a claim among co-owners, each of whom is sued alone; kopecks by largest remainder.

    Equal remainders go to the earlier share. Shares may make less than one (an owner is unknown or
    not sued): the rest belongs to nobody here. Raises ``DutyRefusedError`` when they make more.
    """
    _check_sum(claim_sum)
    if not shares or any(share <= 0 for share in shares):
        raise DutyRefusedError("Доля должна быть больше нуля, например 1/3.")
    whole = sum(shares, Fraction(0))
    if whole > 1:
        raise DutyRefusedError(f"Доли в сумме дают {whole}, больше целого. Исправьте доли.")
    kopecks = int(claim_sum * _KOPECKS)
    exact = [kopecks * share for share in shares]
    parts = [int(part) for part in exact]
    # Of a whole flat every kopeck is somebody's; of a part of it, what the shares make in all.
    rest = int(kopecks * whole) - sum(parts)
    order = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in order[:rest]:
        parts[place] += 1
    return [Decimal(part) / _KOPECKS for part in parts]


def competence(
    tables: DutyTables, kind: DutyKind, claim_sum: Decimal, filed_on: date
) -> Competence | None:
    """Which court hears it by the sum (ГПК 23, 24, 121); None before the limits that we know.

    All orders are a magistrate's, up to the limit. A claim goes to a magistrate up to his limit,
    above it to the district court.
    """
    _check_sum(claim_sum)
    order_limit = _limit(tables, "court_order_claim_max", filed_on)
    claim_limit = _limit(tables, "magistrate_property_claim_max", filed_on)
    if kind is DutyKind.ORDER:
        if order_limit is None:
            return None
        objection = None
        if claim_sum > order_limit["value"]:
            objection = (
                f"Сумма больше {_spaced(order_limit['value'])} руб.: судебный приказ по ней не "
                f"выдают ({order_limit['act']}). Подавайте иск."
            )
        return Competence("MS", order_limit["act"], order_limit["mark"], objection)
    if claim_limit is None:
        return None
    note = None
    if order_limit is not None and claim_sum <= order_limit["value"]:
        note = (
            "Иск на такую сумму примут только после отказа в приказе или его отмены: без них его "
            "вернут (ГПК РФ ст. 135 ч. 1 п. 1.1)."
        )
    court = "MS" if claim_sum <= claim_limit["value"] else "RS"
    act = claim_limit["act"] if court == "MS" else "ГПК РФ ст. 24"
    return Competence(court, act, claim_limit["mark"], note=note)


def _check_sum(claim_sum: Decimal) -> None:
    if claim_sum <= 0:
        raise DutyRefusedError("Цена требования должна быть больше нуля.")
    if claim_sum > LARGEST_CLAIM:
        raise DutyRefusedError(f"Цена требования больше {_spaced(LARGEST_CLAIM)} руб.")
    if claim_sum != claim_sum.quantize(Decimal("0.01")):
        raise DutyRefusedError("В цене требования больше двух знаков после запятой.")


def _step(tables: DutyTables, kind: str, claim_sum: Decimal, filed_on: date) -> Mapping[str, Any]:
    in_force = [
        step
        for step in tables.steps
        if step["kind"] == kind and _holds(step, filed_on) and _reaches(step, claim_sum)
    ]
    if len(in_force) != 1:
        days = sorted(step["valid_from"] for step in tables.steps)
        since = f"{days[0]:%d.%m.%Y}" if days else "—"
        raise DutyRefusedError(
            f"На {filed_on:%d.%m.%Y} в справочнике нет шкалы госпошлины: она известна с {since}. "
            "Проверьте дату подачи или дополните справочник state_duty_step."
        )
    return in_force[0]


def _limit(tables: DutyTables, code: str, day: date) -> Mapping[str, Any] | None:
    found = [row for row in tables.limits if row["code"] == code and _holds(row, day)]
    return found[0] if found else None


def _holds(row: Mapping[str, Any], day: date) -> bool:
    return row["valid_from"] <= day and (row["valid_to"] is None or day <= row["valid_to"])


def _reaches(step: Mapping[str, Any], claim_sum: Decimal) -> bool:
    over, upto = step["claim_over"], step["claim_upto_incl"]
    return (over is None or claim_sum > over) and (upto is None or claim_sum <= upto)


def _fee_of_claim(step: Mapping[str, Any], claim_sum: Decimal) -> tuple[Decimal, str]:
    base, rate = step["base_rub"], step["pct_over"] or Decimal(0)
    over = step["claim_over"] or Decimal(0)
    fee = base + (claim_sum - over) * rate / _PER_CENT
    terms = []
    if base or not rate:
        terms.append(_spaced(base))
    if rate:
        above = f"({_spaced(claim_sum)} − {_spaced(over)})" if over else _spaced(claim_sum)
        terms.append(f"{_plain(rate)} % × {above}")
    bounded = _within(fee, step)
    formula = " + ".join(terms)
    if bounded > fee:
        formula = f"{formula}, но не менее {_spaced(bounded)}"
    elif bounded < fee:
        formula = f"{formula}, но не более {_spaced(bounded)}"
    return bounded, formula


def _within(fee: Decimal, step: Mapping[str, Any]) -> Decimal:
    if step["min_rub"] is not None:
        fee = max(fee, step["min_rub"])
    if step["max_rub"] is not None:
        fee = min(fee, step["max_rub"])
    return fee


def total_to_pay(duties: Iterable[StateDuty]) -> Decimal:
    """What several applications cost together."""
    return sum((duty.to_pay for duty in duties), Decimal(0))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def _spaced(value: Decimal | int) -> str:
    digits = 0 if value == int(value) else 2
    return f"{value:,.{digits}f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
