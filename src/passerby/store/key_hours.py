"""What the ledger was told of the keys of each camera's hours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from passerby.store.database import Store
from passerby.store.schema import key_hours


@dataclass(frozen=True, slots=True)
class KeyHour:
    """An hour of a camera and class whose key's birth was told.

    Args:
        camera_id: Whose.
        kind: Class of the key.
        hour: Counted from 1970.
        keep_h: For how many hours after its end the key may live, as told.
        dead: Its death was told.
        rooted: Its tree's root was told, or there is none.
    """

    camera_id: str
    kind: str
    hour: int
    keep_h: int
    dead: bool = False
    rooted: bool = False

    @property
    def key(self) -> tuple[str, str, int]:
        """Camera, class, hour."""
        return self.camera_id, self.kind, self.hour


def list_key_hours(store: Store) -> list[KeyHour]:
    """All of them, the oldest first.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(select(key_hours).order_by(key_hours.c.hour, key_hours.c.camera_id))
        return [KeyHour(**row._mapping) for row in rows]


def put_key_hours(store: Store, told: Collection[KeyHour]) -> None:
    """Remember what was told.

    Raises:
        StoreError: The database takes no writing.
    """
    c = key_hours.c
    with store.writing() as connection:
        for one in told:
            here = (c.camera_id == one.camera_id, c.kind == one.kind, c.hour == one.hour)
            values = {"dead": one.dead, "rooted": one.rooted}
            if not connection.execute(update(key_hours).where(*here).values(**values)).rowcount:
                everything = {name: getattr(one, name) for name in KeyHour.__slots__}
                connection.execute(insert(key_hours).values(**everything))


def forget_key_hours(store: Store, before_hour: int) -> None:
    """Forget the dead ones of hours before this.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        connection.execute(delete(key_hours).where(key_hours.c.dead, key_hours.c.hour < before_hour))
