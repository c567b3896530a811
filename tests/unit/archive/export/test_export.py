"""A bundle that proves itself where nothing of Passerby is, and that shows whatever was changed in it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import cffi
import cryptography
import pyrage
import pytest
import rfc8785
from tests.unit.archive.scene import decoded, stream
from tests.unit.charter.world import FOUNDERS, NOW, ROOT, Ledger, first_root, sha, signed, signer

from passerby.archive.export.bundle import Clip, Papers, export, recipients_text
from passerby.archive.mux import Mp4Writer
from passerby.base.errors import Altered, DiskFault, OutputError, UsageError
from passerby.charter.asking import Asking
from passerby.charter.proofs import Logged
from passerby.ledger.note import sign_note

MINE, OTHER = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
FOR = {"Public prosecutor, Ms Example": str(MINE.to_public())}
HOUR = NOW // 3600 * 3600


def video(frames: int) -> bytes:
    """Real redacted video, out of the darkroom's encoder."""
    start, packets = stream(frames)
    file = io.BytesIO()
    writer = Mp4Writer(file, start)
    for packet in packets:
        writer.write(packet)
    writer.close()
    return file.getvalue()


VIDEO = [video(20), video(10)]


def clip(content: bytes, at: int) -> Clip:
    pieces = [content[:1000], content[1000:]]
    return Clip((HOUR + at) * 1_000_000, (HOUR + at + 2) * 1_000_000, lambda: iter(pieces))


CLIPS = [clip(VIDEO[0], -1800), clip(VIDEO[1], -1700)]


def papers(**values: Any) -> Papers:
    asking = Asking(
        act="export", site=ROOT.site, camera="gate-1", kind="redacted", begins=HOUR - 1800, ends=HOUR - 1200,
        until=NOW + 600, purpose="crowd-safety", case=sha("a case"), detail=sha256(recipients_text(FOR)).hexdigest(),
        key=sha("key"), salt=sha("salt"),
    )  # fmt: skip
    asking = replace(asking, **values)
    logged = Ledger().add(asking.entry(), NOW)
    return Papers(asking, logged, [signed(ROOT.text(), *FOUNDERS)], "b1" * 32, NOW, demo=False)


def by(name: str = "op1") -> Callable[[str], bytes]:
    return lambda text: sign_note(text, [signer(name)], 0)


