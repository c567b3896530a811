"""The hide process: planes in by shared memory, messages out by pipe. Never parses what a camera sent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Barrier, get_native_id

from passerby.base.build import build_hash
from passerby.base.errors import OutletError, SceneError
from passerby.charter.permit import Claims
from passerby.crowd import scene_file
from passerby.darkroom import census, warm
from passerby.darkroom._frames import Record, Ring, What, give_back
from passerby.darkroom.census import Census
from passerby.darkroom.control import Control, FilePapers, Outlet
from passerby.darkroom.door import Door, FileDoor, site_door
from passerby.darkroom.find.finder import DENSE, EVERYTHING, PICTURE, Finder, Look, Plan, models_for, plan_for
from passerby.darkroom.find.network import Backend, available, prepare
from passerby.darkroom.plate.fitting import SHORTEST_S
from passerby.darkroom.redaction import LONG_VIDEO_LOOKS, PICTURE_LOOKS, VIDEO_LOOKS, Options, Redaction
from passerby.darkroom.rehearsal import rehearse
from passerby.darkroom.sealing import Sealer
from passerby.darkroom.tally import Tally
from passerby.darkroom.weights import listed_hashes
from passerby.lock.child import LOG_FD, Child, Settings
from passerby.lock.seccomp import Profile
from passerby.outlet.messages import PAPERS, ItemEnd, Message, Permit, Ready, Scene, SealUnder, Status
from passerby.outlet.pipe import Receiver, Sender

BELL_IN, OUTLET = 0, 1
BEAT_S = 0.5
WORKERS, NICE = 2, 10


class HideProcess:
    """Works through the items that the decode process announces.

    Args:
        bell: Blocks until the next record; None when the decode process has gone.
        wait: Blocks until the door has the papers of the item that begins.
        ring: Where planes lie.
        release: Gives a slot back, and says for how many seconds no other picture is needed.
        emit: Sends a message.
        door: Decides whether anything runs, and what leaves.
        build: Hash of the running build.
        finder: The networks.
        options: What was asked for.
        shows: Pictures are asked for, and not numbers alone.
        worker: Searches a camera's frames and fits its plates.
        sealer: Seals a camera's raw frames, where that was asked for.
    """

    def __init__(
        self,
        bell: Callable[[], Record | None],
        wait: Callable[[], None],
        ring: Ring,
        release: Callable[[int, float], None],
        emit: Callable[[Message], None],
        door: Door,
        build: bytes,
        finder: Finder,
        options: Options,
        *,
        shows: bool,
        worker: Executor | None = None,
        sealer: Sealer | None = None,
    ) -> None:
        self._worker, self._sealer = worker, sealer
        self._bell = bell
        self._wait = wait
        self._ring = ring
        self._release = release
        self._send = emit
        self._door = door
        self._build = build
        self._shows = shows
        self._finder = finder
        self._options = options
        self._beat_s = 0.0
        # A camera's work outlives its connections: what has been learnt stays.
        self._kept: tuple[bytes, Options, bytes, Redaction | Census] | None = None

    def run(self) -> None:
        """Until the bell falls silent."""
        while (record := self._bell()) is not None:
            if record.what != What.ITEM:
                raise OutletError("an item must be announced first")
            self._item(record)

    def _item(self, about: Record) -> None:
        self._wait()
        self._door.begin(about.source)
        tally = Tally(self._build, self._door.site_root)
        work: Redaction | Census | None = None
        refused = False
        last = about.flags & Record.LAST_PASS
        while True:
            record = self._bell()
            if record is None:
                raise OutletError("the decode process went away in mid-item")
            tally.unneeded(record.unneeded)
            if record.what == What.FRAME:
                self._door.check()
                self._seal(record, about, tally)
                if self._door.granted and not refused:
                    work = self._fitting(work, about, record, tally)
                    refused = work is None
                if work is not None and self._door.granted:
                    self._frame(work, record, last=bool(last))
                self._release(record.slot, work.rest_s if isinstance(work, Census) else 0.0)
                tally.read += 1
                self._beat(tally)
            elif record.what == What.BEAT:
                self._door.check()
                tally.damaged, tally.skipped = record.damaged, record.skipped
                self._beat(tally)
            elif record.what == What.HEADER:
                about = record
                if isinstance(work, Census) and record.flags & Record.LIVE and not work.live:
                    # Of a clip; a camera is counted at its own pace, with alerts.
                    work = None
                elif work is not None:
                    work.resume(about, tally)
            elif record.what != What.PASS_END:
                raise OutletError("an item began inside another")
            elif record.flags & Record.LAST_PASS:
                break
            else:
                last = Record.LAST_PASS
                tally.decode_ns += record.decode_ns
                if isinstance(work, Redaction):
                    work.learnt()
        self._end(work, record, tally, refused=refused)
        if self._sealer is not None:
            self._sealer.end_item()
        # An item without a picture, such as a connection that was refused, takes nothing of what was learnt away.
        if work is not None and self._options.live:
            self._kept = (about.source, self._terms(), self._door.scene, work)

    def _seal(self, record: Record, about: Record, tally: Tally) -> None:
        """A camera's raw frame, before anything is made of it. Of a clip that is learnt from, nothing is sealed."""
        if self._sealer is None or not about.flags & Record.LIVE:
            return
        planes = self._ring.planes(record.slot, record.width, record.height)
        with tally.stage("seal"):
            tally.sealed += self._sealer.picture(planes, record, self._door.seal)

    def emit(self, message: Message) -> None:
        """Everything that leaves passes the door."""
        if (what := self._door.let_out(message)) is not None:
            self._send(what)

    def _terms(self) -> Options:
        """What was asked for, no wider than the permit says."""
        terms = self._door.terms
        if terms is None:
            return self._options
        stay_s = max(self._options.longest_stay_s or 0.0, float(terms.longest_stay_s))
        every_s = max(self._options.count_every_s, float(terms.period_s))
        return replace(self._options, longest_stay_s=stay_s, count_every_s=every_s)

    def _fitting(
        self, work: Redaction | Census | None, about: Record, first: Record, tally: Tally
    ) -> Redaction | Census | None:
        """The work for a frame: what is at hand, what was kept of the same camera, or new where the size is another.

        None where the scene was drawn on another picture: the item's end is said at once, and nothing is counted in
        the wrong places.
        """
        size = (first.width, first.height)
        if work is not None and (work.size == size or not self._options.live):
            return work
        if work is not None:
            work.finish()
        elif (kept := self._kept_for(about.source, size)) is not None:
            kept.resume(about, tally)
            return kept
        try:
            return self._work(about, first, tally)
        except SceneError:
            self.emit(ItemEnd(Status.OTHER_SCENE, tally.frames, 0.0))
            return None

    def _kept_for(self, source: bytes, size: tuple[int, int]) -> Redaction | Census | None:
        """What was kept of the last item, where that was of the same camera, terms and scene."""
        if self._kept is None or self._kept[:3] != (source, self._terms(), self._door.scene):
            return None
        return self._kept[3] if self._kept[3].size == size else None

    def _beat(self, tally: Tally) -> None:
        """A sign of life about once a second, in every pass."""
        if (now := time.monotonic()) - self._beat_s >= BEAT_S:
            self._beat_s = now
            self.emit(tally.health())

    def _work(self, about: Record, first: Record, tally: Tally) -> Redaction | Census:
        size, options = (first.width, first.height), self._terms()
        scene = scene_file.parse(self._door.scene, size) if self._door.scene else None
        if not self._shows:
            return Census(about, size, self._finder, self.emit, tally, options, scene)
        return Redaction(about, size, self._finder, self.emit, tally, options, self._worker, scene)

    def _frame(self, work: Redaction | Census, record: Record, *, last: bool) -> None:
        planes = self._ring.planes(record.slot, record.width, record.height)
        if isinstance(work, Census) and last:
            work.count(planes, record)
        elif isinstance(work, Redaction) and last:
            work.redact(planes, record)
        else:
            work.learn(planes, record)

    def _end(self, work: Redaction | Census | None, record: Record, tally: Tally, *, refused: bool) -> None:
        tally.damaged, tally.repaired_times, tally.resized = record.damaged, record.repaired_times, record.resized
        tally.skipped = record.skipped
        tally.decode_ns += record.decode_ns
        if work is not None:
            work.finish()
        self.emit(tally.health())
        if refused:
            return
        status = Status(record.status) if self._door.granted or record.status else Status.PERMIT_REFUSED
        if status is Status.DONE and tally.frames == 0:
            status = Status.NO_FRAMES
        self.emit(ItemEnd(status, tally.frames, work.duration_s if work else 0.0))


