"""A signed POST to somebody's address."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import httpx

from passerby.base.errors import NotifyError
from passerby.notify.message import signed

PATIENCE_S = 5.0
GONE = 410


class Webhook:
    """One receiver.

    Args:
        address: Takes POST. Redirects are not followed: an alert goes where the settings say, or nowhere.
        key: To sign with.
        clock: Seconds since 1970.
        trust: Whose certificates count; None for this machine's own list.
    """

    def __init__(self, address: str, key: bytes, clock: Callable[[], float], trust: ssl.SSLContext | None) -> None:
        self._address, self._key, self._clock = address, key, clock
        verify: ssl.SSLContext | bool = trust if trust is not None else True
        self._client = httpx.Client(timeout=PATIENCE_S, trust_env=False, follow_redirects=False, verify=verify)

    def send(self, number: str, body: bytes, topic: str) -> None:
        """Post it.

        Raises:
            NotifyError: It did not answer with success.
        """
        del topic
        headers = {"content-type": "application/json", **signed(self._key, number, int(self._clock()), body)}
        try:
            answer = self._client.post(self._address, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise NotifyError(f"the webhook can't be reached ({error.__class__.__name__}: {error})") from error
        if answer.status_code == GONE:
            raise NotifyError("the webhook says that it is gone for good", "take it out of the settings", final=True)
        if not answer.is_success:
            raise NotifyError(f"the webhook answered {answer.status_code}")

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()
