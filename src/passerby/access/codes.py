"""Second factors for passwords: six digits that change (TOTP, RFC 6238), and codes on paper for when they are lost."""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
STEP_S, DIGITS = 30, 6
# A clock may be half a minute wrong, and somebody needs a moment to type.
DRIFT_STEPS = 1
PAPER_CODES, PAPER_BYTES = 10, 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_secret(randomness: Callable[[int], bytes]) -> bytes:
    """For an authenticator."""
    return randomness(SECRET_BYTES)


def uri(secret: bytes, name: str, site: str) -> str:
    """What an authenticator reads from a QR code (Key Uri Format)."""
    label = quote(f"{site}:{name}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': shown(secret), 'issuer': site})}"


def shown(secret: bytes) -> str:
    """For typing into an authenticator."""
    return b32encode(secret).decode().rstrip("=")


def step_of(secret: bytes, code: str, now_s: float, after: int) -> int | None:
    """Which step the digits are of; None where they are of none that may still be used.

    Args:
        secret: The authenticator's.
        code: Six digits.
        now_s: Seconds since 1970.
        after: The step that was used last: it and those before it are not good any more.
    """
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    totp, step = _totp(secret), int(now_s) // STEP_S
    found = None
    for tried in range(max(0, step - DRIFT_STEPS), step + DRIFT_STEPS + 1):
        same = hmac.compare_digest(totp.generate(tried * STEP_S), digits.encode())
        if same and tried > after:
            found = tried
    return found


def code_at(secret: bytes, now_s: float) -> str:
    """What an authenticator shows."""
    return _totp(secret).generate(int(now_s)).decode()


def paper_codes(randomness: Callable[[int], bytes]) -> list[str]:
    """Ten codes of 80 bits, each good once."""
    return [_paper(randomness(PAPER_BYTES)) for _ in range(PAPER_CODES)]


def paper_digest(code: str, pseudonym: str) -> str:
    """What is kept of one. However it was typed."""
    plain = "".join(c for c in code[:64].lower() if c.isalnum()).translate(str.maketrans("ilo", "110"))
    return sha256(f"{pseudonym} {plain}".encode()).hexdigest()


def _paper(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, 8 * PAPER_BYTES, 5))
    return "-".join(signs[at : at + 4] for at in range(0, len(signs), 4))


def _totp(secret: bytes) -> TOTP:
    # RFC 6238 names SHA-1, and most authenticators know nothing else; its weakness is not one of HMAC's.
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303  # nosec B303
