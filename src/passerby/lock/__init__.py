"""The lock: how a process that sees people shuts itself in before the first packet arrives.

Landlock and seccomp through ctypes, with nothing but the standard library, because this is imported before anything
else. `enter.Walls` has the order; `verify` is for the supervisor, `support` for ``passerby doctor``.
"""

from passerby.lock.enter import LockReport, Walls, readable_for_imports
from passerby.lock.process import Limits
from passerby.lock.seccomp import Profile

__all__ = ["Limits", "LockReport", "Profile", "Walls", "readable_for_imports"]
