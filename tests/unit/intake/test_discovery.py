"""Who answers on the network; what strangers answer harms nobody."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.base.errors import SourceError
from passerby.intake.discovery import ADDRESSING, DISCOVERY, LARGEST_ANSWER, discover, parse

SCOPES = (
    "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/P3245 "
    "onvif://www.onvif.org/name/North%20gate onvif://www.onvif.org/location/"
)


def answer(services: str = "http://192.0.2.7/onvif/device_service", scopes: str = SCOPES) -> bytes:
    return f"""<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
      xmlns:a="{ADDRESSING}" xmlns:d="{DISCOVERY}"><s:Body><d:ProbeMatches><d:ProbeMatch>
      <a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>
      <d:Scopes>{scopes}</d:Scopes><d:XAddrs>{services}</d:XAddrs></d:ProbeMatch></d:ProbeMatches>
      </s:Body></s:Envelope>""".encode()


class Responder:
    """A camera's end of WS-Discovery, on loopback."""

    def __init__(self, *answers: bytes) -> None:
        self.asked: list[bytes] = []
        self._answers = answers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.address: tuple[str, int] = self._socket.getsockname()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        question, sender = self._socket.recvfrom(LARGEST_ANSWER)
        self.asked.append(question)
        for each in self._answers:
            self._socket.sendto(each, sender)

    def close(self) -> None:
        self._thread.join()
        self._socket.close()


@pytest.fixture
def cameras() -> Iterator[Responder]:
    responder = Responder(
        b"no xml at all",
        answer(),
        answer(),
        answer("http://192.0.2.9/onvif http://[2001:db8::9]/onvif", ""),
        answer("rtsp://elsewhere/ ftp://x/", SCOPES),
    )
    yield responder
    responder.close()


def test_cameras_that_answer_are_listed_once(cameras: Responder) -> None:
    found = discover(0.5, cameras.address)
    assert [(c.host, c.name, c.hardware) for c in found] == [
        ("127.0.0.1", "North gate", "P3245"),
        ("192.0.2.7", "North gate", "P3245"),
        ("192.0.2.9", "", ""),
    ]
    assert found[2].services == ("http://192.0.2.9/onvif", "http://[2001:db8::9]/onvif")
    assert b"NetworkVideoTransmitter" in cameras.asked[0]
    assert len(cameras.asked) == 1, "one question, and nothing else is asked of anybody"


def test_nobody_answers() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        assert discover(0.2, silent.getsockname()) == []


def test_no_network() -> None:
    with pytest.raises(SourceError, match="no camera can be asked"):
        discover(0.1, ("255.255.255.255", 9))


@given(st.binary(max_size=600) | st.text(max_size=600).map(str.encode))
def test_garbage_is_no_camera(garbage: bytes) -> None:
    assert parse(garbage, "192.0.2.1") == []


@given(st.text(max_size=80), st.text(max_size=80))
def test_strange_words_do_no_harm(services: str, scopes: str) -> None:
    for camera in parse(answer(services, scopes), "192.0.2.1"):
        assert all(service.startswith(("http://", "https://")) for service in (s.lower() for s in camera.services))


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "' + b"y" * 1000 + b'">]>' + answer(scopes="&x;")
    assert parse(bomb, "192.0.2.1") == []
