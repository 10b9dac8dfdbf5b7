"""People of premises mended by hand: names, births, documents, rights, representatives, bankruptcy.

Nothing is overwritten without a trace: a detail is changed by a correction that keeps what stood
there, a right and a representation get an end, a document that was somebody else's is taken off and
kept word for word. Each with its ground, and in the name of whoever did it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, text

from operational_db.imports.identifiers import inn_is_right, snils_digits, snils_written
from operational_db.services.courts import HOUSE_ADDRESS
from operational_db.services.import_egrn import sex_by_patronymic

IDENTIFIERS = {
    "snils": "СНИЛС",
    "inn": "ИНН",
    "passport": "паспорт",
    "birth_certificate": "свидетельство о рождении",
    "driving_licence": "водительское удостоверение",
    "vehicle_certificate": "свидетельство о регистрации ТС",
}
FIELDS = {
    "last_name": "фамилия",
    "first_name": "имя",
    "middle_name": "отчество",
    "sex": "пол",
    "birth_date": "дата рождения",
    "birth_place": "место рождения",
    "death_date": "дата смерти",
    "registered_address": "адрес регистрации",
    "phone": "телефон",
    "email": "почта",
}
SEXES = {"male": "мужской", "female": "женский"}
OLDEST_BIRTH = date(1890, 1, 1)
LONGEST_SHARE = 25
"""Signs of the longest share that can be: two numbers of ten figures and a stroke."""
_PASSPORT_DIGITS = 10
_CASE_NUMBER = re.compile(r"[АA][0-9]{2}-[0-9]+/[0-9]{4}.*")

PREMISES = text(
    f"""
    select
        a.account_id, a.account_number, a.organisation_id, org.short_name as organisation_name,
        p.premises_id, p.cadastral_number,
        {HOUSE_ADDRESS} || ', ' || case p.kind when 'flat' then 'кв. ' else '' end || p.number
            as address
    from ops.account as a
    inner join ops.organisation as org on a.organisation_id = org.organisation_id
    left join ops.premises as p on a.premises_id = p.premises_id
    left join ops.house as h on p.house_id = h.house_id
    left join ops.address_object as o on h.address_object_id = o.address_object_id
    left join ops.address_object as up on o.parent_id = up.address_object_id
    where a.account_id = :account_id
    """  # noqa: S608 - a constant of ours
)
RIGHTS = text(
    """
    select
        w.ownership_id, w.right_kind, w.person_id, w.share_numerator, w.share_denominator,
        w.valid_from, w.valid_to, w.registration_number, w.source,
        coalesce(p.full_name, o.short_name, w.holder_name) as holder_name,
        p.birth_date, p.is_minor, p.is_dead,
        w.valid_to is null or w.valid_to >= ops.as_of() as is_in_force,
        w.valid_to < w.valid_from as is_void
    from ops.ownership as w
    left join lateral (
        select v.* from ops.person_visible as v where v.person_id = w.person_id offset 0
    ) as p on true
    left join ops.organisation as o on w.holder_organisation_id = o.organisation_id
    where w.premises_id = :premises_id and w.organisation_id = :organisation_id
    order by (w.valid_to is null or w.valid_to >= ops.as_of()) desc, w.valid_from, w.ownership_id
    """
)
# Owners, residents and those who represent them: everybody who may be written about here.
PEOPLE = text(
    """
    with here as (
        select w.person_id from ops.ownership as w
        where w.premises_id = :premises_id and w.organisation_id = :organisation_id
            and w.person_id is not null
        union
        select r.person_id from ops.residency as r
        inner join ops.account as a on r.account_id = a.account_id
        where a.premises_id = :premises_id and a.organisation_id = :organisation_id
    ),

    everybody as (
        select person_id from here
        union
        select g.representative_id from ops.representative_visible as g
        inner join here as h on g.person_id = h.person_id
    )

    select v.person_id, v.full_name, v.birth_date, v.is_minor, v.is_dead
    from everybody as e
    inner join lateral (
        select v.* from ops.person_visible as v where v.person_id = e.person_id offset 0
    ) as v on true
    order by ops.russian_sort_key(v.full_name), v.person_id
    """
)
PERSON = text("select * from ops.person_visible where person_id = :person_id")
IDENTIFIERS_OF = text(
    """
    select kind, number, issued_by, issued_on from ops.person_identifier_visible
    where person_id = :person_id order by kind, number
    """
)
REPRESENTATIVES_OF = text(
    """
    select g.person_id, g.representative_id, g.valid_from, g.valid_to, g.basis, v.full_name
    from ops.representative_visible as g
    inner join lateral (
        select v.full_name from ops.person_visible as v
        where v.person_id = g.representative_id offset 0
    ) as v on true
    where g.person_id = :person_id
    order by g.valid_from, g.representative_id
    """
)
# The row recorded last for a case counts.
BANKRUPTCIES_OF = text(
    """
    select distinct on (b.case_number) b.*
    from ops.person_bankruptcy as b
    where b.person_id = :person_id
    order by b.case_number, b.person_bankruptcy_id desc
    """
)
HISTORY = text(
    """
    select c.recorded_at, 'исправлено' as what, c.field as detail, c.old_value, c.new_value, c.basis
    from ops.person_correction as c
    where c.person_id = :person_id
    union all
    select r.recorded_at, 'документ снят', r.kind, r.number, null, r.basis
    from ops.person_identifier_removal as r
    where r.person_id = :person_id
    union all
    select b.recorded_at, 'банкротство', b.case_number, null, b.accepted_on::text, b.basis
    from ops.person_bankruptcy as b
    where b.person_id = :person_id
    union all
    select e.recorded_at, 'право закончено', w.registration_number, e.previous_valid_to::text,
        e.valid_to::text, e.basis
    from ops.ownership_end as e
    inner join ops.ownership as w on e.ownership_id = w.ownership_id
    where w.person_id = :person_id
    union all
    select e.recorded_at, 'представительство закончено', null, e.previous_valid_to::text,
        e.valid_to::text, e.basis
    from ops.representative_end as e
    where e.person_id = :person_id
    order by 1 desc
    """
)
CORRECT = text(
    """
    insert into ops.person_correction (person_id, field, new_value, basis, user_id)
    values (:person_id, :field, :new_value, :basis, ops.session_user_id())
    """
)
OF_SOMEBODY_ELSE = text(
    """
    select v.full_name from ops.person_identifier_visible as i
    inner join ops.person_visible as v on i.person_id = v.person_id
    where i.kind = :kind and i.number = :number and i.person_id <> :person_id
        and v.organisation_id = :organisation_id
    limit 1
    """
)
ADD_IDENTIFIER = text(
    """
    insert into ops.person_identifier (person_id, kind, number, issued_by, issued_on)
    values (:person_id, :kind, :number, :issued_by, :issued_on)
    """
)
REMOVE_IDENTIFIER = text(
    """
    insert into ops.person_identifier_removal (person_id, kind, number, basis, user_id)
    values (:person_id, :kind, :number, :basis, ops.session_user_id())
    """
)
NEXT_PERSON = text("select nextval('ops.person_person_id_seq')")
ADD_PERSON = text(
    """
    insert into ops.person (
        person_id, organisation_id, last_name, first_name, middle_name, sex, birth_date
    )
    values (
        :person_id, :organisation_id, :last_name, :first_name, :middle_name, :sex, :birth_date
    )
    """
)
ADD_RIGHT = text(
    """
    insert into ops.ownership (
        organisation_id, premises_id, right_kind, person_id, share_numerator, share_denominator,
        valid_from,
        registration_number, source, user_id
    )
    values (
        :organisation_id, :premises_id, :right_kind, :person_id, :share_numerator,
        :share_denominator, :valid_from,
        :registration_number, :source, ops.session_user_id()
    )
    """
)
ONE_RIGHT = text(
    """
    select ownership_id, valid_from, valid_to from ops.ownership where ownership_id = :ownership_id
    """
)
END_RIGHT = text(
    """
    insert into ops.ownership_end (ownership_id, valid_to, basis, user_id)
    values (:ownership_id, :valid_to, :basis, ops.session_user_id())
    """
)
ADD_REPRESENTATIVE = text(
    """
    insert into ops.representative (person_id, representative_id, valid_from, basis)
    values (:person_id, :representative_id, :valid_from, :basis)
    """
)
END_REPRESENTATIVE = text(
    """
    insert into ops.representative_end (
        person_id, representative_id, valid_from, valid_to, basis, user_id
    )
    values (
        :person_id, :representative_id, :valid_from, :valid_to, :basis, ops.session_user_id()
    )
    """
)
ADD_BANKRUPTCY = text(
    """
    insert into ops.person_bankruptcy (
        person_id, case_number, accepted_on, closed_on, is_discharged, basis, user_id
    )
    values (
        :person_id, :case_number, :accepted_on, :closed_on, :is_discharged, :basis,
        ops.session_user_id()
    )
    """
)

Row = Mapping[str, Any]


class PersonError(ValueError):
    """What was written of a person cannot be; the message is Russian and says what to do."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody whom we do not know yet."""

    last_name: str
    first_name: str
    middle_name: str | None = None
    birth_date: date | None = None


