"""Which cameras are on the network: one question by WS-Discovery, and the answers. Nothing is opened, nothing guessed.

Source: OASIS Web Services Dynamic Discovery (2005/04 draft, as ONVIF Core uses it); ONVIF Core Specification, 7.
"""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from passerby.base.errors import SourceError

GROUP = ("239.255.255.250", 3702)
DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
LARGEST_ANSWER = 64 * 1024
MOST_ANSWERS = 10_000
LONGEST_WORD = 200
_PROFILE = "onvif://www.onvif.org/Profile/"
PROBE = f"""<?xml version="1.0" encoding="utf-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="{ADDRESSING}" xmlns:d="{DISCOVERY}"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>uuid:{{id}}</w:MessageID>
<w:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>
<w:Action>{DISCOVERY}/Probe</w:Action></e:Header>
<e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A camera that answered.

    Args:
        host: Its numeric address, as it says; where its answer names none, where the answer came from.
        services: The addresses of its services.
        name: What it calls itself, or empty.
        hardware: Its model, or empty.
        profiles: The ONVIF profiles that it says it has, such as `G`: it can record by itself.
    """

    host: str
    services: tuple[str, ...]
    name: str
    hardware: str
    profiles: tuple[str, ...] = ()


def discover(
    seconds: float,
    group: tuple[str, int] = GROUP,
    clock: Callable[[], float] = time.monotonic,
) -> list[Seen]:
    """Ask the network this machine is on, and listen for some seconds.

    Args:
        seconds: How long to listen.
        group: Whom to ask.
        clock: Monotonic seconds.

    Raises:
        SourceError: This machine has no network to ask.
    """
    question = PROBE.format(id=uuid.uuid4())
    until_s = clock() + seconds
    found: dict[tuple[str, ...], Seen] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        try:
            asking.sendto(question.encode(), group)
            while (left_s := until_s - clock()) > 0 and len(found) < MOST_ANSWERS:
                asking.settimeout(left_s)
                try:
                    answer, sender = asking.recvfrom(LARGEST_ANSWER)
                except TimeoutError:
                    break
                for camera in parse(answer, str(sender[0])):
                    found[camera.services or (camera.host,)] = camera
        except OSError as error:
            raise SourceError(f"no camera can be asked ({error.strerror})", "check the network") from error
    return sorted(found.values(), key=lambda camera: (camera.host, camera.services))


def parse(answer: bytes, sender: str) -> list[Seen]:
    """The cameras in one answer; none where it is no answer. Anybody on the network may have written it."""
    if b"<!" in answer:  # no document types, hence no entities
        return []
    try:
        # No entities, at most 64 KiB.
        root = ET.fromstring(answer)  # noqa: S314  # nosec B314
    except ET.ParseError:
        return []
    return [_seen(match, sender) for match in root.iter(f"{{{DISCOVERY}}}ProbeMatch")]


def _seen(match: ET.Element, sender: str) -> Seen:
    services = tuple(s for s in _words(match, "XAddrs") if urlsplit(s).scheme in ("http", "https"))
    scopes = _words(match, "Scopes")
    host = next((h for s in services if (h := _host(s))), sender)
    profiles = tuple(sorted({s[len(_PROFILE) :] for s in scopes if s.startswith(_PROFILE)}))
    return Seen(host, services, _scope(scopes, "name"), _scope(scopes, "hardware"), profiles)


def _words(match: ET.Element, what: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in (match.findtext(f"{{{DISCOVERY}}}{what}") or "").split()]


def _scope(scopes: list[str], what: str) -> str:
    start = f"onvif://www.onvif.org/{what}/"
    return next((unquote(s[len(start) :]) for s in scopes if s.startswith(start)), "")


def _host(service: str) -> str | None:
    try:
        return urlsplit(service).hostname
    except ValueError:
        return None
