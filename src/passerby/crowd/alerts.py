"""Alerts: when a zone, a line or the camera needs somebody's eye. Never about a person.

Each number is judged the moment it comes, without waiting for more: with counts made within a second of their frame,
alerts are as well. What flickers is held back by two thresholds and a hold-off afterwards, not by a delay before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from passerby.crowd.levels import DANGER, DENSITY_ALERTS, WARN, Exit, Profile, exit_rate
from passerby.crowd.occupancy import Estimate
from passerby.crowd.pressure import TURBULENT


class What(IntEnum):
    """Every alert there is; the outlet carries its number."""

    DENSITY = 1
    EXIT_FLOW = 2
    COUNTER_FLOW = 3
    SUDDEN_STOP = 4
    PRESSURE = 5
    BLIND = 6


class Severity(IntEnum):
    """How much it matters."""

    CLEARED = 0
    WARNING = 1
    DANGER = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """When to raise and when to clear.

    Args:
        what: The kind of alert.
        warn: A number from which it is a warning.
        danger: A number from which it is danger.
        clear: The share of ``warn`` below which it is over.
        hold_off_s: After it was raised or cleared, the same severity is not raised again for so long.
    """

    what: What
    warn: float
    danger: float
    clear: float = 0.85
    hold_off_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert.

    Args:
        what: Its kind.
        severity: How much it matters; `Severity.CLEARED` where it is over.
        place: The zone's or line's id, or "camera".
        time_s: The time of the frame it comes from.
        number: What was measured, with its interval.
        reason: One plain line.
    """

    what: What
    severity: Severity
    place: str
    time_s: float
    number: Estimate
    reason: str


WORDS = {
    What.DENSITY: "density",
    What.EXIT_FLOW: "flow through the exit",
    What.COUNTER_FLOW: "share that walks against the direction",
    What.SUDDEN_STOP: "share of the usual speed that was lost at once",
    What.PRESSURE: "crowd pressure",
    What.BLIND: "share of the picture that shows nothing",
}
UNITS = {
    What.DENSITY: "people per m²",
    What.EXIT_FLOW: "people a metre and second",
    What.PRESSURE: "1/s²",
}


class Watch:
    """One rule at one place.

    Args:
        rule: When to raise.
        place: A zone's or line's id, or "camera".
    """

    def __init__(self, rule: Rule, place: str) -> None:
        self._rule = rule
        self._place = place
        self._now = Severity.CLEARED
        self._last: dict[Severity, float] = {}

    def saw(self, number: Estimate, time_s: float) -> Raised | None:
        """Judge one number at once; an alert where something changed.

        Args:
            number: What was measured.
            time_s: The time of its frame.
        """
        severity = self._severity(number.value)
        if severity == self._now or self._held_back(severity, time_s):
            return None
        self._now = severity
        self._last[severity] = time_s
        return Raised(self._rule.what, severity, self._place, time_s, number, self._reason(severity, number))

    def _severity(self, value: float) -> Severity:
        """Up at the threshold, down only well below it."""
        rule = self._rule
        warn = rule.warn * (rule.clear if self._now >= Severity.WARNING else 1.0)
        danger = rule.danger * (rule.clear if self._now >= Severity.DANGER else 1.0)
        # Whatever is no number is no danger: a camera that sees nothing has an alert of its own.
        if value >= danger:
            return Severity.DANGER
        return Severity.WARNING if value >= warn else Severity.CLEARED

    def _held_back(self, severity: Severity, time_s: float) -> bool:
        """The same again too soon. What gets worse than it was lately is never held back."""
        last = self._last.get(severity)
        return severity > self._now and last is not None and 0 <= time_s - last < self._rule.hold_off_s

    def _reason(self, severity: Severity, number: Estimate) -> str:
        place = "" if self._rule.what is What.BLIND else self._place
        said = reason_of(self._rule.what, severity, place, number)
        if severity is Severity.CLEARED:
            return said
        limit = self._rule.danger if severity is Severity.DANGER else self._rule.warn
        return f"{said} from {_figure(limit)}"


