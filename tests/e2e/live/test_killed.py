"""Every part killed again and again: it comes back, what was finished stays and plays, nothing raw lies on the disk."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.e2e.cleared import cleared
from tests.e2e.clips import frames_in, noise
from tests.e2e.live.camera import soon
from tests.e2e.live.figures import note
from tests.e2e.live.raw import raw_in
from tests.e2e.live.site import (
    PATIENCE_S,
    ROUNDS,
    answers,
    descendants,
    ends_well,
    finished,
    free_port,
    moves_on,
    station,
    write,
)

from passerby.archive.entries import Segment

MODULES = {
    "station": "passerby.station.live_main",
    "decode": "passerby.darkroom.decode_main",
    "hide": "passerby.darkroom.hide_main",
    "intake": "passerby.intake.main",
}
# As long as a segment and a half: some kills come just before one is finished, some just after.
LONGEST_LIFE_S = 3.0


@pytest.mark.parametrize("part", MODULES)
def test_a_part_that_is_killed_comes_back(clip: Path, tmp_path: Path, part: str) -> None:
    settings = write(tmp_path, clip)
    chance = random.Random(part)
    known: dict[tuple[str, int], Segment] = {}
    with station(settings) as process:
        moves_on(settings)
        waited_s = []
        for _ in range(ROUNDS):
            time.sleep(chance.random() * LONGEST_LIFE_S)
            known |= finished(settings)
            _kill(process, MODULES[part], chance)
            waited_s.append(moves_on(settings))
            note(f"killed: {part}", again_s=round(waited_s[-1], 2))
        soon("one more finished segment", lambda: finished(settings).keys() - known.keys(), PATIENCE_S)
        ends_well(process)
    print(f"\n{part}: counts again after {sorted(waited_s)[len(waited_s) // 2]:.1f} s, at most {max(waited_s):.1f} s")
    kept = finished(settings)
    assert known, "no segment was ever finished between two kills"
    assert {place: kept.get(place) for place in known} == known
    files = cleared(tmp_path / "data", tmp_path / "clear")
    assert sum(frames_in(path) for path in files) >= len(kept)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and raw_in(path, clip)]


def _kill(process: subprocess.Popen[bytes], module: str, chance: random.Random) -> None:
    victims: list[int] = []

    def there() -> bool:
        victims[:] = [pid for pid, name in descendants(process.pid).items() if name == module]
        return bool(victims)

    soon(f"a process to kill: {module}", there, PATIENCE_S)
    try:
        os.kill(chance.choice(victims), signal.SIGKILL)
    except ProcessLookupError:
        # It was a spare that has just been replaced.
        _kill(process, module, chance)


def test_raw_pictures_would_be_found(clip: Path, tmp_path: Path) -> None:
    """The search above can find something."""
    copied, plain = tmp_path / "coded", tmp_path / "plain"
    copied.write_bytes(clip.read_bytes())
    plain.write_bytes(noise(5).tobytes())
    assert raw_in(copied, clip) and raw_in(plain, clip)


def test_a_server_that_is_killed_comes_back(clip: Path, tmp_path: Path) -> None:
    port = free_port()
    with station(write(tmp_path, clip, port=port)) as process:
        for _ in range(ROUNDS):
            soon("an answer", lambda: answers(port), PATIENCE_S)
            (server,) = [p for p, name in descendants(process.pid).items() if name == "passerby.cli"]
            os.kill(server, signal.SIGKILL)
            soon("no answer", lambda: not answers(port), PATIENCE_S)
            again_s = soon("an answer again", lambda: answers(port), PATIENCE_S)
            note("killed: server", again_s=round(again_s, 2))
        soon("an answer", lambda: answers(port), PATIENCE_S)
        ends_well(process)


def test_nobody_outlives_the_outermost(clip: Path, tmp_path: Path) -> None:
    settings = write(tmp_path, clip)
    with station(settings) as process:
        moves_on(settings)
        under = descendants(process.pid)
        assert len(under) >= 4
        process.kill()
        soon("all ended", lambda: not [pid for pid in under if Path(f"/proc/{pid}/exe").exists()], 15)
