"""Reading a container makes FFmpeg open decoders to look at the streams; intake's way does not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import av
import av.logging
import numpy as np
import pytest

from passerby.archive.mux import Mp4Writer
from passerby.intake import demux
from passerby.outlet.messages import Codec, RedactedPacket, Stream, StreamStart

# Encoder, container. Each of the decoders tells something only a decoder that was opened can tell.
KINDS = [("libx264", "mp4"), ("libx264", "matroska"), ("mjpeg", "avi"), ("mpeg4", "avi"), ("ffv1", "matroska"),
         ("libsvtav1", "mp4")]  # fmt: skip
REFUSED = "not on whitelist"


@pytest.fixture(autouse=True)
def loud() -> Iterator[None]:
    before = av.logging.get_level()
    av.logging.set_level(av.logging.VERBOSE)
    yield
    av.logging.set_level(before)


def clip(encoder: str, form: str) -> bytes:
    memory = io.BytesIO()
    with av.open(memory, "w", format=form) as out:
        stream = out.add_stream(encoder, rate=25)
        stream.width, stream.height = 128, 96
        stream.pix_fmt = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
        for index in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((144, 128), 90 + index, np.uint8), "yuv420p")
            out.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
        out.mux(stream.encode(None))
    return memory.getvalue()


def opened(data: bytes) -> tuple[str | None, list[str]]:
    """The pixel format that `Demuxer` knows, which only a decoder can tell, and what FFmpeg says meanwhile."""
    with av.logging.Capture(local=False) as said:
        demuxer = demux.Demuxer(io.BytesIO(data), bytes(32), 1)
        demuxer.header()
        packets = list(demuxer.packets())
        known = demuxer._stream.codec_context.pix_fmt
        assert not demuxer._stream.codec_context.is_open
        demuxer.close()
    assert len(packets) == 3
    return known, [f"{name}: {text}" for _, name, text in said]


@pytest.mark.parametrize(("encoder", "form"), KINDS)
def test_intake_opens_none(encoder: str, form: str) -> None:
    known, said = opened(clip(encoder, form))
    if encoder != "libx264":  # FFmpeg's H.264 parser reads it from the headers without a decoder
        assert known is None
    assert not any("dav1d" in line and REFUSED not in line for line in said)


@pytest.mark.parametrize("encoder", ["mjpeg", "ffv1"])
def test_control_without_the_whitelist_one_is_opened(encoder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(demux.OPTIONS, "codec_whitelist")
    known, _ = opened(clip(encoder, dict(KINDS)[encoder]))
    assert known == {"mjpeg": "yuvj420p", "ffv1": "yuv420p"}[encoder]


def test_control_without_the_whitelist_dav1d_introduces_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(demux.OPTIONS, "codec_whitelist")
    _, said = opened(clip("libsvtav1", "mp4"))
    assert any("dav1d" in line for line in said)


def test_the_muxer_opens_none(tmp_path: Path) -> None:
    """It reads the encoder's own header to describe the result's stream."""
    with av.open(io.BytesIO(clip("libx264", "mp4"))) as source, (tmp_path / "out.mp4").open("w+b") as file:
        stream = source.streams.video[0]
        packets = [p for p in source.demux(stream) if p.size]
        bits = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        coded = [bytes(p) for packet in packets for p in bits.filter(packet)]
        with av.logging.Capture(local=False) as said:
            writer = Mp4Writer(file, StreamStart(Stream.REDACTED, Codec.H264, 128, 96, 1, 25, 0, b""))
            for index, data in enumerate(coded):
                writer.write(RedactedPacket(Stream.REDACTED, int(index == 0), index, index, 1, data))
            writer.close()
    with av.open(str(tmp_path / "out.mp4")) as result:
        assert sum(1 for _ in result.decode(video=0)) == 3
    assert [t for _, n, t in said if n == "h264" and "nal" in t.lower() and REFUSED not in t] == []
