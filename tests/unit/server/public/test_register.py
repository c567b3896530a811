"""What the public's pages are made of: lists, map, a camera's page, all that proves its permit."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.unit.charter.register.samples import camera
from tests.unit.server.public.city import CASE, GATE, PIER, City, asked, caught_up, soon

from passerby.ledger.verify import Trust, parse_vkey, verify_proof
from passerby.office.book import open_book

REGISTER = "/api/v1/register"


def get(client: httpx.Client, path: str, status: int = 200, **params: Any) -> Any:
    answer = client.get(f"{REGISTER}{path}", params=params)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_about(city: City, client: httpx.Client) -> None:
    found = get(client, "/about")
    assert (found["site"], found["demo"], found["root"]) == (city.site.root.site, True, city.site.root.hash)
    assert found["totals"]["proposed"] == 2 and sum(found["totals"].values()) == 2
    assert [(o["id"], o["cameras"]) for o in found["organisations"]] == [("harbour", 2)]
    west, south, east, north = found["bounds"]
    assert west < 114.158 < east and south < 22.287 < 22.29 < north
    log = found["ledger"]
    assert log["proven"] and log["size"] > 5 and log["path"] == "/ledger/"
    assert found["forms"]["complaint"] == "30 days"


def test_cameras_by_name_and_filters(client: httpx.Client) -> None:
    found = get(client, "/cameras")
    assert [item["id"] for item in found["items"]] == [GATE, PIER]
    assert (found["total"], found["next"]) == (2, None)
    assert found["items"][1]["texts"]["zh-Hant"] == {"name": "三號碼頭", "place": "三號碼頭東面"}
    assert get(client, "/cameras", q="PIER landing")["total"] == 2
    assert get(client, "/cameras", q="三號")["total"] == 2
    assert get(client, "/cameras", q="gate-1")["total"] == 1
    assert get(client, "/cameras", phase="active")["total"] == 0
    assert get(client, "/cameras", organisation="harbour", area="central", purpose="crowd-safety")["total"] == 2
    get(client, "/cameras", 422, phase="nonsense")
    get(client, "/cameras", 422, organisation="../etc")


def test_the_map_parts_what_is_apart_and_names_what_is_alone(client: httpx.Client) -> None:
    far = get(client, "/map", box="-180,-85,180,85", zoom=0)
    assert [(mark["count"], mark["id"]) for mark in far["items"]] == [(2, None)]
    near = get(client, "/map", box="114.1,22.2,114.2,22.3", zoom=16)
    assert sorted((mark["id"], mark["count"]) for mark in near["items"]) == [(GATE, 1), (PIER, 1)]
    assert {mark["lat"] for mark in near["items"]} == {22.287, 22.29}
    assert {(mark["bearing"], mark["angle"], mark["range_m"]) for mark in near["items"]} == {(135, 70, 40)}
    assert get(client, "/map", box="0,0,10,10", zoom=10)["items"] == []
    around = get(client, "/map", box="114.1,22.2,-170,22.3", zoom=3)
    assert sum(mark["count"] for mark in around["items"]) == 2
    for box in ("1,2,3", "a,b,c,d", "0,10,10,0", "-181,0,1,1", "nan,0,1,1"):
        get(client, "/map", 422, box=box, zoom=3)


def test_a_camera_s_page_says_what_and_what_not(city: City, client: httpx.Client) -> None:
    found = get(client, f"/cameras/{PIER}")
    assert found["camera"]["why"] == camera().why and found["owner"]["name"] == "Harbour Authority"
    assert {a["name"]: (a["on"], a["permitted"]) for a in found["analyses"]} == {
        "crowd": (True, True), "live": (False, False), "record": (False, False), "seal": (False, False),
        "traffic": (False, False),
    }  # fmt: skip
    assert found["view"] == {"text": camera().view, "bearing": 135, "angle": 70, "range_m": 40}
    assert found["forbidden"] == [{"id": "flats", "why": "windows of homes", "outline": None}]
    permit = found["permit"]
    assert permit["in_force"] and permit["why"] == "" and permit["hash"] == city.permits[PIER].hash
    assert [(s["role"], s["name"], s["counts"]) for s in permit["signers"]] == [
        ("operator", "Demo city", True), ("reviewer", "Demo privacy office", True),
    ]  # fmt: skip
    assert permit["logged"] is not None
    assert found["build"]["approved"] is True and found["build"]["site_root"] == city.site.root.hash
    assert found["history"][0]["hash"] == found["hash"] == camera().hash
    assert found["page"] == f"https://register.example.org/cameras/{PIER}"


def test_uptime_and_mosaic_are_of_days_that_are_over(client: httpx.Client) -> None:
    found = get(client, f"/cameras/{PIER}")
    newest = found["uptime"]["days"][0]
    assert newest["share"] == pytest.approx(0.75)
    assert len(found["uptime"]["days"]) in (2, 3)
    assert found["mosaic"] == [{"reason": "learning", "share": 0.25}]
    assert get(client, f"/cameras/{GATE}")["uptime"] == {"share": None, "days": []}


def test_nobody_knows(client: httpx.Client) -> None:
    for path in ("/cameras/nobody", "/cameras/nobody/history", "/cameras/nobody/proof", "/plans/nobody"):
        get(client, path, 404)
    assert client.get(f"{REGISTER}/cameras/{PIER}/assessments/crowd").status_code == 404


def test_the_sign_is_that_of_the_entry(client: httpx.Client) -> None:
    answer = client.get(f"{REGISTER}/cameras/{PIER}/sign.pdf", params={"size": "sticker"})
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert answer.headers["content-type"] == "application/pdf"


def read_note(note: str) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    """A signed note as docs/api.md says: text, and name, key id, signature of each line."""
    text, _, lines = note.rpartition("\n\n")
    signed = []
    for line in lines.splitlines():
        _, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded)
        signed.append((name, raw[:4], raw[4:]))
    return f"{text}\n".encode(), signed


def test_a_stranger_checks_a_permit_by_the_documented_bytes_alone(city: City, client: httpx.Client) -> None:
    found = get(client, f"/cameras/{PIER}/proof")
    root_text, root_signed = read_note(found["roots"][0]["note"])
    assert sha256(root_text).hexdigest() == city.site.root.hash
    root = json.loads(root_text)
    public = {}
    for key in root["keys"].values():
        name, key_id, encoded = key["vkey"].split("+", 2)
        public[name, bytes.fromhex(key_id)] = (key["role"], base64.b64decode(encoded)[1:])
    text, signed = read_note(found["permit"])
    roles = set()
    for name, key_id, signature in signed:
        role, raw = public[name, key_id]
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, text)
        roles.add(role)
    assert roles == {"operator", "reviewer"}
    founders = set()
    for name, key_id, signature in root_signed:
        role, raw = public[name, key_id]
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, root_text)
        founders.add(role)
    assert founders >= {"operator", "reviewer"}
    act = json.loads(found["entry"])
    assert (act["act"], act["permit"], act["camera"]) == ("permit", sha256(text).hexdigest(), found["act_camera"])
    head, _, checkpoint = found["proof"].partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    index, hashes = int(lines[1].removeprefix("index ")), [base64.b64decode(line) for line in lines[2:]]
    tree, by = read_note(checkpoint)
    _, size, encoded_root = tree.decode().splitlines()
    assert climbed(found["entry"].encode(), index, int(size), hashes) == base64.b64decode(encoded_root)
    seen = set()
    for name, key_id, signature in by:
        role, raw = public[name, key_id]
        message, bare = tree, signature
        if role == "witness":
            message, bare = b"cosignature/v1\ntime %d\n" % int.from_bytes(signature[:8], "big") + tree, signature[8:]
        Ed25519PublicKey.from_public_bytes(raw).verify(bare, message)
        seen.add(role)
    assert seen == {"log", "witness"}


def climbed(entry: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.3.2."""
    fn, sn, found = index, size - 1, sha256(b"\0" + entry).digest()
    for other in hashes:
        if fn & 1 or fn == sn:
            found = sha256(b"\1" + other + found).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = sha256(b"\1" + found + other).digest()
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return found


