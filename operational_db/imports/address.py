"""Russian addresses as registries print them, taken apart into settlement, street and house.

The grammar follows real rows («г. Саратов п. Дачный ул. Мелиораторов д. 16А (дубль 1) к. Б»).
What cannot be read for certain raises ``FieldError``: a guessed house would get a stranger's debt.
"""

import re
from dataclasses import dataclass

from operational_db.imports.problems import FieldError

# As printed in the address → as written by us. The first group is settlements, the second streets
# and what plays their part between a settlement and a house (ФИАС: planning structure elements).
_SETTLEMENT_TYPES = {
    "г": "г.", "город": "г.", "п": "п.", "пос": "п.", "посёлок": "п.", "поселок": "п.",
    "рп": "рп.", "р.п": "рп.", "пгт": "пгт.", "с": "с.", "село": "с.", "дер": "дер.",
    "деревня": "дер.", "х": "х.", "хутор": "х.", "ст-ца": "ст-ца",
}  # fmt: skip
_STREET_TYPES = {
    "ул": "ул.", "улица": "ул.", "пр-кт": "пр-кт", "просп": "пр-кт", "проспект": "пр-кт",
    "пр-т": "пр-кт", "пер": "пер.", "переулок": "пер.", "проезд": "проезд", "пр-д": "проезд",
    "пл": "пл.", "площадь": "пл.", "туп": "туп.", "тупик": "туп.", "ш": "ш.", "шоссе": "ш.",
    "наб": "наб.", "набережная": "наб.", "б-р": "б-р", "бульвар": "б-р", "бул": "б-р",
    "кв-л": "кв-л", "квартал": "кв-л", "мкр": "мкр.", "мкрн": "мкр.", "микрорайон": "мкр.",
    "тер": "тер.", "территория": "тер.", "линия": "линия", "ст": "ст.", "сл": "сл.",
    "гск": "гск", "снт": "снт", "аллея": "аллея", "дор": "дор.",
}  # fmt: skip
_TYPE_WORDS = sorted({*_SETTLEMENT_TYPES, *_STREET_TYPES}, key=len, reverse=True)
# «Ул.» may begin with a capital; «С.», «Г.», «П.» are initials («ул. им. Кирова С.М.»).
_TYPE = "|".join(
    re.escape(word) if len(word) == 1 else f"[{word[0].upper()}{word[0]}]{re.escape(word[1:])}"
    for word in _TYPE_WORDS
)
# A type is a word of its own with a point after it, or the first word of a part between commas.
_MARKER = re.compile(rf"(?:(?<=\s)|^)({_TYPE})\.(?=\s|[А-ЯЁ0-9])")
_TYPE_AT_START = re.compile(rf"({_TYPE})\.?\s+(.+)")
_TYPE_AT_END = re.compile(rf"(.+?)\s+({_TYPE})\.?")
_POSTAL_CODE = re.compile(r"^\s*\d{6}\s*,?\s*")
_HOUSE = re.compile(r"(?:(?<=[\s,])|^)(?:д\.|[Дд]ом\b\.?)\s*")
_NAMED_AFTER = re.compile(r"^им\.?\s+", re.IGNORECASE)

_DUPLICATE = re.compile(
    r"\(?\s*дубль\s*(?:\d+|[XХ])?\s*\)?|ещё(?: один)?|еще(?: один)?", re.IGNORECASE
)
_PARENTHESES = re.compile(r"\(\s*(?!лит)([^()]*)\)", re.IGNORECASE)
_STRUCTURE = re.compile(r"(?:(?<=[\s,])|^)(?:стр|строение)\b\.?\s*([^\s.].*)?$", re.IGNORECASE)
_BUILDING = re.compile(r"(?:(?<=[\s,])|^)(?:к\.|корп\b\.?|корпус)\s*(.+)$", re.IGNORECASE)
_LITERA = re.compile(r"\(?\s*лит(?:ера|ер|\.)\s*([а-яёa-z0-9 ]+?)\s*\)?$", re.IGNORECASE)
_USE = re.compile(r"(?:(?<=\s)|^)(жилой|панельный|кирпичный|пристр\.|общ\.?|общежитие)$", re.I)
_NUMBER = re.compile(r"\d+[А-ЯЁ]{0,3}\d{0,2}(?:[А-ЯЁ]\d?)*(?:/\d+[А-ЯЁ]{0,2})*(?:-[А-ЯЁ\d]{1,3})?")
_NUMBER_AND_LETTER = re.compile(r"(\d+(?:/\d+)*)-?([А-ЯЁ]{1,2})")
_LATIN_LOOKALIKES = str.maketrans("ABCEHKMOPTXabceopx", "АВСЕНКМОРТХАВСЕОРХ")
_LONGEST_PART = 20


