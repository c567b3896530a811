"""A machine for classic BPF as the kernel runs it on a system call; knows only what a filter may use.

Written from the kernel documentation alone, so that it can disagree with `passerby.lock.bpf`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000


@dataclass(frozen=True)
class Call:
    """``struct seccomp_data``."""

    number: int
    arch: int
    args: tuple[int, ...] = ()

    def data(self) -> bytes:
        words = [a & 0xFFFFFFFFFFFFFFFF for a in (*self.args, *[0] * 6)[:6]]
        return struct.pack("=IIQ6Q", self.number & 0xFFFFFFFF, self.arch, 0, *words)


def run(program: bytes, call: Call) -> int:
    """The action that the filter returns.

    Raises:
        ValueError: An instruction that seccomp does not take, a jump backwards or out, or no end.
    """
    steps = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    data, accumulator, at = call.data(), 0, 0
    while at < len(steps):
        code, when_true, when_false, constant = steps[at]
        at += 1
        match code:
            case 0x20:
                if constant % 4 or constant > 60:
                    raise ValueError(f"load from {constant}")
                (accumulator,) = struct.unpack_from("=I", data, constant)
            case 0x54:
                accumulator &= constant
            case 0x15:
                at += when_true if accumulator == constant else when_false
            case 0x35:
                at += when_true if accumulator >= constant else when_false
            case 0x06:
                return int(constant)
            case _:
                raise ValueError(f"instruction {code:#x}")
    raise ValueError("fell out of the program")
