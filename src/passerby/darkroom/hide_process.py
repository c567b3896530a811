"""The hide process: planes in by shared memory, messages out by pipe. Never parses what a camera sent."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, get_native_id

from passerby.base.build import build_hash
from passerby.base.errors import OutletError
from passerby.charter.permit import LOCAL_CAMERA, LOCAL_FILE, Claims, Verdict, judge
from passerby.crowd import scene_file
from passerby.darkroom import census, warm
from passerby.darkroom._frames import Record, Ring, What
from passerby.darkroom.census import Census
from passerby.darkroom.find.finder import EVERYTHING, Finder, Look, Plan, models_for, plan_for
from passerby.darkroom.find.network import Backend, available, prepare
from passerby.darkroom.plate.fitting import SHORTEST_S
from passerby.darkroom.redaction import LONG_VIDEO_LOOKS, PICTURE_LOOKS, VIDEO_LOOKS, Options, Redaction
from passerby.darkroom.rehearsal import rehearse
from passerby.darkroom.tally import Tally
from passerby.darkroom.weights import listed_hashes
from passerby.lock.child import LOG_FD, Child, Settings
from passerby.lock.seccomp import Profile
from passerby.outlet.messages import ItemEnd, Message, Permit, Ready, Scene, Status
from passerby.outlet.pipe import Receiver, Sender

BELL_IN, OUTLET = 0, 1
BEAT_S = 0.5
WORKERS, NICE = 2, 10


class HideProcess:
    """Works through the items that the decode process announces.

    Args:
        bell: Blocks until the next record; None when the decode process has gone.
        permits: Where permits come from, one for each item.
        ring: Where planes lie.
        release: Gives a slot back.
        emit: Sends a message.
        claims: What this process would do with a source of the given hash.
        finder: The networks.
        options: What was asked for.
        scene: SHA-256 of the scene that follows each permit, in hexadecimal; empty where none does.
        worker: Searches a camera's frames and fits its plates.
    """

    def __init__(
        self,
        bell: Callable[[], Record | None],
        permits: Receiver,
        ring: Ring,
        release: Callable[[int], None],
        emit: Callable[[Message], None],
        claims: Callable[[bytes], Claims],
        finder: Finder,
        options: Options,
        scene: str = "",
        worker: Executor | None = None,
    ) -> None:
        self._worker = worker
        self._bell = bell
        self._permits = permits
        self._ring = ring
        self._release = release
        self._emit = emit
        self._claims = claims
        self._finder = finder
        self._options = options
        self._scene = scene
        self._drawn = b""
        self._beat_s = 0.0
        # A camera's work outlives its connections: what has been learnt stays.
        self._kept: tuple[bytes, Redaction | Census] | None = None

    def run(self) -> None:
        """Until the bell falls silent."""
        while (record := self._bell()) is not None:
            if record.what != What.ITEM:
                raise OutletError("an item must be announced first")
            self._item(record)

    def _item(self, about: Record) -> None:
        permit = self._permits.receive()
        if not isinstance(permit, Permit):
            raise OutletError("an item came without a permit")
        if self._scene:
            drawn = self._permits.receive()
            if not isinstance(drawn, Scene):
                raise OutletError("a permit came without its scene")
            self._drawn = drawn.tail
        claims = self._claims(about.source)
        granted = judge(permit.tail, claims) is Verdict.GRANTED
        tally = Tally(claims.build)
        work: Redaction | Census | None = None
        last = about.flags & Record.LAST_PASS
        while True:
            record = self._bell()
            if record is None:
                raise OutletError("the decode process went away in mid-item")
            if record.what == What.FRAME:
                if granted:
                    work = self._fitting(work, about, record, tally)
                    self._frame(work, record, last=bool(last))
                self._release(record.slot)
                tally.read += 1
                self._beat(tally)
            elif record.what == What.BEAT:
                tally.damaged, tally.skipped = record.damaged, record.skipped
                self._beat(tally)
            elif record.what == What.HEADER:
                about = record
                if work is not None:
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
        self._end(work, record, tally, granted=granted)
        self._kept = (about.source, work) if work is not None and self._options.live else None

    def _fitting(
        self, work: Redaction | Census | None, about: Record, first: Record, tally: Tally
    ) -> Redaction | Census:
        """The work for a frame: what is at hand, what was kept of the same camera, or new where the size is another."""
        size = (first.width, first.height)
        if work is not None and (work.size == size or not self._options.live):
            return work
        if work is not None:
            work.finish()
        elif self._kept is not None and self._kept[0] == about.source and self._kept[1].size == size:
            work = self._kept[1]
            work.resume(about, tally)
            return work
        return self._work(about, first, tally)

    def _beat(self, tally: Tally) -> None:
        """A sign of life about once a second, in every pass."""
        if (now := time.monotonic()) - self._beat_s >= BEAT_S:
            self._beat_s = now
            self._emit(tally.health())

    def _work(self, about: Record, first: Record, tally: Tally) -> Redaction | Census:
        size = (first.width, first.height)
        if "redact" not in self._claims(about.source).analyses:
            scene = scene_file.parse(self._drawn, size) if self._scene else None
            if scene is not None and scene.hash().hex() != self._scene:
                raise OutletError("the scene is another than the one that was announced")
            return Census(about, size, self._finder, self._emit, tally, self._options, scene)
        return Redaction(about, size, self._finder, self._emit, tally, self._options, self._worker)

    def _frame(self, work: Redaction | Census, record: Record, *, last: bool) -> None:
        planes = self._ring.planes(record.slot, record.width, record.height)
        if isinstance(work, Census):
            work.count(planes, record)
        elif last:
            work.redact(planes, record)
        else:
            work.learn(planes, record)

    def _end(self, work: Redaction | Census | None, record: Record, tally: Tally, *, granted: bool) -> None:
        tally.damaged, tally.repaired_times, tally.resized = record.damaged, record.repaired_times, record.resized
        tally.skipped = record.skipped
        tally.decode_ns += record.decode_ns
        if work is not None:
            work.finish()
        self._emit(tally.health())
        status = Status(record.status) if granted or record.status else Status.PERMIT_REFUSED
        if status is Status.DONE and tally.frames == 0:
            status = Status.NO_FRAMES
        self._emit(ItemEnd(status, tally.frames, work.duration_s if work else 0.0))


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
        return Claims(source, analyses, models, build, time.time(), LOCAL_CAMERA if camera else LOCAL_FILE)

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
    warm.quiet()
    finder = _finder(child, plan, looks, backend)
    warm.libraries(settings.threads)
    warm.give_memory_back()
    # One searches, one fits plates. Both start now: what they need of the system is asked for before the filter.
    worker = ThreadPoolExecutor(WORKERS, initializer=_give_way)
    ready = Barrier(WORKERS + 1)
    for _ in range(WORKERS):
        worker.submit(ready.wait)
    ready.wait()
    slots, control = settings.fds["slots"], settings.fds["control"]
    report = child.before_first_packet(Profile("hide", read_fds=(BELL_IN, control), write_fds=(OUTLET, slots, LOG_FD)))
    sender = Sender(OUTLET)
    sender.send(Ready(report.landlock_abi or 0, backend, build))
    HideProcess(
        bell,
        Receiver(control, (Permit, Scene)),
        ring,
        lambda slot: _give(slots, slot),
        sender.send,
        claims,
        finder,
        _options(settings, analyses, can_clear=EVERYTHING in looks),
        settings.words.get("scene", ""),
        worker,
    ).run()


def _finder(child: Child, plan: Plan, looks: tuple[Look, ...], backend: Backend) -> Finder:
    """The networks, ready to run, with the second wall drawn before any of them starts a thread."""
    runtime = prepare(backend, models_for(looks))
    rehearse(threads=1)
    child.before_threads()
    finder = Finder(plan, looks, runtime, child.settings.threads)
    finder.warm_up()
    return finder


def _give_way() -> None:
    """This thread runs when frames leave time for it: they come first."""
    os.setpriority(os.PRIO_PROCESS, get_native_id(), NICE)


def _give(fd: int, slot: int) -> None:
    # Once the last frame is decoded its process ends, and nobody waits for slots any more.
    with suppress(BrokenPipeError):
        os.write(fd, bytes([slot]))


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
        per_frame=settings.words.get("per_frame") == "yes",
        longest_stay_s=float(stay) if stay else None,
        threads=settings.threads,
        can_clear=can_clear,
        live=settings.words.get("live") == "yes",
        count_every_s=float(settings.words["count_every_s"]),
        search_share=float(settings.words["search_share"]),
    )
