"""What is sent to the office's counter, and what it answers, as types. Times are seconds since 1970."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class ComplaintModel(BaseModel):
    """A complaint. No name is needed; who wants an answer says how to be reached."""

    text: str = Field(min_length=1, max_length=20_000, description="What is wrong, in your own words.")
    camera: str = Field("", pattern="^[a-z0-9-]{0,63}$", description="Which camera, if it is about one.")
    reach: str = Field("", max_length=200, description="How to answer you: an address, a number; or nothing.")


class RequestModel(ComplaintModel):
    """A request for one's own data. Nobody is searched for here: only place and time can find anything."""

    text: str = Field(min_length=1, max_length=20_000, description="What you ask for.")
    when: str = Field("", max_length=200, description="When you were there, as exactly as you know.")


class ReceiptModel(BaseModel):
    """A receipt: keep it, it is given once.

    ``number`` and ``secret`` open ``/api/v1/receipts/NUMBER``. The ledger gets an act with ``case`` = ``number`` and
    ``content`` = SHA-256 of the 32 bytes of ``secret`` and then of ``words`` in UTF-8: with this receipt you find it
    there, without asking anybody. ``due``: the first second at which the answer is late.
    """

    number: str
    secret: str
    kind: Literal["complaint", "request"]
    at: int
    due: int
    content: str
    words: str


class EventModel(BaseModel):
    """What happened to a matter, and when. ``letter``: what the office wrote; empty where nothing, or forgotten."""

    at: int
    what: str
    note: str
    letter: str


class MatterModel(BaseModel):
    """Where a matter stands. ``entry``: the number of its act in the ledger, once that has it."""

    number: str
    kind: Literal["complaint", "request"]
    state: str
    at: int
    due: int
    overdue: bool
    over: int
    events: list[EventModel]
    entry: int | None
