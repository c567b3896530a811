"""Where the intake process begins: the first wall, before any library that parses what strangers send."""

from __future__ import annotations

import sys

from passerby.base.build import weights_folder
from passerby.lock.child import Child, Settings, run_and_exit


def main() -> None:
    """Harden, import, run."""
    child = Child(Settings.parse(sys.argv))
    child.before_imports(weights_folder())
    from passerby.intake.process import run

    run(child)


if __name__ == "__main__":
    run_and_exit(main)
