"""Whoever waits for the keeper keeps nobody else waiting, and there are never too many of them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from passerby.server.opening import Opening
from passerby.server.problems import Problem


def test_who_waits_keeps_nobody_else_waiting() -> None:
    go, opening = threading.Event(), Opening(threads=2, most=40)

    async def story() -> None:
        waiting = [asyncio.create_task(opening(go.wait, 30)) for _ in range(40)]
        await asyncio.sleep(0)
        # As many as the loop's own threads would have been held up by.
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "answered"), 20) == "answered"
        with pytest.raises(Problem, match="too many") as caught:
            await opening(lambda: None)
        assert caught.value.status == 503
        go.set()
        assert await asyncio.gather(*waiting) == [True] * 40
        assert await opening(lambda number: number + 1, number=1) == 2

    asyncio.run(story())


def test_who_goes_away_makes_room_and_an_error_comes_through() -> None:
    go, begun, opening = threading.Event(), threading.Event(), Opening(threads=1, most=2)

    def hang() -> None:
        begun.set()
        go.wait(30)

    async def story() -> None:
        first = asyncio.create_task(opening(hang))
        await asyncio.to_thread(begun.wait, 20)
        second = asyncio.create_task(opening(hang))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        third = asyncio.create_task(opening(int, "no number"))
        await asyncio.sleep(0)
        go.set()
        await first
        with pytest.raises(ValueError, match="no number"):
            await third

    asyncio.run(story())
