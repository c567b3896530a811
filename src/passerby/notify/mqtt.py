"""A message to somebody's broker, of which it says that it has it (MQTT 5, QoS 1)."""

from __future__ import annotations

import ssl
import time
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from passerby.base.errors import NotifyError

PATIENCE_S = 5.0
KEEPALIVE_S = 30


class Broker:
    """One broker. The connection is made when there is something to say, and kept.

    Args:
        host: Where it is.
        port: Its port.
        topic: What every topic begins with.
        user: Its user, or None.
        password: The user's password, or None.
        trust: For TLS; None where none is wanted.
    """

    def __init__(
        self, host: str, port: int, topic: str, user: str | None, password: str | None, trust: ssl.SSLContext | None
    ) -> None:
        self._host, self._port, self._topic = host, port, topic
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        if user is not None:
            self._client.username_pw_set(user, password)
        if trust is not None:
            self._client.tls_set_context(trust)
        self._client.on_connect = self._connected
        self._refused = ""

    def send(self, number: str, body: bytes, topic: str) -> None:
        """Publish it under ``TOPIC/topic``.

        Raises:
            NotifyError: The broker can't be reached, refuses us, or does not say that it has it.
        """
        del number
        self._connect()
        info = self._client.publish(f"{self._topic}/{topic}", body, qos=1)
        try:
            info.wait_for_publish(PATIENCE_S)
        except (RuntimeError, ValueError) as error:
            raise NotifyError(f"the broker did not take it ({error})") from error
        if not info.is_published():
            raise NotifyError("the broker does not say that it has it")

    def _connect(self) -> None:
        if self._client.is_connected():
            return
        self._client.loop_stop()
        self._refused = ""
        try:
            self._client.connect(self._host, self._port, KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise NotifyError(f"the broker can't be reached ({error})") from error
        self._client.loop_start()
        until_s = time.monotonic() + PATIENCE_S
        while not self._client.is_connected() and not self._refused and time.monotonic() < until_s:
            time.sleep(0.01)
        if not self._client.is_connected():
            self._client.loop_stop()
            raise NotifyError(f"the broker refuses the connection ({self._refused or 'it does not answer'})")

    def _connected(self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _more: Any) -> None:
        if code.is_failure:
            self._refused = str(code)

    def close(self) -> None:
        """Say goodbye."""
        self._client.disconnect()
        self._client.loop_stop()
