"""What a camera's darkroom watches for, and says at once: a place, a kind, a number. Never a person."""

from __future__ import annotations

from collections.abc import Callable

from passerby.crowd import alerts
from passerby.crowd.alerts import Raised, Watch
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.sight import shows_nothing
from passerby.outlet.messages import WHOLE_CAMERA, Alert, Message

# A picture is judged this often: well within the second that an alert may take.
SIGHT_EVERY_S = 0.5


class Alarms:
    """Raises alerts of one camera, each with the number of its place.

    Args:
        emit: Sends a message.
    """

    def __init__(self, emit: Callable[[Message], None]) -> None:
        self._emit = emit
        self._blind = Watch(alerts.blind(), "camera")
        self._sight_s = float("-inf")

    def picture(self, planes: RawPlanes, size: tuple[int, int], time_s: float) -> None:
        """Judge whether a frame shows anything.

        Args:
            planes: The frame.
            size: Width and height without padding.
            time_s: Its timestamp.
        """
        if 0 <= time_s - self._sight_s < SIGHT_EVERY_S:
            return
        self._sight_s = time_s
        width, height = size
        self._tell(self._blind.saw(shows_nothing(planes.y[:height, :width]), time_s), WHOLE_CAMERA)

    def _tell(self, raised: Raised | None, place: int) -> None:
        if raised is not None:
            number = raised.number
            self._emit(Alert(raised.time_s, raised.what, raised.severity, place, number.value, number.low, number.high))
