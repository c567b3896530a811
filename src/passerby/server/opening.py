"""Threads of their own for those who wait for scribe and keeper: whoever else asks this server waits for neither."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from passerby.server.problems import Problem

THREADS, MOST = 8, 64
P = ParamSpec("P")
R = TypeVar("R")


class Opening:
    """Calls that may take as long as another institution's machine does.

    Args:
        threads: So many run at once.
        most: So many may wait or run; more are refused at once.
    """

    def __init__(self, threads: int = THREADS, most: int = MOST) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="opening")
        self._room = threading.BoundedSemaphore(most)

    async def __call__(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What the call returns. Whoever goes away while it waits makes room for others.

        Raises:
            Problem: Too many wait.
        """
        if not self._room.acquire(blocking=False):
            raise Problem(503, "too many people open video just now", "try again in a moment")
        future = self._pool.submit(call, *args, **kwargs)
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    def _done(self, _: Future[R]) -> None:
        self._room.release()
