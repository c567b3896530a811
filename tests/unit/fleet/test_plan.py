"""Costs, capacity and shards: sums that anybody can check by hand, and what every plan must keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from passerby.base.errors import SettingsError, StoreError
from passerby.cli.app import app
from passerby.fleet.capacity import ACTOR_MIB, Node, capacity
from passerby.fleet.cost import MODES, Costs, Mode, ModeCost, Run, read_costs
from passerby.fleet.plan import Machine, place, shards_of
from passerby.fleet.settings import read_fleet


def run(cameras: int, cores: float, mib: float = 100.0, out: float = 0.0) -> Run:
    values = {"in_bit_s": 1e6 * cameras, "out_bit_s": out, "pictures": 8.0 * cameras, "left_out": 0.0}
    return Run(cameras=cameras, cores=cores, memory_mib=mib, **values)


def costs() -> Costs:
    """A station takes 0.5 core and 200 MiB by itself; a counting camera 0.1 and 50, one with video 0.4 and 90."""
    counts = [run(n, 0.5 + 0.1 * n, 200 + 50 * n) for n in (1, 3)]
    full = [run(1, 0.9, 290, 1e6), run(2, 1.43, 380, 2e6), run(3, 1.7, 470, 3e6)]
    modes: dict[Mode, ModeCost] = {"counts": ModeCost(runs=counts), "full": ModeCost(runs=full)}
    return Costs(date="2026-11-28", machine="m", version="v", modes=modes)


def test_a_line_is_drawn_through_what_was_measured() -> None:
    full = costs().modes["full"]
    assert full.cores(10) == pytest.approx(0.5 + 4) and full.cores(10, 3) == pytest.approx(1.5 + 4)
    assert full.memory_mib(10) == pytest.approx(200 + 900)
    assert full.out_bit_s == pytest.approx(1e6) and full.in_bit_s == pytest.approx(1e6)
    assert full.error == pytest.approx(abs(1.3 - 1.43) / 1.43)
    assert costs().modes["counts"].error is None


@given(st.lists(st.tuples(st.floats(0.01, 9), st.floats(1, 999)), min_size=1, max_size=4))
def test_more_cameras_never_cost_less(found: list[tuple[float, float]]) -> None:
    cost = ModeCost(runs=[run(n, cores, mib) for n, (cores, mib) in enumerate(found, 1)])
    for few, many in ((1, 2), (2, 50), (50, 60_000)):
        assert 0 <= cost.cores(few) <= cost.cores(many) + 1e-9
        assert 0 <= cost.memory_mib(few) <= cost.memory_mib(many) + 1e-9


def test_what_a_fleet_needs() -> None:
    found = capacity(costs(), {"counts": 0.9, "full": 0.1}, 60_000, 86_400, 40, Node(64, 262_144, 0.7))
    counts, full = found.needs
    assert (counts.cameras, counts.shards) == (54_000, 1350) and (full.cameras, full.shards) == (6000, 150)
    assert counts.cores == pytest.approx(5400 + 675) and full.cores == pytest.approx(2400 + 75)
    assert counts.memory_mib == pytest.approx(54_000 * 50 + 1350 * (200 + ACTOR_MIB))
    assert full.disk_bytes == pytest.approx(6000 * 1e6 / 8 * 86_400)
    assert found.nodes == -(-(5400 + 675 + 2475) // (64 * 0.7)) == 191
    assert found.rows_a_second == 1000
    with pytest.raises(SettingsError, match="low were not measured"):
        capacity(costs(), {"low": 1.0}, 10, 0, 40, Node())


@given(
    st.dictionaries(
        st.from_regex("[a-z][a-z0-9]{0,6}", fullmatch=True), st.sampled_from(["counts", "full"]), max_size=60
    ),
    st.integers(1, 12),
    st.floats(0.7, 5),
)
def test_every_camera_is_in_one_shard_that_is_not_too_large(
    modes: dict[str, Mode], most: int, most_cores: float
) -> None:
    shards = shards_of("centre", modes, costs(), most, most_cores)
    assert sorted(name for shard in shards for name in shard.cameras) == sorted(modes)
    assert len({shard.name for shard in shards}) == len(shards)
    for shard in shards:
        assert len(shard.cameras) <= most
        assert shard.cores <= most_cores or len(shard.cameras) == 1
    machines = [Machine(f"m{n}", "centre", 6, 9000) for n in range(len(shards))]
    placed = place(shards, machines)
    for machine in machines:
        mine = [shard for shard in shards if placed[shard.name] == machine.name]
        assert sum(shard.cores for shard in mine) <= machine.cores + 1e-9
        assert sum(shard.memory_mib for shard in mine) <= machine.memory_mib


def test_what_has_no_place_is_named() -> None:
    shards = shards_of("centre", {"a": "full"}, costs(), 40, 8)
    for machine in (
        Machine("m", "north", 64, 99_999),
        Machine("m", "centre", 0.5, 99_999),
        Machine("m", "centre", 9, 9),
    ):
        with pytest.raises(SettingsError, match="centre-1 has no place"):
            place(shards, [machine])
    with pytest.raises(SettingsError, match="low were not measured"):
        shards_of("centre", {"a": "low"}, costs(), 40, 8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "clip.mp4").write_bytes(b"x")
    cameras = [("a", ""), ("b", 'mode = "record"\nretention_h = 48'), ("c", ""), ("d", "")]
    lines = [f'[[camera]]\nname = "{name}"\nsource = "clip.mp4"\n{more}\n' for name, more in cameras]
    (tmp_path / "site.toml").write_text('data = "data"\n' + "".join(lines))
    (tmp_path / "cost.json").write_text(costs().model_dump_json())
    return tmp_path


def write(folder: Path, change: Callable[[str], str] = lambda text: text) -> Path:
    fleet = 'database = "postgresql://p@db/passerby"\ndata = "data"\ncosts = "cost.json"\nshard_cameras = 3\n'
    (folder / "fleet.toml").write_text(change(fleet + '[[area]]\nname = "centre"\nsettings = "site.toml"\n'))
    return folder / "fleet.toml"


def test_the_commands(folder: Path) -> None:
    asked = ["capacity", "--cameras", "60000", "--mix", str(folder / "site.toml"), "--costs", str(folder / "cost.json")]
    found = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    assert [(need["mode"], need["cameras"]) for need in found["needs"]] == [("counts", 45_000), ("full", 15_000)]
    assert found["needs"][1]["disk_bytes"] == pytest.approx(15_000 * 1e6 / 8 * 48 * 3600)
    said = CliRunner().invoke(app, asked).output
    assert "60,000" not in said and "45,000" in said and "1,000 minutes a second" in said
    planned = CliRunner().invoke(app, ["fleet", "plan", str(write(folder)), "--machine", "centre:2:64:256"])
    assert planned.output.count("centre-machine-") == 2 and "3 cameras, 1.10 cores" in planned.output


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda t: t.replace("data =", "date ="), SettingsError, "data: Field required"),
        (lambda t: t + t[t.index("[[") :], SettingsError, "two areas are named centre"),
        (lambda t: t.replace('"centre"', '"Centre"'), SettingsError, "small letters"),
        (lambda t: t.replace("p@db", "p:word@db"), StoreError, "no password"),
        (lambda t: t + "=", SettingsError, "no TOML"),
    ],
)
def test_wrong_settings_are_named(
    folder: Path, change: Callable[[str], str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read_fleet(write(folder, change))


def test_what_is_no_cost_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="passerby bench"):
        read_costs(tmp_path / "cost.json")
    (tmp_path / "cost.json").write_text("{}")
    with pytest.raises(SettingsError, match="no measured costs"):
        read_costs(tmp_path / "cost.json")
    assert MODES == ("low", "counts", "full")
