"""Which cases there are, for whoever logs that somebody looks: the office's records, and when the ledger was told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from passerby.base.errors import CharterError, StoreError
from passerby.charter.asking import Asking
from passerby.charter.matter.case import Look, judge
from passerby.charter.matter.record import Matter
from passerby.ledger.errors import LedgerError
from passerby.ledger.schema import is_count, parse_act
from passerby.ledger.verify import Reader
from passerby.office import matters
from passerby.store.database import Store, read_store
from passerby.store.ledger.seek import case_in

WAIT_S, AGAIN_S = 10.0, 0.2


class KnownCases:
    """Says whether a case covers what is asked.

    Args:
        store: The office's records; None where there are none yet.
        standing: The case for which the pages are looked at, by settings: it covers looks and exports.
        read: The ledger's public files.
    """

    def __init__(self, store: Store | None, standing: str, read: Reader) -> None:
        self._store, self._standing, self._read = store, standing, read
        self._mutex = threading.Lock()
        self._logged: dict[str, int] = {}

    @classmethod
    def opened(
        cls,
        database: Path,
        standing: str,
        read: Reader,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> KnownCases:
        """With the database open, once there is one: whoever starts together with the station waits a little."""
        until = clock() + WAIT_S
        while True:
            try:
                return cls(read_store(database), standing, read)
            except StoreError:
                if clock() >= until:
                    return cls(None, standing, read)
            sleep(AGAIN_S)

    @property
    def known(self) -> bool:
        """Whether the office's records can be asked."""
        return self._store is not None

    def why_not(self, asking: Asking, now: int) -> str:
        """Why the case does not cover what is asked; empty where it does.

        Args:
            asking: What is asked.
            now: Seconds since 1970.
        """
        if asking.case == self._standing and asking.act != "unseal":
            return ""
        with self._mutex:
            try:
                found = self._matter(asking.case)
                logged = self._when(asking.case)
            except (StoreError, LedgerError) as error:
                return f"the case can't be looked up: {error}"
        look = Look(asking.camera, asking.purpose, asking.begins, asking.ends, now, asking.until - now)
        no = judge(found, look, logged)
        return "" if no is None else no.value

    def _matter(self, case: str) -> Matter | None:
        if self._store is None:
            return None
        try:
            return matters.matter(self._store, case)
        except CharterError:
            return None

    def _when(self, case: str) -> int | None:
        """When the ledger was told of a case; what was found once stays."""
        if case not in self._logged:
            found = case_in(self._read, case)
            logged = None if found is None else parse_act(found.entry).get("logged")
            if not is_count(logged):
                return None
            assert isinstance(logged, int)
            self._logged[case] = logged
        return self._logged[case]
