"""Who walks leaves no trace in the plate; who sits is not shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.darkroom.scenes import Box, blank, found, painted, planes_of, textured

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.find.found import NOTHING, SMALL_VEHICLE_PX, Found, Kind, together
from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.plate.fitting import DEFAULT, GREY, SHORTEST_S
from passerby.darkroom.plate.learner import Learner
from passerby.darkroom.plate.plate import Plate

GRID = Grid(192, 128)
SCENE = textured(GRID, 7)
SAMPLES, STEP_S = 60, 1.0
BRIGHT = 235
SEAT: Box = (80, 48, 104, 96)
SEAT_BLOCKS = (slice(6, 12), slice(10, 13))


@dataclass
class Moment:
    """What one sample shows, and what the networks say of it."""

    planes: RawPlanes
    found: Found


Script = Callable[[int, Moment], Moment]


def walker(*, seen: bool) -> Script:
    """Somebody bright who crosses the picture again and again."""

    def act(index: int, moment: Moment) -> Moment:
        x = float(index * 13 % 160)
        box = (x, 40.0, x + 24, 104.0)
        return Moment(
            painted(moment.planes, box, BRIGHT), together([moment.found, found(box)] if seen else [moment.found])
        )

    return act


def sitter(
    there: Callable[[int], bool],
    seen: Callable[[int], bool] = lambda _: True,
    kind: Kind = Kind.PERSON,
    score: float = 0.6,
) -> Script:
    """Somebody bright in one seat, in some samples, found in some of them."""

    def act(index: int, moment: Moment) -> Moment:
        if not there(index):
            return moment
        what = found(SEAT, kind=kind, score=score) if seen(index) else NOTHING
        return Moment(painted(moment.planes, SEAT, BRIGHT), together([moment.found, what]))

    return act


def light(index: int, moment: Moment) -> Moment:
    by = [-12, -5, 0, 3, 9, 14][index % 6]
    y = np.clip(moment.planes.y.astype(int) + by, 0, 255).astype(np.uint8)
    return Moment(replace(moment.planes, y=y), moment.found)


def learn(
    *scripts: Script, samples: int = SAMPLES, step_s: float = STEP_S, longest_stay_s: float | None = None
) -> Plate | None:
    learner = Learner(GRID, samples * step_s)
    random = np.random.default_rng(0)
    for index in range(samples):
        grain = (planes.astype(int) + random.integers(-2, 3, planes.shape) for planes in planes_of(SCENE))
        moment = Moment(RawPlanes(*(p.astype(np.uint8) for p in grain)), NOTHING)
        for script in scripts:
            moment = script(index, moment)
        learner.add(index * step_s, moment.planes, moment.found)
    return learner.fit(longest_stay_s)


def proven_blocks(plate: Plate) -> NDArray[np.bool_]:
    return plate.proven[::2, ::2]


def holds_nobody(plate: Plate) -> bool:
    """Proven pixels are the scene's, and all others are grey."""
    proven = plate.proven.repeat(GRID.cell_px, 0).repeat(GRID.cell_px, 1)
    for plane, scene, known in zip(
        planes_of(plate.planes), planes_of(SCENE), (proven, *[proven[::2, ::2]] * 2), strict=True
    ):
        off = np.abs(plane.astype(int) - scene)[known]
        if off.size and off.max() > 4:
            return False
        if not (plane[~known] == GREY).all():
            return False
    return True


def seat_is_proven(plate: Plate) -> bool:
    return bool(proven_blocks(plate)[SEAT_BLOCKS].any())


def away_from_seat(plate: Plate) -> bool:
    """Everything is proven that isn't near the seat."""
    far = np.ones(GRID.blocks, bool)
    far[5:13, 9:14] = False
    return bool(proven_blocks(plate)[far].all())


def test_an_empty_scene_is_proven_whole() -> None:
    plate = learn()
    assert plate is not None
    assert plate.proven_share == 1
    assert holds_nobody(plate)


@pytest.mark.parametrize("seen", [True, False], ids=["found", "never found"])
def test_who_walks_leaves_no_trace(seen: bool) -> None:
    plate = learn(walker(seen=seen))
    assert plate is not None
    assert plate.proven_share == 1
    assert holds_nobody(plate)


