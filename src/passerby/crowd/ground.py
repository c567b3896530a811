"""The ground as a camera sees it: between pixels and metres.

A homography maps the picture's plane to the ground's. It comes from four or more points whose places on the ground are
known (normalised direct linear transform; Hartley and Zisserman, Multiple View Geometry, 2nd ed., algorithm 4.2), or
from the camera's height, tilt and field of view. Lenses are taken as free of distortion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passerby.base.errors import SceneError
from passerby.crowd.polygon import Points, area, points

Matrix = NDArray[np.float64]
LEAST_POINTS = 4
# Points whose spread across is below this share of their spread along lie on one line for all purposes.
COLLINEAR = 1e-2
# Four points always fit. More that miss by this share of the site's extent contradict each other.
LARGEST_MISFIT = 0.15
PERSON_M = 1.7
# Steps of a numerical derivative, in pixels.
STEP = 0.5


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground plane.

    Args:
        to_metres: (3, 3) homography from pixels to metres; its third row is positive in front of the camera.
        to_pixels: Its inverse.
        misfit_m: Root mean square distance between the given points and where the plane puts them; 0 for four.
        up: (3,) homogeneous pixels by which a point moves for each metre above the ground, in the scale of
            ``to_pixels``; None where the camera's pose does not follow from the points.
    """

    to_metres: Matrix
    to_pixels: Matrix
    misfit_m: float = 0.0
    up: Matrix | None = field(default=None)

    def metres(self, pixels: ArrayLike) -> Points:
        """(n, 2) places on the ground in metres; not a number at or behind the horizon."""
        p = points(pixels)
        q = np.column_stack((p, np.ones(len(p)))) @ self.to_metres.T
        ahead = q[:, 2] > 0
        out = np.full((len(p), 2), np.nan)
        out[ahead] = q[ahead, :2] / q[ahead, 2:]
        return out

    def pixels(self, metres: ArrayLike) -> Points:
        """(n, 2) places in the picture; not a number behind the camera."""
        p = points(metres)
        q = np.column_stack((p, np.ones(len(p)))) @ self.to_pixels.T
        ahead = q[:, 2] > 0
        out = np.full((len(p), 2), np.nan)
        out[ahead] = q[ahead, :2] / q[ahead, 2:]
        return out

    @property
    def mirrored(self) -> bool:
        """Left and right of a line change places between picture and metres, as where Y runs ahead, not down."""
        return bool(np.linalg.det(self.to_metres) < 0)

    def sees(self, pixels: ArrayLike) -> NDArray[np.bool_]:
        """Which points of the picture are ground in front of the camera, not sky."""
        p = points(pixels)
        return np.asarray(np.column_stack((p, np.ones(len(p)))) @ self.to_metres[2] > 0)

    def area_m2(self, polygon: ArrayLike) -> float:
        """The area on the ground of a polygon drawn in the picture, in m². Straight edges stay straight."""
        return area(self.metres(polygon))

    def pixels_per_metre(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """(n,) the local scale along the picture's rows: how many pixels wide a metre is at each place."""
        p = points(pixels)
        beside = np.array([STEP, 0.0])
        across = self.metres(p + beside) - self.metres(p - beside)
        return np.asarray(2 * STEP / np.linalg.norm(across, axis=1))

    def person_height_px(self, feet: ArrayLike, height_m: float = PERSON_M) -> NDArray[np.float64]:
        """(n,) how high somebody who stands at each place appears, in pixels.

        Without a pose, the scale along the rows stands in for it: right for a level camera, too much for a steep one.

        Args:
            feet: (n, 2) places in the picture.
            height_m: How tall they are.
        """
        p = points(feet)
        if self.up is None:
            return self.pixels_per_metre(p) * height_m
        m = self.metres(p)
        q = np.column_stack((m, np.ones(len(m)))) @ self.to_pixels.T
        head = q + height_m * self.up
        return np.asarray(np.linalg.norm(head[:, :2] / head[:, 2:] - p, axis=1))


def from_points(image: ArrayLike, metres: ArrayLike, size: tuple[int, int] | None = None) -> Ground:
    """The ground from points known in both.

    Args:
        image: (n, 2) pixels, n >= 4.
        metres: (n, 2) metres, in the same order.
        size: Width and height of the picture; with it the camera's pose follows (square pixels, centred lens).

    Raises:
        SceneError: Too few points, points on one line, or points that contradict each other.
    """
    p, m = points(image), points(metres)
    if len(p) != len(m):
        raise SceneError.of("ground-points", f"{len(p)} ground points in the picture, {len(m)} in metres", "give pairs")
    if len(p) < LEAST_POINTS:
        raise SceneError.of("few-ground-points", f"{len(p)} ground points", f"give {LEAST_POINTS} or more")
    for name, given in (("picture", p), ("metres", m)):
        if _on_one_line(given):
            raise SceneError.of(
                "collinear", f"the ground points lie on one line ({name})", "choose points that span the ground"
            )
    h = _transform(p, m)
    depths = np.column_stack((p, np.ones(len(p)))) @ h[2]
    if depths.sum() < 0:
        h, depths = -h, -depths
    if not (depths > 0).all():
        raise SceneError.of(
            "behind-horizon", "a ground point lies behind the horizon of the others", "check the order of the points"
        )
    ground = _ground(h, size)
    misses = np.linalg.norm(ground.metres(p) - m, axis=1)
    misfit = float(np.sqrt(np.mean(misses**2)))
    if misfit > LARGEST_MISFIT * float(np.sqrt(np.mean(np.sum((m - m.mean(0)) ** 2, axis=1)))):
        raise SceneError.of(
            "contradiction", f"the ground points contradict each other by {misfit:.2f} m", "measure them again"
        )
    return Ground(ground.to_metres, ground.to_pixels, misfit, ground.up)


def from_pose(height_m: float, tilt_deg: float, fov_deg: float, size: tuple[int, int]) -> Ground:
    """The ground from the camera's pose, without roll. Metres: X to the right, Y ahead, from below the camera.

    Args:
        height_m: Of the lens above the ground.
        tilt_deg: Downwards from level, over 0 and up to 90.
        fov_deg: Horizontal field of view.
        size: Width and height of the picture.

    Raises:
        SceneError: No camera hangs like that.
    """
    if not (0 < height_m < 500 and 0 < tilt_deg <= 90 and 1 <= fov_deg < 175):
        raise SceneError.of(
            "pose",
            f"no camera hangs {height_m} m high, tilted by {tilt_deg} degrees, with a view of {fov_deg} degrees",
            "height over 0, tilt 0 to 90 downwards, view 1 to 175",
        )
    width, height = size
    f = width / 2 / math.tan(math.radians(fov_deg) / 2)
    s, c = math.sin(math.radians(tilt_deg)), math.cos(math.radians(tilt_deg))
    lens = np.array([[f, 0, width / 2], [0, f, height / 2], [0, 0, 1]])
    # Camera axes: right, down, ahead. Columns: the ground's X, Y, and its origin below the lens.
    pose = np.array([[1.0, 0, 0], [0, -s, c * height_m], [0, c, s * height_m]])
    to_pixels = lens @ pose
    up = lens @ np.array([0.0, -c, -s])
    return Ground(np.linalg.inv(to_pixels), to_pixels, 0.0, up)


def scaled_ground(metres: float) -> Ground:
    """A ground on which a pixel is so many metres, everywhere: where nothing better is known."""
    return Ground(np.diag((metres, metres, 1.0)), np.diag((1 / metres, 1 / metres, 1.0)))


def _ground(h: Matrix, size: tuple[int, int] | None) -> Ground:
    inverse: Matrix = np.asarray(np.linalg.inv(h), np.float64)
    # With both third rows positive in front, signs agree: h maps depth to 1/depth.
    return Ground(h, inverse, 0.0, _upwards(inverse, size) if size else None)


def _upwards(to_pixels: Matrix, size: tuple[int, int]) -> Matrix | None:
    """How a point moves upwards, from the two conditions that make the ground's axes equal and square."""
    centre = np.array([[1.0, 0, -size[0] / 2], [0, 1, -size[1] / 2], [0, 0, 1]])
    a, b, t = (centre @ to_pixels).T
    square = (a[0] * b[0] + a[1] * b[1], a[2] * b[2])
    equal = (a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2, a[2] ** 2 - b[2] ** 2)
    over = square[0] ** 2 + equal[0] ** 2
    inverse_f2 = -(square[0] * square[1] + equal[0] * equal[1]) / over if over > 0 else 0.0
    if inverse_f2 <= 0:
        return None
    f = 1 / math.sqrt(inverse_f2)
    if not 0.2 < f / max(size) < 20:
        return None
    lens = np.array([f, f, 1.0])
    right, ahead, origin = a / lens, b / lens, t / lens
    normal = np.cross(right, ahead)
    normal *= math.sqrt(np.linalg.norm(right) * np.linalg.norm(ahead)) / np.linalg.norm(normal)
    # The lens is above the ground, so "up" points against the way from it to the ground.
    normal *= -np.sign(normal @ origin)
    return np.asarray(np.linalg.inv(centre) @ (normal * lens))


def _transform(p: Points, m: Points) -> Matrix:
    """The homography from ``p`` to ``m``, least squares in normalised coordinates."""
    tp, tm = _normaliser(p), _normaliser(m)
    pn = np.column_stack((p, np.ones(len(p)))) @ tp.T
    mn = np.column_stack((m, np.ones(len(m)))) @ tm.T
    zero = np.zeros_like(pn)
    rows = np.vstack((np.hstack((zero, -pn, mn[:, 1:2] * pn)), np.hstack((pn, zero, -mn[:, 0:1] * pn))))
    _, strengths, bases = np.linalg.svd(rows)
    h = np.linalg.inv(tm) @ bases[-1].reshape(3, 3) @ tp
    # Three of four on a line leave a second solution, or one that flattens the ground.
    if strengths[7] < 1e-6 * strengths[0] or np.linalg.cond(tm @ h @ np.linalg.inv(tp)) > 1e6:
        raise SceneError.of(
            "collinear", "three of the ground points lie on one line", "choose points that span the ground"
        )
    return np.asarray(h / np.linalg.norm(h))


def _normaliser(p: Points) -> Matrix:
    """Moves the centre to the origin and the mean distance to the square root of two."""
    centre = p.mean(axis=0)
    scale = math.sqrt(2) / float(np.mean(np.linalg.norm(p - centre, axis=1)))
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


def _on_one_line(p: Points) -> bool:
    along, across = np.linalg.svd(p - p.mean(axis=0), compute_uv=False)
    return bool(across <= COLLINEAR * along)
