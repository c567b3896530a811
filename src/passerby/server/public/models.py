"""The public register's answers, as types. Times are seconds since 1970, days are of UTC, hashes are SHA-256 in hex.

`texts` holds words in other languages: language tag to field to text; what is not there is as in the field itself.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

PhaseName = Literal["proposed", "assessed", "noticed", "active", "suspended", "removed"]
AnalysisName = Literal["crowd", "live", "record", "seal", "traffic"]
Texts = dict[str, dict[str, str]]


class OwnerModel(BaseModel):
    """An owner of cameras; ``cameras`` is how many are registered and not removed."""

    id: str
    name: str
    address: str
    contact: str
    officer: str
    complaints: str
    texts: Texts
    cameras: int


class AreaModel(BaseModel):
    """A part of the city; ``cameras`` as of an owner."""

    id: str
    name: str
    cameras: int


class LogModel(BaseModel):
    """The ledger as this server has read it: its files are below ``path``.

    ``proven``: every entry was hashed again, and the tree's root is the one that the log's key signed. ``trouble`` says
    why not. ``time``: when its newest entry was logged.
    """

    path: str
    origin: str
    size: int
    root: str
    time: int
    vkeys: list[str]
    proven: bool
    trouble: str


class FormsModel(BaseModel):
    """What can be sent here: how long the answer may take, in words, and under which law."""

    complaint: str
    request: str
    law: str
    longest_characters: int


class AboutModel(BaseModel):
    """The register as a whole.

    ``root`` is the hash of the site's first root, as on every sign. ``build`` is that of this server. ``tiles``:
    address of map tiles with ``{z}/{x}/{y}``, or of a PMTiles file; empty: outlines that come with the pages.
    ``bounds``: west, south, east, north of all cameras; null where none has a position. ``forms``: null where nobody
    takes any here.
    """

    site: str
    address: str
    demo: bool
    root: str
    root_in_force: str
    institutions: dict[str, str]
    build: str
    version: str
    languages: list[str]
    tiles: str
    bounds: tuple[float, float, float, float] | None
    totals: dict[PhaseName, int]
    organisations: list[OwnerModel]
    areas: list[AreaModel]
    purposes: list[str]
    analyses: list[AnalysisName]
    ledger: LogModel | None
    forms: FormsModel | None


class CameraItemModel(BaseModel):
    """A camera in a list."""

    id: str
    name: str
    place: str
    owner: str
    area: str
    phase: PhaseName
    purposes: list[str]
    analyses: list[AnalysisName]
    keeps: bool
    lat: float | None
    lon: float | None
    texts: Texts


class CameraListModel(BaseModel):
    """A page of cameras by name. ``next`` is the cursor of the page after it; ``total`` how many the filter finds."""

    items: list[CameraItemModel]
    next: str | None
    total: int


class MarkModel(BaseModel):
    """Cameras near each other on a map, or a single one: then with ``id``, ``name``, its own position and its cone."""

    lat: float
    lon: float
    count: int
    phases: dict[PhaseName, int]
    id: str | None = None
    name: str | None = None
    texts: Texts | None = None
    bearing: int | None = None
    angle: int | None = None
    range_m: int | None = None


class MapModel(BaseModel):
    """What a part of the map shows. ``without_place``: cameras that the filter finds, but that have no position."""

    items: list[MarkModel]
    total: int
    without_place: int


class AnalysisModel(BaseModel):
    """An analysis, on or off. ``on``: the register has it. ``permitted``: the permit has it, and is in force."""

    name: AnalysisName
    on: bool
    permitted: bool


class SignerModel(BaseModel):
    """Who signed: a key of the site root; ``counts`` is whether the signature counts under it."""

    key: str
    institution: str
    name: str
    role: str
    counts: bool


class PermitModel(BaseModel):
    """The camera's permit. ``in_force``: some analysis may run now. ``why``: one sentence for each rule that denies.

    ``logged``: when enough witnesses had cosigned the ledger with its act; null where that is not proven.
    """

    hash: str
    in_force: bool
    lawful: list[AnalysisName]
    why: str
    cautions: list[str]
    analyses: list[AnalysisName]
    purpose: str
    retention_s: int
    period_s: int
    longest_stay_s: int
    issued: int
    begins: int
    ends: int
    review_by: int
    emergency: bool
    revoked: bool
    papers: dict[str, str]
    models: dict[str, str]
    scene: str
    build: str
    signers: list[SignerModel]
    logged: int | None


class ViewModel(BaseModel):
    """What a camera looks at: in words and, where it is known, as a cone.

    ``bearing``: degrees from north, clockwise; ``angle``: degrees from edge to edge; ``range_m``: metres.
    """

    text: str
    bearing: int | None
    angle: int | None
    range_m: int | None


class ZoneModel(BaseModel):
    """Something that must never be seen. ``outline``: shares of the picture's width and height, 0 to 1, where known."""

    id: str
    why: str
    outline: list[tuple[float, float]] | None


