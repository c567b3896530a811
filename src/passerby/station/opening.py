"""The darkroom in which sealed originals are opened: its two locked processes, started for one request, then ended.

The key to which the officers seal is made inside, so nobody who runs the station sees their halves, the files' keys or
an original. What comes out is the region, coded, in memory.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from passerby.archive.export.bundle import Clip
from passerby.archive.export.made import made_clip
from passerby.base.build import build_hash
from passerby.base.errors import CustodyError, DarkroomError, PasserbyError
from passerby.charter.asking import Asking
from passerby.charter.permit import Claims, local_permit
from passerby.charter.proofs import Logged
from passerby.charter.unsealing import Unsealing
from passerby.darkroom.launch import Darkroom, Wanted, listed_hashes
from passerby.lock.spawn import keep_out_of_dumps
from passerby.outlet.messages import (
    OPENING_OUT,
    Chunk,
    Half,
    ItemEnd,
    Message,
    Opening,
    OpeningKey,
    Permit,
    Proof,
    Proves,
    Ready,
    RedactedPacket,
    SealedFile,
    SiteRoot,
    Status,
    StreamStart,
)
from passerby.outlet.meter import Allowance, Meter
from passerby.outlet.pipe import Receiver, Sender
from passerby.station.crew import demand_walls

# A quarter of an hour of a region of a good picture is far less.
MOST_BYTES = 512 << 20
PATIENCE_S = 120.0
LOG_BYTES = 4096
ALLOWANCES: dict[type[Message], Allowance] = {
    Ready: Allowance(0.001, 1e3, 1),
    OpeningKey: Allowance(0.001, 3e6, 1),
    StreamStart: Allowance(100, 1e6),
    RedactedPacket: Allowance(20_000, 1e9),
    ItemEnd: Allowance(100, 1e4),
}
Rooted = tuple[bytes, Logged | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be opened, and what proves that it may be.

    Args:
        asking: What is asked.
        logged: The act in the ledger, and its proof.
        unsealing: What belongs to it.
        roots: The site's roots, each with the proof that it is in the ledger.
        files: Slot share and header of each file.
        halves: Each officer's id (hex) and halves.
    """

    asking: Asking
    logged: Logged
    unsealing: Unsealing
    roots: Sequence[Rooted]
    files: Sequence[tuple[bytes, bytes]]
    halves: Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class _Made:
    """Streams as they come, with what they take."""

    clips: list[Clip] = field(default_factory=list)
    start: StreamStart | None = None
    packets: list[RedactedPacket] = field(default_factory=list)
    octets: int = 0

    def take(self, message: Message) -> None:
        match message:
            case StreamStart():
                self.start, self.packets = message, []
            case RedactedPacket():
                self.octets += len(message.tail)
                if self.octets > MOST_BYTES:
                    raise CustodyError("this is more than can be held in memory", "ask for a shorter stretch")
                self.packets.append(message)
            case ItemEnd():
                if message.status not in (Status.DONE, Status.NO_FRAMES):
                    raise CustodyError("the darkroom refuses to open this", "see whether the session is over")
                if self.start is not None and self.packets:
                    self.clips.append(made_clip(self.start, self.packets))
                self.start = None
            case _:
                raise DarkroomError("the opening darkroom sent its key twice")


