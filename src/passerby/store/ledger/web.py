"""The ledger over HTTP, with the standard library: fetch a log's files, ask a witness, serve both."""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import SplitResult, urlsplit

from passerby.ledger.errors import Misuse, Unreadable
from passerby.ledger.verify import Reader
from passerby.ledger.witness import LONGEST_REQUEST, Answer

_LONGEST = 256 * (2 + 65_535)  # a full bundle of the longest entries
_TIMEOUT = 20.0
_OK, _GONE = 200, (404, 410)
_log = logging.getLogger(__name__)
Handle = Callable[[str, str, bytes], Answer]  # method, path without its first slash, body


class Web:
    """Fetches and posts, over connections that stay open: one a host and thread.

    Args:
        timeout: Seconds that a server may be silent.
    """

    def __init__(self, timeout: float = _TIMEOUT) -> None:
        self._timeout = timeout
        self._kept = threading.local()

    def reader(self, url: str) -> Reader:
        """A log's files below an address.

        Raises:
            Misuse: It is not an http or https address.
        """
        base = _split(url)

        def read(path: str) -> bytes | None:
            status, _, body = self._ask(base, "GET", f"{base.path.rstrip('/')}/{path}", b"")
            if status not in (_OK, *_GONE):
                raise Unreadable(f"{url} answered {status} for {path}")
            return body if status == _OK else None

        return read

    def post(self, url: str, body: bytes) -> tuple[int, str, bytes]:
        """Post to an address: the status, content type and body of the answer.

        Raises:
            Unreadable: It can't be reached.
        """
        base = _split(url)
        return self._ask(base, "POST", base.path, body)

    def close(self) -> None:
        """Close this thread's connections."""
        for connection in self._kept.__dict__.pop("connections", {}).values():
            connection.close()

    def _ask(self, base: SplitResult, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        try:
            try:
                return self._once(base, method, path, body)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._drop(base)  # a kept connection that the server had closed
                return self._once(base, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self._drop(base)
            raise Unreadable(
                f"{base.scheme}://{base.netloc} can't be reached ({error or type(error).__name__})"
            ) from error

    def _once(self, base: SplitResult, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        connections = self._kept.__dict__.setdefault("connections", {})
        key = (base.scheme, base.netloc)
        if key not in connections:
            kind = http.client.HTTPSConnection if base.scheme == "https" else http.client.HTTPConnection
            connections[key] = kind(base.netloc, timeout=self._timeout)
        connections[key].request(method, path or "/", body or None, {"Accept-Encoding": "identity"})
        answer = connections[key].getresponse()
        content = answer.read(_LONGEST + 1)
        if len(content) > _LONGEST:
            raise Unreadable(f"{base.netloc}{path} is longer than anything a log serves")
        return answer.status, answer.headers.get("Content-Type", ""), content

    def _drop(self, base: SplitResult) -> None:
        connection = self._kept.__dict__.get("connections", {}).pop((base.scheme, base.netloc), None)
        if connection:
            connection.close()


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Misuse(f"{url} is not an address: give http://… or https://…")
    return parts


def static(read: Reader) -> Handle:
    """Serves a log's files, with the content types and caching that tlog-tiles asks for."""

    def handle(method: str, path: str, _body: bytes) -> Answer:
        if method != "GET":
            return Answer(405)
        content = read(path)
        if content is None:
            return Answer(404, b"there is no such file\n")
        binary = path.startswith("tile/")
        return Answer(_OK, content, "application/octet-stream" if binary else "text/plain; charset=utf-8")

    return handle


class Server:
    """Serves a handler; closes with `close`. Listens on loopback unless told otherwise.

    Args:
        handle: Answers requests.
        host: Where to listen.
        port: 0 takes a free one.
    """

    def __init__(self, handle: Handle, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = ThreadingHTTPServer((host, port), _handler(handle))
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_address[1]}"

    def run(self) -> None:
        """Serve until closed or interrupted."""
        self._server.serve_forever(poll_interval=0.1)

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.run, daemon=True, name="ledger-http").start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


def _handler(handle: Handle) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        protocol_version = "HTTP/1.1"
        timeout = _TIMEOUT

        def do_GET(self) -> None:
            """Answer."""
            self._answer(b"")

        def do_POST(self) -> None:
            """Answer."""
            length = self.headers.get("Content-Length", "")
            if not length.isascii() or not length.isdigit() or int(length) > LONGEST_REQUEST:
                self.close_connection = True
                self._send(Answer(413 if length.isdigit() else 411))
                return
            self._answer(self.rfile.read(int(length)))

        def _answer(self, body: bytes) -> None:
            self._send(handle(self.command, self.path.split("?")[0].removeprefix("/"), body))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            fixed = answer.kind == "application/octet-stream"
            self.send_header("Cache-Control", "max-age=31536000, immutable" if fixed else "max-age=2")
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """To the log, not to standard error."""
            _log.debug(format, *args)

    return Handler
