"""Where the process that opens sealed originals begins: the first wall, before any library."""

from __future__ import annotations

import sys

from passerby.lock.child import Child, Settings, run_and_exit


def main() -> None:
    """Harden, import, run."""
    child = Child(Settings.parse(sys.argv))
    child.before_imports()
    from passerby.darkroom.opening_process import run

    run(child)


if __name__ == "__main__":
    run_and_exit(main)
