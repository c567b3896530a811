"""An office's settings: its law, its calendar, its clocks. Each may be stricter than the law, none laxer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any

from passerby.base.errors import CharterError
from passerby.charter.matter.clock import Calendar, Term, Unit
from passerby.charter.matter.laws import LAWS, Law
from passerby.charter.matter.record import need
from passerby.ledger.schema import FIRST

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLE = """\
# An office's settings. Every entry is here, with what holds where it is left out.
law = "gdpr"                       # "gdpr", "uk-gdpr", "pdpo" (Hong Kong)
zone = "Europe/Amsterdam"          # a deadline is the end of a day here
# weekend = ["saturday", "sunday"]
# holidays = [2026-12-25, 2026-12-26]    # a deadline that falls on one moves to the next working day

# Stricter clocks; never longer than the law's. Units: hours, days, working days, months.
# request = "1 month"
# complaint = "30 days"
# incident = "72 hours"            # from knowing of it
# look_review = "14 days"          # for each look that was drawn
# training_days = 365              # how long a training counts, at most 366

# emergencies = false              # may a case be opened before it is approved? Then 7 days to justify it, or locked
# fee_most = 0                     # the most that an access request costs, in the currency's smallest unit
# currency = "eur"
"""
_KNOWN = {
    "law", "zone", "weekend", "holidays", "request", "complaint", "incident", "look_review", "training_days",
    "emergencies", "fee_most", "currency",
}  # fmt: skip
_MOST_HOLIDAYS = 1000
COMPLAINT, INCIDENT, LOOK_REVIEW = Term(30, Unit.DAYS), Term(72, Unit.HOURS), Term(14, Unit.DAYS)


@dataclass(frozen=True, slots=True)
class Office:
    """What holds in one office.

    Args:
        law: The law, with this office's own clock.
        calendar: Its days.
        complaint: How long the answer to a complaint may take.
        incident: How long the authority may not know.
        look_review: How long the review of a drawn look may take.
        training_s: How long a training counts.
        emergencies: Whether a case may be opened before it is approved.
        fee_most: The most that an access request costs, in the currency's smallest unit.
        currency: Of the ledger's list.
    """

    law: Law
    calendar: Calendar
    complaint: Term = COMPLAINT
    incident: Term = INCIDENT
    look_review: Term = LOOK_REVIEW
    training_s: int = 365 * 86400
    emergencies: bool = False
    fee_most: int = 0
    currency: str = "eur"


def read_office(found: Mapping[str, Any], zone_of: Callable[[str], tzinfo]) -> Office:
    """Settings as they were parsed from TOML.

    Args:
        found: The table.
        zone_of: A time zone by its name; raises CharterError where there is none.

    Raises:
        CharterError: An entry is unknown, wrong, or laxer than the law.
    """
    if odd := found.keys() - _KNOWN:
        raise CharterError(f"the office's settings have {', '.join(sorted(odd))[:80]}", "see `passerby case example`")
    need({"law", "zone"} <= found.keys(), "the office's settings lack law or zone", "see `passerby case example`")
    name = str(found["law"])
    need(name in LAWS, f"no law is known as {name[:40]!r}", f"use {', '.join(LAWS)}")
    calendar = Calendar(
        zone_of(str(found["zone"])),
        _days_off(found.get("holidays", [])),
        _weekend(found.get("weekend", ["saturday", "sunday"])),
    )
    law = replace(LAWS[name], answer=_term(found, "request", LAWS[name].answer))
    plain = Office(law, calendar)
    currency = found.get("currency", plain.currency)
    need(
        currency in FIRST["lists"]["currency"], "this currency is not in the ledger's list", "use eur, gbp, hkd, usd …"
    )
    emergencies = found.get("emergencies", False)
    need(isinstance(emergencies, bool), "emergencies is true or false")
    return replace(
        plain,
        complaint=_term(found, "complaint", Term(92, Unit.DAYS), plain.complaint),
        incident=_term(found, "incident", plain.incident),
        look_review=_term(found, "look_review", Term(31, Unit.DAYS), plain.look_review),
        training_s=_whole(found, "training_days", 365, 1, 366) * 86400,
        emergencies=emergencies,
        fee_most=_whole(found, "fee_most", 0, 0, 1_000_000),
        currency=currency,
    )


def term(words: object) -> Term:
    """A term in words, such as `1 month`.

    Raises:
        CharterError: It is none.
    """
    count, _, unit = words.partition(" ") if isinstance(words, str) else ("", "", "")
    units = {u.value: u for u in Unit} | {u.value.removesuffix("s"): u for u in Unit}
    good = count.isascii() and count.isdecimal() and len(count) < 6 and unit in units
    need(good, f"{str(words)[:40]!r} is no length of time", "write such as '40 days', '1 month', '72 hours'")
    return Term(int(count), units[unit])


def _term(found: Mapping[str, Any], name: str, most: Term, usual: Term | None = None) -> Term:
    if name not in found:
        return usual or most
    given = term(found[name])
    # Compared over every beginning of a leap cycle: a month can be shorter than 30 days.
    plain = Calendar()
    longer = any(plain.due(start, given) > plain.due(start, most) for start in range(0, 4 * 366 * 86400, 86400))
    need(not longer, f"{name} = '{given}' is longer than {most}", "a clock here may be stricter, never laxer")
    return given


def _whole(found: Mapping[str, Any], name: str, usual: int, least: int, most: int) -> int:
    value = found.get(name, usual)
    need(type(value) is int and least <= value <= most, f"{name} is a whole number from {least} to {most}")
    return int(value)


def _days_off(given: object) -> frozenset[date]:
    good = isinstance(given, list) and len(given) <= _MOST_HOLIDAYS and all(type(day) is date for day in given)
    need(good, "holidays are dates, at most 1000", "write such as holidays = [2026-12-25]")
    assert isinstance(given, list)
    return frozenset(given)


def _weekend(given: object) -> frozenset[int]:
    good = isinstance(given, list) and all(isinstance(day, str) and day in DAYS for day in given)
    need(good, "weekend is a list of days", f"use {', '.join(DAYS)}")
    assert isinstance(given, list)
    return frozenset(DAYS.index(day) for day in given)
