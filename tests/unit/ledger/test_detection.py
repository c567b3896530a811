"""Each way to cheat is detected, and named in the right words."""

from __future__ import annotations

import pytest
from tests.unit.ledger.kit import LOG, NOW, ORIGIN, W1, W2, W3, checkpoint, signer, static_log
from tests.unit.ledger.test_witness import Memory

from passerby.ledger import merkle
from passerby.ledger.errors import Forked, Refuted, Unreadable, exit_code
from passerby.ledger.follow import Monitor
from passerby.ledger.mirror import Mirror
from passerby.ledger.note import add_signatures, format_vkey
from passerby.ledger.policy import Witness, compose
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import (
    COSIGN_ED25519,
    Key,
    Trust,
    leaf_hash,
    parse_policy,
    verify_fork,
    verify_log,
)

ENTRIES = [f"entry {n}".encode() for n in range(600)]
TRUST = Trust([LOG.key])
TWO_OF_THREE = parse_policy(
    compose(
        [LOG.key],
        [Witness("one", W1.key), Witness("two", W2.key), Witness("three", W3.key)],
        {"two-of-three": (2, ["one", "two", "three"])},
        "two-of-three",
    )
)


class Files:
    """`Objects` in memory."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}
        self.get = self.found.get

    def put(self, files) -> None:  # type: ignore[no-untyped-def]
        self.found.update(files)

    def remove(self, folders) -> None:  # type: ignore[no-untyped-def]
        raise AssertionError


def cosigned(note: bytes, *witnesses, when: int = NOW) -> bytes:  # type: ignore[no-untyped-def]
    text = note.decode().split("\n\n")[0] + "\n"
    return add_signatures(note, [w.sign(text, when) for w in witnesses])


def test_rolled_back() -> None:
    memory = Memory()
    Monitor(static_log(ENTRIES).get, TRUST, memory).look()
    with pytest.raises(Refuted, match=r"rolled back: the log shows 500 entries, but has signed 600 before") as found:
        Monitor(static_log(ENTRIES[:500]).get, TRUST, memory).look()
    assert exit_code(found.value) == 1
    assert memory.saves == 1, "it remembers the larger"


@pytest.mark.parametrize(("seen", "shown"), [(600, 600), (500, 600), (257, 600), (1, 2), (256, 512)])
def test_forked_and_anybody_can_check_the_evidence(seen: int, shown: int) -> None:
    memory = Memory()
    other = [b"secretly another", *ENTRIES[1:]]
    Monitor(static_log(ENTRIES[:seen]).get, TRUST, memory).look()
    with pytest.raises(Forked, match=r"forked: the log signed two histories") as found:
        Monitor(static_log(other[:shown]).get, TRUST, memory).look()
    told = verify_fork(found.value.evidence, [LOG.key])
    assert told[-1].endswith("these are two histories")
    assert verify_fork(found.value.evidence) == told
    with pytest.raises(Refuted, match=r"not signed by the log's key"):
        verify_fork(found.value.evidence, [signer("example.org/innocent").key])


def test_an_honest_log_can_not_be_framed() -> None:
    """Evidence against a log that did nothing wrong: made of real notes, false proofs, or notes by others."""
    import json

    from passerby.ledger.checkpoint import format_evidence

    log = static_log(ENTRIES)
    small, large = static_log(ENTRIES[:300])["checkpoint"], log["checkpoint"]
    hashes = StoredHashes(log.get, 600)
    prefix = merkle.root(300, hashes)
    proof = merkle.consistency(300, 600, hashes)
    cases = [
        (format_evidence([LOG.key], small, large, prefix, proof), "shows no fork"),
        (format_evidence([LOG.key], small, large, bytes(32), proof), "another root"),
        (format_evidence([LOG.key], small, large, bytes(32), []), "too short"),
        (format_evidence([LOG.key], large, large, merkle.root(600, hashes), []), "shows no fork"),
        (format_evidence([LOG.key], large, small, prefix, []), "can't begin with"),
        (format_evidence([LOG.key], small, checkpoint(600, bytes(32), (signer("m"),)), prefix, proof), "not signed"),
    ]
    for evidence, words in cases:
        with pytest.raises(Refuted, match=words):
            verify_fork(evidence, [LOG.key])
    two = signer("example.org/two")
    both = format_evidence(
        [LOG.key, two.key], small, checkpoint(600, bytes(32), (two,), "example.org/two"), bytes(32), []
    )
    with pytest.raises(Refuted, match=r"about two logs"):
        verify_fork(both, [LOG.key, two.key])
    good = json.loads(cases[0][0])
    for broken in (b"", b"[]", b"{}", b"[" * 9999, json.dumps(good | {"first": 3}).encode(), b'{"vkeys":[3]}',
                   json.dumps(good | {"format": 0}).encode(), json.dumps(good | {"proof": 0}).encode()):  # fmt: skip
        with pytest.raises(Unreadable):
            verify_fork(broken)


@pytest.mark.parametrize("gone", ["tile/entries/001", "tile/0/001", "tile/entries/002.p/88", "tile/1/000.p/2"])
def test_truncated(gone: str) -> None:
    log = static_log(ENTRIES)
    del log[gone]
    with pytest.raises(Unreadable, match=f"{gone} is missing: the log is truncated, or was pruned") as found:
        verify_log(log.get, TRUST)
    assert exit_code(found.value) == 3


@pytest.mark.parametrize("at", [0, 255, 256, 511, 512, 599])
def test_entry_swapped(at: int) -> None:
    log = static_log(ENTRIES)
    changed = [b"another" if n == at else e for n, e in enumerate(ENTRIES)]
    false = static_log(changed)
    for path in log:
        if path.startswith("tile/entries"):
            log[path] = false[path]
    with pytest.raises(Refuted, match=r"is not the hashes of what it covers"):
        verify_log(log.get, TRUST)
    with pytest.raises(Refuted, match=r"an entry was swapped: bundle"):
        Mirror(log.get, Files(), TRUST).update()
    for path in log:  # and with tiles to match
        if path.startswith("tile/"):
            log[path] = false[path]
    with pytest.raises(Refuted, match=r"the entries are not those that the checkpoint's root stands for"):
        verify_log(log.get, TRUST)
    with pytest.raises(Refuted, match=r"an entry was swapped: bundle"):
        Mirror(log.get, Files(), TRUST).update()


def test_wrong_key_cosignature() -> None:
    note = static_log(ENTRIES)["checkpoint"]
    impostor = signer(W2.name, COSIGN_ED25519, salt="impostor")
    with pytest.raises(Refuted, match=r"the witness quorum is not reached: 1 of 3 cosigned"):
        Trust(policy=TWO_OF_THREE, now=NOW).check(cosigned(note, W1, impostor))
    text = note.decode().split("\n\n")[0] + "\n"
    forged = impostor.sign(text, NOW).encode()
    as_if = Key(W2.name, COSIGN_ED25519, W2.key.public)
    import base64

    raw = base64.b64decode(forged.split()[-1])
    line = f"\N{EM DASH} {W2.name} {base64.b64encode(as_if.id + raw[4:]).decode()}\n"
    with pytest.raises(Refuted, match=r"the signature of witness.example/2 is false"):
        Trust(policy=TWO_OF_THREE, now=NOW).check(cosigned(note, W1) + line.encode())


def test_one_witness_under_two_names() -> None:
    double = f"log {format_vkey(LOG.key)}\nwitness a {format_vkey(W1.key)}\n"
    other_name = Key("witness.example/other", COSIGN_ED25519, W1.key.public)
    double += f"witness b {format_vkey(other_name)}\ngroup g 2 a b\nquorum g\n"
    with pytest.raises(Unreadable, match=r"line 3 of the policy repeats a key: one key has one vote, under one name"):
        parse_policy(double.encode())
    twin = signer("witness.example/twin", COSIGN_ED25519)
    same = type(twin)("witness.example/twin", COSIGN_ED25519, W1.seed)
    note = static_log(ENTRIES)["checkpoint"]
    with pytest.raises(Refuted, match=r"the witness quorum is not reached: 1 of 3 cosigned"):
        Trust(policy=TWO_OF_THREE, now=NOW).check(cosigned(note, W1, same))
    assert not TWO_OF_THREE.satisfied([W1.key, same.key])


def test_stale_witness() -> None:
    note = static_log(ENTRIES)["checkpoint"]
    old = add_signatures(cosigned(note, W1), [W2.sign(note.decode().split("\n\n")[0] + "\n", NOW - 90_000)])
    Trust(policy=TWO_OF_THREE, now=NOW).check(old)
    Trust(policy=TWO_OF_THREE, now=NOW, max_age=90_000).check(old)
    with pytest.raises(Refuted, match=r"1 of 3 .*witness.example/2 is a stale witness: it cosigned 25 hours ago"):
        Trust(policy=TWO_OF_THREE, now=NOW, max_age=89_999).check(old)


def test_a_cosignature_from_the_future() -> None:
    note = static_log(ENTRIES)["checkpoint"]
    Trust(policy=TWO_OF_THREE, now=NOW).check(cosigned(note, W1, W2, when=NOW + 300))
    with pytest.raises(Refuted, match=r"0 of 3 cosigned; .*cosigned in the future: its clock or ours is wrong"):
        Trust(policy=TWO_OF_THREE, now=NOW).check(cosigned(note, W1, W2, when=NOW + 301))
    Trust(policy=TWO_OF_THREE).check(cosigned(note, W1, W2, when=NOW + 10**9))


def test_split_view() -> None:
    """Two victims see two histories; each is whole in itself. Their monitors' memories together prove it."""
    left, right = static_log(ENTRIES), static_log([*ENTRIES[:-1], b"what only the minister sees"])
    verify_log(left.get, TRUST)
    verify_log(right.get, TRUST)
    memory = Memory()
    Monitor(left.get, TRUST, memory).look()
    with pytest.raises(Forked) as found:
        Monitor(right.get, TRUST, memory).look()
    assert verify_fork(found.value.evidence, [LOG.key])


