"""Rows of the archive's index. What the blobs hold is `passerby.archive`'s."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import Connection, delete, func, insert, select, update

from passerby.store.database import Store
from passerby.store.schema import epochs, live_parts


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
        leaving: Its deletion has begun.
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
    leaving: bool = False
    id: int = 0


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


def epochs_between(store: Store, camera_id: str, from_us: int, to_us: int) -> list[EpochRow]:
    """The epochs that touch ``[from, to)``, in order of time, without those that are leaving.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(
            select(*COLUMNS)
            .where(
                epochs.c.camera_id == camera_id,
                epochs.c.start_us < to_us,
                epochs.c.end_us > from_us,
                epochs.c.leaving.is_(False),
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
            .where(epochs.c.camera_id == camera_id, epochs.c.first_number <= number, epochs.c.leaving.is_(False))
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


def files_past(store: Store, camera_id: str, now_us: int, limit_us: int | None) -> list[str]:
    """Files that are past their own limit, or past ``limit_us`` where that is shorter, or whose deletion has begun.

    Raises:
        StoreError: The database can't be read.
    """
    table = epochs.c
    past = table.leaving.is_(True) | (table.end_us + table.keep_us <= now_us)
    if limit_us is not None:
        past = past | (table.end_us <= now_us - limit_us)
    with store.reading() as connection:
        rows = connection.execute(select(table.file).where(table.camera_id == camera_id, past).order_by(table.end_us))
        return list(rows.scalars())


def mark_leaving(store: Store, camera_id: str, file: str) -> None:
    """From now on this epoch is not shown.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        connection.execute(
            update(epochs).where(epochs.c.camera_id == camera_id, epochs.c.file == file).values(leaving=True)
        )


def forget_epoch(store: Store, camera_id: str, file: str) -> None:
    """The file is gone; so goes its row.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        connection.execute(delete(epochs).where(epochs.c.camera_id == camera_id, epochs.c.file == file))


def cameras_with_epochs(store: Store) -> list[str]:
    """Cameras that have a row.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return list(connection.execute(select(func.distinct(epochs.c.camera_id))).scalars())
