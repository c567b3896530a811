"""A town with a past: half a year of looks in its ledger, papers on file, cameras in every phase, an office.

Everything is real but the town: keys, notes, ledger, proofs, register, desk. What is old was logged by a clock that
was set back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from tests.unit.charter.papers.samples import content, entry, owner, plan_text
from tests.unit.server.public.city import City

from passerby.archive.folder import Layout
from passerby.charter.papers.decision import Answer, Decision, Kind
from passerby.charter.papers.placed import placed_text
from passerby.charter.register.entry import Entry, Organisation, parse_entry
from passerby.charter.register.phase import Step
from passerby.charter.site_permit import act_camera
from passerby.ledger.hours import Line, make_list
from passerby.office.book import Book, new_book
from passerby.office.cabinet import Cabinet
from passerby.office.desk import SETTINGS
from passerby.station.settings import CameraSettings
from passerby.station.showcase.office import DESK
from passerby.station.showcase.site import LIMITS, DemoSite
from passerby.store.cameras import Camera, put_cameras
from passerby.store.counts import Count, add_counts
from passerby.store.events import HealthRow, add_health, back, gone
from passerby.store.migrate import open_store

US, DAY_S, HOUR_S = 1_000_000, 86_400, 3600
CONCOURSE, GATE, SQUARE = "central-concourse", "stadium-gate-b", "old-market"
# Looks and exports of each month up to this one: a stadium's season, and one export that a court asked for.
PAST = ((9, 0), (14, 1), (6, 0), (11, 0), (4, 0), (7, 1))
TRANSIT = Organisation(
    "transit", "Lindmark Transit", "Depot Road 9", "cameras@transit.example", "privacy@transit.example",
    "Data Protection Authority, complaints@dpa.example", {"zh-Hant": {"name": "林馬克公共運輸"}},
)  # fmt: skip
AREAS = {"centre": "Centre", "riverside": "Riverside", "harbour": "Harbour"}
STREETS = (
    ("Corn Hall arcade", "穀物廳拱廊", "centre", 59.3148, 18.0702),
    ("Bishop's Bridge", "主教橋", "riverside", 59.3186, 18.0611),
    ("Ferry pier, queue", "渡輪碼頭候船區", "harbour", 59.3229, 18.0943),
    ("Long Quay", "長堤", "harbour", 59.3262, 18.1020),
    ("Tram stop Linden", "菩提電車站", "centre", 59.3163, 18.0781),
    ("Cathedral steps", "大教堂石階", "centre", 59.3176, 18.0729),
    ("Theatre forecourt", "劇院前庭", "centre", 59.3197, 18.0752),
    ("Mill Lane", "磨坊巷", "riverside", 59.3139, 18.0571),
    ("Fish market", "魚市場", "harbour", 59.3243, 18.0889),
    ("University gate", "大學正門", "centre", 59.3112, 18.0820),
    ("Swimming baths", "泳池", "riverside", 59.3151, 18.0530),
    ("Lighthouse path", "燈塔小徑", "harbour", 59.3301, 18.1102),
)
PLAN = {
    "A": "Three squares and the station fill faster than stewards can see. The council wants numbers, not pictures.",
    "B": "First ten cameras that count, for a year. Then the harbour, if the first year's report shows that it helped.",
    "C": "Everybody, for eight weeks; the traders, the street mission and the school board in person.",
    "D": "Each comment is answered here. Two places were dropped, one was moved.",
}
STEPS = (Step.ASSESS, Step.NOTICE, Step.ACTIVATE, Step.SUSPEND)


@dataclass
class Clock:
    """A clock that can be set back, and lets go again."""

    back_s: float = 0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return time.time() - self.back_s


@dataclass
class Lindmark(City):
    """The town.

    Args:
        folder: A new one.
    """

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.data, self.office = self.folder / "data", self.folder / "office"
        today = datetime.now(UTC).replace(day=15)
        self.clock.back_s = time.time() - _months_before(today, len(PAST)).timestamp()
        self.site = DemoSite(self.folder / "site", self.clock, replace(LIMITS, review_s=366 * DAY_S))
        self._past(today)
        self._hours(int(time.time()) // HOUR_S)
        self.clock.back_s = 0
        self._register()
        self.settings = {name: _settings(name, mode) for name, mode in ((CONCOURSE, "record"), (GATE, "live"))}
        for permit in self.site.permit(self.settings.values()):
            self.permits[permit.camera] = permit
        self._station()
        self.reconcile()

    def _register(self) -> None:
        with new_book(self.office, self.clock, self.site.root.site, "https://register.lindmark.example", "") as book:
            book.name_root((self.site.folder / "roots" / "0.note").read_bytes())
            for one in (owner(), TRANSIT):
                book.put_organisation(one)
            for area, name in AREAS.items():
                book.put_area(area, name)
            cabinet = Cabinet(book)
            self._whole(cabinet, _concourse(), "concourse", "record")
            self._whole(cabinet, _gate(), "gate", "live")
            book.add(_square())
            for number, street in enumerate(STREETS):
                self._street(book, number, street)
            self._plan(cabinet)
        (self.office / SETTINGS).write_text(DESK, "utf-8")
        self.deliver()

    def _whole(self, cabinet: Cabinet, camera: Entry, paper: str, analysis: str) -> None:
        """A camera with its assessment, sign and every step up to running."""
        book = cabinet.book
        book.add(camera)
        example = content(paper)
        written = example.split(b'capture = "', 1)[1][:64]
        assessment = example.replace(written, camera.capture.encode())
        cabinet.file_assessment(assessment, f"{paper}.md")
        self._decide(cabinet, Kind.ASSESSMENT, assessment)
        book.step(camera.id, Step.ASSESS)
        today = datetime.fromtimestamp(self.clock(), UTC).date()
        placed = placed_text(camera.id, camera.capture, "ab" * 32, today, [(camera.place, 20)], [])
        cabinet.file_placed(placed.encode(), "placed.toml")
        book.step(camera.id, Step.NOTICE)
        book.step(camera.id, Step.ACTIVATE)

    def _plan(self, cabinet: Cabinet) -> None:
        stages = "".join(
            f'[[phases]]\nid = "{name}"\nfrom = {first}\nuntil = {last}\npurposes = ["crowd-safety"]\n'
            f'analyses = ["crowd", "live", "record"]\ncameras = {cameras}\n'
            for name, first, last, cameras in (
                ("trial", "2026-01-01", "2026-12-31", "{centre = 6, riverside = 4}"),
                ("harbour", "2027-01-01", "2027-12-31", "{centre = 8, riverside = 6, harbour = 10}"),
            )
        )
        plan = plan_text(stages, id='"lindmark-2027"', title='"Crowds in Lindmark, 2026 and 2027"')
        for mark, text in PLAN.items():
            plan = plan.replace(f"\n{mark}.\n".encode(), f"\n{text}\n".encode())
        cabinet.file_plan(plan, "plan.md")
        self._decide(cabinet, Kind.PLAN, plan)
        said = cabinet.comment("plan/lindmark-2027", "letter", "Please none at the school.")
        cabinet.answer(said, "There is none within 200 m of a school; the plan now says so.")

    def _decide(self, cabinet: Cabinet, kind: Kind, paper: bytes) -> None:
        now = int(self.clock())
        name = sha256(paper).hexdigest()
        decision = Decision(self.site.root.site, kind, name, Answer.ACCEPTED, now - 5, now + 365 * DAY_S)
        cabinet.decide(self.site.signed(decision.text(), "operator", "reviewer"), kind, paper)

    def _street(self, book: Book, number: int, street: tuple[str, str, str, float, float]) -> None:
        camera = _of_street(number, *street)
        book.add(camera)
        for step in STEPS[: (2, 3, 3, 3, 1, 3, 4, 0, 3, 3, 2, 3)[number % 12]]:
            book.step(camera.id, step)
        if number == len(STREETS) - 1:
            book.step(camera.id, Step.REMOVE)

    def _past(self, today: datetime) -> None:
        self.site.log([({"act": "case", "case": _CASE, "purpose": "crowd-safety"}, None)])
        for back_by, (looks, exports) in zip(range(len(PAST) - 1, -1, -1), PAST, strict=True):
            self.clock.back_s = max(0.0, time.time() - _months_before(today, back_by).timestamp())
            if back_by == 0:
                self.clock.back_s = 14 * HOUR_S
            kinds = ["look"] * looks + ["export"] * exports
            self.log(*(self._opened(kind, number) for number, kind in enumerate(kinds)))

    def _opened(self, kind: str, number: int) -> dict[str, object]:
        purpose = "crowd-safety" if number % 3 else "incident-review"
        act: dict[str, object] = {"act": kind, "camera": act_camera(self.site.root.site, CONCOURSE), "purpose": purpose}
        act |= {"case": _CASE, "content": f"{number:064x}"}
        return act | ({"until": int(self.clock()) + 900} if kind == "look" else {})

    def _station(self) -> None:
        self.data.mkdir()
        with open_store(Layout(self.data).database, time.time) as store:
            now = int(time.time()) * US
            known = [
                Camera(n, n, "record", 48 * HOUR_S * US, "running", "", now, "none", now) for n in (CONCOURSE, GATE)
            ]
            put_cameras(store, known)
            for day in range(12, -1, -1):
                add_counts(store, Count(CONCOURSE, now - day * DAY_S * US, 41, 36, 47, 0), mosaic=False)
            away = now - now % (DAY_S * US) - 3 * DAY_S * US
            gone(store, CONCOURSE, away, "the camera does not answer")
            back(store, CONCOURSE, away + 40 * 60 * US)
            for number in range(50):
                why = "learning" if number == 0 else "cut" if number == 1 else "none"
                at = now - now % (DAY_S * US) - DAY_S * US + number * US
                build, root = self.site.root.builds[0], self.site.root.hash
                add_health(store, HealthRow(CONCOURSE, at, 12, 0, 0.3, why, build, root))

    def _hours(self, now: int) -> None:
        """Half a day of recording: each hour one key is made, and one that is 48 hours old destroyed, in time."""
        camera, seq = act_camera(self.site.root.site, CONCOURSE), 0
        for hour in range(now - 12, now):
            born = [*range(hour - 49, hour), hour] if seq == 0 else [hour]
            told = [("birth", epoch, 48) for epoch in born] + [("death", hour - 49, 0)]
            lines = [Line(camera, seq + at, what, epoch, keep) for at, (what, epoch, keep) in enumerate(told)]
            seq += len(lines)
            root, cameras, content = make_list(lines)
            self._put(root, content)
            self.clock.back_s = max(0.0, time.time() - (hour + 1) * HOUR_S)
            self.log({"act": "hour", "station": "station-1", "hour": hour, "cameras": cameras, "list": root})


def _settings(name: str, mode: str) -> CameraSettings:
    given = {"name": name, "source": "rtsp://192.0.2.7/", "mode": mode}
    return CameraSettings.model_validate(given | ({"retention_h": 48} if mode == "record" else {}))


def _months_before(moment: datetime, months: int) -> datetime:
    for _ in range(months):
        moment = (moment.replace(day=1) - timedelta(days=1)).replace(day=15)
    return moment


def _dates() -> dict[str, object]:
    this_year = date.today().year  # noqa: DTZ011 - a day of the calendar
    return {"begins": date(this_year, 1, 11), "ends": date(this_year + 1, 1, 10)}


def _concourse() -> Entry:
    texts = {
        "name": "中央車站大堂東樓梯", "place": "中央車站大堂入閘機上方", "office": "車站營運部",
        "view": "東樓梯底部及四部入閘機，高 5 米",
        "why": "樓梯人流與閘機前隊伍交匯處有人跌倒：2025 及 2026 年共十一次。",
        "ground": "《鐵路安全法》第 31 條；GDPR 第 6(1)(e) 條",
    }  # fmt: skip
    where = {"latitude_e6": 59_315_500, "longitude_e6": 18_066_100, "bearing": 125, "angle": 72, "range_m": 35}
    return entry("concourse", texts={"zh-Hant": texts}, **where, **_dates())


def _gate() -> Entry:
    where = {"latitude_e6": 59_311_200, "longitude_e6": 18_051_000, "bearing": 300, "angle": 55, "range_m": 60}
    return entry("gate", **where, **_dates())


def _square() -> Entry:
    return entry("square", latitude_e6=59_316_400, longitude_e6=18_072_600, **_dates())


def _of_street(number: int, name: str, zh: str, area: str, lat: float, lon: float) -> Entry:
    return parse_entry(
        {
            "id": f"street-{number:02d}", "name": name, "owner": "transit" if number % 3 == 0 else "lindmark",
            "area": area, "place": f"{name}, lamp post {3 * number + 2}", "view": "The pavement and what crosses it",
            "latitude_e6": round(lat * 1e6), "longitude_e6": round(lon * 1e6), "office": "Events office",
            "bearing": 37 * number % 360, "angle": 64, "range_m": 40,
            "contact": "events@lindmark.example", "purposes": ["crowd-safety"] if number % 2 else ["flow-statistics"],
            "analyses": ["crowd", "live"] if number % 4 == 1 else ["crowd"], "why": "It gets crowded here.",
            "ground": "Public Order Act, section 14", "languages": ["en", "zh-Hant"],
            "texts": {"zh-Hant": {"name": zh, "place": f"{zh} {3 * number + 2} 號燈柱"}},
        }
        | _dates()
    )  # fmt: skip


_CASE = "ca" * 32
