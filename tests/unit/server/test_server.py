"""The real server on loopback: who may ask, what it says, what it opens, how it ends."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from tests.unit.archive.scene import CAMERA, NOON, decoded, later, opened, stream

from passerby.access import keys
from passerby.access.keys import Wish
from passerby.access.rights import FOR_KEYS, Right
from passerby.access.room import open_room
from passerby.archive.tape import Tape
from passerby.server.names import Names
from passerby.store.cameras import Camera, put_cameras, set_state
from passerby.store.counts import Count, add_counts
from passerby.store.database import Store
from passerby.store.events import AlertRow, add_alert, gone

US = 1_000_000
COMMAND = (sys.executable, "-m", "passerby.cli", "serve")


def key(root: Path, *rights: Right) -> dict[str, str]:
    """What a program shows that may do this."""
    with open_room(root) as room:
        token, _ = keys.make(room, Wish("a test", frozenset(rights)), None)
    return {"authorization": f"Bearer {token}"}


class Station:
    """Tape and store of one camera, and ``passerby serve`` over them."""

    def __init__(self, root: Path, tape: Tape, store: Store, process: subprocess.Popen[str], address: str) -> None:
        self.root, self.tape, self.store, self.process, self.address = root, tape, store, process, address
        self.shows = key(root, *FOR_KEYS)
        self.client = httpx.Client(base_url=address, timeout=15, headers=self.shows)

    def lap(self, number: int, frames: slice = slice(None)) -> None:
        for packet in later(stream()[1], number * 10)[frames]:
            self.tape.packet(packet)


def camera(now: int, state: str = "running") -> Camera:
    return Camera(CAMERA, "Entrance", "record", 24 * 3600 * US, state, "", now, "none", now)


def start_server(root: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [*COMMAND, str(root), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("passerby: http://127.0.0.1:"), (line, process.stderr and process.stderr.read())
    return process, line.removeprefix("passerby: ").partition("enter#")[0]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with ExitStack() as stack:
        tape, store, _ = stack.enter_context(opened(tmp_path))
        put_cameras(store, [camera(round(NOON * US))])
        tape.start(stream()[0], NOON)
        process, address = start_server(tmp_path)
        station = Station(tmp_path, tape, store, process, address)
        yield station
        station.client.close()
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_what_is_known_is_told(station: Station) -> None:
    now = round(time.time() * US)
    add_counts(station.store, Count(CAMERA, now, 3, 2, 5, 1), mosaic=True)
    add_alert(station.store, AlertRow(CAMERA, now, 1, 2, 0, 4.5, 4, 5))
    gone(station.store, CAMERA, now, "the camera does not answer")
    get = station.client.get
    assert get("/api/v1/status").json()["cameras"] == 1
    (found,) = get("/api/v1/cameras").json()["cameras"]
    assert (found["id"], found["latest"]["people"], found["retention_hours"]) == (CAMERA, 3, 24)
    detail = get(f"/api/v1/cameras/{CAMERA}").json()
    assert detail["absences"][0]["until"] is None
    counts = get(f"/api/v1/cameras/{CAMERA}/counts").json()
    assert counts["recent"][0]["high"] == 5
    assert get(f"/api/v1/cameras/{CAMERA}/alerts").json()["alerts"][0]["value"] == 4.5
    minute = now - now % (60 * US)
    counts = get(f"/api/v1/cameras/{CAMERA}/counts", params={"from": minute / US, "to": minute / US + 60}).json()
    assert counts["minutes"][0]["mosaic_share"] == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/cameras/nobody", 404),
        ("/api/v1/cameras/..%2f..%2fetc", 404),
        ("/api/v1/cameras/entrance/counts?from=9&to=3", 422),
        ("/api/v1/cameras/entrance/counts?from=abc", 422),
        ("/api/v1/cameras/entrance/playback?from=0&to=1", 404),
        ("/api/v1/cameras/entrance/playback?from=0&to=90000", 422),
        ("/hls/entrance/live.m3u8", 404),
        ("/hls/entrance/segment/0.m4s", 404),
        ("/hls/entrance/init/..%2f..%2fpasserby/0.mp4", 404),
        ("/hls/..%2fentrance/live.m3u8", 404),
        ("/assets/../passerby.db", 404),
        ("/assets/%2e%2e/%2e%2e/app.py", 404),
        ("/static/index.html", 404),
        ("/docs", 404),
    ],
)
def test_what_is_not_there_is_a_problem(station: Station, path: str, status: int) -> None:
    answer = station.client.get(path)
    assert answer.status_code in (status, 422 if "%2f" in path else status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_public_folder_is_served_as_it_is(station: Station) -> None:
    assert station.client.get("/open/").status_code == 404
    folder = station.root / "open"
    (folder / "data").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>flows</h1>")
    (folder / "data" / "flows-2026-11.csv").write_text("kind\r\n")
    (folder / ".hidden.csv").write_text("x")
    (folder / "way-out.csv").symlink_to(station.root / "passerby.db")
    assert station.client.get("/open").headers["location"] == "/open/"
    page = station.client.get("/open/")
    assert (page.status_code, page.text) == (200, "<h1>flows</h1>")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    table = station.client.get("/open/data/flows-2026-11.csv")
    assert (table.status_code, table.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    for path in (".hidden.csv", "way-out.csv", "%2e%2e/passerby.db", "..%2fpasserby.db", "data", "data/", "no.csv"):
        assert station.client.get(f"/open/{path}").status_code == 404, path
    assert station.client.post("/open/index.html").status_code == 405


def test_only_reading_is_answered(station: Station) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert station.client.request(method, "/api/v1/cameras").status_code == 405


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil:80", "", "[::1", "127.0.0.2"]
)
def test_another_name_is_refused(station: Station, host: str) -> None:
    answer = station.client.get("/api/v1/cameras", headers={"host": host})
    assert answer.status_code in (400, 421)
    assert "Entrance" not in answer.text


def test_names() -> None:
    for good in ("127.0.0.1", "127.0.0.1:80", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8080"):
        assert Names().own(good), good
    for bad in ("127.0.0.1:", "localhost:a", "[::1]x", "::1", "localhost.", "a", "[::1]:8080:"):
        assert Names().own(bad) == (bad == "127.0.0.1:"), bad


def test_headers_of_the_page(station: Station) -> None:
    answer = station.client.get("/")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" in answer.text
    assert "http://" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in answer.text


def test_low_latency_playlists_wait_for_what_comes(station: Station) -> None:
    station.lap(0, slice(0, 33))
    text = station.client.get(f"/hls/{CAMERA}/live.m3u8").text
    hint = text.rsplit('URI="', 1)[1].rstrip('"\n')
    number, part = hint.removesuffix(".m4s").split("/")[-2:]
    answers: list[tuple[str, float]] = []

    def ask(path: str) -> None:
        before = time.monotonic()
        with httpx.Client(base_url=station.address, timeout=15, headers=station.shows) as client:
            answers.append((client.get(path).text[:20_000], time.monotonic() - before))

    asked = [
        threading.Thread(target=ask, args=(f"/hls/{CAMERA}/live.m3u8?_HLS_msn={number}&_HLS_part={part}",)),
        threading.Thread(target=ask, args=(hint,)),
    ]
    for thread in asked:
        thread.start()
    time.sleep(0.7)
    assert answers == []
    station.lap(0, slice(33, 43))
    for thread in asked:
        thread.join(5)
    assert len(answers) == 2
    assert all(0.6 < took < 2 for _, took in answers)
    assert any(hint in text and "#EXTM3U" in text for text, _ in answers)
    assert station.client.get(f"/hls/{CAMERA}/live.m3u8?_HLS_msn=99").status_code == 400


def test_every_named_piece_of_live_and_playback_is_there_and_plays(station: Station) -> None:
    for lap in range(3):
        station.lap(lap)
    station.tape.start(stream()[0], NOON + 50)
    station.lap(0)
    span = {"from": NOON + 3, "to": NOON + 58}
    playlists = [
        station.client.get(f"/hls/{CAMERA}/live.m3u8").text,
        station.client.get(f"/api/v1/cameras/{CAMERA}/playback", params=span).text,
    ]
    assert "#EXT-X-GAP" in playlists[1]
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-11-23T12:00:50.000Z" in playlists[1]
    for text in playlists:
        init = b""
        pictures = seconds = 0.0
        lines = text.splitlines()
        for index, line in enumerate(lines):
            if line.startswith("#EXT-X-MAP"):
                init = station.client.get(line.split('"')[1]).raise_for_status().content
            elif line and not line.startswith("#") and lines[index - 2] != "#EXT-X-GAP":
                seconds += float(lines[index - 1].removeprefix("#EXTINF:").rstrip(","))
                pictures += decoded(init + station.client.get(line).raise_for_status().content)
        assert pictures == round(seconds * 10) > 100


def test_events_come_as_they_happen(station: Station) -> None:
    with station.client.stream("GET", "/events") as answer:
        lines = answer.iter_lines()
        assert answer.headers["content-type"].startswith("text/event-stream")

        def following(kind: str) -> dict[str, object]:
            for line in lines:
                if line == f"event: {kind}":
                    content: dict[str, object] = json.loads(next(lines).removeprefix("data: "))
                    return content
            raise AssertionError(kind)

        assert following("state")["name"] == "Entrance"
        time.sleep(0.5)
        before = time.monotonic()
        add_counts(station.store, Count(CAMERA, round(NOON * US), 7, 6, 8, 0), mosaic=False)
        assert following("counts")["people"] == 7
        set_state(station.store, CAMERA, "away", "gone for a while", round(NOON * US) + 5)
        state = following("state")
        assert (state["state"], state["message"]) == ("away", "gone for a while")
        assert time.monotonic() - before < 2


def test_it_opens_nothing_for_writing_and_changes_nothing(station: Station) -> None:
    station.lap(0)
    with station.client.stream("GET", "/events"):
        station.client.get(f"/hls/{CAMERA}/live.m3u8").raise_for_status()
        station.client.get(f"/api/v1/cameras/{CAMERA}/counts").raise_for_status()
        seen = 0
        for fd in Path(f"/proc/{station.process.pid}/fd").iterdir():
            target = str(fd.readlink())
            if target.startswith(str(station.root)):
                own = target.startswith(str(station.root / "access"))
                seen += not own
                assert own or not fd.lstat().st_mode & stat.S_IWUSR, target
        assert seen >= 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_with_open_streams(station: Station, number: int) -> None:
    station.lap(0, slice(0, 33))
    waiting = threading.Thread(
        target=lambda: httpx.get(
            f"{station.address}hls/{CAMERA}/live.m3u8?_HLS_msn=2", timeout=20, headers=station.shows
        )
    )
    with station.client.stream("GET", "/events") as answer:
        next(answer.iter_lines())
        waiting.start()
        time.sleep(0.5)
        before = time.monotonic()
        station.process.send_signal(number)
        _, errors = station.process.communicate(timeout=10)
    waiting.join(5)
    assert not waiting.is_alive()
    assert (station.process.returncode, errors) == (0, "")
    assert time.monotonic() - before < 3


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr


def test_one_clear_line_for_what_cannot_be(station: Station, tmp_path: Path) -> None:
    port = station.address.rstrip("/").rsplit(":", 1)[1]
    code, said = run(str(tmp_path), "--port", port)
    assert (code, said) == (
        1,
        f"passerby: port {port} on 127.0.0.1 is taken by another program: name another one with --port\n",
    )
    for host, why in (("0.0.0.0", "without TLS"), ("::", "without TLS"), ("192.168.1.4", "without TLS"),
                      ("example.org", "no numeric address")):  # fmt: skip
        code, said = run(str(tmp_path), "--host", host)
        assert (code, said.count("\n")) == (2, 1)
        assert why in said
    code, said = run(str(tmp_path / "nothing"), "--port", "0")
    assert code == 1
    assert "holds no database" in said


def test_a_station_may_come_later_and_go(tmp_path: Path) -> None:
    """Before, between and after stations the same server goes on answering, and sees what is new."""
    with opened(tmp_path) as (_, store, _):
        put_cameras(store, [camera(1, "stopped")])
    process, address = start_server(tmp_path)
    try:
        with httpx.Client(base_url=address, headers=key(tmp_path, Right.SEE_NUMBERS)) as client:
            for state in ("running", "away"):
                with opened(tmp_path) as (_, store, _):
                    set_state(store, CAMERA, state, "", 2)
                    time.sleep(0.5)
                    assert client.get("/api/v1/cameras").json()["cameras"][0]["state"] == state
                assert client.get("/api/v1/cameras").json()["cameras"][0]["state"] == state
    finally:
        process.kill()
        process.communicate()


def test_ipv6_loopback(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6")
    from passerby.server.serve import listen
    from passerby.server.where import address

    with listen("::1", 0) as server:
        assert address("::1", server.getsockname()[1], Names()).startswith("http://[::1]:")


def test_the_pages_types_are_made_from_this_interface() -> None:
    """Fails when the interface has changed: run scripts/openapi.py, then ``npm run api`` in web/."""
    from tests.conftest import ROOT

    made = subprocess.run(
        [sys.executable, "-c", "import openapi; print(openapi.description(), end='')"],
        cwd=ROOT / "scripts",
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout == (ROOT / "web" / "openapi.json").read_text()
