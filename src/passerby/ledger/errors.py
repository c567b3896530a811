"""The ledger's errors: its own tree, because it imports nothing of the project.

LedgerError                   anything we tell a person about: one clear line         (verify.py, which runs alone)
├── Refuted                   what was claimed is false, and this can be shown        (exit 1)
│   └── Forked                a log showed two histories; carries the evidence
├── Unreadable                malformed, missing or undecidable                       (exit 3)
├── Misuse                    asked wrongly; the message says what to do instead      (exit 2)
│   └── Refusal               an entry that may not enter: names, free text, a gap
└── Unsafe                    going on could sign a second history, or lose an act    (exit 1)
"""

from __future__ import annotations

from passerby.ledger.verify import LedgerError, Refuted, Unreadable

__all__ = ["EXITS", "Forked", "LedgerError", "Misuse", "Refusal", "Refuted", "Unreadable", "Unsafe", "exit_code"]

PROVEN = 0


class Forked(Refuted):
    """A log showed two histories.

    Args:
        message: What it did, in one line.
        evidence: The evidence file's bytes; `verify.verify_fork` checks it.
    """

    def __init__(self, message: str, evidence: bytes) -> None:
        super().__init__(message)
        self.evidence = evidence


class Misuse(LedgerError):
    """Asked wrongly; the message says what to do instead."""


class Refusal(Misuse):
    """An entry that may not enter the ledger."""


class Unsafe(LedgerError):
    """Going on could sign a second history or lose something acknowledged."""


EXITS: tuple[tuple[type[LedgerError], int], ...] = ((Refuted, 1), (Unsafe, 1), (Misuse, 2), (LedgerError, 3))


def exit_code(error: LedgerError) -> int:
    """0 proven, 1 refuted, 2 wrong use, 3 could not be decided or read."""
    return next(code for kind, code in EXITS if isinstance(error, kind))
