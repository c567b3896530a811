"""Rows of the archive's index. What the blobs hold is `passerby.archive`'s."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import IntEnum

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from passerby.store.database import Store
from passerby.store.schema import epochs, live_parts

REDACTED = "redacted"


class State(IntEnum):
    """How far an epoch's deletion has come. Each step is taken only once the one before is on the disk."""

    KEPT = 0
    DUE = 1
    KEY_DESTROYED = 2
    TOLD = 3
    DELETED = 4


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One file of redacted video: an hour of a camera, or less.

    Args:
        camera_id: Which camera.
        file: Name inside the camera's folder.
        start_us: When its first segment starts.
        end_us: When its last ends.
        shift_us: How far these times run ahead of the clock, after it was set back.
        keep_us: How long it may be kept after its end.
        first_number: Number of its first segment; they count up over a camera's life.
        size: Bytes of the file that are indexed.
        segments: `passerby.archive.entries`.
        inits: `passerby.archive.entries`.
        period_us: When its epoch's period begins; 0 for a file without a key (before version 2).
        length_us: How long that period is; 0 for a file without a key.
        kind: The class of its key.
        state: How far its deletion has come.
        root: Of its hash tree, once the file is closed; else empty.
    """

    camera_id: str
    file: str
    start_us: int
    end_us: int
    shift_us: int
    keep_us: int
    first_number: int
    size: int
    segments: bytes
    inits: bytes
    period_us: int = 0
    length_us: int = 0
    kind: str = "redacted"
    state: int = State.KEPT
    root: bytes = b""
    id: int = 0

    @property
    def leaving(self) -> bool:
        """Its deletion has begun: it is not shown any more."""
        return self.state != State.KEPT


NAMES = [f.name for f in fields(EpochRow)]
COLUMNS = [epochs.c[name] for name in NAMES]


def put_epoch(connection: Connection, row: EpochRow) -> None:
    """Write a row, new or known by its camera and file."""
    values = {name: getattr(row, name) for name in NAMES if name != "id"}
    here = (epochs.c.camera_id == row.camera_id, epochs.c.file == row.file)
    if not connection.execute(update(epochs).where(*here).values(**values)).rowcount:
        connection.execute(insert(epochs).values(**values))


def put_live(connection: Connection, camera_id: str, newest: bytes) -> None:
    """Replace a camera's newest parts."""
    changed = connection.execute(update(live_parts).where(live_parts.c.camera_id == camera_id).values(newest=newest))
    if not changed.rowcount:
        connection.execute(insert(live_parts).values(camera_id=camera_id, newest=newest))


def wipe_live(store: Store) -> None:
    """Nothing is live.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        connection.execute(delete(live_parts))


def get_live(store: Store, camera_id: str) -> bytes | None:
    """A camera's newest parts, or None where nothing is live.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return connection.execute(
            select(live_parts.c.newest).where(live_parts.c.camera_id == camera_id)
        ).scalar_one_or_none()


def epochs_between(store: Store, camera_id: str, from_us: int, to_us: int, kind: str = REDACTED) -> list[EpochRow]:
    """The epochs of a class that touch ``[from, to)``, in order of time, without those that are leaving.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(
            select(*COLUMNS)
            .where(
                epochs.c.camera_id == camera_id,
                epochs.c.kind == kind,
                epochs.c.start_us < to_us,
                epochs.c.end_us > from_us,
                epochs.c.state == State.KEPT,
            )
            .order_by(epochs.c.start_us, epochs.c.id)
        )
        return [EpochRow(**row._mapping) for row in rows]


def epoch_of_file(store: Store, camera_id: str, file: str) -> EpochRow | None:
    """The row of a file, leaving or not.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        row = connection.execute(
            select(*COLUMNS).where(epochs.c.camera_id == camera_id, epochs.c.file == file)
        ).one_or_none()
        return EpochRow(**row._mapping) if row else None


def epoch_with(store: Store, camera_id: str, number: int) -> EpochRow | None:
    """The epoch that would hold a camera's segment of this number.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        row = connection.execute(
            select(*COLUMNS)
            .where(
                epochs.c.camera_id == camera_id,
                epochs.c.kind == REDACTED,
                epochs.c.first_number <= number,
                epochs.c.state == State.KEPT,
            )
            .order_by(epochs.c.first_number.desc(), epochs.c.id.desc())
            .limit(1)
        ).one_or_none()
        return EpochRow(**row._mapping) if row else None


def all_epochs(store: Store, camera_id: str) -> list[EpochRow]:
    """Every epoch of a camera, leaving or not, in order of numbers.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(
            select(*COLUMNS).where(epochs.c.camera_id == camera_id).order_by(epochs.c.first_number, epochs.c.id)
        )
        return [EpochRow(**row._mapping) for row in rows]


