"""Every status of tlog-witness, what is on disk before it answers, and two requests at once."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from tests.unit.ledger.kit import LOG, NOW, ORIGIN, PQ, W1, W2, checkpoint, leaves, signer, static_log

from passerby.ledger import merkle
from passerby.ledger.checkpoint import format_request
from passerby.ledger.errors import Refuted, Unreadable
from passerby.ledger.note import Signer
from passerby.ledger.verify import (
    EMPTY_ROOT,
    Trust,
    leaf_hash,
    parse_note,
    subtree_message,
    verify_note,
    verify_subtree_consistency,
)
from passerby.ledger.witness import SIZE, Answer, Witness, origin_hash
from passerby.ledger.witness_client import ask, ask_all

HASHES = leaves(40)
GET = merkle.of_leaves(HASHES)


class Memory:
    """A slot that counts, and can fail."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.saves = 0
        self.broken = False

    def load(self) -> bytes | None:
        return self.content

    def save(self, content: bytes) -> None:
        if self.broken:
            raise OSError(28, "No space left on device")
        self.content, self.saves = content, self.saves + 1


def witness(memory: Memory | None = None, signers: tuple[Signer, ...] = (W1, PQ)) -> Witness:
    memory = memory or Memory()
    return Witness(signers, {ORIGIN: [LOG.key]}, lambda _hashed: memory, lambda: NOW)


def tree(size: int, signers: tuple[Signer, ...] = (LOG,)) -> bytes:
    return checkpoint(size, merkle.root(size, GET), signers)


def add(to: Witness, old: int, note: bytes, proof: list[bytes]) -> Answer:
    return to.handle("POST", "add-checkpoint", format_request(old, proof, note))


def grow(to: Witness, old: int, new: int) -> Answer:
    return add(to, old, tree(new), merkle.consistency(old, new, GET))


def test_it_cosigns_what_continues() -> None:
    memory = Memory()
    asked = witness(memory)
    for old, new in pairwise([0, 1, 7, 7, 8, 40]):
        answer = grow(asked, old, new)
        assert answer.status == 200
        signed = verify_note(tree(new) + answer.body, [LOG.key, W1.key, PQ.key])[1]
        assert signed == {LOG.key: 0, W1.key: NOW, PQ.key: NOW}
        assert memory.content and verify_note(memory.content, [LOG.key, W1.key, PQ.key])[1] == signed
        latest = asked.handle("GET", f"{origin_hash(ORIGIN)}/checkpoint", b"")
        assert (latest.status, latest.body) == (200, memory.content)
    assert memory.saves == 5


def test_404_unknown_origin() -> None:
    other = signer("example.org/other")
    assert add(witness(), 0, checkpoint(1, HASHES[0], (other,), "example.org/other"), []).status == 404
    assert witness().handle("GET", f"{origin_hash('example.org/other')}/checkpoint", b"").status == 404
    assert witness().handle("GET", f"{origin_hash(ORIGIN)}/checkpoint", b"").status == 404, "nothing cosigned yet"
    assert witness().handle("GET", "nothing", b"").status == 404
    assert witness().handle("GET", "add-checkpoint", b"").status == 405


@pytest.mark.parametrize("by", [(signer("mallory"),), (signer(ORIGIN, salt="another key"),)])
def test_403_not_signed_by_the_log(by: tuple[Signer, ...]) -> None:
    answer = add(witness(), 0, tree(1, by), [])
    assert (answer.status, answer.body) == (403, b"the log did not sign this\n")


def test_403_a_false_signature_of_the_log() -> None:
    text, signatures = parse_note(tree(2))
    false = tree(1).split(b"\n\n")[0].decode() + "\n\n" + tree(2).decode().split("\n\n")[1]
    assert signatures
    assert text
    answer = add(witness(), 0, false.encode(), [])
    assert (answer.status, answer.body) == (403, f"the signature of {ORIGIN} is false\n".encode())