def test_tiles_that_are_not_the_checkpoints_prove_nothing_against_it() -> None:
    memory = Memory()
    Monitor(static_log(ENTRIES[:300]).get, TRUST, memory).look()
    log = static_log(ENTRIES)
    garbled = log | {"tile/0/001": bytes(8192)}
    with pytest.raises(Unreadable, match=r"the log's tiles are not those of its checkpoint"):
        Monitor(garbled.get, TRUST, memory).look()
    with pytest.raises(Unreadable, match=r"is cut"):
        Monitor((log | {"tile/0/001": bytes(32)}).get, TRUST, memory).look()
    with pytest.raises(Unreadable, match=r"shows no checkpoint"):
        Monitor({}.get, TRUST, memory).look()
    told = Monitor(log.get, TRUST, memory).look()
    assert told[-1] == "it continues the tree of 300 entries seen before"


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_a_mirror_holds_all_and_goes_on(size: int) -> None:
    held = Files()
    Mirror(static_log(ENTRIES[:size]).get, held, TRUST).update()
    found: list[bytes] = []
    verify_log(held.get, TRUST, lambda _, entry: found.append(entry))
    assert found == ENTRIES[:size]
    told = Mirror(static_log(ENTRIES).get, held, TRUST).update()
    assert told[-1] == f"600 entries are held here, {600 - size} of them new"
    verify_log(held.get, TRUST)
    assert Mirror(static_log(ENTRIES).get, held, TRUST).update()[-1] == "600 entries are held here, 0 of them new"


