"""What a process of the same user without any capability can learn of another; arguments: PID ADDRESS."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.unit.lock.world import sys as call
from tests.unit.lock.world import words

from passerby.lock import privileges

SEIZE, DETACH = 0x4206, 17


def look(pid: int, address: int) -> dict[str, Callable[[], object]]:
    out = ctypes.create_string_buffer(16)
    place = Path(f"/proc/{pid}")
    local, remote = words(ctypes.addressof(out), 16), words(address, 16)

    def memory_file() -> bytes:
        with (place / "mem").open("rb", buffering=0) as file:
            file.seek(address)
            return file.read(16)

    def seize() -> int:
        code = checked(call("ptrace", SEIZE, pid, 0, 0))
        call("ptrace", DETACH, pid, 0, 0)
        return code

    return {
        "memory by file": memory_file,
        "memory by call": lambda: checked(call("process_vm_readv", pid, local, 1, remote, 1, 0)),
        "debugger": seize,
        "what a descriptor is": (place / "fd/0").readlink,
        "a descriptor": lambda: checked(call("pidfd_getfd", os.pidfd_open(pid), 0, 0)),
        "environment": (place / "environ").read_bytes,
        "memory map": (place / "maps").read_bytes,
        "stack and calls": (place / "auxv").read_bytes,
    }


def checked(result: int) -> int:
    if result < 0:
        raise OSError(-result, os.strerror(-result))
    return result


def main() -> None:
    pid, address = int(sys.argv[1]), int(sys.argv[2])
    privileges.drop(None)
    said = {}
    for name, attempt in look(pid, address).items():
        try:
            attempt()
            said[name] = "done"
        except OSError as problem:
            said[name] = errno.errorcode[problem.errno]
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
