"""A watchdog against a real web server on loopback: each way a log can go wrong is on its page, in the right words."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.unit.charter.report import city
from tests.unit.ledger.kit import LOG, NOW, W1, signer, static_log
from tests.unit.ledger.test_detection import ENTRIES, cosigned
from typer.testing import CliRunner

from passerby.charter.matter import draw as rules
from passerby.cli.app import app
from passerby.ledger.errors import LedgerError, Refuted
from passerby.ledger.lists import list_path
from passerby.ledger.note import format_vkey
from passerby.ledger.policy import Witness, compose
from passerby.ledger.verify import Trust, parse_policy, parse_vkey, verify_fork, verify_log, verify_note
from passerby.ledger.watch import Watchdog
from passerby.ledger.watch_page import Status
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import Folder, OneFile
from passerby.store.ledger.web import Server, Web, static

VKEY = format_vkey(LOG.key)
TRUNCATED = ("tile/entries/002.p/88", "tile/0/002.p/88")


@dataclass
class Rig:
    """A log on a web server that changes its mind, and a watchdog's folder; each look is by a freshly started one."""

    root: Path
    url: str
    shown: dict[str, bytes]
    web: Web
    now: int = NOW
    trust: Trust = field(default_factory=lambda: Trust([LOG.key]))

    def show(self, files: dict[str, bytes]) -> None:
        self.shown.clear()
        self.shown.update(files)

    def look(self) -> tuple[Status, LedgerError | None]:
        disk, memory = LocalDisk(), OneFile(self.root / "state", LocalDisk())
        public, mirror = Folder(self.root / "public", disk), Folder(self.root / "public" / "log", disk)
        return Watchdog(
            self.web.reader(self.url), mirror, public, memory, self.trust, lambda: self.now, self.url
        ).look()

    @property
    def page(self) -> str:
        return (self.root / "public" / "index.html").read_text(encoding="utf-8")

    def demand(self, state: str, headline: str, *words: str) -> Status:
        found, error = self.look()
        assert (found.state, error is None) == (state, state == "sound")
        assert f"{headline}</h2>" in self.page
        for part in words:
            assert part in self.page.replace("&#x27;", "'")
        assert json.loads((self.root / "public" / "status.json").read_text())["state"] == state
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    (tmp_path / "public" / "log").mkdir(parents=True)
    shown = static_log(ENTRIES)
    server = Server(static(shown.get))
    server.start()
    web = Web()
    yield Rig(tmp_path, server.url, shown, web)
    web.close()
    server.close()


def test_a_sound_log_is_mirrored_verified_and_told(rig: Rig) -> None:
    found = rig.demand("sound", "✓ Sound", "600 entries are held here, 600 of them new", "every tile is right")
    assert found.size == len(ENTRIES)
    held = Folder(rig.root / "public" / "log", LocalDisk())
    entries: list[bytes] = []
    verify_log(held.get, Trust([LOG.key]), lambda _, entry: entries.append(entry))
    assert entries == ENTRIES
    rig.show(static_log([*ENTRIES, b"one more"]))
    assert rig.demand("sound", "✓ Sound").size == 601
    assert len(rig.look()[0].events) == 1, "no news is no event"
    assert not list((rig.root / "public").glob(".*.new")), "files are replaced whole"


def test_rolled_back(rig: Rig) -> None:
    rig.look()
    rig.show(static_log(ENTRIES[:500]))
    found = rig.demand("rolled back", "Rolled back", "the log shows 500 entries, but has signed 600 before")
    assert found.size == 600, "what was there is held"
    rig.show(static_log(ENTRIES))
    found = rig.demand("sound", "✓ Sound", ": Rolled back: the log shows 500")
    assert [event.state for event in found.events] == ["sound", "rolled back", "sound"]


def test_forked_for_ever_with_evidence_for_anybody(rig: Rig) -> None:
    rig.look()
    rig.show(static_log([b"secretly another", *ENTRIES[1:]]))
    found = rig.demand("forked", "Forked", "the log signed two histories, of 600 and of 600 entries")
    (path,) = found.evidence
    assert f'href="{path}"' in rig.page
    assert verify_fork((rig.root / "public" / path).read_bytes(), [LOG.key])[-1].endswith("two histories")
    rig.show(static_log([*ENTRIES, b"as if nothing had been"]))
    found = rig.demand("forked", "Forked", path)
    assert found.evidence == (path,)
    assert found.size == 601