def files_known(store: Store, camera_id: str) -> set[str]:
    """The names of a camera's files, leaving or not.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return set(connection.execute(select(epochs.c.file).where(epochs.c.camera_id == camera_id)).scalars())


def rows_past(store: Store, camera_id: str, now_us: int, limit_us: int | None) -> list[EpochRow]:
    """Kept files without a key that are past their own limit, or past ``limit_us`` where that is shorter.

    Raises:
        StoreError: The database can't be read.
    """
    table = epochs.c
    past = table.end_us + table.keep_us <= now_us
    if limit_us is not None:
        past = past | (table.end_us <= now_us - limit_us)
    return _rows(store, table.camera_id == camera_id, table.length_us == 0, table.state == State.KEPT, past)


def rows_leaving(store: Store) -> list[KeyedRow]:
    """Epochs of all cameras whose deletion has begun, plain ones too.

    Raises:
        StoreError: The database can't be read.
    """
    return _keyed(store, epochs.c.state != State.KEPT)


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """What names a file with a key, without its blobs: there may be very many."""

    camera_id: str
    file: str
    period_us: int
    length_us: int
    kind: str
    state: int
    root: bytes


def keyed_rows(store: Store) -> list[KeyedRow]:
    """Every file with a key.

    Raises:
        StoreError: The database can't be read.
    """
    return _keyed(store, epochs.c.length_us > 0)


def rows_of_key(store: Store, camera_id: str, period_us: int, length_us: int, kind: str) -> list[KeyedRow]:
    """The files that one key opens, by name.

    Raises:
        StoreError: The database can't be read.
    """
    c = epochs.c
    here = (c.camera_id == camera_id, c.period_us == period_us, c.length_us == length_us, c.kind == kind)
    return sorted(_keyed(store, *here), key=lambda row: row.file)


def _keyed(store: Store, *where: ColumnElement[bool]) -> list[KeyedRow]:
    columns = [epochs.c[name] for name in KeyedRow.__slots__]
    with store.reading() as connection:
        return [KeyedRow(*row) for row in connection.execute(select(*columns).where(*where))]


def any_epochs(store: Store) -> bool:
    """Whether anything is kept, or on its way out.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return connection.execute(select(epochs.c.id).limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Use:
    """What a camera's kept files take.

    Args:
        camera_id: Which.
        size: Bytes.
        from_us: When the oldest starts.
        to_us: When the newest ends.
    """

    camera_id: str
    size: int
    from_us: int
    to_us: int


def uses(store: Store) -> list[Use]:
    """What each camera's kept files take, by name.

    Raises:
        StoreError: The database can't be read.
    """
    c = epochs.c
    asked = select(c.camera_id, func.sum(c.size), func.min(c.start_us), func.max(c.end_us))
    with store.reading() as connection:
        rows = connection.execute(asked.where(c.state == State.KEPT).group_by(c.camera_id).order_by(c.camera_id))
        return [Use(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SizedRow:
    """Whose key a file needs, and how many bytes it takes."""

    camera_id: str
    period_us: int
    length_us: int
    kind: str
    size: int


def oldest_rows(store: Store, before_us: int, most: int, skip: int = 0) -> list[SizedRow]:
    """The oldest kept files with a key that ended before this, at most so many behind the first ``skip``.

    Raises:
        StoreError: The database can't be read.
    """
    c = epochs.c
    asked = select(*[c[name] for name in SizedRow.__slots__])
    asked = asked.where(c.state == State.KEPT, c.length_us > 0, c.end_us < before_us)
    with store.reading() as connection:
        rows = connection.execute(asked.order_by(c.end_us, c.id).limit(most).offset(skip))
        return [SizedRow(*row) for row in rows]


def _rows(store: Store, *where: ColumnElement[bool]) -> list[EpochRow]:
    with store.reading() as connection:
        rows = connection.execute(select(*COLUMNS).where(*where).order_by(epochs.c.end_us, epochs.c.id))
        return [EpochRow(**row._mapping) for row in rows]


def set_state(store: Store, rows: Iterable[EpochRow | KeyedRow], state: State) -> None:
    """How far the deletion of these has come.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        for row in rows:
            here = (epochs.c.camera_id == row.camera_id, epochs.c.file == row.file)
            connection.execute(update(epochs).where(*here).values(state=state))


def forget_epoch(store: Store, camera_id: str, *files: str) -> None:
    """These files are gone; so go their rows.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        for file in files:
            connection.execute(delete(epochs).where(epochs.c.camera_id == camera_id, epochs.c.file == file))


def cameras_with_epochs(store: Store) -> list[str]:
    """Cameras that have a row.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return list(connection.execute(select(func.distinct(epochs.c.camera_id))).scalars())
