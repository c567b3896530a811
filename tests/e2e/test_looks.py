"""Every look counts, on a site with a ledger and no keeper: scribe and server as processes; the public number moves."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from tests.e2e.live.camera import soon
from tests.e2e.test_custody import CAMERA, PATIENCE_S, SITE, City, addresses, looker
from tests.unit.charter.register.samples import camera, owner
from tests.unit.server.public.city import ADDRESS

from passerby.office.book import new_book
from passerby.office.desk import SETTINGS
from passerby.station.showcase.office import DESK
from passerby.station.showcase.site import CASE, demo_home

PAGE = f"/api/v1/register/cameras/{CAMERA}"
LOGGED = '\n[looks]\nledger = {ledger}\nledger_key = {key}\ncase = "{case}"\n'


@dataclass
class Town(City):
    """As `City`, without a keeper, with an office."""

    def written(self) -> str:
        home = demo_home(self.demo.folder)
        self.demo.log([({"act": "case", "case": CASE, "purpose": "crowd-safety"}, None)])
        logged = LOGGED.format(ledger=json.dumps(str(home.folder)), key=json.dumps(str(home.key)), case=CASE)
        office = self.folder / "office"
        with new_book(office, lambda: self.begun, self.demo.root.site, ADDRESS, self.demo.root.hash) as book:
            book.put_organisation(owner())
            book.put_area("central", "Central")
            book.add(camera(id=CAMERA, analyses=["crowd", "live", "record"], retention_s=86_400))
        (office / SETTINGS).write_text(DESK, "utf-8")
        site = SITE.replace("[server]", '[server]\noffice = "office"')
        return site.format(port=self.port) + self.demo.settings() + logged

    def looks(self) -> int:
        """How many the camera's public page shows."""
        found = json.loads(self.asked(PAGE)[1])["numbers"]
        assert found["complete"]
        return int(found["looks"])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))


def test_a_look_is_logged_first_and_the_public_number_moves(town: Town) -> None:
    one, by = looker(town.folder / "data")
    other, _ = looker(town.folder / "data")
    video = f"/api/v1/cameras/{CAMERA}/playback?from={town.begun - 10}&to={town.begun + 60}"
    with town.running("server"):
        soon("the server", lambda: town.asked("/api/v1/health")[0] == 200, PATIENCE_S)
        soon("the register", lambda: town.asked(PAGE)[0] == 200, PATIENCE_S)
        assert town.asked(video)[0] == 401
        # Nobody logs: there is no playlist, and who knows a segment's address gets nothing.
        assert town.asked(video, one)[0] == 503
        assert town.asked(f"/hls/{CAMERA}/segment/0.m4s", one)[0] == 503
        soon("the ledger", lambda: json.loads(town.asked(PAGE)[1])["numbers"]["complete"], PATIENCE_S)
        assert town.looks() == 0
        with town.running("scribe"):
            soon("the scribe", lambda: town.asked(video, one)[0] == 200, PATIENCE_S)
            (look,) = town.acts("look")
            assert (look["actor"], look["case"]) == (by, CASE)
            names = addresses(town.asked(video, one)[1])
            assert [town.asked(name, one)[0] for name in names] == [200] * len(names)
            # Another one who has the right and the addresses, but no act of their own.
            assert [town.asked(name, other)[0] for name in names] == [503] * len(names)
            assert len(town.acts("look")) == 1
            soon("the public number", lambda: town.looks() == 1, PATIENCE_S)
            assert town.asked(video, other)[0] == 200
            soon("the public number again", lambda: town.looks() == 2, PATIENCE_S)
