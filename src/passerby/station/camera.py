"""One camera of a running station: what state it is in, and what has to happen next.

Called by the station's one thread; messages come in from the crew's threads and are only noted here. A camera whose
crew is away shows nothing: there is no path for pictures but through a darkroom.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from passerby.base.errors import OutletError, PasserbyError
from passerby.charter.ruling import CAUTIONS, denied_of, sentence
from passerby.darkroom.launch import Wanted
from passerby.darkroom.pace import SHARE
from passerby.darkroom.papers import Case
from passerby.outlet.messages import (
    ANALYSES,
    Address,
    Health,
    IntakeHealth,
    ItemEnd,
    Message,
    Mosaic,
    PassEnd,
    Ruling,
    SealUnder,
    Status,
    StreamHeader,
    names,
)
from passerby.station.backoff import Backoff
from passerby.station.desk import JUDGE_EVERY_S, Desk, hashes_in
from passerby.station.live_crew import Gone, LiveCrew
from passerby.station.report import MOSAICS, WHY_DOWN
from passerby.station.settings import CameraSettings, Mode

EPOCH_S = 3600.0
CONNECT_PATIENCE_S, NOTES_PATIENCE_S, HEALTH_PATIENCE_S, PICTURE_PATIENCE_S = 20.0, 10.0, 10.0, 5.0
# Between two keyframes lie ten seconds with some cameras.
KEYFRAME_PATIENCE_S = 30.0
WARM_PATIENCE_S, SHORTEST_LIFE_S, RULING_PATIENCE_S = 60.0, 2.0, 20.0
# A source that has ended its decoder this often is not tried again until somebody has looked.
MOST_CRASHES = 2
WORK = {
    Mode.COUNTS_ONLY: frozenset({"count"}),
    Mode.LIVE: frozenset({"count", "redact"}),
    Mode.RECORD: frozenset({"count", "redact"}),
}


class State(Enum):
    """Every state there is."""

    STARTING = "starting"
    DENIED = "denied"
    CONNECTING = "connecting"
    RUNNING = "running"
    DOWN = "down"
    ISOLATED = "isolated"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Condition:
    """A camera's state, why, since when (seconds since 1970), and why its picture is a mosaic (empty: it isn't)."""

    state: State
    why: str
    since_s: float
    mosaic: str = ""


def without_news(case: Case) -> Case:
    """A case without what may change while an item lasts."""
    evidence = replace(case.papers.evidence, checkpoint=b"", revocations=())
    return replace(case, papers=replace(case.papers, evidence=evidence))


@dataclass(slots=True)
class Connection:
    """Which items of one connection have begun and ended.

    Intake says what begins and when the connection is over, the darkroom what has ended: in two streams that nothing
    orders. A renewal that comes too late for the connection begins nothing.
    """

    begun: int = 0
    ended: int = 0
    over: bool = False

    @classmethod
    def none(cls) -> Connection:
        """One of which nothing is to come."""
        return cls(ended=1, over=True)

    @property
    def open(self) -> bool:
        """Whether anything of it is still to come. A connection that fails has one item all the same."""
        return not self.over or self.ended < max(1, self.begun)


class Records(Protocol):
    """Where what leaves a darkroom goes. Called from a crew's threads for messages, from the station's for the rest."""

    def message(self, camera: str, message: Message) -> None:
        """Something has left the camera's darkroom."""
        ...

    def condition(self, camera: str, condition: Condition) -> None:
        """The camera's state has changed."""
        ...

    def seal_under(self, camera: str, crew: int) -> SealUnder | None:
        """What this crew's darkroom is to seal into, where there is something new to tell it."""
        ...


