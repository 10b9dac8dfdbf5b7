"""Papers between the creditor and the debtor, before a court: the demand and the instalments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from document_gen.court_case import Enclosure, ServiceDebt
from document_gen.names import PersonName, split_full_name
from document_gen.parties import (
    Claimant,
    Debtor,
    Demand,
    DocumentDataError,
    Identifier,
    Represented,
    Signer,
)
from document_gen.qr import case_code


@dataclass(frozen=True, slots=True)
class PretrialDemandContext:
    """«Претензия»: what is owed, till when to pay, and what follows.

    ``demand.duty`` is nought; ``expected_duty`` is what a court would cost the debtor.
    ``restricted_services`` may be restricted if the debt stays. ``payment_qr`` is the picture made
    by ``qr.payment_code``, ``None`` where the bank details are not known.
    """

    case_number: str
    number: str
    sent_on: date
    claimant: Claimant
    signer: Signer
    debtors: tuple[Debtor, ...]
    right: str
    ground: str
    account_number: str
    address: str
    period_from: date
    period_to: date
    demand: Demand
    service_debts: tuple[ServiceDebt, ...]
    pay_until: date
    built_at: datetime
    penalty_to: date | None = None
    expected_duty: Decimal | None = None
    offers_instalments: bool = True
    restricted_services: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    delivery: str | None = None
    payment_qr: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse a demand that contradicts itself."""
        if not self.debtors:
            raise DocumentDataError(f"Претензия {self.number}: нет должника")
        if sum((d.principal for d in self.service_debts), Decimal(0)) != self.demand.principal:
            raise DocumentDataError(f"Претензия {self.number}: долг по услугам не равен долгу")
        if self.demand.penalty > 0 and self.penalty_to is None:
            raise DocumentDataError(f"Претензия {self.number}: не указано, по какой день пени")


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of the schedule; ``balance`` is what stays after it, in roubles."""

    number: int
    due_on: date
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class InstalmentContext:
    """«Соглашение о рассрочке». The first payment is not in ``schedule``.

    ``penalty_rule`` is ``stops`` (no penalty is charged while the agreement is kept), ``goes_on``
    or ``written_off`` (the penalty is waived once all is paid). When ``missed_limit`` payments have
    been missed and are still unpaid, the whole rest is due at once and may be taken to court.
    """

    case_number: str
    number: str
    signed_on: date
    place: str
    claimant: Claimant
    signer: Signer
    debtors: tuple[Debtor, ...]
    account_number: str
    address: str
    period_from: date
    period_to: date
    demand: Demand
    first_payment: Decimal
    first_payment_on: date
    schedule: tuple[Instalment, ...]
    penalty_rule: str
    missed_limit: int
    built_at: datetime

    def __post_init__(self) -> None:
        """Refuse a schedule that does not pay the debt to the kopeck."""
        paid = self.first_payment + sum((line.amount for line in self.schedule), Decimal(0))
        if not self.schedule or paid != self.demand.total or self.schedule[-1].balance != 0:
            raise DocumentDataError(
                f"Соглашение {self.number}: платежи графика не складываются в сумму долга"
            )
        if self.penalty_rule not in ("stops", "goes_on", "written_off") or not self.debtors:
            raise DocumentDataError(f"Соглашение {self.number}: условия указаны не полностью")


def agreement_from_rows(
    *,
    head: Mapping[str, Any],
    organisation: Mapping[str, Any],
    debtors: Sequence[Mapping[str, Any]],
    wards: Sequence[Mapping[str, Any]],
    lines: Sequence[Mapping[str, Any]],
) -> InstalmentContext:
    """Put the rows of an agreement into its paper; ``wards`` name their signer by ``person_id``.

    Raises :class:`DocumentDataError` (Russian) where something that parties sign is not known.
    """
    if not (organisation["head_position"] and organisation["head_name"]):
        raise DocumentDataError("Не указано, кто подписывает от организации: внесите руководителя.")
    if not head["address"]:
        raise DocumentDataError(f"Счёт {head['account_number']}: не указан адрес помещения.")
    position = organisation["head_position"]
    total = head["principal"] + head["penalty"]
    first, *later = lines
    children: dict[int, list[Represented]] = defaultdict(list)
    for ward in wards:
        children[ward["person_id"]].append(_represented(ward))
    return InstalmentContext(
        case_number=head["number"],
        number=head["number"],
        signed_on=head["signed_on"],
        place=head["place"],
        claimant=Claimant(
            **{name: value for name, value in organisation.items() if not name.startswith("head_")}
        ),
        signer=Signer(
            position[0].lower() + position[1:], split_full_name(organisation["head_name"])
        ),
        debtors=tuple(
            Debtor(
                name=PersonName(row["last"], row["first"], row["middle"], row["sex"]),
                role="owner",
                residence=row["residence"],
                birth_date=row["birth_date"],
                identifiers=tuple(
                    Identifier(each["kind"], each["number"]) for each in row["identifiers"]
                ),
                represents=next(iter(children[row["person_id"]]), None),
                represents_also=tuple(children[row["person_id"]][1:]),
                is_for_self=row["is_for_self"],
            )
            for row in debtors
        ),
        account_number=head["account_number"],
        address=head["address"],
        period_from=head["period_from"],
        period_to=head["period_to"],
        demand=Demand(head["principal"], head["penalty"], total, Decimal(0), total),
        first_payment=first["amount"],
        first_payment_on=first["due_on"],
        schedule=tuple(
            Instalment(line["line_number"], line["due_on"], line["amount"], line["balance"])
            for line in later
        ),
        penalty_rule="goes_on",
        missed_limit=head["missed_limit"],
        built_at=head["built_at"],
    )


def _represented(row: Mapping[str, Any]) -> Represented:
    """Name a child for whom a parent signs."""
    return Represented(
        PersonName(row["last"], row["first"], row["middle"], row["sex"]),
        row["birth_date"],
        row["basis"] or "родитель",
        row["adult_since"],
    )


def letter_values(context: PretrialDemandContext | InstalmentContext) -> dict[str, Any]:
    """The names that templates use: the fields, and ``debtor``, ``is_plural``, ``case_qr``."""
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return values | {
        "debtor": context.debtors[0],
        "is_plural": len(context.debtors) > 1,
        "has_penalty": context.demand.penalty > 0,
        "case_qr": case_code(context.case_number),
    }