@pytest.mark.parametrize("gone", TRUNCATED)
def test_truncated(rig: Rig, gone: str) -> None:
    del rig.shown[gone]
    rig.demand("truncated", "Truncated", f"{gone.replace('.p/88', '')}", "is missing: the log is truncated")
    rig.show(static_log(ENTRIES))
    rig.demand("sound", "✓ Sound")


def test_stale_by_silence(rig: Rig) -> None:
    rig.look()
    rig.now += 86_400
    rig.demand("sound", "✓ Sound")
    rig.now += 3600
    rig.demand("stale", "Stale", "stale: nothing new for 25 hours")


def test_stale_by_its_witness(rig: Rig) -> None:
    policy = parse_policy(compose([LOG.key], [Witness("one", W1.key)], {}, "one"))
    rig.trust = Trust(policy=policy, max_age=3600)
    rig.shown["checkpoint"] = cosigned(rig.shown["checkpoint"], W1)
    rig.demand("sound", "✓ Sound", "witness.example/1 cosigned at")
    rig.now += 7200
    rig.demand("stale", "Stale", "witness.example/1 is a stale witness: it cosigned 2 hours ago")


def test_an_entry_swapped_and_a_wrong_key(rig: Rig) -> None:
    rig.shown["tile/entries/000"] = rig.shown["tile/entries/000"].replace(b"entry 7", b"entry 8")
    rig.demand("false", "False", "an entry was swapped: bundle 0 is not what the log signed")
    rig.show(static_log(ENTRIES, (signer(salt="stolen name"),)))
    rig.demand("false", "False", "the checkpoint is not signed by the log's key")


def test_unreachable_and_what_a_log_says_is_escaped(rig: Rig) -> None:
    rig.show({})
    rig.demand("unreachable", "Unreachable", "the log shows no checkpoint")
    name = "<script>alert(1)</script>"
    evil = signer(name)
    rig.trust = Trust([evil.key])
    rig.show(static_log(ENTRIES[:3], (evil,), name))
    rig.demand("sound", "✓ Sound", "&lt;script&gt;alert(1)")
    assert "<script" not in rig.page


def test_its_own_copy_has_rotted(rig: Rig) -> None:
    rig.look()
    tile = rig.root / "public/log/tile/entries/000"
    tile.write_bytes(tile.read_bytes().replace(b"entry 7", b"entry 8"))
    found, error = rig.look()
    assert found.state == "undecided"
    assert "this watchdog's own copy is damaged" in str(error)
    assert not isinstance(error, Refuted), "that is nothing against the log"


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["watchdog", *map(str, arguments)])
    return done.exit_code, done.output


def test_the_command_cosigns_and_says_in_one_line_what_is_wrong(rig: Rig) -> None:
    data = rig.root / "data"
    ask = (rig.url, "--data", data, "--once")
    code, said = run(*ask, "--vkey", VKEY, "--cosign-as", "example.org/dog")
    assert code == 0, said
    keys = [parse_vkey(line) for line in (data / "public" / "watchdog.vkey").read_text().splitlines()]
    _, signed, unchecked = verify_note((data / "public" / "cosigned").read_bytes(), [*keys, LOG.key])
    assert {*signed, *unchecked} == {*keys, LOG.key}
    assert len(keys) == 2
    assert (data / "watchdog.key").stat().st_mode & 0o777 == 0o600
    assert not list((data / "public").rglob("*.key"))
    assert (data / "public" / "checker.html").stat().st_size > 10_000
    rig.show(static_log([b"secretly another", *ENTRIES[1:]]))
    code, said = run(*ask, "--vkey", VKEY)
    assert code == 1
    assert said.splitlines()[-1] == (
        "passerby: refuted: forked: the log signed two histories, of 600 and of 600 entries"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("{url}",), 2, "say whose signature you trust: --vkey KEY, or --policy FILE"),
        (("{url}", "--vkey", "x"), 3, "a verifier key is NAME+ID+KEY"),
        (("nowhere", "--vkey", VKEY), 2, "nowhere is not a folder"),
        (("http://", "--vkey", VKEY), 2, "is not an address"),
        (("http://127.0.0.1:1", "--vkey", VKEY), 3, "can't be reached"),
        (("{url}/none", "--vkey", VKEY), 3, "the log shows no checkpoint"),
        (("{url}", "--vkey", VKEY, "--cosign-as", "a b"), 2, "name"),
    ],
)
def test_bad_input(rig: Rig, arguments: tuple[str, ...], code: int, words: str) -> None:
    given = [a.format(url=rig.url) if "{" in a else a for a in arguments]
    found, said = run(*given, "--data", rig.root / "data", "--once")
    assert (found, words in said) == (code, True), said
    assert said.splitlines()[-1].startswith("passerby: ")
    assert "Traceback" not in said


