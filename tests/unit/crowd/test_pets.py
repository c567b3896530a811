"""On real labels: crossings, speed, places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.crowd.pets import FPS, MIDDLE, Labels, crossings, labels

from passerby.crowd.crossing import Crossings
from passerby.crowd.tracks import Tracks


@pytest.fixture(scope="module")
def pets(data_dir: Path) -> Labels:
    return labels(data_dir)


def followed(pets: Labels, line: tuple[tuple[int, int], tuple[int, int]], seed: int, dropped: float, shaken_px: float):  # type: ignore[no-untyped-def]
    """Tracks and crossings from boxes without identities, some dropped, the rest shaken; and the speeds on the way."""
    chance = np.random.default_rng(seed)
    counted = Crossings(*pets.ground.metres(line), mirrored=pets.ground.mirrored)
    tracks = Tracks(lambda: int(chance.integers(1 << 31)))
    speeds, true = [], []
    for frame in np.unique(pets.frame):
        seen = np.flatnonzero((pets.frame == frame) & (chance.random(len(pets.frame)) >= dropped))
        places = pets.ground.metres(pets.feet[seen] + chance.normal(0, shaken_px, (len(seen), 2)))
        now = tracks.saw(places, frame / FPS)
        counted.saw(now, frame / FPS)
        for row, track in zip(seen, now, strict=True):
            before = (pets.who == pets.who[row]) & (pets.frame == frame - 7)
            if before.any() and track.looks > 7:
                speeds.append(float(np.linalg.norm(track.velocity)))
                true.append(float(np.linalg.norm(pets.metres[row] - pets.metres[before][0])) * FPS / 7)
    return counted, np.array(speeds), np.array(true)


def test_the_ground_puts_people_where_the_labels_do(pets: Labels) -> None:
    off = np.linalg.norm(pets.ground.metres(pets.feet) - pets.metres, axis=1)
    assert off.mean() < 0.1
    assert pets.ground.misfit_m < 0.1


def test_people_are_as_high_as_the_pose_says(pets: Labels) -> None:
    """The pose follows from twelve points on the ground alone; the labelled boxes never took part."""
    assert pets.ground.up is not None
    said = pets.ground.person_height_px(pets.feet)
    assert np.median(said / pets.heights) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(("dropped", "shaken"), [(0.0, 0.0), (0.1, 1.0), (0.3, 1.0)])
def test_crossings_of_lines_through_the_middle(pets: Labels, dropped: float, shaken: float) -> None:
    wrong = total = 0
    for line in MIDDLE:
        for seed in range(3):
            counted, _, _ = followed(pets, line, seed, dropped, shaken)
            truth = crossings(pets, line)
            wrong += abs(counted.into - truth[0]) + abs(counted.out_of - truth[1])
            total += sum(truth)
    print(f"dropped {dropped}, shaken {shaken} px: {wrong} of {total} wrong ({wrong / total:.1%})")
    assert total > 100
    assert wrong / total <= 0.08


def test_a_line_drawn_the_other_way_swaps_in_and_out(pets: Labels) -> None:
    there, _, _ = followed(pets, MIDDLE[0], 0, 0.1, 1.0)
    back, _, _ = followed(pets, (MIDDLE[0][1], MIDDLE[0][0]), 0, 0.1, 1.0)
    assert (there.into, there.out_of) == (back.out_of, back.into)
    assert there.into != there.out_of


def test_walking_speed(pets: Labels) -> None:
    """Against the labels' own metres over one second."""
    _, ours, true = followed(pets, MIDDLE[0], 0, 0.1, 1.0)
    print(
        f"speed: ours {ours.mean():.3f} m/s, labels {true.mean():.3f} m/s, each off by {np.abs(ours - true).mean():.3f}"
    )
    assert len(true) > 1000
    assert ours.mean() == pytest.approx(true.mean(), rel=0.12)
    assert np.abs(ours - true).mean() < 0.35 * true.mean()