def test_who_sits_through_everything_is_not_shown() -> None:
    plate = learn(sitter(lambda _: True))
    assert plate is not None
    assert not seat_is_proven(plate)
    assert away_from_seat(plate)
    assert holds_nobody(plate)


@pytest.mark.parametrize("every", [2, 3, 4])
def test_who_sits_through_everything_and_is_found_now_and_then_is_not_shown(every: int) -> None:
    plate = learn(sitter(lambda _: True, lambda n: n % every == 0))
    assert plate is not None
    assert not seat_is_proven(plate)


def two_walkers(index: int, moment: Moment) -> Moment:
    """Somebody who passes, seen by both networks."""
    moment = walker(seen=True)(index, moment)
    return Moment(moment.planes, together([moment.found, of_second(moment.found)]))


def of_second(what: Found) -> Found:
    return Found(what.boxes, what.scores * 0 + 0.06, np.full(len(what), Kind.SECOND_OPINION, np.uint8))


@pytest.mark.parametrize("every", [1, 2, 4])
def test_who_sits_through_everything_is_not_shown_where_both_networks_see_him(every: int) -> None:
    both = together([found(SEAT, score=0.1), of_second(found(SEAT))])

    def act(index: int, moment: Moment) -> Moment:
        what = [moment.found, *([both] if index % every == 0 else [])]
        return Moment(painted(moment.planes, SEAT, BRIGHT), together(what))

    plate = learn(two_walkers, act)
    assert plate is not None
    assert not seat_is_proven(plate)


@pytest.mark.parametrize(("second_works", "shown"), [(True, True), (False, False)])
def test_what_one_network_alone_takes_for_somebody_is_shown_if_the_other_can_see(
    second_works: bool, shown: bool
) -> None:
    """A sign that looks like somebody to the first network, in every frame."""
    plate = learn(two_walkers if second_works else walker(seen=True), sitter(lambda _: True, score=0.4))
    assert plate is not None
    assert seat_is_proven(plate) == shown


def test_a_face_speaks_like_a_body() -> None:
    plate = learn(sitter(lambda _: True, kind=Kind.FACE))
    assert plate is not None
    assert not seat_is_proven(plate)


@pytest.mark.parametrize("score", [0.13, 0.3])
def test_even_weak_detections_keep_a_sitter_out(score: float) -> None:
    plate = learn(sitter(lambda _: True, score=score))
    assert plate is not None
    assert not seat_is_proven(plate)


@pytest.mark.parametrize(
    "there",
    [lambda n: n < 24, lambda n: n >= 36, lambda n: 18 <= n < 42, lambda n: n % 5 < 2],
    ids=["at first", "at last", "in between", "again and again"],
)
@pytest.mark.parametrize("seen", [True, False], ids=["found", "never found"])
def test_who_sits_for_two_fifths_is_not_in_the_plate(there: Callable[[int], bool], seen: bool) -> None:
    plate = learn(sitter(there, lambda _: seen))
    assert plate is not None
    assert holds_nobody(plate)
    assert away_from_seat(plate)


def test_who_sits_for_two_thirds_and_is_found_is_not_in_the_plate() -> None:
    plate = learn(sitter(lambda n: n < 40))
    assert plate is not None
    assert holds_nobody(plate)


def test_sitters_do_not_hide_behind_walkers() -> None:
    plate = learn(sitter(lambda _: True), walker(seen=True))
    assert plate is not None
    assert not seat_is_proven(plate)
    assert holds_nobody(plate)


def test_walkers_in_front_of_a_bench_do_not_speak_against_it() -> None:
    """Somebody is found in front of every block in a third of the samples; the bench is shown all the same."""
    plate = learn(sitter(lambda n: n % 3 == 0))
    assert plate is not None
    assert plate.proven_share == 1
    assert holds_nobody(plate)


