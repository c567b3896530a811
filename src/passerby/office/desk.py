"""The office's desk: its settings, its database, and who may do what at it."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from passerby.archive.folder import Layout
from passerby.base.errors import CharterError
from passerby.charter.matter.office import Office, read_office
from passerby.charter.matter.record import Kind
from passerby.charter.matter.staff import Standing, standing
from passerby.office import matters, staff
from passerby.store.acts import ActQueue
from passerby.store.database import Store
from passerby.store.migrate import open_durable, open_store
from passerby.store.outbox import hand_over

SETTINGS = "office.toml"
LONGEST_SETTINGS = 1 << 20


@dataclass(frozen=True, slots=True)
class Desk:
    """An office's folder, open.

    Args:
        office: Its settings.
        store: Its database, open for writing.
        acts: Acts on their way to the ledger.
        clock: Seconds since 1970.
    """

    office: Office
    store: Store
    acts: ActQueue
    clock: Callable[[], int]

    def may(self, pseudonym: str, role: str) -> None:
        """Refuse whoever has not this role now.

        Raises:
            CharterError: Untrained, not authorised, expired or locked; the message says which.
        """
        cases = matters.all_matters(self.store, Kind.CASE, open_only=True)
        found = standing(staff.person(self.store, pseudonym), role, self.clock(), cases)
        if found is not Standing.FIT:
            raise CharterError(f"{pseudonym} may not act as {role}", found.value)

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hands its acts over to the queue, those too that an earlier end left behind, and closes."""
        try:
            hand_over(self.store, self.acts)
        finally:
            self.store.close()


def open_desk(folder: Path, clock: Callable[[], int] = lambda: int(time.time()), *, durable: bool = False) -> Desk:
    """Open an office's folder.

    Args:
        folder: Where it is.
        clock: Seconds since 1970.
        durable: No power cut may take back what is written: for whoever hands out receipts.

    Raises:
        CharterError: Its settings are missing or wrong.
        StoreError: Its database can't be opened.
    """
    office = read_office(_settings(folder / SETTINGS), zone_of)
    layout = Layout(folder)
    store = open_store(layout.database, clock, keep=True)
    if durable:
        store.close()
        store = open_durable(layout.database)
    return Desk(office, store, ActQueue(layout.acts), clock)


def _settings(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            return tomllib.loads(file.read(LONGEST_SETTINGS).decode())
    except OSError as error:
        advice = "make it: passerby case example > DATA/office.toml"
        raise CharterError(f"{path} can't be read ({error.strerror})", advice) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CharterError(f"{path} is no TOML ({error})", "compare it with `passerby case example`") from error


def zone_of(name: str) -> tzinfo:
    """A time zone by its name, from this machine's time zone database.

    Raises:
        CharterError: There is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CharterError(f"no time zone is known as {name[:40]!r}", "use a name such as Asia/Hong_Kong") from error
