"""What an escape attempt finds around it: open descriptors of every kind, a neighbour process, a message waiting.

Made afresh in each attempt's own process, before its lock, so that the attempt itself is one system call.
"""

from __future__ import annotations

import array
import ctypes
import mmap
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.unit.lock.numbers_of_calls import HERE

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
# Keeps the interpreter's lock during the call. Else a process that a call makes has it only by chance: where another
# thread had taken it meanwhile, the new process waits for ever for a thread that it doesn't have.
_splitting = ctypes.PyDLL(None, use_errno=True)
_splitting.syscall.restype = ctypes.c_long
NEW_NS, NEW_UTS, NEW_USER, NEW_NET = 0x00020000, 0x04000000, 0x10000000, 0x40000000
MISSING = -9999  # no such call on this architecture


def raw(number: int, *args: int | bytes | ctypes.Array[ctypes.c_char], splits: bool = False) -> int:
    """A system call by number: its result, or minus errno.

    Args:
        number: Of the call.
        args: Its arguments.
        splits: It may make a process.
    """
    words = [
        ctypes.c_long(a) if isinstance(a, int) else a if isinstance(a, bytes) else ctypes.c_void_p(ctypes.addressof(a))
        for a in args
    ]
    ctypes.set_errno(0)
    result = int((_splitting if splits else _libc).syscall(ctypes.c_long(number), *words))
    if result < 0 and (code := ctypes.get_errno()):
        return -code
    # mmap and shmat give addresses whose sign means nothing.
    return result & 0x7FFFFFFFFFFFFFFF


def sys(name: str, *args: int | bytes | ctypes.Array[ctypes.c_char], splits: bool = False) -> int:
    """A system call by name; see `raw`."""
    return raw(HERE[name], *args, splits=splits) if name in HERE else MISSING


def demand(name: str, *args: int | bytes | ctypes.Array[ctypes.c_char]) -> int:
    """A system call that has to succeed.

    Raises:
        OSError: It did not.
    """
    if (result := sys(name, *args)) < 0:
        raise OSError(-result, f"{name}: {os.strerror(-result)}")
    return result


def words(*values: int) -> ctypes.Array[ctypes.c_char]:
    """Memory holding 64-bit words."""
    return ctypes.create_string_buffer(array.array("q", values).tobytes(), 8 * len(values))


@dataclass(frozen=True)
class Town:
    """What outlives an attempt: made once by the server."""

    folder: Path
    neighbour: int
    tcp_port: int
    abstract: bytes
    secret: int
    """Address, here and in the neighbour, of 16 bytes."""


class World:
    """Everything that one attempt may use."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.me = os.getpid()
        self.folder = town.folder / str(self.me)
        self.folder.mkdir()
        self.path = bytes(self.folder / "file")
        self.new = bytes(self.folder / "new")
        self.sub = bytes(self.folder / "sub")
        (self.folder / "sub").mkdir()
        (self.folder / "link").symlink_to("file")
        self.link = bytes(self.folder / "link")
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.write(self.file, b"x" * 8192)
        os.lseek(self.file, 0, os.SEEK_SET)
        self.other = os.open(self.folder / "other", os.O_RDWR | os.O_CREAT, 0o600)
        self.dir = os.open(self.folder, os.O_RDONLY)
        self.shell = os.open("/bin/sh", os.O_RDONLY)
        self.memory = os.memfd_create("world")
        os.truncate(self.memory, 8192)
        self.own_memory = os.open("/proc/self/mem", os.O_RDWR)
        self.network = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.handle = os.pidfd_open(town.neighbour)
        self.full, self.full_in = os.pipe()
        os.write(self.full_in, b"y" * 64)
        self.spare_out, self.spare_in = os.pipe()
        self.left, self.right = socket.socketpair()
        self.right.send(b"waiting")
        self.tcp = socket.socket()
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.connect(("127.0.0.1", town.tcp_port))
        self.unix = socket.socket(socket.AF_UNIX)
        self.door = socket.socket()
        self.door.bind(("127.0.0.1", 0))
        self.door.listen()
        self.guest = socket.create_connection(self.door.getsockname())
        self.pages = mmap.mmap(-1, 8 * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.page = ctypes.addressof(ctypes.c_char.from_buffer(self.pages))
        self.out = ctypes.create_string_buffer(4096)
        self.text = ctypes.create_string_buffer(b"sixteen bytes ok", 17)
        self.host = os.uname().nodename.encode()
        self.foreign = _foreign_code()

    def vector(self, address: int | None = None, length: int = 16) -> ctypes.Array[ctypes.c_char]:
        """``struct iovec`` of one piece."""
        self._piece = words(ctypes.addressof(self.text) if address is None else address, length)
        return self._piece

    def message(self, *, descriptor: int | None = None) -> ctypes.Array[ctypes.c_char]:
        """``struct msghdr`` with 16 bytes of text and perhaps a descriptor to hand over."""
        control = b""
        if descriptor is not None:
            # struct cmsghdr: length, SOL_SOCKET, SCM_RIGHTS, then the descriptor, padded.
            control = array.array("Q", [20]).tobytes() + array.array("i", [1, 1, descriptor, 0]).tobytes()
        self._control = ctypes.create_string_buffer(control, max(1, len(control)))
        pieces = self.vector()
        at = ctypes.addressof(self._control) if control else 0
        self._message = words(0, 0, ctypes.addressof(pieces), 1, at, len(control), 0, 0)
        return self._message

    def inet(self, port: int) -> ctypes.Array[ctypes.c_char]:
        """``struct sockaddr_in`` of this machine."""
        family = array.array("H", [socket.AF_INET]).tobytes()
        return ctypes.create_string_buffer(family + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8), 16)

    def abstract(self) -> ctypes.Array[ctypes.c_char]:
        """``struct sockaddr_un`` of the town's listener."""
        name = array.array("H", [socket.AF_UNIX]).tobytes() + self.town.abstract
        return ctypes.create_string_buffer(name, len(name))


def _foreign_code() -> Callable[[], int] | None:
    """A function that makes the i386 call getpid (20) by ``int 0x80``; code, so it must exist before the lock."""
    if os.uname().machine != "x86_64":
        return None
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    function = ctypes.CFUNCTYPE(ctypes.c_int)(address)
    function.keep = code  # type: ignore[attr-defined]
    return function
