"""What intake hands on of what its supervisor says, with no camera at all."""

from __future__ import annotations

import json
import os
import threading
import time
from itertools import pairwise
from pathlib import Path

import av

from passerby.intake.live import LiveIntake
from passerby.intake.outbox import Outbox
from passerby.outlet.messages import PAPERS, Address, Message, Packet, PassEnd, Permit, Status, StreamHeader, Task
from passerby.outlet.pipe import Receiver, Sender

TASK = Task(b"one".ljust(64, b"\0"), bytes(32), 1, 0, 0)
ADDRESS = Address(0, 0, 0, json.dumps({"camera": "one", "place": "clip", "url": ""}).encode())


def served(*said: Message) -> tuple[list[Message], list[Message]]:
    """What intake hands on to the darkroom and notes for its supervisor, who says all this at once and leaves."""
    control, packets, notes = os.pipe(), os.pipe(), os.pipe()
    for message in said:
        Sender(control[1]).send(message)
    os.close(control[1])
    os.set_blocking(packets[1], False)
    outbox = Outbox(packets[1], os.write)
    allowed = (*PAPERS, Address)
    LiveIntake(Receiver(control[0], allowed), control[0], outbox, Sender(notes[1]), None, time.monotonic).run()
    for fd in (packets[1], notes[1]):
        os.close(fd)
    return _all(packets[0], (*PAPERS, PassEnd)), _all(notes[0], (PassEnd,))


def _all(fd: int, kinds: tuple[type[Message], ...]) -> list[Message]:
    receiver, got = Receiver(fd, kinds), []
    while (message := receiver.receive()) is not None:
        got.append(message)
    os.close(fd)
    return got


def test_a_connection_that_fails_is_an_item_that_ends() -> None:
    handed, noted = served(TASK, Permit(0, b"a"), ADDRESS)
    assert handed == [TASK, Permit(0, b"a"), PassEnd(1, Status.UNREADABLE)]
    assert noted == [PassEnd(1, Status.UNREADABLE)]


def test_papers_that_renew_what_has_ended_are_dropped() -> None:
    handed, noted = served(
        *(TASK, Permit(0, b"first"), ADDRESS), *(TASK, Permit(0, b"late")), *(TASK, Permit(0, b"then"), ADDRESS)
    )
    assert [message.tail for message in handed if isinstance(message, Permit)] == [b"first", b"then"]
    assert noted == [PassEnd(1, Status.UNREADABLE)] * 2


def test_a_supervisor_that_leaves_in_the_middle_ends_it() -> None:
    assert served(TASK, Permit(0, b"a")) == ([], [])
    assert served(TASK) == ([], [])


def short_clip(path: Path, frames: int) -> Path:
    """Every picture a keyframe, 25 a second."""
    with av.open(path, "w") as out:
        stream = out.add_stream("mjpeg", rate=25, width=64, height=48, pix_fmt="yuvj420p")
        for _ in range(frames):
            out.mux(stream.encode(av.VideoFrame(64, 48, "yuvj420p")))
        out.mux(stream.encode())
    return path


def test_a_clip_played_as_a_camera_keeps_its_pace_from_round_to_round(tmp_path: Path) -> None:
    control, packets, notes = os.pipe(), os.pipe(), os.pipe()
    supervisor = Sender(control[1])
    for message in (TASK, Permit(0, b"a"), ADDRESS):
        supervisor.send(message)
    os.set_blocking(packets[1], False)
    allowed = (*PAPERS, Address)
    with short_clip(tmp_path / "five.avi", 5).open("rb") as file:
        outbox = Outbox(packets[1], os.write)
        intake = LiveIntake(Receiver(control[0], allowed), control[0], outbox, Sender(notes[1]), file, time.monotonic)
        playing = threading.Thread(target=intake.run)
        playing.start()
        taken, receiver = [], Receiver(packets[0], (*PAPERS, StreamHeader, Packet, PassEnd))
        while len(taken) < 17:
            message = receiver.receive()
            taken += [message.pts] if isinstance(message, Packet) else []
        os.close(control[1])
        playing.join(timeout=10)
    assert not playing.is_alive()
    for fd in (*packets, *notes, control[0]):
        os.close(fd)
    # A later round may begin late where the machine was busy, and never early.
    steps = [later - earlier for earlier, later in pairwise(taken)]
    assert min(steps) >= 90_000 / 25 - 2
    assert steps[0] <= 90_000 / 25 + 2
