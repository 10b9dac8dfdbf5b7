"""Extracts from ЕГРН: who owns premises, in what shares, since when.

It is the word of the organisation that loads it: rights in the record of others stay as they are.
Nothing is overwritten: a right that the register does not have any more gets an end, a right that
it has is added, a detail of a person that we lacked is added as a correction.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import text

from operational_db.imports.address import read_address
from operational_db.imports.court_places import house_key, sort_key
from operational_db.imports.egrn import (
    Extract,
    ExtractBody,
    ExtractPerson,
    ExtractRight,
    read_extract,
)
from operational_db.imports.problems import FieldError, FileRefusedError, Notice
from operational_db.services.import_staging import ImportRequest, Staged

_FLAT = re.compile(
    r",?\s*(?:кв\.?|квартира|пом\.?|помещение|ком\.?|комната|м/м|машино-место|бокс)\s*№?\s*"
    r"([0-9А-Яа-яA-Za-z/-]+)\s*$"
)
_ABOVE_SETTLEMENT = re.compile(
    r"\b(обл|область|край|респ|республика|р-н|район|федерация|россия|округ|г\.?\s?о)\b",
    re.IGNORECASE,
)
_GLUED_TYPE = re.compile(r"(?<=\.)(?=[А-ЯЁ0-9])")

BY_CADASTRE = """
    select p.premises_id from ops.premises as p
    where (p.cadastral_number = :number or p.premises_id in (
            select e.premises_id from ops.egrn_extract as e
            where e.organisation_id = :organisation_id and e.cadastral_number = :number
        ))
        and exists (
            select 1 from ops.account as a
            where a.premises_id = p.premises_id and a.organisation_id = :organisation_id
        )
"""
BY_ADDRESS = """
    select p.premises_id, p.cadastral_number
    from ops.premises as p
    inner join ops.house as h on p.house_id = h.house_id
    inner join ops.address_object as o on h.address_object_id = o.address_object_id
    left join ops.address_object as up on o.parent_id = up.address_object_id
    where lower(p.number) = lower(:flat)
        and ops.house_key(h.number, h.building, h.structure) = :house_key
        and ops.russian_sort_key(o.type_name || ' ' || o.name) = :street_key
        and (up.level is distinct from 'settlement'
            or ops.russian_sort_key(up.type_name || ' ' || up.name) = :settlement_key)
        and exists (
            select 1 from ops.account as a
            where a.premises_id = p.premises_id and a.organisation_id = :organisation_id
        )
"""
NEWER = """
    select number, formed_on from ops.egrn_extract
    where organisation_id = :organisation_id and premises_id = :premises_id
        and formed_on > :formed_on
    order by formed_on desc
    limit 1
"""
MINORS = """
    select k.place from unnest(cast(:born as date[])) with ordinality as k (born, place)
    where k.born + (select ops.age_of_majority()) > :today
    order by k.place
"""
MAY_READ_PEOPLE = "select has_table_privilege('ops.person', 'select')"
# The owner reads the tables, a screen the views that show it what it may see.
PEOPLE = """
    select
        p.person_id, p.last_name, p.first_name, p.middle_name, p.birth_date, p.birth_place,
        p.registered_address,
        array(
            select i.number from {identifiers} as i
            where i.person_id = p.person_id and i.kind = 'snils'
        ) as snils,
        array(
            select i.number from {identifiers} as i
            where i.person_id = p.person_id and i.kind = 'passport'
        ) as passports,
        exists (
            select 1 from ops.ownership as w
            where w.person_id = p.person_id and w.premises_id = :premises_id
        ) or exists (
            select 1 from ops.residency as r
            inner join ops.account as a on r.account_id = a.account_id
            where r.person_id = p.person_id and a.premises_id = :premises_id
        ) as is_of_premises,
        exists (
            select 1 from {representatives} as g where g.person_id = p.person_id
        ) as has_representative
    from {people} as p
    where p.organisation_id = :organisation_id
        and (p.last_name = any(:surnames) or p.person_id in (
            select i.person_id from {identifiers} as i
            where i.kind = 'snils' and i.number = any(:snils)
        ))
    order by p.person_id
