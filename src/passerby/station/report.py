"""What a run tells people: the report, and a clear line where it failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from passerby.base.errors import DarkroomError, PermitError, SourceError, SourceTooLarge, SourceUnreadable
from passerby.outlet.messages import Explain, Health, ItemEnd, Mode, Mosaic, Status, StreamStart

MODES = {Mode.UNKNOWN: "none", Mode.PLATE: "plate", Mode.NO_PLATE: "no-plate", Mode.MOSAIC: "mosaic"}
SHOWN, UNPROVEN, WHOLE_MOSAIC = 0, 1, 11
# The course of learning is told at about this many moments.
MOMENTS = 24
# `Explain` carries codes; these are the words for them, in order.
REASONS = (
    "shown",
    "not proven empty",
    "differs from the background",
    "beside something that differs",
    "hidden just before",
    "found just after",
    "person",
    "vehicle",
    "face",
    "number plate",
    "forbidden zone",
    "whole-frame mosaic",
)
MOSAICS = {
    Mosaic.LEARNING: "learning the background",
    Mosaic.CUT: "scene changed",
    Mosaic.NO_BACKGROUND: "no background proven",
    Mosaic.DETECTOR_FAULT: "detector gave no usable answer",
    Mosaic.SIZE_CHANGED: "picture size changed",
    Mosaic.DAMAGED: "damaged frame",
    Mosaic.COVERED: "lens covered",
}
# Why nothing comes from a camera; "it" is the camera.
WHY_DOWN = {
    Status.UNREADABLE: "what it sends is no video that can be read",
    Status.NO_VIDEO: "it sends no video",
    Status.NO_FRAMES: "the clip holds no pictures",
    Status.NO_DECODER: "its pictures are coded in a way that is not supported",
    Status.TOO_LARGE: "its pictures are larger than a darkroom accepts",
    Status.PERMIT_REFUSED: "the darkroom's permit does not cover it",
    Status.OVER_LIMIT: "it sends a single piece larger than a darkroom accepts",
    Status.REFUSED: "it refuses connections",
    Status.UNAUTHORISED: "it refuses the user or password",
    Status.NOT_FOUND: "it has nothing at this address",
    Status.TIMED_OUT: "it is silent",
    Status.ENDED: "the stream ended",
    Status.UNREACHABLE: "no way leads to it",
    Status.OTHER_SCENE: "its scene was drawn on a picture of another size: draw it again",
}


def error_for(status: int, name: str) -> Exception:
    """The error for an item that did not end well."""
    match Status(status):
        case Status.UNREADABLE:
            return SourceUnreadable(
                f"{name} is not a video or picture that can be read", "use MP4, MKV, AVI, JPEG or PNG"
            )
        case Status.NO_VIDEO:
            return SourceUnreadable(f"{name} has no video in it", "name a file with a video stream")
        case Status.NO_FRAMES:
            return SourceUnreadable(f"{name} holds no picture that can be decoded", "check that the file is whole")
        case Status.TOO_LARGE:
            return SourceTooLarge(
                f"{name} claims more pixels than a darkroom accepts", "64 million are the limit: scale it"
            )
        case Status.NO_DECODER:
            return SourceUnreadable(f"{name} is coded in a way that is not supported", "convert it to H.264 first")
        case Status.PERMIT_REFUSED:
            return PermitError(f"the darkroom's permit does not cover {name}", "did the file change while it was read?")
        case Status.TOO_SMALL:
            return SourceUnreadable(f"{name} is too small to hold anything", "use pictures of 16x16 pixels or more")
        case Status.ENCODER_REFUSED:
            return SourceUnreadable(f"{name} has a size that can't be coded", "scale or crop it first")
        case Status.OVER_LIMIT:
            return SourceTooLarge(f"{name} holds a single piece larger than a darkroom accepts", "code it anew first")
        case lost if lost in WHY_DOWN:
            return SourceError(f"{name} failed as a camera: {WHY_DOWN[lost]}", "check the camera and its address")
        case _:
            return DarkroomError(f"{name} could not be worked on (status {status})")


@dataclass(slots=True)
class Run:
    """Gathers what leaves a darkroom about one item."""

    health: Health | None = None
    start: StreamStart | None = None
    end: ItemEnd | None = None
    reasons: Counter[int] = field(default_factory=Counter)
    first_shown_s: float | None = None
    proven: list[tuple[float, float]] = field(default_factory=list)
    apart_s: float = 0.0

    def saw(self, message: object) -> None:
        """Take a message into account."""
        if isinstance(message, Health):
            self.health = message
        elif isinstance(message, ItemEnd):
            self.end = message
        elif isinstance(message, StreamStart) and message.stream == 0:
            self.start = message
        elif isinstance(message, Explain):
            reasons = Counter(message.tail)
            self.reasons.update(reasons)
            self._learnt(message, reasons)

    def report(self) -> dict[str, Any]:
        """The report as JSON types; ``docs/report.md`` explains each entry."""
        assert self.health is not None
        assert self.end is not None
        health, frames, seconds = self.health, self.end.frames, self.end.duration_s
        fps = (frames - 1) / seconds if seconds > 0 and frames > 1 else None
        blocks = sum(self.reasons.values())
        mosaics = {MOSAICS[m]: n / (fps or 1) for m, n in enumerate_mosaics(health) if n}
        return {
            "frames": frames,
            "seconds": round(seconds + (1 / fps if fps else 0), 3),
            "fps": round(fps, 3) if fps else None,
            "width": self.start.width if self.start else None,
            "height": self.start.height if self.start else None,
            "mode": MODES[Mode(health.mode)],
            "ms_per_frame": _stages(health),
            "hidden_share": round(health.hidden_frames / frames, 4) if frames else None,
            "hidden_why": {REASONS[code]: round(n / blocks, 4) for code, n in sorted(self.reasons.items())}
            if blocks
            else {},
            "mosaic_s": {why: round(s, 3) for why, s in mosaics.items()},
            "learning": self._learning(),
            "padded": bool(self.start.padded) if self.start else False,
            "repaired": {
                "timestamps": health.repaired_times,
                "damaged_packets": health.damaged,
                "resized_frames": health.resized,
            },
            "build": health.build.hex(),
        }

    def _learnt(self, message: Explain, reasons: Counter[int]) -> None:
        """Keep how much is proven over time, at no more than twice `MOMENTS` moments however long it runs."""
        blocks = max(1, sum(reasons.values()))
        if self.first_shown_s is None and reasons[SHOWN]:
            self.first_shown_s = message.time_s
        if self.proven and message.time_s < self.proven[-1][0] + self.apart_s:
            return
        self.proven.append((message.time_s, 1 - (reasons[UNPROVEN] + reasons[WHOLE_MOSAIC]) / blocks))
        if len(self.proven) > 2 * MOMENTS:
            self.proven = self.proven[::2]
            self.apart_s = (self.proven[-1][0] - self.proven[0][0]) / MOMENTS

    def _learning(self) -> dict[str, Any]:
        """When anything was shown first, and the share of blocks proven empty at moments spread over the run."""
        first = None if self.first_shown_s is None else round(self.first_shown_s, 3)
        return {"first_shown_s": first, "proven": [[round(t, 3), round(share, 4)] for t, share in self.proven]}


def enumerate_mosaics(health: Health) -> list[tuple[Mosaic, int]]:
    """Reasons for a whole-frame mosaic and how many frames each took."""
    return [(m, n) for m, n in zip(Mosaic, health.mosaic_frames, strict=True) if m is not Mosaic.NONE]


def _stages(health: Health) -> dict[str, float]:
    times = {
        "decode": health.decode_ns,
        "learn": health.learn_ns,
        "find": health.find_ns,
        "hide": health.hide_ns,
        "encode": health.encode_ns,
    }
    return {name: round(ns / 1e6 / max(1, health.frames), 3) for name, ns in times.items()}