def queue_at_a_table(index: int, moment: Moment) -> Moment:
    """People at a table one after the other, in three of four samples: all in the same trousers, coats differ.

    The table beside them is taken for a vehicle all the time.
    """
    table = found((72, 32, 128, 104), kind=Kind.VEHICLE, score=0.3)
    if index % 4 == 3:
        return Moment(moment.planes, together([moment.found, table]))
    coat = painted(moment.planes, (80, 48, 104, 72), [20, 90, 160, 235][index // 4 % 4])
    planes = painted(coat, (80, 72, 104, 104), 16)
    return Moment(planes, together([moment.found, table, found((80, 48, 104, 104), score=0.8)]))


def test_trousers_that_many_wear_are_not_the_background() -> None:
    plate = learn(queue_at_a_table)
    assert plate is not None
    assert holds_nobody(plate)
    assert away_from_seat(plate)


def test_a_change_of_light_proves_as_well() -> None:
    plate = learn(light, walker(seen=True))
    assert plate is not None
    assert plate.proven_share > 0.99


def test_what_never_looks_the_same_is_not_proven() -> None:
    def flicker(index: int, moment: Moment) -> Moment:
        out, other = painted(moment.planes, SEAT, 0), textured(GRID, 100 + index, 10, 240)
        for plane, new, ratio in zip(planes_of(out), planes_of(other), (1, 2, 2), strict=True):
            place = slice(48 // ratio, 96 // ratio), slice(80 // ratio, 104 // ratio)
            plane[place] = new[place]
        return Moment(out, moment.found)

    plate = learn(flicker)
    assert plate is not None
    assert not seat_is_proven(plate)
    assert away_from_seat(plate)


@pytest.mark.parametrize(
    ("samples", "step_s"),
    [(0, 1.0), (1, 1.0), (DEFAULT.fewest_samples - 1, 1.0), (60, (SHORTEST_S - 0.1) / 59), (60, 0.0)],
    ids=["none", "one", "few", "short", "all at once"],
)
def test_too_little_for_a_plate(samples: int, step_s: float) -> None:
    assert learn(samples=samples, step_s=step_s) is None


@pytest.mark.parametrize(("samples", "step_s"), [(DEFAULT.fewest_samples, 1.0), (60, (SHORTEST_S + 0.1) / 59)])
def test_just_enough_for_a_plate(samples: int, step_s: float) -> None:
    assert learn(samples=samples, step_s=step_s) is not None


@pytest.mark.parametrize(("longest_stay_s", "shown"), [(70.0, False), (58.0, True), (None, True)])
def test_a_scene_must_be_seen_longer_than_the_longest_stay(longest_stay_s: float | None, shown: bool) -> None:
    plate = learn(longest_stay_s=longest_stay_s)
    assert plate is not None
    assert plate.proven.any() == shown
    assert shown or (plate.planes.y == GREY).all()


def test_who_sits_shorter_than_the_longest_stay_is_not_shown_even_if_never_found() -> None:
    """42 s of a minute: by default half the clip is enough, so the operator must say that people sit this long."""
    plate = learn(sitter(lambda n: n < 42, lambda _: False), longest_stay_s=45.0)
    assert plate is not None
    assert not seat_is_proven(plate)
    assert away_from_seat(plate)


def test_one_window_is_not_enough() -> None:
    """Seen in the first and the last seconds only: long apart, but in two windows of eight."""

    def otherwise(index: int, moment: Moment) -> Moment:
        if index < 6 or index >= 54:
            return moment
        return Moment(painted(moment.planes, SEAT, 20 + index * 4), found(SEAT))

    plate = learn(otherwise)
    assert plate is not None
    assert not seat_is_proven(plate)


@pytest.mark.parametrize("kind", [Kind.VEHICLE, Kind.NUMBER_PLATE])
@pytest.mark.parametrize(("share", "shown"), [(1.0, False), (0.3, False), (0.1, True)])
def test_what_is_parked_is_not_shown(kind: Kind, share: float, shown: bool) -> None:
    plate = learn(sitter(lambda _: True, lambda n: n % 10 < share * 10, kind=kind))
    assert plate is not None
    assert seat_is_proven(plate) == shown
    assert away_from_seat(plate)


@pytest.mark.parametrize(("share", "shown"), [(1.0, False), (0.6, False), (0.4, True)])
def test_a_kiosk_that_is_now_and_then_taken_for_a_van_is_shown(share: float, shown: bool) -> None:
    script = sitter(lambda _: True, lambda n: n % 10 < share * 10, kind=Kind.VEHICLE, score=0.4)
    plate = learn(script)
    assert plate is not None
    assert seat_is_proven(plate) == shown


def test_vehicles_too_small_to_tell_anything_are_scene() -> None:
    def far_away(index: int, moment: Moment) -> Moment:
        x0, y0, x1, _ = SEAT
        box = (x0, y0, x1, y0 + SMALL_VEHICLE_PX - 1)
        return Moment(painted(moment.planes, SEAT, BRIGHT), found(box, kind=Kind.VEHICLE))

    plate = learn(far_away)
    assert plate is not None
    assert seat_is_proven(plate)


def test_the_cells_of_the_plate_are_those_of_its_pixels() -> None:
    plate = learn(sitter(lambda _: True))
    assert plate is not None
    assert plate.cells.y.shape == plate.proven.shape == GRID.cells
    shown = reduce(plate.planes, GRID).y
    assert np.array_equal(plate.cells.y[plate.proven], shown[plate.proven])
    assert (shown[~plate.proven] == GREY).all()
    assert (plate.cells.y[~plate.proven] != GREY).any(), "whoever steps out of there can be seen to differ"
    assert 0 < plate.proven_share < 1
    assert plate.proven_share == pytest.approx(plate.proven.mean())


def test_samples_are_taken_as_far_apart_as_the_clip_is_long() -> None:
    learner = Learner(GRID, 200.0)
    taken = []
    for n in range(2000):
        if learner.wants(n / 10):
            learner.add(n / 10, SCENE, NOTHING)
            taken.append(n / 10)
    assert len(taken) == DEFAULT.most_samples
    assert min(np.diff(taken)) >= 2.0


@pytest.mark.parametrize("said", [0.0, 3.0])
def test_a_clip_that_is_longer_than_it_said_is_thinned_out(said: float) -> None:
    learner = Learner(GRID, said)
    frame = blank(GRID)
    for n in range(3000):
        if learner.wants(n / 25):
            learner.add(n / 25, frame, NOTHING)
            assert len(learner._samples) <= 2 * DEFAULT.most_samples
            assert len(learner._kept) <= 2 * learner._most_kept
    times = [s.time_s for s in learner._samples]
    assert len(times) > DEFAULT.most_samples / 2
    assert times == sorted(times)
    assert times[0] == 0
    assert times[-1] > 115
    plate = learner.fit()
    assert plate is not None
    assert plate.proven_share == 1


@pytest.mark.parametrize(
    "said",
    [
        3.0,
        0.0,
    ],
)
def test_samples_stay_evenly_spread(said: float) -> None:
    learner = Learner(GRID, said)
    for n in range(30 * 25):
        if learner.wants(n / 25):
            learner.add(n / 25, blank(GRID), NOTHING)
    first_half = sum(s.time_s < 15 for s in learner._samples)
    assert 0.3 < first_half / len(learner._samples) < 0.7


def test_the_store_is_never_overfull() -> None:
    learner = Learner(GRID, 0.0)
    for n in range(3000):
        if learner.wants(n / 25):
            learner.add(n / 25, blank(GRID), NOTHING)
            assert len(learner._kept) <= learner._most_kept


def test_kept_frames_stay_with_their_samples() -> None:
    """Thinning moves both alike: a frame whose sample had somebody in it must not lend its pixels."""
    learner = Learner(GRID, 0.0)
    for n in range(900):
        if learner.wants(n / 25):
            learner.add(n / 25, blank(GRID, n % 250), NOTHING)
    assert learner._kept
    for index, planes in learner._kept.items():
        assert int(planes.y[0, 0]) == int(learner._samples[index].cells.y[0, 0])


def test_even_of_large_pictures_enough_frames_are_kept() -> None:
    small_store = replace(DEFAULT, memory_bytes=4 * (192 * 128 * 3 // 2 + 1))
    learner = Learner(GRID, 60.0, small_store)
    for n in range(100):
        learner.add(n * 0.6, SCENE, NOTHING)
        assert len(learner._kept) <= 5
    assert len(learner._kept) >= 3


def test_frames_given_to_the_learner_may_change_afterwards() -> None:
    learner = Learner(GRID, 60.0)
    slot = textured(GRID, 7)
    for n in range(60):
        for plane, scene in zip(planes_of(slot), planes_of(SCENE), strict=True):
            plane[:] = scene
        learner.add(float(n), slot, NOTHING)
        for plane in planes_of(slot):
            plane[:] = 7
    plate = learner.fit()
    assert plate is not None
    assert holds_nobody(plate)
