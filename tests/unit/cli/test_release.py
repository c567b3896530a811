"""`passerby release`, as its users type it: from a plan to a public folder that strangers check, and each refusal."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result
from tests.unit.crowd.test_scene import GOOD
from tests.unit.release.kit import data_folder, plan
from typer import Typer
from typer.testing import CliRunner

from passerby.archive.folder import Layout
from passerby.base.errors import CharterError, PasserbyError, ReleaseError, StoreError, UsageError
from passerby.cli.release import app
from passerby.release.calendar import after
from passerby.release.check import check
from passerby.station.showcase.site import DemoSite
from passerby.store.release import alone

APP = Typer()
APP.add_typer(app, name="release")
TERMS = """
publisher = "City of Example"
contact = "open-data@example.org"
zone = "UTC"
cap = 2.0
levels = [[0, 300], [1, 700]]
first_day = "{first}"
last_day = "{last}"
[cameras]
gate-1 = ["north"]
[areas.square]
closed = true
lines = {{"gate-1/north" = "in"}}
"""


def run(*words: str | Path) -> Result:
    found = CliRunner().invoke(APP, ["release", *map(str, words)])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    return found


@dataclass(frozen=True)
class City:
    """A demo site, a data folder with two days, a signed plan."""

    folder: Path
    site: DemoSite
    layout: Layout
    days: tuple[str, str]

    @property
    def build(self) -> tuple[str | Path, ...]:
        papers = ("--site", self.site.folder, "--first", self.site.root.hash, "--noise", "own")
        return ("build", self.layout.root, "--plan", self.folder / "plan.note", *papers)

    @property
    def ledger(self) -> tuple[str | Path, ...]:
        return ("--ledger", self.site.folder / "ledger", "--key", self.site.folder / "keys" / "log.key")

    def files(self) -> dict[str, bytes]:
        root = self.layout.open
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> City:
    folder = tmp_path_factory.mktemp("city")
    first = (datetime.now(UTC).date() - timedelta(days=3)).isoformat()
    days = first, after(first)
    found = plan(zone="UTC", cameras={"gate-1": ("north",)}, areas={}, names={})
    city = City(folder, DemoSite(folder / "site"), data_folder(folder / "data", found, list(days)), days)
    (folder / "plan.toml").write_text(TERMS.format(first=days[0], last=days[1]))
    said = run("draft", folder / "plan.toml", "--root", folder / "site/roots/0.note", "-o", folder / "plan.json").output
    assert "protects one passage: epsilon 1 a day" in said
    assert "who is seen ten times: epsilon 10" in said
    run("sign", folder / "plan.json", "--demo", folder / "site", "-o", folder / "plan.note")
    return city


@pytest.fixture
def city(template: City, tmp_path: Path) -> Iterator[City]:
    """A copy of its own, all but the site, whose ledger goes on."""
    shutil.copytree(template.layout.root, tmp_path / "data")
    shutil.copy(template.folder / "plan.note", tmp_path / "plan.note")
    return City(tmp_path, template.site, Layout(tmp_path / "data"), template.days)


def test_build_check_budget(city: City) -> None:
    assert "2 days published" in run(*city.build).output
    files = city.files()
    assert {"index.html", "index.zh-Hant.html", "budget.json", "manifest.json", "datapackage.json"} <= files.keys()
    assert {Path(name).suffix for name in files if name.startswith("data/")} == {".csv", ".json", ".jsonld", ".parquet"}
    assert "0 days published, 0 files written" in run(*city.build).output
    assert city.files() == files  # nothing is drawn twice
    proven = run("check", city.layout.open, "--site", city.site.folder, "--first", city.site.root.hash).output
    assert "2 draws were recorded" in proven
    assert "1 plans were signed by operator and reviewer of demo.passerby" in proven
    for place in (city.layout.root, city.layout.open):
        listed = json.loads(run("budget", place, "--json").output)
        assert [(r["day"], r["cost"], r["published"]) for r in listed] == [(d, 1000, True) for d in city.days]
    assert "epsilon 1 of 2, discrete-laplace, published" in run("budget", city.layout.root, "--camera", "gate-1").output


def test_what_is_counted_later_changes_nothing(city: City) -> None:
    run(*city.build)
    files = city.files()
    data_folder(city.layout.root, plan(zone="UTC", cameras={"gate-3": ("x",)}, areas={}, names={}), [city.days[0]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("passerby.cli.release.publish.true_day", lambda *_: pytest.fail("looked at the truth again"))
        run(*city.build)
    assert city.files() == files


def test_a_wiped_public_folder_comes_back_byte_by_byte(city: City) -> None:
    run(*city.build)
    files = city.files()
    shutil.rmtree(city.layout.open)
    run(*city.build)
    assert city.files() == files


def test_each_draw_is_in_the_ledger_and_a_restored_backup_is_seen(city: City) -> None:
    backup = city.folder / "backup"
    shutil.copytree(city.layout.root, backup)
    run(*city.build, *city.ledger)
    ledger = city.site.folder / "ledger"
    assert "2 draws are in the ledger" in run("check", city.layout.open, "--ledger", ledger).output
    shutil.rmtree(city.layout.root)
    shutil.copytree(backup, city.layout.root)
    with pytest.raises(ReleaseError, match="has a draw that the book has lost"):
        run(*city.build, *city.ledger)


def test_a_draw_that_is_not_in_the_ledger_is_seen(city: City) -> None:
    run(*city.build)
    with pytest.raises(ReleaseError, match="is not in the ledger"):
        run("check", city.layout.open, "--ledger", city.site.folder / "ledger")


@pytest.mark.parametrize(("path", "old", "new", "why"), [
    ("data/flows-{month}.csv", b"gate-1", b"gate-2", "not what the manifest says"),
    ("budget.json", b'"cost": 1000', b'"cost": 999', "not what the manifest says"),
])  # fmt: skip
def test_a_changed_file_is_seen(city: City, path: str, old: bytes, new: bytes, why: str) -> None:
    run(*city.build)
    target = city.layout.open / path.format(month=city.days[0][:7])
    target.write_bytes(target.read_bytes().replace(old, new))
    with pytest.raises(ReleaseError, match=why):
        run("check", city.layout.open)


@pytest.mark.parametrize(("path", "old", "new", "why"), [
    ("data/flows-{month}.csv", b"gate-1", b"gate-2", "does not say what the days say"),
    ("data/flows-{month}.json", b'"way": "in"', b'"way": "no"', "does not say what the days say"),
    ("budget.json", b'"cost": 1000', b'"cost": 999', "does not follow|does not say what its plan costs"),
    ("days/gate-1/{day}.json", b'"threshold":10', b'"threshold":9', "not what was recorded"),
    ("days/square/{day}.json", b'"threshold":10', b'"threshold":5000', "below the threshold"),
])  # fmt: skip
def test_a_forger_who_mends_the_manifest_is_seen(city: City, path: str, old: bytes, new: bytes, why: str) -> None:
    run(*city.build)
    files = city.files()
    name = path.format(month=city.days[0][:7], day=city.days[0])
    assert old in files[name]
    files[name] = files[name].replace(old, new)
    files["manifest.json"] = json.dumps({"sha256": {n: sha256(c).hexdigest() for n, c in files.items()
                                                    if n != "manifest.json"}}).encode()  # fmt: skip
    with pytest.raises(ReleaseError, match=why):
        check(files.get)


def test_one_publisher_at_a_time(city: City) -> None:
    with alone(city.layout.root / "release.lock"), pytest.raises(StoreError, match="another process publishes"):
        run(*city.build)


@pytest.mark.parametrize(("words", "error"), [
    (("build", "{data}", "--plan", "{no}", "--site", "{site}", "--first", "{first}"), CharterError),
    (("build", "{no}", "--plan", "{note}", "--site", "{site}", "--first", "{first}"), PasserbyError),
    (("build", "{data}", "--plan", "{note}", "--site", "{site}", "--first", "ab"), CharterError),
    (("build", "{data}", "--plan", "{note}", "--site", "{site}", "--first", "{first}", "--noise", "loud"), UsageError),
    (("check", "{no}"), ReleaseError), (("check", "{data}"), ReleaseError), (("budget", "{no}"), StoreError),
    (("sign", "{note}", "--demo", "{data}", "-o", "{no}"), CharterError),
], ids=str)  # fmt: skip
def test_refusals_are_one_line(city: City, words: tuple[str, ...], error: type[PasserbyError]) -> None:
    known = {
        "data": city.layout.root, "no": city.folder / "nothing", "site": city.site.folder, "first": city.site.root.hash,
        "note": city.folder / "plan.note",
    }  # fmt: skip
    with pytest.raises(error) as refused:
        run(*[word.format(**known) for word in words])
    assert "\n" not in str(refused.value)


def test_a_plan_for_all_lines_of_a_station(template: City, tmp_path: Path) -> None:
    (tmp_path / "scene.json").write_text(json.dumps(GOOD))
    cameras = [f'[[camera]]\nname = "{name}"\nsource = "clip.mp4"\n' for name in ("gate-1", "gate-2")]
    (tmp_path / "site.toml").write_text('data = "data"\n' + "".join(cameras))
    with pytest.raises(UsageError, match=r"no camera of .* has a line"):
        run("plan", tmp_path / "site.toml")
    (tmp_path / "site.toml").write_text('data = "data"\n' + cameras[0] + 'scene = "scene.json"\n' + cameras[1])
    (tmp_path / "plan.toml").write_text(run("plan", tmp_path / "site.toml").output)
    root = template.site.folder / "roots/0.note"
    said = run("draft", tmp_path / "plan.toml", "--root", root, "-o", tmp_path / "plan.json").output
    assert "camera gate-1: lines in" in said
    assert "day 0.3, 15 min 0.7" in said  # the shape with the least computed error


@pytest.mark.parametrize(("change", "why"), [
    ('budget = 2.5', "above the cap"), ('first_day = "yesterday"', "no sound document|wrong kind"), ("odd = 1", "odd"),
    ('mechanism = "dice"', "wrong kind"),
])  # fmt: skip
def test_plans_that_make_no_sense(template: City, tmp_path: Path, change: str, why: str) -> None:
    text = TERMS.format(first=template.days[0], last=template.days[1])
    if change.startswith("first_day"):
        text = text.replace(f'first_day = "{template.days[0]}"\n', "")
    (tmp_path / "plan.toml").write_text(f"{change}\n{text}")
    with pytest.raises(UsageError, match=why):
        run("draft", tmp_path / "plan.toml", "--root", template.site.folder / "roots/0.note", "-o", tmp_path / "x.json")