class MonthModel(BaseModel):
    """How often somebody did something with a camera's video in a month (UTC), such as 2026-11."""

    month: str
    looks: int
    exports: int
    unsealings: int
    shares: int


class NumbersModel(BaseModel):
    """Looks, exports, unsealings, as the ledger counts them; each look covers at most a quarter of an hour.

    ``complete``: there is a ledger, read up to ``size`` and found whole; else these numbers say nothing. ``months``:
    the newest first, each by when the act was logged.
    """

    complete: bool
    size: int
    time: int
    looks: int
    exports: int
    unsealings: int
    shares: int
    holds: int
    purposes: dict[str, int]
    months: list[MonthModel]


class DeletionModel(BaseModel):
    """Keys of recorded hours, as the ledger tells them. ``worst_s``: by how much the latest destroyed key was late."""

    alive: int
    destroyed: int
    late: int
    overdue: int
    worst_s: int


class DayModel(BaseModel):
    """A day that is over, and the share of it in which the camera was there."""

    day: str
    share: float


class UptimeModel(BaseModel):
    """Whole days that are over, the newest first; nothing of today. ``share`` is over all of them; null: not known."""

    share: float | None
    days: list[DayModel]


class MosaicModel(BaseModel):
    """Why nothing could be seen, and in which share of the samples of the days that are over (at most a week)."""

    reason: str
    share: float


class FindingModel(BaseModel):
    """A difference between settings, network and register. ``since``: when the ledger first had it."""

    id: str
    kind: str
    since: int


class ReconciledModel(BaseModel):
    """What the last reconciling found about this camera; ``time`` is null where there was none."""

    time: int | None
    findings: list[FindingModel]


class BuildModel(BaseModel):
    """The build that the camera's darkroom last said it runs. ``approved``: it is on the site root's list."""

    running: str
    approved: bool | None
    site_root: str


class VersionModel(BaseModel):
    """What happened to an entry, and its hash from then on."""

    version: int
    time: float
    step: str
    phase: PhaseName
    hash: str


class HistoryModel(BaseModel):
    """An entry's versions, the newest first."""

    items: list[VersionModel]
    next: str | None
    total: int


class PlacedModel(BaseModel):
    """A sign in its place: ``metres_before`` the picture begins. ``current``: it says what is captured now."""

    on: str
    sign: str
    current: bool
    places: list[dict[str, str | int]]


class RiskModel(BaseModel):
    """A risk of an assessment, and what is left of it."""

    what: str
    who: str
    measures: str
    left_likelihood: str
    left_severity: str


class AssessmentModel(BaseModel):
    """An assessment, in short. ``current``: it is of what is captured now. ``text``: the whole file's address."""

    analysis: AnalysisName
    version: int
    hash: str
    filed: float
    accepted: bool
    until: float | None
    current: bool
    author: str
    written: str
    review_by: str
    risks: list[RiskModel]
    text: str


class EntryModel(BaseModel):
    """What the register says of a camera: what, why, by whom."""

    id: str
    name: str
    owner: str
    area: str
    place: str
    lat: float | None
    lon: float | None
    office: str
    contact: str
    purposes: list[str]
    why: str
    ground: str
    retention_s: int
    languages: list[str]
    begins: str | None
    ends: str | None
    reference: str
    texts: Texts


