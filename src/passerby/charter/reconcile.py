"""Cameras as they are configured, as the network shows them, and as the register has them: where the three differ.

A difference is a finding. Its id is the same at each reconciling, so that anybody can see how long it has stood. What
becomes public is a finding's kind, its id and, where it is known, the camera's name in the ledger: never an address.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

import rfc8785

from passerby.charter.site_permit import act_camera

ID_DIGITS = 16
GONE = "removed"
RUNNING = "active"
RECORDS = "G"  # the ONVIF profile of recording in the camera itself


class Kind(Enum):
    """What is wrong. The ledger's words."""

    UNREGISTERED = "unregistered"
    UNCONFIGURED = "unconfigured"
    UNSEEN = "unseen"
    UNREACHABLE = "unreachable"
    OPEN_STREAM = "open-stream"
    DEFAULT_PASSWORD = "default-password"  # noqa: S105 - a finding's name
    AUDIO = "audio"
    CAN_RECORD = "can-record"
    SESSIONS = "sessions"


class Anonymous(Enum):
    """What a camera answers to somebody without a password."""

    REFUSED = "refused"
    OPEN = "open"
    UNREACHABLE = "unreachable"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Configured:
    """A camera in a station's settings.

    Args:
        camera: Its id.
        host: Its numeric address; empty for a file, or where its name is not known.
    """

    camera: str
    host: str


@dataclass(frozen=True, slots=True)
class Device:
    """A camera that answered on the network.

    Args:
        host: Its numeric address.
        profiles: The ONVIF profiles that it says it has.
    """

    host: str
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found by asking a configured camera.

    Args:
        anonymous: What it answers without a password.
        audio: Whether it sends sound; None where that can't be seen.
        default_password: Whether a factory password opens it; None where nobody tried.
        sessions: Connections from this machine to it; None where that can't be seen.
        expected: How many there should be.
    """

    anonymous: Anonymous
    audio: bool | None = None
    default_password: bool | None = None
    sessions: int | None = None
    expected: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference.

    Args:
        kind: What is wrong.
        id: The same each time.
        camera: The camera's id; empty for a device that nobody knows.
        act_camera: Its name in the ledger; empty likewise.
        words: For the operator. Holds addresses: not public.
    """

    kind: Kind
    id: str
    camera: str
    act_camera: str
    words: str

    def public(self) -> bytes:
        """As a line of the list that is logged."""
        return rfc8785.dumps({"camera": self.act_camera, "finding": self.kind.value, "id": self.id})


def compare(
    site: str,
    secret: bytes,
    configured: Sequence[Configured],
    registered: Mapping[str, str],
    seen: Iterable[Device] | None,
    looked: Mapping[str, Looked],
) -> list[Finding]:
    """All differences, in the order of kind, camera and id.

    Args:
        site: The site's name.
        secret: Makes the ids of unknown devices: who reads them must not learn addresses by trying all of them.
        configured: All that the stations' settings have.
        registered: Each registered camera's phase.
        seen: What answered on the network; None where nobody asked.
        looked: What asking each configured camera found.
    """
    found: list[Finding] = []

    def add(kind: Kind, camera: str, words: str) -> None:
        name = act_camera(site, camera)
        found.append(Finding(kind, _id(kind, name), camera, name, words))

    devices = None if seen is None else {device.host: device for device in seen}
    known = {c.host for c in configured if c.host}
    names = {c.camera for c in configured}
    for camera in configured:
        phase = registered.get(camera.camera)
        if phase is None or phase == GONE:
            add(
                Kind.UNREGISTERED,
                camera.camera,
                f"configured, but {'taken out of' if phase else 'not in'} the register",
            )
        device = (devices or {}).get(camera.host)
        if device is not None and RECORDS in device.profiles:
            add(
                Kind.CAN_RECORD,
                camera.camera,
                "can record by itself (ONVIF profile G): see that it doesn't",
            )
        if (look := looked.get(camera.camera)) is not None:
            for kind, words in _of_look(look, asked=devices is not None, answered=device is not None):
                add(kind, camera.camera, words)
    for name, phase in registered.items():
        if phase == RUNNING and name not in names:
            add(Kind.UNCONFIGURED, name, "active in the register, but no station has it")
    for host in sorted((devices or {}).keys() - known):
        mark = hmac.new(secret, host.encode(), sha256).hexdigest()
        words = f"a camera answers at {host} that no station has"
        found.append(Finding(Kind.UNREGISTERED, _id(Kind.UNREGISTERED, mark), "", "", words))
    return sorted(found, key=lambda f: (f.kind.value, f.camera, f.id))


def _of_look(look: Looked, *, asked: bool, answered: bool) -> Iterable[tuple[Kind, str]]:
    if look.anonymous is Anonymous.UNREACHABLE:
        if asked and not answered:
            yield Kind.UNSEEN, "configured, but neither discovery nor its address finds it"
        else:
            yield Kind.UNREACHABLE, "does not answer at its address"
    if look.anonymous is Anonymous.OPEN:
        yield Kind.OPEN_STREAM, "gives its picture to anybody without a password"
    if look.default_password:
        yield Kind.DEFAULT_PASSWORD, "a factory password opens it: change it"
    if look.audio:
        yield Kind.AUDIO, "sends sound: switch it off"
    if look.sessions is not None and look.sessions > look.expected:
        yield Kind.SESSIONS, f"{look.sessions} connections from this machine, {look.expected} expected"


def _id(kind: Kind, camera: str) -> str:
    return sha256(f"passerby/finding@1\n{kind.value}\n{camera}".encode()).hexdigest()[:ID_DIGITS]
