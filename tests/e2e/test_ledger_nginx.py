"""Plain nginx serves a log: verified, mirrored, watched and proven over HTTP; a spoiled tile is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.e2e.conftest import COMMAND
from tests.e2e.live.camera import soon
from tests.e2e.live.site import free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
# Full tiles of two levels, and partial ones of three.
ENTRIES = 256 * 256 + 256 + 3
PATIENCE_S = 20.0


def ledger(*arguments: str | Path, given: bytes = b"", code: int = 0) -> str:
    """What the command says; it must end with this code."""
    done = subprocess.run([*COMMAND, "ledger", *map(str, arguments)], input=given, capture_output=True)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == code, said
    return said


@contextmanager
def nginx(log: Path, state: Path) -> Iterator[str]:
    """The configuration that docs/ shows, for this folder; its address."""
    if NGINX is None:
        if os.environ.get("CI"):
            pytest.fail("no nginx")
        pytest.skip("no nginx")
    port = free_port()
    state.mkdir()
    text = (ROOT / "docs" / "nginx-ledger.conf").read_text()
    for word, value in (("STATE", state), ("ROOT", log), ("PORT", port)):
        text = text.replace(word, str(value))
    # Tests may run as root, whose workers would be somebody else, with no way into the test's folders.
    text = text.replace("daemon off;", "daemon off;\nuser root;") if os.geteuid() == 0 else text
    (state / "nginx.conf").write_text(text)
    process = subprocess.Popen([NGINX, "-p", str(state), "-c", str(state / "nginx.conf")], stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        soon("nginx", lambda: process.poll() is None and status(f"{address}/checkpoint") == 200, PATIENCE_S)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def status(address: str, method: str = "GET") -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method=method), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def cached(address: str) -> str:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return str(answer.headers["Cache-Control"])


def test_plain_nginx_serves_the_tiles(tmp_path: Path) -> None:
    log = tmp_path / "log"
    vkey = ledger("init", log, "--origin", "example.org/nginx").strip()
    ledger("append", "--raw", log, given=b"".join(b"entry %d\n" % n for n in range(ENTRIES)))
    with nginx(log, tmp_path / "nginx") as address:
        assert f"{ENTRIES} entries" in ledger("mirror", address, tmp_path / "copy", "--vkey", vkey)
        assert f"a tree of {ENTRIES} entries" in ledger("verify", tmp_path / "copy", "--vkey", vkey)
        ledger("monitor", address, "--memory", tmp_path / "seen", "--vkey", vkey)
        watch = [*COMMAND, "watchdog", address, "--vkey", vkey, "--data", str(tmp_path / "dog"), "--once"]
        subprocess.run(watch, check=True, capture_output=True)
        ledger("append", "--raw", log, given=b"one more\n")
        assert f"{ENTRIES + 1} entries" in ledger("mirror", address, tmp_path / "copy", "--vkey", vkey)

        assert "max-age=31536000" in cached(f"{address}/tile/0/000")
        assert "max-age=5" in cached(f"{address}/checkpoint")
        for path in ("", "tile/", "../log.key", ".checkpoint.new", "x"):
            assert status(f"{address}/{path}") in (400, 403, 404), path
        assert status(f"{address}/checkpoint", "POST") == 405

        spoiled = log / "tile" / "entries" / "000"
        spoiled.write_bytes(spoiled.read_bytes().replace(b"entry 7", b"entry 8", 1))
        assert "an entry was swapped" in ledger("mirror", address, tmp_path / "other", "--vkey", vkey, code=1)
