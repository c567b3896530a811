"""A demo's office: a register of the cameras that there really are, and a desk that takes complaints.

Nothing in it is made up: where a clip was filmed is not known, so that no map shows the camera, and what the register
lacks before it could be published stands on its page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from passerby.archive.folder import Layout
from passerby.charter.register.entry import Entry, Organisation
from passerby.office.book import new_book
from passerby.office.desk import SETTINGS
from passerby.station.settings import CameraSettings
from passerby.station.showcase.site import INSTITUTIONS, DemoSite
from passerby.store.acts import ActQueue

FOLDER = "office"
NOBODY, NOBODY_ZH = "nobody: this is a demo", "沒有人：這是示範"
OWNER = Organisation(
    "demo-city", INSTITUTIONS["city"], contact=NOBODY, complaints=NOBODY,
    texts={"zh-Hant": {"name": "示範城市", "complaints": NOBODY_ZH}},
)  # fmt: skip
AREA, AREA_NAME = "demo", "This machine"
DESK = '# A demo\'s desk. Every entry is in `passerby case example`.\nlaw = "gdpr"\nzone = "UTC"\n'
DAYS = 6


def demo_office(
    site: DemoSite, cameras: Sequence[CameraSettings], address: str, clock: Callable[[], float] = time.time
) -> Path:
    """Make the office's folder in a demo site's, and tell its ledger of every camera.

    Args:
        site: The demo site.
        cameras: Their settings.
        address: Where the register's pages are.
        clock: Seconds since 1970.

    Returns:
        The folder.
    """
    folder = site.folder / FOLDER
    with new_book(folder, clock, site.root.site, address, site.root.hash) as book:
        book.name_root((site.folder / "roots" / "0.note").read_bytes())
        book.put_organisation(OWNER)
        book.put_area(AREA, AREA_NAME)
        for camera in cameras:
            book.add(_entry(camera, clock()))
    (folder / SETTINGS).write_text(DESK, "utf-8")
    ActQueue(Layout(folder).acts).deliver(lambda acts: site.log([(dict(act), None) for act, _ in acts]))
    return folder


def _entry(camera: CameraSettings, now_s: float) -> Entry:
    today = datetime.fromtimestamp(now_s, UTC).date()
    words = {
        "name": f"示範攝影機「{camera.name}」", "place": "這部電腦", "view": "重複播放的一段錄影",
        "office": "示範城市", "why": "展示 Passerby 如何運作", "ground": "沒有：這是示範",
    }  # fmt: skip
    return Entry(
        id=camera.name,
        name=f"Demo camera {camera.name}",
        owner=OWNER.id,
        area=AREA,
        place="this machine",
        view="a recorded clip, played again and again",
        office=INSTITUTIONS["city"],
        contact=NOBODY,
        purposes=("crowd-safety",),
        analyses=tuple(sorted(camera.analyses)),
        why="to show how Passerby works",
        ground="none: this is a demo",
        retention_s=camera.retention_s,
        languages=("en", "zh-Hant"),
        begins=today,
        ends=today + timedelta(days=DAYS),
        texts={"zh-Hant": words},
    )