def premises_of(connection: Connection, account_id: int) -> Row | None:
    """The premises of an account that the session sees, or None."""
    return connection.execute(PREMISES, {"account_id": account_id}).mappings().one_or_none()


def rights(connection: Connection, premises_id: int, organisation_id: int) -> list[Row]:
    """All rights to premises in the record of an organisation, those in force first."""
    return _rows(connection, RIGHTS, premises_id=premises_id, organisation_id=organisation_id)


def people_of(connection: Connection, premises_id: int, organisation_id: int) -> list[Row]:
    """Owners, residents and their representatives in that record, by name."""
    return _rows(connection, PEOPLE, premises_id=premises_id, organisation_id=organisation_id)


def person(connection: Connection, person_id: int) -> Row | None:
    """A person that the session sees, or None."""
    return connection.execute(PERSON, {"person_id": person_id}).mappings().one_or_none()


def identifiers_of(connection: Connection, person_id: int) -> list[Row]:
    """Numbers and documents of a person, for those who may see them."""
    return _rows(connection, IDENTIFIERS_OF, person_id=person_id)


def representatives_of(connection: Connection, person_id: int) -> list[Row]:
    """Who represents a person, and when."""
    return _rows(connection, REPRESENTATIVES_OF, person_id=person_id)


def bankruptcies_of(connection: Connection, person_id: int) -> list[Row]:
    """Bankruptcy cases of a person, each as it was told last."""
    return _rows(connection, BANKRUPTCIES_OF, person_id=person_id)


