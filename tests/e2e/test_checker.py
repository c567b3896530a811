"""The one-file checker in Chromium says of each vector exactly what verify.py says of it."""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from playwright.sync_api import Browser, Page, sync_playwright
from tests.conftest import ROOT
from tests.unit.ledger.kit import LOG, NOW, PQ, W1, W2, signer, static_log
from tests.unit.ledger.test_detection import ENTRIES, cosigned

from passerby.ledger import merkle, verify
from passerby.ledger.checkpoint import format_evidence, format_proof
from passerby.ledger.errors import LedgerError, Refuted
from passerby.ledger.note import format_vkey
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import (
    COSIGN_ED25519,
    LARGEST,
    NOT_PROVEN,
    Key,
    Policy,
    Trust,
    parse_policy,
    parse_vkey,
    verify_fork,
    verify_proof,
)
from passerby.ledger.watch_page import Status
from passerby.ledger.watch_page import page as watchdog_page

CHECKER = ROOT / "src" / "passerby" / "ledger" / "checker.html"
CHROMIUM = shutil.which("chromium")
Case = dict[str, Any]
VERDICTS = """(cases) => Promise.all(cases.map(async (c) => {
  const bytes = (t) => t === null ? null : ledger.unlatin(t);
  const found = await ledger.check({ ...c, policy: bytes(c.policy), proof: bytes(c.proof), entry: bytes(c.entry) });
  return { en: ledger.inTongue(found, "en"), zh: ledger.inTongue(found, "zh") };
}))"""
WITHOUT = """(name) => {
  const real = crypto.subtle.importKey.bind(crypto.subtle);
  crypto.subtle.importKey = (form, key, kind, ...rest) =>
    kind.name === name ? Promise.reject(new DOMException("none", "NotSupportedError")) : real(form, key, kind, ...rest);
}"""


def case(what: str, proof: bytes, entry: bytes = b"", **more: Any) -> Case:
    return {"what": what, "proof": proof, "entry": entry, "vkeys": [], "policy": None, "now": 0, "max_age": None} | more


def vectors() -> Iterator[Case]:
    """Those under docs/vectors, and golang's notes: as proofs, as checkpoints, with policies and with plain keys."""
    for name in ("proof", "policy", "cosignature"):
        for v in json.loads((ROOT / f"docs/vectors/{name}.json").read_text())["cases"]:
            note, more = v.get("note", "").encode(), {"now": v.get("now", 0), "max_age": v.get("max_age")}
            if "policy" in v:
                more["policy"] = v["policy"].encode()
            if name == "proof":
                yield case("proof", v["proof"].encode(), bytes.fromhex(v["entry"]), **more)
            elif name == "policy":
                yield case("checkpoint", note, **more)
            else:
                yield case("checkpoint", note, vkeys=v["vkeys"])
                yield case("checkpoint", note, policy=witnesses(v["vkeys"]))


def witnesses(vkeys: list[str]) -> bytes:
    """A policy that demands all of these; the log's key signs our vectors."""
    lines = [f"log {format_vkey(LOG.key)}", *(f"witness w{n} {k}" for n, k in enumerate(vkeys))]
    return "\n".join([*lines, f"group g all {' '.join(f'w{n}' for n in range(len(vkeys)))}", "quorum g", ""]).encode()


def notes_of_others(data: Path) -> Iterator[Case]:
    found = json.loads((data / "tlog-signed-note" / "vectors.json").read_text())
    for v in found["notes"]:
        yield case("checkpoint", v["note"].encode(), vkeys=v["vkeys"])
    for vkey in found["bad_vkeys"]:
        yield case("checkpoint", b"", vkeys=[vkey])


GOOD_LOG = static_log(ENTRIES)
HASHES = StoredHashes(GOOD_LOG.get, len(ENTRIES))


def proof_of(index: int, note: bytes = GOOD_LOG["checkpoint"]) -> bytes:
    return format_proof(index, merkle.inclusion(index, len(ENTRIES), HASHES), note)


def policy_of(*lines: str) -> bytes:
    return "\n".join([f"log {format_vkey(LOG.key)}", *lines, ""]).encode()


