"""Local days and their bins. The calendar is fixed beforehand: when a number appears says nothing about the number."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTE_S = 60
BIN_MINUTES = 15
BIN_S = BIN_MINUTES * MINUTE_S


def is_zone(name: object) -> bool:
    """Whether it is a time zone's name, such as Asia/Hong_Kong."""
    if not isinstance(name, str) or not name.isascii() or len(name) > 40:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_day(text: object) -> bool:
    """Whether it is a day as 2026-11-27."""
    if not isinstance(text, str):
        return False
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def starts(day: str, zone: str) -> int:
    """When a local day begins, in seconds since 1970."""
    return int(datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone)).timestamp())


def after(day: str, days: int = 1) -> str:
    """The day so many days later."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def bin_starts(day: str, zone: str) -> list[int]:
    """When each quarter hour of a local day begins, in seconds since 1970: 96, or 92 or 100 where clocks change."""
    return list(range(starts(day, zone), starts(after(day), zone), BIN_S))


def day_of(time_s: float, zone: str) -> str:
    """The local day of a moment."""
    return datetime.fromtimestamp(time_s, ZoneInfo(zone)).date().isoformat()


def days_from(first: str, last: str) -> list[str]:
    """All days from one to another, both included."""
    count = (date.fromisoformat(last) - date.fromisoformat(first)).days
    return [after(first, n) for n in range(count + 1)]


def local(time_s: int, zone: str) -> str:
    """A moment in local time with its offset, as ISO 8601 writes it."""
    return datetime.fromtimestamp(time_s, ZoneInfo(zone)).isoformat(timespec="minutes")


def utc(time_s: int) -> str:
    """A moment in UTC, as ISO 8601 writes it."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