def history_of(connection: Connection, person_id: int) -> list[Row]:
    """What was changed of a person: before, after, on what ground; the newest first."""
    return _rows(connection, HISTORY, person_id=person_id)


def share_sum(found: Sequence[Row]) -> Fraction:
    """What the shares of owners in force make together; 1 when all are known."""
    return sum(
        (
            Fraction(row["share_numerator"], row["share_denominator"])
            for row in found
            if row["is_in_force"] and row["right_kind"] not in {"social_tenancy", "unknown"}
        ),
        Fraction(0),
    )


def correct(
    connection: Connection,
    person_id: int,
    values: Mapping[str, str | date | None],
    basis: str,
    today: date,
) -> list[str]:
    """Write what differs from what is known; return the Russian names of what was changed.

    ``values`` are new values by the names of ``FIELDS``; an empty text means «not known».
    """
    known = person(connection, person_id)
    if known is None or known["last_name"] is None:
        raise PersonError("Этого человека нет или его данные вам не видны.")
    changed = {
        name: new
        for name, value in values.items()
        if (new := _normal(value)) != _normal(known[name])
    }
    if not changed:
        raise PersonError("Ничего не изменено.")
    _need_basis(basis)
    _check(known, changed, today)
    for name, new in changed.items():
        connection.execute(
            CORRECT,
            {"person_id": person_id, "field": name, "new_value": new, "basis": basis.strip()},
        )
    return [FIELDS[name] for name in changed]


def add_identifier(
    connection: Connection,
    person_id: int,
    kind: str,
    number: str,
    *,
    issued_by: str | None = None,
    issued_on: date | None = None,
) -> str:
    """Add a document of a person; return its number as it was written down."""
    owner = person(connection, person_id)
    if owner is None:
        raise PersonError("Этого человека нет.")
    plain = _identifier(kind, number)
    if any(it["kind"] == kind and it["number"] == plain
           for it in identifiers_of(connection, person_id)):  # fmt: skip
        raise PersonError(f"{IDENTIFIERS[kind]} {plain} уже записан.")
    namesake = connection.scalar(
        OF_SOMEBODY_ELSE,
        {
            "kind": kind,
            "number": plain,
            "person_id": person_id,
            "organisation_id": owner["organisation_id"],
        },
    )
    if namesake is not None:
        raise PersonError(
            f"{IDENTIFIERS[kind]} {plain} уже записан за другим человеком: {namesake}. Если это "
            "один и тот же человек, снимите документ с лишней записи."
        )
    connection.execute(
        ADD_IDENTIFIER,
        {
            "person_id": person_id,
            "kind": kind,
            "number": plain,
            "issued_by": issued_by or None,
            "issued_on": issued_on,
        },
    )
    return plain


