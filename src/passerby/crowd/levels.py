"""Levels of service and exit rates, by profile. Thresholds are per site: streets are not stands.

Sources: Fruin, *Pedestrian Planning and Design* (1971), as given in ``docs/counting.md``; the Green Guide's exit rates;
G. K. Still's caution that Fruin measured streets, and that stadium densities exceed his range.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum

from passerby.crowd.occupancy import Estimate


class Profile(Enum):
    """What people do in a zone."""

    WALKWAY = "walkway"
    QUEUE = "queue"
    STANDING_EVENT = "standing-event"


class Exit(Enum):
    """What an exit is like."""

    LEVEL = "level"
    LEVEL_ALCOHOL = "level-alcohol"
    STEPPED = "stepped"
    STEPPED_ALCOHOL = "stepped-alcohol"


LEVELS = "ABCDEF"
# People per m² from which B, C, D, E, F begin.
# Walkway: 35, 25, 15, 10, 5 square feet a person. Queue: 13, 10, 7, 3, 2 square feet a person.
# Standing event: plan at 2, unstable above 4 (Still, holding areas), uncomfortable at 5; the steps below 2 are ours.
DENSITIES = {
    Profile.WALKWAY: (0.31, 0.43, 0.72, 1.08, 2.15),
    Profile.QUEUE: (0.83, 1.08, 1.54, 3.59, 5.38),
    Profile.STANDING_EVENT: (0.5, 1.0, 2.0, 4.0, 5.0),
}
# People a metre and minute from which B, C, D, E, F begin, on a walkway.
FLOWS = (23.0, 33.0, 49.0, 66.0, 82.0)
# Density at which to warn, and at which to speak of danger, in people per m².
WARN, DANGER = 0, 1
DENSITY_ALERTS = {
    Profile.WALKWAY: (1.08, 2.15),
    Profile.QUEUE: (3.59, 5.38),
    Profile.STANDING_EVENT: (4.0, 5.0),
}
# Green Guide: the most that pass an exit, people a minute and metre.
EXIT_RATES = {Exit.LEVEL: 82.0, Exit.LEVEL_ALCOHOL: 72.0, Exit.STEPPED: 66.0, Exit.STEPPED_ALCOHOL: 56.0}


def by_density(density: float, profile: Profile) -> str:
    """The level of service, A to F, at a density.

    Args:
        density: People per m².
        profile: What people do there.
    """
    return LEVELS[bisect_right(DENSITIES[profile], density)]


def by_flow(specific_flow: float) -> str:
    """The level of service, A to F, of a walkway that this many pass.

    Flow falls again in a jam, so that the density must be looked at as well: of two levels the worse holds.

    Args:
        specific_flow: People a metre and second.
    """
    return LEVELS[bisect_right(FLOWS, specific_flow * 60)]


def exit_rate(kind: Exit) -> float:
    """The most that pass an exit of this kind, in people a metre and second."""
    return EXIT_RATES[kind] / 60


def range_by_density(density: Estimate, profile: Profile) -> tuple[str, str, str]:
    """The level at the value, and those at the ends of its interval."""
    return (
        by_density(density.value, profile),
        by_density(density.low, profile),
        by_density(density.high, profile),
    )
