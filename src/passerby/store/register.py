"""The register's rows: cameras, owners, areas, and every version that each entry ever had.

Knows nothing of what an entry means: `office` reads and judges. Here it is text, with what lists and maps ask for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    insert,
    or_,
    select,
    update,
)

from passerby.store.database import Store
from passerby.store.schema import areas, organisations, register, register_about, register_history

CHUNK = 500
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera's row.

    Args:
        id: The camera's id.
        name: For people.
        owner: Its owner's id.
        area: Its area's id.
        phase: How far it has come.
        purposes: Between bars, so that one can be looked for: ``|audit|crowd-safety|``.
        quad: Its place as a number; None where it has none.
        search: What a search looks through, in lower case.
        capture: Hash of what is captured.
        version: Counted from 1.
        since_us: Since when it is in this phase.
        changed_us: When its entry changed last.
        body: The entry, which its history holds.
    """

    id: str
    name: str
    owner: str
    area: str
    phase: str
    purposes: str
    quad: int | None
    search: str
    capture: str
    version: int
    since_us: int
    changed_us: int
    body: str


@dataclass(frozen=True, slots=True)
class Version:
    """What an entry was from some time on.

    Args:
        camera_id: The camera's id.
        version: Counted from 1.
        at_us: From when on.
        step: What happened.
        phase: The phase after it.
        content: Hash of the entry.
        body: The entry.
    """

    camera_id: str
    version: int
    at_us: int
    step: str
    phase: str
    content: str
    body: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cameras; what is empty does not matter.

    Args:
        owner: Of this owner.
        area: In this area.
        phase: In this phase.
        purpose: With this purpose.
        text: With these words in name, place or number.
        owners: Of these owners only: whoever asks sees no others. None: of all.
        areas: The same for areas.
    """

    owner: str = ""
    area: str = ""
    phase: str = ""
    purpose: str = ""
    text: str = ""
    owners: frozenset[str] | None = None
    areas: frozenset[str] | None = None


ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Cluster:
    """Cameras near each other on a map.

    Args:
        cell: The first 2 × zoom bits of their places.
        cameras: How many.
        id: Which, where it is one alone; else one of them.
    """

    cell: int
    cameras: int
    id: str


def about(store: Store) -> dict[str, str]:
    """What the register says of itself.

    Raises:
        StoreError: It can't be read.
    """
    with store.reading() as connection:
        return {row.name: row.value for row in connection.execute(select(register_about))}


def put_about(connection: Connection, values: Mapping[str, str]) -> None:
    """Set what the register says of itself."""
    for name, value in values.items():
        here = register_about.c.name == name
        if not connection.execute(update(register_about).where(here).values(value=value)).rowcount:
            connection.execute(insert(register_about).values(name=name, value=value))


def put_owner(connection: Connection, owner_id: str, name: str, body: str) -> None:
    """Add an organisation, or replace what is known of it."""
    here = organisations.c.id == owner_id
    if not connection.execute(update(organisations).where(here).values(name=name, body=body)).rowcount:
        connection.execute(insert(organisations).values(id=owner_id, name=name, body=body))


def owners(connection: Connection) -> dict[str, str]:
    """Every organisation's text by its id."""
    return {row.id: row.body for row in connection.execute(select(organisations).order_by(organisations.c.id))}


def put_area(connection: Connection, area_id: str, name: str) -> None:
    """Add an area, or rename it."""
    if not connection.execute(update(areas).where(areas.c.id == area_id).values(name=name)).rowcount:
        connection.execute(insert(areas).values(id=area_id, name=name))


def area_names(connection: Connection) -> dict[str, str]:
    """Every area's name by its id."""
    return {row.id: row.name for row in connection.execute(select(areas).order_by(areas.c.id))}


def held(connection: Connection, ids: Collection[str]) -> dict[str, CameraRow]:
    """Those of these cameras that are registered."""
    found: dict[str, CameraRow] = {}
    for some in _chunks(sorted(ids)):
        for row in connection.execute(_WITH_BODY.where(register.c.id.in_(some))):
            found[row.id] = CameraRow(**row._mapping)
    return found