def test_signatures_of_strangers_are_ignored() -> None:
    assert add(witness(), 0, tree(1, (signer("mallory"), LOG)), []).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\nnot a note\n",
        b"old 00\n\n" + tree(1),
        b"old +1\n\n" + tree(1),
        b"old -1\n\n" + tree(1),
        b"size 0\n\n" + tree(1),
        b"old 0\nAAAA\n\n" + tree(1),
        b"old 0\n" + b"A" * 43 + b"=\n" * 1 + b"x\n\n" + tree(1),
        format_request(0, [bytes(32)] * 64, tree(1)),
        b"old 0\n\n" + tree(1)[:-1],
        b"old 0\n\n" + tree(1).replace(b"\n1\n", b"\n01\n"),
        format_request(2, [], tree(1)),
        b"old 0\n\n" + tree(1) + b"x" * (1 << 21),
    ],
)
def test_400_malformed(body: bytes) -> None:
    memory = Memory()
    assert witness(memory).handle("POST", "add-checkpoint", body).status == 400
    assert memory.content is None


def test_409_says_the_size_it_has() -> None:
    asked = witness()
    grow(asked, 0, 7)
    for old in (0, 3, 8):
        answer = add(asked, old, tree(9), [])
        assert (answer.status, answer.body, answer.kind) == (409, b"7\n", SIZE)


def test_422_every_inconsistency() -> None:
    asked = witness()
    assert add(asked, 0, checkpoint(0, bytes(32)), []).status == 422, "an empty tree with a false root"
    assert add(asked, 0, tree(3), [bytes(32)]).status == 422, "a proof from nothing"
    assert add(asked, 0, tree(0), []).status == 200
    assert grow(asked, 0, 7).status == 200
    proof = merkle.consistency(7, 9, GET)
    assert add(asked, 7, tree(9), proof[:-1]).status == 422
    assert add(asked, 7, tree(9), [*proof, bytes(32)]).status == 422
    assert add(asked, 7, checkpoint(9, bytes(32)), proof).status == 422
    assert add(asked, 7, checkpoint(7, bytes(32)), []).status == 422, "the same size with another root"
    other = merkle.of_leaves(leaves(9, "other"))
    assert add(asked, 7, checkpoint(9, merkle.root(9, other)), merkle.consistency(7, 9, other)).status == 422
    assert grow(asked, 7, 9).status == 200, "and after all that it goes on"
    assert EMPTY_ROOT


def test_it_is_on_disk_before_it_answers() -> None:
    memory = Memory()
    asked = witness(memory)
    memory.broken = True
    with pytest.raises(OSError, match=r"No space"):
        grow(asked, 0, 3)
    memory.broken = False
    assert grow(asked, 0, 5).status == 200, "nothing was signed, so nothing binds it"
    assert grow(witness(memory), 5, 6).status == 200, "a new process remembers"
    assert add(witness(memory), 0, tree(9), []).status == 409


def test_damaged_memory_is_not_forgotten() -> None:
    memory = Memory()
    grow(witness(memory), 0, 5)
    assert memory.content
    for damaged in (b"", memory.content[:-9], memory.content.replace(b"\n5\n", b"\n4\n"), tree(3)):
        memory.content = damaged
        assert grow(witness(memory), 0, 9).status == 500


