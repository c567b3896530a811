"""What the finder makes of its networks' answers. The networks themselves: tests/unit/models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import blank, sizes

from passerby.darkroom.find import finder as module
from passerby.darkroom.find.decode import ModelOutputFault
from passerby.darkroom.find.finder import (
    COUNT,
    EVERYTHING,
    EVIDENCE,
    MULTIPLE,
    PICTURE,
    PLATE_INPUT,
    QUICK,
    SMALLEST,
    Finder,
    Look,
    Plan,
    Scale,
    input_size,
    plan_for,
)
from passerby.darkroom.find.found import Kind
from passerby.darkroom.find.priors import plate_priors
from passerby.darkroom.grid import Grid

PLAN = Plan(quick=(128, 64), fine=(256, 128))
SIZE = (256, 128)
FRAME = blank(Grid(*SIZE))


class Net:
    """Answers what a test put into `answers`; keeps what it was asked."""

    answers: dict[str, Any]
    asked: list[tuple[str, tuple[int, int]]]

    def __init__(self, name: str, size: tuple[int, int], runtime: object, threads: int) -> None:
        self.name, self.size = name, size

    def infer(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        assert picture.shape == (self.size[1], self.size[0], 3)
        self.asked.append((self.name, self.size))
        return self.answers[self.name](self.size)


def no_bodies(size: tuple[int, int]) -> dict[str, np.ndarray]:
    cells = {s: size[0] // s * (size[1] // s) for s in (8, 16, 32)}
    return {f"cls_{s}": np.zeros((1, n, 7), np.float32) for s, n in cells.items()} | {
        f"reg_{s}": np.zeros((1, n, 44), np.float32) for s, n in cells.items()
    }


def no_faces(size: tuple[int, int]) -> dict[str, np.ndarray]:
    high, wide = size[1] // 4, size[0] // 4
    return {name: np.zeros((1, n, high, wide), np.float32) for name, n in (("heat", 1), ("size", 2), ("offset", 2))}


def no_plates(size: tuple[int, int]) -> dict[str, np.ndarray]:
    priors = len(plate_priors(size))
    return {"score": np.zeros((1, priors, 1), np.float32), "shift": np.zeros((1, priors, 4), np.float32)}


def no_second(size: tuple[int, int]) -> dict[str, np.ndarray]:
    high, wide = size[1] // 4, size[0] // 4
    return {name: np.zeros((1, n, high, wide), np.float32) for name, n in (("heat", 1), ("sides", 4))}


@pytest.fixture(autouse=True)
def nets(monkeypatch: pytest.MonkeyPatch) -> type[Net]:
    Net.answers = {"nanodet": no_bodies, "centerface": no_faces, "plate": no_plates, "centernet": no_second}
    Net.asked = []
    monkeypatch.setattr(module, "Network", Net)
    return Net


def finder(*looks: Look) -> Finder:
    return Finder(PLAN, looks, None, 2)  # type: ignore[arg-type]


def body(kind: int, score: float) -> Any:
    """A box 64 input pixels wide and high around the middle of the input's cell (1, 1) of 32 pixels."""

    def answer(size: tuple[int, int]) -> dict[str, np.ndarray]:
        out = no_bodies(size)
        cell = size[0] // 32 + 1
        out["cls_32"][0, cell, kind] = score
        out["reg_32"][0, cell].reshape(4, 11)[:, 1] = 60
        return out

    return answer


def test_nothing_there_nothing_found() -> None:
    assert len(finder(EVERYTHING).find(FRAME, SIZE, EVERYTHING, full_range=True)) == 0


@pytest.mark.parametrize(("number", "kind"), [(0, Kind.PERSON), *[(n, Kind.VEHICLE) for n in range(1, 7)]])
def test_classes_are_people_or_vehicles(nets: type[Net], number: int, kind: Kind) -> None:
    nets.answers["nanodet"] = body(number, 0.8)
    got = finder(COUNT).find(FRAME, SIZE, COUNT, full_range=True)
    assert got.kinds.tolist() == [kind]
    assert got.scores.tolist() == [np.float32(0.8)]
    # The quick input is half the frame: 16..80 by 16..64 (cut at the input's edge) there, twice that here.
    assert got.boxes.tolist() == [[32, 32, 160, 128]]


def test_scales_are_joined(nets: type[Net]) -> None:
    nets.answers["nanodet"] = body(0, 0.8)
    got = finder(EVERYTHING).find(FRAME, SIZE, EVERYTHING, full_range=True)
    assert sorted(got.boxes.tolist()) == [[16, 16, 80, 80], [32, 32, 160, 128], [32, 32, 160, 128]]


