"""Density, flow, speed, directions, queues; PedPy says the same where it defines the same."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pedpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.crowd.crossing import Crossings
from passerby.crowd.field import Cells
from passerby.crowd.interval import poisson, share
from passerby.crowd.measures import (
    against,
    density,
    directions,
    flow,
    mean_speed,
    occupancy,
    queue,
    specific_flow,
)
from passerby.crowd.occupancy import Estimate
from passerby.crowd.polygon import area, inside
from passerby.crowd.tracks import Track

FPS = 10.0
ZONE = [(0.0, 0.0), (6.0, 0.0), (6.0, 3.0), (0.0, 3.0)]
velocity = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


def walkers(seed: int, people: int = 14, frames: int = 120) -> pd.DataFrame:
    """People who walk straight on at speeds of their own, mostly to the right."""
    chance = np.random.default_rng(seed)
    rows = []
    for who in range(people):
        start = chance.uniform((-6, 0.2), (2, 2.8))
        step = np.array([chance.uniform(0.4, 1.8), chance.uniform(-0.02, 0.02)]) * (1 if who % 4 else -1) / FPS
        if step[0] < 0:
            start[0] = chance.uniform(5, 10)
        rows += [(who, f, *(start + step * f)) for f in range(frames)]
    return pd.DataFrame(rows, columns=["id", "frame", "x", "y"])


@pytest.fixture(scope="module", params=[0, 1, 2])
def walk(request: pytest.FixtureRequest) -> pedpy.TrajectoryData:
    return pedpy.TrajectoryData(data=walkers(request.param), frame_rate=FPS)


def test_a_share_has_wilsons_interval() -> None:
    none = share(0, 10)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(2.7055 / 12.7055, rel=1e-3)
    for part in range(11):
        one, other = share(part, 10), share(10 - part, 10)
        assert one.low == pytest.approx(1 - other.high)
        assert one.low <= one.value <= one.high


def test_pedpy_has_the_same_classic_density(walk: pedpy.TrajectoryData) -> None:
    theirs = pedpy.compute_classic_density(traj_data=walk, measurement_area=pedpy.MeasurementArea(ZONE))
    theirs = theirs.set_index("frame").density
    for frame, now in walk.data.groupby("frame"):
        people = float(inside(ZONE, now[["x", "y"]].to_numpy()).sum())
        ours = density(Estimate(people, people, people), area(ZONE)).value
        assert ours == pytest.approx(float(theirs[frame]))


def test_pedpy_has_the_same_density_in_each_cell(walk: pedpy.TrajectoryData) -> None:
    cells = Cells(ZONE)
    assert cells.shape == (2, 3)
    theirs = {}
    for row, column in np.ndindex(cells.shape):
        (left, top), (right, low) = (2.0 * column, 2.0 * row), (2.0 * column + 2, min(2.0 * row + 2, 3.0))
        square = pedpy.MeasurementArea([(left, top), (right, top), (right, low), (left, low)])
        found = pedpy.compute_classic_density(traj_data=walk, measurement_area=square)
        theirs[row, column] = found.set_index("frame").density
    for frame, now in walk.data.groupby("frame"):
        places = now[["x", "y"]].to_numpy()
        places = places[inside(ZONE, places)]
        ours = cells.density(places, np.ones(len(places)))
        assert ours == pytest.approx(np.array([[theirs[r, c][frame] for c in range(3)] for r in range(2)]))


def test_pedpy_has_the_same_first_passages_and_flow(walk: pedpy.TrajectoryData) -> None:
    line = pedpy.MeasurementLine([(3.0, 0.0), (3.0, 3.0)])
    n_t, theirs = pedpy.compute_n_t(traj_data=walk, measurement_line=line)
    counted = Crossings((3.0, 0.0), (3.0, 3.0), firm_m=0.0)
    times = []
    for frame, now in walk.data.groupby("frame"):
        tracks = [Track(int(r.id), np.array([r.x, r.y]), np.zeros(2), frame / FPS) for r in now.itertuples()]
        times += [frame / FPS] * len(counted.saw(tracks, frame / FPS))
    assert len(times) == int(n_t.cumulative_pedestrians.max()) == len(theirs)
    assert counted.into + counted.out_of == len(times)
    assert min(counted.into, counted.out_of) > 0
    assert times == pytest.approx(sorted(theirs.frame / FPS))
    flows = pedpy.compute_flow(
        nt=n_t, crossing_frames=theirs, individual_speed=pedpy.compute_individual_speed(traj_data=walk, frame_step=5),
        delta_frame=50, frame_rate=FPS,
    )  # fmt: skip
    # PedPy's first stretch: from the first passage on, up to the last within 50 frames of it.
    stretch = [t for t in times if t <= times[0] + 50 / FPS]
    window_s = stretch[-1] - stretch[0] + 1 / FPS
    assert flow(len(stretch), window_s).value == pytest.approx(float(flows["flow"].iloc[0]))


def test_pedpy_has_the_same_mean_speed(walk: pedpy.TrajectoryData) -> None:
    border = pedpy.SpeedCalculation.BORDER_SINGLE_SIDED
    speeds = pedpy.compute_individual_speed(traj_data=walk, frame_step=5, speed_calculation=border)
    zone = pedpy.MeasurementArea(ZONE)
    theirs = pedpy.compute_mean_speed_per_frame(traj_data=walk, measurement_area=zone, individual_speed=speeds)
    theirs = theirs.set_index("frame").speed
    positions = {f: now.set_index("id")[["x", "y"]] for f, now in walk.data.groupby("frame")}
    for frame in range(10, 110, 7):
        here = positions[frame][inside(ZONE, positions[frame].to_numpy())]
        moved = (positions[frame + 5].loc[here.index] - positions[frame - 5].loc[here.index]).to_numpy() * FPS / 10
        ours = mean_speed(moved)
        if ours is None:
            assert float(theirs[frame]) == 0
        else:
            assert ours.value == pytest.approx(float(theirs[frame]))


def test_occupancy_is_of_those_inside() -> None:
    feet = [(1, 1), (5, 2), (7, 1), (3, -1)]
    assert occupancy([1.0, 0.9, 1.0, 1.0], [0.9] * 4, feet, ZONE).value == pytest.approx(1.9)
    assert occupancy([], [], [], ZONE) == Estimate(0, 0, 0)


@given(st.integers(0, 5000), st.floats(1, 600), st.floats(0.5, 30))
def test_flow_and_its_interval(passed: int, window: float, width: float) -> None:
    found = specific_flow(flow(passed, window), width)
    assert found.value == pytest.approx(passed / window / width)
    assert 0 <= found.low <= found.value < found.high


@pytest.mark.parametrize("mean", [0.7, 3.0, 20.0, 150.0])
def test_the_interval_of_a_rate_covers(mean: float) -> None:
    """Byar's interval is conservative for few: at least nearly 90 %, and not much more for many."""
    draws = np.random.default_rng(5).poisson(mean, 4000)
    covered = np.mean([(e := poisson(float(n))).low <= mean <= e.high for n in draws])
    assert 0.88 <= covered <= (0.99 if mean < 5 else 0.93)


