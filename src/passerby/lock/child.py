"""The life of a locked child process: settings in, walls up, work, and out without a word too many.

A child is started by exec with a clean environment and only the descriptors it needs. What it prints is an outlet
too, so it leaves with an exit code and never with an exception's text, which might quote data.
"""

from __future__ import annotations

import codecs
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from pathlib import Path

from passerby.base.errors import LockError, ModelError, OutletError
from passerby.lock.enter import LockReport, Walls, readable_for_imports
from passerby.lock.process import Limits
from passerby.lock.seccomp import Profile

MIB = 1024 * 1024
LOG_FD = 2
# utf-16-be: canonical JSON sorts keys by it (RFC 8785, 3.2.3).
CODECS = ("ascii", "latin-1", "utf-16-be")


class Exit(IntEnum):
    """How a child ends. The supervisor turns codes into words."""

    DONE = 0
    LOCK = 10
    OUTLET = 11
    MODEL = 12
    MEMORY = 13
    PEER_GONE = 14
    FAULT = 15


@dataclass(frozen=True, slots=True)
class Settings:
    """What a supervisor tells a child before anything else.

    Args:
        parent: The supervisor's process id.
        fds: Descriptors by name, beyond 0, 1 and 2.
        threads: Threads it may use for its work.
        memory_mib: Address space, in MiB; a backstop to the machine's own limits.
        weaker: Run without Landlock where the kernel has none.
        ports: TCP ports that it may connect to.
        words: Further settings, each a plain word.
    """

    parent: int
    fds: Mapping[str, int] = field(default_factory=dict)
    threads: int = 1
    memory_mib: int = 6144
    weaker: bool = False
    ports: Sequence[int] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    def argument(self) -> str:
        """The settings as one command-line argument."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def parse(cls, argv: Sequence[str]) -> Settings:
        """The settings in a child's command line."""
        return cls(**json.loads(argv[1]))


class Child:
    """One locked process, seen from inside.

    Args:
        settings: What the supervisor said.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._walls = Walls(weaker=settings.weaker, ports=tuple(settings.ports))

    def before_imports(self, *readable: Path) -> None:
        """Harden, and leave read access to what imports need and to ``readable``."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        keep = {0, 1, LOG_FD, *self.settings.fds.values()}
        limits = Limits(address_space=self.settings.memory_mib * MIB)
        paths = [*readable_for_imports(), *(p for p in readable if p.exists())]
        self._walls.before_imports(keep, limits, paths, parent=self.settings.parent)

    def before_threads(self) -> None:
        """No file from here on. Codecs load on first use, so those that are used later are looked up now."""
        for name in CODECS:
            codecs.lookup(name)
        self._walls.before_threads()

    def before_first_packet(self, profile: Profile) -> LockReport:
        """The last wall."""
        return self._walls.before_first_packet(profile)


def run_and_exit(main: Callable[[], None]) -> None:
    """Run a child's work and leave at once with a code: no clean-up, no traceback, no words."""
    code = Exit.FAULT
    try:
        main()
        code = Exit.DONE
    except LockError as error:
        code = _say(Exit.LOCK, str(error))
    except ModelError as error:
        code = _say(Exit.MODEL, str(error))
    except OutletError:
        code = Exit.OUTLET
    except MemoryError:
        code = Exit.MEMORY
    except BrokenPipeError:
        code = Exit.PEER_GONE
    except BaseException as error:  # noqa: BLE001 - the end of the process, whatever it was
        code = _say(Exit.FAULT, where(error))
    finally:
        os._exit(code)


def where(error: BaseException) -> str:
    """The kind of an unexpected error and the lines of ours it came through; never its text, which may quote data."""
    lines, trace = [], error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "?")
        if module.startswith("passerby."):
            lines.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' '.join(lines[-3:])}"


def _say(code: Exit, line: str) -> Exit:
    """A line about the machine, never about a frame: walls and models fail before the first packet."""
    os.write(LOG_FD, line.encode()[:500] + b"\n")
    return code