def test_a_mirror_goes_on_after_any_cut() -> None:
    source, held = static_log(ENTRIES), Files()
    Mirror(static_log(ENTRIES[:100]).get, held, TRUST).update()
    fetches = 0

    def cut_after(limit: int):  # type: ignore[no-untyped-def]
        left = limit

        def read(path: str) -> bytes | None:
            nonlocal left, fetches
            left -= 1
            fetches += 1
            if left < 0:
                raise Unreadable("the line was cut")
            return source.get(path)

        return read

    for limit in range(40):
        try:
            Mirror(cut_after(limit), held, TRUST).update()
        except Unreadable as error:
            assert "cut" in str(error)
            if limit % 3 == 0:
                verify_log(held.get, TRUST)  # what its checkpoint covers is always whole
        else:
            break
    else:
        raise AssertionError("it never came to an end")
    verify_log(held.get, TRUST)
    assert fetches > 10


def test_a_mirror_that_has_rotted_is_fetched_again() -> None:
    good = static_log(ENTRIES)
    for rotten in (good["tile/entries/000"].replace(b"entry 7", b"entry 8"), good["tile/entries/000"][:-1], b""):
        held = Files()
        held.found["tile/entries/000"] = rotten
        Mirror(good.get, held, TRUST).update()
        verify_log(held.get, TRUST)


def test_a_mirror_keeps_no_fork() -> None:
    held = Files()
    Mirror(static_log(ENTRIES).get, held, TRUST).update()
    before = dict(held.found)
    with pytest.raises(Forked):
        Mirror(static_log([b"other", *ENTRIES]).get, held, TRUST).update()
    assert held.found == before
    with pytest.raises(Refuted, match=r"rolled back"):
        Mirror(static_log(ENTRIES[:5]).get, held, TRUST).update()
    assert leaf_hash(ENTRIES[0]) == held.found["tile/0/000"][:32]
    assert ORIGIN
