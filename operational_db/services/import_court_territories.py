"""Territories of court sections: each once, and no house in two of them by the letter of a list."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, text

from operational_db.imports.court_places import Houses, Place
from operational_db.imports.court_territories import TerritoryRow, read_territories
from operational_db.imports.problems import Notice, Refusal
from operational_db.services.import_court_details import unknown_court
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

ROW_COLUMNS = """
    line integer, court_code text, settlement text, street text, place_key text,
    is_whole_settlement boolean, parity text, number_from integer, number_to integer,
    house_keys text[], except_keys text[], valid_from date, valid_to date, source text,
    replaces_id integer
"""
COURTS = text("select court_code, kind from ops.court where court_code = any(:codes) ")
KNOWN = text(
    """
    select t.*, c.kind as court_kind, f.file_name
    from ops.court_territory_current as t
    inner join ops.court as c on t.court_code = c.court_code
    left join ops.import_file as f on t.import_id = f.import_id
    where t.place_key = any(:keys)
    """
)
# The street, where just one of that name is known; houses are found by the key, not by this.
PLACE_OF_KEY = """
    with recursive place as (
        select o.address_object_id, o.parent_id,
            ops.russian_sort_key(o.type_name || ' ' || o.name) as key
        from ops.address_object as o
        where o.level in ('settlement', 'street')
        union all
        select p.address_object_id, o.parent_id,
            ops.russian_sort_key(o.type_name || ' ' || o.name) || '|' || p.key
        from place as p
        inner join ops.address_object as o on p.parent_id = o.address_object_id
        where o.level = 'settlement'
    ),

    single as (
        select key, min(address_object_id) as address_object_id
        from place
        group by key
        having count(distinct address_object_id) = 1
    )
"""
ADD = f"""
    {PLACE_OF_KEY}
    insert into ops.court_territory (
        court_code, settlement, street, place_key, address_object_id, is_whole_settlement, parity,
        number_from, number_to, house_keys, except_keys, valid_from, valid_to, source, replaces_id,
        import_id, import_line, user_id
    )
    select
        r.court_code, r.settlement, r.street, r.place_key, s.address_object_id,
        r.is_whole_settlement, r.parity, r.number_from, r.number_to, r.house_keys, r.except_keys,
        r.valid_from, r.valid_to, r.source, r.replaces_id, :import_id, r.line, :user_id
    from pg_temp.import_row as r
    left join single as s on r.place_key = s.key
    order by r.line
