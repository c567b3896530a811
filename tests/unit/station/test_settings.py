"""`site.toml`: what is right is taken, what is wrong is named, what is secret stays secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerby.base.errors import SettingsError
from passerby.station.settings import CameraSettings, Mode, Secret, read_site

GOOD = """
data = "kept"
[server]
port = 0
[[camera]]
name = "north-gate"
source = "rtsp://camera.example/stream?channel=1"
user = {env = "CAMERA_USER"}
password = {file = "secret.txt"}
[[camera]]
name = "hall"
source = "clip.avi"
mode = "record"
retention_h = 2
"""


def site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_camera_counts_only_unless_more_is_asked_for_by_name(tmp_path: Path) -> None:
    got = read_site(site(tmp_path, GOOD))
    assert [c.mode for c in got.cameras] == [Mode.COUNTS_ONLY, Mode.RECORD]
    assert got.cameras[0].port == 554
    assert got.cameras[1].port is None


def test_paths_are_taken_from_the_file_s_folder(tmp_path: Path) -> None:
    got = read_site(site(tmp_path, GOOD))
    assert got.data == tmp_path / "kept"
    assert got.cameras[1].source == str(tmp_path / "clip.avi")


def camera(**changed: object) -> str:
    entries = {"name": '"a"', "source": '"rtsp://h/p"'} | changed
    lines = "\n".join(f"{key} = {value}" for key, value in entries.items() if value is not None)
    return f'data = "d"\n[[camera]]\n{lines}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("data = ", "is no TOML"),
        ('data = "d"', "camera: Field required"),
        ('data = "d"\ncamera = []', "camera: List should have at least 1 item"),
        (camera(name='"North Gate"'), "use small letters, digits and hyphens"),
        (camera(name='"../up"'), "use small letters, digits and hyphens"),
        (camera(source=None), "camera a: source: Field required"),
        (camera(source='"http://h/p"'), "use rtsp://host/path or the path of a file"),
        (camera(source='"rtsp://u:hunter2@h/p"'), "leave user and password out of the address"),
        (camera(source='"rtsp:///p"'), "the address names no host"),
        (camera(source='"rtsp://h:99999/p"'), "Port out of range"),
        (camera(mode='"everything"'), "camera a: mode:"),
        (camera(recording="true"), "camera a: recording: Extra inputs are not permitted"),
        (camera(password='{env = "A", file = "b"}'), "exactly one of env, file and command"),
        (camera(password='"hunter2"'), "camera a: password:"),
        (camera(retention_h="0"), "camera a: retention_h:"),
        (camera(count_every_s="0.1"), "camera a: count_every_s:"),
        (camera() + camera().split("\n", 1)[1], "two cameras are named a"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_site(site(tmp_path, text))
    line = str(caught.value)
    assert says in line
    assert len(line.splitlines()) == 1
    assert "hunter2" not in line


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        read_site(tmp_path / "none.toml")


def test_secrets_come_from_where_they_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s").write_text("from a file\nrest", "utf-8")
    monkeypatch.setenv("PASSERBY_TEST_SECRET", "from outside")
    assert Secret(env="PASSERBY_TEST_SECRET").read() == "from outside"
    assert Secret(file=tmp_path / "s").read() == "from a file"
    assert Secret(command=["echo", "from a program"]).read() == "from a program"


@pytest.mark.parametrize(
    "secret",
    [Secret(env="PASSERBY_NOT_SET"), Secret(file=Path("/nonexistent")), Secret(command=["false"]),
     Secret(command=["/nonexistent"])],
    ids=["env", "file", "command fails", "no command"],
)  # fmt: skip
def test_a_secret_that_is_not_there(secret: Secret) -> None:
    with pytest.raises(SettingsError):
        secret.read()


def test_the_address_to_open_holds_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("U", "ad:min")
    monkeypatch.setenv("P", "p@ss/word")
    camera = CameraSettings(name="a", source="rtsp://host:8554/x?y=1", user=Secret(env="U"), password=Secret(env="P"))
    assert camera.url("192.0.2.1") == "rtsp://ad%3Amin:p%40ss%2Fword@192.0.2.1:8554/x?y=1"
    assert camera.url("2001:db8::1").endswith("@[2001:db8::1]:8554/x?y=1")
    assert "p@ss" not in repr(camera)


ZEROS = "00" * 32
KEEPER = f"""
[oversight]
folder = "site"
site_root = "{ZEROS}"
[keeper]
socket = "keeper.socket"
ledger = "ledger"
case = "ca{ZEROS[2:]}"
"""


def test_a_keeper(tmp_path: Path) -> None:
    found = read_site(site(tmp_path, GOOD + KEEPER)).keeper
    assert found is not None
    assert found.socket == tmp_path / "keeper.socket" and found.ledger == tmp_path / "ledger"
    assert found.ledger_key is None and found.purpose == "crowd-safety"
    assert read_site(site(tmp_path, GOOD)).keeper is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('socket = "keeper.socket"\n', "", "one of socket and address"),
        ("socket = ", 'address = "k:1"\nsocket = ', "one of socket and address"),
        ('socket = "keeper.socket"', 'address = "k:1"', "an address needs certificate"),
        ('socket = "keeper.socket"', 'address = "k"', "keeper: address: String should match"),
        ('case = "ca', 'case = "xx', "keeper: case: String should match"),
        ('ledger = "ledger"\n', "", "keeper: ledger: Field required"),
        ("[keeper]", '[keeper]\npurpose = "Curiosity"', "keeper: purpose: String should match"),
        (f'[oversight]\nfolder = "site"\nsite_root = "{ZEROS}"\n', "", "a keeper needs a site"),
    ],
)
def test_a_keeper_that_is_none(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in KEEPER
    with pytest.raises(SettingsError) as caught:
        read_site(site(tmp_path, GOOD + KEEPER.replace(old, new)))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('mode = "counts-only"\npush = "rtsp://a/b"', "has no video to push"),
        ('mode = "live"\npush = "http://a/b"', "use rtsp://host/path or rtsps://host/path"),
        ('mode = "live"\npush = "rtsp://u:p@a/b"', "leave user and password out"),
        ('mode = "live"\npush = "rtsp:///b"', "names no host"),
    ],
)
def test_where_video_is_pushed(tmp_path: Path, more: str, words: str) -> None:
    (tmp_path / "site.toml").write_text(f'data = "d"\n[[camera]]\nname = "a"\nsource = "rtsp://192.0.2.1/a"\n{more}\n')
    with pytest.raises(SettingsError) as caught:
        read_site(tmp_path / "site.toml")
    assert words in str(caught.value)


def test_a_push_address_with_its_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VMS_USER", "a b")
    monkeypatch.setenv("VMS_PASSWORD", "p@:/")
    who = 'push_user = {env = "VMS_USER"}\npush_password = {env = "VMS_PASSWORD"}'
    (tmp_path / "site.toml").write_text(
        f'data = "d"\n[[camera]]\nname = "a"\nsource = "x.mp4"\nmode = "live"\npush = "rtsps://[2001:db8::1]:322/g?x=1"\n{who}\n'
    )
    assert read_site(tmp_path / "site.toml").cameras[0].push_url() == "rtsps://a%20b:p%40%3A%2F@[2001:db8::1]:322/g?x=1"
