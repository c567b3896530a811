"""What a camera's darkroom watches for, and says at once: a place, a kind, a number. Never a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from passerby.crowd import alerts
from passerby.crowd.alerts import Raised, Rule, Stop, Watch, What
from passerby.crowd.interval import NONE
from passerby.crowd.occupancy import Estimate
from passerby.crowd.place import LineNow
from passerby.crowd.scene import Line, Scene, Zone
from passerby.crowd.zone_state import ZoneNow
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.sight import shows_nothing
from passerby.outlet.messages import FIRST_LINE, WHOLE_CAMERA, Alert, Message

# A picture is judged this often: well within the second that an alert may take.
SIGHT_EVERY_S = 0.5


class Alarms:
    """Raises alerts of one camera, each with the number of its place.

    Args:
        emit: Sends a message.
        scene: Its zones and lines, where there are some.
    """

    def __init__(self, emit: Callable[[Message], None], scene: Scene | None = None) -> None:
        self._emit = emit
        self._blind = Watch(alerts.blind(), "camera")
        self._sight_s = float("-inf")
        zones, lines = (scene.zones, scene.lines) if scene else ((), ())
        self._zones = [(_watches(zone.id, _zone_rules(zone)), Stop()) for zone in zones]
        self._lines = [_watches(line.id, _line_rules(line)) for line in lines]

    @property
    def next_s(self) -> float:
        """From when on the next picture is judged."""
        return self._sight_s + SIGHT_EVERY_S

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

    def places(self, now: tuple[list[ZoneNow], list[LineNow]], time_s: float) -> None:
        """Judge what a look says of zones and lines.

        Args:
            now: In the scene's order.
            time_s: The frame's timestamp.
        """
        zones, lines = now
        for number, ((watches, stop), zone) in enumerate(zip(self._zones, zones, strict=True)):
            # Where no crowd is any more, none has stopped or is pressed: what was raised is over.
            lost = NONE if zone.speed is None else stop.saw(zone.speed, time_s)
            seen = {What.DENSITY: zone.density, What.SUDDEN_STOP: lost, What.PRESSURE: zone.pressure or NONE}
            self._judge(watches, seen, time_s, number)
        for number, (watches, line) in enumerate(zip(self._lines, lines, strict=False)):
            seen = {What.EXIT_FLOW: line.flow, What.COUNTER_FLOW: line.against or NONE}
            self._judge(watches, seen, time_s, FIRST_LINE + number)

    def _judge(
        self, watches: Mapping[What, Watch], seen: Mapping[What, Estimate | None], time_s: float, place: int
    ) -> None:
        for what, watch in watches.items():
            if (number := seen[what]) is not None:
                self._tell(watch.saw(number, time_s), place)

    def _tell(self, raised: Raised | None, place: int) -> None:
        if raised is not None:
            number = raised.number
            self._emit(Alert(raised.time_s, raised.what, raised.severity, place, number.value, number.low, number.high))


def _zone_rules(zone: Zone) -> tuple[Rule, ...]:
    return alerts.density(zone.profile), alerts.sudden_stop(), alerts.pressure()


def _line_rules(line: Line) -> tuple[Rule, ...]:
    flow = () if line.exit is None else (alerts.exit_flow(line.exit),)
    return flow + ((alerts.counter_flow(),) if line.way else ())


def _watches(place: str, rules: Iterable[Rule]) -> dict[What, Watch]:
    return {rule.what: Watch(rule, place) for rule in rules}
