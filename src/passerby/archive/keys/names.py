"""Which key: of which camera, which epoch, which class."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from passerby.base.ids import checked_id

US = 1_000_000
HOUR_US = 3600 * US


class Kind(Enum):
    """The class of what a key encrypts."""

    REDACTED = "redacted"
    SEALED = "sealed"
    PLATE = "plate"


@dataclass(frozen=True, slots=True, order=True)
class EpochId:
    """An epoch of one camera and class: what one key is for, and what is deleted at once.

    Args:
        camera: The camera's id; safe.
        period_us: When the epoch's period begins, microseconds since 1970.
        length_us: How long the period is: an hour of a recording, 30 s of a camera that is only looked at.
        kind: Word of a `Kind`.

    Raises:
        UsageError: The camera's id is not safe.
    """

    camera: str
    period_us: int
    length_us: int = HOUR_US
    kind: str = Kind.REDACTED.value

    def __post_init__(self) -> None:
        """See the class."""
        checked_id(self.camera)
        Kind(self.kind)

    @property
    def end_us(self) -> int:
        """When the period is over."""
        return self.period_us + self.length_us

    @property
    def hour(self) -> int:
        """The hour that the period begins in, counted from 1970, as in the ledger."""
        return self.period_us // HOUR_US

    def canonical(self) -> bytes:
        """The same bytes for the same epoch only: `info` of its key, and part of what each chunk authenticates."""
        return f"passerby/epoch@1\n{self.camera}\n{self.period_us}\n{self.length_us}\n{self.kind}\n".encode()
