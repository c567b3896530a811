"""The register as a whole: what it is, its cameras by name, its map, its plans."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast

from fastapi import Query

from passerby import __version__
from passerby.base.build import build_hash
from passerby.charter.papers.decision import Answer, Kind
from passerby.charter.papers.plan import Plan, parse_plan
from passerby.charter.register.entry import Organisation
from passerby.charter.register.phase import Phase
from passerby.charter.root import ANALYSES, PURPOSES
from passerby.press.signs import built_in
from passerby.server.problems import Problem
from passerby.server.public import map as maps
from passerby.server.public.cursors import cursor, parts_of
from passerby.server.public.models import (
    AboutModel,
    AnalysisName,
    AreaModel,
    CameraItemModel,
    CameraListModel,
    CommentModel,
    CoverModel,
    FormsModel,
    LogModel,
    MapModel,
    MarkModel,
    OwnerModel,
    PhaseName,
    PlanItemModel,
    PlanListModel,
    PlanModel,
    StageModel,
    Texts,
)
from passerby.server.public.sources import Shelf
from passerby.store import register as rows
from passerby.store.papers import PaperRow
from passerby.store.register import Wanted

US, E6 = 1_000_000, 1_000_000
SHOWN = ("name", "place")
Word = Annotated[str, Query(max_length=63, pattern="^[a-z0-9-]*$")]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cameras; what is left out does not matter.

    Args:
        organisation: Of this owner.
        area: In this area.
        phase: In this phase.
        purpose: With this purpose.
        q: With all of these words in name, place or number.
    """

    organisation: Word = ""
    area: Word = ""
    phase: Annotated[PhaseName | None, Query(description="In this phase.")] = None
    purpose: Word = ""
    q: Annotated[str, Query(max_length=100, description="With all of these words in name, place or number.")] = ""

    def wanted(self) -> Wanted:
        """As the store asks."""
        return Wanted(self.organisation, self.area, self.phase or "", self.purpose, self.q)


def about(shelf: Shelf, log: LogModel | None, forms: FormsModel | None) -> AboutModel:
    """The register as a whole."""
    known, site = shelf.known(), shelf.site()
    root = site.root if site is not None else known.site_root
    return AboutModel(
        site=known.site,
        address=known.address,
        demo=root.demo if root else known.site.startswith("demo."),
        root=shelf.sources.first or known.root,
        root_in_force=root.hash if root else "",
        institutions=dict(root.institutions) if root else {},
        build=build_hash().hex(),
        version=__version__,
        languages=sorted(built_in()),
        tiles=shelf.sources.tiles,
        bounds=maps.bounds(known.store),
        totals={phase.value: known.by_phase[phase.value] for phase in Phase},
        organisations=[owner_of(owner, known.by_owner[owner.id]) for owner in known.owners.values()],
        areas=[AreaModel(id=area, name=name, cameras=known.by_area[area]) for area, name in known.areas.items()],
        purposes=list(root.purposes if root else PURPOSES),
        analyses=cast("list[AnalysisName]", list(ANALYSES)),
        ledger=log,
        forms=forms,
    )


def owner_of(owner: Organisation, cameras: int) -> OwnerModel:
    """An owner, for the public."""
    return OwnerModel(
        id=owner.id,
        name=owner.name,
        address=owner.address,
        contact=owner.contact,
        officer=owner.officer,
        complaints=owner.complaints,
        texts=texts_of(owner.texts),
        cameras=cameras,
    )


def texts_of(texts: Mapping[str, Mapping[str, str]], names: Iterable[str] | None = None) -> Texts:
    """Words in other languages, all of them or of some fields."""
    wanted = None if names is None else frozenset(names)
    return {
        tag: {name: text for name, text in said.items() if wanted is None or name in wanted}
        for tag, said in texts.items()
    }


def cameras(shelf: Shelf, chosen: Filter, limit: int, after: str | None) -> CameraListModel:
    """Cameras by name."""
    known, wanted = shelf.known(), chosen.wanted()
    last = parts_of(after, str, str)
    found = rows.page(known.store, wanted, cast("tuple[str, str] | None", last), limit + 1)
    more = found[limit - 1] if len(found) > limit else None
    return CameraListModel(
        items=[_item(cast(PhaseName, row.phase), json.loads(row.body)) for row in found[:limit]],
        next=cursor(more.name, more.id) if more else None,
        total=known.count(wanted),
    )