def run(child: Child) -> None:
    """Load, lock, then work until the bell falls silent."""
    settings = child.settings
    ring = Ring(settings.fds["ring"], writable=False)
    backend = available(settings.words)
    models, build = listed_hashes(), build_hash()
    analyses = frozenset(settings.words["analyses"].split(","))
    pictures, camera = (settings.words["source"] == kind for kind in ("pictures", "camera"))
    plan = plan_for(_size(settings), pictures=pictures)

    def claims(source: bytes) -> Claims:
        return Claims(source, analyses, models, build, time.time())

    def bell() -> Record | None:
        data = b""
        while len(data) < Record.layout.size:
            more = os.read(BELL_IN, Record.layout.size - len(data))
            if not more:
                return None
            data += more
        return Record.unpack(data)

    live = settings.words.get("live") == "yes"
    shows = "redact" in analyses
    looks = LONG_VIDEO_LOOKS if live and shows else _looks(analyses, _duration_s(settings), pictures=pictures)
    if dense := not shows and settings.words.get("dense") == "yes":
        looks += (DENSE,)
    warm.quiet()
    warm.judging()
    if "seal" in analyses:
        warm.sealing()
    finder = _finder(child, plan, looks, backend, shows=shows)
    warm.libraries(settings.threads)
    warm.give_memory_back()
    # One searches, one fits plates. Both start now: what they need of the system is asked for before the filter.
    # A camera's papers are read by a third.
    worker = ThreadPoolExecutor(WORKERS, initializer=_give_way)
    ready = Barrier(WORKERS + 1)
    for _ in range(WORKERS):
        worker.submit(ready.wait)
    ready.wait()
    slots, control = settings.fds["slots"], settings.fds["control"]
    report = child.before_first_packet(Profile("hide", read_fds=(BELL_IN, control), write_fds=(OUTLET, slots, LOG_FD)))
    outlet = Outlet(Sender(OUTLET))
    outlet.send(Ready(report.landlock_abi or 0, backend, build))
    sealer = None
    if "seal" in analyses:
        sealer = Sealer(lambda packet: process.emit(packet), settings.threads)
    wait, door = _papers(settings, control, outlet, claims if not camera else None, sealer)
    process = HideProcess(
        bell,
        wait,
        ring,
        lambda slot, rest_s: _give(slots, slot, rest_s),
        outlet.send,
        door,
        build,
        finder,
        replace(_options(settings, analyses, can_clear=EVERYTHING in looks or PICTURE in looks), dense=dense),
        shows=shows,
        worker=worker,
        sealer=sealer,
    )
    process.run()