"""
# A social tenancy is no matter of the register.
RIGHTS = """
    select ownership_id, right_kind, person_id, holder_organisation_id, holder_name,
        share_numerator, share_denominator, valid_from, registration_number
    from ops.ownership
    where organisation_id = :organisation_id and premises_id = :premises_id
        and right_kind <> 'social_tenancy'
        and (valid_to is null or valid_to >= greatest(valid_from, :formed_on))
    order by ownership_id
"""
ORGANISATION_OF_INN = """
    select organisation_id from ops.organisation where inn = :inn order by organisation_id limit 1
"""
NEXT_PERSON = "select nextval('ops.person_person_id_seq')"
ADD_PERSON = """
    insert into ops.person (
        person_id, organisation_id, last_name, first_name, middle_name, sex, birth_date,
        birth_place, registered_address
    )
    values (
        :person_id, :organisation_id, :last_name, :first_name, :middle_name, :sex, :birth_date,
        :birth_place, :registered_address
    )
"""
ADD_IDENTIFIER = """
    insert into ops.person_identifier (person_id, kind, number, issued_by, issued_on)
    values (:person_id, :kind, :number, :issued_by, :issued_on)
"""
ADD_CORRECTION = """
    insert into ops.person_correction (person_id, field, new_value, basis, import_id, user_id)
    values (:person_id, :field, :new_value, :basis, :import_id, :user_id)
"""
END_RIGHT = """
    insert into ops.ownership_end (ownership_id, valid_to, basis, import_id, user_id)
    values (:ownership_id, :valid_to, :basis, :import_id, :user_id)
"""
ADD_RIGHT = """
    insert into ops.ownership (
        organisation_id, premises_id, right_kind, person_id, holder_organisation_id, holder_name,
        holder_inn,
        share_numerator, share_denominator, valid_from, registration_number, source, import_id,
        user_id
    )
    values (
        :organisation_id, :premises_id, :right_kind, :person_id, :holder_organisation_id,
        :holder_name, :holder_inn,
        :share_numerator, :share_denominator, :valid_from, :registration_number, :source,
        :import_id, :user_id
    )
"""
ADD_EXTRACT = """
    insert into ops.egrn_extract (
        organisation_id, premises_id, cadastral_number, number, formed_on, share_sum, has_holders,
        import_id
    )
    values (
        :organisation_id, :premises_id, :cadastral_number, :number, :formed_on, :share_sum,
        :has_holders, :import_id
    )