class RegisterCameraModel(BaseModel):
    """Everything for a camera's page. Nothing in it is live: no count, no picture, no state of this minute."""

    camera: EntryModel
    owner: OwnerModel
    area: AreaModel
    phase: PhaseName
    since: float
    version: int
    hash: str
    capture: str
    missing: list[str]
    page: str
    act_camera: str
    analyses: list[AnalysisModel]
    permit: PermitModel | None
    view: ViewModel
    forbidden: list[ZoneModel]
    numbers: NumbersModel
    deletion: DeletionModel | None
    uptime: UptimeModel
    mosaic: list[MosaicModel]
    reconciled: ReconciledModel
    build: BuildModel | None
    history: list[VersionModel]
    sign: PlacedModel | None
    assessments: list[AssessmentModel]
    plans: list[str]


class RootModel(BaseModel):
    """A site root as it was signed, and the proof that the ledger has it."""

    note: str
    entry: str | None
    proof: str | None


class ProofModel(BaseModel):
    """All that a browser needs to check a permit by itself; docs/api.md says how, byte by byte.

    ``permit``: the signed note. ``entry``: its act in the ledger. ``proof``: that the act is there (C2SP tlog-proof),
    or null. ``checkpoint``: the newest one that witnesses cosigned. ``roots``: from the first on, whose hash is on the
    sign.
    """

    camera: str
    act_camera: str
    permit: str
    entry: str | None
    proof: str | None
    checkpoint: str | None
    roots: list[RootModel]


class StageModel(BaseModel):
    """A phase of a plan: first and last day, and at most how many cameras in each area."""

    id: str
    begins: str
    ends: str
    purposes: list[str]
    analyses: list[AnalysisName]
    cameras: dict[str, int]


class PlanItemModel(BaseModel):
    """A rollout plan, in short."""

    id: str
    title: str
    owner: str
    version: int
    hash: str
    filed: float
    accepted: bool
    until: float | None
    stages: list[StageModel]


class PlanListModel(BaseModel):
    """All plans, the newest version of each."""

    items: list[PlanItemModel]
    next: str | None
    total: int


class CoverModel(BaseModel):
    """Beside each other, for an area: planned at most, registered, active."""

    area: str
    planned: int
    registered: int
    active: int


class CommentModel(BaseModel):
    """What somebody said about a plan, and what was answered; empty once it is forgotten."""

    time: float
    source: str
    text: str
    answer: str
    commitment: str


class PlanModel(PlanItemModel):
    """A rollout plan, whole."""

    sections: dict[str, str]
    cover: list[CoverModel]
    comments: list[CommentModel]


class ReportItemModel(BaseModel):
    """A report that can be had: of a year or a month. ``over``: nothing more can come into it."""

    id: str
    kind: Literal["year", "month"]
    begins: int
    ends: int
    over: bool


class ReportListModel(BaseModel):
    """Reports, the newest first."""

    items: list[ReportItemModel]
    next: str | None
    total: int


class ComplaintModel(BaseModel):
    """A complaint. No name is needed; who wants an answer says how to be reached."""

    text: str = Field(min_length=1, max_length=20_000, description="What is wrong, in your own words.")
    camera: str = Field("", pattern="^[a-z0-9-]{0,63}$", description="Which camera, if it is about one.")
    reach: str = Field("", max_length=200, description="How to answer you: an address, a number; or nothing.")


class RequestModel(ComplaintModel):
    """A request for one's own data. Nobody is searched for here: only place and time can find anything."""

    text: str = Field(min_length=1, max_length=20_000, description="What you ask for.")
    when: str = Field("", max_length=200, description="When you were there, as exactly as you know.")


class ReceiptModel(BaseModel):
    """A receipt: keep it, it is given once.

    ``number`` and ``secret`` open ``/api/v1/receipts/NUMBER``. The ledger gets an act with ``case`` = ``number`` and
    ``content`` = SHA-256 of the 32 bytes of ``secret`` and then of ``words`` in UTF-8: with this receipt you find it
    there, without asking anybody. ``due``: the first second at which the answer is late.
    """

    number: str
    secret: str
    kind: Literal["complaint", "request"]
    at: int
    due: int
    content: str
    words: str


class EventModel(BaseModel):
    """What happened to a matter, and when. ``letter``: what the office wrote; empty where nothing, or forgotten."""

    at: int
    what: str
    note: str
    letter: str


class MatterModel(BaseModel):
    """Where a matter stands. ``entry``: the number of its act in the ledger, once that has it."""

    number: str
    kind: Literal["complaint", "request"]
    state: str
    at: int
    due: int
    overdue: bool
    over: int
    events: list[EventModel]
    entry: int | None
