"""The filter as bytes: what it answers to any call, on both architectures, run by a machine of our own."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.lock.bpf_machine import ALLOW, ERRNO, KILL, Call, run

from passerby.lock import calls
from passerby.lock.calls import Machine
from passerby.lock.rules import FREE, REFUSED, Profile, rules_of
from passerby.lock.seccomp import build

ARCH: dict[Machine, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
PID = 4711
IP_CALLS = ("recvfrom", "sendto", "connect", "bind", "getsockopt", "getsockname", "getpeername", "shutdown")
NO, ABSENT, PRETEND = ERRNO | errno.EACCES, ERRNO | errno.ENOSYS, ERRNO

machines = st.sampled_from(sorted(ARCH))
few_fds = st.lists(st.integers(0, 300), max_size=4, unique=True).map(tuple)
profiles = st.builds(
    Profile,
    name=st.just("any"),
    read_fds=few_fds,
    write_fds=few_fds,
    seek_fds=few_fds,
    allow_threads=st.booleans(),
    allow_poll=st.booleans(),
    allow_affinity=st.booleans(),
    allow_ip=st.booleans(),
    strict=st.booleans(),
)
# Flags meet by chance too seldom, so single bits, thread flags and neighbours of what is allowed are mixed in.
telling = st.sampled_from(
    [0, 1, 2, 3, 4, 7, 12, 15, 16, 33, 0x22, 0x21, 0x20, 0x32, 0x3D0F00, 0x7D0F00, 0x103D0F00, PID, PID + 1, -1]
)
bits = st.integers(0, 63).map(lambda n: 1 << n)
words = st.one_of(telling, bits, st.integers(0, 300), st.integers(0, (1 << 64) - 1)).map(lambda w: w & ((1 << 64) - 1))
arguments = st.tuples(*[st.one_of(words, st.tuples(telling, bits).map(lambda p: (p[0] ^ p[1]) & ((1 << 64) - 1)))] * 6)


def expected(profile: Profile, name: str, args: tuple[int, ...]) -> int:
    """The rules once more, in plain words."""
    softly = KILL if profile.strict else NO
    low = [a & 0xFFFFFFFF for a in args]
    thread_flags = (0x3D0F00, 0x7D0F00)
    yes = {
        "read": low[0] in profile.read_fds,
        "write": low[0] in profile.write_fds,
        "clone": profile.allow_threads and args[0] in thread_flags,
        "mmap": args[2] in (0, 1, 2, 3) and args[3] & 0x2F == 0x22,
        "mprotect": args[2] in (0, 1, 2, 3),
        "tgkill": low[0] == PID,
        "rt_sigaction": low[0] == 2 or (profile.allow_threads and low[0] == 33),
        "clock_gettime": low[0] < 12,
        "clock_getres": low[0] < 12,
        **dict.fromkeys(IP_CALLS, profile.allow_ip),
        "setsockopt": profile.allow_ip and low[1] in (0, 1, 6, 17, 41),
        "poll": profile.allow_poll,
        "ppoll": profile.allow_poll,
    }
    quietly = {
        "lseek": low[0] in profile.seek_fds,
        "sched_getaffinity": low[0] in (0, PID),
        "sched_setaffinity": profile.allow_affinity and low[0] == 0,
    }
    if name in FREE or yes.get(name) or quietly.get(name):
        return ALLOW
    if name in ("socket", "fcntl") and profile.allow_ip:
        kinds = {kind | flags for kind in (1, 2) for flags in (0, 0x800, 0x80000, 0x80800)}
        socket = low[0] in (2, 10) and low[1] in kinds and low[2] in (0, 6, 17)
        return ALLOW if (socket if name == "socket" else low[1] in (2, 3, 4)) else softly
    if name == "clone3":
        return ABSENT
    if name == "prctl":
        return PRETEND if low[0] == 15 else KILL
    return softly if name in REFUSED or name in quietly else KILL


@given(machines, profiles, st.sampled_from(sorted(calls.TABLE)), arguments)
def test_every_named_call_gets_what_the_rules_say(
    machine: Machine, profile: Profile, name: str, args: tuple[int, ...]
) -> None:
    number = calls.number(name, machine)
    if number is not None:
        answer = run(build(profile, machine, PID), Call(number, ARCH[machine], args))
        assert answer == expected(profile, name, args)


@given(machines, profiles, st.integers(0, (1 << 32) - 1) | st.integers(0, 600), arguments)
def test_what_no_rule_names_kills(machine: Machine, profile: Profile, number: int, args: tuple[int, ...]) -> None:
    ruled = {calls.number(rule.call, machine) for rule in rules_of(profile, PID)}
    if number not in ruled:
        assert run(build(profile, machine, PID), Call(number, ARCH[machine], args)) == KILL


@given(machines, profiles, st.integers(0, 600), arguments, st.integers(0, (1 << 32) - 1))
@example("x86_64", Profile("i386"), 3, (0,) * 6, 0x40000003)
@example("aarch64", Profile("arm"), 3, (0,) * 6, 0x40000028)
@example("x86_64", Profile("other"), 202, (0,) * 6, 0xC00000B7)
def test_another_architecture_kills(
    machine: Machine, profile: Profile, number: int, args: tuple[int, ...], arch: int
) -> None:
    if arch != ARCH[machine]:
        assert run(build(profile, machine, PID), Call(number, arch, args)) == KILL


@given(profiles, st.integers(0, 600), arguments)
def test_x32_kills(profile: Profile, number: int, args: tuple[int, ...]) -> None:
    call = Call(0x40000000 | number, ARCH["x86_64"], args)
    assert run(build(profile, "x86_64", PID), call) == KILL


@given(profiles)
def test_strict_never_answers_where_it_could_kill(profile: Profile) -> None:
    rules = rules_of(replace(profile, strict=True), PID)
    answers = {(r.call, a) for r in rules for a in (r.action, r.otherwise) if a not in (ALLOW, KILL)}
    assert answers == {("clone3", ABSENT), ("prctl", PRETEND)}


@given(profiles)
def test_no_call_is_ruled_twice(profile: Profile) -> None:
    named = [rule.call for rule in rules_of(profile, PID)]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("machine", sorted(ARCH))
def test_the_filter_is_a_pure_function(machine: Machine) -> None:
    profile = Profile("same", read_fds=(0, 5), write_fds=(1,))
    assert build(profile, machine, PID) == build(profile, machine, PID)
    assert len(build(profile, machine, PID)) // 8 < 250


@pytest.mark.parametrize("name", ["read", "write"])
def test_no_descriptor_means_no_call(name: str) -> None:
    for fd in range(20):
        call = Call(calls.TABLE[name][0], ARCH["x86_64"], (fd,))
        assert run(build(Profile("deaf"), "x86_64", PID), call) == KILL


def test_thread_flags_may_hold_nothing_more() -> None:
    program, clone = build(Profile("threads"), "x86_64", PID), calls.TABLE["clone"][0]
    for bit in range(64):
        flags = 0x3D0F00 ^ (1 << bit)
        wanted = ALLOW if flags == 0x7D0F00 else KILL
        assert run(program, Call(clone, ARCH["x86_64"], (flags,))) == wanted


@pytest.mark.parametrize(("name", "at"), [("mmap", 2), ("mprotect", 2)])
def test_no_bit_of_protection_beyond_read_and_write(name: str, at: int) -> None:
    program = build(Profile("memory"), "x86_64", PID)
    for bit in range(2, 64):
        args = [0, 4096, 3, 0x22, -1, 0]
        args[at] |= 1 << bit
        assert run(program, Call(calls.TABLE[name][0], ARCH["x86_64"], tuple(args))) == KILL
