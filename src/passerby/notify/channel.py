"""What a channel is told, and when. Pure: no clock, no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from passerby.crowd.alerts import Severity
from passerby.store.events import AlertRow

US = 1_000_000
_DAY = timedelta(days=1)
NOTHING = 99  # higher than any severity


@dataclass(frozen=True, slots=True)
class Quiet:
    """A daily time in which nobody is to be woken. One that ends before it begins ends the next day.

    Args:
        begins: Local time.
        ends: Local time.
    """

    begins: time
    ends: time

    def until(self, at: datetime) -> datetime | None:
        """When this is over, if it is now; in the zone of `at`.

        Clocks that are put forward or back inside move its end as they move every local time.
        """
        today = at.date()
        for first in (today - _DAY, today):
            begin = datetime.combine(first, self.begins, at.tzinfo)
            last = first if self.ends > self.begins else first + _DAY
            end = datetime.combine(last, self.ends, at.tzinfo)
            if begin.astimezone(UTC) <= at.astimezone(UTC) < end.astimezone(UTC):
                return end
        return None


@dataclass(frozen=True, slots=True)
class Channel:
    """Who is told, of what, and when.

    Args:
        name: In the settings.
        least: From which severity on.
        kinds: Numbers of `crowd.alerts.What`; empty for all.
        cameras: Their ids; empty for all.
        after_s: How long to wait: told then only if it is neither acknowledged nor over. 0 tells at once.
        cleared: Whether it is told, too, that what it was told of is over.
        quiet: Times in which nothing below `through` is told.
        through: The severity that is told at any time; `NOTHING` for none.
        zone: The time zone of `quiet`.
    """

    name: str
    least: Severity = Severity.WARNING
    kinds: frozenset[int] = frozenset()
    cameras: frozenset[str] = frozenset()
    after_s: float = 0.0
    cleared: bool = True
    quiet: tuple[Quiet, ...] = ()
    through: int = Severity.DANGER
    zone: tzinfo = field(default=UTC)

    def wants(self, alert: AlertRow) -> bool:
        """Whether this is for the channel at all, at whatever time. What is over is, where its beginning was."""
        about = (not self.kinds or alert.what in self.kinds) and (not self.cameras or alert.camera_id in self.cameras)
        return about and (alert.severity >= self.least if alert.severity else self.cleared)

    def due_us(self, alert: AlertRow) -> int:
        """When to tell it, in microseconds since 1970."""
        due_us = alert.time_us + round(self.after_s * US)
        if alert.severity >= self.through:
            return due_us
        # A quiet time may begin where another ends.
        for _ in range(len(self.quiet) + 1):
            at = datetime.fromtimestamp(due_us / US, self.zone)
            ends = [end for quiet in self.quiet if (end := quiet.until(at))]
            if not ends:
                break
            due_us = round(max(ends).timestamp() * US)
        return due_us

    def waits(self, alert: AlertRow) -> bool:
        """Whether it is told later than at once: then only while it still stands, and nobody has taken it on."""
        return self.due_us(alert) > alert.time_us