class Camera:
    """One camera.

    Args:
        settings: Its settings.
        take_crew: Gives a crew, warm if there is one, for the camera's analyses; None: not now.
        look_up: Host and port to a numeric address, elsewhere and later.
        records: Where messages go.
        desk: The site's papers.
        chance: A number in [0, 1).
        clock: Monotonic seconds.
        wall_clock: Seconds since 1970.
    """

    def __init__(
        self,
        settings: CameraSettings,
        take_crew: Callable[[Camera], LiveCrew | None],
        look_up: Callable[[str, int], Future[str]],
        records: Records,
        desk: Desk,
        chance: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.crew: LiveCrew | None = None
        self._take_crew = take_crew
        self._look_up = look_up
        self._records = records
        self._desk = desk
        self._case: Case | None = None
        self._named: frozenset[bytes] = frozenset()
        self._ruling: Ruling | None = None
        self._worded: tuple[Ruling | None, bool, str] | None = None
        self._judged, self._judge_s, self._widen_s, self._shown_s = -1, 0.0, 0.0, 0.0
        self._clock = clock
        self._wall_clock = wall_clock
        self._backoff = Backoff(chance)
        self._lock = threading.Lock()
        self._try_s = clock() + (chance() if settings.port else 0.0)
        self._began_s = clock()
        self._connection = Connection.none()
        self._address: Future[str] | None = None
        self._crashes = 0
        self._renew_s = self._connected_s = 0.0
        self._noted_s = self._healthy_s = self._pictured_s = 0.0
        self._read = 0
        self.left_out = 0
        self.dropped = 0
        self._lost: Status | None = None
        self._mosaic = ""
        self.condition = Condition(State.STARTING, "", wall_clock())
        records.condition(settings.name, self.condition)

    def wanted(self, threads: int, *, weaker: bool, search_share: float = SHARE) -> Wanted:
        """What its darkroom is to do."""
        return Wanted(
            WORK[self.settings.mode] | ({"seal"} if self.settings.seal else set()),
            camera=True,
            site_root=self._desk.first,
            site_serial=self._desk.least,
            count_every_s=self.settings.count_every_s,
            longest_stay_s=self.settings.longest_stay_s,
            search_share=search_share,
            keyframes=self.settings.frames == "keyframes",
            threads=threads,
            weaker=weaker,
        )

    def tick(self) -> None:
        """Do what is due."""
        now_s = self._clock()
        if self.condition.state in (State.ISOLATED, State.STOPPED):
            return
        if self.crew is None:
            if not self._permitted(now_s) or now_s < self._try_s or (crew := self._take_crew(self)) is None:
                return
            self._begin(crew, now_s)
        assert self.crew is not None
        if self.crew.gone.is_set():
            self._after(self.crew.bury())
        elif not self.crew.ready.is_set():
            self._patience(now_s - self._began_s < WARM_PATIENCE_S)
        elif self._connection.open:
            self._watch(now_s)
        elif self._lost is not None:
            self._down(self._why_lost(), now_s)
        elif now_s >= self._try_s:
            self._connect(now_s)

    def stop(self) -> None:
        """End its processes."""
        self._become(State.STOPPED, "")
        if self.crew is not None:
            self.crew.kill()
            self.crew.bury()
            self.crew = None

    def take(self, message: Message) -> None:
        """A message of the crew, in one of its threads."""
        now_s = self._clock()
        with self._lock:
            match message:
                case IntakeHealth():
                    self._noted_s, self.dropped = now_s, message.dropped
                case StreamHeader():
                    self._noted_s = now_s
                    self._healthy_s = self._pictured_s = now_s
                    self._connection.begun += 1
                    self._lost = None
                case PassEnd():
                    self._connection.over = True
                    self._lost = Status(message.status)
                case Ruling():
                    if not {message.permit, message.site_root} <= self._named:
                        raise OutletError("a ruling names papers that nobody showed")
                    self._ruling = message
                case ItemEnd():
                    self._connection.ended += 1
                    self._read = 0
                    # An item that a renewal cut short may have had no frame yet.
                    if message.status not in (Status.DONE, Status.NO_FRAMES) and self._lost is None:
                        self._lost = Status(message.status)
                case Health():
                    self._healthy_s = now_s
                    if message.read > self._read:
                        self._pictured_s = now_s
                    self._read, self.left_out = message.read, message.skipped
                    self._mosaic = MOSAICS.get(Mosaic(message.mosaic), "")
                case _:
                    pass
        self._records.message(self.settings.name, message)

    def _begin(self, crew: LiveCrew, now_s: float) -> None:
        with self._lock:
            self.crew, self._began_s, self._lost = crew, now_s, None
            self._connection = Connection.none()
            self._case = self._ruling = None
        crew.work_for(self.take)

    def _permitted(self, now_s: float) -> bool:
        """Whether it is worth asking a darkroom: judged anew when papers change, and now and then."""
        if self._desk.changes != self._judged:
            self._judged, self._judge_s, self._try_s = self._desk.changes, now_s, min(self._try_s, now_s)
        if now_s >= self._judge_s:
            self._judge_s = now_s + JUDGE_EVERY_S
            ruling = self._desk.ruling(self.settings)
            if not ruling.lawful:
                self._become(State.DENIED, ruling.sentence)
            elif self.condition.state is State.DENIED:
                self._become(State.STARTING, "")
        return self.condition.state is not State.DENIED

    def _granted(self, now_s: float) -> bool:
        """Show the darkroom its papers, wait for what it rules, and take no for an answer."""
        assert self.crew is not None
        with self._lock:
            ruling = self._ruling
        if self._case is None:
            self._shown_s = now_s
            self.crew.show(self._next_case())
        elif ruling is None:
            self._patience(now_s - self._shown_s < RULING_PATIENCE_S)
        elif not ruling.lawful:
            self._deny(ruling, now_s)
        else:
            return True
        return False

    def _next_case(self, before: Case | None = None) -> Case:
        """The camera's papers of now. A renewal that is not complete ends nothing: the permit in force goes on."""
        case = self._desk.case(self.settings)
        if before is not None and not self._desk.ruling(self.settings).lawful:
            case = self._desk.refreshed(before)
        with self._lock:
            self._named |= hashes_in(case.papers)
        self._case, self._judged = case, self._desk.changes
        return case

    def _deny(self, ruling: Ruling, now_s: float) -> None:
        """The darkroom has said no: end it, and say why in one sentence."""
        assert self.crew is not None
        self.crew.kill()
        self.crew.bury()
        self.crew = None
        self._try_s = self._judge_s = now_s + JUDGE_EVERY_S
        denied = denied_of(ruling.reasons, ANALYSES)
        if self._connection.open and self._case is not None:
            self._desk.ended(self._case, {answer.reason for answer in denied.values()})
        self._become(State.DENIED, sentence(denied))

    def _oversee(self, now_s: float) -> bool:
        """Pass on news, renew what is due or wider than before; False once the darkroom has said no.

        Only a connection that brings pictures is renewed: what opens no door because it failed asks for no wider one.
        """
        assert self.crew is not None and self._case is not None
        with self._lock:
            ruling = self._ruling
            flows = self._connection.begun > 0 and self._lost is None
        if ruling is not None and not ruling.lawful:
            self._deny(ruling, now_s)
            return False
        if self._desk.changes != self._judged:
            before, case = self._case, self._next_case(self._case)
            if case != before:
                self.crew.tell_news(case)
                if without_news(case) != without_news(before):
                    self._renew_s = now_s
        if flows and ruling is not None and ruling.open != ruling.lawful and now_s >= self._widen_s:
            self._widen_s, self._renew_s = now_s + JUDGE_EVERY_S, now_s
        if flows and now_s >= self._renew_s:
            self._renew_s = now_s + EPOCH_S
            self.crew.renew(self._next_case(self._case))
        return True

    def _restrictions(self) -> str:
        """What of all that was asked for does not run, and what somebody should know."""
        with self._lock:
            ruling = self._ruling
        # Asked for fifty times a second of each camera: put into words once for each ruling.
        if self._worded is None or self._worded[:2] != (ruling, self._desk.demo):
            self._worded = ruling, self._desk.demo, self._in_words(ruling)
        return self._worded[2]

    def _in_words(self, ruling: Ruling | None) -> str:
        if ruling is None:
            return ""
        told = [word.value for at, word in enumerate(CAUTIONS) if ruling.cautions >> at & 1]
        denied = sentence(denied_of(ruling.reasons, ANALYSES), names(ruling.lawful))
        mark = ["DEMO, for show only"] if self._desk.demo else []
        return "; ".join([*mark, *([denied] if denied else []), *told])

    def _connect(self, now_s: float) -> None:
        """Find the address, then go."""
        if not self._granted(now_s):
            return
        settings = self.settings
        try:
            if settings.port is None:
                url = ""
            else:
                assert settings.address is not None
                if self._address is None:
                    self._address = self._look_up(settings.address.hostname or "", settings.port)
                if not self._address.done():
                    return
                found, self._address = self._address, None
                url = settings.url(found.result())
        except PasserbyError as error:
            self._down(str(error), now_s)
            return
        tail = json.dumps({"camera": settings.name, "place": settings.source, "url": url}).encode()
        address = Address(
            int(settings.transport == "udp"), int(settings.frames == "keyframes"), int(self._learns_first()), tail
        )
        assert self.crew is not None and self._case is not None
        with self._lock:
            self._connection, self._lost = Connection(), None
            self._noted_s = self._healthy_s = self._pictured_s = now_s
        self._renew_s = now_s + EPOCH_S
        self._connected_s = now_s
        if self.condition.state is not State.DOWN:
            self._become(State.CONNECTING, "")
        self.crew.go(self._case, address)

    def _learns_first(self) -> bool:
        """Only a darkroom that has seen nothing yet learns from the clip."""
        fresh = self.crew is not None and not self.crew.worked
        return fresh and self.settings.learn_from is not None and self.settings.port is not None

    def _watch(self, now_s: float) -> None:
        """Is it still doing what it should, and what it may?"""
        if not self._oversee(now_s):
            return
        assert self.crew is not None
        if self.settings.seal and (under := self._records.seal_under(self.settings.name, self.crew.number)) is not None:
            self.crew.seal_under(under)
        with self._lock:
            lost, noted_s, healthy_s, pictured_s = self._lost, self._noted_s, self._healthy_s, self._pictured_s
            streaming, mosaic = noted_s > self._connected_s, self._mosaic
        if lost not in (None, Status.DONE):
            # The darkroom still shows what it has.
            self._become(State.DOWN, self._why_lost())
            self._patience(now_s - healthy_s < HEALTH_PATIENCE_S + NOTES_PATIENCE_S)
            return
        if not streaming:
            # A clip may be learnt from first, which the darkroom's health shows.
            self._patience(now_s - max(self._connected_s, healthy_s) < CONNECT_PATIENCE_S)
            return
        # Of keyframes alone everything is as rare as they are: a darkroom beats with what comes.
        slow = self.settings.frames == "keyframes"
        notes, health, pictures = (
            (KEYFRAME_PATIENCE_S,) * 3 if slow else (NOTES_PATIENCE_S, HEALTH_PATIENCE_S, PICTURE_PATIENCE_S)
        )
        if now_s - noted_s > notes or now_s - healthy_s > health:
            self._patience(patient=False)
            return
        if now_s - pictured_s > pictures:
            self._become(State.DOWN, "nothing that it sends can be decoded")
        elif pictured_s > self._connected_s:
            self._backoff.reset()
            self._become(State.RUNNING, self._restrictions(), mosaic)

    def _down(self, why: str, now_s: float) -> None:
        self._become(State.DOWN, why)
        with self._lock:
            self._lost = None
            # Another connection is another item, with papers of then.
            self._case = self._ruling = None
        self._try_s = now_s + self._backoff.next_s()

    def _why_lost(self) -> str:
        lost = self._lost
        return "the stream ended" if lost is None else WHY_DOWN.get(lost, f"its stream failed ({lost.name})")

    def _patience(self, patient: bool) -> None:
        """Ends a crew that hangs."""
        if not patient and self.crew is not None:
            self.crew.kill()

    def _after(self, gone: Gone) -> None:
        """The crew has ended."""
        self.crew = None
        self._crashes += gone.by_source
        if self._crashes >= MOST_CRASHES:
            self._become(State.ISOLATED, f"its pictures ended the decoder {self._crashes} times: {gone.words}")
            return
        self._become(State.DOWN, gone.words)
        # A warm crew takes over at once; only what keeps failing has to wait.
        now_s = self._clock()
        failing = gone.by_source or now_s - self._began_s < SHORTEST_LIFE_S
        self._try_s = now_s + (self._backoff.next_s() if failing else 0.0)

    def _become(self, state: State, why: str, mosaic: str = "") -> None:
        now = self.condition
        if (now.state, now.why, now.mosaic) == (state, why, mosaic):
            return
        since_s = now.since_s if now.state is state else self._wall_clock()
        self.condition = Condition(state, why, since_s, mosaic)
        self._records.condition(self.settings.name, self.condition)
