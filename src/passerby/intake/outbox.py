"""Packets on their way into the darkroom that never make a camera wait."""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Callable

from passerby.outlet.messages import Message, Packet

MOST_WAITING_BYTES = 8 * 1024 * 1024
KEYFRAME = 1


class Outbox:
    """Writes to a pipe without blocking; what does not fit waits, and too much is dropped up to the next keyframe.

    Args:
        fd: The pipe, in non-blocking mode.
        write: As `os.write`.
        most_bytes: How much may wait.
    """

    def __init__(self, fd: int, write: Callable[[int, memoryview], int], most_bytes: int = MOST_WAITING_BYTES) -> None:
        self._fd = fd
        self._write = write
        self._most = most_bytes
        self._waiting: deque[memoryview] = deque()
        self._bytes = 0
        self._need_keyframe = False
        self._poll = select.poll()
        self._poll.register(fd, select.POLLOUT)
        self.dropped = 0

    def packet(self, packet: Packet) -> None:
        """Hand on a packet, or drop it and all up to a keyframe for which there is room.

        Raises:
            BrokenPipeError: The darkroom has gone.
        """
        self.flush()
        if self._need_keyframe and not packet.flags & KEYFRAME:
            self.dropped += 1
            return
        data = memoryview(packet.pack())
        if self._bytes and self._bytes + len(data) > self._most:
            self._need_keyframe = True
            self.dropped += 1
            return
        self._need_keyframe = False
        self._put(data)

    def message(self, message: Message) -> None:
        """Hand on what must not be lost; waits until it and all before it have gone.

        Raises:
            BrokenPipeError: The darkroom has gone.
        """
        self._put(memoryview(message.pack()))
        while self._waiting:
            self._poll.poll()
            self.flush()

    def flush(self) -> None:
        """Write as much as the pipe takes now."""
        while self._waiting:
            head = self._waiting[0]
            try:
                written = self._write(self._fd, head)
            except BlockingIOError:
                return
            self._bytes -= written
            if written == len(head):
                self._waiting.popleft()
            else:
                self._waiting[0] = head[written:]

    def _put(self, data: memoryview) -> None:
        self._waiting.append(data)
        self._bytes += len(data)
        self.flush()