def test_no_passage_is_not_no_flow_for_sure() -> None:
    assert flow(0, 60).low == 0
    # Exact: -ln(0.05) for the one-sided end.
    assert flow(0, 60).high * 60 == pytest.approx(3.0, abs=0.15)


@given(st.lists(velocity, min_size=1, max_size=40), st.floats(0, 2 * math.pi))
def test_directions_are_shares_that_turn_along(v: list[tuple[float, float]], by: float) -> None:
    found = directions(v)
    assert found.sum() == pytest.approx(1) or (found.sum() == 0 and max(map(math.hypot, *zip(*v, strict=True))) < 0.2)
    assert (found >= 0).all()


def test_each_direction_has_its_bin() -> None:
    for n in range(8):
        angle = n * math.pi / 4
        assert directions([(math.cos(angle), math.sin(angle))]).argmax() == n


def test_who_stands_has_no_direction() -> None:
    assert directions([(0.1, 0.1)] * 5).sum() == 0
    assert against([(0.1, -0.1)] * 5, (1, 0)) == (0, 0)


def test_against() -> None:
    assert against([(1, 0), (-1, 0.2), (0, 1), (-2, 0)], (5, 0)) == (2, 4)


@given(st.lists(velocity, min_size=2, max_size=40))
def test_mean_speed_is_in_its_interval(v: list[tuple[float, float]]) -> None:
    found = mean_speed(v)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high


def test_nobody_has_no_speed() -> None:
    assert mean_speed([]) is None


def test_a_queue_round_a_corner() -> None:
    standing = [(0.5 + n, 0) for n in range(6)] + [(5.5, 1 + n) for n in range(4)]
    metres = [*standing, (20, 20), (2, 0.5)]
    speeds = [0.1] * len(standing) + [0.0, 1.4]
    people, length = queue(metres, speeds, (0, 0))
    assert people == 10
    assert length == pytest.approx(math.sqrt(2) + 8.5, abs=1.2)


@given(st.lists(st.tuples(st.floats(-30, 30), st.floats(-30, 30)), max_size=25))
def test_a_queue_is_no_more_than_who_stands(metres: list[tuple[float, float]]) -> None:
    people, length = queue(metres, [0.0] * len(metres), (0, 0))
    assert 0 <= people <= len(metres)
    assert 0 <= length <= 1.6 * max(people, 0)
