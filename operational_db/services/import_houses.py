"""Lists of houses: settlements, streets and houses that are new are added, each once."""

from collections.abc import Iterator

from operational_db.imports.houses import HouseRow, read_houses
from operational_db.imports.problems import Notice
from operational_db.services.import_staging import (
    ImportRequest,
    Staged,
    fill_temporary_table,
    staged_table,
)

ROW_COLUMNS = """
    line integer, number text, building text, structure text, built_year smallint,
    place_id integer, is_new boolean
"""
PLACE_COLUMNS = "line integer, depth integer, level text, type_name text, name text"
# Steps from the town down to the street. The topmost step is known wherever it hangs: another
# list may have put the town under its region. Letters ё and е, large and small are the same.
FIND_PLACE = """
    update pg_temp.import_row as r
    set place_id = found.address_object_id
    from (
        select distinct on (p.line) p.line, a.address_object_id
        from pg_temp.import_place as p
        inner join pg_temp.import_row as above on p.line = above.line
        inner join ops.address_object as a
            on a.level = p.level and a.type_name = p.type_name
            and ops.russian_sort_key(a.name) = ops.russian_sort_key(p.name)
            and (a.parent_id = above.place_id or p.depth = 1)
        where p.depth = :depth
        order by p.line, a.parent_id nulls first, a.address_object_id
    ) as found
    where r.line = found.line
"""
ADD_PLACES = """
    insert into ops.address_object (parent_id, level, type_name, name)
    select distinct on (r.place_id, p.level, p.type_name, ops.russian_sort_key(p.name))
        r.place_id, p.level, p.type_name, p.name
    from pg_temp.import_place as p
    inner join pg_temp.import_row as r on p.line = r.line
    where p.depth = :depth
        and not exists (
            select 1 from ops.address_object as a
            where a.level = p.level and a.type_name = p.type_name
                and ops.russian_sort_key(a.name) = ops.russian_sort_key(p.name)
                and (a.parent_id = r.place_id or p.depth = 1)
        )
    order by
        r.place_id, p.level, p.type_name, ops.russian_sort_key(p.name), p.line
"""
MARK_NEW = """
    update pg_temp.import_row as r
    set is_new = not exists (
        select 1 from ops.house as h
        where h.address_object_id = r.place_id and h.number = r.number
            and h.building is not distinct from r.building
            and h.structure is not distinct from r.structure
    )
"""
REPEATS = """
    select line, first_line from (
        select
            line, is_new,
            min(line) over (
                partition by place_id, number, building, structure
            ) as first_line
        from pg_temp.import_row
    ) as numbered
    where line > first_line and is_new
    order by line
"""
NEW_LINES = "select line from pg_temp.import_row where is_new"
# Of several cards of one house, the one that knows its year is taken.
ADD = """
    insert into ops.house (
        address_object_id, number, building, structure, built_year, import_id, import_line
    )
    select distinct on (place_id, number, building, structure)
        place_id, number, building, structure, built_year, :import_id, line
    from pg_temp.import_row
    where is_new
    order by place_id, number, building, structure, built_year is null, line
"""


def stage_houses(request: ImportRequest) -> Staged:
    """Read a list of houses and compare it with ours.

    Streets are added already here, so that houses can be compared by them; the caller's savepoint
    takes them back when nothing is to be written.
    """
    parsed = read_houses(request.content, today=request.today)
    fill_temporary_table(request.connection, "import_row", ROW_COLUMNS, map(_columns, parsed.rows))
    places = [place for row in parsed.rows for place in _places(row)]
    fill_temporary_table(request.connection, "import_place", PLACE_COLUMNS, places)
    for depth in range(1, max((place[1] for place in places), default=0) + 1):
        request.execute(ADD_PLACES, depth=depth)
        request.execute(FIND_PLACE, depth=depth)
    request.execute(MARK_NEW)
    repeats = request.execute(REPEATS).all()

    staged = staged_table(parsed, lambda import_id: request.execute(ADD, import_id=import_id))
    new = set(request.execute(NEW_LINES).scalars()) - {line for line, _ in repeats}
    staged.accepted_lines = lambda: [(line, "refused") for line in sorted(new)]
    staged.accepted = len(new)
    staged.known = len(parsed.rows) - staged.accepted
    marked = {row.line for row in parsed.rows if row.address.is_marked_duplicate}
    staged.notices += [
        Notice(line, f"тот же дом, что в строке {first_line}; второй раз не заведён")
        for line, first_line in repeats
        if line not in marked
    ]
    staged.figures = {
        "повторов одного дома в файле": len(repeats),
        "из них помечены в файле словом «дубль»": sum(1 for line, _ in repeats if line in marked),
    }
    return staged


def _columns(row: HouseRow) -> tuple[object, ...]:
    address = row.address
    return (
        row.line,
        address.full_number,
        address.building,
        address.full_structure,
        row.built_year,
        None,
        False,
    )


def _places(row: HouseRow) -> Iterator[tuple[int, int, str, str, str]]:
    depth = 0
    for depth, settlement in enumerate(row.address.settlements, start=1):
        yield row.line, depth, "settlement", settlement.type_name, settlement.name
    if street := row.address.street:
        yield row.line, depth + 1, "street", street.type_name, street.name
