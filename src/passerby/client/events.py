"""What happens, as it happens: server-sent events as types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from passerby.base.errors import ApiAway
from passerby.server.models import AlertModel, CameraModel, CountModel, HealthModel

KINDS: Mapping[str, type[BaseModel]] = {
    "state": CameraModel, "counts": CountModel, "alert": AlertModel, "health": HealthModel,
}  # fmt: skip
GONE = "gone"


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened.

    Args:
        kind: ``state``, ``counts``, ``alert``, ``health``, or ``gone``.
        camera: Where.
        content: What; None of a camera that is gone.
    """

    kind: str
    camera: str
    content: CameraModel | CountModel | AlertModel | HealthModel | None


def news_of(lines: Iterable[str]) -> Iterator[News]:
    """News from a stream's lines (HTML, 9.2.6). Kinds that nobody knows here are passed over.

    Raises:
        ApiAway: Something in it can't be read: the server is of another version.
    """
    kind, data = "", list[str]()
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data and (found := _news(kind, "\n".join(data))) is not None:
                yield found
            kind, data = "", []
        elif name == "event":
            kind = value
        elif name == "data":
            data.append(value)


def _news(kind: str, data: str) -> News | None:
    try:
        if kind == GONE:
            return News(kind, str(json.loads(data)), None)
        if kind not in KINDS:
            return None
        content = KINDS[kind].model_validate_json(data)
    except (ValidationError, ValueError) as error:
        raise ApiAway(f"an event {kind} can't be read", "take a client of the server's version") from error
    camera = content.id if isinstance(content, CameraModel) else str(getattr(content, "camera", ""))
    assert isinstance(content, CameraModel | CountModel | AlertModel | HealthModel)
    return News(kind, camera, content)