@dataclass(frozen=True, slots=True)
class AddressPart:
    """A settlement or street: its type as we write it and its name."""

    type_name: str
    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. ``number`` has no letter; ``litera`` is that of the БТИ plan."""

    settlements: tuple[AddressPart, ...]
    street: AddressPart | None
    number: str
    letter: str | None
    building: str | None
    structure: str | None
    litera: str | None
    remark: str | None
    is_marked_duplicate: bool

    @property
    def full_number(self) -> str:
        """Number with its letter, as it stands on the house: 12А."""
        return self.number + (self.letter or "")

    @property
    def full_structure(self) -> str | None:
        """Structure and litera together, or None."""
        parts = (self.structure, f"литера {self.litera}" if self.litera else None)
        return " ".join(part for part in parts if part) or None


def read_address(text: str) -> Address:
    """Take an address apart. Raises ``FieldError`` with the part that cannot be read."""
    plain = _POSTAL_CODE.sub("", " ".join(text.split()))
    if not plain or plain.lower() == "none":
        raise FieldError("адреса нет: строка заголовка или итога. Удалите её или впишите адрес.")
    houses = list(_HOUSE.finditer(plain))
    if not houses:
        raise FieldError(f"в «{text}» нет номера дома. Впишите его после «д.».")
    if len(houses) > 1:
        # The word may repeat («д. дом 16»); another address inside the number may not.
        between = plain[houses[0].end() : houses[-1].start()].strip()
        if between:
            raise FieldError(f"после «д.» стоит «{between}», а не номер дома. Исправьте адрес.")
    settlements, street = _read_head(plain[: houses[0].start()].strip(" ,"), text)
    return _read_house(plain[houses[-1].end() :].strip(" ,"), settlements, street)


def _read_head(head: str, text: str) -> tuple[tuple[AddressPart, ...], AddressPart | None]:
    settlements: list[AddressPart] = []
    streets: list[AddressPart] = []
    for word, name in _typed_names(head, text):
        if word in _STREET_TYPES:
            streets.append(AddressPart(_STREET_TYPES[word], _NAMED_AFTER.sub("им. ", name)))
        elif streets:
            raise FieldError(f"в «{text}» населённый пункт стоит после улицы. Исправьте порядок.")
        else:
            settlements.append(AddressPart(_SETTLEMENT_TYPES[word], name))
    if not settlements:
        raise FieldError(f"в «{text}» нет населённого пункта. Начните адрес с «г.», «п.» или «с.».")
    if len(streets) > 1:
        raise FieldError(f"в «{text}» две улицы. Оставьте одну.")
    if not streets and settlements[-1].type_name == "г.":
        raise FieldError(f"в «{text}» нет улицы, а в городе без неё дом не найти. Впишите улицу.")
    return tuple(settlements), streets[0] if streets else None


def _typed_names(head: str, text: str) -> list[tuple[str, str]]:
    found = []
    for part in filter(None, (part.strip() for part in head.split(","))):
        markers = list(_MARKER.finditer(part))
        if markers and markers[0].start() == 0:
            ends = [marker.start() for marker in markers[1:]] + [len(part)]
            found += [
                (marker[1].lower(), part[marker.end() : end].strip())
                for marker, end in zip(markers, ends, strict=True)
            ]
        elif match := _TYPE_AT_START.fullmatch(part):
            found.append((match[1].lower(), match[2].strip()))
        elif match := _TYPE_AT_END.fullmatch(part):
            found.append((match[2].lower(), match[1].strip()))
        else:
            raise FieldError(f"в «{text}» не понять часть «{part}». Укажите вид: г., п., ул., пер.")
    if not all(name for _, name in found):
        raise FieldError(f"в «{text}» после вида (г., ул.) нет названия. Впишите его.")
    return found


def _read_house(
    tail: str, settlements: tuple[AddressPart, ...], street: AddressPart | None
) -> Address:
    rest = tail
    remarks = []
    is_marked_duplicate = bool(_DUPLICATE.search(rest))
    rest = _DUPLICATE.sub(" ", rest)
    if match := _PARENTHESES.search(rest):
        remarks.append(match[1].strip())
        rest = _PARENTHESES.sub(" ", rest)
    rest, litera = _cut(_LITERA, rest)
    rest, structure = _cut(_STRUCTURE, rest)
    rest, building = _cut(_BUILDING, rest)
    if structure and _USE.fullmatch(structure):
        # «стр. жилой» names the use of the house in the source, not a structure.
        remarks.append(structure)
        structure = None
    elif not structure and (match := _USE.search(rest.strip())):
        remarks.append(match[1])
        rest = _USE.sub("", rest.strip())
    number = _read_number(rest, tail)
    match = _NUMBER_AND_LETTER.fullmatch(number)
    return Address(
        settlements=settlements,
        street=street,
        number=match[1] if match else number,
        letter=match[2] if match else None,
        building=building.upper() if building else None,
        structure=structure.upper() if structure else None,
        litera=litera.upper() if litera else None,
        remark="; ".join(remark for remark in remarks if remark) or None,
        is_marked_duplicate=is_marked_duplicate,
    )


def _cut(pattern: re.Pattern[str], rest: str) -> tuple[str, str | None]:
    match = pattern.search(rest.strip())
    if not match:
        return rest, None
    value = " ".join((match[1] or "").replace('"', "").split())
    if len(value) > _LONGEST_PART:
        raise FieldError(f"не понять «{match[0].strip()}» в номере дома. Исправьте адрес.")
    return rest.strip()[: match.start()], value or None


def _read_number(rest: str, tail: str) -> str:
    plain = re.sub(r"[\"«»“”№]", "", rest).replace("\\", "/").strip(" .,")
    if re.search(r"\d\s+\d|[А-Яа-яЁё]\s*\d+\s*[А-Яа-яЁё]\s*$", plain) and " " in plain:
        raise FieldError(f"в номере дома «{tail}» два номера. Разделите их косой чертой.")
    plain = re.sub(r"\s+", "", plain).translate(_LATIN_LOOKALIKES).upper()
    if not plain or plain == "Б/Н":
        raise FieldError(f"«{tail}»: дом без номера. Впишите номер, как на табличке дома.")
    if not _NUMBER.fullmatch(plain):
        raise FieldError(f"«{tail}» не номер дома. Впишите номер, как на табличке: 12, 12А, 12/1.")
    return plain
