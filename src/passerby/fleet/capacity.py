"""How much a fleet needs: cores, memory, disk and network by mode, from what was measured. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from passerby.base.errors import SettingsError
from passerby.fleet.cost import MODES, Costs, Mode

DAY_S = 86_400
MINUTES_A_DAY, HOURS_A_DAY = 1440, 24
# Bytes of a row with its place in the indexes, in PostgreSQL 15 (`make bench-fleet` measures them).
MINUTE_ROW, HOUR_ROW, HEALTH_ROW = 156, 168, 240
HEALTH_A_DAY = DAY_S // 5
HEALTH_KEPT_DAYS = 7
# An actor of Ray beside each station (docs/fleet.md).
ACTOR_MIB = 47.0


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the fleet, and how much of it cameras may use."""

    cores: float = 64
    memory_mib: float = 256 * 1024
    use: float = 0.7


@dataclass(frozen=True, slots=True)
class Need:
    """What the cameras of one mode need.

    Args:
        mode: Which.
        cameras: How many.
        shards: Stations, each of at most so many cameras.
        cores: Busy ones.
        memory_mib: In use.
        in_bit_s: From the cameras.
        out_bit_s: Redacted video.
        disk_bytes: Recordings at their full age.
        error: Of the cores, as a share; None where nothing was measured to compare with.
    """

    mode: Mode
    cameras: int
    shards: int
    cores: float
    memory_mib: float
    in_bit_s: float
    out_bit_s: float
    disk_bytes: float
    error: float | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the whole fleet needs."""

    needs: list[Need]
    nodes: int
    rows_a_second: float
    database_bytes_a_day: float

    def total(self, what: str) -> float:
        """A column's sum."""
        return float(sum(getattr(need, what) for need in self.needs))


def capacity(
    costs: Costs, mix: Mapping[Mode, float], cameras: int, retention_s: float, shard_cameras: int, node: Node
) -> Capacity:
    """What so many cameras need.

    Args:
        costs: Measured.
        mix: The part of each mode; adds up to 1.
        cameras: How many.
        retention_s: How long recordings are kept, on average over the cameras that record.
        shard_cameras: Most cameras of a station.
        node: What machines there are.

    Raises:
        SettingsError: A mode of the mix was not measured.
    """
    needs = list[Need]()
    left = cameras
    wanted = [mode for mode in MODES if mix.get(mode, 0) > 0]
    for mode in wanted:
        if mode not in costs.modes:
            raise SettingsError(f"the costs of {mode} were not measured", "measure them: passerby bench")
        count = left if mode == wanted[-1] else min(left, round(cameras * mix[mode]))
        left -= count
        cost, shards = costs.modes[mode], math.ceil(count / shard_cameras)
        out = cost.out_bit_s * count
        needs.append(
            Need(
                mode,
                count,
                shards,
                cost.cores(count, shards),
                cost.memory_mib(count, shards) + ACTOR_MIB * shards,
                cost.in_bit_s * count,
                out,
                out / 8 * retention_s,
                cost.error,
            )
        )
    found = Capacity(needs, 0, cameras / 60, _database(cameras))
    by_cores = found.total("cores") / (node.cores * node.use)
    by_memory = found.total("memory_mib") / (node.memory_mib * node.use)
    return Capacity(needs, math.ceil(max(by_cores, by_memory)), found.rows_a_second, found.database_bytes_a_day)


def _database(cameras: int) -> float:
    """Bytes that stay, a day: minutes and hours. Health goes after a week, and is told apart."""
    return float(cameras * (MINUTES_A_DAY * MINUTE_ROW + HOURS_A_DAY * HOUR_ROW))