def kind_of(what: int) -> str:
    """A kind's word for other programs, such as ``exit-flow``; the number where this build knows no such kind."""
    return What(what).name.lower().replace("_", "-") if what in set(What) else str(what)


def reason_of(what: int, severity: int, place: str, number: Estimate) -> str:
    """An alert in one plain line, with its number and interval.

    Args:
        what: A number of `What`; one that this build does not know is told as it is.
        severity: A number of `Severity`.
        place: A zone's or line's id; empty for the camera as a whole.
        number: What was measured.
    """
    known = what in set(What)
    words = WORDS[What(what)] if known else f"alert {what}"
    unit = UNITS.get(What(what), "") if known else ""
    measured = f"{words} {_figure(number.value)} {unit}".rstrip()
    between = f"between {_figure(number.low)} and {_figure(number.high)}"
    level = Severity(severity).name.lower() if severity in set(Severity) else f"severity {severity}"
    where = f"at {place}" if place else "on this camera"
    return f"{measured} {where} ({between}): {'over' if severity == Severity.CLEARED else level}"


def density(profile: Profile) -> Rule:
    """People per m² that are too many for what people do there."""
    return Rule(What.DENSITY, DENSITY_ALERTS[profile][WARN], DENSITY_ALERTS[profile][DANGER])


def exit_flow(kind: Exit) -> Rule:
    """An exit near the Green Guide's rate: warning at 80 % of it, danger at it."""
    return Rule(What.EXIT_FLOW, 0.8 * exit_rate(kind), exit_rate(kind))


def counter_flow() -> Rule:
    """A share of those who move that goes against the direction that is meant. Thresholds ours."""
    return Rule(What.COUNTER_FLOW, 0.15, 0.4)


def sudden_stop() -> Rule:
    """A share of the usual speed that is lost within seconds. Thresholds ours."""
    return Rule(What.SUDDEN_STOP, 0.6, 0.85)


def pressure() -> Rule:
    """Crowd pressure: danger where turbulence was seen (see `crowd.pressure`), warning at half of it."""
    return Rule(What.PRESSURE, TURBULENT / 2, TURBULENT)


def blind() -> Rule:
    """A picture that shows nothing: covered, dark, out of order. At once, and at the highest severity."""
    return Rule(What.BLIND, 0.9, 0.9, clear=0.8)


class Stop:
    """How much of its usual speed a crowd lost at once.

    The usual speed follows slowly and only upwards of standing, so that a queue that always stands never stops.

    Args:
        slow_s: Time over which the usual speed follows.
        fast_s: Time over which the present speed follows.
        least: A crowd whose usual speed is less, in m/s, has none to lose.
    """

    def __init__(self, slow_s: float = 20.0, fast_s: float = 0.4, least: float = 0.4) -> None:
        self._slow_s, self._fast_s, self._least = slow_s, fast_s, least
        self._usual: float | None = None
        self._present = 0.0
        self._began_s = self._last_s = 0.0

    def saw(self, speed: Estimate, time_s: float) -> Estimate:
        """The share lost, 0 to 1, with its interval.

        Args:
            speed: The mean speed now, in m/s.
            time_s: When.
        """
        if self._usual is None or time_s < self._last_s:
            self._usual = self._present = speed.value
            self._began_s = self._last_s = time_s
        passed, self._last_s = time_s - self._last_s, time_s
        self._usual += (speed.value - self._usual) * min(1.0, passed / self._slow_s)
        self._present += (speed.value - self._present) * min(1.0, passed / self._fast_s)
        # In the first seconds there is no usual speed yet.
        if self._usual < self._least or time_s - self._began_s < self._slow_s / 4:
            return Estimate(0.0, 0.0, 0.0)
        lost = _share(1 - self._present / self._usual)
        half = (speed.high - speed.low) / 2 / self._usual
        return Estimate(lost, _share(lost - half), _share(lost + half))


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _figure(value: float) -> str:
    return f"{value:.2g}" if abs(value) < 10 else f"{value:.0f}"
