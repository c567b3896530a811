"""An office's settings: strict, and never laxer than the law."""

from __future__ import annotations

import tomllib
from datetime import date, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from passerby.base.errors import CharterError
from passerby.charter.matter.clock import Term, Unit
from passerby.charter.matter.office import EXAMPLE, read_office, term

PLAIN: dict[str, Any] = {"law": "pdpo", "zone": "Asia/Hong_Kong"}


def zone_of(name: str) -> tzinfo:
    return ZoneInfo(name)


def test_the_example_is_sound_with_and_without_its_comments() -> None:
    assert read_office(tomllib.loads(EXAMPLE), zone_of).law.name == "GDPR"
    bare = "\n".join(line.removeprefix("# ") if " = " in line else line for line in EXAMPLE.splitlines())
    full = read_office(tomllib.loads(bare), zone_of)
    assert (full.incident, full.training_s, full.emergencies) == (Term(72, Unit.HOURS), 365 * 86400, False)
    assert date(2026, 12, 25) in full.calendar.holidays


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"law": "ccpa"}, "no law"),
        ({"request": "41 days"}, "longer than 40 days"),
        ({"request": "2 months"}, "longer than 40 days"),
        ({"incident": "4 days"}, "longer than 72 hours"),
        ({"incident": "73 hours"}, "longer than 72 hours"),
        ({"complaint": "1 year"}, "no length of time"),
        ({"complaint": "93 days"}, "longer than 92 days"),
        ({"look_review": "2 months"}, "longer than 31 days"),
        ({"training_days": 367}, "from 1 to 366"),
        ({"training_days": True}, "from 1 to 366"),
        ({"fee_most": -1}, "from 0"),
        ({"emergencies": "yes"}, "true or false"),
        ({"currency": "btc"}, "currency"),
        ({"holidays": ["2026-12-25"]}, "holidays are dates"),
        ({"holidays": [date(2026, 1, 1)] * 1001}, "at most 1000"),
        ({"weekend": ["Saturday"]}, "weekend"),
        ({"weekend": list("x")}, "weekend"),
        ({"weeked": []}, "have weeked"),
    ],
)
def test_what_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(CharterError, match=words):
        read_office({**PLAIN, **more}, zone_of)
    with pytest.raises(CharterError, match="lack law or zone"):
        read_office({"law": "gdpr"}, zone_of)


def test_a_month_is_not_thirty_days() -> None:
    """30 days are longer than a month in February: refused; 28 are not."""
    with pytest.raises(CharterError, match="longer than 1 month"):
        read_office({"law": "gdpr", "zone": "UTC", "request": "30 days"}, zone_of)
    stricter = read_office({"law": "gdpr", "zone": "UTC", "request": "28 days"}, zone_of)
    assert stricter.law.answer == Term(28, Unit.DAYS) and stricter.law.extended == Term(3, Unit.MONTHS)


@pytest.mark.parametrize(
    "text", ["", "1", "days", "1.5 days", "-1 days", "٣ days", "1 fortnight", "1  day", 5, None, "999999 days"]
)
def test_what_is_no_term(text: object) -> None:
    with pytest.raises(CharterError):
        term(text)
    assert str(term("1 month")) == "1 month" and str(term("40 days")) == "40 days"
