"""Asks a camera what it would tell a stranger: one RTSP DESCRIBE, and what its answer shows. No picture is fetched.

Sources: RFC 2326 (RTSP), RFC 7616 (digest), RFC 8866 (SDP). The camera is not trusted: every answer is bounded in bytes
and in time. A password is never sent in the clear: a camera that asks for that is not told one.
"""

from __future__ import annotations

import re
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import md5, sha256

HEAD, BODY = 16 << 10, 64 << 10
PATIENCE_S = 3.0
DENIED = (401, 403)
UNAUTHORISED, GOOD = 401, 200
# Tried only by name, on one's own camera: fewer than the five failures after which many cameras lock themselves.
FACTORY = (("admin", "admin"), ("admin", ""), ("admin", "12345"), ("root", "pass"))
_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})")
_PART = re.compile(r'([a-z]+)=(?:"([^"]*)"|([^,\s]*))', re.IGNORECASE)
# MD5 is what some cameras ask for; it protects nothing of ours.
_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda raw: md5(raw, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda raw: sha256(raw).hexdigest(),
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a camera's stream is.

    Args:
        host: A numeric address.
        port: TCP.
        path: With its query, from the first stroke on.
    """

    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """As it is asked for, without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"rtsp://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Args:
        status: RTSP's number; 0 where it was no RTSP.
        sdp: The description, where there was one.
    """

    status: int
    sdp: str = ""

    @property
    def shows_video(self) -> bool:
        """Whether it describes a picture to be had."""
        return self.status == GOOD and _has(self.sdp, "video")

    @property
    def has_audio(self) -> bool | None:
        """Whether it describes sound; None where it describes nothing."""
        return _has(self.sdp, "audio") if self.status == GOOD and _has(self.sdp, "video") else None


def describe(target: Target, user: str | None = None, password: str = "", patience_s: float = PATIENCE_S) -> Answer:
    """Ask for a stream's description; with a user, once more if the camera asks who that is.

    Raises:
        OSError: It can't be reached, or does not answer in time.
    """
    until_s = time.monotonic() + patience_s
    with socket.create_connection((target.host, target.port), timeout=patience_s) as line:
        status, head, body = _ask(line, target, 1, "", until_s)
        if status == UNAUTHORISED and user is not None and (proof := _proof(head, target, user, password)):
            status, _, body = _ask(line, target, 2, f"Authorization: {proof}\r\n", until_s)
    return Answer(status, body)


def opens(target: Target, pairs: tuple[tuple[str, str], ...] = FACTORY, patience_s: float = PATIENCE_S) -> bool:
    """Whether one of these names and passwords opens it; stops at the first that does.

    Raises:
        OSError: It can't be reached.
    """
    return any(describe(target, user, password, patience_s).shows_video for user, password in pairs)


def connections(table: str, host: str, port: int) -> int:
    """Connections to a camera that are established, in the kernel's table of them (``/proc/net/tcp``; IPv4).

    Args:
        table: The file's text.
        host: The camera's numeric address.
        port: Its port.
    """
    try:
        there = f"{int.from_bytes(socket.inet_aton(host), 'little'):08X}:{port:04X}"
    except OSError:
        return 0
    rows = (row.split() for row in table.splitlines()[1:])
    return sum(len(row) > 3 and row[2] == there and row[3] == "01" for row in rows)


def _ask(line: socket.socket, target: Target, number: int, more: str, until_s: float) -> tuple[int, str, str]:
    lines = f"DESCRIBE {target.url} RTSP/1.0\r\nCSeq: {number}\r\nAccept: application/sdp\r\n{more}\r\n"
    line.sendall(lines.encode())
    head, rest = b"", b""
    while b"\r\n\r\n" not in head:
        if len(head) > HEAD:
            return 0, "", ""
        head += _receive(line, until_s)
    head, _, rest = head.partition(b"\r\n\r\n")
    text = head.decode("utf-8", "replace")
    length = re.search(r"^content-length: *([0-9]{1,9})\r?$", text, re.IGNORECASE | re.MULTILINE)
    wanted = min(int(length[1]), BODY) if length else 0
    while len(rest) < wanted:
        rest += _receive(line, until_s)
    found = _STATUS.match(head)
    return int(found[1]) if found else 0, text, rest[:wanted].decode("utf-8", "replace")


def _receive(line: socket.socket, until_s: float) -> bytes:
    left_s = until_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("the camera's answer takes too long")
    line.settimeout(left_s)
    got = line.recv(HEAD)
    if not got:
        raise ConnectionResetError("the camera hung up")
    return got


def _proof(head: str, target: Target, user: str, password: str) -> str:
    """What answers a digest challenge; empty where there is none that is understood."""
    for challenge in re.findall(r"^www-authenticate: *digest (.*?)\r?$", head, re.IGNORECASE | re.MULTILINE):
        said = {name.lower(): quoted or bare for name, quoted, bare in _PART.findall(challenge)}
        kind, realm, nonce = said.get("algorithm", "MD5"), said.get("realm", ""), said.get("nonce", "")
        if (digest := _HASHES.get(kind.upper())) is None:
            continue
        one, two = digest(f"{user}:{realm}:{password}".encode()), digest(f"DESCRIBE:{target.url}".encode())
        parts = {"username": user, "realm": realm, "nonce": nonce, "uri": target.url}
        if "auth" in [word.strip() for word in said.get("qop", "").split(",")]:
            count, own = "00000001", secrets.token_hex(8)
            response = digest(f"{one}:{nonce}:{count}:{own}:auth:{two}".encode())
            tail = f', qop=auth, nc={count}, cnonce="{own}"'
        else:
            response, tail = digest(f"{one}:{nonce}:{two}".encode()), ""
        if any('"' in value or "\r" in value or "\n" in value for value in parts.values()):
            continue
        named = ", ".join(f'{name}="{value}"' for name, value in parts.items())
        return f'Digest {named}, response="{response}", algorithm={kind}{tail}'
    return ""


def _has(sdp: str, what: str) -> bool:
    return re.search(rf"^m={what} ", sdp, re.MULTILINE) is not None
