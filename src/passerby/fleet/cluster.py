"""The fleet on Ray: one actor for each shard, placed by area, started again wherever there is room.

Ray places and restarts; it proves nothing. A worker of a dead node was seen to go on for 16 s: that such a one writes
nothing is the lease's work (`store.leases`). Actors are detached: they outlive the process that made them, and, with
the head's state in Redis, the head.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passerby.base.errors import FleetError
from passerby.fleet.plan import Shard
from passerby.station.supervisor import Part, supervise

NAMESPACE = "passerby"
AREA = "area:"
# So little of an area's resource is asked for: it says where, not how much.
A_BIT = 0.0001
MIB = 1 << 20
ANSWER_S = 5.0
AGAIN_S = 2.0
DRAIN_S = 30.0
QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}


Handle = Any  # Ray's handle of a `ShardActor`: its types don't know remote methods


@dataclass(frozen=True, slots=True)
class State:
    """Where a shard is; ``node`` is empty while it is nowhere."""

    shard: str
    node: str = ""
    pid: int = 0


class ShardActor:
    """Keeps one shard's station running on the machine it was placed on, as a process of its own.

    Args:
        settings: The fleet's settings, at the same place on each machine.
        shard: Which.
        cameras: Its cameras' names.
    """

    def __init__(self, settings: str, shard: str, cameras: Sequence[str]) -> None:
        self._node = _node_id()
        holder = f"{os.uname().nodename}/{self._node[:8]}/{os.getpid()}"
        self._part = Part(shard, ["passerby.fleet.shard", settings, shard, holder, *cameras])
        self._shard = shard
        self._stop = threading.Event()
        # The kernel ends the station with the thread that started it: this one lives as long as the actor.
        self._thread = threading.Thread(target=self._run, name=shard, daemon=True)
        self._thread.start()

    def state(self) -> State:
        """Where it is."""
        process = self._part.process
        return State(self._shard, self._node, 0 if process is None else process.pid)

    def drain(self) -> None:
        """End the station in good order: what waits is written, and the lease is given back."""
        self._stop.set()
        self._thread.join(DRAIN_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            supervise([self._part], self._stop, lambda line: print(line, flush=True))
            # It ended at its first start, or is done: perhaps another has the lease, or a file isn't there yet.
            self._part.start_s, self._part.proven = 0.0, False
            self._stop.wait(AGAIN_S)


class Cluster:
    """The fleet's actors. Needs a Ray cluster that this machine is part of.

    Args:
        settings: The fleet's settings file.
        address: Of the head, or ``auto``.

    Raises:
        FleetError: There is no cluster, or Ray isn't installed.
    """

    def __init__(self, settings: Path, address: str = "auto") -> None:
        os.environ.update(QUIET)
        try:
            import ray
        except ImportError as error:
            raise FleetError("a fleet needs Ray", "pip install 'passerby[fleet]'") from error
        self._ray: Any = ray
        self._settings = str(settings.resolve())
        try:
            ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise FleetError("there is no cluster to join from here", "start one: docs/fleet.md") from error

    def close(self) -> None:
        """Leave; the actors go on."""
        self._ray.shutdown()

    def start(self, shard: Shard) -> Handle:
        """The shard's actor, made where there is none. Ray puts it on a machine of its area with so much room."""
        kind = self._ray.remote(ShardActor).options(
            name=shard.name,
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            max_task_retries=0,
            num_cpus=shard.cores,
            memory=round(shard.memory_mib * MIB),
            resources={f"{AREA}{shard.area}": A_BIT},
        )
        return kind.remote(self._settings, shard.name, list(shard.cameras))

    def names(self) -> list[str]:
        """The shards that have an actor."""
        actors = self._ray.util.list_named_actors(all_namespaces=True)
        return sorted(actor["name"] for actor in actors if actor["namespace"] == NAMESPACE)

    def states(self, names: Sequence[str]) -> list[State]:
        """Where each is; those that give no answer are nowhere."""
        asked = {name: handle.state.remote() for name in names if (handle := self._handle(name)) is not None}
        ready: list[Any] = []
        if asked:
            ready, _ = self._ray.wait(list(asked.values()), num_returns=len(asked), timeout=ANSWER_S)
        found = list[State]()
        for name in names:
            state = State(name)
            if asked.get(name) in ready:
                try:
                    state = self._ray.get(asked[name])
                except self._ray.exceptions.RayError:
                    state = State(name)
            found.append(state)
        return found

    def stop(self, name: str) -> None:
        """End a shard for good."""
        handle = self._handle(name)
        if handle is not None:
            self._end(handle)
            self._ray.kill(handle, no_restart=True)

    def move(self, name: str) -> None:
        """End a shard in good order, and let Ray start it again where there is room."""
        handle = self._handle(name)
        if handle is not None:
            self._end(handle)
            self._ray.kill(handle, no_restart=False)

    def drain(self, node: str, told: Callable[[str], None], patience_s: float = 120.0) -> None:
        """Empty a machine, one shard after the other: each runs elsewhere before the next ends.

        Args:
            node: Ray's id of it, or the beginning of that.
            told: Hears of each shard that has moved.
            patience_s: For each.

        Raises:
            FleetError: There is no such machine, or a shard finds no other.
        """
        full = [n["NodeID"] for n in self._ray.nodes() if n["Alive"] and n["NodeID"].startswith(node)]
        if len(full) != 1:
            raise FleetError(f"{len(full)} machines are called {node}", "see them: passerby fleet show")
        _drain_node(self._ray.get_runtime_context().gcs_address, full[0])
        for state in self.states(self.names()):
            if state.node != full[0]:
                continue
            self.move(state.shard)
            until_s = time.monotonic() + patience_s
            while (now := self.states([state.shard])[0]).node in ("", full[0]) or not now.pid:
                if time.monotonic() > until_s:
                    raise FleetError(f"{state.shard} found no other machine", "add one to its area")
                time.sleep(AGAIN_S)
            told(state.shard)

    def _end(self, handle: Handle) -> None:
        try:
            self._ray.get(handle.drain.remote(), timeout=DRAIN_S + ANSWER_S)
        except self._ray.exceptions.RayError:
            return  # it gives no answer: its lease ends by itself

    def _handle(self, name: str) -> Handle | None:
        try:
            return self._ray.get_actor(name, NAMESPACE)
        except ValueError:
            return None


def _node_id() -> str:
    import ray

    return str(ray.get_runtime_context().get_node_id())


def _drain_node(address: str, node: str) -> None:
    """From now on Ray places nothing there; what runs goes on."""
    words = ["--address", address, "--node-id", node, "--reason", "DRAIN_NODE_REASON_PREEMPTION"]
    words += ["--reason-message", "upgrade", "--deadline-remaining-seconds", "86400"]
    done = subprocess.run(
        [sys.executable, "-m", "ray.scripts.scripts", "drain-node", *words], capture_output=True, check=False, text=True
    )
    if done.returncode:
        raise FleetError(f"{node[:8]} can't be drained", (done.stderr or done.stdout).strip().splitlines()[-1][:200])
