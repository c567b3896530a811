"""A witness: cosigns a log's checkpoints as long as each continues the one before.

Source: C2SP tlog-witness 1.0, all of it, `sign-subtree` included. HTTP is somebody else's: `Witness.handle` takes a
request's parts and returns an answer's. What it cosigned last is durable before it answers, and to check and to store
are one step, so that two requests at once can't roll it back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from passerby.ledger.checkpoint import unverified
from passerby.ledger.errors import LedgerError, Misuse, Refuted, Unreadable
from passerby.ledger.note import Signer, signature_line
from passerby.ledger.ports import Clock, Slot
from passerby.ledger.verify import (
    COSIGN_MLDSA44,
    EMPTY_ROOT,
    MOST_HASHES,
    Checkpoint,
    Key,
    parse_note,
    strict_base64,
    strict_number,
    verify_consistency,
    verify_note,
    verify_subtree_consistency,
)

TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
LONGEST_REQUEST = (1 << 20) + (1 << 13)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, body, content type."""

    status: int
    body: bytes = b""
    kind: str = TEXT


class _Stop(Exception):
    """An answer other than 200, on the way out."""

    def __init__(self, status: int, why: str, kind: str = TEXT) -> None:
        super().__init__(why)
        self.answer = Answer(status, f"{why}\n".encode(), kind)


class Witness:
    """Serves one witness; safe to share between threads of one process. Keep other processes out with a lock.

    Args:
        signers: Its keys, all of one name.
        logs: The keys of each log it watches, by origin.
        memory: The slot in which it remembers a log, by the log's origin hash.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        signers: Sequence[Signer],
        logs: Mapping[str, Sequence[Key]],
        memory: Callable[[str], Slot],
        clock: Clock,
    ) -> None:
        self._signers, self._logs, self._clock = signers, logs, clock
        self._memory = {origin: memory(origin_hash(origin)) for origin in logs}
        self._origins = {origin_hash(origin): origin for origin in logs}
        self._mutex = threading.Lock()

    def handle(self, method: str, path: str, body: bytes) -> Answer:
        """Answer a request. `path` is what follows the witness's prefix, without a slash at its beginning."""
        try:
            if method == "POST" and path in ("add-checkpoint", "sign-subtree"):
                return (self._add_checkpoint if path == "add-checkpoint" else self._sign_subtree)(body)
            if method == "GET" and path.endswith("/checkpoint"):
                return self._latest(path.removesuffix("/checkpoint"))
        except _Stop as stop:
            return stop.answer
        return Answer(405 if path in ("add-checkpoint", "sign-subtree") else 404)

    def _add_checkpoint(self, body: bytes) -> Answer:
        first, proof, note = _split(body)
        old = _number(first, "old")
        with _or_bad_request():
            (text, _), new = parse_note(note), unverified(note)
        lines = self._log_lines(new.origin, note)
        if old > new.size:
            raise _Stop(400, "the old size is larger than the checkpoint")
        with self._mutex:  # to check and to store are one step
            kept = self._kept(new.origin)
            if old != (have := kept.size if kept else 0):
                raise _Stop(409, str(have), SIZE)
            _check(kept, new, proof)
            now = max(1, self._clock())
            ours = [signer.sign(text, now) for signer in self._signers]
            self._memory[new.origin].save((text + "\n" + "".join([*lines, *ours])).encode())
        return Answer(200, "".join(ours).encode())

    def _log_lines(self, origin: str, note: bytes) -> list[str]:
        """The signature lines by the log; 404 where we don't watch it, 403 where it did not sign."""
        if (keys := self._logs.get(origin)) is None:
            raise _Stop(404, "this witness does not watch this log")
        try:
            _, signed, _ = verify_note(note, keys)
        except Refuted as error:
            raise _Stop(403, str(error)) from error
        known = {(key.name, key.id) for key in signed}
        if not known:
            raise _Stop(403, "the log did not sign this")
        return [signature_line(*parts) for parts in parse_note(note)[1] if parts[:2] in known]

    def _kept(self, origin: str) -> Checkpoint | None:
        if (raw := self._memory[origin].load()) is None:
            return None
        try:
            if not verify_note(raw, [signer.key for signer in self._signers])[1]:
                raise Refuted("the witness's memory is not signed by itself")
            return unverified(raw)
        except LedgerError as error:  # better no answer than a second history
            raise _Stop(500, "the witness's memory is damaged; its keeper must restore it") from error

    def _sign_subtree(self, body: bytes) -> Answer:
        first, rest, note = _split(body, hashes=1 + MOST_HASHES)
        words = first.split(" ")
        if len(words) != 3 or words[0] != "subtree" or not rest:
            raise _Stop(400, "the request does not begin with a subtree and its hash")
        with _or_bad_request():
            start, end = (strict_number(word, "a subtree's end") for word in words[1:])
            point = unverified(note)
        if end <= start or start % (1 << (end - start - 1).bit_length()) or end > point.size:
            raise _Stop(400, "this is not a subtree of the checkpoint")
        if point.origin not in self._logs:
            raise _Stop(404, "this witness does not watch this log")
        try:
            signed = verify_note(note, [signer.key for signer in self._signers])[1]
        except Refuted as error:
            raise _Stop(403, str(error)) from error
        if not signed:
            raise _Stop(403, "this witness did not sign the checkpoint")
        try:
            verify_subtree_consistency(start, end, point.size, rest[0], point.root, rest[1:])
        except Refuted as error:
            raise _Stop(422, str(error)) from error
        able = [signer for signer in self._signers if signer.kind == COSIGN_MLDSA44]
        if not able:
            raise _Stop(404, "this witness has no key that signs subtrees")
        return Answer(200, "".join(s.sign_subtree(point.origin, start, end, rest[0]) for s in able).encode())

    def _latest(self, hashed: str) -> Answer:
        origin = self._origins.get(hashed)
        raw = self._memory[origin].load() if origin else None
        return Answer(404, b"nothing cosigned\n") if raw is None else Answer(200, raw)


def origin_hash(origin: str) -> str:
    """How a witness names a log in its addresses."""
    return sha256(origin.encode()).hexdigest()


def _split(body: bytes, hashes: int = MOST_HASHES) -> tuple[str, list[bytes], bytes]:
    head, blank, note = body.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not blank or len(lines) > 1 + hashes or len(body) > LONGEST_REQUEST:
        raise _Stop(400, "a request is a first line, at most 63 hashes, an empty line and a checkpoint")
    with _or_bad_request():
        return lines[0], [strict_base64(line, "a hash", 32) for line in lines[1:]], note


def _number(line: str, word: str) -> int:
    if not line.startswith(f"{word} "):
        raise _Stop(400, f"the first line is not '{word} SIZE'")
    with _or_bad_request():
        return strict_number(line.removeprefix(f"{word} "), "the size")


@contextmanager
def _or_bad_request() -> Iterator[None]:
    try:
        yield
    except (Unreadable, Misuse) as error:
        raise _Stop(400, str(error)) from error


def _check(kept: Checkpoint | None, new: Checkpoint, proof: list[bytes]) -> None:
    try:
        verify_consistency(kept.size if kept else 0, kept.root if kept else EMPTY_ROOT, new.size, new.root, proof)
    except Refuted as error:
        raise _Stop(422, str(error)) from error