def _item(phase: PhaseName, entry: Mapping[str, Any]) -> CameraItemModel:
    lat, lon = degrees(entry["latitude_e6"]), degrees(entry["longitude_e6"])
    plain = {name: entry[name] for name in ("id", "name", "place", "owner", "area", "purposes", "analyses")}
    texts = texts_of(entry["texts"], SHOWN)
    return CameraItemModel(**plain, phase=phase, keeps=entry["retention_s"] > 0, lat=lat, lon=lon, texts=texts)


def degrees(millionths: int | None) -> float | None:
    """Degrees from millionths."""
    return None if millionths is None else millionths / E6


def map_of(shelf: Shelf, box: str, zoom: int, chosen: Filter) -> MapModel:
    """A part of the map."""
    known, wanted = shelf.known(), chosen.wanted()
    groups = maps.groups(known.store, maps.parse_box(box), zoom, wanted)
    single = [group.id for group in groups if group.count == 1][: maps.MOST_SINGLE]
    with known.store.reading() as connection:
        entries = {row.id: json.loads(row.body) for row in rows.held(connection, single).values()}
    marks = [_mark(group, entries.get(group.id) if group.count == 1 else None) for group in groups]
    return MapModel(items=marks, total=known.count(wanted), without_place=rows.unplaced(known.store, wanted))


def _mark(group: maps.Group, entry: Mapping[str, Any] | None) -> MarkModel:
    phases = cast("dict[PhaseName, int]", group.phases)
    if entry is None:
        return MarkModel(lat=round(group.lat, 6), lon=round(group.lon, 6), count=group.count, phases=phases)
    return MarkModel(
        lat=entry["latitude_e6"] / E6,
        lon=entry["longitude_e6"] / E6,
        count=1,
        phases=phases,
        id=entry["id"],
        name=entry["name"],
        texts=texts_of(entry["texts"], ("name",)),
        bearing=entry.get("bearing"),
        angle=entry.get("angle"),
        range_m=entry.get("range_m"),
    )


def plans(shelf: Shelf, limit: int, after: str | None) -> PlanListModel:
    """The newest version of each plan."""
    last = parts_of(after, str)
    found = shelf.known().plans
    rest = [(row, plan) for row, plan in found if last is None or row.subject > last[0]]
    items = [_plan(row, plan) for row, plan in rest[:limit]]
    return PlanListModel(items=items, next=cursor(items[-1].id) if len(rest) > limit else None, total=len(found))


def plan(shelf: Shelf, plan_id: str) -> PlanModel:
    """One plan, whole: its words, its areas beside what is there, what people said.

    Raises:
        Problem: There is none of this id.
    """
    cabinet = shelf.cabinet()
    versions = cabinet.rows(Kind.PLAN.value, plan_id)
    if not versions:
        raise Problem(404, "there is no such plan", "see /api/v1/register/plans")
    row = versions[-1]
    found = parse_plan(row.body)
    registered, active = Counter[str](), Counter[str]()
    for (_, area, phase), number in rows.totals(shelf.store, Wanted(owner=found.owner)).items():
        registered[area] += number if phase != Phase.REMOVED.value else 0
        active[area] += number if phase == Phase.ACTIVE.value else 0
    cover = [
        CoverModel(area=area, planned=most, registered=registered[area], active=active[area])
        for area, most in found.totals().items()
    ]
    said = [
        CommentModel(time=c.at_us / US, source=c.source, text=c.text, answer=c.answer, commitment=c.commitment)
        for c in cabinet.comments(f"plan/{plan_id}")
    ]
    short = _plan(row, found)
    return PlanModel(**dict(short), sections=dict(found.sections), cover=cover, comments=said)


def _plan(row: PaperRow, found: Plan) -> PlanItemModel:
    stages = [
        StageModel(
            id=stage.id,
            begins=_day(stage.begins),
            ends=_day(stage.ends),
            purposes=sorted(stage.purposes),
            analyses=cast("list[AnalysisName]", sorted(stage.analyses)),
            cameras=dict(stage.cameras),
        )
        for stage in found.stages
    ]
    return PlanItemModel(
        id=found.id,
        title=found.title,
        owner=found.owner,
        version=row.version,
        hash=row.hash,
        filed=row.at_us / US,
        accepted=row.answer == Answer.ACCEPTED.value,
        until=row.until_us / US if row.until_us else None,
        stages=stages,
    )


def _day(day: date) -> str:
    return day.isoformat()
