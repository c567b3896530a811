"""What is told: a JSON object of an alert, and the signature of a webhook that carries it.

Webhooks are signed as https://www.standardwebhooks.com says (1.0, symmetric): HMAC-SHA256 over id, time and body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping

from passerby.base.errors import SettingsError
from passerby.crowd.alerts import UNITS, WORDS, Severity, What, kind_of, reason_of
from passerby.crowd.occupancy import Estimate
from passerby.store.events import AlertRow

FORMAT = "passerby/alert@1"
PREFIX = "whsec_"
LEAST_KEY_BYTES = 24
US = 1_000_000


def message(site: str, alert: AlertRow, *, test: bool = False) -> bytes:
    """An alert as it is told: which camera and place, how much it matters, the number, its unit and interval, why.

    Args:
        site: The site's name, so that a receiver of many can tell them apart.
        alert: From the store.
        test: Whether somebody only tries the channel.
    """
    known = alert.what in set(What)
    content = {
        "format": FORMAT,
        "id": numbered(alert.id, alert.time_us, test=test),
        "site": site,
        "test": test,
        "camera": alert.camera_id,
        "place": alert.place,
        "time": alert.time_us / US,
        "kind": kind_of(alert.what),
        "severity": Severity(alert.severity).name.lower(),
        "value": alert.value,
        "low": alert.low,
        "high": alert.high,
        "unit": UNITS.get(What(alert.what), "") if known else "",
        "what": WORDS[What(alert.what)] if known else "",
        "reason": reason_of(alert.what, alert.severity, alert.place, Estimate(alert.value, alert.low, alert.high)),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def numbered(alert_id: int, time_us: int, *, test: bool = False) -> str:
    """By what a receiver knows that it has this one already: it is the same however often it is sent."""
    return f"{'test' if test else 'alert'}-{alert_id}-{time_us}"


def signing_key(secret: str) -> bytes:
    """The key in a webhook's secret.

    Raises:
        SettingsError: It is none.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SettingsError(
            "a webhook's secret is no base64", f"write it as {PREFIX}… with 24 bytes or more"
        ) from error
    if len(key) < LEAST_KEY_BYTES:
        raise SettingsError(f"a webhook's secret has {len(key)} bytes", f"take {LEAST_KEY_BYTES} or more at random")
    return key


def signed(key: bytes, number: str, time_s: int, body: bytes) -> Mapping[str, str]:
    """The headers of a webhook.

    Args:
        key: From `signing_key`.
        number: The message's id.
        time_s: Now, in seconds since 1970: a receiver refuses what is old.
        body: What is sent.
    """
    what = f"{number}.{time_s}.".encode() + body
    proof = base64.b64encode(hmac.new(key, what, hashlib.sha256).digest()).decode()
    return {"webhook-id": number, "webhook-timestamp": str(time_s), "webhook-signature": f"v1,{proof}"}
