"""Cameras: what they are called, how they are, and why a picture is a mosaic."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Row, insert, select, update

from passerby.base.ids import checked_id
from passerby.store.database import Store
from passerby.store.schema import cameras

LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera, as last heard of.

    Args:
        id: Safe in file names and addresses.
        name: For people.
        mode: ``counts-only``, ``live`` or ``record``.
        retention_us: How long recordings are kept; 0 where nothing is recorded.
        state: ``starting``, ``running``, ``away``, ``failed`` or ``stopped``.
        message: Why, in one line; empty when all is well.
        since_us: Since when it has been in this state.
        mosaic: Why the whole picture is a mosaic: the name of an `outlet` reason in lower case, or ``none``.
        mosaic_since_us: Since when that has been so.
    """

    id: str
    name: str
    mode: str
    retention_us: int
    state: str
    message: str
    since_us: int
    mosaic: str
    mosaic_since_us: int


COLUMNS = [cameras.c[name] for name in Camera.__slots__]


def put_cameras(store: Store, wanted: Collection[Camera], *, alone: bool = True) -> None:
    """The cameras of this station from now on; others are kept but no longer shown.

    Args:
        store: Open for writing.
        wanted: The cameras.
        alone: There is no other station in this database: else the others' cameras stay as they are.

    Raises:
        StoreError: The database takes no writing.
        UsageError: An id is not safe.
    """
    with store.writing() as connection:
        if alone:
            connection.execute(update(cameras).values(present=False))
        for camera in wanted:
            row = {name: getattr(camera, name) for name in Camera.__slots__} | {"present": True}
            changed = connection.execute(update(cameras).where(cameras.c.id == checked_id(camera.id)).values(**row))
            if not changed.rowcount:
                connection.execute(insert(cameras).values(**row))


def set_state(store: Store, camera_id: str, state: str, message: str, now_us: int) -> None:
    """A camera's state; ``since`` moves only when the state does.

    Raises:
        StoreError: The database takes no writing.
    """
    here = cameras.c.id == camera_id
    with store.writing() as connection:
        connection.execute(update(cameras).where(here, cameras.c.state != state).values(state=state, since_us=now_us))
        connection.execute(update(cameras).where(here).values(message=message[:LONGEST_MESSAGE]))


def set_mosaic(store: Store, camera_id: str, mosaic: str, now_us: int) -> None:
    """Why the picture is a mosaic now. Writes nothing when that is known already.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        connection.execute(
            update(cameras)
            .where(cameras.c.id == camera_id, cameras.c.mosaic != mosaic)
            .values(mosaic=mosaic, mosaic_since_us=now_us)
        )


def list_cameras(store: Store) -> list[Camera]:
    """Every camera of the station, by name.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(select(*COLUMNS).where(cameras.c.present).order_by(cameras.c.name, cameras.c.id))
        return [_camera(row) for row in rows]


def get_camera(store: Store, camera_id: str) -> Camera | None:
    """One camera, or None where there is none of that id.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        row = connection.execute(select(*COLUMNS).where(cameras.c.id == camera_id, cameras.c.present)).one_or_none()
        return _camera(row) if row else None


def _camera(row: Row[tuple[object, ...]]) -> Camera:
    return Camera(**row._mapping)