def test_a_permit_whose_proof_is_not_filed_is_proven_from_the_ledger_itself(tmp_path: Path) -> None:
    city = City(tmp_path)
    for ending in ("entry", "tlog-proof"):
        (city.site.folder / f"{PIER}.permit.{ending}").unlink()
    with asked(city) as client:
        found = get(client, f"/cameras/{PIER}/proof")
        log = [parse_vkey(vkey) for vkey in get(client, "/about")["ledger"]["vkeys"]]
        verify_proof(found["proof"].encode(), found["entry"].encode(), Trust(log))
        # What the darkroom would say of it: the proof has to be among its papers.
        permit = get(client, f"/cameras/{PIER}")["permit"]
        assert not permit["in_force"] and "UNPUBLISHED" in permit["why"] and permit["logged"] is None


def test_numbers_move_with_the_ledger_and_say_when_it_is_false(tmp_path: Path) -> None:
    city = City(tmp_path)
    with asked(city) as client:
        assert get(client, f"/cameras/{GATE}")["numbers"]["looks"] == 0
        for kind in ("look", "look", "export", "unseal"):
            city.look(GATE, kind)
        hour = 490_000
        city.hour(GATE, hour, ("birth", hour - 3, 1), ("death", hour - 3, 0), ("birth", hour, 1))
        city.reconcile(b'{"camera":"%s","finding":"audio","id":"0123456789abcdef"}' % act(city, GATE))
        size = len_of(city)
        caught_up(client, size)
        found = get(client, f"/cameras/{GATE}", fresh=1)
        numbers = found["numbers"]
        assert (numbers["looks"], numbers["exports"], numbers["unsealings"]) == (2, 1, 1)
        assert numbers["complete"] and numbers["size"] == size and numbers["purposes"] == {"crowd-safety": 4}
        assert [(m["looks"], m["exports"]) for m in numbers["months"]] == [(2, 1)]
        assert (found["deletion"]["alive"], found["deletion"]["destroyed"], found["deletion"]["late"]) == (1, 1, 1)
        assert found["deletion"]["overdue"] == 1 and found["deletion"]["worst_s"] > 0
        assert [f["kind"] for f in found["reconciled"]["findings"]] == ["audio"]
        assert get(client, f"/cameras/{PIER}", fresh=2)["reconciled"]["findings"] == []
        # The other camera's page never moved.
        assert get(client, f"/cameras/{PIER}", fresh=3)["numbers"]["looks"] == 0