def cheats() -> Iterator[Case]:
    """Good, tampered entry, wrong key, cosignature counts, one witness under two names, stale, from the future."""
    good, ours, note = proof_of(7), {"vkeys": [format_vkey(LOG.key)]}, GOOD_LOG["checkpoint"]
    yield case("proof", good, b"entry 7", **ours)
    yield case("proof", proof_of(599), b"entry 599", **ours)
    for entry in (b"entry 8", b"", b"entry 7\n", b"\xff\x00"):
        yield case("proof", good, entry, **ours)
    yield case("proof", good, b"entry 7", vkeys=[format_vkey(signer("example.org/log", salt="other").key)])
    yield case("proof", good, b"entry 7", vkeys=[format_vkey(signer("example.org/else").key)])
    two = [f"witness one {format_vkey(W1.key)}", f"witness two {format_vkey(W2.key)}", "group g 2 one two", "quorum g"]
    twin = type(W1)("witness.example/twin", COSIGN_ED25519, W1.seed)
    impostor = signer(W2.name, COSIGN_ED25519, salt="impostor")
    for signed in ([], [W1], [W1, W2], [W1, twin], [W1, impostor], [W1, W1]):
        yield case("proof", proof_of(7, cosigned(note, *signed)), b"entry 7", policy=policy_of(*two), now=NOW)
    same = [f"witness one {format_vkey(W1.key)}", f"witness two {format_vkey(twin.key)}", *two[2:]]
    yield case("proof", proof_of(7, cosigned(note, W1, twin)), b"entry 7", policy=policy_of(*same))
    for shift in (-90_001, -90_000, 300, 301):
        signed = cosigned(note, W1, W2, when=NOW + shift)
        yield case("checkpoint", signed, policy=policy_of(*two), now=NOW, max_age=90_000)
    mixed = [two[0], f"witness pq {format_vkey(PQ.key)}", "group g all one pq", "quorum g"]
    yield case("checkpoint", cosigned(note, W1, PQ), policy=policy_of(*mixed), now=NOW)


def malformed() -> Iterator[Case]:
    """A proof spoiled at each of its parts, and every kind of broken note, policy and key that has its own words."""
    good, note, ours = proof_of(7), GOOD_LOG["checkpoint"], {"vkeys": [format_vkey(LOG.key)]}
    for at in range(0, len(good), 8):
        for flip in (b"", bytes([good[at] ^ 1]), b"\n", b"=", b"\x80"):
            yield case("proof", good[:at] + flip + good[at + 1 :], b"entry 7", **ours)
    line = note.split(b"\n\n")[1]
    text = note.split(b"\n\n")[0] + b"\n"
    for broken in (
        b"", b"x", text, text + b"\n", note[:-1], note + b"\n", note + b"x\n", note.replace(b" ", b"\t"),
        b"\xff" + note,
        note.replace(b"\n", b"\r\n"), text + b"\n" + line * 65, text + b"\n" + line * 64, b"x" * (1 << 20) + note,
        text + b"\n\xe2\x80\x94 a\xef\xbb\xbfb AAAAAAA=\n" + line,
        text + b"\n\xe2\x80\x94 a\xc2\x85b AAAAAAA=\n" + line,
        text + b"\n\xe2\x80\x94 a+b AAAAAAA=\n", text + b"\n\xe2\x80\x94 a\n", text + b"\n\xe2\x80\x94 a AAAA\n",
        text + b"\n\xe2\x80\x94 a AAAAAAB=\n", text + b"\n\xe2\x80\x94  AAAAAAA=\n", b"\xef\xbb\xbf" + note,
    ):  # fmt: skip
        yield case("checkpoint", broken, **ours)
        yield case("proof", good.split(b"\n\n")[0] + b"\n\n" + broken, b"entry 7", **ours)
    for body in (
        "l\n0\nAAAA\n",
        "l\n01\nAAAA\n",
        "l\n9223372036854775808\nAAAA\n",
        "l\n\n\nx\n",
        "l\n1\n",
        "l\n1\nAAAA\n",
    ):
        odd = signer("l")
        yield case("checkpoint", f"{body}\n{odd.sign(body, NOW)}".encode(), vkeys=[format_vkey(odd.key)])
    other = f"other\n0\n{base64.b64encode(sha256(b'').digest()).decode()}\n"
    yield case("checkpoint", f"{other}\n{LOG.sign(other, NOW)}".encode(), **ours)
    key = format_vkey(LOG.key)
    for vkey in ("x", "+1+A", "a b+00000000+AA", key.upper(), key[:-4], key[:-1] + "!", "a+00000000+/w==", f" {key}"):
        yield case("checkpoint", note, vkeys=[vkey])
    w = f"witness one {format_vkey(W1.key)}"
    for lines in (
        [], ["quorum none", "quorum none"], ["quorum x"], [w, w, "quorum one"], ["witness none x", "quorum none"],
        [f"witness one {key}", "quorum one"], [w, "group one 1 one"], [w, "group g 2 one"], [w, "group g 0 one"],
        [w, "group g 1 one one"], [w, "group g 01 one"], [w, "group g any one", "quorum g"], [w, "group g"], ["log"],
        ["log a b c"], ["\u2003", "quorum none"], ["quorum none\x7f"], ["qu\u00f6rum none"], [*["#"] * 1030],
        [f"log {key}"], ["#x", " quorum\tnone "], [w, "group g 99999999999999999999 one"],
    ):  # fmt: skip
        yield case("checkpoint", note, policy=policy_of(*lines))
    lenient = format_vkey(Key("example\N{REPLACEMENT CHARACTER}", LOG.key.kind, LOG.key.public)).encode()
    spoiled = lenient.replace("\N{REPLACEMENT CHARACTER}".encode(), b"\xd0")
    yield case("checkpoint", note, policy=b"log %s\nquorum none\n" % spoiled)