def put_cameras(connection: Connection, rows: Sequence[CameraRow], steps: Sequence[Version]) -> None:
    """Add or replace cameras, and add what happened to their history.

    Args:
        connection: Of the transaction.
        rows: Each with a version one above what is there.
        steps: One for each.
    """
    new = [_narrow(row) for row in rows if row.version == 1]
    old = [_narrow(row) for row in rows if row.version > 1]
    if new:
        connection.execute(insert(register), new)
    if old:
        names: dict[str, Any] = {
            name: bindparam(f"n_{name}") for name in CameraRow.__slots__ if name not in ("id", "body")
        }
        changing = update(register).where(register.c.id == bindparam("n_id")).values(**names)
        connection.execute(changing, [{f"n_{name}": value for name, value in row.items()} for row in old])
    if steps:
        connection.execute(insert(register_history), [asdict(step) for step in steps])


def history(store: Store, camera_id: str) -> list[Version]:
    """All that an entry ever was, the oldest first.

    Raises:
        StoreError: It can't be read.
    """
    asked = select(register_history).where(register_history.c.camera_id == camera_id)
    with store.reading() as connection:
        found = connection.execute(asked.order_by(register_history.c.version))
        return [Version(**row._mapping) for row in found]


def page(store: Store, wanted: Wanted = ALL, after: tuple[str, str] | None = None, most: int = 50) -> list[CameraRow]:
    """Cameras by name.

    Args:
        store: Where.
        wanted: Which.
        after: Name and id of the last one that was seen; None for the first page.
        most: At most so many.

    Raises:
        StoreError: It can't be read.
    """
    asked = _where(_WITH_BODY, wanted).order_by(register.c.name, register.c.id).limit(min(most, MOST_ROWS))
    if after is not None:
        name, last = after
        asked = asked.where(or_(register.c.name > name, and_(register.c.name == name, register.c.id > last)))
    with store.reading() as connection:
        return [CameraRow(**row._mapping) for row in connection.execute(asked)]


def every(store: Store, wanted: Wanted = ALL) -> Iterator[CameraRow]:
    """All of them by name, in pages, so that none of it is large.

    Raises:
        StoreError: It can't be read.
    """
    after: tuple[str, str] | None = None
    while rows := page(store, wanted, after, MOST_ROWS):
        yield from rows
        after = rows[-1].name, rows[-1].id


def count(store: Store, wanted: Wanted = ALL) -> int:
    """How many there are.

    Raises:
        StoreError: It can't be read.
    """
    with store.reading() as connection:
        return int(connection.execute(_where(select(func.count()).select_from(register), wanted)).scalar_one())


def totals(store: Store, wanted: Wanted = ALL) -> dict[tuple[str, str, str], int]:
    """How many there are by owner, area and phase.

    Raises:
        StoreError: It can't be read.
    """
    by = (register.c.owner, register.c.area, register.c.phase)
    asked = _where(select(*by, func.count()), wanted).group_by(*by)
    with store.reading() as connection:
        return {(row[0], row[1], row[2]): int(row[3]) for row in connection.execute(asked)}


def standing(connection: Connection, owner: str, area: str, phases: Collection[str], but: str) -> int:
    """How many cameras of an owner in an area are in these phases, one left out."""
    here = (register.c.owner == owner, register.c.area == area, register.c.phase.in_(phases), register.c.id != but)
    return int(connection.execute(select(func.count()).select_from(register).where(*here)).scalar_one())


def _cell(bits: int) -> ColumnElement[Any]:
    """A place without its last bits. PostgreSQL shifts by an integer, and by nothing larger."""
    found: ColumnElement[Any] = register.c.quad.op(">>")(cast(bits, Integer))
    return found


