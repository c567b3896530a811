"""What a station keeps of what leaves its darkrooms: numbers in the store, redacted video in the archive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from passerby.archive.recorder import Archive, Recorder, SealedRecorder
from passerby.archive.sweep import Swept
from passerby.archive.tape import LIVE_ONLY, Keep, record
from passerby.crowd import scene_file
from passerby.outlet.messages import (
    Alert,
    Counts,
    Health,
    LineCounts,
    LineVehicles,
    Message,
    Mosaic,
    RedactedPacket,
    Ruling,
    SealedPacket,
    SealUnder,
    Stream,
    StreamStart,
    ZoneCounts,
    ZoneCrowd,
    names,
)
from passerby.station.camera import Condition, State
from passerby.station.place_records import PlaceRecords
from passerby.station.report import MOSAICS
from passerby.station.settings import CameraSettings, Mode
from passerby.store import cameras as camera_rows
from passerby.store import counts as count_rows
from passerby.store import events
from passerby.store.database import Store
from passerby.store.later import Later
from passerby.store.leases import Work, plain
from passerby.store.now import STATION, NowFile
from passerby.store.partitions import keep_house
from passerby.store.places import put_places

US = 1_000_000
HOUR_US = 3600 * US
HEALTH_EVERY_S = 5.0
# All cameras' counts of so long are one transaction.
COUNTS_EVERY_S = 0.5
# How often partitions are made and dropped, where there are any.
HOUSE_EVERY_S = 60.0
SWEEP_EVERY_S = 10.0
# Dead-man's alarm: for how long no sweep may have done all that was due.
SWEEP_PATIENCE_S = 60.0
RETENTION_STANDS = "RETENTION IS NOT KEPT: no sweep has done all that was due for a minute"
# Pictures that were left out are told for so long: what is over need not worry anybody.
LATELY_S = 60.0
# From a stream's first picture until the page finds it: the archive writes half a second at a time.
FLOWING_S = 1.5
SEALS = "ORIGINALS ARE KEPT, sealed: only two officers of two institutions open them, together"
SEAL_AGAIN_S = 10.0
STATES = {
    State.STARTING: "starting",
    State.DENIED: "denied",
    State.CONNECTING: "starting",
    State.RUNNING: "running",
    State.DOWN: "away",
    State.ISOLATED: "failed",
    State.STOPPED: "stopped",
}


def keep_for(settings: CameraSettings) -> Keep | None:
    """How long a camera's video is kept; None where none leaves its darkroom."""
    match settings.mode:
        case Mode.COUNTS_ONLY:
            return None
        case Mode.LIVE:
            return LIVE_ONLY
        case Mode.RECORD:
            return record(settings.retention_h)


def keep_under(opens: frozenset[str], hours: float) -> Keep | None:
    """How video may be kept under these analyses; None where it may not be."""
    if "record" in opens:
        return replace(record(hours), live="live" in opens)
    return LIVE_ONLY if "live" in opens else None


@dataclass(slots=True)
class _Book:
    """What has to be remembered of one camera between two messages."""

    recorder: Recorder | None
    places: PlaceRecords
    hours: float = 0.0
    taped: Keep | None = None  # how the recorder keeps things
    keep: Keep | None = None  # how things may be kept now; None: not at all
    start: StreamStart | None = None
    condition: Condition | None = None
    health: Health | None = None
    sampled: Health | None = None
    sampled_s: float = 0.0
    dropped: int = 0
    dropped_s: float = 0.0  # when some were left out last
    trouble: str = ""
    places_s: float = 0.0
    sealed: SealedRecorder | None = None
    seal_permit: bytes | None = None  # under which originals may be sealed now
    sealing: object = None  # for which crew, permit and hour a file was asked for
    sealing_s: float = 0.0
    first_packet_s: float | None = None
    flowing: bool = False