def _papers(
    settings: Settings,
    control: int,
    outlet: Outlet,
    claims: Callable[[bytes], Claims] | None,
    sealer: Sealer | None,
) -> tuple[Callable[[], None], Door]:
    """What waits for papers, and who judges them: a file's local permit, or a camera's papers."""
    if claims is None:
        door = site_door(settings, outlet.send)
        kinds = PAPERS if sealer is None else (*PAPERS, SealUnder)
        return Control(Receiver(control, kinds), door, sealer).wait, door
    return FilePapers(
        Receiver(control, (Permit, Scene)), mine := FileDoor(claims), settings.words.get("scene", "")
    ).wait, mine


def _finder(child: Child, plan: Plan, looks: tuple[Look, ...], backend: Backend, *, shows: bool) -> Finder:
    """The networks, ready to run, with the second wall drawn before any of them starts a thread."""
    runtime = prepare(backend, models_for(looks))
    rehearse(1, child.settings.words["source"], shows=shows)
    child.before_threads()
    finder = Finder(plan, looks, runtime, child.settings.threads)
    finder.warm_up()
    return finder


def _give_way() -> None:
    """This thread runs when frames leave time for it: they come first."""
    # Whoever was started with less priority stays so: raising it takes a right, and its lack would end the thread.
    os.setpriority(os.PRIO_PROCESS, get_native_id(), max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))


def _give(fd: int, slot: int, rest_s: float) -> None:
    # Once the last frame is decoded its process ends, and nobody waits for slots any more.
    with suppress(BrokenPipeError):
        os.write(fd, give_back(slot, rest_s))


def _looks(analyses: frozenset[str], duration_s: float, *, pictures: bool) -> tuple[Look, ...]:
    """What will be looked for. A clip that says it is long enough for a plate needs no network for the other mode."""
    if "redact" not in analyses:
        return census.LOOKS
    if pictures:
        return PICTURE_LOOKS
    return VIDEO_LOOKS if duration_s < 2 * SHORTEST_S else LONG_VIDEO_LOOKS


def _size(settings: Settings) -> tuple[int, int] | None:
    width, height = (int(n) for n in settings.words.get("size", "0x0").split("x"))
    return (width, height) if width and height else None


def _duration_s(settings: Settings) -> float:
    return float(settings.words.get("duration_s", "0"))


def _options(settings: Settings, analyses: frozenset[str], *, can_clear: bool) -> Options:
    stay = settings.words.get("longest_stay_s")
    return Options(
        explain="explain" in analyses,
        count="count" in analyses,
        calibrate="calibrate" in analyses,
        per_frame=settings.words.get("per_frame") == "yes",
        longest_stay_s=float(stay) if stay else None,
        clip_stay_s=float(stay) if stay else None,
        threads=settings.threads,
        can_clear=can_clear,
        live=settings.words.get("live") == "yes",
        count_every_s=float(settings.words["count_every_s"]),
        search_share=float(settings.words["search_share"]),
        keyframes=settings.words["keyframes"] == "yes",
    )
