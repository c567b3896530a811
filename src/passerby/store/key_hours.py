"""What the ledger was told of the keys of each camera's hours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from passerby.store.database import Store
from passerby.store.schema import key_hours


@dataclass(frozen=True, slots=True)
class KeyHour:
    """An hour of a camera and class whose key's birth was told, and its death not yet.

    Args:
        camera_id: Whose.
        kind: Class of the key.
        hour: Counted from 1970.
        keep_h: For how many hours after its end the key may live, as told.
        rooted: Its tree's root was told, or there is none.
        dead: Its death was told.
    """

    camera_id: str
    kind: str
    hour: int
    keep_h: int
    rooted: bool = False
    dead: bool = False

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
    """Remember what was told; of one that is dead nothing has to be remembered any more.

    Raises:
        StoreError: The database takes no writing.
    """
    c = key_hours.c
    with store.writing() as connection:
        for one in told:
            here = (c.camera_id == one.camera_id, c.kind == one.kind, c.hour == one.hour)
            connection.execute(delete(key_hours).where(*here))
            if not one.dead:
                values = {name: getattr(one, name) for name in KeyHour.__slots__ if name != "dead"}
                connection.execute(insert(key_hours).values(**values))