def act(city: City, name: str) -> bytes:
    return city.permits[name].act_camera().encode()


def len_of(city: City) -> int:
    checkpoint = (city.site.folder / "ledger" / "checkpoint").read_text()
    return int(checkpoint.splitlines()[1])


def test_entries_that_are_not_the_checkpoint_s_are_never_called_complete(tmp_path: Path) -> None:
    city = City(tmp_path)
    city.look(GATE)
    (bundle,) = (city.site.folder / "ledger" / "tile" / "entries").rglob(str(len_of(city)))
    content = bundle.read_bytes()
    assert b'"look"' in content
    at = content.rindex(CASE.encode())
    bundle.write_bytes(content[:at] + b"cb" + content[at + 2 :])
    with asked(city, wait=False) as client:
        soon(lambda: "not read yet" not in get(client, "/about")["ledger"]["trouble"])
        log = get(client, "/about")["ledger"]
        assert not log["proven"] and log["trouble"]
        assert not get(client, f"/cameras/{GATE}")["numbers"]["complete"]


@pytest.mark.parametrize("desk", [True, False], ids=["with a desk", "without a desk"])
def test_a_change_of_the_register_shows_at_once_and_in_the_history(tmp_path: Path, desk: bool) -> None:
    city = City(tmp_path)
    if not desk:  # then nobody in the server keeps the database's log open
        (city.office / "office.toml").unlink()
    with asked(city) as client:
        before = client.get(f"{REGISTER}/cameras/{PIER}")
        with open_book(city.office, lambda: 2_000_000_000.0) as book:
            book.change(PIER, {"name": "Pier three"})
        soon(lambda: client.get(f"{REGISTER}/cameras/{PIER}").json()["camera"]["name"] == "Pier three")
        after = client.get(f"{REGISTER}/cameras/{PIER}")
        assert after.headers["etag"] != before.headers["etag"]
        steps = get(client, f"/cameras/{PIER}/history")
        assert [(v["version"], v["step"]) for v in steps["items"]] == [(2, "edit"), (1, "add")]
