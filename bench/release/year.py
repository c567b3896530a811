"""A simulated year of two cameras, through the real book: every release within OpenDP's privacy map, replay exact."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from bench.attacks.worlds import plan_of

from passerby.archive.folder import Layout
from passerby.release.budget import Charge, Kept, follow
from passerby.release.by_opendp import OpenDpNoise
from passerby.release.calendar import bin_starts, days_from
from passerby.release.check import check
from passerby.release.coins import SystemCoins
from passerby.release.day import TrueDay, parse_noisy
from passerby.release.document import document_of
from passerby.release.folder import Published, files
from passerby.release.noise import ExactNoise, Noise
from passerby.release.plan import Area, Plan
from passerby.release.work import Publisher, parse_record
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.migrate import open_durable, open_store
from passerby.store.release import Book

ACTOR = "p-" + "5" * 32
SHOWN = 31  # up to so many days the folder is made, too
STEP = 2.0**-50  # OpenDP rounds its map up by a last place or so of a float


@dataclass(frozen=True, slots=True)
class Year:
    """What came of it.

    Args:
        noise: Whose samplers.
        releases: How many camera's days.
        within: How many of them cost no more by OpenDP's map than was charged.
        most: The most that a camera's day cost by OpenDP's map, over what was charged.
        acts: How many acts the ledger was told.
        same: Whether every document, made again from what was stored, is the same; and the folder, where it was made.
        checked: What a stranger can prove of the folder; it is made of a few weeks only, for time's sake.
        day_s: Seconds for a camera's day.
        render_s: Seconds to make the folder twice, and to check it.
        bytes: Its size.
    """

    noise: str
    releases: int
    within: int
    most: float
    acts: int
    same: bool
    checked: list[str]
    day_s: float
    render_s: float
    bytes: int


def year(days: int, noise: Noise | None = None) -> Year:
    """So many days of 2024 in Berlin, where clocks change twice."""
    plan = replace(
        plan_of(1.0), zone="Europe/Berlin", cap=1000, cameras={"cam-1": ("a", "b"), "cam-2": ("c",)},
        areas={"square": Area(True, {"cam-1/a": "in", "cam-1/b": "out", "cam-2/c": "in"})},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        return _year(Layout(Path(folder)), plan, days_from("2024-01-01", "2024-12-31")[:days], noise)


def _year(layout: Layout, plan: Plan, days: list[str], noise: Noise | None) -> Year:
    open_store(layout.database, time.time).close()
    acts: list[Mapping[str, object]] = []
    dice = np.random.default_rng(31)

    def flows(camera: str, day: str) -> TrueDay:
        bins = len(bin_starts(day, plan.zone))
        lines = {n: (dice.poisson(30, bins).tolist(), dice.poisson(30, bins).tolist()) for n in plan.cameras[camera]}
        return TrueDay(lines, [15 if dice.random() > 0.01 else 0 for _ in range(bins)])

    with open_durable(layout.database) as store:
        book = Book(store, OneFile(layout.releases_seen, LocalDisk()))
        noise = noise or ExactNoise(SystemCoins(os.urandom))
        publisher = Publisher(plan, b"note", book, noise, acts.append, ACTOR, time.time)
        begun = time.perf_counter()
        for day in days:
            for camera in plan.cameras:
                publisher.publish(camera, day, flows)
                assert not publisher.publish(camera, day, flows)
        day_s = (time.perf_counter() - begun) / len(days) / len(plan.cameras)
        records = [parse_record(row) for row in book.records()]
        follow(records)
        kept = {(r.camera, r.day): book.day(r.camera, r.day) for r in records if isinstance(r, Kept)}
    charges = {(r.camera, r.day): r.charge for r in records if isinstance(r, Kept)}
    days_kept = {key: day for key, day in kept.items() if day}
    same = all(
        document_of(plan, *key, charges[key], parse_noisy(noisy)) == shown for key, (noisy, shown) in days_kept.items()
    )
    begun, made, checked = time.perf_counter(), dict[str, bytes](), list[str]()
    if len(days) <= SHOWN:
        note = (plan.text() + "\n\N{EM DASH} bench AAAAAAA=\n").encode()
        published = Published({plan.hash: (plan, note)}, plan, records, days_kept)
        made = dict(files(published))
        same = same and dict(files(published)) == made
        checked = check(made.get)
    render_s = time.perf_counter() - begun
    ratios = [_spent(plan, r) / (r.cost / 1000) for r in records if isinstance(r, Charge)]
    within = sum(ratio <= 1 + STEP for ratio in ratios)
    return Year(
        noise.name, len(kept), within, max(ratios), len(acts), same, checked, day_s, render_s,
        sum(map(len, made.values())),
    )  # fmt: skip


_ORACLE: dict[str, Any] = {}


def _spent(plan: Plan, charge: Charge) -> float:
    """What one passage pays for this draw, by OpenDP: its map of each level's measurement, added up."""
    if plan.hash not in _ORACLE:
        oracle = OpenDpNoise()
        maps = [oracle.measurement(plan.shape.mechanism, v.cost).map(1) for v in plan.shape.levels if v.cost]
        _ORACLE[plan.hash] = sum(maps)
    assert charge.plan == plan.hash
    return float(_ORACLE[plan.hash])
