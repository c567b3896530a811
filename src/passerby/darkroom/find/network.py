"""A network that runs: OpenVINO where it is installed, OpenCV otherwise.

Networks are compiled for fixed input sizes before the lock: compiling makes machine code, and a locked process may
not. OpenVINO runs in bf16 where the CPU can; its telemetry package is never imported, even where somebody installed it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom import weights

Picture = NDArray[np.uint8]
Outputs = Mapping[str, NDArray[np.float32]]
TELEMETRY = ("openvino_telemetry", "onnxruntime")


class Backend(IntEnum):
    """What runs the networks."""

    OPENVINO = 1
    OPENCV = 2


def silence_telemetry() -> None:
    """Make packages that phone home impossible to import in this process."""
    for name in TELEMETRY:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def available(environment: Mapping[str, str] = os.environ) -> Backend:
    """The backend to use: OpenVINO if it can be imported, unless PASSERBY_BACKEND=opencv asks otherwise."""
    silence_telemetry()
    if environment.get("PASSERBY_BACKEND") == "opencv":
        return Backend.OPENCV
    try:
        import openvino  # noqa: F401
    except ImportError:
        return Backend.OPENCV
    return Backend.OPENVINO


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs networks, ready before the second wall: libraries loaded, model files read.

    Args:
        backend: Which one.
        models: By name: parsed by OpenVINO, or the file's bytes for OpenCV.
        core: OpenVINO's core with its plugin loaded; None with OpenCV.
    """

    backend: Backend
    models: Mapping[str, Any]
    core: Any


def prepare(backend: Backend, names: Collection[str]) -> Runtime:
    """Read listed models and load what runs them: parsers and plugins are files too. Starts no thread."""
    models: dict[str, Any] = {name: weights.load(name) for name in names}
    if backend is Backend.OPENCV:
        return Runtime(backend, models, None)
    import openvino

    core = openvino.Core()
    core.get_property("CPU", "FULL_DEVICE_NAME")
    return Runtime(backend, {name: core.read_model(model=data) for name, data in models.items()}, core)


class Network:
    """One listed model at one input size.

    Args:
        name: The model's name in the list.
        size: Input width and height in pixels, multiples of 32.
        runtime: What runs it.
        threads: Threads for one inference.
    """

    def __init__(self, name: str, size: tuple[int, int], runtime: Runtime, threads: int) -> None:
        self.name = name
        self.size = size
        model = runtime.models[name]
        self._run = _opencv(model, threads) if runtime.core is None else _openvino(runtime.core, model, size, threads)

    def infer(self, picture: Picture) -> Outputs:
        """The outputs, by name, for a BGR picture (H, W, 3) of exactly the input size."""
        width, height = self.size
        if picture.shape != (height, width, 3):
            raise ValueError(f"{self.name} takes {width}x{height} pixels")
        blob = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32)
        return self._run(blob)


def _openvino(core: Any, read: Any, size: tuple[int, int], threads: int) -> Callable[[NDArray[np.float32]], Outputs]:
    model = read.clone()
    model.reshape([1, 3, size[1], size[0]])
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16"
        if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        else "f32",
    }
    compiled = core.compile_model(model, "CPU", settings)
    request = compiled.create_infer_request()
    names = [output.get_any_name() for output in compiled.outputs]

    def run(blob: NDArray[np.float32]) -> Outputs:
        results = request.infer([blob], share_inputs=True, share_outputs=True)
        return {name: results[index] for index, name in enumerate(names)}

    return run


def _opencv(data: bytes, threads: int) -> Callable[[NDArray[np.float32]], Outputs]:
    cv2.setNumThreads(threads)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))
    names = list(net.getUnconnectedOutLayersNames())

    def run(blob: NDArray[np.float32]) -> Outputs:
        net.setInput(blob)
        return dict(zip(names, net.forward(names), strict=True))

    return run