class OpeningRoom:
    """The locked processes of one opening.

    Args:
        first: The first root's hash (hex).
        least: The highest serial of a root that was seen.
        threads: For decoding and encoding.
        weaker: Run without Landlock where the kernel has none.
    """

    def __init__(self, first: str, least: int, threads: int = 1, *, weaker: bool = False) -> None:
        analyses = frozenset({"redact"})
        self._wanted = Wanted(analyses, threads=threads, weaker=weaker, site_root=first, site_serial=least)
        self._meter = Meter(ALLOWANCES, time.monotonic)
        self._fds: list[int] = []

    def __enter__(self) -> Self:
        """Start both; `public` is there when this returns."""
        keep_out_of_dumps()
        with ExitStack() as stack:
            self._start(stack)
            self.public = self._key()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End both, whatever state they are in."""
        self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        stack.callback(lambda: self._close(*self._fds))
        self._log_read, log = self._pipe()
        os.set_blocking(self._log_read, False)
        packets_read, packets_write = self._pipe()
        control_read, control_write = self._pipe()
        outlet_read, outlet_write = self._pipe()
        try:
            self._room = Darkroom(self._wanted, packets_in=packets_read, log=log)
            stack.callback(self._end, self._room.decode)
            stack.callback(self._room.close)
            self._opening = self._room.start_opening(control=control_read, packets=packets_write, outlet=outlet_write)
            stack.callback(self._end, self._opening)
        except OSError as error:
            raise DarkroomError(
                f"the darkroom can't be set up ({error.strerror})", "check memory and limits"
            ) from error
        self._close(packets_read, packets_write, control_read, outlet_write, log)
        self._control, self._control_fd = Sender(control_write), control_write
        self._outlet = Receiver(outlet_read, OPENING_OUT)

    def _key(self) -> bytes:
        """The public key that was made inside, behind walls that were looked at from outside."""
        hung = threading.Timer(PATIENCE_S, self._opening.kill)
        hung.daemon = True
        hung.start()
        ready = self._receive()
        demand_walls("opening", self._opening)
        key = self._receive()
        hung.cancel()
        if not isinstance(ready, Ready) or not isinstance(key, OpeningKey):
            raise DarkroomError("the opening darkroom said something else than its key")
        return key.tail

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()

    def open(self, wish: Wish, chunks: Iterable[tuple[int, bytes]]) -> list[Clip]:
        """The region, as clips.

        Args:
            wish: What is to be opened.
            chunks: The chunks of the files as they are stored, each with its file's number, in order.

        Raises:
            CustodyError: The darkroom refuses, or it is more than can be held.
            DarkroomError: A process ended, or ciphertext was changed.
        """
        sent: list[OSError | PasserbyError] = []
        sending = threading.Thread(target=self._send, args=(wish, chunks, sent), daemon=True)
        sending.start()
        made, trusted = _Made(), False
        while (message := self._outlet.receive()) is not None:
            if not trusted and not isinstance(message, ItemEnd):
                demand_walls("decode", self._room.decode)
                trusted = True
            self._meter.admit(message)
            made.take(message)
        sending.join()
        if sent:
            raise sent[0]
        if self._opening.wait() != 0:
            raise DarkroomError(
                f"the opening darkroom ended early ({self._words() or self._opening.returncode})",
                "a sealed file was changed, or is not of this site: run passerby archive check",
            )
        return made.clips

    def _send(self, wish: Wish, chunks: Iterable[tuple[int, bytes]], failed: list[OSError | PasserbyError]) -> None:
        try:
            for message in _papers(wish):
                self._control.send(message)
            for number, stored in chunks:
                self._control.send(Chunk(number, stored))
        except BrokenPipeError:
            return  # who reads no more has said why, or its exit does
        except (OSError, PasserbyError) as error:
            failed.append(error)
        finally:
            self._close(self._control_fd)

    def _receive(self) -> Message:
        message = self._outlet.receive()
        if message is None:
            raise DarkroomError(f"the opening darkroom ended ({self._words()})", "run: passerby doctor")
        self._meter.admit(message)
        return message

    def _words(self) -> str:
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


def _papers(wish: Wish) -> Iterable[Message]:
    for number, (note, logged) in enumerate(wish.roots):
        yield SiteRoot(number, note)
        if logged is not None:
            yield Proof(Proves.ROOT, number, len(logged.entry), logged.entry + logged.proof)
    asked, entry, proof = wish.asking.text().encode(), wish.logged.entry, wish.logged.proof
    belongs = wish.unsealing.text().encode()
    yield Opening(len(asked), len(entry), len(proof), asked + entry + proof + belongs)
    for share, header in wish.files:
        yield SealedFile(share, header)
    for officer, sealed in wish.halves:
        yield Half(bytes.fromhex(officer), sealed)
    source = bytes.fromhex(wish.asking.hash)
    yield Permit(
        0, local_permit(Claims(source, frozenset({"redact"}), listed_hashes(), build_hash(), time.time()))
    )  # fmt: skip
