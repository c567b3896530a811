"""Looks at each configured camera as a stranger would, and gathers what reconciling compares."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from passerby.base.errors import SettingsError, UsageError
from passerby.charter.reconcile import Anonymous, Configured, Device, Finding, Looked, compare
from passerby.intake.discovery import Seen
from passerby.intake.inspect import DENIED, Answer, Target, connections, describe, opens
from passerby.station.settings import CameraSettings, Site

AT_ONCE = 32
SECRET, SECRET_BYTES = "reconcile.secret", 32
TABLE = Path("/proc/net/tcp")


def reconcile(
    sites: Sequence[Site],
    name: str,
    registered: dict[str, str],
    seen: Iterable[Seen] | None,
    try_defaults: Collection[str] = (),
    table: Callable[[], str] = lambda: TABLE.read_text("ascii"),
) -> list[Finding]:
    """All differences between settings, network and register.

    Args:
        sites: The settings of each station.
        name: The site's name.
        registered: Each registered camera's phase.
        seen: What discovery found; None where nobody asked.
        try_defaults: Cameras that factory passwords are tried on: their owner named each of them.
        table: The kernel's table of connections.

    Raises:
        UsageError: A camera to try passwords on is not configured here.
        SettingsError: Two stations have the same camera, or a secret can't be read.
    """
    cameras = [camera for site in sites for camera in site.cameras]
    names = [camera.name for camera in cameras]
    if twice := {camera for camera in names if names.count(camera) > 1}:
        raise SettingsError(f"two stations have a camera {min(twice)}", "give it to one of them")
    if strange := set(try_defaults) - set(names):
        raise UsageError(f"no station here has {min(strange)}", "passwords are tried on your own cameras only")
    targets = {camera.name: found for camera in cameras if (found := target_of(camera)) is not None}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        look = partial(_look, targets=targets, try_defaults=try_defaults, table=table)
        looked = dict(zip(targets, pool.map(look, [c for c in cameras if c.name in targets]), strict=True))
    configured = [Configured(c.name, targets[c.name].host if c.name in targets else "") for c in cameras]
    devices = None if seen is None else [Device(s.host, s.profiles) for s in seen]
    return compare(name, _secret(sites[0].data), configured, registered, devices, looked)


def target_of(camera: CameraSettings) -> Target | None:
    """Where a camera's stream is; None for a file, or where its name is not known to the network."""
    parts = camera.address
    if parts is None:
        return None
    try:
        found = socket.getaddrinfo(parts.hostname, camera.port, type=socket.SOCK_STREAM)
    except OSError:
        return Target(str(parts.hostname), int(camera.port or 0), "/")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(str(found[0][4][0]), int(camera.port or 0), path)


def _look(
    camera: CameraSettings, targets: dict[str, Target], try_defaults: Collection[str], table: Callable[[], str]
) -> Looked:
    target = targets[camera.name]
    # Before anybody is asked: asking is a connection, too.
    sessions = connections(table(), target.host, target.port) if ":" not in target.host else None
    try:
        stranger = describe(target)
        own = stranger if stranger.shows_video or camera.user is None else _as_ourselves(camera, target)
        default = opens(target) if camera.name in try_defaults and not stranger.shows_video else None
    except OSError:
        return Looked(Anonymous.UNREACHABLE, sessions=sessions)
    return Looked(_anonymous(stranger), own.has_audio, default, sessions)


def _as_ourselves(camera: CameraSettings, target: Target) -> Answer:
    assert camera.user is not None
    return describe(target, camera.user.read(), camera.password.read() if camera.password else "")


def _anonymous(answer: Answer) -> Anonymous:
    if answer.shows_video:
        return Anonymous.OPEN
    return Anonymous.REFUSED if answer.status in DENIED else Anonymous.UNCLEAR


def _secret(data: Path) -> bytes:
    """Makes the ids of devices that nobody knows: drawn once, kept beside the station's data.

    Raises:
        SettingsError: It can't be read or written.
    """
    path = data / SECRET
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o750)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            found = path.read_bytes()
        else:
            found = os.urandom(SECRET_BYTES)
            with os.fdopen(descriptor, "wb") as file:
                file.write(found)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise SettingsError(f"{path} can't be used ({error.strerror})", "check the data folder") from error
    if len(found) != SECRET_BYTES:
        raise SettingsError(f"{path} is damaged", "remove it: findings of unknown devices get new ids then")
    return found
