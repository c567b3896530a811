"""The three locked processes of one camera: started warm, put to work when a camera needs them, ended as one."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

from passerby.base.errors import DarkroomError, PasserbyError
from passerby.darkroom.launch import Darkroom, Wanted, listed_hashes
from passerby.darkroom.papers import Case, messages_of, news_of
from passerby.lock.child import Exit, Settings
from passerby.lock.spawn import spawn
from passerby.outlet.messages import (
    OUTWARD,
    Address,
    Alert,
    Counts,
    Explain,
    Health,
    IntakeHealth,
    ItemEnd,
    LineCounts,
    LineVehicles,
    Message,
    PassEnd,
    Ready,
    RedactedPacket,
    Ruling,
    SealedPacket,
    SealUnder,
    StreamHeader,
    StreamStart,
    ZoneCounts,
    ZoneCrowd,
    names,
)
from passerby.outlet.meter import Allowance, Meter
from passerby.outlet.pipe import Receiver, Sender
from passerby.station.crew import LOG_BYTES, demand_walls

# What may leave a camera's darkroom. With video on this bounds bytes, not what they show.
CAMERA_ALLOWANCES: dict[type[Message], Allowance] = {
    StreamStart: Allowance(2, 100e3, 5),
    RedactedPacket: Allowance(130, 8e6, 5),
    Counts: Allowance(2, 1e3, 5),
    # Many places may change at once, and then hold off: see `crowd.alerts`.
    Alert: Allowance(8, 1e3, 30),
    # A second's answer for each of at most 64 zones and 64 lines.
    ZoneCounts: Allowance(65, 6e3, 5),
    LineCounts: Allowance(65, 6e3, 5),
    ZoneCrowd: Allowance(65, 6e3, 5),
    LineVehicles: Allowance(65, 6e3, 5),
    Explain: Allowance(2, 1e6, 5),
    Health: Allowance(4, 4e3, 5),
    ItemEnd: Allowance(2, 1e3, 10),
    Ruling: Allowance(2, 1e3, 10),
    Ready: Allowance(0.001, 1e3, 1),
}
# Added once a darkroom's gate has opened `seal`: before that a sealed packet is a breach. Originals are as large as
# what a good camera sends; a part of half a second comes at once, and a file's header with the first.
SEALED = Allowance(8, 6e6, 5)
NUMBERS_ONLY = (Counts, ZoneCounts, LineCounts, ZoneCrowd, LineVehicles, Alert, Health, ItemEnd, Ruling, Ready)
PIPE_BYTES = 1 << 20
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Gone:
    """A crew has ended: which process first, how, and whether what it decoded may have done it."""

    words: str
    by_source: bool


class LiveCrew:
    """Intake, decode and hide of one camera, locked and warm before they know which.

    Must be made, and its processes ended, by one thread that lives as long as they do: the kernel ends them with it.

    Args:
        wanted: What the darkroom is to do.
        ports: TCP ports that its intake may connect to.
        source: Descriptor of the clip that a file camera plays or that is learnt from; None for a camera alone.
    """

    def __init__(self, wanted: Wanted, ports: Iterable[int], source: int | None = None) -> None:
        self.wanted = wanted
        self.number = next(_NUMBERS)
        self.ports = frozenset(ports)
        self.ready = threading.Event()
        self.gone = threading.Event()
        self.failed: PasserbyError | None = None
        self.worked = False
        self._take: Callable[[Message], None] = _drop
        self._trusted: set[str] = set()
        self._fds: list[int] = []
        self._killed = False
        try:
            self._start(source)
        except OSError as error:
            self._close_all()
            raise DarkroomError(
                f"a camera's processes can't be started ({error.strerror})", "check memory and limits"
            ) from error

    def _start(self, source: int | None) -> None:
        self._log_read, log = self._pipe()
        os.set_blocking(self._log_read, False)
        packets_read, packets_write = self._pipe()
        with suppress(OSError):  # an unprivileged user may be over the limit of all pipes: smaller ones work, too
            fcntl.fcntl(packets_write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        intake_read, intake_write = self._pipe()
        notes_read, notes_write = self._pipe()
        hide_read, hide_write = self._pipe()
        for papers in (intake_write, hide_write):
            with suppress(OSError):  # papers of a long history fit in at once, so that nobody waits
                fcntl.fcntl(papers, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        outlet_read, outlet_write = self._pipe()
        darkroom = Darkroom(self.wanted, packets_in=packets_read, log=log)
        self._decode = darkroom.decode
        self._hide = darkroom.start_hide(None, 0.0, control=hide_read, outlet=outlet_write)
        settings = self._intake_settings(notes_write, source)
        self._intake = spawn("passerby.intake.main", settings, stdin=intake_read, stdout=packets_write, log=log)
        self._close(packets_read, packets_write, intake_read, notes_write, hide_read, outlet_write, log)
        self._intake_control, self._hide_control = Sender(intake_write), Sender(hide_write)
        allowed = CAMERA_ALLOWANCES
        if "redact" not in self.wanted.analyses:
            allowed = {kind: a for kind, a in allowed.items() if kind in NUMBERS_ONLY}
        self.meter = Meter(allowed, time.monotonic)
        self._threads = [
            threading.Thread(target=self._listen, args=(Receiver(outlet_read, OUTWARD), self._left), daemon=True),
            threading.Thread(
                target=self._listen,
                args=(Receiver(notes_read, (StreamHeader, PassEnd, IntakeHealth)), self._noted),
                daemon=True,
            ),
        ]
        for thread in self._threads:
            thread.start()

    def work_for(self, take: Callable[[Message], None]) -> None:
        """From now on ``take`` gets every message, each from one of two threads of this crew."""
        self._take = take

    def show(self, case: Case) -> None:
        """Show a case to the darkroom, which answers with its `Ruling`."""
        for message in messages_of(case):
            self._tell(self._hide_control, message)

    def go(self, case: Case, address: Address) -> None:
        """Connect, under papers that the darkroom has been shown and found lawful."""
        self.worked = True
        for message in messages_of(case):
            self._tell(self._intake_control, message)
        self._tell(self._intake_control, address)

    def renew(self, case: Case) -> None:
        """Begin another item at the next keyframe, under papers of now."""
        self.show(case)
        for message in messages_of(case):
            self._tell(self._intake_control, message)

    def seal_under(self, under: SealUnder) -> None:
        """A file of sealed originals may begin."""
        self._tell(self._hide_control, under)

    def tell_news(self, case: Case) -> None:
        """The revocations and the checkpoint of a case, for the item that runs. Judged at once."""
        for message in news_of(case.papers.evidence):
            self._tell(self._hide_control, message)

    def kill(self) -> None:
        """End all three at once."""
        self._killed = True
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                process.kill()

    def bury(self) -> Gone:
        """Wait for all three, close everything, and say what happened. Ends what still lives."""
        first = self._who_went_first()
        killed = self._killed
        self.kill()
        for process in self.processes.values():
            process.wait()
        for thread in self._threads:
            thread.join()
        words = self._log_words()
        self._close_all()
        if self.failed is not None:
            return Gone(str(self.failed), by_source=False)
        if killed or first is None:
            return Gone("it said nothing any more and was ended", by_source=False)
        name, code = first
        # Killed from outside says nothing about the source; a crash, a fault and a broken rule do.
        own = name == "decode" and code not in (-signal.SIGKILL, -signal.SIGTERM, Exit.LOCK, Exit.PEER_GONE)
        return Gone(f"the {name} process {_how(code)}" + (f" ({words})" if words else ""), by_source=own)

    @property
    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        """The processes by role."""
        return {"decode": self._decode, "hide": self._hide, "intake": self._intake}

    def _who_went_first(self) -> tuple[str, int] | None:
        """The process that took the others along: one that did not end because a peer had gone."""
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            ended = {name: code for name, p in self.processes.items() if (code := p.poll()) is not None}
            for name, code in ended.items():
                if code not in (Exit.DONE, Exit.PEER_GONE, Exit.OUTLET):
                    return name, code
            if len(ended) == 3:
                return min(ended.items(), key=lambda item: item[1] == Exit.PEER_GONE)
            time.sleep(0.005)
        return next(iter(ended.items()), None)

    def _listen(self, receiver: Receiver, each: Callable[[Message], None]) -> None:
        try:
            while (message := receiver.receive()) is not None:
                each(message)
        except PasserbyError as error:
            self.failed = error
        finally:
            self.gone.set()

    def _left(self, message: Message) -> None:
        """A message from the darkroom."""
        if isinstance(message, Ready):
            demand_walls("hide", self._hide)
        self._trust("decode", self._decode, unless=isinstance(message, Ready))
        self._admit(message)
        if isinstance(message, Ready):
            self.ready.set()
        else:
            self._take(message)

    def _admit(self, message: Message) -> None:
        """The meter's word. It knows of sealed packets only where they were asked for and the gate has opened once."""
        if isinstance(message, Ruling) and "seal" in self.wanted.analyses & names(message.open):
            self.meter.allow(SealedPacket, SEALED)
        self.meter.admit(message)

    def _noted(self, message: Message) -> None:
        """A message from intake."""
        self._trust("intake", self._intake)
        self._take(message)

    def _trust(self, name: str, process: subprocess.Popen[bytes], *, unless: bool = False) -> None:
        if name not in self._trusted and not unless:
            demand_walls(name, process)
            self._trusted.add(name)

    def _tell(self, sender: Sender, message: Message) -> None:
        # A process that has gone is found out by `gone`; there is nobody to tell.
        with suppress(BrokenPipeError):
            sender.send(message)

    def _intake_settings(self, notes: int, source: int | None) -> Settings:
        base = self.wanted.settings({"notes": notes} if source is None else {"notes": notes, "source": source})
        words = dict(base.words) | {"models": json.dumps(listed_hashes())}
        return replace(base, words=words, ports=tuple(sorted(self.ports)))

    def _log_words(self) -> str:
        try:
            return os.read(self._log_read, LOG_BYTES).decode("utf-8", "replace").strip()
        except BlockingIOError:
            return ""

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe()
        self._fds += ends
        return ends

    def _close(self, *fds: int) -> None:
        for fd in fds:
            self._fds.remove(fd)
            os.close(fd)

    def _close_all(self) -> None:
        self._close(*list(self._fds))


def _how(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return "ran out of memory" if code == Exit.MEMORY else "ended" if code == Exit.DONE else "failed"


def _drop(message: Message) -> None:
    """Nobody has been assigned yet, and a warm crew says nothing but that it is ready."""
    raise DarkroomError(f"a darkroom without a camera sent {type(message).__name__}")
