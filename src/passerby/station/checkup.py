"""What ``passerby doctor`` looks at. Changes nothing."""

from __future__ import annotations

import hashlib
import importlib.metadata
import shutil
import time
from pathlib import Path

from passerby.base.errors import PasserbyError
from passerby.darkroom import warm
from passerby.darkroom.find.network import TELEMETRY, Backend, available
from passerby.darkroom.launch import Wanted, listed_hashes
from passerby.darkroom.weights import load
from passerby.lock.support import Finding, probe
from passerby.outlet.messages import ItemEnd, RedactedPacket, Status
from passerby.station.crew import Crew
from passerby.station.files import permit_for

LEAST_FREE_BYTES = 2 << 30
# The day this build was made: a clock before it is wrong.
BUILT_S = 1_795_392_000


def examine() -> list[Finding]:
    """Every finding, the most important first."""
    found = [*probe().findings, _models(), _backend(), _telemetry(), _codecs(), _disk(), _clock()]
    if all(f.ok for f in found if f.required):
        found.append(_darkroom())
    return found


def _models() -> Finding:
    try:
        names = list(listed_hashes())
        for name in names:
            load(name)
    except PasserbyError as error:
        return Finding("models", ok=False, detail=error.message, advice=error.advice, required=True)
    return Finding("models", ok=True, detail=f"{', '.join(names)}: as listed", required=True)


def _backend() -> Finding:
    if available() is Backend.OPENVINO:
        return Finding("inference", ok=True, detail="OpenVINO")
    return Finding(
        "inference",
        ok=False,
        detail="OpenCV (correct, slower)",
        advice="pip install --no-deps openvino (without --no-deps it brings telemetry along)",
    )


def _telemetry() -> Finding:
    present = [name for name in TELEMETRY if _installed(name)]
    if not present:
        return Finding("telemetry", ok=True, detail="no package that phones home is installed")
    names = " ".join(name.replace("_", "-") for name in present)
    return Finding(
        "telemetry", ok=False, detail=f"{names} is installed; Passerby never loads it", advice=f"pip uninstall {names}"
    )


def _installed(name: str) -> bool:
    try:
        importlib.metadata.distribution(name.replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _codecs() -> Finding:
    try:
        warm.decoding(1)
    except (OSError, ValueError) as error:
        return Finding(
            "codecs", ok=False, detail=f"H.264, JPEG or PNG fails ({error})", advice="install PyAV again", required=True
        )
    return Finding("codecs", ok=True, detail="H.264, JPEG and PNG encode and decode", required=True)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    return Finding(
        "disk", ok=free >= LEAST_FREE_BYTES, detail=f"{free / 1e9:.1f} GB free in this folder", advice="make room"
    )


def _clock() -> Finding:
    now = time.time()
    said = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    return Finding("clock", ok=now >= BUILT_S, detail=said, advice="set the clock: permits are dated", required=True)


def _darkroom() -> Finding:
    """Start one for real and have it redact a made-up picture."""
    wanted = Wanted(frozenset({"redact"}), pictures=True)
    picture = warm.encoding(1)[1][-1].tail
    started = time.monotonic()
    try:
        with Crew(wanted) as crew:
            crew.start_hide(None)
            messages = list(crew.item(permit_for(hashlib.sha256(picture).digest(), wanted), picture))
    except PasserbyError as error:
        return Finding("darkroom", ok=False, detail=error.message, advice=error.advice, required=True)
    end = messages[-1]
    well = (
        isinstance(end, ItemEnd) and end.status == Status.DONE and any(isinstance(m, RedactedPacket) for m in messages)
    )
    detail = f"locked, redacted a picture and ended within {time.monotonic() - started:.1f} s"
    return Finding("darkroom", ok=well, detail=detail if well else "a locked darkroom gave no picture", required=True)
