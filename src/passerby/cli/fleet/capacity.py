"""``passerby bench`` and ``passerby capacity``."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from passerby.cli.common import write_json
from passerby.fleet.capacity import Capacity, Need, Node
from passerby.fleet.capacity import capacity as planned
from passerby.fleet.cost import MODES, WORDS, Mode, mode_of, read_costs
from passerby.fleet.measure import measure
from passerby.station.settings import CameraSettings, read_site

GB, MIB_A_GIB = 1e9, 1024
COSTS = Path("cost.json")


def bench(
    clip: Annotated[Path, typer.Argument(metavar="CLIP", help="A clip of a fixed camera like yours.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where the costs go.")] = COSTS,
    cameras: Annotated[str, typer.Option("--cameras", help="Numbers of cameras that are run, with commas.")] = "1,2,3",
    modes: Annotated[str, typer.Option("--modes", help="Which modes, with commas.")] = ",".join(MODES),
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="How long each run is measured.")] = 20.0,
    warm_up: Annotated[float, typer.Option("--warm-up", min=0, help="Seconds before that.")] = 20.0,
) -> None:
    """Measure what a camera costs on this machine, in each mode, for `passerby capacity`."""
    try:
        counts = sorted({int(number) for number in cameras.split(",")})
    except ValueError as error:
        raise typer.BadParameter("write --cameras 1,2,3") from error
    wanted = [mode for mode in MODES if mode in modes.split(",")]
    if not wanted or counts[0] < 1 or len(wanted) != len(modes.split(",")):
        raise typer.BadParameter(f"numbers from 1, and modes of {', '.join(MODES)}")
    costs = measure(clip, wanted, counts, seconds, warm_up, lambda line: typer.echo(line, err=True))
    write_json(out, costs.model_dump(mode="json"))


def capacity(
    cameras: Annotated[int, typer.Option("--cameras", min=1, help="How many.")],
    mix: Annotated[Path, typer.Option("--mix", metavar="SITE.TOML", help="Whose cameras stand for all, by mode.")],
    costs: Annotated[Path, typer.Option("--costs", metavar="FILE", help="From `passerby bench`.")] = COSTS,
    shard: Annotated[int, typer.Option("--shard", min=1, help="Most cameras of a station.")] = 40,
    cores: Annotated[float, typer.Option("--node-cores", min=1, help="Of one machine.")] = 64,
    memory: Annotated[float, typer.Option("--node-gib", min=1, help="Memory of one machine.")] = 256,
    use: Annotated[float, typer.Option("--use", min=0.05, max=1, help="How much of a machine cameras may use.")] = 0.7,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What so many cameras need: cores, memory, disk and network, by mode, with the error of the measured costs."""
    measured, site = read_costs(costs), read_site(mix)
    kinds = Counter(mode_of(camera) for camera in site.cameras)
    shares: dict[Mode, float] = {mode: count / len(site.cameras) for mode, count in kinds.items()}
    node = Node(cores, memory * MIB_A_GIB, use)
    found = planned(measured, shares, cameras, _retention_s(site.cameras), shard, node)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    Console().print(_table(found))
    typer.echo(f"{found.nodes} machines of {cores:g} cores and {memory:g} GiB, used to {use:.0%}")
    typer.echo(
        f"database: {found.rows_a_second:,.0f} minutes a second, {found.database_bytes_a_day / GB:,.1f} GB a day"
    )
    typer.echo(f"costs measured on {measured.date}: {measured.machine}")


def _retention_s(cameras: list[CameraSettings]) -> float:
    kept = [camera.retention_s for camera in cameras if mode_of(camera) == "full"]
    return sum(kept) / len(kept) if kept else 0.0


def _table(found: Capacity) -> Table:
    table = Table("mode", "cameras", "stations", "cores", "error", "GiB", "in Gbit/s", "out Gbit/s", "disk TB")
    for need in found.needs:
        table.add_row(f"{need.mode} ({WORDS[need.mode]})", *_cells(need))
    return table


def _cells(need: Need) -> list[str]:
    error = "not measured" if need.error is None else f"±{need.error:.0%}"
    return [
        f"{need.cameras:,}",
        f"{need.shards:,}",
        f"{need.cores:,.0f}",
        error,
        f"{need.memory_mib / MIB_A_GIB:,.0f}",
        f"{need.in_bit_s / GB:,.2f}",
        f"{need.out_bit_s / GB:,.2f}",
        f"{need.disk_bytes / 1e12:,.1f}",
    ]