def remove_identifier(
    connection: Connection, person_id: int, kind: str, number: str, basis: str
) -> None:
    """Take a document off a person: it is another's, or was mistyped. It stays in the history."""
    _need_basis(basis)
    if not any(it["kind"] == kind and it["number"] == number
               for it in identifiers_of(connection, person_id)):  # fmt: skip
        raise PersonError("Этого документа у человека уже нет. Обновите страницу.")
    connection.execute(
        REMOVE_IDENTIFIER,
        {"person_id": person_id, "kind": kind, "number": number, "basis": basis.strip()},
    )


def add_person(connection: Connection, organisation_id: int, new: NewPerson, today: date) -> int:
    """Add a person to those of the organisation; return the number."""
    last_name, first_name = new.last_name.strip(), new.first_name.strip()
    if not last_name or not first_name:
        raise PersonError("Впишите фамилию и имя.")
    _check_birth(new.birth_date, today)
    middle_name = (new.middle_name or "").strip() or None
    person_id = connection.scalar(NEXT_PERSON)
    connection.execute(
        ADD_PERSON,
        {
            "person_id": person_id,
            "organisation_id": organisation_id,
            "last_name": last_name,
            "first_name": first_name,
            "middle_name": middle_name,
            "sex": sex_by_patronymic(middle_name),
            "birth_date": new.birth_date,
        },
    )
    return person_id


def add_right(
    connection: Connection,
    premises_id: int,
    person_id: int,
    *,
    right_kind: str,
    share: str,
    valid_from: date | None,
    source: str,
    registration_number: str | None = None,
) -> Fraction:
    """Add a right of a person to premises, in the record of the person's organisation.

    Returns what all shares of that record make then.
    """
    if valid_from is None:
        raise PersonError("Укажите, с какого дня действует право.")
    if not source.strip():
        raise PersonError("Укажите документ, на котором основано право.")
    part = share_of(share)
    holder = person(connection, person_id)
    if holder is None:
        raise PersonError("Этого человека нет.")
    organisation_id = holder["organisation_id"]
    standing = rights(connection, premises_id, organisation_id)
    if any(it["is_in_force"] and it["person_id"] == person_id for it in standing):
        raise PersonError("У этого человека уже есть действующее право. Закончите прежнее.")
    connection.execute(
        ADD_RIGHT,
        {
            "organisation_id": organisation_id,
            "premises_id": premises_id,
            "right_kind": right_kind,
            "person_id": person_id,
            "share_numerator": part.numerator,
            "share_denominator": part.denominator,
            "valid_from": valid_from,
            "registration_number": (registration_number or "").strip() or None,
            "source": source.strip(),
        },
    )
    return share_sum(rights(connection, premises_id, organisation_id))


def end_right(connection: Connection, ownership_id: int, last_day: date | None, basis: str) -> None:
    """End a right on a day; without a day it is taken out as one that never was."""
    _need_basis(basis)
    right = connection.execute(ONE_RIGHT, {"ownership_id": ownership_id}).one_or_none()
    if right is None:
        raise PersonError("Такого права нет.")
    if right.valid_to is not None and right.valid_to < right.valid_from:
        raise PersonError("Эта запись уже снята как ошибочная.")
    if last_day is not None and last_day < right.valid_from:
        raise PersonError("Последний день раньше первого. Если права не было, отметьте ошибку.")
    connection.execute(
        END_RIGHT,
        {
            "ownership_id": ownership_id,
            "valid_to": last_day or right.valid_from - timedelta(days=1),
            "basis": basis.strip(),
        },
    )


def add_representative(
    connection: Connection, person_id: int, representative_id: int, since: date | None, basis: str
) -> None:
    """Say who represents a minor or an incapable person, on what ground (родитель, опекун)."""
    if person_id == representative_id:
        raise PersonError("Человек не может представлять сам себя.")
    if since is None:
        raise PersonError("Укажите, с какого дня.")
    _need_basis(basis)
    representative = person(connection, representative_id)
    if representative is None or representative["is_minor"] or representative["is_dead"]:
        raise PersonError("Представителем может быть только живой совершеннолетний.")
    if any(it["representative_id"] == representative_id
           and (it["valid_to"] is None or it["valid_to"] >= since)
           for it in representatives_of(connection, person_id)):  # fmt: skip
        raise PersonError("Этот представитель уже записан.")
    connection.execute(
        ADD_REPRESENTATIVE,
        {
            "person_id": person_id,
            "representative_id": representative_id,
            "valid_from": since,
            "basis": basis.strip(),
        },
    )


def end_representative(
    connection: Connection,
    person_id: int,
    representative_id: int,
    valid_from: date,
    last_day: date | None,
    basis: str,
) -> None:
    """End a representation on a day."""
    _need_basis(basis)
    if last_day is None or last_day < valid_from:
        raise PersonError("Укажите последний день, не раньше первого.")
    connection.execute(
        END_REPRESENTATIVE,
        {
            "person_id": person_id,
            "representative_id": representative_id,
            "valid_from": valid_from,
            "valid_to": last_day,
            "basis": basis.strip(),
        },
    )


