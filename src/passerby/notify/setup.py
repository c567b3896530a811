"""From settings to channels and what carries them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from passerby.base.errors import SettingsError
from passerby.crowd.alerts import Severity, What
from passerby.notify.channel import NOTHING, Channel, Quiet
from passerby.notify.message import signing_key
from passerby.notify.mqtt import Broker
from passerby.notify.webhook import Webhook
from passerby.station.alert_settings import AlertsSettings, ChannelSettings, span_of


@dataclass(frozen=True, slots=True)
class Receiver:
    """A channel, and what carries it."""

    channel: Channel
    sender: Webhook | Broker


def receivers(settings: AlertsSettings, clock: Callable[[], float]) -> list[Receiver]:
    """Everybody who is told. Secrets are read here, once.

    Raises:
        SettingsError: A secret or a certificate can't be read.
    """
    return [Receiver(_channel(entry, settings.zone), _sender(entry, clock)) for entry in settings.channels]


def _channel(entry: ChannelSettings, zone: str) -> Channel:
    return Channel(
        name=entry.name,
        least=Severity[entry.least.upper()],
        kinds=frozenset(int(What[kind.upper().replace("-", "_")]) for kind in entry.kinds),
        cameras=frozenset(entry.cameras),
        after_s=entry.after_s,
        cleared=entry.cleared,
        quiet=tuple(Quiet(*span_of(span)) for span in entry.quiet),
        through=Severity.DANGER if entry.through == "danger" else NOTHING,
        zone=ZoneInfo(zone),
    )


def _sender(entry: ChannelSettings, clock: Callable[[], float]) -> Webhook | Broker:
    trust = _trust(entry)
    if entry.webhook is not None:
        assert entry.secret is not None
        return Webhook(entry.webhook, signing_key(entry.secret.read()), clock, trust)
    user = entry.user.read() if entry.user else None
    password = entry.password.read() if entry.password else None
    if entry.broker.scheme == "mqtts":
        trust = trust or ssl.create_default_context()
    return Broker(entry.broker.hostname or "", entry.port, entry.topic, user, password, trust)


def _trust(entry: ChannelSettings) -> ssl.SSLContext | None:
    if entry.authority is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(entry.authority))
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(f"channel {entry.name}: {entry.authority} is no certificate ({error})") from error
