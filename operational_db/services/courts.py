"""Courts: found, paid, and given the houses that they hear; houses that no court is found for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from operational_db.imports.court_details import court_details
from operational_db.imports.court_territories import territory
from operational_db.imports.problems import FieldError
from operational_db.locks import LockSpace
from operational_db.services.import_court_details import unknown_court
from operational_db.services.import_court_territories import (
    PLACE_OF_KEY,
    clash,
    court_kinds,
    known_territories,
    wrong_kind,
)
from operational_db.services.organisations import keepers_of_registries, keeps_registries

KINDS = {"MS": "мировой судья", "RS": "районный суд"}
STATES = {
    "none": "участок не найден",
    "several": "подходят несколько участков",
    "territory": "по территории",
    "by_hand": "назначен вручную",
    "of_section": "районный суд участка",
}
FOUND = """
    from ops.court as c
    where (cast(:kind as text) is null or c.kind = :kind)
        and (cast(:region as text) is null or c.region_code = :region)
        and (not :with_houses or exists (
            select 1 from ops.court_territory_current as t where t.court_code = c.court_code
        ))
        and (:words = '' or (
            select bool_and(
                ops.russian_sort_key(concat_ws(' ', c.court_code, c.name, c.district, c.address))
                like '%' || w.word || '%'
            )
            from unnest(string_to_array(ops.russian_sort_key(:words), ' ')) as w (word)
        ))
"""
PAGE = text(
    f"""
    select
        c.court_code, c.kind, c.name, c.region_code, c.district, c.address, c.phone,
        (
            select count(*) from ops.court_territory_current as t
            where t.court_code = c.court_code
        ) as territories,
        (
            select max(d.valid_from) from ops.court_payment_details as d
            where d.court_code = c.court_code and d.valid_from <= ops.as_of()
        ) as details_since
    {FOUND}
    order by ops.russian_sort_key(c.name), c.court_code
    limit :limit offset :offset
    """  # noqa: S608 - constants of this module
)
COUNT = text(f"select count(*) {FOUND}")
CARD = text("select * from ops.court where court_code = :court_code")
DETAILS = text(
    """
    select d.*, f.file_name, row_number() over (
        partition by d.valid_from order by d.recorded_at desc, d.court_payment_details_id desc
    ) > 1 as is_corrected
    from ops.court_payment_details as d
    left join ops.import_file as f on d.import_id = f.import_id
    where d.court_code = :court_code
    order by d.valid_from desc, d.recorded_at desc, d.court_payment_details_id desc
    """
)
DETAILS_ON = """
    select detail.* from ops.court_payment_details as detail
    where detail.court_code = {court_code} and detail.valid_from <= {day}
        and detail.recorded_at <= ops.known_at()
    order by detail.valid_from desc, detail.recorded_at desc,
        detail.court_payment_details_id desc
    limit 1
"""
TERRITORIES = text(
    """
    select t.*, f.file_name
    from ops.court_territory_current as t
    left join ops.import_file as f on t.import_id = f.import_id
    where t.court_code = :court_code
    order by ops.russian_sort_key(t.settlement), ops.russian_sort_key(t.street) nulls first,
        t.number_from nulls first, t.court_territory_id
    """
)
HOUSES_OF = text(
    """
    select count(*) from ops.house_court as h
    where h.magistrate_code = :court_code or h.district_code = :court_code
    """
)
HOUSE_ADDRESS = """
    concat_ws(', ',
        case when up.level = 'settlement' then up.type_name || ' ' || up.name end,
        o.type_name || ' ' || o.name,
        'д. ' || h.number, 'к. ' || h.building, 'стр. ' || h.structure)
"""
# Houses where the session's organisations keep accounts: nobody else's are of interest.
UNRESOLVED = """
    from ops.house_court as c
    inner join ops.house as h on c.house_id = h.house_id
    inner join ops.address_object as o on h.address_object_id = o.address_object_id
    left join ops.address_object as up on o.parent_id = up.address_object_id
    inner join (
        select p.house_id, count(*) as accounts
        from ops.account as a
        inner join ops.premises as p on a.premises_id = p.premises_id
        group by p.house_id
    ) as kept on c.house_id = kept.house_id
    where case :kind when 'MS' then c.magistrate_state else c.district_state end
        in ('none', 'several')
