"""``passerby fleet``: plan, run, show and drain."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from passerby.fleet.cluster import Cluster
from passerby.fleet.cost import mode_of
from passerby.fleet.plan import Machine, Shard, place, shards_of
from passerby.fleet.settings import Fleet, read_fleet
from passerby.station.live import check_files
from passerby.station.settings import read_site
from passerby.store.leases import list_leases
from passerby.store.migrate import open_postgres

app = typer.Typer(help="Many machines: docs/fleet.md.", no_args_is_help=True)
Settings = Annotated[Path, typer.Argument(metavar="FLEET.TOML", help="The database, and the areas with their cameras.")]
LOOK_S = 5.0


@app.command()
def plan(
    settings: Settings,
    machine: Annotated[
        list[str] | None,
        typer.Option("--machine", metavar="AREA:COUNT:CORES:GIB", help="Machines of an area: can they hold it?"),
    ] = None,
) -> None:
    """Which cameras move together, what each group needs, and whether these machines can hold them."""
    shards = planned(read_fleet(settings))
    machines = [one for words in machine or () for one in _machines(words)]
    placed = place(shards, machines) if machines else {}
    for shard in shards:
        where = f" on {placed[shard.name]}" if shard.name in placed else ""
        need = f"{len(shard.cameras)} cameras, {shard.cores:.2f} cores, {shard.memory_mib:.0f} MiB"
        typer.echo(f"{shard.name}: {need}{where}")


@app.command()
def run(
    settings: Settings,
    address: Annotated[str, typer.Option("--address", help="Of the cluster's head.")] = "auto",
    once: Annotated[bool, typer.Option("--once", help="See that all run, and end: they go on.")] = False,
) -> None:
    """See to it that each shard of the settings has its actor, and no other has one. They go on when this ends."""
    fleet, stop = read_fleet(settings), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    open_postgres(fleet.database, settings).close()  # its tables are there before forty stations ask for them
    shards = planned(fleet)
    with closing(Cluster(settings, address)) as cluster:
        for name in sorted({*cluster.names()} - {shard.name for shard in shards}):
            typer.echo(f"{name}: is in the settings no more, and ends")
            cluster.stop(name)
        for shard in shards:
            cluster.start(shard)
        typer.echo(f"{len(shards)} shards")
        before = dict[str, str]()
        while not once and not stop.wait(LOOK_S):
            for state in cluster.states([shard.name for shard in shards]):
                if before.get(state.shard) != state.node:
                    before[state.shard] = state.node
                    typer.echo(f"{state.shard}: {'on ' + state.node[:8] if state.node else 'gives no answer'}")


@app.command()
def show(
    settings: Settings, address: Annotated[str, typer.Option("--address", help="Of the cluster's head.")] = "auto"
) -> None:
    """Where each shard runs, and who has its lease."""
    fleet = read_fleet(settings)
    with closing(Cluster(settings, address)) as cluster:
        where = {state.shard: state for state in cluster.states(cluster.names())}
    with open_postgres(fleet.database, settings) as store:
        leases = {held.shard: held for held in list_leases(store)}
    for name in sorted({*where, *leases}):
        node = where[name].node[:8] if name in where and where[name].node else "nowhere"
        held = leases.get(name)
        lease = "no lease yet" if held is None else f"token {held.token}, {held.left_us / 1e6:+.1f} s, {held.holder}"
        typer.echo(f"{name}: {node}, {lease}")


@app.command()
def drain(
    settings: Settings,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The beginning of its id, as `show` has it.")],
    address: Annotated[str, typer.Option("--address", help="Of the cluster's head.")] = "auto",
) -> None:
    """Empty a machine for an upgrade: its shards move, one after the other."""
    with closing(Cluster(settings, address)) as cluster:
        cluster.drain(node, lambda shard: typer.echo(f"{shard}: has moved"))
    typer.echo(f"{node} is empty")


def planned(fleet: Fleet) -> list[Shard]:
    """All shards of a fleet.

    Raises:
        SettingsError: An area's settings are wrong.
    """
    costs, found = fleet.read_costs(), list[Shard]()
    for area in fleet.areas:
        site = read_site(area.settings)
        check_files(site.cameras)
        modes = {camera.name: mode_of(camera) for camera in site.cameras}
        found += shards_of(area.name, modes, costs, fleet.shard_cameras, fleet.shard_cores)
    return found


def _machines(words: str) -> Sequence[Machine]:
    try:
        area, count, cores, gib = words.split(":")
        return [Machine(f"{area}-machine-{n + 1}", area, float(cores), 1024 * float(gib)) for n in range(int(count))]
    except ValueError as error:
        raise typer.BadParameter("write AREA:COUNT:CORES:GIB, as centre:3:64:256") from error
