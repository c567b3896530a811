"""Who else is told of alerts: the ``[alerts]`` of ``site.toml``."""

from __future__ import annotations

import ipaddress
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from passerby.base.ids import SAFE
from passerby.station.strict import Secret, Strict

Kind = Literal["density", "exit-flow", "counter-flow", "sudden-stop", "pressure", "blind"]
_SPAN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
_PORTS = {"mqtt": 1883, "mqtts": 8883}


class ChannelSettings(Strict):
    """One receiver: a webhook, or a broker.

    Args:
        name: For people and log lines.
        webhook: An address that takes POST; https, but on this machine itself.
        secret: Where its signing secret is (``whsec_…``); every webhook is signed.
        mqtt: ``mqtts://host[:port]/topic``; mqtt:// on this machine only. Camera and kind are added to the topic.
        user: The broker's user.
        password: The broker's password.
        authority: What the receiver's certificate is signed by (PEM), if not by one that this machine trusts.
        least: From which severity on.
        kinds: Which alerts; all if left out.
        cameras: Of which cameras; all if left out.
        after_s: Told after so long, and only if nobody has taken the alert on and it still stands.
        cleared: Whether it is told that an alert is over.
        quiet: Local times such as ``22:00-06:00`` in which only `through` is told; the rest waits till then.
        through: What is told at any time: ``danger`` or, to wake nobody, ``nothing``.
    """

    name: str
    webhook: str | None = None
    secret: Secret | None = None
    mqtt: str | None = None
    user: Secret | None = None
    password: Secret | None = None
    authority: Path | None = None
    least: Literal["warning", "danger"] = "warning"
    kinds: tuple[Kind, ...] = ()
    cameras: tuple[str, ...] = ()
    after_s: Annotated[float, Field(ge=0, le=24 * 3600)] = 0.0
    cleared: bool = True
    quiet: tuple[str, ...] = ()
    through: Literal["danger", "nothing"] = "danger"

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not SAFE.fullmatch(name):
            raise ValueError("use small letters, digits and hyphens, with no hyphen at either end")
        return name

    @field_validator("quiet")
    @classmethod
    def _spans(cls, quiet: tuple[str, ...]) -> tuple[str, ...]:
        for span in quiet:
            span_of(span)
        return quiet

    @model_validator(mode="after")
    def _one_way(self) -> ChannelSettings:
        if (self.webhook is None) == (self.mqtt is None):
            raise ValueError("give one of webhook and mqtt")
        if self.webhook is not None:
            _check_address(urlsplit(self.webhook), "https", "http")
            if self.secret is None:
                raise ValueError("a webhook needs a secret to sign with")
        else:
            _check_address(self.broker, "mqtts", "mqtt")
            if any(sign in self.topic for sign in "#+\0") or not self.topic:
                raise ValueError("an mqtt address ends with a topic, without # and +")
        return self

    @property
    def broker(self) -> SplitResult:
        """Where the broker is."""
        return urlsplit(self.mqtt or "")

    @property
    def port(self) -> int:
        """The broker's port."""
        return self.broker.port or _PORTS[self.broker.scheme]

    @property
    def topic(self) -> str:
        """What every topic begins with."""
        return self.broker.path.strip("/")


class AlertsSettings(Strict):
    """Who else is told of alerts.

    Args:
        site: What receivers know the site as.
        zone: The time zone of quiet hours.
        channels: Receivers.
    """

    site: Annotated[str, Field(min_length=1, max_length=100)] = "passerby"
    zone: str = "UTC"
    channels: Annotated[tuple[ChannelSettings, ...], Field(alias="channel")] = ()

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone: use a name such as Europe/Amsterdam") from error
        return zone

    @model_validator(mode="after")
    def _names_differ(self) -> AlertsSettings:
        names = [channel.name for channel in self.channels]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two channels are named {min(twice)}")
        return self

    def within(self, folder: Path) -> AlertsSettings:
        """With paths taken from a folder."""
        channels = tuple(
            channel.model_copy(update={"authority": channel.authority and folder / channel.authority})
            for channel in self.channels
        )
        return self.model_copy(update={"channels": channels})


def span_of(text: str) -> tuple[time, time]:
    """The two local times of ``22:00-06:00``.

    Raises:
        ValueError: It is none.
    """
    found = _SPAN.fullmatch(text)
    if not found or found[1] == found[2]:
        raise ValueError("write quiet hours as 22:00-06:00")
    return time.fromisoformat(found[1]), time.fromisoformat(found[2])


def _check_address(address: SplitResult, safe: str, plain: str) -> None:
    """Only what is encrypted leaves this machine, and no credentials stand in the settings."""
    if address.scheme not in (safe, plain) or not address.hostname:
        raise ValueError(f"use {safe}://host/…")
    if address.username is not None or address.password is not None:
        raise ValueError("leave user and password out of the address: name them as user and password")
    _ = address.port  # raises ValueError where it is none
    if address.scheme == plain and not _here(address.hostname):
        raise ValueError(f"{plain}:// is for this machine alone: use {safe}://")


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
