"""Extracts from ЕГРН about premises, as Росреестр gives them out in XML.

Full and short extracts of several years have one shape below different roots. Texts hold inner line
breaks, shares are absent for sole and joint ownership, names are absent since 01.03.2023 unless the
owner agreed. A file that declares a document type is refused: extracts have none, attacks do.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lxml import etree

from operational_db.imports.identifiers import inn_is_right, snils_digits, snils_written
from operational_db.imports.problems import FieldError, FileRefusedError, Notice
from operational_db.imports.values import read_date

_ROOT = re.compile(r"extract_(?:about_property|base_params)_([a-z_]+)")
_PREMISES = {"room": "room_record", "car_parking_space": "car_parking_space_record"}
_OTHER_OBJECTS = {
    "land": "о земельном участке",
    "build": "о здании",
    "construction": "о сооружении",
    "under_construction": "об объекте незавершённого строительства",
    "property_complex": "о предприятии",
    "unified_real_estate_complex": "о едином недвижимом комплексе",
}
_OLD_ROOTS = {"kpoks", "kvoks", "reestr_extract", "kvzu", "kpzu", "extract"}
OWNERSHIP_CODES = {
    "001001000000": "ownership",
    "001002000000": "shared_ownership",
    "001003000000": "joint_ownership",
}
_PASSPORT_CODE = "008001001000"
_CADASTRAL = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{6,7}:[0-9]+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class ExtractPerson:
    """An owner who is a person; what the extract leaves out or masks is None."""

    last_name: str
    first_name: str
    middle_name: str | None
    birth_date: date | None
    birth_place: str | None
    snils: str | None
    passport: str | None
    passport_issuer: str | None
    passport_date: date | None
    address: str | None

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.last_name, self.first_name, self.middle_name)))


@dataclass(frozen=True, slots=True)
class ExtractBody:
    """An owner that is none: a firm, a municipality, the state."""

    name: str
    inn: str | None
    is_municipality: bool


@dataclass(frozen=True, slots=True)
class ExtractRight:
    """A right in force. ``kind`` is one of ``RightKind``; all holders together have the ``share``.

    ``holders`` is empty where the extract names nobody.
    """

    line: int
    kind: str
    kind_told: str
    share: Fraction
    number: str | None
    registered_on: date
    holders: tuple[ExtractPerson | ExtractBody, ...]

    @property
    def is_ownership(self) -> bool:
        """False for a right that is none of ownership (оперативное управление and the like)."""
        return self.kind != "unknown"


@dataclass(frozen=True, slots=True)
class Extract:
    """What an extract tells: the premises, the day, the rights in force on it."""

    cadastral_number: str
    address: str | None
    number: str | None
    formed_on: date
    rights: tuple[ExtractRight, ...]
    notices: tuple[Notice, ...]

    @property
    def share_sum(self) -> Fraction | None:
        """What the shares of ownership make together; None when it tells no ownership."""
        shares = [right.share for right in self.rights if right.is_ownership]
        return sum(shares, Fraction(0)) if shares else None


def read_extract(content: bytes) -> Extract:
    """Read an extract. Raises ``FileRefusedError`` for what is none about premises, or has a share
    that cannot be (1/0, 3/2): an owner of an impossible share would be sued for it.
    """
    root = _parsed(content)
    record = _record(root)
    number = _text(record, "object/common_data/cad_number")
    if number is None or not _CADASTRAL.fullmatch(number):
        raise FileRefusedError(
            f"в выписке нет кадастрового номера помещения (в ней «{number or ''}»). "
            "Закажите её заново.",
            line=record.sourceline,
        )
    formed_on = _date(root, ".//group_top_requisites/date_formation")
    if formed_on is None:
        raise FileRefusedError("в выписке нет даты (date_formation): не понять, на какой она день.")
    notices: list[Notice] = []
    rights = tuple(
        _right(element, formed_on, notices)
        for element in root.iterfind("right_records/right_record")
        if element.find("record_info/cancel_date") is None
    )
    return Extract(
        cadastral_number=number,
        address=_text(record, ".//readable_address"),
        number=_text(root, ".//group_top_requisites/registration_number"),
        formed_on=formed_on,
        rights=rights,
        notices=tuple(notices),
    )


def _parsed(content: bytes) -> etree._Element:
    # No entities, no document types, nothing from the network; deep or huge trees are refused.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        raise FileRefusedError(
            f"это не XML или файл обрезан ({problem.msg}). Распакуйте архив Росреестра и загрузите "
            "файл .xml."
        ) from problem
    if root.getroottree().docinfo.doctype:
        raise FileRefusedError(
            "в файле объявлен DOCTYPE: в выписках Росреестра его не бывает. Скачайте её заново."
        )
    for element in root.iter(etree.Element):
        # Some extracts carry a namespace, most do not: the names are the same.
        element.tag = etree.QName(element).localname
    return root


def _record(root: etree._Element) -> etree._Element:
    match = _ROOT.fullmatch(root.tag)
    if match is None:
        told = "выписка старого образца" if root.tag.lower() in _OLD_ROOTS else "не выписка ЕГРН"
        raise FileRefusedError(
            f"корень «{root.tag}»: это {told}. Нужна выписка об объекте недвижимости в XML "
            "(extract_about_property_room)."
        )
    kind = match[1]
    if kind not in _PREMISES:
        told = _OTHER_OBJECTS.get(kind, f"об объекте «{kind}»")
        raise FileRefusedError(f"это выписка {told}, а нужна о помещении.")
    record = root.find(_PREMISES[kind])
    if record is None:
        raise FileRefusedError(f"в выписке нет раздела {_PREMISES[kind]} о самом помещении.")
    return record


def _right(element: etree._Element, formed_on: date, notices: list[Notice]) -> ExtractRight:
    line = element.sourceline
    code = _text(element, "right_data/right_type/code") or ""
    told = _text(element, "right_data/right_type/value") or f"код {code or 'не указан'}"
    kind = OWNERSHIP_CODES.get(code, "unknown")
    if kind == "unknown":
        notices.append(
            Notice(line, f"вид права «{told}» не собственность; записан без участия в долях")
        )
    holders = tuple(_holders(element, notices))
    if any(isinstance(holder, ExtractBody) and holder.is_municipality for holder in holders):
        kind = "municipal_property" if kind == "ownership" else kind
    registered_on = _date(element, "record_info/registration_date")
    if registered_on is None:
        registered_on = formed_on
        notices.append(Notice(line, "нет даты регистрации права; взята дата выписки"))
    return ExtractRight(
        line=line,
        kind=kind,
        kind_told=told,
        share=_share(element, kind, told),
        number=_text(element, "right_data/right_number"),
        registered_on=registered_on,
        holders=holders,
    )


def _share(element: etree._Element, kind: str, told: str) -> Fraction:
    shares = element.findall("right_data/shares/share")
    if not shares:
        if kind == "shared_ownership":
            raise FileRefusedError(
                f"у права «{told}» не указана доля. Закажите выписку с долями.",
                line=element.sourceline,
            )
        return Fraction(1)
    if len(shares) > 1:
        raise FileRefusedError(
            f"у одного права названо долей: {len(shares)}. Закажите выписку заново.",
            line=element.sourceline,
        )
    top, bottom = _text(shares[0], "numerator") or "", _text(shares[0], "denominator") or ""
    if not (top.isdecimal() and bottom.isdecimal()) or not 0 < int(top) <= int(bottom):
        raise FileRefusedError(
            f"доля «{top}/{bottom}» невозможна: нужна дробь больше нуля и не больше целого. "
            "Выписка не загружена, чтобы никому не приписать чужой долг.",
            line=shares[0].sourceline,
        )
    return Fraction(int(top), int(bottom))


def _holders(
    element: etree._Element, notices: list[Notice]
) -> Iterator[ExtractPerson | ExtractBody]:
    for holder in element.iterfind("right_holders/right_holder"):
        individual = holder.find("individual")
        if individual is not None:
            person = _person(individual, notices)
            if person is not None:
                yield person
            continue
        body = _body(holder)
        if body is not None:
            yield body
        else:
            notices.append(Notice(holder.sourceline, "правообладатель не назван; право без имени"))


def _person(element: etree._Element, notices: list[Notice]) -> ExtractPerson | None:
    last_name, first_name = _name(element, "surname"), _name(element, "name")
    if not last_name or not first_name:
        notices.append(Notice(element.sourceline, "у владельца нет фамилии или имени; без имени"))
        return None
    written = _text(element, "snils")
    digits = snils_digits(written) if written else None
    if written and digits is None and written.strip("0- "):
        notices.append(Notice(element.sourceline, f"СНИЛС «{written}» не сходится; не записан"))
    passport, issuer, issued = _passport(element.find("identity_doc"))
    return ExtractPerson(
        last_name=last_name,
        first_name=first_name,
        middle_name=_name(element, "patronymic"),
        birth_date=_date(element, "birth_date"),
        birth_place=_text(element, "birth_place"),
        snils=snils_written(digits) if digits else None,
        passport=passport,
        passport_issuer=issuer,
        passport_date=issued,
        # The typing error is theirs.
        address=_text(element, "contacts/mailing_addess")
        or _text(element, "contacts/mailing_address"),
    )


def _passport(element: etree._Element | None) -> tuple[str | None, str | None, date | None]:
    if element is None or _text(element, "document_code/code") != _PASSPORT_CODE:
        return None, None, None
    series = re.sub(r"\D", "", _text(element, "document_series") or "")
    number = re.sub(r"\D", "", _text(element, "document_number") or "")
    if len(series) != 4 or len(number) != 6 or not (series + number).strip("0"):
        return None, None, None
    issuer, issued = _text(element, "document_issuer"), _date(element, "document_date")
    return f"{series[:2]} {series[2:]} {number}", issuer, issued


def _body(holder: etree._Element) -> ExtractBody | None:
    for path, is_municipality in (
        ("legal_entity//entity/*", False),
        ("public_formation/public_formation_type/municipality", True),
        ("public_formation/public_formation_type/*", False),
        ("public_formation", False),
    ):
        element = holder.find(path)
        if element is None:
            continue
        name = _text(element, "name") or _text(element, "full_name") or _text(element, ".//value")
        if name:
            inn = _text(element, "inn")
            return ExtractBody(name, inn if inn and inn_is_right(inn) else None, is_municipality)
    return None


def _name(element: etree._Element, path: str) -> str | None:
    text = _text(element, path)
    return text.title() if text and text.isupper() and len(text) > 1 else text


def _text(element: etree._Element, path: str) -> str | None:
    found = element.find(path)
    if found is None:
        return None
    plain = _SPACES.sub(" ", "".join(found.itertext())).strip()
    return plain or None


def _date(element: etree._Element, path: str) -> date | None:
    text = _text(element, path)
    if text is None:
        return None
    try:
        # The day is that of the office that wrote it, whatever its time zone.
        return read_date(text[:10])
    except FieldError:
        return None