def forks() -> Iterator[Case]:
    small, prefix = static_log(ENTRIES[:300])["checkpoint"], merkle.root(300, HASHES)
    other = static_log([b"secretly another", *ENTRIES[1:300]])["checkpoint"]
    proof, note = merkle.consistency(300, 600, HASHES), GOOD_LOG["checkpoint"]
    for evidence in (
        format_evidence([LOG.key], other, note, prefix, proof),
        format_evidence([LOG.key], small, note, prefix, proof),
        format_evidence([LOG.key], other, note, bytes(32), proof),
        format_evidence([LOG.key], other, note, prefix, proof[1:]),
        format_evidence([LOG.key], other, note, prefix, [*proof, bytes(32)]),
        format_evidence([LOG.key], note, other, prefix, []),
        b"", b"{}", b"[1]", b"null", b'{"vkeys":[3]}', b"\xff",
    ):  # fmt: skip
        yield case("fork", evidence)
        yield case("fork", evidence, vkeys=[format_vkey(LOG.key)])
        yield case("fork", evidence, vkeys=[format_vkey(signer("example.org/innocent").key)])


def verdict_of_verify(c: Case) -> tuple[str, list[str]]:
    """What verify.py says, its parts of undefined order sorted."""
    try:
        keys = [parse_vkey(v) for v in c["vkeys"]]
        policy = parse_policy(c["policy"]) if c["policy"] is not None else Policy(quorum=b"none")
        trust = Trust(keys, policy, c["now"], LARGEST if c["max_age"] is None else c["max_age"])
        check: Callable[[], list[str]] = {
            "proof": lambda: verify_proof(c["proof"], c["entry"], trust),
            "checkpoint": lambda: trust.check(c["proof"])[1],
            "fork": lambda: verify_fork(c["proof"], keys),
        }[c["what"]]
        return "proven", check()
    except LedgerError as error:
        return "refuted" if isinstance(error, Refuted) else "undecided", sorted(str(error).split("; "))


def asked(cases: list[Case]) -> list[Case]:
    """As the page takes them: bytes as characters, so that they cross as JSON."""
    latin = {"proof", "entry", "policy"}
    renamed = [{"maxAge" if k == "max_age" else k: v for k, v in c.items()} for c in cases]
    return [{k: v.decode("latin-1") if k in latin and v is not None else v for k, v in c.items()} for c in renamed]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium"
    with sync_playwright() as tool:
        found = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    found, said, requested = browser.new_page(viewport={"width": 900, "height": 1400}, locale="en-GB"), [], []
    found.set_default_timeout(10_000)
    found.on("console", lambda m: said.append(m.text))
    found.on("pageerror", lambda e: said.append(str(e)))
    found.on("request", lambda r: requested.append(r.url))
    found.goto(CHECKER.as_uri())
    yield found
    assert said == []
    assert [url for url in requested if not url.startswith(("file:", "data:"))] == []
    found.close()


class NoMlDsa:
    """`MLDSA44PublicKey` on a machine whose OpenSSL has none."""

    @staticmethod
    def from_public_bytes(_raw: bytes) -> None:
        raise UnsupportedAlgorithm("no ML-DSA-44")


HAS_ML_DSA = (
    """() => crypto.subtle.generateKey({name: "ML-DSA-44"}, false, ["sign", "verify"]).then(() => true, () => false)"""
)


@pytest.mark.xdist_group("checker")
@pytest.mark.parametrize("without", [False, True], ids=["as it is", "without ML-DSA-44"])
def test_every_vector_has_the_same_verdict_in_both(
    page: Page, data_dir: Path, monkeypatch: pytest.MonkeyPatch, *, without: bool
) -> None:
    """Where a browser has no ML-DSA-44, verify.py is asked as on a machine without it: what follows is the same."""
    if without or not page.evaluate(HAS_ML_DSA):
        monkeypatch.setattr(verify, "MLDSA44PublicKey", NoMlDsa)
        page.evaluate(WITHOUT, "ML-DSA-44")
    cases = [*vectors(), *notes_of_others(data_dir), *cheats(), *malformed(), *forks()]
    found = page.evaluate(VERDICTS, asked(cases))
    differ = []
    for c, said in zip(cases, found, strict=True):
        verdict, told = verdict_of_verify(c)
        words = said["en"]["told"] if verdict == "proven" else sorted(said["en"]["told"][0].split("; "))
        if (verdict, told) != (said["en"]["verdict"], words):
            differ.append((c["what"], verdict, told, said["en"]))
        assert said["zh"]["verdict"] == verdict
        assert all(re.search("[\u4e00-\u9fff]", t) for t in said["zh"]["told"]), said["zh"]
        if verdict == "proven" and c["what"] == "proof":
            assert said["en"]["open"] == [NOT_PROVEN]
    assert differ == []
    assert len(cases) >= 600
    assert {v["en"]["verdict"] for v in found} == {"proven", "refuted", "undecided"}
    assert len({re.sub("[0-9]+", "", v["en"]["told"][0]) for v in found if v["en"]["verdict"] != "proven"}) >= 60
    assert page.evaluate("[...ledger.missing]") == []