"""
QUEUE = text(
    f"""
    select
        c.house_id, {HOUSE_ADDRESS} as address, kept.accounts,
        case :kind when 'MS' then c.magistrate_state else c.district_state end as state,
        array_to_string(
            case :kind when 'MS' then c.magistrate_candidates else c.district_candidates end, ', '
        ) as candidates
    {UNRESOLVED}
    order by ops.russian_sort_key(o.name), substring(h.number from '^[0-9]+')::integer, h.house_id
    limit :limit offset :offset
    """  # noqa: S608 - constants of this module
)
QUEUE_COUNT = text(
    f"select count(*) as houses, coalesce(sum(kept.accounts), 0) as accounts {UNRESOLVED}"
)
KEPT_HOUSES = text(
    """
    select
        count(*) as houses,
        count(*) filter (where c.magistrate_code is not null) as with_section,
        count(*) filter (where c.district_code is not null) as with_district,
        count(*) filter (where c.magistrate_state = 'by_hand' or c.district_state = 'by_hand')
            as by_hand
    from ops.house_court as c
    where c.house_id in (
        select p.house_id from ops.account as a
        inner join ops.premises as p on a.premises_id = p.premises_id
    )
    """
)
ADD_DETAILS = text(
    """
    insert into ops.court_payment_details (
        court_code, payee, inn, kpp, oktmo, kbk, bic, account_number, correspondent_account, bank,
        valid_from, valid_to, source, user_id
    ) values (
        :court_code, :payee, :inn, :kpp, :oktmo, :kbk, :bic, :account_number,
        :correspondent_account, :bank, :valid_from, :valid_to, :source, ops.session_user_id()
    )
    """
)
LOCK = text(f"select pg_advisory_xact_lock({LockSpace.TERRITORIES:d}, 0)")
ADD_TERRITORY = text(
    f"""
    {PLACE_OF_KEY}
    insert into ops.court_territory (
        court_code, settlement, street, place_key, address_object_id, is_whole_settlement, parity,
        number_from, number_to, house_keys, except_keys, valid_from, valid_to, source, user_id
    )
    values (
        :court_code, :settlement, :street, cast(:place_key as text),
        (select s.address_object_id from single as s where s.key = cast(:place_key as text)),
        :is_whole_settlement, :parity, :number_from, :number_to, :house_keys, :except_keys,
        :valid_from, :valid_to, :source, ops.session_user_id()
    )
    """  # noqa: S608 - a constant of ours
)
WITHDRAW = text(
    """
    insert into ops.court_territory (
        court_code, settlement, street, place_key, address_object_id, is_whole_settlement, parity,
        number_from, number_to, house_keys, except_keys, valid_from, valid_to, source, replaces_id,
        is_withdrawn, user_id
    )
    select
        t.court_code, t.settlement, t.street, t.place_key, t.address_object_id,
        t.is_whole_settlement, t.parity, t.number_from, t.number_to, t.house_keys, t.except_keys,
        t.valid_from, coalesce(cast(:last_day as date), t.valid_to), :reason, t.court_territory_id,
        cast(:last_day as date) is null, ops.session_user_id()
    from ops.court_territory_current as t
    where t.court_territory_id = :court_territory_id
        and (cast(:last_day as date) is null or t.valid_from <= :last_day)
    """
)
HOUSE_EXISTS = text("select 1 from ops.house where house_id = :house_id")
MAY_DECIDE = text("select ops.keeps_registries() or ops.is_alone_in_house(:house_id)")
DECIDE = text(
    """
    insert into ops.house_court_decision (house_id, court_kind, court_code, basis, user_id)
    values (:house_id, :court_kind, :court_code, :basis, ops.session_user_id())
    """
)

Row = Mapping[str, Any]


class CourtError(ValueError):
    """What was asked of courts cannot be done; the message is Russian and says why."""


def find(
    connection: Connection,
    *,
    words: str = "",
    kind: str | None = None,
    region: str | None = None,
    with_houses: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Row], int]:
    """A page of courts whose code, name, district or address has all the words; and how many."""
    asked = {
        "words": " ".join(words.split()),
        "kind": kind,
        "region": region,
        "with_houses": with_houses,
    }
    rows = connection.execute(PAGE, {**asked, "limit": limit, "offset": offset}).mappings()
    return list(rows), connection.scalar(COUNT, asked)


def card(connection: Connection, court_code: str) -> Row | None:
    """The court as the registry has it."""
    return connection.execute(CARD, {"court_code": court_code}).mappings().one_or_none()


def details(connection: Connection, court_code: str) -> list[Row]:
    """Payment details by date, the newest first; ``is_corrected`` are those that do not count."""
    return list(connection.execute(DETAILS, {"court_code": court_code}).mappings())


def territories(connection: Connection, court_code: str) -> list[Row]:
    """Territories that nothing has replaced, in the order of streets."""
    return list(connection.execute(TERRITORIES, {"court_code": court_code}).mappings())


def houses_of(connection: Connection, court_code: str) -> int:
    """How many of all houses this court hears today."""
    return connection.scalar(HOUSES_OF, {"court_code": court_code})


def resolved_houses(connection: Connection) -> Row:
    """Of the houses where the session keeps accounts: how many have their courts."""
    return connection.execute(KEPT_HOUSES).mappings().one()


def unresolved_houses(
    connection: Connection, kind: str, *, limit: int = 50, offset: int = 0
) -> tuple[list[Row], Row]:
    """Houses with no court of the kind (MS, RS) or with several; and their number and accounts."""
    rows = connection.execute(QUEUE, {"kind": kind, "limit": limit, "offset": offset}).mappings()
    return list(rows), connection.execute(QUEUE_COUNT, {"kind": kind}).mappings().one()


def add_details(connection: Connection, values: dict[str, str]) -> None:
    """Add payment details from what people wrote, by the names of the columns of the file.

    Raises ``CourtError`` for a court that is not known and for a user who does not keep the
    registry, ``FieldError`` for a wrong value.
    """
    _need_keeper(connection)
    read = court_details(0, values)
    if read.court_code not in court_kinds(connection, [read.court_code]):
        raise CourtError(unknown_court(read.court_code))
    connection.execute(
        ADD_DETAILS,
        {name: getattr(read, name) for name in read.__dataclass_fields__ if name != "line"},
    )


def add_territory(connection: Connection, values: dict[str, str]) -> str:
    """Add a territory from what people wrote, by the names of the columns of the file; tell it.

    Raises ``CourtError`` when it takes a house of another court and for a user who does not keep
    the registry, ``FieldError`` for a wrong value.
    """
    _need_keeper(connection)
    row = territory(0, values)
    # Two people at once would each see the street free.
    connection.execute(LOCK)
    kinds = court_kinds(connection, [row.court_code])
    problem = wrong_kind(row.court_code, kinds) or clash(
        row, kinds[row.court_code], known_territories(connection, [row.place.key])
    )
    if problem:
        raise CourtError(f"{problem[0].upper()}{problem[1:]}")
    connection.execute(
        ADD_TERRITORY,
        {
            "court_code": row.court_code,
            "settlement": row.place.settlement,
            "street": row.place.street,
            "place_key": row.place.key,
            "is_whole_settlement": row.is_whole_settlement,
            "parity": row.houses.parity,
            "number_from": row.houses.number_from,
            "number_to": row.houses.number_to,
            "house_keys": None if row.houses.house_keys is None else list(row.houses.house_keys),
            "except_keys": list(row.houses.except_keys) or None,
            "valid_from": row.valid_from,
            "valid_to": row.valid_to,
            "source": row.source,
        },
    )
    return row.told()


def end_territory(
    connection: Connection, court_territory_id: int, reason: str, *, last_day: Any = None
) -> None:
    """End a territory on a day or, without one, take it out as a mistake. What was stays known."""
    _need_keeper(connection)
    if not reason.strip():
        raise CourtError("Напишите основание: закон, письмо суда или «внесено по ошибке».")
    changed = connection.execute(
        WITHDRAW,
        {
            "court_territory_id": court_territory_id,
            "reason": reason.strip(),
            "last_day": last_day,
        },
    ).rowcount
    if not changed:
        raise CourtError(
            "Эта строка уже изменена, или последний день раньше первого. Обновите страницу."
        )


def decide_house(
    connection: Connection, house_id: int, kind: str, court_code: str | None, basis: str
) -> None:
    """Say by hand which court of the kind hears a house; None: as the territories say again."""
    if not basis.strip():
        raise CourtError("Напишите, откуда это известно: без основания суд не назначить.")
    if connection.scalar(HOUSE_EXISTS, {"house_id": house_id}) is None:
        raise CourtError("Такого дома нет.")
    if not connection.scalar(MAY_DECIDE, {"house_id": house_id}):
        raise CourtError(
            "В этом доме счета ведут и другие организации: суд назначает для всех администратор "
            f"справочника ({_keepers(connection)}). Передайте ему основание."
        )
    if court_code is not None:
        found = court_kinds(connection, [court_code]).get(court_code)
        if found is None:
            raise CourtError(f"С{unknown_court(court_code)[1:]}")
        if found != kind:
            raise CourtError(f"{court_code} — не {KINDS[kind]}. Выберите другой суд.")
    connection.execute(
        DECIDE,
        {
            "house_id": house_id,
            "court_kind": kind,
            "court_code": court_code,
            "basis": basis.strip(),
        },
    )


def _need_keeper(connection: Connection) -> None:
    """Everybody pays and files by this registry, so one organisation's administrator writes it."""
    if not keeps_registries(connection):
        raise CourtError(
            "Реквизиты и территории судов одни для всех организаций: их вносит администратор "
            f"справочника ({_keepers(connection)})."
        )


def _keepers(connection: Connection) -> str:
    return ", ".join(keepers_of_registries(connection)) or "он не назначен"


__all__ = ["CourtError", "FieldError"]
