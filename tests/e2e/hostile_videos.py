"""The table of odd and hostile videos: what each is, and what must come of it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from tests.e2e import odd

UNREADABLE = "is not a video or picture that can be read: use MP4, MKV, AVI, JPEG or PNG"
NO_VIDEO = "has no video in it: name a file with a video stream"
NO_FRAMES = "holds no picture that can be decoded: check that the file is whole"
TOO_LARGE = "claims more pixels than a darkroom accepts: 64 million are the limit: scale it"
NO_DECODER = "is coded in a way that is not supported: convert it to H.264 first"
MS, KHZ90 = Fraction(1, 1000), Fraction(1, 90000)
QUIET = {"x265-params": "log-level=none"}


@dataclass(frozen=True)
class Refused:
    """A video that can't be worked on: ``line`` follows its name."""

    id: str
    what: str
    line: str
    data: Callable[[], bytes]


@dataclass(frozen=True)
class Worked:
    """A video that comes out right.

    Args:
        id: Its name in the table.
        what: In words.
        comes: What comes of it, in words.
        data: Makes it.
        frames: How many pictures come out; None for as many as an independent decoder finds.
        size: Width and height that come out.
        padded: Whether the report says so.
        repaired: What the report says was repaired: timestamps, damaged packets, resized frames. None: anything.
        quarters: Which of the source's quarters each of the result's shows; None where they can't be told.
    """

    id: str
    what: str
    comes: str
    data: Callable[[], bytes]
    frames: int | None = None
    size: tuple[int, int] = odd.SIZE
    padded: bool = False
    repaired: tuple[int, int, int] | None = (0, 0, 0)
    quarters: tuple[int, int, int, int] | None = (0, 1, 2, 3)
    suffix: str = field(default=".mp4")


def _turned(a: int, b: int, c: int, d: int) -> Callable[[], bytes]:
    return lambda: odd.with_matrix(odd.clip(), (a, b, c, d))


def _damaged() -> bytes:
    """Twelve pictures, of which the fifth's data are noise."""
    random = np.random.default_rng(1)
    data = bytearray(odd.clip("avi", codec="mjpeg", pixels="yuvj420p", times=range(6)))
    at = -1
    for _ in range(4):
        at = data.index(b"\xff\xd8\xff", at + 1)
    data[at + 4 : at + 400] = random.bytes(396)
    return bytes(data)


def _claims(width: int, height: int) -> Callable[[], bytes]:
    def made() -> bytes:
        data = odd.clip()
        return odd.patched(data, data.rindex(b"avc1") + 28, struct.pack(">HH", width, height))

    return made


def _lasts(seconds: float) -> bytes:
    data = odd.clip("matroska")
    return odd.patched(data, data.index(b"\x44\x89\x88") + 3, struct.pack(">d", seconds * 1000))


def _rate_of_a_gigahertz() -> bytes:
    data = odd.clip("matroska")
    return odd.patched(data, data.index(b"\x23\xe3\x83") + 4, struct.pack(">I", 1))


TURNED = (odd.SIZE[1], odd.SIZE[0])
SHOWN_ON = "all frames, same size and timestamps"