def unpacked(bundle: Path, folder: Path, identity: Any = MINE) -> Path:
    raw = pyrage.decrypt(bundle.read_bytes(), [identity])
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        for member in tar.getmembers():
            assert (member.uname, member.gname, member.uid, member.gid) == ("", "", 0, 0)
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "bundle.tar.age"
    export(out, CLIPS, papers(), FOR, by())
    return out


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a machine that has never seen Passerby has its packages: `cryptography`, and what that one needs."""
    folder = tmp_path_factory.mktemp("bare")
    where = Path(cryptography.__file__).parent.parent
    backend = next(where.glob("_cffi_backend*"))
    for path in (Path(cryptography.__file__).parent, Path(cffi.__file__).parent, backend):
        (folder / path.name).symlink_to(path)
    return folder


def run(folder: Path, bare: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = f"import runpy, sys; sys.path[:0] = [{str(folder)!r}, {str(bare)!r}]; sys.argv = sys.argv[1:]; " + (
        "runpy.run_path('check.py', run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-S", "-E", "-s", "-B", "-c", program, "check.py", str(folder), *words],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60, env={"PATH": os.defpath},
    )  # fmt: skip


def test_it_proves_itself_where_nothing_of_passerby_is(bundle: Path, bare: Path, tmp_path: Path) -> None:
    folder = unpacked(bundle, tmp_path)
    done = run(folder, bare, "--root", ROOT.hash)
    assert done.returncode == 0, done.stderr
    assert "PROVEN" in done.stdout and "op1.example.org signed: camera gate-1" in done.stdout
    assert "given to Public prosecutor, Ms Example: for crowd-safety" in done.stdout
    assert "DEMO" not in done.stdout and "w1.example.org cosigned" in done.stdout
    said = run(folder, bare)
    assert said.returncode == 0 and "compare that hash with the sign" in said.stdout
    passerby = subprocess.run(
        [sys.executable, "-S", "-E", "-s", "-c", f"import sys; sys.path[:0] = [{str(bare)!r}]; import passerby"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "No module named 'passerby'" in passerby.stderr


def test_what_is_in_it_plays_and_reads(bundle: Path, tmp_path: Path) -> None:
    folder = unpacked(bundle, tmp_path)
    assert [decoded((folder / f"clip-00{n}.mp4").read_bytes()) for n in (1, 2)] == [20, 10]
    page = (folder / "index.html").read_text()
    assert (
        "clip-002.mp4" in page
        and "gate-1" in page
        and "<script" not in page
        and "http:" not in page
        and "https:" not in page
    )
    assert "Ms Example" not in page


def test_nobody_else_reads_it(bundle: Path) -> None:
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(bundle.read_bytes(), [OTHER])
    assert b"gate-1" not in bundle.read_bytes() and b"ftyp" not in bundle.read_bytes()


def spoil(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes())) and None


def swap_act(folder: Path, **values: Any) -> None:
    """Another act, properly logged."""
    logged = Ledger().add(papers(**values).asking.entry(), NOW)
    (folder / "act.entry").write_bytes(logged.entry)
    (folder / "act.tlog-proof").write_bytes(logged.proof)


def resign(folder: Path, name: str, **changes: Any) -> None:
    note = (folder / "manifest.note").read_text().split("\n")[0]
    fields = json.loads(note) | changes
    (folder / "manifest.note").write_bytes(by(name)(rfc8785.dumps(fields).decode() + "\n"))


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def exchange(folder: Path) -> None:
    one, two = (folder / f"clip-00{n}.mp4" for n in (1, 2))
    both = one.read_bytes(), two.read_bytes()
    one.write_bytes(both[1])
    two.write_bytes(both[0])


def few(folder: Path) -> None:
    logged = Ledger().add(papers().asking.entry(), NOW, ("w1",))
    (folder / "act.entry").write_bytes(logged.entry)
    (folder / "act.tlog-proof").write_bytes(logged.proof)


def other_site(folder: Path) -> None:
    """A root that a thief made: all signatures are right, but it is not the site's."""
    mine = first_root(at=NOW - 1)
    (folder / "roots" / "0.note").write_bytes(signed(mine.text(), *FOUNDERS))


BREAKS: list[tuple[str, Callable[[Path], object], int, str]] = [
    ("a byte of the video", spoil("clip-001.mp4", lambda b: b[:99] + bytes([b[99] ^ 1]) + b[100:]), 1, "not the file"),
    ("a word of the page", spoil("index.html", lambda b: b.replace(b"genuine", b"real")), 1, "not the file"),
    ("a shorter video", spoil("clip-002.mp4", lambda b: b[:-1]), 1, "clip-002.mp4 is not the file"),
    ("a clip gone", remove("clip-002.mp4"), 1, "clip-002.mp4 is missing"),
    ("clips exchanged", exchange, 1, "not the file"),
    ("a clip more", lambda f: shutil.copy(f / "clip-001.mp4", f / "clip-003.mp4"), 1, "nobody signed"),
    ("another purpose", spoil("manifest.note", lambda b: b.replace(b"crowd-safety", b"crowd-safetz")), 1, "false"),
    ("the reviewer's signature", lambda f: resign(f, "rev1"), 1, "not signed by the site's operator"),
    ("a stranger's signature", lambda f: resign(f, "stranger"), 1, "not signed by the site's operator"),
    ("another camera, signed", lambda f: resign(f, "op1", camera="gate-2"), 1, "camera is another"),
    ("a longer time, signed", lambda f: resign(f, "op1", to=HOUR), 1, "to is another"),
    ("another case, signed", lambda f: resign(f, "op1", case=sha("x")), 1, "case is another"),
    ("an unknown format", lambda f: resign(f, "op1", format="passerby/export@2"), 1, "unknown format"),
    ("a file elsewhere", lambda f: resign(f, "op1", files={"../x": {"sha256": "00", "bytes": 1}}), 1, "elsewhere"),
    ("another recipient", spoil("recipients.json", lambda b: b.replace(b"Ms", b"Mr")), 1, "to others"),
    ("another act in the ledger", lambda f: swap_act(f, camera="gate-2"), 1, "something else"),
    ("a look in the ledger", lambda f: swap_act(f, act="look"), 1, "no export or unsealing"),
    ("too few witnesses", few, 1, "quorum is not reached"),
    ("a proof of something else", spoil("act.entry", lambda b: b.replace(b'"seq":0', b'"seq":1')), 1, "another root"),
    ("what was asked", spoil("asking.json", lambda b: b.replace(b"gate-1", b"gate-2")), 1, "something else"),
    ("a thief's site", other_site, 1, "another site"),
    ("no root", remove("roots/0.note"), 1, "no site root"),
    ("no proof", remove("act.tlog-proof"), 3, "NOT DECIDED"),
    ("no JSON", spoil("asking.json", lambda b: b"{"), 3, "NOT DECIDED"),
    ("no note", spoil("manifest.note", lambda b: b"x"), 3, "NOT DECIDED"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "words"), [b[1:] for b in BREAKS], ids=[b[0] for b in BREAKS])
