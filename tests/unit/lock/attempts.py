"""Every way out that we thought of. `test_attempts.py` tries each with the lock, from three threads, and without."""

from __future__ import annotations

from tests.unit.lock.attempts_files import FILES
from tests.unit.lock.attempts_kernel import REST
from tests.unit.lock.attempts_net import NET
from tests.unit.lock.attempts_processes import PROCESSES

ATTEMPTS = {attempt.name: attempt for attempt in [*FILES, *NET, *PROCESSES, *REST]}
assert len(ATTEMPTS) == len(FILES) + len(NET) + len(PROCESSES) + len(REST), "two attempts of one name"
