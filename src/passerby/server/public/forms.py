"""Complaints and requests for one's own data: sent by anybody, under no name, answered with a receipt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path as File
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Header, Path, Response

from passerby.archive.folder import Layout
from passerby.base.errors import CharterError, StoreError
from passerby.charter.matter.record import Kind
from passerby.charter.register.words import Flawed, line, prose
from passerby.office import counter
from passerby.office.desk import SETTINGS, Desk, open_desk
from passerby.server.problems import Problem
from passerby.server.public.form_models import (
    ComplaintModel,
    EventModel,
    MatterModel,
    ReceiptModel,
    RequestModel,
)
from passerby.server.public.log import Fold
from passerby.server.public.models import FormsModel
from passerby.server.public.service import LONGEST_CHARACTERS, Public
from passerby.server.public.sources import Shelf

Number = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The receipt's number.")]
Secret = Annotated[str, Header(alias="X-Receipt", pattern="^[0-9a-f]{64}$", description="The receipt's secret.")]
MatterKind = Literal["complaint", "request"]


class Counter:
    """The office's counter, open while the server runs.

    Args:
        folder: The office's.
        shelf: The register, to know cameras by.
        clock: Seconds since 1970.

    Raises:
        CharterError: The office's settings are missing or wrong.
        StoreError: Its database can't be written.
    """

    def __init__(self, folder: File, shelf: Shelf, clock: Callable[[], float]) -> None:
        self.desk: Desk = open_desk(folder, lambda: int(clock()), durable=True)
        self._shelf = shelf
        self._turn = threading.Lock()
        self._by = "p-" + sha256(f"{shelf.book().site}\nforms".encode()).hexdigest()[:32]

    @property
    def model(self) -> FormsModel:
        """What can be sent, for the pages."""
        office = self.desk.office
        return FormsModel(
            complaint=str(office.complaint),
            request=str(office.law.answer),
            law=office.law.name,
            longest_characters=LONGEST_CHARACTERS,
        )

    def take(self, kind: Kind, given: ComplaintModel | RequestModel) -> ReceiptModel:
        """Take something in.

        Raises:
            Problem: Something in it can't be read, or no such camera is registered.
            StoreError: It can't be kept; then nothing is.
        """
        words = self._words(given)
        with self._turn:
            found = counter.take(self.desk, kind, words, self._by, os.urandom)
        return ReceiptModel(
            number=found.matter.id,
            secret=found.secret.hex(),
            kind=cast(MatterKind, kind.value),
            at=found.matter.begun,
            due=found.matter.due,
            content=found.content,
            words=words,
        )

    def show(self, number: str, secret: str, log: Fold | None) -> MatterModel:
        """Where a matter stands.

        Raises:
            Problem: There is none, or this is not its receipt: nobody learns which.
        """
        found = counter.show(self.desk, number, bytes.fromhex(secret))
        if found is None:
            raise Problem(404, "there is no such receipt", "copy number and secret as they were given")
        matter, events = found
        return MatterModel(
            number=matter.id,
            kind=cast(MatterKind, matter.kind.value),
            state=matter.state,
            at=matter.begun,
            due=matter.due,
            overdue=matter.overdue(self.desk.clock()),
            over=matter.over,
            events=[
                EventModel(
                    at=e.at,
                    what=e.event,
                    note=e.note,
                    letter=(e.words or b"").decode("utf-8", "replace") if e.event in counter.LETTERS else "",
                )
                for e in events
            ],
            entry=None if log is None else log.ask(lambda told: told.matters.get(number)),
        )

    def close(self) -> None:
        """Give the database back."""
        with self.desk:
            pass

    def _words(self, given: ComplaintModel | RequestModel) -> str:
        """What is kept and hashed: the words, and before them a line for each thing that was said besides."""
        try:
            text = prose(given.text, "text", LONGEST_CHARACTERS, empty=False)
            heads = [("Camera", given.camera)]
            heads += [("When", line(given.when, "when"))] if isinstance(given, RequestModel) else []
            heads += [("To answer", line(given.reach, "reach"))]
        except Flawed as error:
            raise Problem(422, error.message, error.advice) from error
        if given.camera:
            self._known(given.camera)
        said = [f"{head}: {value}\n" for head, value in heads if value]
        return "".join([*said, "\n", text]) if said else text

    def _known(self, camera: str) -> None:
        try:
            self._shelf.book().camera(camera)
        except CharterError as error:
            raise Problem(422, "camera is not registered", "leave it out, or see the register") from error


def open_counter(folder: File, shelf: Shelf, clock: Callable[[], float]) -> Counter | None:
    """The counter of an office; None where it has no settings, and so takes nothing in.

    Raises:
        CharterError: The settings are wrong.
        StoreError: The database can't be written.
    """
    if not (folder / SETTINGS).is_file() or not Layout(folder).database.is_file():
        return None
    return Counter(folder, shelf, clock)


def routes(public: Public, counter_: Counter | None) -> APIRouter:
    """The forms' routes.

    Args:
        public: What is shown.
        counter_: Takes things in; None where nobody does.
    """
    router = APIRouter(prefix="/api/v1", tags=["forms"])

    def there() -> Counter:
        if counter_ is None:
            raise Problem(503, "nothing is taken in here", "write to the address on the camera's page")
        return counter_

    def take(kind: Kind, given: ComplaintModel | RequestModel) -> ReceiptModel:
        try:
            return there().take(kind, given)
        except StoreError as error:
            raise public.away(error) from error

    @router.post("/complaints", status_code=201, summary="Complain; the answer is a receipt")
    def complain(given: ComplaintModel) -> ReceiptModel:
        return take(Kind.COMPLAINT, given)

    @router.post("/requests", status_code=201, summary="Ask for your own data; the answer is a receipt")
    def ask(given: RequestModel) -> ReceiptModel:
        return take(Kind.REQUEST, given)

    @router.get("/receipts/{number}", summary="Where a complaint or a request stands")
    def receipt(number: Number, secret: Secret, response: Response) -> MatterModel:
        response.headers["cache-control"] = "no-store"
        return there().show(number, secret, public.fold)

    return router
