"""Where true flows come from: the store's minutes."""

from __future__ import annotations

from passerby.release.calendar import BIN_MINUTES, BIN_S, after, bin_starts, starts
from passerby.release.day import TrueDay
from passerby.release.plan import Plan
from passerby.store.counts import minutes
from passerby.store.database import Store
from passerby.store.places import line_minutes_between

US = 1_000_000
_MOST_MINUTES = 25 * 60 + 60


def true_day(store: Store, plan: Plan, camera: str, day: str) -> TrueDay:
    """A camera's day, bin by bin.

    Raises:
        StoreError: The database can't be read.
    """
    begin, end = starts(day, plan.zone) * US, starts(after(day), plan.zone) * US
    bins = len(bin_starts(day, plan.zone))
    flows = {line: ([0] * bins, [0] * bins) for line in plan.cameras[camera]}
    for minute in line_minutes_between(store, camera, begin, end):
        if minute.line in flows:
            at = (minute.minute_us - begin) // (BIN_S * US)
            flows[minute.line][0][at] += minute.into
            flows[minute.line][1][at] += minute.out_of
    covered = [0] * bins
    for counted in minutes(store, camera, begin, end, _MOST_MINUTES):
        at = (counted.minute_us - begin) // (BIN_S * US)
        covered[at] = min(covered[at] + 1, BIN_MINUTES)
    return TrueDay(flows, covered)