def test_whatever_was_changed_shows(
    bundle: Path, bare: Path, tmp_path: Path, change: Callable[[Path], object], code: int, words: str
) -> None:
    folder = unpacked(bundle, tmp_path)
    change(folder)
    done = run(folder, bare, "--root", ROOT.hash)
    assert (done.returncode, words in done.stderr) == (code, True), done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_demo_says_so(bare: Path, tmp_path: Path) -> None:
    root = first_root(site="demo.example", demo=True)
    made = papers(site="demo.example")
    found = replace(made, roots=[signed(root.text(), *FOUNDERS)], demo=True)
    out = tmp_path / "bundle.tar.age"
    export(out, CLIPS, found, FOR, by())
    done = run(unpacked(out, tmp_path / "in"), bare)
    assert done.returncode == 0 and "DEMO" in done.stdout
    assert (
        "DEMO" in (tmp_path / "in" / "index.html").read_text()
        and "DEMO" in (tmp_path / "in" / "README.txt").read_text()
    )


def test_a_changed_root(bare: Path, tmp_path: Path) -> None:
    second = replace(ROOT, serial=1, previous=ROOT.hash, at=ROOT.at + 1)
    notes = [signed(ROOT.text(), *FOUNDERS), signed(second.text(), "op1", "rev1")]
    export(tmp_path / "good", CLIPS, replace(papers(), roots=notes), FOR, by())
    assert run(unpacked(tmp_path / "good", tmp_path / "1"), bare, "--root", ROOT.hash).returncode == 0
    for number, (note, words) in enumerate([
        (signed(second.text(), "officer"), "not signed by a side"),
        (signed(replace(second, previous=sha("x")).text(), "op1"), "does not follow"),
    ]):  # fmt: skip
        out = tmp_path / f"bad{number}"
        export(out, CLIPS, replace(papers(), roots=[notes[0], note]), FOR, by())
        done = run(unpacked(out, tmp_path / f"in{number}"), bare, "--root", ROOT.hash)
        assert done.returncode == 1 and words in done.stderr


@pytest.mark.parametrize(
    "named", [{}, {"x": "age1x"}, {"x": "ssh-rsa x"}, {str(n): str(MINE.to_public()) for n in range(33)}]
)
def test_no_recipients(tmp_path: Path, named: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        export(tmp_path / "x", CLIPS, papers(), named, by())
    with pytest.raises(UsageError, match="nothing was kept"):
        export(tmp_path / "x", [], papers(), FOR, by())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    """Deleted, changed or unreadable between the two passes: an error that says so, and no file."""
    turns = iter([b"first", b"second"])
    changing = Clip(0, 1, lambda: iter([next(turns)]))
    with pytest.raises(Altered, match="while it was exported"):
        export(tmp_path / "x", [changing], papers(), FOR, by())
    reads = [0]

    def broken() -> Iterator[bytes]:
        reads[0] += 1
        yield b"x" * 100_000
        if reads[0] == 2:
            raise DiskFault("the disk", "look at it")

    with pytest.raises(DiskFault):
        export(tmp_path / "x", [Clip(0, 1, broken)], papers(), FOR, by())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError):
        export(tmp_path / "absent" / "x", CLIPS, papers(), FOR, by())


def test_logged_is_as_it_was_given() -> None:
    assert isinstance(papers().logged, Logged)
