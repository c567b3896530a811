"""The three locked processes of one source: intake, decode, hide. Started, fed, listened to, ended."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from passerby.base.errors import DarkroomError, LockError, ModelError, OutletError, PasserbyError, SourceError
from passerby.darkroom.launch import Darkroom, Wanted, listed_hashes
from passerby.lock.child import Exit, Settings
from passerby.lock.spawn import keep_out_of_dumps, spawn
from passerby.lock.verify import locked
from passerby.outlet.messages import (
    OUTWARD,
    Counts,
    Explain,
    Features,
    Health,
    ItemEnd,
    LineCounts,
    LineVehicles,
    Message,
    PassEnd,
    Permit,
    Picture,
    Ready,
    RedactedPacket,
    Scene,
    StreamHeader,
    StreamStart,
    ZoneCounts,
    ZoneCrowd,
)
from passerby.outlet.meter import Allowance, Meter
from passerby.outlet.pipe import Receiver, Sender
from passerby.station.watchdog import Watchdog

PATIENCE_S = 60.0
# Intake hashes the whole source before it says anything: as slow as an old USB stick.
SLOWEST_READ_BYTES_S = 5e6
LOG_BYTES = 4096
GB = 1e9
# What may leave while files are worked on, as fast as the machine can. Cameras get far tighter ones.
FILE_ALLOWANCES = {
    StreamStart: Allowance(1000, 10e6),
    RedactedPacket: Allowance(20_000, GB),
    Counts: Allowance(50_000, 10e6),
    ZoneCounts: Allowance(50_000, 10e6),
    LineCounts: Allowance(50_000, 10e6),
    LineVehicles: Allowance(50_000, 10e6),
    ZoneCrowd: Allowance(50_000, 10e6),
    Explain: Allowance(5_000, 200e6),
    Health: Allowance(1000, 1e6),
    ItemEnd: Allowance(1000, 1e6),
    Ready: Allowance(1, 1000),
}


class Crew:
    """The locked processes of one source.

    Args:
        wanted: What the darkroom is to do.
        source: The video's open descriptor; None for pictures, which are sent one by one.
        passes: How often the video is read.
    """

    def __init__(self, wanted: Wanted, source: int | None = None, passes: int = 1) -> None:
        self._wanted = wanted
        self._source = source
        self._passes = passes
        self._hide: subprocess.Popen[bytes] | None = None
        allowed = FILE_ALLOWANCES if "redact" in wanted.analyses else _without_pictures()
        if "calibrate" in wanted.analyses:
            allowed = allowed | {Features: Allowance(50_000, 10e6)}
        self.meter = Meter(allowed, time.monotonic)
        self._outlet_read = -1
        self._hide_control: Sender | None = None
        self._fds: list[int] = []
        self._trusted = False

    def __enter__(self) -> Self:
        """Start intake and decode."""
        keep_out_of_dumps()
        self._log_read, log = self._pipe()
        os.set_blocking(self._log_read, False)
        packets_read, packets_write = self._pipe()
        control_read, control_write = self._pipe()
        self._notes_read, notes_write = self._pipe()
        self._log = log
        try:
            self._darkroom = Darkroom(self._wanted, packets_in=packets_read, log=log)
        except OSError as error:
            self._close(*self._fds)
            raise DarkroomError(
                f"the darkroom can't be set up ({error.strerror})", "check memory and limits"
            ) from error
        self._intake = spawn(
            "passerby.intake.main",
            self._intake_settings(notes_write),
            stdin=control_read,
            stdout=packets_write,
            log=log,
        )
        self._close(packets_read, packets_write, control_read, notes_write)
        self._intake_control = Sender(control_write)
        self._intake_control_fd = control_write
        self._watchdog = Watchdog(PATIENCE_S, self.kill, time.monotonic)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all three, whatever state they are in."""
        self._watchdog.stop()
        self.kill()
        for process in self._processes():
            process.wait()
        self._darkroom.close()
        self._close(*self._fds)

    def header(self, permit: bytes) -> StreamHeader | PassEnd:
        """Hand intake its permit; what the container says of its video, or why there is none."""
        assert self._source is not None
        self._watchdog.feed(os.fstat(self._source).st_size / SLOWEST_READ_BYTES_S)
        self._send(self._intake_control, Permit(0, permit))
        message = self._receive(Receiver(self._notes_read, (StreamHeader, PassEnd)))
        assert isinstance(message, StreamHeader | PassEnd)
        demand_walls("intake", self._intake)
        return message

    def start_hide(self, size: tuple[int, int] | None, duration_s: float = 0.0) -> None:
        """Start the hide process for pictures of this size (None: not known) and a clip this long (0: not known)."""
        control_read, control_write = self._pipe()
        self._outlet_read, outlet_write = self._pipe()
        self._hide = self._darkroom.start_hide(size, duration_s, control=control_read, outlet=outlet_write)
        self._close(control_read, outlet_write, self._log)
        self._hide_control = Sender(control_write)
        self._outlet = Receiver(self._outlet_read, OUTWARD)

    def item(self, permit: bytes, picture: bytes | None = None) -> Iterator[Message]:
        """All that leaves for one item, up to and including its `ItemEnd`."""
        assert self._hide_control is not None
        self._send(self._hide_control, Permit(0, permit))
        if self._wanted.scene:
            self._send(self._hide_control, Scene(1, self._wanted.scene))
        if picture is not None:
            self._send(self._intake_control, Permit(0, permit))
            self._send(self._intake_control, Picture(0, picture))
        while True:
            message = self._receive(self._outlet)
            self._check_walls(message)
            self.meter.admit(message)
            yield message
            if isinstance(message, ItemEnd):
                return

    def kill(self) -> None:
        """End all three at once."""
        for process in self._processes():
            with suppress(ProcessLookupError):
                process.kill()

    def pids(self) -> dict[str, int]:
        """Process ids by role."""
        names = ("decode", "intake", "hide")
        return {name: process.pid for name, process in zip(names, self._processes(), strict=False)}

    def _check_walls(self, message: Message) -> None:
        """Nothing is taken from a darkroom that isn't locked: hide says so itself, decode must be before it decodes."""
        assert self._hide is not None
        if isinstance(message, Ready):
            demand_walls("hide", self._hide)
        elif not self._trusted:
            demand_walls("decode", self._darkroom.decode)
            self._trusted = True

    def _processes(self) -> list[subprocess.Popen[bytes]]:
        processes = [self._darkroom.decode, self._intake]
        return [*processes, self._hide] if self._hide is not None else processes

    def _intake_settings(self, notes: int) -> Settings:
        fds = {"notes": notes} if self._source is None else {"notes": notes, "source": self._source}
        import json

        base = self._wanted.settings(fds)
        words = dict(base.words) | {"models": json.dumps(listed_hashes()), "passes": str(self._passes)}
        return replace(base, words=words)

    def _send(self, sender: Sender, message: Message) -> None:
        try:
            sender.send(message)
        except BrokenPipeError:
            raise self._why_ended() from None

    def _receive(self, receiver: Receiver) -> Message:
        message = receiver.receive()
        if message is None:
            raise self._why_ended()
        self._watchdog.feed()
        return message

    def _why_ended(self) -> PasserbyError:
        """A process has gone: which, and how."""
        if self._watchdog.bitten:
            return DarkroomError(f"the darkroom said nothing for {PATIENCE_S:.0f} s and was ended")
        deadline = time.monotonic() + 2.0
        while all(p.poll() in (None, Exit.DONE) for p in self._processes()) and time.monotonic() < deadline:
            time.sleep(0.01)
        ended = {name: p.poll() for name, p in zip(("decode", "intake", "hide"), self._processes(), strict=False)}
        words = self._log_words()
        for name, code in ended.items():
            if code == Exit.LOCK:
                return LockError(words or f"the {name} process could not lock itself in", "run: passerby doctor")
            if code == Exit.MODEL:
                return ModelError(words or "a model could not be loaded", "install Passerby again")
        for name, code in ended.items():
            if code not in (None, Exit.DONE, Exit.PEER_GONE, Exit.OUTLET):
                return ProcessEnded(name, code, words)
        for name, code in ended.items():
            if code == Exit.OUTLET:
                return OutletError(f"the {name} process met a message that breaks the outlet's rules")
        return ProcessEnded("darkroom", None)

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
            if fd in self._fds:
                self._fds.remove(fd)
                os.close(fd)


