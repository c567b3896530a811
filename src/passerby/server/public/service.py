"""What is shown to the public, put together: sources, kept answers, the ledger that is read on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Mapping

from fastapi import Request, Response

from passerby.base.errors import StoreError
from passerby.charter.keys import Role
from passerby.ledger.verify import Key
from passerby.server.problems import Problem
from passerby.server.public.answers import JSON, NO_HEADERS, Answers, Made
from passerby.server.public.log import Fold
from passerby.server.public.models import FormsModel, LogModel
from passerby.server.public.reports import Reports
from passerby.server.public.sources import Shelf, Sources
from passerby.store.database import Store

# How long a page may say what was so: permits end by time alone, and cameras' builds change.
MOVING_S, STILL_S = 10.0, 86_400.0
LOOK_S = 1.0
LONGEST_CHARACTERS = 20_000
log = logging.getLogger(__name__)


class Public:
    """The public's side of a server.

    Args:
        sources: Where things lie.
        station: The station's database, open for reading.
        clock: Seconds since 1970.
    """

    def __init__(self, sources: Sources, station: Store, clock: Callable[[], float]) -> None:
        self.shelf, self.clock = Shelf(sources, station, clock), clock
        self.fold = Fold(sources.ledger, self._log_keys) if sources.ledger is not None else None
        self.forms: FormsModel | None = None
        self.reports = Reports(sources.ledger, self._log_keys) if sources.ledger is not None else None
        self._answers = Answers()

    async def give(
        self,
        request: Request,
        make: Callable[[], Made],
        kind: str = JSON,
        *,
        every_s: float = STILL_S,
        ledger: bool = False,
    ) -> Response:
        """An answer that is the same for everybody (`Answers.give`).

        Args:
            request: As it came.
            make: Makes the answer.
            kind: Its media type.
            every_s: It is made anew after so long, even where nothing changed in the register.
            ledger: It depends on the ledger, too.
        """
        try:
            log = self.fold.state if ledger and self.fold is not None else None
            state: Hashable = (self.shelf.state(), log, int(self.clock() / every_s))
            return await self._answers.give(request, make, kind, state)
        except StoreError as error:
            raise self.away(error) from error

    async def lasting(
        self,
        request: Request,
        make: Callable[[], Made],
        kind: str,
        every_s: float,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Response:
        """As `give`, of something that is dear to make: not made anew because the ledger has grown by an entry."""
        proven = self.fold.proven if self.fold is not None else None
        return await self._answers.give(request, make, kind, (proven, int(self.clock() / every_s)), headers)

    def log_model(self) -> LogModel | None:
        """The ledger, for the public; None where this server shows none."""
        return self.fold.model() if self.fold is not None else None

    async def run(self) -> None:
        """Read the ledger on until cancelled."""
        while self.fold is not None:
            await asyncio.to_thread(self.fold.refresh)
            await asyncio.sleep(LOOK_S)

    @staticmethod
    def away(error: StoreError) -> Problem:
        """What everybody is told of such an error: it names folders, which is for whoever runs this machine."""
        log.warning("%s", error)
        return Problem(503, "the office's folder can't be used just now", "try again in a minute")

    def close(self) -> None:
        """Give the connections back."""
        self.shelf.close()

    def _log_keys(self) -> list[Key]:
        """The site's log keys, from its roots; none where no root is known."""
        site = self.shelf.site()
        return [key.key for key in site.root.held(Role.LOG)] if site is not None else []