@pytest.mark.xdist_group("checker")
@pytest.mark.parametrize(("lacks", "words"), [
    ("ML-DSA-44", "witness.example/pq is not checked: no ML-DSA-44 here"),
    ("Ed25519", "the log's signature can't be checked: no Ed25519 here"),
])  # fmt: skip
def test_what_the_browser_lacks_is_not_checked_and_never_valid(page: Page, lacks: str, words: str) -> None:
    demands = policy_of(f"witness pq {format_vkey(PQ.key)}", "quorum pq")
    page.evaluate(WITHOUT, lacks)
    (found,) = page.evaluate(
        VERDICTS, asked([case("checkpoint", cosigned(GOOD_LOG["checkpoint"], PQ), policy=demands)])
    )
    assert found["en"]["verdict"] == "undecided"
    assert words in found["en"]["told"][0]
    assert "未查驗" in found["zh"]["told"][0] or "無法查驗" in found["zh"]["told"][0]


@pytest.mark.xdist_group("checker")
def test_a_person_checks_by_pasting_choosing_and_dropping(page: Page) -> None:
    page.get_by_label("Whom you trust", exact=True).fill(format_vkey(LOG.key))
    page.get_by_label("A file with: The proof").set_input_files(
        {"name": "seven.tlog-proof", "mimeType": "text/plain", "buffer": proof_of(7)}
    )
    page.get_by_text(f"seven.tlog-proof, {len(proof_of(7))} bytes, as they are").wait_for()
    drop = """(card, text) => { const d = new DataTransfer(); d.items.add(new File([text], "entry.bin"));
        card.dispatchEvent(new DragEvent("drop", {dataTransfer: d, bubbles: true, cancelable: true})); }"""
    page.locator("[data-field=entry]").evaluate(drop, "entry 7")
    page.get_by_text("entry.bin, 7 bytes").wait_for()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Check", exact=True).press("Enter")
    result = page.get_by_role("status")
    result.get_by_text("the entry is number 7 of that tree").wait_for()
    assert result.get_by_role("heading", level=2).inner_text() == "Proven"
    assert NOT_PROVEN in result.inner_text()
    page.get_by_role("button", name="繁體中文").click()
    assert result.get_by_role("heading", level=2).inner_text() == "已證明"
    assert page.locator("html").get_attribute("lang") == "zh-Hant"
    page.get_by_label("紀錄", exact=True).fill("entry 8")
    page.get_by_role("button", name="查驗").click()
    result.get_by_text("已否證").wait_for()
    assert "證明推得的是另一個樹根" in result.inner_text()
    unnamed = (
        "() => [...document.querySelectorAll('input, textarea')].filter((e) => !e.labels.length && !e.ariaLabel).length"
    )
    assert page.evaluate(unnamed) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("[...ledger.missing]") == []


def test_its_policy_lets_only_its_own_script_and_style_run() -> None:
    text = CHECKER.read_text(encoding="utf-8")
    for tag in ("script", "style"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text, f"the {tag} has changed: put sha256-{digest} into the policy"
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|\bimport\b|fetch\(|innerHTML|eval\(", text)


@pytest.mark.xdist_group("checker")
def test_a_watchdogs_page_shows_each_state_without_a_script(page: Page, tmp_path: Path) -> None:
    for state in ("new", "sound", "forked", "rolled back", "false", "truncated", "stale", "unreachable", "undecided"):
        why = "" if state in ("new", "sound") else f"{state}: <b>why</b>"
        shown = Status("http://127.0.0.1/", state, why, "o" * 200, 7, evidence=("evidence/fork-1.json",))
        (tmp_path / "index.html").write_bytes(watchdog_page(shown))
        page.goto((tmp_path / "index.html").as_uri())
        headline = {"new": "Not looked yet", "undecided": "Not decided"}.get(state, state.capitalize())
        assert page.get_by_role("status").get_by_role("heading").inner_text()[2:] == headline
        assert page.get_by_role("status").get_by_text(why or "nothing", exact=True).count() == bool(why)
        assert page.get_by_role("link", name="evidence/fork-1.json").is_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('.verdict')).borderTopWidth") == "2px"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