"""


@dataclass(slots=True)
class _Person:
    """A person of the extract: found among ours, or to be added; with what of ours it completes."""

    told: ExtractPerson
    person_id: int | None
    corrections: dict[str, str] = field(default_factory=dict)
    identifiers: list[dict[str, object]] = field(default_factory=list)


@dataclass(slots=True)
class _Wanted:
    """A right of one holder as the register has it."""

    right: ExtractRight
    share: Fraction
    person: _Person | None = None
    organisation_id: int | None = None
    body: ExtractBody | None = None

    @property
    def is_named(self) -> bool:
        return self.person is not None or self.body is not None

    def is_held_by(self, ours: Any) -> bool:
        """Tell whether a right of ours has the same holder."""
        if self.person is not None:
            return ours.person_id is not None and ours.person_id == self.person.person_id
        if self.organisation_id is not None:
            return ours.holder_organisation_id == self.organisation_id
        if self.body is not None:
            return ours.holder_name is not None and sort_key(ours.holder_name) == sort_key(
                self.body.name
            )
        return ours.person_id is None and ours.holder_organisation_id is None

    def is_same_as(self, ours: Any) -> bool:
        """Tell whether a right of ours is this one, told as exactly."""
        same_share = Fraction(ours.share_numerator, ours.share_denominator) == self.share
        if not same_share or ours.right_kind != self.right.kind:
            return False
        if not self.is_named:
            # The extract hides the names, so whom we know stays.
            return ours.registration_number in (None, self.right.number)
        if not self.is_held_by(ours):
            return False
        if ours.registration_number is None:
            return ours.valid_from == self.right.registered_on
        return ours.registration_number == self.right.number


@dataclass(slots=True)
class _Plan:
    """What an extract changes."""

    added: list[_Wanted] = field(default_factory=list)
    ended: list[tuple[Any, date]] = field(default_factory=list)
    known: int = 0
    notices: list[Notice] = field(default_factory=list)


def stage_egrn(request: ImportRequest) -> Staged:
    """Read an extract and compare it with what is known of its premises.

    Refuses an extract of premises that the organisation has no account for, one whose number and
    address are of different premises, and one that is older than what was loaded before.
    """
    extract = read_extract(request.content)
    premises_id, is_by_address = _premises(request, extract)
    _refuse_older(request, premises_id, extract)
    people = _people(request, premises_id, extract)
    wanted = list(_wanted(request, extract, people))
    ours = request.execute(
        RIGHTS,
        organisation_id=request.organisation_id,
        premises_id=premises_id,
        formed_on=extract.formed_on,
    ).all()
    plan = _plan(extract, wanted, ours)
    notices = [*extract.notices, *plan.notices, *_remarks(request, extract, people)]
    if is_by_address:
        notices.append(
            Notice(None, "помещение найдено по адресу: кадастрового номера у него не было")
        )

    def write(import_id: int) -> None:
        _write(request, import_id, premises_id, extract, people, plan)

    new_people = [it for it in people if it.person_id is None]
    completed = sum(len(it.corrections) + len(it.identifiers) for it in people if it.person_id)
    return Staged(
        write=write,
        # An end or a detail alone is a change too, and a file that changes something is loaded.
        accepted=len(plan.added) or int(bool(plan.ended or completed)),
        known=plan.known,
        notices=notices,
        figures={
            "прав записано": len(plan.added),
            "прав прекращено": len(plan.ended),
            "новых людей": len(new_people),
            "уточнено сведений о людях": completed,
        },
    )


def _premises(request: ImportRequest, extract: Extract) -> tuple[int, bool]:
    by_cadastre = set(
        request.execute(
            BY_CADASTRE,
            number=extract.cadastral_number,
            organisation_id=request.organisation_id,
        ).scalars()
    )
    at_address = _at_address(request, extract)
    told = f"{extract.cadastral_number}, {extract.address or 'адрес не указан'}"
    if len(by_cadastre) > 1:
        raise FileRefusedError(
            f"Кадастровый номер {extract.cadastral_number} записан у нескольких помещений. "
            "Исправьте список помещений."
        )
    if by_cadastre:
        [premises_id] = by_cadastre
        others = {row.premises_id for row in at_address} - by_cadastre
        if others and len(at_address) == len(others) == 1:
            raise FileRefusedError(
                f"Выписка о другом помещении ({told}): кадастровый номер указывает на одно наше "
                "помещение, адрес – на другое. Исправьте кадастровый номер помещения."
            )
        return premises_id, False
    if len(at_address) != 1:
        raise FileRefusedError(
            f"Выписка о другом помещении ({told}): у организации нет лицевого счёта в таком "
            "помещении. Проверьте, чья это выписка."
        )
    [found] = at_address
    if found.cadastral_number is not None:
        raise FileRefusedError(
            f"Выписка о другом помещении ({told}): у помещения по этому адресу кадастровый номер "
            f"{found.cadastral_number}. Проверьте номер и адрес."
        )
    return found.premises_id, True


def _at_address(request: ImportRequest, extract: Extract) -> Sequence[Any]:
    """Premises of the organisation at the address, as far as it can be read."""
    match = _FLAT.search(extract.address or "")
    if match is None:
        return []
    parts = _GLUED_TYPE.sub(" ", extract.address[: match.start()]).split(",")
    kept = [part.strip() for part in parts if not _ABOVE_SETTLEMENT.search(part)]
    try:
        address = read_address(", ".join(part for part in kept if part))
    except FieldError:
        return []
    place = address.street or address.settlements[-1]
    number = " ".join(
        filter(
            None,
            (
                address.full_number,
                address.building and f"к. {address.building}",
                address.structure and f"стр. {address.structure}",
            ),
        )
    )
    settlement = address.settlements[-1]
    return request.execute(
        BY_ADDRESS,
        flat=match[1],
        house_key=house_key(number),
        street_key=sort_key(f"{place.type_name} {place.name}"),
        settlement_key=sort_key(f"{settlement.type_name} {settlement.name}"),
        organisation_id=request.organisation_id,
    ).all()


def _refuse_older(request: ImportRequest, premises_id: int, extract: Extract) -> None:
    newer = request.execute(
        NEWER,
        organisation_id=request.organisation_id,
        premises_id=premises_id,
        formed_on=extract.formed_on,
    ).one_or_none()
    if newer is not None:
        raise FileRefusedError(
            f"Уже загружена выписка новее: {newer.number or 'без номера'} от "
            f"{newer.formed_on:%d.%m.%Y}, а эта от {extract.formed_on:%d.%m.%Y}. Права не изменены."
        )
    if extract.formed_on > request.today:
        raise FileRefusedError(f"Дата выписки {extract.formed_on:%d.%m.%Y} ещё не наступила.")


def _people(request: ImportRequest, premises_id: int, extract: Extract) -> list[_Person]:
    """People of the extract, each once, with ours that they are."""
    told: dict[object, ExtractPerson] = {}
    for right in extract.rights:
        for holder in right.holders:
            if isinstance(holder, ExtractPerson):
                told.setdefault(_identity(holder), holder)
    if not told:
        return []
    may_read = request.execute(MAY_READ_PEOPLE).scalar_one()
    tables = {
        name: f"ops.{table}" if may_read else f"ops.{table}_visible"
        for name, table in (
            ("people", "person"),
            ("identifiers", "person_identifier"),
            ("representatives", "representative"),
        )
    }
    ours = request.execute(
        PEOPLE.format(**tables),
        organisation_id=request.organisation_id,
        premises_id=premises_id,
        surnames=[name for person in told.values() for name in _spellings(person.last_name)],
        snils=[person.snils for person in told.values() if person.snils],
    ).all()
    return [_matched(person, ours) for person in told.values()]


def _identity(person: ExtractPerson) -> object:
    return person.snils or (sort_key(person.full_name), person.birth_date)


def _spellings(surname: str) -> set[str]:
    """The surname with each of its е as ё and back: registers differ in that."""
    plain = surname.replace("ё", "е")
    with_yo = {
        plain[:place] + "ё" + plain[place + 1 :]
        for place, letter in enumerate(plain)
        if letter == "е"
    }
    return {surname, plain, *with_yo}


def _matched(person: ExtractPerson, ours: Sequence[Any]) -> _Person:
    """By СНИЛС; else by name and day of birth; else by name among those of the premises."""
    found = next((it for it in ours if person.snils and person.snils in it.snils), None)
    if found is None:
        namesakes = [
            it
            for it in ours
            if sort_key(" ".join(filter(None, (it.last_name, it.first_name, it.middle_name))))
            == sort_key(person.full_name)
            and not (person.snils and it.snils)
        ]
        sure = [it for it in namesakes if person.birth_date and it.birth_date == person.birth_date]
        # Those of these premises first: an owner may stand in the list more than once.
        sure.sort(key=lambda it: not it.is_of_premises)
        near = [
            it
            for it in namesakes
            if it.is_of_premises and (it.birth_date is None or person.birth_date is None)
        ]
        found = (sure or near or [None])[0]
    if found is None:
        return _Person(person, None, identifiers=list(_identifiers(person, (), ())))
    corrections = {
        name: str(value)
        for name, value in (
            ("birth_date", person.birth_date),
            ("birth_place", person.birth_place),
            ("registered_address", person.address),
        )
        if value is not None and getattr(found, name) is None
    }
    identifiers = list(_identifiers(person, found.snils, found.passports))
    return _Person(person, found.person_id, corrections, identifiers)


def _identifiers(
    person: ExtractPerson, snils: Sequence[str], passports: Sequence[str]
) -> Iterator[dict[str, object]]:
    if person.snils and person.snils not in snils:
        yield {"kind": "snils", "number": person.snils, "issued_by": None, "issued_on": None}
    if person.passport and person.passport not in passports:
        yield {
            "kind": "passport",
            "number": person.passport,
            "issued_by": person.passport_issuer,
            "issued_on": person.passport_date,
        }


def _wanted(
    request: ImportRequest, extract: Extract, people: Sequence[_Person]
) -> Iterator[_Wanted]:
    by_identity = {_identity(person.told): person for person in people}
    for right in extract.rights:
        # Holders of one right share it equally: joint owners, as our other sources tell them too.
        share = right.share / max(1, len(right.holders))
        if not right.holders:
            yield _Wanted(right, share)
        for holder in right.holders:
            if isinstance(holder, ExtractPerson):
                yield _Wanted(right, share, person=by_identity[_identity(holder)])
                continue
            organisation_id = None
            if holder.inn:
                organisation_id = request.execute(ORGANISATION_OF_INN, inn=holder.inn).scalar()
            yield _Wanted(right, share, organisation_id=organisation_id, body=holder)


def _plan(extract: Extract, wanted: Sequence[_Wanted], ours: Sequence[Any]) -> _Plan:
    plan = _Plan()
    left = list(ours)
    for right in wanted:
        same = next((it for it in left if right.is_same_as(it)), None)
        if same is not None:
            left.remove(same)
            plan.known += 1
        else:
            plan.added.append(right)
    total = extract.share_sum
    if total is None:
        plan.notices.append(
            Notice(None, "права собственности в ЕГРН не зарегистрированы; наши записи не изменены")
        )
        return plan
    starts = [it.right.registered_on for it in wanted if it.right.is_ownership]
    for it in left:
        successor = next((new for new in plan.added if new.is_held_by(it)), None)
        if successor is None and total < 1:
            plan.notices.append(
                Notice(
                    None,
                    f"осталось право с {it.valid_from:%d.%m.%Y} (доля {it.share_numerator}/"
                    f"{it.share_denominator}), которого в выписке нет: доли выписки неполны",
                )
            )
            continue
        if it.valid_from > extract.formed_on:
            plan.notices.append(
                Notice(None, f"право с {it.valid_from:%d.%m.%Y} позже выписки; не изменено")
            )
            continue
        plan.ended.append((it, _last_day(it.valid_from, successor, starts)))
    return plan


def _last_day(valid_from: date, successor: _Wanted | None, starts: Sequence[date]) -> date:
    """The day before the right that came instead; before its own start, when it never was there.

    A new owner pays from the registration (ЖК 153 ч. 2 п. 5).
    """
    if successor is not None:
        following = successor.right.registered_on
    else:
        following = min((day for day in starts if day > valid_from), default=valid_from)
    return max(following, valid_from) - timedelta(days=1)


def _remarks(
    request: ImportRequest, extract: Extract, people: Sequence[_Person]
) -> Iterator[Notice]:
    total = extract.share_sum
    if total is not None and total != 1:
        yield Notice(
            None,
            f"доли в выписке дают {total}, а не целое: записаны как есть, найдите недостающие или "
            "лишние права",
        )
    if extract.rights and not any(right.holders for right in extract.rights):
        yield Notice(None, "имена владельцев в выписке скрыты: записаны только права")
    born = [person.told.birth_date for person in people]
    for place in request.execute(MINORS, born=born, today=request.today).scalars():
        yield Notice(
            None,
            f"{people[place - 1].told.full_name} – несовершеннолетний собственник: проверьте, "
            "указан ли законный представитель",
        )


def _write(
    request: ImportRequest,
    import_id: int,
    premises_id: int,
    extract: Extract,
    people: Sequence[_Person],
    plan: _Plan,
) -> None:
    told = f"выписка из ЕГРН {extract.number or 'без номера'} от {extract.formed_on:%d.%m.%Y}"
    source = {"import_id": import_id, "user_id": request.user_id}
    for person in people:
        _write_person(request, person, told, source)
    # Ends first: two rights of one holder must not stand side by side even for a moment.
    _many(
        request,
        END_RIGHT,
        [
            {"ownership_id": ours.ownership_id, "valid_to": last_day, "basis": told, **source}
            for ours, last_day in plan.ended
        ],
    )
    _many(
        request,
        ADD_RIGHT,
        [
            {
                "organisation_id": request.organisation_id,
                "premises_id": premises_id,
                "right_kind": wanted.right.kind,
                "person_id": wanted.person and wanted.person.person_id,
                "holder_organisation_id": wanted.organisation_id,
                "holder_name": None if wanted.organisation_id or not wanted.body
                else wanted.body.name,
                "holder_inn": None if wanted.organisation_id or not wanted.body
                else wanted.body.inn,
                "share_numerator": wanted.share.numerator,
                "share_denominator": wanted.share.denominator,
                "valid_from": wanted.right.registered_on,
                "registration_number": wanted.right.number,
                "source": told,
                **source,
            }
            for wanted in plan.added
        ],
    )  # fmt: skip
    total = extract.share_sum
    request.execute(
        ADD_EXTRACT,
        organisation_id=request.organisation_id,
        premises_id=premises_id,
        cadastral_number=extract.cadastral_number,
        number=extract.number,
        formed_on=extract.formed_on,
        share_sum=None if total is None else str(total),
        has_holders=any(right.holders for right in extract.rights),
        import_id=import_id,
    )


def _write_person(
    request: ImportRequest, person: _Person, told: str, source: dict[str, object]
) -> None:
    if person.person_id is None:
        person.person_id = request.execute(NEXT_PERSON).scalar_one()
        request.execute(
            ADD_PERSON,
            person_id=person.person_id,
            organisation_id=request.organisation_id,
            last_name=person.told.last_name,
            first_name=person.told.first_name,
            middle_name=person.told.middle_name,
            sex=sex_by_patronymic(person.told.middle_name),
            birth_date=person.told.birth_date,
            birth_place=person.told.birth_place,
            registered_address=person.told.address,
        )
    corrections = [
        {"person_id": person.person_id, "field": name, "new_value": value, "basis": told, **source}
        for name, value in person.corrections.items()
    ]
    _many(request, ADD_CORRECTION, corrections)
    identifiers = [{"person_id": person.person_id, **it} for it in person.identifiers]
    _many(request, ADD_IDENTIFIER, identifiers)


def _many(request: ImportRequest, statement: str, rows: list[dict[str, object]]) -> None:
    if rows:
        request.connection.execute(text(statement), rows)


def sex_by_patronymic(patronymic: str | None) -> str | None:
    """Male or female by a Russian patronymic; None where it does not tell."""
    ending = (patronymic or "").lower()
    if ending.endswith(("ович", "евич", "ич", "оглы", "улы")):
        return "male"
    if ending.endswith(("овна", "евна", "ична", "инична", "кызы")):
        return "female"
    return None
