"""Which cameras move together, and whether the machines can hold them all. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from passerby.base.errors import SettingsError
from passerby.fleet.capacity import ACTOR_MIB
from passerby.fleet.cost import Costs, Mode


@dataclass(frozen=True, slots=True)
class Shard:
    """Cameras that one station runs, and what it needs.

    Args:
        name: Its lease's: the area and a number.
        area: Where it may run.
        cameras: Their names.
        cores: As measured for cameras of their modes.
        memory_mib: Likewise.
    """

    name: str
    area: str
    cameras: tuple[str, ...]
    cores: float
    memory_mib: float


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of one area, and what of it cameras may use."""

    name: str
    area: str
    cores: float
    memory_mib: float


def shards_of(area: str, modes: Mapping[str, Mode], costs: Costs, most_cameras: int, most_cores: float) -> list[Shard]:
    """An area's cameras in groups, by name, so that a new camera moves few others.

    Args:
        area: Its name.
        modes: Of each camera, by its name.
        costs: Measured.
        most_cameras: Of a shard.
        most_cores: Of a shard; a camera that needs more has a shard of its own.

    Raises:
        SettingsError: A mode was not measured.
    """
    if missing := {*modes.values()} - costs.modes.keys():
        raise SettingsError(f"the costs of {min(missing)} were not measured", "measure them: passerby bench")
    groups: list[list[str]] = []
    for name in sorted(modes):
        group = [*groups[-1], name] if groups else [name]
        if groups and len(group) <= most_cameras and _need(group, modes, costs)[0] <= most_cores:
            groups[-1] = group
        else:
            groups.append([name])
    return [
        Shard(f"{area}-{number}", area, tuple(group), *_need(group, modes, costs))
        for number, group in enumerate(groups, 1)
    ]


def _need(group: Collection[str], modes: Mapping[str, Mode], costs: Costs) -> tuple[float, float]:
    """Cores and memory; what a station takes by itself is counted once, for the mode that takes most."""
    counts = {mode: sum(modes[name] == mode for name in group) for mode in {modes[name] for name in group}}
    cores = sum(costs.modes[mode].cores(count, 0) for mode, count in counts.items())
    memory = sum(costs.modes[mode].memory_mib(count, 0) for mode, count in counts.items())
    alone = [(costs.modes[mode].cores(0, 1), costs.modes[mode].memory_mib(0, 1)) for mode in counts]
    return cores + max(c for c, _ in alone), memory + max(m for _, m in alone) + ACTOR_MIB


def place(shards: Sequence[Shard], machines: Sequence[Machine]) -> dict[str, str]:
    """A machine for each shard, the largest shards first, each on the machine of its area with most cores left.

    What Ray will do may differ; that there is a way shows that the machines suffice.

    Raises:
        SettingsError: A shard has no place: which, and what is missing.
    """
    left = {machine.name: [machine.cores, machine.memory_mib] for machine in machines}
    placed = dict[str, str]()
    for shard in sorted(shards, key=lambda s: (-s.cores, s.name)):
        fits = [
            m.name
            for m in machines
            if m.area == shard.area and left[m.name][0] >= shard.cores and left[m.name][1] >= shard.memory_mib
        ]
        if not fits:
            raise SettingsError(
                f"{shard.name} has no place: it needs {shard.cores:.1f} cores and {shard.memory_mib:.0f} MiB"
                f" in {shard.area}",
                "add a machine there",
            )
        best = max(fits, key=lambda name: (left[name][0], name))
        left[best][0] -= shard.cores
        left[best][1] -= shard.memory_mib
        placed[shard.name] = best
    return placed
