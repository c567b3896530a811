"""Memory that is both writable and executable: what a just-in-time compiler leaves behind, made read-only.

The filter forbids new executable memory, which is worth little while old executable memory can be written. Models are
compiled before the filter loads, so their code can be frozen then. Source: proc_pid_maps(5), mprotect(2).
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from typing import Final

from passerby.base.errors import LockError
from passerby.lock import libc

_CHUNK: Final = 1 << 16


class Mappings:
    """This process's memory map, opened while files still open. The descriptor stays until `close`."""

    def __init__(self) -> None:
        """Open the map.

        Raises:
            LockError: ``/proc`` is not there.
        """
        try:
            self._fd = os.open("/proc/self/maps", os.O_RDONLY | os.O_CLOEXEC)
        except OSError as problem:
            raise LockError(f"the memory map can't be read ({problem.strerror})", "mount /proc") from None

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._fd)

    def writable_code(self) -> list[tuple[int, int]]:
        """Start and length, in bytes, of every mapping that is writable and executable.

        Raises:
            LockError: The stack is among them: a library was linked so, and no mapping can be trusted to be only code.
        """
        found = []
        for start, end, rights, name in self._mappings():
            if "w" in rights and "x" in rights:
                if name == "[stack]":
                    raise LockError("a library asks for an executable stack", "find it with: readelf -lW | grep STACK")
                found.append((start, end - start))
        return found

    def freeze_code(self) -> int:
        """Make all writable code read-only.

        Returns:
            How many bytes were changed.

        Raises:
            LockError: Some could not be, or there is some again.
        """
        changed = 0
        for start, length in self.writable_code():
            try:
                libc.syscall("mprotect", start, length, mmap.PROT_READ | mmap.PROT_EXEC)
            except OSError as problem:
                raise LockError(f"generated code can't be made read-only ({problem.strerror})") from None
            changed += length
        if self.writable_code():
            raise LockError("code is still being generated", "warm up fully before the last wall")
        return changed

    def _mappings(self) -> Iterator[tuple[int, int, str, str]]:
        os.lseek(self._fd, 0, os.SEEK_SET)
        text = b"".join(iter(lambda: os.read(self._fd, _CHUNK), b""))
        for line in text.decode("ascii", "replace").splitlines():
            # address rights offset device inode name; the name may be missing or hold spaces
            span, rights, *rest = line.split(maxsplit=5)
            start, end = span.split("-")
            yield int(start, 16), int(end, 16), rights, rest[3] if len(rest) == 4 else ""