def test_people_and_vehicles_are_looked_for_again_with_contrast_evened_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs little in the dark differs more at the second look, and is grey."""
    seen: list[np.ndarray] = []

    class Sees(Net):
        def infer(self, picture: np.ndarray) -> dict[str, np.ndarray]:
            seen.append(picture)
            return super().infer(picture)

    monkeypatch.setattr(module, "Network", Sees)
    frame = blank(Grid(*SIZE), 20)
    frame.y[:] += np.random.default_rng(1).integers(0, 8, frame.y.shape, np.uint8)
    frame.u[:] = 90
    look = Look(bodies=(Scale.QUICK,), evened=(Scale.QUICK,))
    made = finder(look)
    seen.clear()
    made.find(frame, SIZE, look, full_range=True)
    plain, even = seen
    assert (even[..., 0] == even[..., 1]).all()
    assert (plain[..., 0] != plain[..., 1]).any()
    assert even[..., 0].std() > 2 * plain[..., 1].std()


@pytest.mark.parametrize(("number", "score", "boxes"), [(2, 0.29, 2), (2, 0.31, 3), (0, 0.21, 3)])
def test_at_the_fine_scale_a_vehicle_needs_more(nets: type[Net], number: int, score: float, boxes: int) -> None:
    nets.answers["nanodet"] = body(number, score)
    assert len(finder(EVERYTHING).find(FRAME, SIZE, EVERYTHING, full_range=True)) == boxes


def test_a_picture_is_looked_at_more_suspiciously_than_a_frame(nets: type[Net]) -> None:
    nets.answers["nanodet"] = body(2, 0.19)
    assert len(finder(PICTURE).find(FRAME, SIZE, PICTURE, full_range=True)) == 2
    assert not len(finder(EVERYTHING).find(FRAME, SIZE, EVERYTHING, full_range=True))


def test_faces_and_plates_are_told_as_such(nets: type[Net]) -> None:
    def face(size: tuple[int, int]) -> dict[str, np.ndarray]:
        out = no_faces(size)
        out["heat"][0, 0, 5, 5] = 0.9
        out["size"][0, :, 5, 5] = np.log(4)
        return out

    def plate(size: tuple[int, int]) -> dict[str, np.ndarray]:
        out = no_plates(size)
        out["score"][0, len(out["score"][0]) // 2] = 0.9
        return out

    nets.answers |= {"centerface": face, "plate": plate}
    got = finder(QUICK).find(FRAME, SIZE, QUICK, full_range=True)
    assert sorted(got.kinds.tolist()) == [Kind.FACE, Kind.NUMBER_PLATE]


@pytest.mark.parametrize("look", [COUNT, QUICK, EVIDENCE, EVERYTHING, PICTURE])
def test_a_look_asks_what_it_says_and_no_more(nets: type[Net], look: Look) -> None:
    finder(COUNT, QUICK, EVIDENCE, EVERYTHING, PICTURE).find(FRAME, SIZE, look, full_range=True)
    wanted = [("nanodet", PLAN.size(s)) for s in (*look.bodies, *look.evened)]
    wanted += [("centerface", PLAN.size(s)) for s in look.faces]
    wanted += [("centernet", PLAN.size(s)) for s in look.second]
    assert nets.asked == wanted + [("plate", PLATE_INPUT)] * look.number_plates


def test_a_look_that_was_not_asked_for_has_no_network() -> None:
    with pytest.raises(KeyError):
        finder(COUNT).find(FRAME, SIZE, QUICK, full_range=True)


def test_warming_up_runs_every_network(nets: type[Net]) -> None:
    made = finder(EVERYTHING)
    made.warm_up()
    assert set(nets.asked) == set(made._networks)


@pytest.mark.parametrize(("score", "count"), [(0.149, 0), (0.151, 1)])
def test_the_threshold_is_the_looks(nets: type[Net], score: float, count: int) -> None:
    nets.answers["nanodet"] = body(0, score)
    assert len(finder(COUNT).find(FRAME, SIZE, COUNT, full_range=True)) == count


def test_a_second_opinion_is_told_as_such(nets: type[Net]) -> None:
    def person(size: tuple[int, int]) -> dict[str, np.ndarray]:
        out = no_second(size)
        out["heat"][0, 0, 5, 5], out["sides"][0, :, 5, 5] = 0.05, 10
        return out

    nets.answers["centernet"] = person
    got = finder(EVIDENCE).find(FRAME, SIZE, EVIDENCE, full_range=True)
    assert got.kinds.tolist() == [Kind.SECOND_OPINION]
    assert len(got.people) == len(got.others) == len(got.first) == 0


@pytest.mark.parametrize("name", ["nanodet", "centerface", "plate", "centernet"])
def test_nonsense_is_a_fault_not_an_empty_scene(nets: type[Net], name: str) -> None:
    answer = nets.answers[name]
    nets.answers[name] = lambda size: {k: np.full_like(v, np.nan) for k, v in answer(size).items()}
    with pytest.raises(ModelOutputFault):
        finder(EVIDENCE).find(FRAME, SIZE, EVIDENCE, full_range=True)


@given(sizes, st.sampled_from([640, 960, 1280]))
def test_inputs_are_multiples_and_as_long_as_asked(size: tuple[int, int], longest: int) -> None:
    got = input_size(size, longest)
    assert all(n % MULTIPLE == 0 and n >= SMALLEST for n in got)
    assert max(got) == longest
    for side, ours in zip(size, got, strict=True):
        exact = side / max(size) * longest
        assert abs(ours - exact) <= MULTIPLE / 2 or ours == SMALLEST


@given(sizes | st.none(), st.booleans())
def test_the_fine_look_is_never_coarser(size: tuple[int, int] | None, pictures: bool) -> None:
    plan = plan_for(size, pictures=pictures)
    assert max(plan.fine) >= max(plan.quick) == 640
    assert plan.size(Scale.QUICK) == plan.quick
    assert plan.size(Scale.FINE) == plan.fine


def test_people_beyond_the_large_inputs_reach_are_looked_for_twice() -> None:
    """A fine look alone can't box what fills the picture."""
    for look in (EVIDENCE, EVERYTHING):
        assert set(look.bodies) == {Scale.QUICK, Scale.FINE}
