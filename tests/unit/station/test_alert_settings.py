"""Channels in the settings: each wrong entry is named, and nothing leaves the machine in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerby.base.errors import SettingsError
from passerby.station.settings import read_site
from passerby.station.supervisor import parts_for

HOOK = 'webhook = "https://a.example/x"\nsecret = {env = "S"}'


def site(folder: Path, *channels: str, zone: str = "Europe/Amsterdam") -> Path:
    told = "".join(f"[[alerts.channel]]\n{channel}\n" for channel in channels)
    camera = '[[camera]]\nname = "gate"\nsource = "rtsp://192.0.2.1/a"\n'
    (folder / "site.toml").write_text(f'data = "data"\n{camera}[alerts]\nzone = "{zone}"\n{told}')
    return folder / "site.toml"


def test_channels_are_read_and_a_notifier_is_started_for_them(tmp_path: Path) -> None:
    path = site(
        tmp_path, f'name = "a"\n{HOOK}\nauthority = "ca.pem"', 'name = "b"\nmqtt = "mqtts://b.example/city/alerts"'
    )
    read = read_site(path)
    assert [channel.name for channel in read.alerts.channels] == ["a", "b"]
    assert read.alerts.channels[0].authority == tmp_path / "ca.pem"
    assert (read.alerts.channels[1].port, read.alerts.channels[1].topic) == (8883, "city/alerts")
    assert "notifier" in [part.name for part in parts_for(path, read, 1)]
    assert "notifier" not in [part.name for part in parts_for(path, read_site(site(tmp_path)), 1)]


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ('name = "A b"\n' + HOOK, "use small letters"),
        ('name = "a"', "give one of webhook and mqtt"),
        (f'name = "a"\n{HOOK}\nmqtt = "mqtts://b/t"', "give one of webhook and mqtt"),
        ('name = "a"\nwebhook = "https://a.example/x"', "needs a secret"),
        ('name = "a"\nwebhook = "http://a.example/x"\nsecret = {env = "S"}', "for this machine alone: use https://"),
        ('name = "a"\nwebhook = "https://u:p@a.example/x"\nsecret = {env = "S"}', "leave user and password out"),
        ('name = "a"\nwebhook = "https://"\nsecret = {env = "S"}', "use https://host"),
        ('name = "a"\nmqtt = "mqtt://192.0.2.9/t"', "for this machine alone: use mqtts://"),
        ('name = "a"\nmqtt = "mqtts://b"', "ends with a topic"),
        ('name = "a"\nmqtt = "mqtts://b/t/+"', "without # and +"),
        (f'name = "a"\n{HOOK}\nquiet = ["22-6"]', "write quiet hours as 22:00-06:00"),
        (f'name = "a"\n{HOOK}\nquiet = ["22:00-22:00"]', "write quiet hours as 22:00-06:00"),
        (f'name = "a"\n{HOOK}\nquiet = ["22:00-25:00"]', "hour must be in 0..23"),
        (f'name = "a"\n{HOOK}\nleast = "mild"', "'warning' or 'danger'"),
        (f'name = "a"\n{HOOK}\ncolour = "red"', "not permitted"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, channel: str, words: str) -> None:
    with pytest.raises(SettingsError, match="alerts") as caught:
        read_site(site(tmp_path, channel))
    assert words in str(caught.value)
    assert "u:p" not in str(caught.value)


def test_names_differ_and_zones_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="two channels are named a"):
        read_site(site(tmp_path, f'name = "a"\n{HOOK}', f'name = "a"\n{HOOK}'))
    with pytest.raises(SettingsError, match="no such time zone"):
        read_site(site(tmp_path, zone="Mars/Phobos"))


def test_this_machine_may_be_told_in_the_clear(tmp_path: Path) -> None:
    for here in ("127.0.0.1:9", "localhost", "[::1]:80"):
        read_site(site(tmp_path, f'name = "a"\nwebhook = "http://{here}/x"\nsecret = {{env = "S"}}'))
