"""One way out of a locked process, and what must become of it with the lock and without."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.unit.lock.world import World

KILLED: Final = 0
"""The process dies of SIGSYS."""
EXECUTED: Final = 77
"""Exit status of a program that an attempt managed to run."""

DENIED: Final = errno.EACCES
_ABSENT: Final = (errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.EOPNOTSUPP, errno.ENODEV)


@dataclass(frozen=True)
class Attempt:
    """A system call that must not do its work.

    Args:
        name: Unique.
        run: Makes the call; its result, or minus errno.
        locked: With the lock: `KILLED`, or the errno that is answered.
        root: Only root can do this at all, so only root's control run proves anything.
        feature: What the kernel may be built without; its absence is told by an errno of `_ABSENT`.
        control: An errno that the control run answers, where success would be harmful or impossible.
        reason: Why success can't be had; goes with ``control``.
        landlock: The errno that Landlock alone answers, where it has a say.
    """

    name: str
    run: Callable[[World], int]
    locked: int = KILLED
    root: bool = False
    feature: str = ""
    control: int = 0
    reason: str = ""
    landlock: int = 0

    def absent(self, code: int) -> bool:
        """Whether an errno of the control run means that this kernel lacks the feature."""
        return bool(self.feature) and code in _ABSENT


def refused(name: str, run: Callable[[World], int], landlock: int = 0, feature: str = "") -> Attempt:
    """A question that the filter answers with "permission denied"."""
    return Attempt(name, run, DENIED, landlock=landlock, feature=feature)
