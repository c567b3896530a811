"""Writable code is found and made read-only before the filter forbids any more."""

from __future__ import annotations

import mmap
import os
import signal

from tests.unit.lock.programs import said, start

from passerby.lock.code import Mappings


def test_writable_code_is_found_where_it_is() -> None:
    mappings = Mappings()
    before = sum(length for _, length in mappings.writable_code())
    pages = mmap.mmap(-1, 8192, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    assert sum(length for _, length in mappings.writable_code()) == before + 8192
    pages.close()
    mappings.close()


def test_code_made_before_the_lock_runs_after_it_and_can_not_be_changed() -> None:
    with_code = """
        import mmap
        code = mmap.mmap(-1, 4096, prot=7)
        code.write({machine_code})
        address = ctypes.addressof(ctypes.c_char.from_buffer(code))
        function = ctypes.CFUNCTYPE(ctypes.c_int)(address)
        lock()
        tell(function())
        ctypes.memset(address, 0, 1)
        tell("changed")
    """
    answer_42 = {
        "x86_64": b"\xb8\x2a\x00\x00\x00\xc3",
        "aarch64": b"\x40\x05\x80\x52\xc0\x03\x5f\xd6",
    }[os.uname().machine]
    with start(with_code.format(machine_code=answer_42)) as child:
        out, _ = child.communicate(timeout=60)
    assert (out, child.returncode) == ("42\n", -signal.SIGSEGV)


def test_an_executable_stack_is_refused() -> None:
    (message,) = said("""
        from passerby.lock.code import Mappings
        Mappings._mappings = lambda self: iter([(0, 4096, "rwxp", "[stack]")])
        tell(refusal(lock))
    """)
    assert message.startswith("a library asks for an executable stack")
