"""Searching gives first, and recovers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from passerby.darkroom.pace import LATE_S, LEAST_PART, LONGEST_S, SHARE, Pace


@given(
    st.lists(st.tuples(st.floats(0.001, 3), st.floats(0, 20)), min_size=1, max_size=50),
    st.floats(0.005, SHARE),
    st.floats(LONGEST_S, 60),
)
def test_never_more_than_its_share_nor_rarer_than_the_longest(
    searches: list[tuple[float, float]], share: float, longest_s: float
) -> None:
    now = 0.0
    pace = Pace(lambda: now, share, longest_s)
    for taken_s, late_s in searches:
        now += 10
        rest_s = pace.rest_s(taken_s, now - taken_s - late_s)
        slowest_s = min(longest_s, taken_s / (share * LEAST_PART) * (1 + 1e-9))
        assert min(longest_s, taken_s / share) <= rest_s <= slowest_s


def test_late_pictures_slow_the_search_and_punctual_ones_bring_it_back() -> None:
    now = 100.0
    pace = Pace(lambda: now)
    punctual = [pace.rest_s(0.1, now - 0.1) for _ in range(3)]
    late = [pace.rest_s(0.1, now - 0.1 - 2 * LATE_S) for _ in range(6)]
    assert late == sorted(late)
    assert late[-1] > 4 * punctual[0]
    assert pace.slowed
    for _ in range(40):
        back = pace.rest_s(0.1, now - 0.1)
    assert back == punctual[0]
    assert not pace.slowed
