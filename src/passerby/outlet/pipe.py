"""Messages over a pipe: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable

from passerby.base.errors import OutletError
from passerby.outlet.messages import FRAME_HEADER, MAGIC, Message


class Sender:
    """Writes messages to a file descriptor; blocks until the other side has taken them."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def send(self, message: Message) -> None:
        """Write one message.

        Raises:
            OutletError: It doesn't fit its layout.
            BrokenPipeError: The other side has gone.
        """
        view = memoryview(message.pack())
        while view:
            view = view[os.write(self._fd, view) :]


class Receiver:
    """Reads messages of the given kinds from a file descriptor; everything else is a breach."""

    def __init__(self, fd: int, kinds: Iterable[type[Message]]) -> None:
        self._fd = fd
        self._kinds = {kind.kind: kind for kind in kinds}

    def receive(self) -> Message | None:
        """The next message, or None where the other side has closed between two messages.

        Raises:
            OutletError: Unknown kind, wrong length, impossible value, or an end in mid-message.
        """
        header = self._read(FRAME_HEADER.size)
        if not header:
            return None
        if len(header) < FRAME_HEADER.size:
            raise OutletError("a message ended in its header")
        magic, kind, zero, length = FRAME_HEADER.unpack(header)
        cls = self._kinds.get(kind)
        if magic != MAGIC or zero or cls is None:
            raise OutletError(f"a message of kind {kind} is not allowed here")
        if not cls.layout.size <= length <= cls.layout.size + cls.max_tail:
            raise OutletError(f"{cls.__name__} of {length} bytes breaks the outlet's rules")
        payload = self._read(length)
        if len(payload) < length:
            raise OutletError(f"{cls.__name__} ended early")
        return cls.unpack(bytes(payload))

    def _read(self, count: int) -> bytearray:
        """Up to ``count`` bytes: fewer only at the end of the stream."""
        data = bytearray(count)
        view, filled = memoryview(data), 0
        while filled < count:
            # Plain `read`, not `readv`: the lock's allow-list knows only that one.
            chunk = os.read(self._fd, min(count - filled, 1 << 20))
            if not chunk:
                break
            view[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
        view.release()
        del data[filled:]
        return data