WORKED = (
    Worked("one-frame", "a video of one frame", "one frame", lambda: odd.clip(times=[0]), 1),
    Worked(
        "odd-size",
        "101×77 pixels",
        "padded to 102×78 and reported",
        lambda: odd.clip("matroska", codec="ffv1", size=(101, 77)),
        size=(102, 78),
        padded=True,
    ),
    Worked("size-16", "16×16 pixels", SHOWN_ON, lambda: odd.clip(size=(16, 16)), size=(16, 16), quarters=None),
    Worked(
        "size-8k",
        "7680×4320 pixels",
        SHOWN_ON,
        lambda: odd.clip(size=(7680, 4320), times=[0, 1], options={"preset": "ultrafast"}),
        size=(7680, 4320),
    ),
    Worked("h264-10-bit", "H.264, 10 bits", SHOWN_ON, lambda: odd.clip(pixels="yuv420p10le")),
    Worked("h264-444", "H.264, 4:4:4", SHOWN_ON, lambda: odd.clip(pixels="yuv444p")),
    Worked("hevc", "HEVC", SHOWN_ON, lambda: odd.clip(codec="libx265", options=QUIET)),
    Worked(
        "hevc-10-bit", "HEVC, 10 bits", SHOWN_ON, lambda: odd.clip(codec="libx265", pixels="yuv420p10le", options=QUIET)
    ),
    Worked("mjpeg-avi", "MJPEG in AVI", SHOWN_ON, lambda: odd.clip("avi", codec="mjpeg", pixels="yuvj420p")),
    Worked("mpeg4-avi", "MPEG-4 in AVI", SHOWN_ON, lambda: odd.clip("avi", codec="mpeg4")),
    Worked("vp9-webm", "VP9 in WebM", SHOWN_ON, lambda: odd.clip("webm", codec="libvpx-vp9")),
    Worked("b-frames", "H.264 with B-frames", SHOWN_ON, lambda: odd.clip(times=range(8), options={"bf": "3"})),
    Worked("grey", "grey pictures, no colour planes", SHOWN_ON, lambda: odd.clip(pixels="gray")),
    Worked(
        "variable-rate",
        "frames at 0, 40, 50, 133, 1000 and 1001 ms",
        SHOWN_ON,
        lambda: odd.clip("matroska", times=[0, 40, 50, 133, 1000, 1001], time_base=MS),
    ),
    Worked(
        "late-start",
        "the first timestamp is no whole millisecond",
        SHOWN_ON,
        lambda: odd.clip("mpegts", times=range(10_007, 28_007, 3_600), time_base=KHZ90),
    ),
    Worked(
        "negative-start",
        "the clock starts before zero (a camera's 33-bit clock about to wrap)",
        "moved as a whole to start at zero; reported as repaired",
        lambda: odd.clip("mpegts", shift=int(2**33 / 90000 * 25) - 38),
        repaired=(4, 0, 0),
    ),
    Worked(
        "clock-jumps-back",
        "two recordings in one file, the clock starts anew",
        "goes on where it was; reported as repaired",
        lambda: odd.clip("mpegts") + odd.clip("mpegts"),
        frames=8,
        repaired=(4, 0, 0),
    ),
    Worked(
        "clock-jumps-ahead",
        "a gap of 25 days, more than MP4 can hold",
        "closed up and reported as repaired; hidden whole, as the header claims a long clip that proves no background",
        lambda: odd.clip("matroska", times=[0, 40, 80, 2**31 + 1000, 2**31 + 1040], time_base=MS),
        repaired=(2, 0, 0),
        quarters=None,
    ),
    Worked(
        "no-timestamps",
        "H.264 with no container around it",
        "timestamps at the stream's rate; reported as repaired",
        odd.raw_h264,
        repaired=(4, 0, 0),
        suffix=".h264",
    ),
    Worked(
        "rotated-90",
        "display matrix: a quarter turn",
        "turned",
        _turned(0, 1, -1, 0),
        size=TURNED,
        quarters=(2, 0, 3, 1),
    ),
    Worked("rotated-180", "display matrix: a half turn", "turned", _turned(-1, 0, 0, -1), quarters=(3, 2, 1, 0)),
    Worked(
        "rotated-270",
        "display matrix: three quarter turns",
        "turned",
        _turned(0, -1, 1, 0),
        size=TURNED,
        quarters=(1, 3, 0, 2),
    ),
    Worked("mirrored", "display matrix: mirrored", "mirrored", _turned(-1, 0, 0, 1), quarters=(1, 0, 3, 2)),
    Worked(
        "size-change",
        "another picture size from the fifth frame on",
        "the first size kept, the others letterboxed and hidden whole; reported",
        lambda: odd.clip("mpegts") + odd.clip("mpegts", size=(96, 32)),
        frames=8,
        repaired=(4, 0, 4),
    ),
    Worked("sound", "video with sound", "no sound", lambda: odd.clip(audio=True)),
    Worked("cover-art", "cover art ahead of the video", "the video, not the cover", lambda: odd.with_cover(video=True)),
    Worked(
        "lies-duration",
        "the header claims 30 years",
        "hidden whole: a clip that claims to be long must prove its background, and can't",
        lambda: _lasts(1e9),
        quarters=None,
    ),
    Worked("lies-duration-nan", "the header's duration is not a number", SHOWN_ON, lambda: _lasts(float("nan"))),
    Worked("lies-rate", "the header claims a frame every nanosecond", SHOWN_ON, _rate_of_a_gigahertz),
    Worked("lies-size", "the header claims 20×20 pixels", "the true size", _claims(20, 20)),
    Worked(
        "truncated-mkv",
        "MKV cut off in the middle",
        "the frames that are there",
        lambda: _half(odd.clip("matroska", codec="mjpeg", pixels="yuvj420p", times=range(8))),
        repaired=None,
    ),
    Worked(
        "truncated-ts",
        "MPEG-TS cut off in the middle",
        "the frames that are there",
        lambda: _half(odd.clip("mpegts", times=range(8), key_every=1)),
        repaired=None,
    ),
    Worked("damaged-packet", "one packet is noise", "the other frames", _damaged, repaired=None, quarters=None),
)


def _half(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


REFUSED = (
    Refused("empty", "an empty file", UNREADABLE, lambda: b""),
    Refused("text", "text named .mp4", UNREADABLE, lambda: b"This is not a video.\n" * 50),
    Refused("noise", "a kilobyte of noise", UNREADABLE, lambda: np.random.default_rng(0).bytes(1024)),
    Refused("truncated-mp4", "MP4 cut off before its index", UNREADABLE, lambda: odd.clip()[:300]),
    Refused("truncated-mp4-index", "MP4 cut off in its index", NO_VIDEO, lambda: odd.clip()[:-600]),
    Refused("no-video", "sound only", NO_VIDEO, odd.tone),
    Refused("cover-art-only", "sound with cover art", NO_VIDEO, lambda: odd.with_cover(video=False)),
    Refused("no-frames", "a video stream without a frame", NO_FRAMES, lambda: odd.without_pictures("avi")),
    Refused("no-frames-mp4", "an MP4 track without a sample", UNREADABLE, lambda: odd.without_pictures("mp4")),
    Refused("claims-60000", "the header claims 60,000×60,000 pixels", TOO_LARGE, _claims(60000, 60000)),
    Refused(
        "too-wide",
        "20,000×20 pixels: more to a side than fits",
        TOO_LARGE,
        lambda: odd.clip("matroska", codec="ffv1", size=(20000, 20), times=[0]),
    ),
    Refused("other-codec", "uncompressed video", NO_DECODER, lambda: odd.clip("avi", codec="rawvideo")),
    Refused("gif", "a format that no camera writes", UNREADABLE, lambda: odd.clip("gif", codec="gif", pixels="rgb8")),
    Refused("playlist", "a playlist that names other files", UNREADABLE, lambda: PLAYLIST),
    Refused("concat", "a list of files for FFmpeg", UNREADABLE, lambda: b"ffconcat version 1.0\nfile /etc/passwd\n"),
)
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n/etc/passwd\n#EXT-X-ENDLIST\n"
