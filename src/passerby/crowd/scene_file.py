"""Reading ``scene.json``: strict, with a name for each fault."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
import rfc8785

from passerby.base.errors import SceneError
from passerby.crowd import polygon as plane
from passerby.crowd.calibration import Calibration
from passerby.crowd.ground import Ground, from_points, from_pose
from passerby.crowd.levels import Exit, Profile
from passerby.crowd.polygon import Points
from passerby.crowd.scene import VERSION, Line, Scene, Zone

LARGEST_BYTES = 256 * 1024
MOST_ZONES = MOST_LINES = 64
MOST_POINTS = 200
SMALLEST_PX2 = 4.0
# What is drawn to the very edge may lie on it.
EDGE_PX = 1.0
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}")
WAYS = {"both": 0, "in": 1, "out": -1}
TOP = {"version", "camera", "picture", "ground", "zones", "lines", "forbidden", "calibration"}


def parse(data: bytes | str, size: tuple[int, int] | None = None) -> Scene:
    """A scene from the bytes of ``scene.json``.

    Args:
        data: UTF-8 JSON.
        size: Width and height of the camera's picture, if known: then what lies outside is refused.

    Raises:
        SceneError: With ``fault`` naming the rule that is broken.
    """
    return of(_read(data), size)


def canonical(data: bytes) -> bytes:
    """The same content as canonical JSON (RFC 8785), the form in which a scene travels.

    Raises:
        SceneError: It is no JSON, or can't be written so.
    """
    try:
        return rfc8785.dumps(_read(data))
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as error:
        raise SceneError.of("number", "the scene has a number that is too large", "give plain numbers") from error


def of(content: Any, size: tuple[int, int] | None = None) -> Scene:
    """A scene from JSON types; as `parse`."""
    _object(content, TOP, "the scene")
    if content.get("version") != VERSION or isinstance(content["version"], bool):
        raise SceneError.of("version", f"the scene is not of version {VERSION}", "write it anew with this build")
    drawn = _picture(content.get("picture"))
    if size and drawn and size != drawn:
        raise SceneError.of(
            "picture-size",
            f"the scene was drawn on {drawn[0]}x{drawn[1]}, the picture is {size[0]}x{size[1]}",
            "draw it again on this camera's picture",
        )
    size = size or drawn
    ground = _ground(content.get("ground"), size)
    zones = tuple(_zone(z, ground, size) for z in _list(content, "zones", MOST_ZONES))
    lines = tuple(_line(v, ground, size) for v in _list(content, "lines", MOST_LINES))
    forbidden = tuple(
        _polygon(a["polygon"] if isinstance(a, dict) and "polygon" in a else a, f"forbidden area {n}", size)
        for n, a in enumerate(_list(content, "forbidden", MOST_ZONES), 1)
    )
    for kind, ids in (("zone", [z.id for z in zones]), ("line", [v.id for v in lines])):
        double = next((i for i in ids if ids.count(i) > 1), None)
        if double is not None:
            raise SceneError.of("same-id", f"two {kind}s are called {double}", "give each its own name")
    saved = content.get("calibration")
    calibration = None if saved is None else Calibration.from_json(saved)
    return Scene(content, size, ground, zones, lines, forbidden, calibration)


def _read(data: bytes | str) -> Any:
    if len(data) > LARGEST_BYTES:
        raise SceneError.of("too-large", "the scene is larger than 256 KiB", "draw fewer points")
    try:
        return json.loads(data, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise SceneError.of("not-json", "the scene is not JSON", "write it with: passerby scene edit") from error


def _ground(given: Any, size: tuple[int, int] | None) -> Ground | None:
    if given is None:
        return None
    _object(given, {"image", "metres", "height_m", "tilt_deg", "fov_deg"}, "the ground")
    if "image" in given or "metres" in given:
        _object(given, {"image", "metres"}, "the ground", needed=True)
        return from_points(_points(given["image"], "the ground"), _points(given["metres"], "the ground"), size)
    _object(given, {"height_m", "tilt_deg", "fov_deg"}, "the ground", needed=True)
    if size is None:
        raise SceneError.of("picture-size", "height and tilt mean nothing without the picture's size", 'add "picture"')
    height, tilt, fov = (_number(given[k], f"the ground's {k}") for k in ("height_m", "tilt_deg", "fov_deg"))
    return from_pose(height, tilt, fov, size)


def _zone(given: Any, ground: Ground | None, size: tuple[int, int] | None) -> Zone:
    _object(given, {"id", "polygon", "profile", "head"}, "a zone")
    name = _id(given, "zone")
    corners = _polygon(given.get("polygon"), f"zone {name}", size)
    profile = given.get("profile", Profile.WALKWAY.value)
    _one_of(profile, [p.value for p in Profile], "profile", f"zone {name}")
    _before_horizon(corners, ground, f"zone {name}")
    head = None if given.get("head") is None else _points([given["head"]], f"zone {name}")
    if head is not None:
        _inside_picture(head, size, f"the head of zone {name}")
        _before_horizon(head, ground, f"zone {name}")
    area = ground.area_m2(corners) if ground else None
    return Zone(name, corners, Profile(profile), area, None if head is None else head[0])


def _line(given: Any, ground: Ground | None, size: tuple[int, int] | None) -> Line:
    _object(given, {"id", "from", "to", "exit", "way"}, "a line")
    name = _id(given, "line")
    kind, way = given.get("exit"), given.get("way", "both")
    if kind is not None:
        _one_of(kind, [e.value for e in Exit], "exit", f"line {name}")
    _one_of(way, list(WAYS), "way", f"line {name}")
    ends = _points([given.get("from"), given.get("to")], f"line {name}")
    if float(np.linalg.norm(ends[1] - ends[0])) < 2:
        raise SceneError.of("no-length", f"line {name} has no length", "draw it across the way people walk")
    _inside_picture(ends, size, f"line {name}")
    _before_horizon(ends, ground, f"line {name}")
    width = float(np.linalg.norm(np.diff(ground.metres(ends), axis=0))) if ground else None
    return Line(name, ends[0], ends[1], width, None if kind is None else Exit(kind), WAYS[way])


def _one_of(given: Any, known: list[str], field: str, what: str) -> None:
    if given not in known:
        raise SceneError.of(field, f"{what} has an unknown {field}", "use one of: " + ", ".join(known))


def _polygon(given: Any, what: str, size: tuple[int, int] | None) -> Points:
    corners = _points(given, what)
    if len(corners) > 3 and np.array_equal(corners[0], corners[-1]):
        corners = corners[:-1]
    if len(corners) < 3:
        raise SceneError.of("few-corners", f"{what} has {len(corners)} corners", "draw three or more")
    if plane.crosses_itself(corners):
        raise SceneError.of("crosses-itself", f"{what} crosses itself", "draw its corners in order around it")
    if plane.area(corners) < SMALLEST_PX2:
        raise SceneError.of("no-area", f"{what} has no area", "draw it larger")
    _inside_picture(corners, size, what)
    return corners


def _inside_picture(p: Points, size: tuple[int, int] | None, what: str) -> None:
    if size is not None and not (np.all(p >= -EDGE_PX) and np.all(p <= np.array(size) + EDGE_PX)):
        raise SceneError.of("outside-picture", f"{what} lies outside the picture", f"stay within {size[0]}x{size[1]}")


def _before_horizon(p: Points, ground: Ground | None, what: str) -> None:
    if ground is not None and not ground.sees(p).all():
        raise SceneError.of("behind-horizon", f"a point of {what} lies behind the horizon", "draw it on the ground")


def _picture(given: Any) -> tuple[int, int] | None:
    if given is None:
        return None
    if not (isinstance(given, list) and len(given) == 2 and all(type(n) is int and 16 <= n <= 65536 for n in given)):
        raise SceneError.of("picture-size", "the scene's picture is no width and height", "give two whole numbers")
    return given[0], given[1]


def _list(content: Mapping[str, Any], name: str, most: int) -> list[Any]:
    given = content.get(name)
    if given is None:
        return []
    if not isinstance(given, list):
        raise SceneError.of("wrong-type", f"the scene's {name} are no list", "put them in brackets")
    if len(given) > most:
        raise SceneError.of("too-many", f"the scene has {len(given)} {name}", f"{most} are the most")
    return given


def _id(given: Mapping[str, Any], kind: str) -> str:
    name = given.get("id")
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise SceneError.of("id", f"a {kind} has no usable id", "up to 40 letters, digits, blanks and . _ -")
    return name


def _object(given: Any, known: set[str], what: str, *, needed: bool = False) -> None:
    if not isinstance(given, dict):
        raise SceneError.of("wrong-type", f"{what} is no object", "see docs/counting.md for the form")
    unknown = sorted(set(given) - known)
    if unknown:
        raise SceneError.of("unknown-field", f"{what} has an unknown field {unknown[0]!r}", "check its spelling")
    if needed and set(given) != known:
        raise SceneError.of("missing-field", f"{what} lacks {min(known - set(given))!r}", "add it")


def _points(given: Any, what: str) -> Points:
    if not isinstance(given, list) or not all(isinstance(p, list) and len(p) == 2 for p in given):
        raise SceneError.of("points", f"{what} has no list of points", "write each as [x, y]")
    if len(given) > MOST_POINTS:
        raise SceneError.of("too-many", f"{what} has {len(given)} points", f"{MOST_POINTS} are the most")
    return plane.points([[_number(n, what) for n in p] for p in given])


def _number(given: Any, what: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given) or abs(given) > 1e9:
        raise SceneError.of("number", f"{what} has a value that is no usable number", "give plain numbers")
    return float(given)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two of the same name, readers would disagree which counts."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name is given twice")
    return dict(pairs)
