"""The page that promises is the page that is tested."""

from __future__ import annotations

from tests.e2e import hostile_pictures, hostile_places, hostile_videos
from tests.e2e.hostile_table import PAGE, page


def test_page_says_what_is_tested() -> None:
    assert PAGE.read_text() == page(), "run: python -m tests.e2e.hostile_table"


def test_no_two_cases_share_a_name() -> None:
    names = [
        case.id
        for cases in (hostile_videos.WORKED, hostile_videos.REFUSED, hostile_pictures.PICTURES, hostile_places.PLACES)
        for case in cases
    ]
    assert len(names) == len(set(names))
