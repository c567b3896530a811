"""A real locked process that makes escape attempts where it would read its first packet.

Run as ``python -I probe_child.py SETTINGS``, with the words ``role`` (intake, decode, hide), ``walls`` (yes, no) and
``town`` (a folder). Everything up to the last wall is the product's own code, with the product's own profile.

``place`` empty: serves attempts, one line of JSON in, one out, each in a fork that puts the last wall up by itself.
Otherwise no fork: this very process, with every thread that the libraries have started, locks itself in, makes all
attempts that are answered rather than killed, from that place, and then the one called ``last``.
Places: main, older (a thread from before the last wall), younger (from after it), library (a thread of OpenVINO's).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.unit.lock import world as kernel
from tests.unit.lock.attempt import KILLED
from tests.unit.lock.attempts import ATTEMPTS
from tests.unit.lock.server import REACHED, RESULT, SECONDS, Thread, live_apart, open_descriptors
from tests.unit.lock.world import MISSING, Town, World

from passerby.base.build import weights_folder
from passerby.lock.child import Child, Settings
from passerby.lock.enter import LockReport
from passerby.lock.seccomp import Profile

RUN = {
    "intake": "passerby.intake.process",
    "decode": "passerby.darkroom.decode_process",
    "hide": "passerby.darkroom.hide_process",
}
COMMANDS, RESULTS = 0, 1
NEW_IPC = 0x08000000
ANSWERED = [a for a in ATTEMPTS.values() if a.locked != KILLED]


class Probe(Child):
    """A child whose last step before the first packet is replaced."""

    def __init__(self, settings: Settings, town: Town) -> None:
        self.walls = settings.words["walls"] == "yes"
        self.town = town
        self.world: World | None = None
        if self.walls:
            # Nothing can be opened later, so everything to attack with is opened now and kept.
            self.world = World(town)
            kept = {f"kept{fd}": fd for fd in open_descriptors() - set(settings.fds.values())}
            settings = replace(settings, fds={**settings.fds, **kept})
        super().__init__(settings)
        self.library: Library | None = None

    def before_imports(self, *readable: Path) -> None:
        if self.walls:
            super().before_imports(*readable)

    def before_threads(self) -> None:
        if self.settings.words["place"] == "library":
            self.library = Library()
        if self.walls:
            super().before_threads()
        if self.library:
            self.library.start()

    def before_first_packet(self, profile: Profile) -> LockReport:
        if self.settings.words["place"]:
            self.try_for_real(profile)
        if self.walls:
            # A fork can't look at its own mappings: the file that is open shows this process's.
            assert self._walls._mappings is not None
            self._walls._mappings.freeze_code()
        for line in iter(lambda: read_line(COMMANDS), ""):
            os.write(RESULTS, json.dumps(self.serve(profile, **json.loads(line))).encode() + b"\n")
        os._exit(0)

    def last_wall(self, profile: Profile) -> None:
        if self.walls:
            super().before_first_packet(profile)

    def serve(self, profile: Profile, name: str, place: str) -> dict[str, Any]:
        """Fork, try, and say what became of it."""
        out, into = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                signal.alarm(SECONDS)
                os.dup2(into, RESULTS)
                self.attempt(profile, name, place)
            finally:
                os._exit(99)
        os.close(into)
        _, status = os.waitpid(pid, 0)
        data = os.read(out, 1 + RESULT.size)
        os.close(out)
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        return {
            "signal": killed,
            "status": None if killed else os.WEXITSTATUS(status),
            "result": RESULT.unpack(data[1:])[0] if data[1:] else None,
            "reached": data[:1] == REACHED,
        }

    def attempt(self, profile: Profile, name: str, place: str) -> None:
        """In the fork: the last wall, then the attempt from the place asked for."""
        world = self.world or World(self.town)
        world.me = os.getpid()

        def work() -> None:
            os.write(RESULTS, REACHED)
            os.write(RESULTS, RESULT.pack(ATTEMPTS[name].run(world) if name else 0))
            os._exit(0)

        older = Thread(work) if place == "older" else None
        self.last_wall(profile)
        if place == "main":
            work()
        (older or Thread(work)).finish()

    def try_for_real(self, profile: Profile) -> None:
        """In this very process. Never returns."""
        words = self.settings.words
        world = self.world or World(self.town)
        last = ATTEMPTS[words["last"]]

        def work() -> None:
            tell({"thread": threading.get_native_id(), "main": os.getpid()})
            for attempt in ANSWERED:
                result = attempt.run(world)
                if result != MISSING:
                    tell({"name": attempt.name, "result": result, "wanted": -attempt.locked})
            tell({"name": last.name})
            tell({"name": last.name, "result": last.run(world)})
            os._exit(0)

        place = words["place"]
        older = Thread(work) if place == "older" else None
        threads = 0 if self.walls else len(list(Path("/proc/self/task").iterdir()))
        self.last_wall(profile)
        tell({"locked": self.walls, "threads": threads})
        if place == "main":
            work()
        elif place == "library":
            assert self.library is not None
            self.library.run(work)
        else:
            (older or Thread(work)).finish()
        os._exit(98)


class Library:
    """A thread of OpenVINO's own, which runs Python where it tells that an inference is done."""

    def __init__(self) -> None:
        import openvino
        from openvino import opset13

        data = opset13.parameter([1, 8], openvino.Type.f32)
        self._model = openvino.Model([opset13.relu(data)], [data], "probe")
        self._core = openvino.Core()
        self._core.get_property("CPU", "FULL_DEVICE_NAME")

    def start(self) -> None:
        """Compile, and run once, so that the thread is older than the last wall."""
        self._request = self._core.compile_model(self._model, "CPU", {"ENABLE_CPU_PINNING": False})
        self._request = self._request.create_infer_request()
        self.thread = 0
        self.run(self._note)

    def _note(self) -> None:
        self.thread = threading.get_native_id()

    def run(self, work: Callable[[], None]) -> None:
        self._request.set_callback(lambda _: work(), None)
        self._request.start_async()
        self._request.wait()


