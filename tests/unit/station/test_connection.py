"""When a connection is over, though two streams tell of it in any order."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from passerby.station.camera import Connection


@given(st.integers(0, 4), st.data())
def test_it_is_open_until_everything_has_been_heard(items: int, data: st.DataObject) -> None:
    """Intake's stream in its order, the darkroom's in its own, woven in every way; each end once."""
    intake = ["begin"] * items + ["over"]
    darkroom = ["end"] * max(1, items)
    woven = list(itertools.combinations(range(len(intake + darkroom)), len(intake)))
    places = data.draw(st.sampled_from(woven))
    connection = Connection()
    for at in range(len(intake) + len(darkroom)):
        assert connection.open
        what = intake.pop(0) if at in places else darkroom.pop(0)
        connection.begun += what == "begin"
        connection.ended += what == "end"
        connection.over |= what == "over"
    assert not connection.open


def test_where_nothing_was_begun_nothing_is_to_come() -> None:
    assert not Connection.none().open
    assert Connection().open
