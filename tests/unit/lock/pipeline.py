"""The real libraries behind the lock: encode, decode, look, infer; with new threads. Run by `test_libraries.py`.

Arguments: ``strict`` or ``kill``. Prints, as JSON, what it did before the lock and after.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

from passerby.lock import Limits, Profile, Walls

STRICT = sys.argv[1] == "strict"
WIDTH, HEIGHT, FRAMES = 320, 192, 12

walls = Walls()
walls.before_imports({0, 1, 2}, Limits(address_space=4 << 30), parent=os.getppid())

import av  # noqa: E402
import cv2  # noqa: E402
import numpy as np  # noqa: E402
import numpy.random  # noqa: E402


def model() -> Callable[[], Any] | None:
    """An inference of a small model, or None where OpenVINO is not installed. Compiles on the first call."""
    if find_spec("openvino") is None:
        return None
    import openvino as ov
    from openvino import opset8 as op

    core = ov.Core()
    core.get_property("CPU", "FULL_DEVICE_NAME")
    made: list[Any] = []
    picture = np.zeros((1, 3, 96, 160), np.float32)

    def infer() -> Any:
        if not made:
            parameter = op.parameter([1, 3, 96, 160], np.float32)
            node = parameter
            for inputs, stride in ((3, 1), (8, 2), (8, 2)):
                kernel = op.constant(np.full((8, inputs, 3, 3), 0.01, np.float32))
                node = op.relu(op.convolution(node, kernel, [stride] * 2, [1, 1], [1, 1], [1, 1]))
            whole = ov.Model([op.result(node)], [parameter], "small")
            hints = {"ENABLE_CPU_PINNING": False, "INFERENCE_PRECISION_HINT": "bf16"}
            made.append(core.compile_model(whole, "CPU", hints).create_infer_request())
        return made[0].infer([picture])

    return infer


def encode() -> list[bytes]:
    """H.264 of moving noise."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = WIDTH, HEIGHT, "yuv420p", Fraction(1, 25)
    encoder.thread_count, encoder.options = 2, {"preset": "superfast"}
    random = np.random.default_rng(0)
    packets = []
    for at in range(FRAMES):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane in frame.planes:
            plane.update(random.integers(0, 255, plane.buffer_size, dtype=np.uint8).tobytes())
        frame.pts = at
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets + [bytes(packet) for packet in encoder.encode(None)]


def decode(packets: list[bytes]) -> int:
    """Frames in packets."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count, decoder.thread_type = 2, "AUTO"
    return sum(len(decoder.decode(av.Packet(p))) for p in packets) + len(decoder.decode(None))


def look() -> None:
    """What the hide process does with OpenCV and NumPy."""
    grey = np.full((HEIGHT, WIDTH), 7, np.uint8)
    small = cv2.resize(grey, (160, 96), interpolation=cv2.INTER_AREA)
    cv2.createBackgroundSubtractorMOG2().apply(grey)
    cv2.DISOpticalFlow_create(0).calc(small, small, None)
    cv2.dilate(cv2.GaussianBlur(small, (5, 5), 0), np.ones((3, 3), np.uint8))
    cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    np.sort(np.random.default_rng().random(200_000))
    np.ones((64, 64)) @ np.ones((64, 64))


def work(infer: Callable[[], Any] | None) -> list[int]:
    """Everything once."""
    packets = encode()
    look()
    if infer is not None:
        infer()
        infer()
    return [len(packets), decode(packets), sum(map(len, packets))]


def main() -> None:
    """Lock in the product's order, working before and after."""
    infer = model()
    walls.before_threads()
    cv2.ocl.setUseOpenCL(False)
    cv2.setNumThreads(2)
    before = work(infer)
    mappings = walls._mappings
    frozen = sum(length for _, length in mappings.writable_code()) if mappings else 0
    profile = Profile("pipeline", write_fds=(1, 2), strict=STRICT, allow_affinity=STRICT)
    walls.before_first_packet(profile)
    after = work(infer)
    done = threading.Event()
    threading.Timer(0.01, done.set).start()
    done.wait(5)
    gc.collect()
    said = {"before": before, "after": after, "frozen": frozen, "model": infer is not None}
    os.write(1, json.dumps(said).encode())
    os._exit(0)


main()
