"""Who and what a document speaks of: organisations, courts, debtors, signers.

Shared by the contexts of all documents; templates see the fields by the same names.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from document_gen.names import PersonName
from document_gen.phrases import in_case
from document_gen.russian import date_ru
from document_gen.words import Case


class DocumentDataError(ValueError):
    """The data of a document cannot be put on paper; the message, in Russian, says why."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who keeps the account and issues the document; ``None`` leaves a requisite out.

    ``name`` is the full name as in ЕГРЮЛ.
    """

    name: str
    inn: str | None = None
    kpp: str | None = None
    ogrn: str | None = None
    address: str | None = None
    phone: str | None = None
    email: str | None = None
    bank_name: str | None = None
    bic: str | None = None
    bank_account: str | None = None
    correspondent_account: str | None = None


@dataclass(frozen=True, slots=True)
class Claimant(Organisation):
    """The organisation that asks for the debt.

    Templates choose words by ``kind``: ``management_company``, ``homeowners``,
    ``resource_supplier``, ``waste_operator``, ``capital_repair_fund``, ``settlement_centre``,
    ``municipality``.
    """

    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: «генеральный директор», or a representative with ``power``.

    ``power`` follows «на основании»: «доверенности от 01.02.2026 № 15»; ``None`` for a head who
    acts by the charter.
    """

    position: str
    name: PersonName
    power: str | None = None


MAGISTRATE_SECTION = re.compile(r"^судебный участок (.*?)\s*миров(ого|ых) суд(ьи|ей)\s+(.*)$", re.I)


@dataclass(frozen=True, slots=True)
class Court:
    """A court by its name in the registry, with the judge if known.

    ``kind`` is ``MS`` for a section of a magistrate, ``RS`` for a district court.
    """

    name: str
    kind: str
    address: str | None = None
    judge: PersonName | None = None

    @property
    def is_magistrate(self) -> bool:
        """Whether it is a section of a magistrate (мировой судья)."""
        return self.kind == "MS"

    @property
    def section(self) -> str:
        """«судебного участка № 84 Коломенского судебного района»: what the magistrate sits in."""
        if found := MAGISTRATE_SECTION.match(self.name):
            return f"судебного участка {found.group(1)} {found.group(4)}".replace("  ", " ")
        return in_case(self.name, Case.GENITIVE).text

    @property
    def addressee(self) -> str:
        """Whom a paper is addressed to: «Мировому судье судебного участка № 84 …», «В … суд»."""
        if self.is_magistrate:
            return f"Мировому судье {self.section}"
        return f"В {in_case(self.name, Case.ACCUSATIVE).text}"

    @property
    def judge_title(self) -> str:
        """Who issues the order: «Мировой судья судебного участка № 84 …», «Судья … суда»."""
        return f"{'Мировой судья' if self.is_magistrate else 'Судья'} {self.section}"


IDENTIFIER_LABELS = {
    "snils": "СНИЛС",
    "inn": "ИНН",
    "passport": "паспорт",
    "birth_certificate": "свидетельство о рождении",
    "driving_licence": "водительское удостоверение",
    "vehicle_certificate": "свидетельство о регистрации транспортного средства",
}
BY_ARTICLE_124 = frozenset(IDENTIFIER_LABELS) - {"birth_certificate"}
"""What ГПК 124 accepts. A birth certificate proves a child's identity, an adult has a passport."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that tells a person from a namesake; ``kind`` is a key of ``IDENTIFIER_LABELS``."""

    kind: str
    number: str
    issued_by: str | None = None
    issued_on: date | None = None

    @property
    def text(self) -> str:
        """«СНИЛС 123-456-789 00»; «паспорт 4612 345678, выдан … 01.02.2010»."""
        label = IDENTIFIER_LABELS.get(self.kind)
        if label is None:
            raise DocumentDataError(f"Идентификатор вида «{self.kind}» документам не известен")
        text = f"{label} {self.number}"
        if self.issued_by:
            text += f", выдан: {self.issued_by}"
        if self.issued_on:
            text += f"{'' if self.issued_by else ', выдан'} {date_ru(self.issued_on)}"
        return text


@dataclass(frozen=True, slots=True)
class Represented:
    """The child (or ward) for whose share the debtor answers, and on what ground.

    ``basis`` is what the debtor is to the child, in the nominative: «родитель», «опекун».
    ``adult_since`` is the day on which the child came of age, ``None`` while it is a child: its
    representative answers for the months before.
    """

    name: PersonName
    birth_date: date | None
    basis: str
    adult_since: date | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of somebody, in roubles; ``total`` = ``principal`` + ``penalty``.

    ``duty`` is the state duty to be recovered besides; ``grand_total`` adds it.
    """

    principal: Decimal
    penalty: Decimal
    total: Decimal
    duty: Decimal
    grand_total: Decimal

    def __post_init__(self) -> None:
        """Refuse sums that do not add up: a court recounts them."""
        if (
            self.principal + self.penalty != self.total
            or self.total + self.duty != self.grand_total
        ):
            raise DocumentDataError(
                f"Суммы требования не сходятся: {self.principal} + {self.penalty} ≠ {self.total} "
                f"или {self.total} + {self.duty} ≠ {self.grand_total}"
            )
        if self.principal < 0 or self.penalty < 0 or self.duty < 0 or self.total == 0:
            raise DocumentDataError("Сумма требования должна быть больше нуля, части – не меньше")


@dataclass(frozen=True, slots=True)
class Debtor:
    """A person from whom the debt is asked.

    ``role`` is ``owner``, ``tenant``, ``family_member`` or ``former_family_member``. ``share`` is
    the share of the right as text («1/3»), ``None`` for the whole. ``demand`` is given where each
    debtor answers for a sum of their own. ``represents`` is the child for whose share a parent or
    guardian answers; in an agreement by instalments one person may answer for others too
    (``represents_also``) and for herself (``is_for_self``). ``residence`` is the place of residence
    known to the claimant. ``held_from`` and ``held_until`` are the days of a right (or of a life
    with the owner) that is over; ``held_until`` is ``None`` while it lasts.
    """

    name: PersonName
    role: str
    residence: str
    birth_date: date | None = None
    birth_place: str | None = None
    workplace: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    share: str | None = None
    represents: Represented | None = None
    demand: Demand | None = None
    died_on: date | None = None
    held_from: date | None = None
    held_until: date | None = None
    represents_also: tuple[Represented, ...] = ()
    is_for_self: bool = False

    def __post_init__(self) -> None:
        """Refuse the dead: an order against a dead person is void (ГПК 44, ГК 1175)."""
        if self.died_on is not None:
            raise DocumentDataError(
                f"{self.name}: дата смерти {date_ru(self.died_on)}. Требование предъявляется "
                "наследникам или к наследственному имуществу, документ на умершего не составляется."
            )

    @property
    def wards(self) -> tuple[Represented, ...]:
        """All for whom the debtor answers besides herself."""
        return () if self.represents is None else (self.represents, *self.represents_also)

    @property
    def is_identified(self) -> bool:
        """Whether one of the identifiers that ГПК 124 asks for is known."""
        return any(identifier.kind in BY_ARTICLE_124 for identifier in self.identifiers)

    @property
    def identifier(self) -> str | None:
        """The identifiers as one line, ``None`` if the claimant knows none."""
        known = [i.text for i in self.identifiers if i.kind in BY_ARTICLE_124]
        return "; ".join(known) or None