def test_a_folder_that_holds_another_log_is_no_word_against_this_one(rig: Rig) -> None:
    data = rig.root / "data"
    assert run(rig.url, "--data", data, "--once", "--vkey", VKEY)[0] == 0
    other = signer("example.org/other")
    rig.show(static_log(ENTRIES, (other,), other.name))
    code, said = run(rig.url, "--data", data, "--once", "--vkey", format_vkey(other.key))
    assert code == 2
    assert "holds the copy of another log" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_looks_again_and_again_until_it_is_stopped(rig: Rig, number: signal.Signals) -> None:
    # As a shell starts what it puts into the background.
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-m", "passerby.cli", "watchdog", rig.url]
    command += ["--vkey", VKEY, "--every", "1", "--data", str(rig.root / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as dog:
        assert dog.stdout
        assert dog.stdout.readline().startswith("watching http://127.0.0.1:")
        assert dog.stdout.readline() == "sound: 600 entries\n"
        code, said = run(rig.url, "--vkey", VKEY, "--data", rig.root / "data", "--once")
        assert (code, "in use" in said) == (2, True), "one watchdog a folder"
        rig.show(static_log(ENTRIES[:500]))
        assert dog.stdout.readline().startswith("rolled back: rolled back: the log shows 500 entries")
        dog.send_signal(number)
        said, _ = dog.communicate(timeout=20)
        assert (said, dog.returncode) == ("stopped; what was seen is kept\n", 0)


def once(log: Path, data: Path) -> tuple[int, str, str]:
    """Look once by the command: its exit code, and the page in both languages."""
    said = CliRunner().invoke(app, ["watchdog", str(log), "--vkey", city.VKEY, "--data", str(data), "--once"])
    pages = [(data / "public" / name).read_text(encoding="utf-8") for name in ("index.html", "index.zh-hant.html")]
    return said.exit_code, *pages


def test_a_site_s_acts_are_counted_on_the_page_in_both_languages(tmp_path: Path) -> None:
    year = city.year()
    log = year.write(tmp_path / "log", int(time.time()))
    _, english, chinese = once(log, tmp_path / "data")
    assert f"Counted by this watchdog from the {len(year.entries):,} entries" in english
    for page, lang, row in ((english, "en", "active"), (chinese, "zh-Hant", "運作中")):
        assert f'<html lang="{lang}">' in page
        assert f'<tr><th scope="row">{row}</th><td>12</td></tr>' in page
        assert '<tr class="bad">' in page
    assert 'href="index.zh-hant.html"' in english
    assert 'href="index.html"' in chinese


def test_an_act_that_can_t_be_makes_the_log_false(tmp_path: Path) -> None:
    year = city.year()
    ended = year.follower.logged
    draw, content, _ = rules.make(year.note(ended), [city.PAPER.key], 0, len(year.entries), [], 200, ended + 60)
    year.lists[list_path(str(draw["list"]))] = content
    year.add(ended, city.CHIEF, **draw)
    code, english, _ = once(year.write(tmp_path / "log", int(time.time())), tmp_path / "data")
    assert code == 1
    assert "✕ False</h2>" in english
    assert "could not be counted" in english


def test_a_log_of_something_else_is_watched_but_not_counted(tmp_path: Path) -> None:
    log = city.Ledger(entries=[b"no act"]).write(tmp_path / "log", int(time.time()))
    code, english, _ = once(log, tmp_path / "data")
    assert code == 0
    assert "The entries could not be counted: entry 0 is no act" in english