def mark_bankrupt(
    connection: Connection,
    person_id: int,
    case_number: str,
    accepted_on: date | None,
    basis: str,
    *,
    closed_on: date | None = None,
    is_discharged: bool = False,
) -> None:
    """Note a bankruptcy case of a person, or its end: the row told last for a case counts."""
    number = case_number.strip()
    if not _CASE_NUMBER.fullmatch(number):
        raise PersonError("Номер дела арбитражного суда пишется так: А41-12345/2026.")
    if accepted_on is None:
        raise PersonError("Укажите день принятия заявления о банкротстве.")
    if closed_on is not None and closed_on < accepted_on:
        raise PersonError("Конец дела раньше его начала. Исправьте даты.")
    if is_discharged and closed_on is None:
        raise PersonError("Долги списывают по окончании дела: укажите его дату.")
    _need_basis(basis)
    connection.execute(
        ADD_BANKRUPTCY,
        {
            "person_id": person_id,
            "case_number": "А" + number[1:],
            "accepted_on": accepted_on,
            "closed_on": closed_on,
            "is_discharged": is_discharged,
            "basis": basis.strip(),
        },
    )


def share_of(written: str) -> Fraction:
    """A share as «1/3», or «1» for the whole; ``PersonError`` for what cannot be one."""
    top, slash, bottom = written.replace(" ", "").partition("/")
    is_fraction = top.isdecimal() and (not slash or bottom.isdecimal())
    if not is_fraction or len(written) > LONGEST_SHARE:
        raise PersonError(f"«{written[:LONGEST_SHARE]}» – не доля. Напишите дробью, например 1/3.")
    numerator, denominator = int(top), int(bottom or 1)
    if not 0 < numerator <= denominator or denominator >= 2**31:
        raise PersonError(f"Доля {written} невозможна: она больше нуля и не больше целого.")
    return Fraction(numerator, denominator)


def _identifier(kind: str, written: str) -> str:
    if kind not in IDENTIFIERS:
        raise PersonError("Выберите вид документа.")
    plain = " ".join(written.split())
    if not plain:
        raise PersonError("Впишите номер документа.")
    if kind == "snils":
        digits = snils_digits(plain)
        if digits is None:
            raise PersonError(f"СНИЛС «{plain}» не сходится с контрольным числом. Проверьте его.")
        return snils_written(digits)
    if kind == "inn":
        digits = plain.replace(" ", "")
        if len(digits) != 12 or not inn_is_right(digits):
            raise PersonError(
                f"ИНН «{plain}» не подходит: у человека 12 цифр с контрольными в конце."
            )
        return digits
    if kind == "passport":
        digits = re.sub(r"\D", "", plain)
        if len(digits) != _PASSPORT_DIGITS:
            raise PersonError("В паспорте 4 цифры серии и 6 цифр номера.")
        return f"{digits[:2]} {digits[2:4]} {digits[4:]}"
    return plain


def _normal(value: object) -> str | None:
    if value is None:
        return None
    return " ".join(str(value).split()) or None


def _check(known: Row, changed: Mapping[str, str | None], today: date) -> None:
    for name in ("last_name", "first_name"):
        if name in changed and changed[name] is None:
            raise PersonError(f"Не стирайте: {FIELDS[name]} нужна для документов.")
    if changed.get("sex") not in {None, *SEXES}:
        raise PersonError("Пол не понять.")

    def day(name: str) -> date | None:
        written = changed.get(name, _normal(known[name]))
        return date.fromisoformat(written) if written else None

    birth, death = day("birth_date"), day("death_date")
    _check_birth(birth, today)
    if death is not None and death > today:
        raise PersonError("Дата смерти ещё не наступила. Исправьте её.")
    if birth is not None and death is not None and death < birth:
        raise PersonError("Дата смерти раньше даты рождения. Исправьте их.")


def _check_birth(birth: date | None, today: date) -> None:
    if birth is not None and not OLDEST_BIRTH <= birth <= today:
        raise PersonError("Дата рождения не подходит: раньше 1890 года или позже сегодняшнего дня.")


def _need_basis(basis: str) -> None:
    if not basis.strip():
        raise PersonError("Укажите основание: документ или чьи слова.")


def _rows(connection: Connection, query: Any, **values: Any) -> list[Row]:
    return list(connection.execute(query, values).mappings())
