"""Asking the interface: retries where the server says when, ETags, errors of the one tree."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from passerby.base.errors import ApiAway, ApiRefused

# Of waiting, all together, before it is given up.
PATIENCE_S = 60.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
PASSING = (429, 503)
MOST_KEPT = 256
Params = Mapping[str, str | int | float | None]


class Asking:
    """Asks one server.

    Args:
        address: Where it is: ``https://register.example.org``.
        key: A machine key; empty for what is public.
        patience_s: How long to wait in all where the server is busy or away.
        transport: Of httpx; None for the network.
        sleep: Waits so many seconds.
        verify: As httpx takes it: the certificates that are believed.

    Raises:
        ApiAway: The address is none.
    """

    def __init__(
        self,
        address: str,
        key: str = "",
        *,
        patience_s: float = PATIENCE_S,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        verify: Any = True,
    ) -> None:
        headers = {"user-agent": "passerby-client", "x-passerby": "1"} | (
            {"authorization": f"Bearer {key}"} if key else {}
        )
        try:
            self._http = httpx.Client(
                base_url=address, headers=headers, timeout=30, transport=transport, verify=verify, trust_env=False
            )
        except (httpx.InvalidURL, TypeError) as error:
            raise ApiAway(f"{address[:100]} is no address", "give http://… or https://…") from error
        self._patience_s, self._sleep = patience_s, sleep
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def get(self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        """An answer's body; the one that was given before, where the server says that it is still so.

        Raises:
            ApiRefused: The server says no.
            ApiAway: It can't be had.
        """
        asked = {name: value for name, value in (params or {}).items() if value is not None}
        request = self._http.build_request("GET", path, params=asked, headers=dict(headers or {}))
        kept = self._kept.get(str(request.url))
        if kept is not None:
            request.headers["if-none-match"] = kept[0]
        answer = self._sent(request)
        if answer.status_code == httpx.codes.NOT_MODIFIED and kept is not None:
            self._kept.move_to_end(str(request.url))
            return kept[1]
        if etag := answer.headers.get("etag"):
            self._kept[str(request.url)] = etag, answer.content
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return answer.content

    def post(self, path: str, content: bytes) -> bytes:
        """Send something once: again only where the server says that it did not take it, and when to come back.

        Raises:
            ApiRefused: The server says no.
            ApiAway: It can't be had; whether it was taken is not known then.
        """
        headers = {"content-type": "application/json"}
        return self._sent(self._http.build_request("POST", path, content=content, headers=headers)).content

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[str]]:
        """An answer that goes on: its lines.

        Raises:
            ApiRefused: The server says no.
            ApiAway: It can't be had, or was lost.
        """
        try:
            with self._http.stream("GET", path, timeout=httpx.Timeout(30, read=60)) as answer:
                if answer.is_error:
                    answer.read()
                    raise _refused(answer)
                yield answer.iter_lines()
        except httpx.HTTPError as error:
            raise _away(error) from error

    def wait(self, seconds: float) -> None:
        """Wait before asking again."""
        self._sleep(seconds)

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def _sent(self, request: httpx.Request) -> httpx.Response:
        left_s, wait_s = self._patience_s, FIRST_WAIT_S
        reading = request.method == "GET"
        while True:
            try:
                answer = self._http.send(request)
            except httpx.HTTPError as error:
                if not reading or left_s < wait_s:
                    raise _away(error) from error
                pause_s = wait_s
            else:
                if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
                    return answer
                named = _after(answer)
                pause_s = wait_s if named is None else named
                again = answer.status_code in PASSING and (reading or named is not None)
                if not again or pause_s > left_s:
                    raise _refused(answer)
            self._sleep(pause_s)
            left_s, wait_s = left_s - pause_s, min(LONGEST_WAIT_S, 2 * wait_s)


def _after(answer: httpx.Response) -> float | None:
    """In how many seconds the server wants to be asked again; None where it does not say."""
    given = answer.headers.get("retry-after", "")
    return float(given) if given.isascii() and given.isdigit() and len(given) < 6 else None


def _refused(answer: httpx.Response) -> ApiRefused:
    """A problem as an error; whatever is no problem, too."""
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return ApiRefused(f"the server answered {answer.status_code}", "", answer.status_code)
    title, detail = str(found.get("title", f"the server answered {answer.status_code}")), str(found.get("detail", ""))
    return ApiRefused(title, detail, answer.status_code, str(found.get("type", "")))


def _away(error: httpx.HTTPError) -> ApiAway:
    return ApiAway(f"the server can't be had ({error or type(error).__name__})", "see whether it runs")
