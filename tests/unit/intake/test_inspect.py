"""What a camera tells a stranger; and that no camera, however hostile, gets more than a bounded look."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.intake.inspect import BODY, FACTORY, HEAD, Answer, Target, connections, describe, opens

SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=control:0\r\n"
TABLE = Path("/proc/net/tcp")
BASIC = 'WWW-Authenticate: Basic realm="camera"\r\n'
DIGEST = 'WWW-Authenticate: Digest realm="camera", nonce="abc", algorithm=MD5\r\n'


def answer(status: int, body: str = "", more: str = "") -> bytes:
    return f"RTSP/1.0 {status} X\r\nCSeq: 1\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode()


@contextmanager
def camera(*replies: bytes, hold_s: float = 0) -> Iterator[tuple[Target, list[bytes]]]:
    """A camera's end: gives one reply after each request, on however many connections."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)

        def serve() -> None:
            left = list(replies)
            while left:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    line.settimeout(5)
                    while left:
                        got = b""
                        try:
                            while b"\r\n\r\n" not in got and (more := line.recv(4096)):
                                got += more
                            if not got:
                                break
                            asked.append(got)
                            line.sendall(left.pop(0))
                        except OSError:
                            break
                    time.sleep(hold_s)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Target("127.0.0.1", server.getsockname()[1], "/main"), asked
    thread.join()


def test_a_stranger_is_refused_or_let_in() -> None:
    with camera(answer(401, more=DIGEST)) as (target, asked):
        found = describe(target)
        assert (found.status, found.shows_video, found.has_audio) == (401, False, None)
    assert b"Authorization" not in asked[0]
    with camera(answer(200, SDP)) as (target, _):
        assert (describe(target).shows_video, Answer(200, SDP).has_audio) == (True, False)
    with camera(answer(200, SDP + "m=audio 0 RTP/AVP 8\r\n")) as (target, _):
        assert describe(target).has_audio is True


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_password_is_proven_and_never_sent(algorithm: str) -> None:
    challenge = f'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int", algorithm={algorithm}\r\n'
    with camera(answer(401, more=BASIC + challenge), answer(200, SDP)) as (target, asked):
        assert describe(target, "viewer", "secret-word").shows_video
    assert b"secret-word" not in b"".join(asked)
    assert b'username="viewer"' in asked[1] and f"algorithm={algorithm}".encode() in asked[1]


@pytest.mark.parametrize(
    "challenge",
    [BASIC, 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=ROT13\r\n', "", "WWW-Authenticate: \r\n"],
)
def test_a_camera_that_wants_the_password_itself_gets_none(challenge: str) -> None:
    with camera(answer(401, more=challenge), answer(200, SDP)) as (target, asked):
        assert describe(target, "viewer", "secret-word").status == 401
        assert len(asked) == 1
        describe(target)  # ends the server's second reply
    assert b"secret-word" not in b"".join(asked)


def test_factory_passwords_are_few_and_stop_at_the_first_that_opens() -> None:
    assert len(FACTORY) < 5, "many cameras lock themselves after five failures"
    refused = answer(401, more=DIGEST)
    with camera(refused, refused, refused, answer(200, SDP)) as (target, asked):
        assert opens(target)
    assert len(asked) == 4 and b'username="admin"' in asked[3]
    with camera(*[refused] * 8) as (target, asked):
        assert not opens(target)
    assert len(asked) == 8


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\n\r\n", b"\r\n\r\n", b"\xff" * 100 + b"\r\n\r\n", b"RTSP/1.0 abc\r\n\r\n",
        b"x" * (HEAD * 2 + 8), b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    ],
)  # fmt: skip
def test_nonsense_is_no_answer(reply: bytes) -> None:
    with camera(reply) as (target, _):
        found = describe(target)
    assert not found.shows_video and found.has_audio is None


def test_a_flood_is_cut() -> None:
    huge = b"RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"m=video 0\r\n" * (BODY // 4)
    with camera(huge) as (target, _):
        assert len(describe(target).sdp) <= BODY


def test_one_that_says_nothing_or_little_is_given_up() -> None:
    for reply in (b"", b"RTSP/1.0 200 OK\r\nContent-Length: 50\r\n\r\nv=0"):
        with camera(reply, hold_s=1) as (target, _), pytest.raises(OSError):
            describe(target, patience_s=0.3)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(OSError):
            describe(Target("127.0.0.1", closed.getsockname()[1], "/"))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_as_something(raw: bytes) -> None:
    from passerby.intake.inspect import _proof

    head = raw.decode("utf-8", "replace")
    assert "\n" not in _proof(f"WWW-Authenticate: Digest {head}\r\n", Target("127.0.0.1", 1, "/"), "u", "p")


def test_connections_in_the_kernel_s_table() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert connections(TABLE.read_text(), "127.0.0.1", port) == 0
        with socket.create_connection(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
            assert connections(TABLE.read_text(), "127.0.0.1", port) == 2
    assert connections("", "camera.example.org", 554) == 0