"""  # noqa: S608 - a constant of this module


def stage_territories(request: ImportRequest) -> Staged:
    """Read territories and compare them with ours.

    Two rows that give one house to two courts on one day are both refused, each naming the other;
    so is a row against one that is there already. A row that differs from ours in its last day or
    source only replaces it.
    """
    parsed = read_territories(request.content)
    kinds = court_kinds(request.connection, (row.court_code for row in parsed.rows))
    refusals = {
        row.line: reason
        for row in parsed.rows
        if (reason := _wrong_court(row.court_code, kinds)) is not None
    }
    rows = [row for row in parsed.rows if row.line not in refusals]
    known = known_territories(request.connection, {row.place.key for row in rows})
    notices: list[Notice] = []
    rows, repeats = _without_repeats(rows)
    refusals |= repeats
    fresh, same, replaced = [], 0, {}
    by_identity = {_identity(it.row): it for it in known}
    for row in rows:
        ours = by_identity.get(_identity(row))
        if ours is None:
            fresh.append(row)
        elif (ours.row.valid_to, ours.row.source) == (row.valid_to, row.source):
            same += 1
        else:
            replaced[row.line] = ours.territory_id
            fresh.append(row)
    standing = [it for it in known if it.territory_id not in replaced.values()]
    refusals |= _clashes(fresh, kinds)
    refusals |= _clashes_with_known(fresh, standing, kinds)
    new = [row for row in fresh if row.line not in refusals]
    notices += [
        Notice(row.line, "такая строка уже была; срок или источник изменены")
        for row in new
        if row.line in replaced
    ]

    def write(import_id: int) -> None:
        columns = [(*_columns(row), replaced.get(row.line)) for row in new]
        fill_temporary_table(request.connection, "import_row", ROW_COLUMNS, columns)
        request.execute(ADD, import_id=import_id, user_id=request.user_id)

    staged = staged_table(parsed, write)
    staged.accepted = len(new)
    staged.known = same
    staged.refusals += [
        Refusal(line, "", reason, parsed.raw(line)) for line, reason in refusals.items()
    ]
    staged.notices += notices
    staged.accepted_lines = lambda: [(row.line, "refused") for row in new]
    staged.figures = {
        "участков и судов в файле": len({row.court_code for row in new}),
        "изменено сроков": sum(1 for row in new if row.line in replaced),
    }
    return staged


class KnownTerritory:
    """A territory in force, as the database has it."""

    __slots__ = ("court_kind", "row", "territory_id", "told_source")

    def __init__(self, found: Any) -> None:
        self.territory_id: int = found.court_territory_id
        self.court_kind: str = found.court_kind
        self.told_source = (
            f"строке {found.import_line} файла «{found.file_name}»"
            if found.file_name
            else f"строке № {found.court_territory_id}, внесённой на экране"
        )
        self.row = TerritoryRow(
            line=0,
            court_code=found.court_code,
            place=Place(found.settlement, found.street, found.place_key),
            houses=Houses(
                found.parity,
                found.number_from,
                found.number_to,
                None if found.house_keys is None else tuple(found.house_keys),
                tuple(found.except_keys or ()),
            ),
            valid_from=found.valid_from,
            valid_to=found.valid_to,
            source=found.source,
        )


def court_kinds(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """Kinds (MS, RS…) of the courts that the registry has."""
    found = connection.execute(COURTS, {"codes": list(set(codes))})
    return {row.court_code: row.kind for row in found}


def known_territories(connection: Connection, keys: Iterable[str]) -> list[KnownTerritory]:
    """Territories in force at the places."""
    return [KnownTerritory(row) for row in connection.execute(KNOWN, {"keys": list(keys)})]


def clash(row: TerritoryRow, kind: str, standing: Iterable[KnownTerritory]) -> str | None:
    """Why a territory cannot be added beside those that stand, in Russian; None when it can."""
    for ours in standing:
        if ours.court_kind != kind or ours.row.court_code == row.court_code:
            continue
        if common := row.common(ours.row):
            return (
                f"{common} уже относится к {ours.row.court_code} по {ours.told_source} "
                f"({ours.row.told()}). Исправьте одну из строк или закончите срок прежней."
            )
    return None


def wrong_kind(code: str, kinds: dict[str, str]) -> str | None:
    """Why a court cannot have a territory; None when it can."""
    return _wrong_court(code, kinds)


def _wrong_court(code: str, kinds: dict[str, str]) -> str | None:
    if code not in kinds:
        return unknown_court(code)
    if kinds[code] not in {"MS", "RS"}:
        return f"суд {code} не мировой и не районный: территория задаётся только для них."
    return None


def _without_repeats(rows: list[TerritoryRow]) -> tuple[list[TerritoryRow], dict[int, str]]:
    first: dict[tuple[object, ...], TerritoryRow] = {}
    repeats = {}
    for row in rows:
        earlier = first.setdefault(_identity(row), row)
        if earlier is not row:
            repeats[row.line] = f"то же, что в строке {earlier.line}. Оставьте одну из них."
    return list(first.values()), repeats


def _identity(row: TerritoryRow) -> tuple[object, ...]:
    whole = replace(row.houses, except_keys=tuple(sorted(row.houses.except_keys)))
    if whole.house_keys is not None:
        whole = replace(whole, house_keys=tuple(sorted(whole.house_keys)))
    return row.court_code, row.place.key, whole, row.valid_from


def _clashes(rows: list[TerritoryRow], kinds: dict[str, str]) -> dict[int, str]:
    by_place: dict[tuple[str, str], list[TerritoryRow]] = defaultdict(list)
    for row in rows:
        by_place[kinds[row.court_code], row.place.key].append(row)
    clashes = {}
    for group in by_place.values():
        for one, other in combinations(group, 2):
            if one.court_code == other.court_code:
                continue
            common = one.common(other)
            if common is None:
                continue
            for row, against in ((one, other), (other, one)):
                clashes.setdefault(
                    row.line,
                    f"пересекается со строкой {against.line}: {common} отнесён и к "
                    f"{row.court_code}, и к {against.court_code}. Оставьте его в одной из строк.",
                )
    return clashes


def _clashes_with_known(
    rows: list[TerritoryRow], standing: list[KnownTerritory], kinds: dict[str, str]
) -> dict[int, str]:
    by_place: dict[str, list[KnownTerritory]] = defaultdict(list)
    for ours in standing:
        by_place[ours.row.place.key].append(ours)
    found = {row.line: clash(row, kinds[row.court_code], by_place[row.place.key]) for row in rows}
    return {line: reason for line, reason in found.items() if reason is not None}


def _columns(row: TerritoryRow) -> tuple[object, ...]:
    houses = row.houses
    return (
        row.line,
        row.court_code,
        row.place.settlement,
        row.place.street,
        row.place.key,
        row.is_whole_settlement,
        houses.parity,
        houses.number_from,
        houses.number_to,
        None if houses.house_keys is None else list(houses.house_keys),
        list(houses.except_keys) or None,
        row.valid_from,
        row.valid_to,
        row.source,
    )
