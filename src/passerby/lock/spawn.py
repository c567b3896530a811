"""Start a child by exec: a clean environment, the descriptors it needs, and nothing else."""

from __future__ import annotations

import subprocess
import sys

from passerby.lock import libc
from passerby.lock.child import Settings

# One BLAS thread (others would survive from before the lock), no telemetry, no bytecode written, no user site. With no
# home folder named, Python asks the name service for one, which may ask a socket or the network.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def keep_out_of_dumps() -> None:
    """No core file of the calling process, and no debugger of its own user.

    A supervisor is not locked, yet pieces of originals pass through its memory: it hashes them and hands pictures on.
    """
    libc.prctl(libc.PR_SET_DUMPABLE, 0)


def spawn(module: str, settings: Settings, *, stdin: int, stdout: int, log: int) -> subprocess.Popen[bytes]:
    """Run ``python -I -m module`` with these three descriptors and those that the settings name.

    Args:
        module: The child's module.
        settings: Goes on its command line; holds no secret.
        stdin: Its descriptor 0.
        stdout: Its descriptor 1.
        log: Its descriptor 2.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-m", module, settings.argument()],
        stdin=stdin,
        stdout=stdout,
        stderr=log,
        env=ENVIRONMENT,
        pass_fds=tuple(settings.fds.values()),
        close_fds=True,
        cwd="/",
    )
