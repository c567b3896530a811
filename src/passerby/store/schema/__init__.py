"""The tables, a file for each room. Times are microseconds since 1970 unless a name says otherwise."""

from passerby.store.schema import access
from passerby.store.schema.archive import epochs, key_hours, live_parts
from passerby.store.schema.base import Serial, metadata
from passerby.store.schema.cameras import (
    absences,
    alerts,
    cameras,
    health,
    hour_counts,
    latest_counts,
    line_minutes,
    minute_counts,
    recent_counts,
    vehicle_minutes,
    zone_minutes,
)
from passerby.store.schema.fleet import leases
from passerby.store.schema.matters import matter_events, matters, receipts, staff
from passerby.store.schema.notify import acknowledgements, deliveries
from passerby.store.schema.register import (
    areas,
    comments,
    organisations,
    paper_shingles,
    papers,
    register,
    register_about,
    register_history,
)
from passerby.store.schema.releases import release_days, release_plans, release_records
from passerby.store.schema.site import marks, outbox

__all__ = [
    "Serial",
    "absences",
    "access",
    "acknowledgements",
    "alerts",
    "areas",
    "cameras",
    "comments",
    "deliveries",
    "epochs",
    "health",
    "hour_counts",
    "key_hours",
    "latest_counts",
    "leases",
    "line_minutes",
    "live_parts",
    "marks",
    "matter_events",
    "matters",
    "metadata",
    "minute_counts",
    "organisations",
    "outbox",
    "paper_shingles",
    "papers",
    "receipts",
    "recent_counts",
    "register",
    "register_about",
    "register_history",
    "release_days",
    "release_plans",
    "release_records",
    "staff",
    "vehicle_minutes",
    "zone_minutes",
]