def test_two_requests_at_once_do_not_roll_back() -> None:
    """The race of tlog-witness: both are checked against the same size, the smaller is stored last."""
    memory = Memory()
    asked = witness(memory)
    grow(asked, 0, 4)
    answers: list[tuple[int, Answer]] = []
    start = threading.Barrier(16)

    def send(new: int) -> None:
        start.wait()
        answers.append((new, grow(asked, 4, new)))

    threads = [threading.Thread(target=send, args=(5 + n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    signed = [new for new, answer in answers if answer.status == 200]
    assert len(signed) == 1
    assert all(answer.body == f"{signed[0]}\n".encode() for _, answer in answers if answer.status == 409)
    assert Trust([LOG.key]).check(memory.content or b"")[0].size == signed[0]


def test_sign_subtree() -> None:
    asked = witness()
    note = tree(14) + grow(asked, 0, 14).body
    start, end = 8, 13
    inner = merkle.root(end - start, merkle.of_leaves(HASHES[start:end]))
    proof = merkle.subtree(start, end, 14, GET)
    verify_subtree_consistency(start, end, 14, inner, merkle.root(14, GET), proof)

    def request(first: str, hashes: list[bytes], note: bytes = note) -> Answer:
        body = format_request(0, hashes, note).decode().replace("old 0", first, 1)
        return asked.handle("POST", "sign-subtree", body.encode())

    answer = request("subtree 8 13", [inner, *proof])
    assert answer.status == 200
    ((name, key_id, signature),) = parse_note(b"x\n\n" + answer.body)[1]
    assert (name, key_id, signature[:8]) == (PQ.name, PQ.key.id, bytes(8))
    PQ.key.verify_bare(subtree_message(PQ.name, 0, ORIGIN, 8, 13, inner), signature[8:])
    assert request("subtree 8 13", [inner, *proof[:-1]]).status == 422
    assert request("subtree 8 13", [bytes(32), *proof]).status == 422
    assert request("subtree 8 15", [inner, *proof]).status == 400
    assert request("subtree 9 13", [inner, *proof]).status == 400
    assert request("subtree 13 13", [inner, *proof]).status == 400
    assert request("subtree 08 13", [inner, *proof]).status == 400
    assert request("subtree 8", [inner, *proof]).status == 400
    assert request("subtree 8 13", []).status == 400
    assert request("subtree 8 13", [inner, *proof], tree(14)).status == 403
    other = signer("example.org/other")
    elsewhere = checkpoint(14, merkle.root(14, GET), (other,), "example.org/other")
    assert request("subtree 8 13", [inner, *proof], elsewhere).status == 404
    false = note.replace(b"\n14\n", b"\n15\n")
    assert request("subtree 8 13", [inner, *proof], false).status == 403
    assert witness(signers=(W1,)).handle("POST", "sign-subtree", b"").status == 400


def test_a_witness_without_ml_dsa_signs_no_subtrees() -> None:
    asked = witness(signers=(W1,))
    note = tree(2) + grow(asked, 0, 2).body
    body = format_request(0, [HASHES[0], HASHES[1]], note).replace(b"old 0", b"subtree 0 1", 1)
    assert asked.handle("POST", "sign-subtree", body).status == 404


ENTRIES = [str(n).encode() for n in range(40)]


def poster(asked: Witness, spoil: bytes = b""):  # type: ignore[no-untyped-def]
    def post(url: str, body: bytes) -> tuple[int, str, bytes]:
        answer = asked.handle("POST", url.rsplit("/", 1)[1], body)
        return answer.status, answer.kind, spoil or answer.body

    return post


def test_a_client_catches_up_and_keeps_what_is_signed() -> None:
    asked = witness(signers=(W1,))
    grow(asked, 0, 7)
    found = static_log(ENTRIES)
    assert [leaf_hash(e) for e in ENTRIES] == HASHES
    line = ask(found["checkpoint"], found.get, W1.key, "http://w/", poster(asked))
    assert verify_note(found["checkpoint"] + line.encode(), [W1.key])[1] == {W1.key: NOW}
    all_of_them = {W1.key: "http://w", W2.key: "http://w"}
    result = ask_all(found["checkpoint"], found.get, all_of_them, poster(asked))
    assert result.lines == [line]
    assert list(result.failed) == [W2.key]
    assert "without a signature by the key that is known" in result.failed[W2.key]


def test_a_client_understands_refusals() -> None:
    asked = witness(signers=(W1,))
    grow(asked, 0, 30)
    short = static_log(ENTRIES[:20])
    with pytest.raises(Refuted, match=r"rolled back: .* has seen 30 entries, this log has 20"):
        ask(short["checkpoint"], short.get, W1.key, "http://w", poster(asked))
    other = static_log([b"other", *ENTRIES[1:]])
    with pytest.raises(Refuted, match=r"answered 422"):
        ask(other["checkpoint"], other.get, W1.key, "http://w", poster(asked))
    with pytest.raises(Unreadable, match=r"answered 404"):
        stranger = static_log(ENTRIES, (signer("example.org/x"),), "example.org/x")
        ask(stranger["checkpoint"], stranger.get, W1.key, "http://w", poster(asked))
    found = static_log(ENTRIES)
    with pytest.raises(Unreadable, match=r"names a new size each time"):
        ask(found["checkpoint"], found.get, W1.key, "http://w", lambda _u, _b: (409, SIZE, b"3\n"))
    with pytest.raises(Unreadable, match=r"not a plain decimal"):
        ask(found["checkpoint"], found.get, W1.key, "http://w", lambda _u, _b: (409, SIZE, b"03\n"))
    with pytest.raises(Refuted, match=r"is false"):
        false = W1.sign("another\n", NOW).encode()
        ask(found["checkpoint"], found.get, W1.key, "http://w", lambda _u, _b: (200, "", false))
