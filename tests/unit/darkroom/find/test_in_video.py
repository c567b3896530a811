"""What a camera can't see isn't found: a number plate as high as a fifth of its picture."""

from __future__ import annotations

from tests.unit.darkroom.scenes import found

from passerby.darkroom.find.found import Kind, as_in_video, together


def test_only_number_plates_have_a_largest_height() -> None:
    for kind in Kind:
        small, large = found((0, 0, 300, 99), kind=kind), found((0, 0, 300, 101), kind=kind)
        kept = as_in_video(together([small, large]), 500)
        assert len(kept) == (1 if kind is Kind.NUMBER_PLATE else 2)