def clusters(store: Store, places: tuple[int, int], bits: int, wanted: Wanted = ALL) -> list[Cluster]:
    """Cameras of a part of the map, those near each other as one.

    Args:
        store: Where.
        places: The first number of the part, and the first that is past it.
        bits: How many of a place's last bits do not matter.
        wanted: Which.

    Raises:
        StoreError: It can't be read.
    """
    cell = _cell(bits)
    asked = _where(select(cell.label("cell"), func.count().label("cameras"), func.min(register.c.id)), wanted)
    asked = asked.where(register.c.quad >= places[0], register.c.quad < places[1]).group_by(cell)
    with store.reading() as connection:
        return [Cluster(int(row[0]), int(row[1]), row[2]) for row in connection.execute(asked)]


@dataclass(frozen=True, slots=True)
class Mark:
    """Cameras of one phase near each other on a map.

    Args:
        cell: The first bits of their places.
        phase: Their phase.
        cameras: How many.
        id: One of them: the first by id.
        first: The place of the first of them, in the order of places.
        last: Of the last.
    """

    cell: int
    phase: str
    cameras: int
    id: str
    first: int
    last: int


def marks(store: Store, ranges: Sequence[tuple[int, int]], bits: int, wanted: Wanted = ALL) -> list[Mark]:
    """Cameras of some parts of the map, those near each other and in one phase as one.

    Args:
        store: Where.
        ranges: Of each part the first number, and the first that is past it.
        bits: How many of a place's last bits do not matter.
        wanted: Which.

    Raises:
        StoreError: It can't be read.
    """
    quad = register.c.quad
    cell = _cell(bits)
    columns = (
        cell.label("cell"),
        register.c.phase,
        func.count(),
        func.min(register.c.id),
        func.min(quad),
        func.max(quad),
    )
    asked = _where(select(*columns), wanted).where(or_(*(and_(quad >= first, quad < end) for first, end in ranges)))
    with store.reading() as connection:
        return [Mark(*row) for row in connection.execute(asked.group_by(cell, register.c.phase))]


def unplaced(store: Store, wanted: Wanted = ALL) -> int:
    """How many have no place on the map.

    Raises:
        StoreError: It can't be read.
    """
    asked = _where(select(func.count()).select_from(register), wanted).where(register.c.quad.is_(None))
    with store.reading() as connection:
        return int(connection.execute(asked).scalar_one())


def stamp(store: Store) -> tuple[int, int]:
    """How many cameras there are, and when one changed last: the same as long as no entry changes.

    Raises:
        StoreError: It can't be read.
    """
    with store.reading() as connection:
        row = connection.execute(select(func.count(), func.coalesce(func.max(register.c.changed_us), 0))).one()
        return int(row[0]), int(row[1])


_SAME = and_(register_history.c.camera_id == register.c.id, register_history.c.version == register.c.version)
_WITH_BODY = select(register, register_history.c.body).select_from(register.join(register_history, _SAME))


def _narrow(row: CameraRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "body"}


def _where(asked: Select[Any], wanted: Wanted) -> Select[Any]:
    for column, value in (
        (register.c.owner, wanted.owner),
        (register.c.area, wanted.area),
        (register.c.phase, wanted.phase),
    ):
        if value:
            asked = asked.where(column == value)
    for column, scope in ((register.c.owner, wanted.owners), (register.c.area, wanted.areas)):
        if scope is not None:
            asked = asked.where(column.in_(sorted(scope)))
    if wanted.purpose:
        asked = asked.where(register.c.purposes.contains(f"|{wanted.purpose}|", autoescape=True))
    for word in wanted.text.lower().split():
        asked = asked.where(register.c.search.contains(word, autoescape=True))
    return asked


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), CHUNK):
        yield ids[first : first + CHUNK]


def places_of(store: Store, camera_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Owner and area of each of these cameras that the register knows.

    Raises:
        StoreError: The database can't be read.
    """
    ids, found = list(camera_ids), dict[str, tuple[str, str]]()
    with store.reading() as connection:
        for at in range(0, len(ids), CHUNK):
            wanted = register.c.id.in_(ids[at : at + CHUNK])
            query = select(register.c.id, register.c.owner, register.c.area).where(wanted)
            found |= {row.id: (row.owner, row.area) for row in connection.execute(query)}
    return found