def tell(value: dict[str, Any]) -> None:
    os.write(RESULTS, json.dumps(value).encode() + b"\n")


def read_line(fd: int) -> str:
    line = b""
    while (byte := os.read(fd, 1)) and byte != b"\n":
        line += byte
    return line.decode()


def neighbour(lifeline: int) -> int:
    """Another process of the same user, to be attacked; lives until the tests let go of the lifeline.

    A death signal would not reach it: Landlock's scope holds a locked parent's last signal back, too.
    """
    pid = os.fork()
    if pid == 0:
        for fd in (0, 1, 2):
            os.dup2(lifeline, fd)
        os.read(lifeline, 1)
        os._exit(0)
    return pid


def found_town(folder: Path, lifeline: int) -> tuple[Town, list[object]]:
    """What is attacked, and what has to stay alive for it."""
    secret = ctypes.create_string_buffer(b"sixteen bytes ok", 16)
    tcp, unix = socket.create_server(("127.0.0.1", 0), backlog=1000), socket.socket(socket.AF_UNIX)
    abstract = b"\0passerby-probe-%d" % os.getpid()
    unix.bind(abstract)
    unix.listen(1000)
    town = Town(folder, neighbour(lifeline), tcp.getsockname()[1], abstract, ctypes.addressof(secret))
    return town, [secret, tcp, unix]


def main() -> None:
    settings = Settings.parse(sys.argv)
    live_apart()
    # Control runs leave queues and segments behind, which outlive processes but not this name space.
    kernel.sys("unshare", NEW_IPC)
    town, keep = found_town(Path(settings.words["town"]), settings.fds["lifeline"])
    child = Probe(settings, town)
    child.before_imports(weights_folder())
    import_module(RUN[settings.words["role"]]).run(child)
    del keep


if __name__ == "__main__":
    main()
