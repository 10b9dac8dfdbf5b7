"""Places that courts hear: a street with a range or a list of houses, or the rest of a settlement.

Streets and houses are brought into one form, the same as ``ops.house_key`` gives to our houses, so
that lists and houses meet whichever came first.
"""

import re
from dataclasses import dataclass
from itertools import count

from operational_db.imports.address import AddressPart, read_address
from operational_db.imports.problems import FieldError

PARITIES = {
    "": "all", "все": "all", "all": "all", "любые": "all",
    "нечет": "odd", "нечетные": "odd", "odd": "odd", "нечетная": "odd",
    "чет": "even", "четные": "even", "even": "even", "четная": "even",
}  # fmt: skip
PARITY_NAMES = {"all": "все", "odd": "нечётные", "even": "чётные"}
_LARGEST_NUMBER = 9999
_GLUED_BUILDING = re.compile(r"(?<=\d)\s*(к|корп|стр|с)\.?\s*(?=\d)", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A street, or a settlement where ``street`` is None; ``key`` is its normal form."""

    settlement: str
    street: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Houses:
    """Houses of one street: a list of them, or a range by numbers; bounds are inclusive.

    A range takes in letters and buildings (12А, 12к1), except those that ``except_keys`` names.
    """

    parity: str = "all"
    number_from: int | None = None
    number_to: int | None = None
    house_keys: tuple[str, ...] | None = None
    except_keys: tuple[str, ...] = ()

    def covers(self, key: str) -> bool:
        """Tell whether a house in normal form belongs here."""
        if self.house_keys is not None:
            return key in self.house_keys
        match = _NUMBER.match(key)
        if match is None or key in self.except_keys:
            return False
        number = int(match[0])
        return (
            (self.number_from is None or number >= self.number_from)
            and (self.number_to is None or number <= self.number_to)
            and self._fits(number)
        )

    def common(self, other: "Houses") -> str | None:
        """A house that belongs to both, to be named to a clerk; None when there is none."""
        for one, another in ((self, other), (other, self)):
            if one.house_keys is not None:
                return next((key for key in one.house_keys if another.covers(key)), None)
        low = max(self.number_from or 1, other.number_from or 1)
        ends = [end for end in (self.number_to, other.number_to) if end is not None]
        high = min(ends) if ends else None
        # Exceptions are few, so a number that both have is found soon if there is one.
        tried = 2 * (len(self.except_keys) + len(other.except_keys)) + 2
        for number, _ in zip(count(low), range(tried), strict=False):
            if high is not None and number > high:
                return None
            if self.covers(str(number)) and other.covers(str(number)):
                return str(number)
        return None

    def told(self) -> str:
        """In Russian: «дома 1–25, нечётные, кроме 5»."""
        if self.house_keys is not None:
            return "дома " + ", ".join(self.house_keys)
        parts = []
        if self.number_from is None and self.number_to is None:
            parts.append("вся улица" if self.parity == "all" else "все дома")
        elif self.number_to is None:
            parts.append(f"дома с {self.number_from}")
        elif self.number_from is None:
            parts.append(f"дома по {self.number_to}")
        else:
            parts.append(f"дома {self.number_from}–{self.number_to}")
        if self.parity != "all":
            parts.append(PARITY_NAMES[self.parity])
        if self.except_keys:
            parts.append("кроме " + ", ".join(self.except_keys))
        return ", ".join(parts)

    def _fits(self, number: int) -> bool:
        return self.parity == "all" or (number % 2 == 1) == (self.parity == "odd")


def sort_key(text: str) -> str:
    """The same as ``ops.russian_sort_key``: letters small, ё as е."""
    return text.lower().replace("ё", "е")


def read_place(settlement: str, street: str) -> Place:
    """Read a settlement and a street; an empty street means the whole settlement.

    Raises ``FieldError`` for what is neither.
    """
    if not settlement.strip():
        raise FieldError("не назван населённый пункт. Впишите его с видом: г. Орёл, п. Дачный.")
    # The grammar of addresses wants a house, and in a town a street too.
    asked = street.strip() or "ул. Любая"
    address = read_address(f"{settlement.strip()}, {asked}, д. 1")
    if address.street is None:
        raise FieldError(f"«{street}» не улица. Впишите её с видом: ул. Ленина, пр-кт Мира.")
    steps = [*address.settlements, *([address.street] if street.strip() else [])]
    return Place(
        settlement=", ".join(_written(step) for step in address.settlements),
        street=_written(address.street) if street.strip() else None,
        key="|".join(sort_key(_written(step)) for step in steps),
    )


def read_houses(parity: str, first: str, last: str, listed: str, excepted: str) -> Houses:
    """Read the houses of a row: a list, or a range with its parity and exceptions."""
    keys = _keys(listed)
    told_parity = PARITIES.get(sort_key(parity.strip().rstrip(".")))
    if told_parity is None:
        raise FieldError(f"чётность «{parity}» не понять. Напишите: все, чётные или нечётные.")
    number_from, number_to = _number(first), _number(last)
    except_keys = _keys(excepted)
    if keys:
        if number_from or number_to or except_keys or told_parity != "all":
            raise FieldError(
                "названы и отдельные дома, и промежуток. Разнесите их по двум строкам."
            )
        return Houses(house_keys=keys)
    if number_from is not None and number_to is not None and number_from > number_to:
        raise FieldError(f"первый дом {number_from} больше последнего {number_to}.")
    return Houses(told_parity, number_from, number_to, None, except_keys)


def house_key(text: str) -> str:
    """The normal form of a house number: «12 корп. 1» is 12к1. Raises ``FieldError``."""
    spread = _GLUED_BUILDING.sub(lambda m: " к. " if m[1][0] in "кК" else " стр. ", text.strip())
    address = read_address(f"г. Город, ул. Любая, д. {spread}")
    parts = [address.full_number]
    if address.building:
        parts.append(f"к{address.building}")
    if address.full_structure:
        parts.append(f"с{address.full_structure}")
    return sort_key("".join(parts)).replace(" ", "")


def _keys(listed: str) -> tuple[str, ...]:
    written = [part for part in re.split(r"[,;]", listed) if part.strip()]
    return tuple(dict.fromkeys(house_key(part) for part in written))


def _number(text: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    if not plain.isascii() or not plain.isdigit() or not 1 <= int(plain) <= _LARGEST_NUMBER:
        raise FieldError(
            f"«{text}» не номер для промежутка. Впишите целое число; дома с буквой или корпусом "
            "назовите в столбце «Дома»."
        )
    return int(plain)


def _written(step: AddressPart) -> str:
    return f"{step.type_name} {step.name}"
