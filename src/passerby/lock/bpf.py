"""A tiny assembler for classic BPF, as much of it as a seccomp filter needs.

Source: kernel documentation, "Linux Socket Filtering" (instruction format) and seccomp(2) (``struct seccomp_data``).
A filter is a list of blocks; each begins with the system call number in the accumulator and either returns or leaves
the accumulator as it found it, so blocks can be read one by one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

# struct seccomp_data { int nr; __u32 arch; __u64 instruction_pointer; __u64 args[6]; }
NR_OFFSET: Final = 0
ARCH_OFFSET: Final = 4
ARGS_OFFSET: Final = 16

LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
AND: Final = 0x54  # BPF_ALU | BPF_AND | BPF_K
JUMP_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
JUMP_GREATER_EQUAL: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
RETURN: Final = 0x06  # BPF_RET | BPF_K

# seccomp(2), return values.
ALLOW: Final = 0x7FFF0000
KILL_PROCESS: Final = 0x80000000
ERRNO: Final = 0x00050000

MAX_INSTRUCTIONS: Final = 4096  # BPF_MAXINSNS
_LAYOUT: Final = struct.Struct("=HBBI")
_LOW: Final = 0xFFFFFFFF


class Instruction(NamedTuple):
    """``struct sock_filter``: operation, how far to jump when true and when false, constant."""

    code: int
    when_true: int
    when_false: int
    constant: int


class Equals(NamedTuple):
    """The low 32 bits of an argument are one of ``values``: for C ``int``s, whose upper half the kernel ignores."""

    argument: int
    values: tuple[int, ...]


class Below(NamedTuple):
    """The low 32 bits of an argument, unsigned, are below ``limit``."""

    argument: int
    limit: int


class Masked(NamedTuple):
    """``argument & mask == value`` over all 64 bits: for flags held in a C ``long``."""

    argument: int
    mask: int
    value: int


Check = Equals | Below | Masked


def answer(code: int) -> int:
    """The return value that makes a call fail with errno ``code`` without being run."""
    return ERRNO | code


def load(offset: int) -> Instruction:
    """Accumulator := the 32-bit word of ``seccomp_data`` at ``offset``."""
    return Instruction(LOAD, 0, 0, offset)


def give(action: int) -> Instruction:
    """End the filter with an action."""
    return Instruction(RETURN, 0, 0, action)


def _half(argument: int, *, high: bool) -> Instruction:
    # Both architectures are little-endian: the low half comes first.
    return load(ARGS_OFFSET + 8 * argument + (4 if high else 0))


def _passes(check: Check, otherwise: int) -> list[Instruction]:
    """Instructions that fall through when the check holds and return ``otherwise`` when not."""
    fail = give(otherwise)
    match check:
        case Equals(argument, values):
            code = [_half(argument, high=False)]
            # Each match jumps over the remaining comparisons and the refusal.
            code += [Instruction(JUMP_EQUAL, len(values) - i, 0, v & _LOW) for i, v in enumerate(values)]
            return [*code, fail]
        case Below(argument, limit):
            return [_half(argument, high=False), Instruction(JUMP_GREATER_EQUAL, 0, 1, limit), fail]
        case Masked(argument, mask, value):
            code = []
            for high in (False, True):
                bits, want = (mask >> 32, value >> 32) if high else (mask, value)
                if bits & _LOW:
                    code += [
                        _half(argument, high=high),
                        Instruction(AND, 0, 0, bits & _LOW),
                        Instruction(JUMP_EQUAL, 1, 0, want & _LOW),
                        fail,
                    ]
            return code


def block(number: int, checks: Sequence[Check], action: int, otherwise: int) -> list[Instruction]:
    """For one system call: ``action`` when every check holds, else ``otherwise``; other calls pass by."""
    body = [step for check in checks for step in _passes(check, otherwise)] + [give(action)]
    if len(body) > 255:
        raise ValueError(f"a block of {len(body)} instructions is out of a jump's reach")
    return [Instruction(JUMP_EQUAL, 0, len(body), number), *body]


def pack(program: Iterable[Instruction]) -> bytes:
    """The program as an array of ``struct sock_filter``, 8 bytes each."""
    return b"".join(_LAYOUT.pack(*step) for step in program)


def unpack(program: bytes) -> list[Instruction]:
    """The instructions of a packed program."""
    return [Instruction(*fields) for fields in _LAYOUT.iter_unpack(program)]
