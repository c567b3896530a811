"""Answers that are the same for everybody: made once, kept for a moment, with ETag, 304 and gzip.

An answer depends on its address and on a *state*: a number that changes when anything may have changed that answers are
made of. One whose state is old is made anew. Two who ask for the same at once wait for the same making.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from fastapi import Request, Response
from pydantic import BaseModel

JSON = "application/json"
MOST_BYTES = 64 << 20
SMALLEST_ZIPPED = 1024
MAX_AGE_S = 10
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
Made = BaseModel | bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer's bytes.

    Args:
        state: Of what it was made.
        body: As it is.
        zipped: With gzip; empty where that is not worth it.
        etag: Weak: the same for both forms.
    """

    state: Hashable
    body: bytes
    zipped: bytes
    etag: str

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.body) + len(self.zipped)


class Answers:
    """Keeps answers.

    Args:
        most: Bytes held at most.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._held = most, 0
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._making: dict[tuple[str, Hashable], asyncio.Task[Kept]] = {}

    async def give(
        self,
        request: Request,
        make: Callable[[], Made],
        kind: str,
        state: Hashable,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Response:
        """The answer to a request for reading: made by `make` in a thread where there is none of now.

        Args:
            request: Its address, as it was asked for, names the answer.
            make: Makes it; may raise, and then nothing is kept.
            kind: Its media type.
            state: What it depends on, as that is now.
            headers: Further ones.
        """
        kept = await self._of(f"{request.url.path}?{request.url.query}", make, state, zips=zips(kind))
        found = {"etag": kept.etag, "cache-control": f"public, max-age={MAX_AGE_S}", **headers}
        if kept.zipped:
            found["vary"] = "accept-encoding"
        if matches(request.headers.get("if-none-match", ""), kept.etag):
            return Response(status_code=304, headers=found)
        if kept.zipped and accepts_gzip(request.headers.get("accept-encoding", "")):
            return Response(kept.zipped, media_type=kind, headers=found | {"content-encoding": "gzip"})
        return Response(kept.body, media_type=kind, headers=found)

    async def _of(self, name: str, make: Callable[[], Made], state: Hashable, *, zips: bool) -> Kept:
        kept = self._kept.get(name)
        if kept is not None and kept.state == state:
            self._kept.move_to_end(name)
            return kept
        task = self._making.get((name, state))
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(_made, state, make, zips=zips))
            self._making[name, state] = task
            task.add_done_callback(lambda done: self._done(name, state, done))
        # Whoever asked first may be gone before it is made; others wait for it still.
        return await asyncio.shield(task)

    def _done(self, name: str, state: Hashable, task: asyncio.Task[Kept]) -> None:
        del self._making[name, state]
        if task.cancelled() or task.exception() is not None:
            return
        kept = task.result()
        before = self._kept.pop(name, None)
        self._held += kept.size - (before.size if before else 0)
        self._kept[name] = kept
        while self._held > self._most:
            _, gone = self._kept.popitem(last=False)
            self._held -= gone.size


def _made(state: Hashable, make: Callable[[], Made], *, zips: bool) -> Kept:
    made = make()
    body = made if isinstance(made, bytes) else made.model_dump_json().encode()
    zipped = gzip.compress(body, 6, mtime=0) if zips and len(body) >= SMALLEST_ZIPPED else b""
    return Kept(state, body, zipped, f'W/"{sha256(body).hexdigest()[:32]}"')


def zips(kind: str) -> bool:
    """Whether such an answer becomes smaller with gzip."""
    return kind.startswith("text/") or "json" in kind


def matches(asked: str, etag: str) -> bool:
    """Whether If-None-Match names the answer: compared weakly (RFC 9110, 13.1.2)."""
    plain = etag.removeprefix("W/")
    return asked.strip() == "*" or any(part.strip().removeprefix("W/") == plain for part in asked.split(","))


def accepts_gzip(asked: str) -> bool:
    """Whether Accept-Encoding has gzip, with a weight above 0."""
    for part in asked.split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip().lower() in ("gzip", "*"):
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
