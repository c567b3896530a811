"""Receivers of alerts for tests: a web server and a real MQTT broker, on loopback."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")


@dataclass
class Hook:
    """What a webhook's receiver saw; `answers` are given in turn, then 204."""

    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.seen]


@contextmanager
def webhook() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = hook.answers.pop(0) if hook.answers else 204
            self.send_response(status)
            if status == 302:
                self.send_header("location", hook.url)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.url = f"http://127.0.0.1:{server.server_port}/alerts"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def broker(folder: Path, port: int, more: str = "allow_anonymous true") -> Iterator[None]:
    """Mosquitto on loopback."""
    assert MOSQUITTO
    settings = folder / f"mosquitto-{port}.conf"
    settings.write_text(f"listener {port} 127.0.0.1\npersistence false\n{more}\n")
    with subprocess.Popen([MOSQUITTO, "-c", str(settings)], stderr=subprocess.DEVNULL) as process:
        try:
            until_s = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert time.monotonic() < until_s, "mosquitto did not start"
                    time.sleep(0.02)
            yield
        finally:
            process.terminate()
