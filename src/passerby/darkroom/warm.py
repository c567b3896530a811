"""Run everything once before the lock, so that nothing has to be opened, imported or compiled behind it."""

from __future__ import annotations

import ctypes
import gc
import os
from fractions import Fraction

import av
import av.logging
import cv2
import numpy as np

from passerby.archive import hpke, seal
from passerby.archive.keys.cipher import PART
from passerby.archive.keys.names import EpochId, Kind
from passerby.archive.keys.shares import KEY_BYTES, SALT_BYTES
from passerby.charter.facts import Asked, Time
from passerby.charter.proofs import Logged
from passerby.charter.ruling import Papers, rule
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.encoder import PictureEncoder, VideoEncoder
from passerby.ledger.note import Signer, sign_note
from passerby.ledger.verify import COSIGN_ED25519, COSIGN_MLDSA44, ED25519, verify_note
from passerby.outlet.messages import Codec, RedactedPacket, Stream

SIDE = 64


def quiet() -> None:
    """FFmpeg and OpenCV print nothing: their words may quote what strangers sent."""
    av.logging.set_level(None)
    av.logging.set_libav_level(av.logging.PANIC)


def libraries(threads: int) -> None:
    """OpenCV and NumPy: thread pools sized, lazy parts loaded."""
    cv2.setNumThreads(threads)
    cv2.ocl.setUseOpenCL(False)
    plane = np.zeros((SIDE * 4, SIDE * 4), np.uint8)
    for how in (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_NEAREST):
        cv2.resize(plane, (SIDE, SIDE), interpolation=how)
    cv2.connectedComponentsWithStats(plane)
    cv2.dilate(plane, np.ones((3, 3), np.uint8))
    at = np.full((1, 1, 2), float(SIDE), np.float32)
    cv2.calcOpticalFlowPyrLK(plane, plane, at, np.zeros_like(at))
    np.median(plane[:8])
    _ = np.ones((8, 8), np.float32) @ np.ones((8, 8), np.float32)


def give_memory_back() -> None:
    """What getting ready took and nobody needs any more: a third of a process that only counts."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # Not every libc has it.
        trim(0)


def judging() -> None:
    """Every kind of signature that papers bear, and the reading of them, once. Opens files: before the second wall."""
    text = "warm\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    signers = [Signer("warm", kind, bytes(32)) for kind in (ED25519, COSIGN_ED25519, COSIGN_MLDSA44)]
    verify_note(sign_note(text, signers, 1), [signer.key for signer in signers])
    nothing = Time(0.0, 0.0, 0.0, 0.0)
    asked = Asked("warm", "", frozenset({"crowd"}), "", {}, "")
    for note in (b"", sign_note("{}\n", signers[:1], 0)):
        papers = Papers(note, (note,), (Logged(b"{}", note),))
        rule(asked, papers, papers.site(""), nothing)


def sealing() -> None:
    """What sealing to officers needs of the cryptographic library, once: it may load parts of itself on first use."""
    secrets = [hpke.SealingPair.of(bytes([n]) * hpke.SECRET) for n in (1, 2)]
    officers = [seal.Officer(pair.public, f"{n}") for n, pair in enumerate(secrets)]
    epoch = EpochId("warm", 0, kind=Kind.SEALED.value)
    share = seal.slot_share(bytes(KEY_BYTES), bytes(SALT_BYTES), epoch)
    cipher = seal.new_file(share, bytes(SALT_BYTES), ("warm", epoch, seal.Terms(bytes(32), 1)), officers, os.urandom)
    cipher.seal(PART, 0, 0, 0, b"warm")


def encoding(threads: int) -> tuple[bytes, list[RedactedPacket]]:
    """Every encoder once: the H.264 header, and all packets (the last two a JPEG and a PNG)."""
    planes = RawPlanes(*(np.full((SIDE // n, SIDE // n), 128, np.uint8) for n in (1, 2, 2)))
    video = VideoEncoder(
        (SIDE, SIDE), Fraction(1, 25), Fraction(25), full_range=False, stream=Stream.REDACTED, threads=threads
    )
    header = video.start().tail
    packets = [*video.encode(planes, 0), *video.encode(planes, 1), *video.finish()]
    for codec in (Codec.JPEG, Codec.PNG):
        picture = PictureEncoder(codec, (SIDE, SIDE), full_range=True)
        packets += picture.encode(planes, 0)
    return header, packets


def decoding(threads: int) -> None:
    """The decoders that matter most once, on what the encoders made."""
    header, packets = encoding(1)
    _decode("h264", header, [p.tail for p in packets[:-2]], threads)
    _decode("mjpeg", b"", [packets[-2].tail], 1)
    _decode("png", b"", [packets[-1].tail], 1)


def _decode(name: str, header: bytes, coded: list[bytes], threads: int) -> None:
    context = av.CodecContext.create(name, "r")
    assert isinstance(context, av.VideoCodecContext)
    context.extradata = header or None
    context.thread_count = threads
    context.thread_type = "SLICE"
    frames = [frame for data in coded for frame in context.decode(av.Packet(data))]
    frames += context.decode(None)
    for frame in frames:
        frame.reformat(SIDE // 2, SIDE // 2, "yuv420p")