class StationRecords:
    """Takes messages from the crews' threads without making them wait; numbers are written later.

    Args:
        cameras: Their settings.
        store: Open for writing.
        archive: Open.
        say: Tells people, a line each.
        clock: Monotonic seconds, which packets' timestamps count.
        wall_clock: Seconds since 1970.
        now: Where troubles are told that the database may not take.
        shared: Makes work safe to do again, in a database where other stations write too; None where there are none.
    """

    def __init__(
        self,
        cameras: list[CameraSettings],
        store: Store,
        archive: Archive,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        now: NowFile | None = None,
        shared: Callable[[Work], Callable[[], None]] | None = None,
    ) -> None:
        self._store = store
        self._shared = shared is not None
        self._once = shared or plain(store)
        self._counts: list[tuple[count_rows.Count, bool]] = []
        self._counting = threading.Lock()
        self._counted_s = self._housed_s = 0.0
        self._archive = archive
        self._say = say
        self._clock = clock
        self._wall_clock = wall_clock
        self._books: dict[str, _Book] = {}
        for settings in cameras:
            keep = keep_for(settings)
            recorder = None if keep is None else archive.recorder(settings.name, keep)
            drawn = settings.read_scene()
            scene = scene_file.parse(drawn) if drawn else None
            places = PlaceRecords(settings.name, scene)
            book = self._books[settings.name] = _Book(recorder, places, settings.retention_h, keep)
            if settings.seal:
                book.sealed = archive.sealed_recorder(settings.name, settings.seal_s * US)
        camera_rows.put_cameras(store, [self._row(settings) for settings in cameras], alone=not self._shared)
        self._swept_s = self._swept_well_s = clock()
        self._overdue = False
        self._later = Later(say)
        self._now = now
        for line in archive.recovered.lines:
            say(line)

    def message(self, camera: str, message: Message) -> None:
        """Something has left the camera's darkroom."""
        book = self._books[camera]
        match message:
            case StreamStart() if message.stream == Stream.REDACTED and book.recorder is not None:
                book.start = message
                if book.keep is not None:
                    book.recorder.start(message, self._wall_clock() - self._clock())
            case RedactedPacket() if message.stream == Stream.REDACTED and book.recorder is not None:
                if book.keep is None:
                    return
                book.recorder.packet(message)
                book.first_packet_s = book.first_packet_s or self._clock()
            case SealedPacket() if book.sealed is not None:
                if book.seal_permit is not None:
                    book.sealed.packet(message)
            case Ruling():
                self._allow(book, message)
            case Counts():
                self._count(camera, message)
            case ZoneCounts() | ZoneCrowd() | LineCounts() | LineVehicles():
                book.places.take(message, self._us(message.time_s))
            case Alert():
                self._alert(camera, message)
            case Health():
                book.health = message
            case _:
                pass

    def condition(self, camera: str, condition: Condition) -> None:
        """The camera's state has changed."""
        book = self._books[camera]
        before, book.condition = book.condition, condition
        if book.recorder is not None and condition.state is not State.RUNNING:
            book.recorder.stop()
            book.first_packet_s = None
        now_us = self._now_us()
        self._later(lambda: self._state(camera, before, condition, now_us))

    def seal_under(self, camera: str, crew: int) -> SealUnder | None:
        """As `station.camera.Records`: one file for each crew, permit and hour; asked for again where none came."""
        book, now_s, now_us = self._books[camera], self._clock(), self._now_us()
        if book.sealed is None or (permit := book.seal_permit) is None:
            return None
        wanted = (crew, permit, now_us // HOUR_US)
        missing = book.sealed.trouble is not None and now_s - book.sealing_s >= SEAL_AGAIN_S
        if book.sealing != wanted or missing:
            book.sealing, book.sealing_s = wanted, now_s
            book.sealed.ask(now_us - round(now_s * US), now_us, permit)
        return book.sealed.given()

    def tick(self) -> None:
        """What is due from time to time: health, retention, the disk's troubles. Called by the station's thread."""
        now_s = self._clock()
        if now_s - self._counted_s >= COUNTS_EVERY_S:
            self._counted_s = now_s
            self._keep_counts()
        if self._store.postgres and now_s - self._housed_s >= HOUSE_EVERY_S:
            self._housed_s = now_s
            self._later(self._keep_house)
        for camera, book in self._books.items():
            if book.health is not None and now_s - book.sampled_s >= HEALTH_EVERY_S:
                health, book.health = book.health, None
                self._health(camera, health)
            if now_s - book.places_s >= HEALTH_EVERY_S:
                book.places_s = now_s
                self._keep_places(book)
            flowing = book.first_packet_s is not None and now_s - book.first_packet_s >= FLOWING_S
            if flowing != book.flowing:
                book.flowing = flowing
                self._later(lambda c=camera, b=book: self._tell(c, b))  # type: ignore[misc]
            trouble = "; ".join(str(r.trouble) for r in (book.recorder, book.sealed) if r is not None and r.trouble)
            if trouble != book.trouble:
                book.trouble = trouble
                self._say(f"{camera}: {trouble or 'video is being kept again'}")
                self._later(lambda c=camera, b=book: self._tell(c, b))  # type: ignore[misc]
        if self._now is not None:
            troubles = {camera: book.trouble for camera, book in self._books.items() if book.trouble}
            self._now.say(troubles | ({STATION: trouble} if (trouble := self._later.trouble) else {}))
        if now_s - self._swept_s >= SWEEP_EVERY_S:
            self._swept_s = now_s
            if (overdue := now_s - self._swept_well_s > SWEEP_PATIENCE_S) != self._overdue:
                self._overdue = overdue
                self._say(RETENTION_STANDS if overdue else "old recordings are being deleted again")
            self._archive.sweep(self._told)

    def close(self) -> None:
        """Write what waits."""
        self._keep_counts()
        for book in self._books.values():
            self._keep_places(book)
        self._later.close()

    def _allow(self, book: _Book, ruling: Ruling) -> None:
        """Keep no more than the darkroom's gate lets out: what isn't permitted any more stops here, too."""
        book.keep = keep_under(names(ruling.open), book.hours)
        book.seal_permit = ruling.permit if "seal" in names(ruling.open) else None
        if book.seal_permit is None:
            book.sealing = None
        if book.recorder is None or book.keep is None or book.keep == book.taped:
            return
        book.taped = book.keep
        book.recorder.keep(book.keep)
        if book.start is not None:
            book.recorder.start(book.start, self._wall_clock() - self._clock())

    def _now_us(self) -> int:
        return round(self._wall_clock() * US)

    def _us(self, time_s: float) -> int:
        """A time on the darkrooms' clock, in microseconds since 1970."""
        return round((time_s + self._wall_clock() - self._clock()) * US)

    def _count(self, camera: str, m: Counts) -> None:
        condition = self._books[camera].condition
        count = count_rows.Count(camera, self._us(m.time_s), m.people, m.low, m.high, m.vehicles)
        mosaic = bool(condition and condition.mosaic)
        with self._counting:
            self._counts.append((count, mosaic))

    def _keep_counts(self) -> None:
        with self._counting:
            counts, self._counts = self._counts, []
        if counts:
            self._later(self._once(lambda connection: count_rows.put_many(connection, counts)))

    def _keep_house(self) -> None:
        keep_house(self._store, self._now_us())

    def _alert(self, camera: str, m: Alert) -> None:
        place = self._books[camera].places.name(m.zone)
        row = events.AlertRow(camera, self._us(m.time_s), m.what, m.severity, m.zone, m.value, m.low, m.high, place)
        self._later(self._once(lambda connection: events.put_alert(connection, row)))

    def _keep_places(self, book: _Book) -> None:
        if due := book.places.due():
            self._later(
                self._once(lambda connection: put_places(connection, due.zones, due.crossed, due.stood, due.driven))
            )

    def _health(self, camera: str, now: Health) -> None:
        book, now_s = self._books[camera], self._clock()
        before, passed_s = book.sampled, now_s - book.sampled_s
        if before is None or now.frames < before.frames:
            before, passed_s = replace(now, frames=0, hidden_frames=0.0), HEALTH_EVERY_S
        frames = now.frames - before.frames
        hidden = (now.hidden_frames - before.hidden_frames) / frames if frames else 1.0
        dropped = now.skipped + (0 if book.recorder is None else book.recorder.dropped)
        row = events.HealthRow(
            camera,
            self._now_us(),
            frames / passed_s,
            dropped,
            min(1.0, hidden),
            Mosaic(now.mosaic).name.lower(),
            now.build.hex(),
            now.site_root.hex() if any(now.site_root) else "",
            sealed=now.sealed,
        )
        if dropped > book.dropped:
            book.dropped_s = now_s
        book.sampled, book.sampled_s, book.dropped = now, now_s, dropped
        self._later(self._once(lambda connection: events.put_health(connection, row)))
        self._later(lambda: self._tell(camera, book))

    def _state(self, camera: str, before: Condition | None, now: Condition, now_us: int) -> None:
        if now.state in (State.DOWN, State.ISOLATED):
            events.gone(self._store, camera, round(now.since_s * US), now.why)
        elif now.state is State.RUNNING and (before is None or before.state is not State.RUNNING):
            events.back(self._store, camera, now_us)
        self._tell(camera, self._books[camera])
        why = next((m.name.lower() for m, words in MOSAICS.items() if words == now.mosaic), "none")
        camera_rows.set_mosaic(self._store, camera, why, now_us)

    def _tell(self, camera: str, book: _Book) -> None:
        """The camera's state in words, with what the disk and the machine have to say."""
        condition = book.condition
        if condition is None:
            return
        words = [condition.why, book.trouble, RETENTION_STANDS if self._overdue else ""]
        if book.seal_permit is not None and condition.state is State.RUNNING:
            words.append(SEALS)
        if book.sampled is not None:
            if book.recorder is not None and book.sampled.learnt < 1:
                words.append(f"learning the background: {book.sampled.learnt:.0%}")
            if book.dropped and self._clock() - book.dropped_s < LATELY_S:
                words.append(f"the machine can't keep up: {book.dropped} pictures left out so far")
        message = "; ".join(word for word in words if word)
        state = STATES[condition.state]
        if condition.state is State.RUNNING and book.recorder is not None and not book.flowing:
            # The page asks for video as soon as it reads "running".
            state = STATES[State.CONNECTING]
        camera_rows.set_state(self._store, camera, state, message, self._now_us())

    def _told(self, swept: Swept) -> None:
        self._swept_well_s = self._swept_well_s if swept.lines else self._clock()
        for line in swept.lines:
            self._say(f"an old recording could not be deleted: {line}")
        for notice in swept.notices:
            self._say(notice)

    def _row(self, settings: CameraSettings) -> camera_rows.Camera:
        keep, now_us = keep_for(settings), self._now_us()
        return camera_rows.Camera(
            id=settings.name,
            name=settings.name,
            mode=settings.mode.value,
            retention_us=0 if keep is None else keep.limit_us,
            state="starting",
            message="",
            since_us=now_us,
            mosaic="none",
            mosaic_since_us=now_us,
        )
