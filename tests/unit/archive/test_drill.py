"""The drill: what is as the ledger has it is proven to whoever asked; whatever was lost or changed is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from tests.unit.archive.scene import NOON
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, swept
from typer.testing import CliRunner

from passerby.archive.drill import NotProven, Pick, picks, proves
from passerby.archive.folder import Layout
from passerby.archive.tape import record
from passerby.charter.site_permit import act_camera
from passerby.cli.app import app
from passerby.cli.archive.check import told_keys
from passerby.cli.ledger import common, follow, write

SITE = "example.org"
HOURS = 3


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments)])


class City:
    """A station's data folder that kept three hours of two cameras, and a mirror of what it told."""

    def __init__(self, root: Path) -> None:
        self.data, self.mirror, log = root / "data", root / "mirror", root / "city"
        vkey = run("ledger", "init", log, "--origin", "example.org/city").output.strip()
        self.trust = ("--ledger", self.mirror, "--vkey", vkey)
        now = Time()
        with pytest.MonkeyPatch.context() as patch:
            for module in (common, follow, write):
                patch.setattr(module, "clock", lambda: int(now()) + 60)
            with archive_in(self.data, now) as (archive, _):
                archive._sweeper._name = lambda camera: act_camera(SITE, camera)
                for hour in range(HOURS):
                    now.now_s = NOON + hour * HOUR_S
                    for camera in ("entrance", "hall"):
                        record_hour(archive, now, camera, record(24 * 30))
                now.now_s += HOUR_S
                assert swept(archive).lines == []
            now.now_s += HOUR_S
            assert run("ledger", "deliver", log, self.data, "--station", "station-1").exit_code == 0
            told = run("ledger", "mirror", log, self.mirror, "--vkey", vkey)
            assert told.exit_code == 0, told.output

    def drill(self, data: Path, *more: object) -> Result:
        return run("archive", "drill", data, *self.trust, "--site", SITE, *more)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return City(tmp_path_factory.mktemp("city"))


@pytest.fixture(autouse=True)
def then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hours after the recordings."""
    monkeypatch.setattr("passerby.cli.archive.drill.time.time", lambda: NOON + 6 * HOUR_S)


def test_what_is_kept_is_proven_to_whoever_asked(city: City, tmp_path: Path) -> None:
    out = tmp_path / "answers.json"
    done = city.drill(city.data, "--seed", "the newspaper, 28 November", "-o", out, "--chunks", 40)
    assert done.exit_code == 0, done.output
    assert "40 chunks asked for, 0 wrong" in done.output and "can't catch a cheat" in done.output
    assert "segment" in done.output and "its header" in done.output and "and opens" in done.output
    asked = run("archive", "drill", "--check", out, *city.trust, "--seed", "the newspaper, 28 November")
    assert asked.exit_code == 0 and "40 chunks asked for, 0 wrong" in asked.output, asked.output
    other = run("archive", "drill", "--check", out, *city.trust, "--seed", "another")
    assert other.exit_code == 2 or "another seed" in str(other.exception)
    found = json.loads(out.read_text())
    keys = told_keys(city.mirror, city.trust[3])
    wanted = list(picks(keys, found["seed"], 40, found["time"]))
    assert {(p.camera, p.hour) for p in wanted} == {(c, h) for c, h, _ in keys.roots}
    for pick, one in zip(wanted, found["answers"], strict=True):
        proves(one, pick)
        for harm in (
            {"stored": "AAAA"},
            {"chunk": [one["chunk"][0] + 1, one["chunk"][1]]},
            {"root": "00" * 32},
            {"up": [[], []]} if one["up"][0] else {"up": [["00" * 32], []]},
            {"file": [1, 1]},
            {"chunk": "x"},
        ):
            with pytest.raises(NotProven):
                proves({**one, **harm}, pick)
        with pytest.raises(NotProven):
            proves(one, Pick(pick.camera, pick.hour, pick.kind, "11" * 32, pick.draw))
    found["answers"].pop()
    out.write_text(json.dumps(found))
    short = run("archive", "drill", "--check", out, *city.trust)
    assert short.exit_code == 1 and "1 wrong" in short.output


def _lost(data: Path) -> None:
    for path in (data / "video/hall").iterdir():
        path.unlink()


def _altered(data: Path) -> None:
    for path in (data / "video/hall").iterdir():
        raw = bytearray(path.read_bytes())
        for at in range(200, len(raw) - 500, 50):
            raw[at] ^= 1
        path.write_bytes(raw)


def _shortened(data: Path) -> None:
    for path in (data / "video/hall").iterdir():
        path.write_bytes(path.read_bytes()[:-9])


def _exchanged(data: Path) -> None:
    for path in (data / "video/hall").iterdir():
        shutil.copy(data / "video/entrance" / path.name, path)


def _without_keys(data: Path) -> None:
    shutil.rmtree(data / "keys")


def _without_index(data: Path) -> None:
    for path in data.glob("passerby.db*"):
        path.unlink()
    with archive_in(data):
        pass
    shutil.rmtree(data / "video/hall")


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (_lost, "can't be read"),
        (_altered, "is not what was written"),
        (_shortened, "shortened or written over"),
        (_exchanged, "another root than the ledger has"),
        (_without_keys, "does not open"),
        (_without_index, "can't be read|nothing of this hour"),
    ],
)
def test_whatever_was_lost_or_changed_shows(city: City, tmp_path: Path, harm, why: str) -> None:  # type: ignore[no-untyped-def]
    data = tmp_path / "data"
    shutil.copytree(city.data, data)
    harm(data)
    done = city.drill(data, "--seed", "1", "--chunks", 30)
    assert done.exit_code == 1, done.output
    assert any(part in done.output for part in why.split("|")), done.output
    if harm is not _without_keys:
        assert "proven" in done.output, "the other camera's are as they were"


def test_what_is_due_soon_is_not_asked_for(city: City) -> None:
    keys = told_keys(city.mirror, city.trust[3])
    first, last = min(keys.alive.values()), max(keys.alive.values())
    assert list(picks(keys, "1", 5, last - 3 * HOUR_S)) == []
    assert {pick.hour for pick in picks(keys, "1", 50, first - 3 * HOUR_S)} == {int(NOON) // HOUR_S + n for n in (1, 2)}


def test_a_file_that_is_none_is_refused(city: City, tmp_path: Path) -> None:
    for content in (b"", b"[]", b'{"format":"passerby/drill@1","answers":[]}', b'{"format":"x","answers":[]}'):
        (tmp_path / "x").write_bytes(content)
        assert run("archive", "drill", "--check", tmp_path / "x", *city.trust).exit_code != 0
    assert city.drill(Layout(city.data).root, "--check", tmp_path / "x").exit_code != 0