def demand_walls(name: str, process: subprocess.Popen[bytes]) -> None:
    """Look from outside, too. A process that has ended shows no walls and needs none.

    Raises:
        LockError: It works without its lock.
    """
    if process.poll() is None and not locked(process.pid) and process.poll() is None:
        raise LockError(f"the {name} process works without its lock", "run: passerby doctor")


class ProcessEnded(DarkroomError):
    """A locked process ended in the middle of its work.

    Args:
        name: Which.
        code: As `subprocess.Popen.returncode` gives it; None where it isn't known.
        words: Where in our code, if it could say.
    """

    def __init__(self, name: str, code: int | None, words: str = "") -> None:
        if code is not None and code < 0:
            how = f"was ended by {signal.Signals(-code).name}"
        elif code == Exit.MEMORY:
            how = "ran out of memory"
        else:
            how = f"failed ({words})" if words else "ended"
        super().__init__(f"the {name} process {how} while it worked", "nothing was written")


def open_source(path: Path) -> int:
    """The source's descriptor.

    Raises:
        PasserbyError: It can't be opened.
    """
    keep_out_of_dumps()
    try:
        # A pipe without a writer must not block us; the kind is asked of what has been opened, which can't change.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise SourceError(f"{path} can't be opened ({error.strerror})", "check its name and rights") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise SourceError(f"{path} is not a file", "name a video, a picture or a folder of pictures")
    os.set_blocking(fd, True)
    return fd


def _without_pictures() -> dict[type[Message], Allowance]:
    numbers = (Counts, ZoneCounts, LineCounts, LineVehicles, ZoneCrowd, Health, ItemEnd, Ready)
    return {k: a for k, a in FILE_ALLOWANCES.items() if k in numbers}
