"""What is said to a keeper and what it answers: two canonical JSON documents, read strictly."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from passerby.archive import hpke
from passerby.archive.keeper.shares import SEALED
from passerby.archive.keys.shares import KEY_BYTES
from passerby.charter.document import Fault, Unsound, read, write
from passerby.charter.shapes import exactly, whole

ASK, ANSWER, REFUSAL = "passerby/keeper-ask@1", "passerby/keeper-answer@1", "passerby/keeper-refusal@1"
MOST_SHARES = 64
LONGEST = 256 << 10
_ANSWER_INFO = b"passerby/shares-for@1\n"


def _text(longest: int) -> Any:
    return lambda given: isinstance(given, str) and len(given) <= longest


def _epochs(given: object) -> bool:
    return isinstance(given, list) and 0 < len(given) <= MOST_SHARES and all(_epoch(item) for item in given)


def _epoch(given: object) -> bool:
    if not isinstance(given, dict) or given.keys() != {"period_us", "length_us", "sealed"}:
        return False
    return whole()(given["period_us"]) and whole(1)(given["length_us"]) and _text(2 * SEALED)(given["sealed"])


_ASK = {
    "format": exactly(ASK), "asking": _text(4096), "entry": _text(8192), "proof": _text(LONGEST),
    "key": _text(2 * hpke.PUBLIC), "epochs": _epochs,
}  # fmt: skip
_ANSWER = {"format": exactly(ANSWER), "number": whole(), "sealed": _text(2 * (hpke.OVERHEAD + MOST_SHARES * KEY_BYTES))}
_REFUSAL = {"format": exactly(REFUSAL), "reason": _text(32), "why": _text(1024)}


@dataclass(frozen=True, slots=True)
class Epoch:
    """A file whose share is wanted: its epoch's period, in microseconds since 1970, and the share as it was stored."""

    period_us: int
    length_us: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to a keeper.

    Args:
        asking: What is asked to be seen (`charter.asking`), as text.
        entry: The act in the ledger.
        proof: The proof that it is there (tlog-proof).
        key: The public key to which the answer is to be sealed.
        epochs: Whose shares are wanted.
    """

    asking: str
    entry: bytes
    proof: bytes
    key: bytes
    epochs: tuple[Epoch, ...]

    def encode(self) -> bytes:
        """As it is sent."""
        epochs = [
            {"period_us": e.period_us, "length_us": e.length_us, "sealed": _base64(e.sealed)} for e in self.epochs
        ]
        texts = {"asking": self.asking, "entry": self.entry.decode(), "proof": self.proof.decode()}
        return write(texts | {"format": ASK, "key": _base64(self.key), "epochs": epochs}).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """A keeper's yes.

    Args:
        number: How many answers it has given before this one.
        sealed: The shares, one after the other, sealed to whoever asked.
    """

    number: int
    sealed: bytes

    def encode(self) -> bytes:
        """As it is sent."""
        return write({"format": ANSWER, "number": self.number, "sealed": _base64(self.sealed)}).encode()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A keeper's no: the rule by name, and why in words."""

    reason: str
    why: str

    def encode(self) -> bytes:
        """As it is sent."""
        return write({"format": REFUSAL, "reason": self.reason, "why": self.why}).encode()


def answer_info(asking: str) -> bytes:
    """What an answer's seal is bound to.

    Args:
        asking: The hash of what was asked.
    """
    return _ANSWER_INFO + asking.encode()


def parse_ask(raw: bytes) -> Ask:
    """A question, strictly.

    Raises:
        Unsound: It is none.
    """
    found = read(_decoded(raw), _ASK)
    epochs = tuple(Epoch(e["period_us"], e["length_us"], _bytes(e["sealed"])) for e in found["epochs"])
    return Ask(found["asking"], found["entry"].encode(), found["proof"].encode(), _bytes(found["key"]), epochs)


def parse_answer(raw: bytes) -> Answer | Refusal:
    """What came back.

    Raises:
        Unsound: It is no answer of a keeper's.
    """
    text = _decoded(raw)
    if f'"format":"{REFUSAL}"' in text:
        found = read(text, _REFUSAL)
        return Refusal(found["reason"], found["why"])
    found = read(text, _ANSWER)
    return Answer(found["number"], _bytes(found["sealed"]))


def _decoded(raw: bytes) -> str:
    if len(raw) > LONGEST:
        raise Unsound(Fault.TOO_LONG)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Unsound(Fault.NO_JSON) from error


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unsound(Fault.VALUES, "base64") from error


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
