"""How long the gate takes for one permit, and how long one station takes to renew a thousand.

    python -m bench.gate [--cameras 1000]

A renewal is: draw up, sign by operator and reviewer, log, prove, judge. All signatures are real; the log is in memory.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from functools import cache
from statistics import median

from bench.machine import processor
from tests.unit.charter.world import ACTOR, T0, World, permit, signed, signer

from passerby.charter.facts import Evidence
from passerby.charter.gate import Lawful, judge
from passerby.charter.proofs import Logged
from passerby.charter.root import DAY
from passerby.ledger import merkle
from passerby.ledger.checkpoint import body, format_proof
from passerby.ledger.note import sign_note
from passerby.ledger.schema import format_act
from passerby.ledger.verify import leaf_hash, node_hash


def one_check(times: int) -> list[float]:
    parts = World().parts()
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        assert isinstance(judge(*parts), Lawful)
        found.append((time.perf_counter() - begun) * 1000)
    return sorted(found)


def renewal(cameras: int) -> tuple[float, float]:
    """Seconds to sign and log, and to judge."""
    asked, _, site, evidence, clock = World().parts()
    begun = time.perf_counter()
    permits = [permit(camera=f"gate-{n}") for n in range(cameras)]
    notes = [signed(p.text(), "op1", "rev1") for p in permits]
    entries = [
        format_act({"v": 1, "actor": ACTOR, "seq": n, "time": T0, "logged": T0, "camera": p.act_camera(), **act})
        for n, p in enumerate(permits)
        for act in (
            {"act": "register", "content": p.capture},
            {"act": "permit", "permit": p.hash, "purpose": p.purpose},
        )
    ]
    below = merkle.of_leaves([leaf_hash(entry) for entry in entries])

    @cache
    def leaves(level: int, index: int) -> bytes:
        """As a log's tiles do: no node is hashed twice."""
        return node_hash(leaves(level - 1, 2 * index), leaves(level - 1, 2 * index + 1)) if level else below(0, index)

    text = body(signer("log").name, len(entries), merkle.root(len(entries), leaves))
    checkpoint = sign_note(text, [signer(name) for name in ("log", "w1", "w2")], T0 + 11 * DAY)
    proofs = [format_proof(n, merkle.inclusion(n, len(entries), leaves), checkpoint) for n in range(len(entries))]
    logged = [Logged(entry, proof) for entry, proof in zip(entries, proofs, strict=True)]
    made = time.perf_counter()
    for n, (held, note) in enumerate(zip(permits, notes, strict=True)):
        shown = Evidence(evidence.checkpoint, logged[2 * n + 1], logged[2 * n])
        answer = judge(replace(asked, camera=held.camera), note, site, shown, clock)
        assert isinstance(answer, Lawful), answer
    return made - begun, time.perf_counter() - made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cameras", type=int, default=1000)
    cameras = parser.parse_args().cameras
    checks = one_check(300)
    sys.stdout.write(f"{processor()}\none check: median {median(checks):.2f} ms, slowest of 300 {checks[-1]:.2f} ms\n")
    made, judged = renewal(cameras)
    sys.stdout.write(f"{cameras} permits: signed, logged and proven in {made:.1f} s, judged in {judged:.1f} s\n")


if __name__ == "__main__":
    main()
