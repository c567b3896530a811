"""The client: a method for each address of the interface, with its types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from passerby.base.errors import ApiAway
from passerby.charter.report.report import Report
from passerby.charter.report.report import parse as parse_report
from passerby.client.asking import Asking, Params
from passerby.client.events import News, news_of
from passerby.server.models import (
    AlertsModel,
    CameraDetailModel,
    CameraModel,
    CamerasModel,
    CountsModel,
    PlacesModel,
)
from passerby.server.public.models import (
    AboutModel,
    CameraItemModel,
    CameraListModel,
    HistoryModel,
    MapModel,
    MatterModel,
    PlanItemModel,
    PlanListModel,
    PlanModel,
    ProofModel,
    ReceiptModel,
    RegisterCameraModel,
    ReportItemModel,
    ReportListModel,
    VersionModel,
)

V1, REGISTER = "/api/v1", "/api/v1/register"
AGAIN_S = 1.0
Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item", covariant=True)


class Page(Protocol[Item]):
    """A page of a list."""

    @property
    def items(self) -> Sequence[Item]:
        """What is on it."""

    @property
    def next(self) -> str | None:
        """The cursor of the page after it."""


class Client:
    """Asks one server; for ``with``. Not for several threads.

    Args:
        address: Where it is: ``https://register.example.org``.
        key: A machine key, for what is not public.
        asking: Further arguments of `Asking`: patience, certificates, transport.

    Raises:
        ApiAway: The address is none.
    """

    def __init__(self, address: str, key: str = "", **asking: Any) -> None:
        self._asking = Asking(address, key, **asking)

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self._asking.close()

    # What everybody may read.

    def about(self) -> AboutModel:
        """The register as a whole."""
        return self._read(AboutModel, f"{REGISTER}/about")

    def register(self, *, limit: int = 200, **chosen: str) -> Iterator[CameraItemModel]:
        """Registered cameras by name, page after page.

        Args:
            limit: How many a page.
            chosen: ``organisation``, ``area``, ``phase``, ``purpose``, ``q``.
        """
        return self._pages(lambda p: self._read(CameraListModel, f"{REGISTER}/cameras", {**chosen, **p}), limit)

    def map(self, box: tuple[float, float, float, float], zoom: int, **chosen: str) -> MapModel:
        """A part of the map.

        Args:
            box: West, south, east, north in degrees.
            zoom: That of usual web maps.
            chosen: As for `register`.
        """
        return self._read(MapModel, f"{REGISTER}/map", {**chosen, "box": ",".join(map(str, box)), "zoom": zoom})

    def registered(self, camera: str) -> RegisterCameraModel:
        """Everything that the register shows of a camera."""
        return self._read(RegisterCameraModel, f"{REGISTER}/cameras/{_part(camera)}")

    def history(self, camera: str) -> Iterator[VersionModel]:
        """What happened to a camera's entry, the newest first."""
        return self._pages(lambda p: self._read(HistoryModel, f"{REGISTER}/cameras/{_part(camera)}/history", p), 200)

    def proof(self, camera: str) -> ProofModel:
        """All that proves a camera's permit."""
        return self._read(ProofModel, f"{REGISTER}/cameras/{_part(camera)}/proof")

    def sign(self, camera: str, size: str = "a4") -> bytes:
        """A camera's sign as PDF: ``a4``, ``a3`` or ``sticker``."""
        return self._asking.get(f"{REGISTER}/cameras/{_part(camera)}/sign.pdf", {"size": size})

    def plans(self) -> Iterator[PlanItemModel]:
        """Rollout plans."""
        return self._pages(lambda p: self._read(PlanListModel, f"{REGISTER}/plans", p), 200)

    def plan(self, plan_id: str) -> PlanModel:
        """A rollout plan, whole."""
        return self._read(PlanModel, f"{REGISTER}/plans/{_part(plan_id)}")

    def reports(self) -> Iterator[ReportItemModel]:
        """Reports that can be had, the newest first."""
        return self._pages(lambda p: self._read(ReportListModel, f"{V1}/reports", p), 200)

    def report(self, report_id: str) -> Report:
        """A report, such as ``2026`` or ``2026-11``; its bytes are ``.encode()``.

        Raises:
            Unreadable: The server sent something else.
        """
        return parse_report(self._asking.get(f"{V1}/reports/{_part(report_id)}"))

    def ledger(self, path: str) -> bytes:
        """A file of the ledger, such as ``checkpoint``."""
        return self._asking.get(f"/ledger/{path}")

    # What everybody may send.

    def complain(self, text: str, camera: str = "", reach: str = "") -> ReceiptModel:
        """Complain. Keep the receipt: it is given once."""
        return self._send(ReceiptModel, f"{V1}/complaints", {"text": text, "camera": camera, "reach": reach})

    def ask(self, text: str, camera: str = "", when: str = "", reach: str = "") -> ReceiptModel:
        """Ask for your own data. Keep the receipt: it is given once."""
        asked = {"text": text, "camera": camera, "when": when, "reach": reach}
        return self._send(ReceiptModel, f"{V1}/requests", asked)

    def receipt(self, number: str, secret: str) -> MatterModel:
        """Where a complaint or a request stands."""
        return self._parsed(
            MatterModel, self._asking.get(f"{V1}/receipts/{_part(number)}", headers={"x-receipt": secret})
        )

    # What needs a key.

    def cameras(self) -> list[CameraModel]:
        """Cameras of the station, as last heard of."""
        return self._read(CamerasModel, f"{V1}/cameras").cameras

    def camera(self, camera: str) -> CameraDetailModel:
        """One of them, with its health and its absences of the last day."""
        return self._read(CameraDetailModel, f"{V1}/cameras/{_part(camera)}")

    def counts(self, camera: str, start: float | None = None, to: float | None = None) -> CountsModel:
        """Counts of a time, in seconds since 1970: the last quarter of an hour unless said otherwise."""
        return self._read(CountsModel, f"{V1}/cameras/{_part(camera)}/counts", {"from": start, "to": to})

    def places(self, camera: str, start: float | None = None, to: float | None = None) -> PlacesModel:
        """What was counted in zones and over lines, by the minute."""
        return self._read(PlacesModel, f"{V1}/cameras/{_part(camera)}/places", {"from": start, "to": to})

    def alerts(self, camera: str, start: float | None = None, to: float | None = None) -> AlertsModel:
        """Alerts, newest first: of the last day unless said otherwise."""
        return self._read(AlertsModel, f"{V1}/cameras/{_part(camera)}/alerts", {"from": start, "to": to})

    def events(self, *, again: bool = True) -> Iterator[News]:
        """What happens, as it happens; first every camera's state.

        Args:
            again: Come back where the stream ends or is lost: then every camera's state comes anew.

        Raises:
            ApiRefused: The server says no.
            ApiAway: The stream was lost, and `again` is false.
        """
        while True:
            try:
                with self._asking.stream(f"{V1}/events") as lines:
                    yield from news_of(lines)
            except ApiAway:
                if not again:
                    raise
            if not again:
                return
            self._asking.wait(AGAIN_S)

    def _read(self, model: type[Model], path: str, params: Params | None = None) -> Model:
        return self._parsed(model, self._asking.get(path, params))

    def _send(self, model: type[Model], path: str, content: dict[str, str]) -> Model:
        return self._parsed(model, self._asking.post(path, _json(content)))

    def _parsed(self, model: type[Model], raw: bytes) -> Model:
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            why = "the server's answer can't be read"
            raise ApiAway(why, "take a client of the server's version") from error

    @staticmethod
    def _pages(page: Callable[[Params], Page[Item]], limit: int) -> Iterator[Item]:
        after: str | None = None
        while True:
            found = page({"limit": limit, "after": after})
            yield from found.items
            after = found.next
            if after is None:
                return


def _part(name: str) -> str:
    """A name as one part of an address: it leads nowhere else."""
    return quote(name, safe="")


def _json(content: dict[str, str]) -> bytes:
    return json.dumps({name: value for name, value in content.items() if value}).encode()
