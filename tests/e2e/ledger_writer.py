"""Writers to be killed: a process that forks one whenever it is asked to, so that each begins within milliseconds.

For each line `FOLDER FIRST SEED` on standard input a child opens the log in FOLDER and appends the entries FIRST,
FIRST + 1, …, each under its own key, in batches of random size, while a thread publishes all the time. It writes
`open`, `held N` after each batch and `shown N` after each checkpoint, a line each, and never ends by itself.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from pathlib import Path

from passerby.ledger import log as log_module
from passerby.ledger.errors import LedgerError
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.home import Home, open_log

NOW = 1_790_000_000
MOST_AT_ONCE = 40
SHORT_JOURNAL = 20_000  # bytes: it is begun anew many times in a run


def say(text: str) -> None:
    """One line, whole or not at all."""
    os.write(1, f"{text}\n".encode())


def write(folder: Path, first: int, seed: int) -> None:
    """Append until killed."""
    log_module.LONG_JOURNAL = SHORT_JOURNAL
    chance = random.Random(seed)
    log = open_log(Home.at(folder), LocalDisk(), lambda: NOW)
    say("open")
    threading.Thread(target=_publish, args=(log,), daemon=True).start()
    while True:
        numbers = range(first, first + chance.randint(1, MOST_AT_ONCE))
        entries = [b"entry %d" % number for number in numbers]
        if log.append_many([(entry, entry) for entry in entries]) != list(numbers):
            say("wrong places")
            return
        first = numbers.stop
        say(f"held {first}")


def _publish(log: log_module.Log) -> None:
    shown = 0
    while True:
        log.publish()
        if (size := log.published.size) > shown:
            shown = size
            say(f"shown {size}")


def main() -> None:
    """Fork a writer for each line, and wait for its end."""
    for line in sys.stdin:
        folder, first, seed = line.split()
        if (child := os.fork()) == 0:
            try:
                write(Path(folder), int(first), int(seed))
            except (LedgerError, OSError) as error:  # told to the test, which fails by it
                say(f"failed: {error!r}")
            finally:
                os._exit(1)
        say(f"pid {child}")
        say(f"dead {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}")


if __name__ == "__main__":
    main()
