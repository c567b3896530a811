"""`python -m tests.fuzz.seeds`: write the first seeds of every corpus, from our own generators alone."""

from __future__ import annotations

from pathlib import Path

from tests.unit.ledger.kit import LOG, NOW, ORIGIN, PQ, W1, W2, W3, leaves, static_log

from passerby.ledger import checkpoint, merkle
from passerby.ledger.note import format_vkey, sign_note
from passerby.ledger.policy import Witness, compose
from passerby.ledger.tiles import join_bundle
from passerby.ledger.verify import EMPTY_ROOT

CORPUS = Path(__file__).with_name("corpus")


def seeds() -> dict[str, list[bytes]]:
    """The seeds of every target."""
    hashes = leaves(40)
    get = merkle.of_leaves(hashes)
    bodies = [checkpoint.body(ORIGIN, size, merkle.root(size, get)) for size in (0, 1, 40)]
    notes = [sign_note(text, signers, NOW) for text in bodies for signers in ((LOG,), (LOG, W1, W2))]
    signed = static_log([b"entry %d" % n for n in range(7)])["checkpoint"]
    three = [Witness("one", W1.key), Witness("two", W2.key, "https://two.example"), Witness("pq", PQ.key)]
    groups = {"inner": (1, ("one", "two")), "outer": (2, ("inner", "pq"))}
    return {
        "note": [*notes, b"\n\n", sign_note("not a checkpoint\n", [W3], NOW)],
        "checkpoint": [*(b.encode() for b in bodies), (bodies[1] + "more\n").encode(), b"x\n0\n" + EMPTY_ROOT[:3]],
        "tile": [bytes([n % 256]) + join_bundle([b"entry %d" % i for i in range(n)]) for n in (0, 1, 3, 255, 256)],
        "proof_file": [
            checkpoint.format_proof(3, merkle.inclusion(3, 7, get), signed),
            checkpoint.format_proof(0, [], signed, b"extra"),
        ],
        "proof": [
            b"".join(n.to_bytes(8, "big") for n in numbers) + bytes([5])
            for numbers in ((3, 7, 39), (0, 0, 1), (8, 16, 31), (1 << 63, 1 << 40, (1 << 62) + 12345))
        ],
        "policy": [
            compose([LOG.key]),
            compose([LOG.key], three, groups, "outer"),
            compose([LOG.key], three[:1], {}, "one"),
            b"# nothing\nlog " + format_vkey(LOG.key).encode() + b"\n\nquorum none\n",
        ],
    }


def main() -> None:
    """Write them."""
    for target, found in seeds().items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(found):
            (folder / f"seed-{number}").write_bytes(seed)


if __name__ == "__main__":
    main()
