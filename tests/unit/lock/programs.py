"""Small programs in processes of their own: a lock can't be taken off, so it is never put on the tests' process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Collection
from pathlib import Path
from typing import Any

import passerby

ROOT = Path(__file__).resolve().parents[3]
SOURCE = Path(passerby.__file__).resolve().parents[1]
PATHS = [str(SOURCE), str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(":"))]
ENVIRONMENT = {**os.environ, "PYTHONPATH": ":".join(PATHS), "OPENBLAS_NUM_THREADS": "1"}

PREAMBLE = """
import ctypes, errno, json, os, signal, sys, threading, time
from pathlib import Path
from passerby.base.errors import LockError
from passerby.lock import Limits, Profile, Walls, landlock, libc, process, readable_for_imports, seccomp
from passerby.lock.landlock import State

def tell(value):
    os.write(1, json.dumps(value).encode() + b"\\n")

def denied(work):
    "The name of the errno that work() meets, or what it returned."
    try:
        return work()
    except OSError as problem:
        return errno.errorcode[problem.errno]

def refusal(work):
    try:
        work()
    except LockError as problem:
        return str(problem)
    return None

def lock(profile=Profile("test", read_fds=(0,), write_fds=(1, 2)), keep=(0, 1, 2), between=lambda: None, **options):
    walls = Walls(**options)
    walls.before_imports(keep, Limits(), parent=os.getppid())
    walls.before_threads()
    between()
    return walls.before_first_packet(profile)
"""


def start(program: str, pass_fds: Collection[int] = (), **options: Any) -> subprocess.Popen[str]:
    """A program, ready to be talked to. It leaves by itself or with ``os._exit``."""
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + textwrap.dedent(program) + "\nos._exit(0)\n"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        pass_fds=tuple(pass_fds),
        **options,
    )


def said(program: str, pass_fds: Collection[int] = (), **options: Any) -> list[Any]:
    """What a program told, line by line; it must have ended well."""
    with start(program, pass_fds, **options) as child:
        out, err = child.communicate(timeout=60)
    assert child.returncode == 0, f"status {child.returncode}\n{out}\n{err}"
    return [json.loads(line) for line in out.splitlines()]
