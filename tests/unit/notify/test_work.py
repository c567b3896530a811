"""Alerts reach their receivers once, signed, whatever stops or fails in between."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from tests.unit.notify.receivers import KEY, MOSQUITTO, Hook, broker, free_port, webhook

from passerby.base.errors import NotifyError
from passerby.crowd.alerts import Severity, What
from passerby.notify.channel import US, Channel
from passerby.notify.mqtt import Broker
from passerby.notify.setup import Receiver
from passerby.notify.webhook import Webhook
from passerby.notify.work import Notifier, try_out
from passerby.store.database import Store, read_store
from passerby.store.deliveries import acknowledge, newest
from passerby.store.events import AlertRow, add_alert
from passerby.store.migrate import open_store

NOW = 1_795_435_200


@dataclass
class World:
    """A station's database, a notifier's, and a clock."""

    folder: Path
    station: Store
    own: Store
    channels: list[Receiver] = field(default_factory=list)
    now: float = NOW
    said: list[str] = field(default_factory=list)

    def raised(self, severity: Severity = Severity.WARNING, place: str = "square", camera: str = "gate") -> None:
        add_alert(self.station, AlertRow(camera, round(self.now * US), What.DENSITY, severity, 1, 4.2, 3.9, 4.5, place))

    def work(self) -> Notifier:
        with_clock = (self.channels, lambda: self.now, lambda: 0.5, self.said.append)
        return Notifier(self.station, self.own, "city", *with_clock)

    def round(self) -> int:
        """Once around, by a freshly started notifier."""
        work = self.work()
        work.collect()
        return sum(work.tell(receiver) for receiver in self.channels)

    def states(self) -> list[str]:
        return [delivery.state for delivery in newest(self.own)][::-1]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with (
        open_store(tmp_path / "station.db", lambda: NOW) as station,
        open_store(tmp_path / "own.db", lambda: NOW) as own,
    ):
        world = World(tmp_path, station, own)
        yield world
        for receiver in world.channels:
            receiver.sender.close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with webhook() as hook:
        yield hook


def by_hook(world: World, hook: Hook, channel: Channel) -> None:
    world.channels.append(Receiver(channel, Webhook(hook.url, KEY, lambda: world.now, None)))
    world.round()


def test_an_alert_is_told_with_its_number_interval_and_reason_and_signed(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("room"))
    world.raised(Severity.DANGER)
    world.round()
    ((headers, body),) = hook.seen
    told = json.loads(body)
    assert (told["camera"], told["place"]) == ("gate", "square")
    assert (told["kind"], told["severity"], told["value"], told["unit"]) == ("density", "danger", 4.2, "people per m²")
    assert "between 3.9 and 4.5" in told["reason"]
    assert told["id"] == headers["webhook-id"]
    what = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    proof = base64.b64encode(hmac.new(KEY, what, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"
    assert headers["webhook-timestamp"] == str(NOW)


def test_what_was_there_before_the_first_start_is_told_to_nobody(world: World, hook: Hook) -> None:
    world.raised()
    by_hook(world, hook, Channel("room"))
    world.round()
    assert not hook.seen
    world.raised()
    world.round()
    assert len(hook.seen) == 1


def test_nothing_is_lost_or_told_twice_over_starts(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("room"))
    for number in range(5):
        world.raised(place=f"zone-{number}")
        world.work().collect()
    for _ in range(3):
        world.round()
    assert [json.loads(body)["place"] for _, body in hook.seen] == [f"zone-{number}" for number in range(5)]


def test_a_receiver_that_fails_is_tried_again_ever_more_slowly_with_the_same_id(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("room"))
    hook.answers = [500, 302, 404]
    world.raised()
    waited = []
    for _ in range(4):
        assert world.round() == 1
        delivery = newest(world.own)[0]
        waited.append((delivery.next_us - world.now * US) / US)
        assert world.round() == 0, "not before its time"
        world.now = delivery.next_us / US
    assert waited[:3] == [1.0, 2.0, 4.0]
    assert world.states() == ["sent"]
    assert len(hook.seen) == 4
    assert len(set(hook.ids)) == 1


def test_one_who_is_gone_for_good_is_given_up_and_so_is_what_is_a_day_old(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("room"))
    hook.answers = [410]
    world.raised()
    world.round()
    assert world.states() == ["failed"]
    assert "gone for good" in world.said[-1]
    world.raised()
    world.now += 25 * 3600
    hook.answers = [500]
    world.round()
    assert world.states() == ["failed", "failed"]
    assert world.said[-1].endswith("given up")


def test_an_end_is_told_after_its_beginning_and_never_alone(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("room", least=Severity.DANGER))
    hook.answers = [500]
    world.raised(Severity.WARNING, "quiet")
    world.raised(Severity.CLEARED, "quiet")
    world.raised(Severity.DANGER, "square")
    world.raised(Severity.CLEARED, "square")
    world.round()
    assert [json.loads(body)["severity"] for _, body in hook.seen] == ["danger"]
    world.now += 2
    world.round()
    world.now += 2
    world.round()
    assert [json.loads(body)["severity"] for _, body in hook.seen] == ["danger", "danger", "cleared"]
    assert [d.why for d in newest(world.own) if d.state == "dropped"] == ["its beginning was not told"]


def test_escalation_spares_whom_nobody_needs_any_more(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("chief", after_s=120))
    for place in ("taken", "over", "open"):
        world.raised(place=place)
    world.round()
    assert not hook.seen
    first = {delivery.place: delivery.alert_id for delivery in newest(world.own)}
    assert acknowledge(world.own, first["taken"], "control-room", round(world.now * US))
    assert not acknowledge(world.own, first["taken"], "another", round(world.now * US))
    world.now += 60
    world.raised(Severity.CLEARED, "over")
    world.now += 59.9
    world.round()
    assert not hook.seen
    world.now += 0.2
    world.round()
    assert [json.loads(body)["place"] for _, body in hook.seen] == ["open"]
    whys = {delivery.place: delivery.why for delivery in newest(world.own) if delivery.severity}
    assert whys["taken"] == "control-room has taken it on"
    assert whys["over"] == "it was over before"


def test_a_station_s_database_that_was_begun_anew_is_followed(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("room"))
    for _ in range(3):
        world.raised()
        world.round()
    with open_store(world.folder / "new.db", lambda: NOW) as new:
        world.station = new
        world.now += 10
        world.raised(place="after")
        world.round()
    assert json.loads(hook.seen[-1][1])["place"] == "after"
    assert len(set(hook.ids)) == 4, "an id never means two alerts"


def test_a_channel_that_is_away_holds_up_no_other(world: World, hook: Hook) -> None:
    nobody = Webhook(f"http://127.0.0.1:{free_port()}/", KEY, lambda: world.now, None)
    world.channels.append(Receiver(Channel("dead"), nobody))
    by_hook(world, hook, Channel("room"))
    world.raised()
    world.round()
    assert len(hook.seen) == 1
    assert sorted(world.states()) == ["sent", "waiting"]


def test_a_channel_that_hangs_holds_up_no_other(world: World, hook: Hook) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, and says nothing
        hangs = Webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/", KEY, lambda: world.now, None)
        world.channels.append(Receiver(Channel("hangs"), hangs))
        by_hook(world, hook, Channel("room"))
        world.raised()
        stop = threading.Event()
        running = threading.Thread(target=world.work().run, args=(stop,))
        running.start()
        until_s = time.monotonic() + 30
        while not hook.seen and time.monotonic() < until_s:
            time.sleep(0.02)
        tries = {delivery.channel: delivery.tries for delivery in newest(world.own)}
        stop.set()
        running.join()
    assert len(hook.seen) == 1
    assert tries["hangs"] == 0, "it was under way all the time"


@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")
def test_a_broker_gets_it_under_camera_and_kind_and_after_a_restart(world: World, tmp_path: Path) -> None:
    port, heard = free_port(), list[tuple[str, dict[str, object]]]()
    world.channels.append(Receiver(Channel("broker"), Broker("127.0.0.1", port, "city/alerts", None, None, None)))
    world.round()
    world.raised()
    world.round()
    assert world.states() == ["waiting"]
    assert "can't be reached" in newest(world.own)[0].why
    with broker(tmp_path, port):
        listener = paho.Client(CallbackAPIVersion.VERSION2)
        listener.on_message = lambda _c, _d, m: heard.append((m.topic, json.loads(m.payload)))
        listener.connect("127.0.0.1", port)
        listener.subscribe("city/#", qos=1)
        for _ in range(20):
            listener.loop(0.05)
        world.now += 2
        world.round()
        for _ in range(100):
            if heard:
                break
            listener.loop(0.05)
        listener.disconnect()
    assert world.states() == ["sent"]
    assert [topic for topic, _ in heard] == ["city/alerts/gate/density"]
    assert heard[0][1]["place"] == "square"


@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")
def test_a_broker_that_refuses_says_why(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port, "allow_anonymous false"):
        refused = Receiver(Channel("broker"), Broker("127.0.0.1", port, "city", None, None, None))
        with pytest.raises(NotifyError, match="refuses the connection \\(Not authorized"):
            try_out(refused, "city", NOW)


def test_a_trial_is_marked_as_one(world: World, hook: Hook) -> None:
    try_out(Receiver(Channel("room"), Webhook(hook.url, KEY, lambda: NOW, None)), "city", NOW)
    assert json.loads(hook.seen[0][1])["test"] is True
    assert hook.ids == [f"test-0-{NOW * US}"]


def test_it_reads_the_station_without_writing(world: World, hook: Hook) -> None:
    by_hook(world, hook, Channel("room"))
    world.raised()
    with read_store(world.folder / "station.db") as station:
        world.station = station
        world.round()
    assert len(hook.seen) == 1
