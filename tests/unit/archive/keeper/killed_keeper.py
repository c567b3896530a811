"""A keeper that is killed, for `test_wire`: after it has counted an answer, and before it gives it.

python -m tests.unit.archive.keeper.killed_keeper FOLDER SOCKET
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.unit.archive.keeper.kit import PAIR, SITE, World

from passerby.archive.keeper.count import Count
from passerby.archive.keeper.service import Keeper
from passerby.archive.keeper.wire import Server, listen_here


class Dies(Count):
    """Counts, then is gone."""

    def add(self, act: str, entry: str, shares: int) -> int:
        super().add(act, entry, shares)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("killed")


def main() -> None:
    world = World(Path(sys.argv[1]))
    world.count()
    assert world.log is not None
    keeper = Keeper([PAIR], lambda: SITE, Dies(world.log, lambda: world.now))
    Server(listen_here(Path(sys.argv[2])), keeper.handle).serve_forever()


if __name__ == "__main__":
    main()
