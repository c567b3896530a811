"""A camera's page: all that register, papers, permit, ledger and its own health say, and nothing live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from passerby.base.errors import CharterError, SceneError
from passerby.charter.papers.assessment.paper import Assessment, parse_assessment
from passerby.charter.papers.decision import Answer, Kind
from passerby.charter.papers.placed import parse_placed
from passerby.charter.papers.plan import Plan
from passerby.charter.proofs import Logged
from passerby.charter.register.entry import Entry, stored_entry
from passerby.charter.register.phase import Phase
from passerby.charter.report.by_camera import COUNTED, ByCamera
from passerby.charter.root import ANALYSES
from passerby.charter.site_permit import act_camera
from passerby.crowd import scene_file
from passerby.ledger.errors import LedgerError
from passerby.office.book import Held
from passerby.office.files import PLACED
from passerby.server.problems import Problem
from passerby.server.public import permits
from passerby.server.public.cursors import cursor, parts_of
from passerby.server.public.lists import degrees, owner_of, texts_of
from passerby.server.public.log import Fold
from passerby.server.public.models import (
    AnalysisModel,
    AnalysisName,
    AreaModel,
    AssessmentModel,
    BuildModel,
    DayModel,
    DeletionModel,
    EntryModel,
    FindingModel,
    HistoryModel,
    MonthModel,
    MosaicModel,
    NumbersModel,
    PermitModel,
    PhaseName,
    PlacedModel,
    ProofModel,
    ReconciledModel,
    RegisterCameraModel,
    RiskModel,
    UptimeModel,
    VersionModel,
    ViewModel,
    ZoneModel,
)
from passerby.server.public.snapshot import Snapshot
from passerby.server.public.sources import Shelf
from passerby.store import papers as paper_rows
from passerby.store import register as rows
from passerby.store.database import Store
from passerby.store.events import health_shares, latest_health, list_absences, presence
from passerby.store.papers import PaperRow

US, DAY_S = 1_000_000, 86_400
UPTIME_DAYS, MOSAIC_DAYS = 30, 7
FIRST_VERSIONS = 20


def held(known: Snapshot, camera: str) -> Held:
    """A registered camera.

    Raises:
        Problem: There is none of this id.
        StoreError: It can't be read.
    """
    with known.store.reading() as connection:
        row = rows.held(connection, [camera]).get(camera)
    if row is None:
        raise Problem(404, "there is no such camera", "see /api/v1/register/cameras")
    entry = stored_entry(row.body)
    return Held(entry, known.owners[entry.owner], Phase(row.phase), row.version, row.since_us)


def page(shelf: Shelf, log: Fold | None, camera: str) -> RegisterCameraModel:
    """Everything for a camera's page.

    Raises:
        Problem: There is no such camera.
        StoreError: Something can't be read.
    """
    known, now = shelf.known(), shelf.clock()
    found = held(known, camera)
    entry, build = found.entry, _build(shelf, camera)
    permit = _permit(shelf, camera, now, build.running if build else "")
    numbers, deletion, reconciled = _told(log, act_camera(known.site, camera), int(now))
    return RegisterCameraModel(
        camera=entry_of(entry),
        owner=owner_of(found.owner, known.by_owner[entry.owner]),
        area=AreaModel(
            id=entry.area,
            name=known.areas.get(entry.area, entry.area),
            cameras=known.by_area[entry.area],
        ),
        phase=found.phase.value,
        since=found.since_us / US,
        version=found.version,
        hash=entry.hash,
        capture=entry.capture,
        missing=found.missing,
        page=known.page_of(camera),
        act_camera=act_camera(known.site, camera),
        analyses=[_analysis(name, entry, permit) for name in ANALYSES],
        permit=permit,
        view=view_of(entry),
        forbidden=_outlined(shelf, entry),
        numbers=numbers,
        deletion=deletion,
        uptime=_uptime(shelf, camera, now),
        mosaic=_mosaic(shelf, camera, now),
        reconciled=reconciled,
        build=build,
        history=history(shelf, camera, FIRST_VERSIONS, None).items,
        sign=_sign(known.store, entry),
        assessments=_assessments(known.store, entry),
        plans=[plan.id for _, plan in known.plans if _covers(plan, entry)],
    )


def entry_of(entry: Entry) -> EntryModel:
    """What the register says."""
    return EntryModel(
        id=entry.id,
        name=entry.name,
        owner=entry.owner,
        area=entry.area,
        place=entry.place,
        lat=degrees(entry.latitude_e6),
        lon=degrees(entry.longitude_e6),
        office=entry.office,
        contact=entry.contact,
        purposes=list(entry.purposes),
        why=entry.why,
        ground=entry.ground,
        retention_s=entry.retention_s,
        languages=list(entry.languages),
        begins=entry.begins.isoformat() if entry.begins else None,
        ends=entry.ends.isoformat() if entry.ends else None,
        reference=entry.reference,
        texts=texts_of(entry.texts),
    )


def view_of(entry: Entry) -> ViewModel:
    """What it looks at."""
    return ViewModel(text=entry.view, bearing=entry.bearing, angle=entry.angle, range_m=entry.range_m)


def _analysis(name: str, entry: Entry, permit: PermitModel | None) -> AnalysisModel:
    word = cast(AnalysisName, name)
    return AnalysisModel(
        name=word, on=name in entry.analyses, permitted=permit is not None and permit.in_force and word in permit.lawful
    )


def _permit(shelf: Shelf, camera: str, now: float, build: str) -> PermitModel | None:
    found = _papers_of(shelf, camera)
    return None if found is None else permits.shown(found, now, build)


def _papers_of(shelf: Shelf, camera: str) -> permits.Held | None:
    folder, site = shelf.sources.papers, shelf.site()
    if folder is None or site is None:
        return None
    try:
        return permits.permit_of(folder, site, camera)
    except CharterError:
        return None


def _told(log: Fold | None, camera: str, now: int) -> tuple[NumbersModel, DeletionModel | None, ReconciledModel]:
    if log is None:
        nothing = NumbersModel(
            complete=False, size=0, time=0, looks=0, exports=0, unsealings=0, shares=0, holds=0, purposes={}, months=[]
        )
        return nothing, None, ReconciledModel(time=None, findings=[])
    complete, size = log.proven, log.state[0]
    return log.ask(lambda told: _of(told, camera, now, complete=complete, size=size))


def _of(
    all_told: ByCamera, camera: str, now: int, *, complete: bool, size: int
) -> tuple[NumbersModel, DeletionModel | None, ReconciledModel]:
    told = all_told.of(camera)
    looks, exports, unseals, shares = (told.total(kind) for kind in COUNTED)
    months = [
        MonthModel(
            month=month, looks=count["look"], exports=count["export"], unsealings=count["unseal"], shares=count["share"]
        )
        for month, count in sorted(told.months.items(), reverse=True)
    ]
    numbers = NumbersModel(
        complete=complete,
        size=size,
        time=all_told.follower.logged,
        looks=looks,
        exports=exports,
        unsealings=unseals,
        shares=shares,
        holds=told.holds,
        purposes=dict(sorted(told.purposes.items())),
        months=months,
    )
    deletion = DeletionModel(
        alive=len(told.alive),
        destroyed=told.destroyed,
        late=told.late,
        overdue=told.overdue(now),
        worst_s=told.worst_s,
    )
    findings = [FindingModel(id=f.id, kind=f.kind, since=f.since) for f in all_told.findings.get(camera, [])]
    reconciled = ReconciledModel(time=all_told.reconciled or None, findings=findings)
    return numbers, None if all_told.lists_missing else deletion, reconciled


def _build(shelf: Shelf, camera: str) -> BuildModel | None:
    sample = latest_health(shelf.station, camera)
    if sample is None:
        return None
    site = shelf.site()
    approved = None if site is None or not site.root.builds else sample.build in site.root.builds
    return BuildModel(running=sample.build, approved=approved, site_root=sample.site_root)


def _today(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _uptime(shelf: Shelf, camera: str, now: float) -> UptimeModel:
    """Shares of days that are over in which the camera was not away, from the first day that has a count on."""
    today = _today(now)
    end_us = round(today.timestamp()) * US
    first_us = presence(shelf.station, camera, end_us - UPTIME_DAYS * DAY_S * US)
    if first_us is None:
        return UptimeModel(share=None, days=[])
    away = list_absences(shelf.station, camera, end_us - UPTIME_DAYS * DAY_S * US, end_us)
    days = []
    for back in range(1, UPTIME_DAYS + 1):
        begins_us = end_us - back * DAY_S * US
        if begins_us + DAY_S * US <= first_us:
            break
        ends_us, begun_us = begins_us + DAY_S * US, max(begins_us, first_us)
        gone = sum(
            max(0, min(ends_us, ends_us if a.to_us is None else a.to_us) - max(begun_us, a.from_us)) for a in away
        )
        share = 1 - min(1.0, gone / (ends_us - begun_us))
        days.append(DayModel(day=(today - timedelta(days=back)).date().isoformat(), share=round(share, 4)))
    whole = round(sum(day.share for day in days) / len(days), 4) if days else None
    return UptimeModel(share=whole, days=days)


def _mosaic(shelf: Shelf, camera: str, now: float) -> list[MosaicModel]:
    end_us = round(_today(now).timestamp()) * US
    shares = health_shares(shelf.station, camera, end_us - MOSAIC_DAYS * DAY_S * US, end_us)
    return [MosaicModel(reason=why, share=round(share, 4)) for why, share in shares.items() if why != "none"]


def _outlined(shelf: Shelf, entry: Entry) -> list[ZoneModel]:
    outlines = _outlines(shelf, entry.id) if entry.forbidden else {}
    return [ZoneModel(id=zone.id, why=zone.why, outline=outlines.get(zone.id)) for zone in entry.forbidden]


def _outlines(shelf: Shelf, camera: str) -> Mapping[str, list[tuple[float, float]]]:
    """Outlines by their names in the camera's scene, as shares of its picture; none where the scene can't be read."""
    path = shelf.sources.scenes.get(camera)
    if path is None:
        return {}
    try:
        scene = scene_file.parse(path.read_bytes())
    except (OSError, SceneError):
        return {}
    if scene.size is None:
        return {}
    width, height = scene.size
    return {
        str(area["id"]): [(round(x / width, 4), round(y / height, 4)) for x, y in area["polygon"]]
        for area in scene.content.get("forbidden", [])
        if isinstance(area, dict) and "id" in area
    }


def history(shelf: Shelf, camera: str, limit: int, after: str | None) -> HistoryModel:
    """What happened to an entry, the newest first.

    Raises:
        Problem: There is no such camera.
    """
    known = shelf.known()
    held(known, camera)
    found = rows.history(known.store, camera)[::-1]
    last = parts_of(after, int)
    rest = [v for v in found if last is None or v.version < last[0]]
    items = [
        VersionModel(version=v.version, time=v.at_us / US, step=v.step, phase=cast(PhaseName, v.phase), hash=v.content)
        for v in rest[:limit]
    ]
    return HistoryModel(items=items, next=cursor(items[-1].version) if len(rest) > limit else None, total=len(found))


def proof(shelf: Shelf, log: Fold | None, camera: str) -> ProofModel:
    """All that proves a camera's permit.

    Raises:
        Problem: There is no such camera, or nothing that could be proven.
    """
    held(shelf.known(), camera)
    found = _papers_of(shelf, camera)
    if found is None:
        raise Problem(404, "there is no permit to check", "the camera may not run: no darkroom starts without one")

    def logged(permit: str) -> Logged | None:
        index = None if log is None else log.ask(lambda told: told.permits.get(permit))
        if log is None or index is None:
            return None
        try:
            return Logged(*log.proof(index))
        except LedgerError:
            return None

    return permits.proof_of(found, logged)


def _papers(store: Store, kind: str, subjects: Sequence[str]) -> list[PaperRow]:
    with store.reading() as connection:
        return paper_rows.newest(connection, kind, subjects)


def _sign(store: Store, entry: Entry) -> PlacedModel | None:
    found = _papers(store, PLACED, [entry.id])
    if not found:
        return None
    placed = parse_placed(found[0].body)
    places = [{name: cast("str | int", value) for name, value in place.items()} for place in placed.places]
    return PlacedModel(
        on=placed.on.isoformat(), sign=placed.sign, current=placed.capture == entry.capture, places=places
    )


def _assessments(store: Store, entry: Entry) -> list[AssessmentModel]:
    found = _papers(store, Kind.ASSESSMENT.value, [f"{entry.id}/{name}" for name in ANALYSES])
    return [_assessment(row, parse_assessment(row.body), entry) for row in found]


def _assessment(row: PaperRow, paper: Assessment, entry: Entry) -> AssessmentModel:
    risks = [
        RiskModel(
            what=risk.what,
            who=risk.who,
            measures=risk.measures,
            left_likelihood=risk.left_likelihood.value,
            left_severity=risk.left_severity.value,
        )
        for risk in paper.risks
    ]
    return AssessmentModel(
        analysis=cast(AnalysisName, paper.analysis),
        version=row.version,
        hash=row.hash,
        filed=row.at_us / US,
        accepted=row.answer == Answer.ACCEPTED.value,
        until=row.until_us / US if row.until_us else None,
        current=paper.capture == entry.capture,
        author=paper.author,
        written=paper.written.isoformat(),
        review_by=paper.review_by.isoformat(),
        risks=risks,
        text=f"/api/v1/register/cameras/{entry.id}/assessments/{paper.analysis}",
    )


def assessment_text(shelf: Shelf, camera: str, analysis: str) -> bytes:
    """An assessment's file, as it was filed last.

    Raises:
        Problem: There is none.
    """
    found = _papers(shelf.known().store, Kind.ASSESSMENT.value, [f"{camera}/{analysis}"])
    if not found:
        raise Problem(404, "there is no such assessment", "see the camera's page for those there are")
    return found[0].body


def _covers(plan: Plan, entry: Entry) -> bool:
    return plan.owner == entry.owner and entry.area in plan.totals()
