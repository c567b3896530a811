"""Power lost at every operation of a freeze and its successor, of a witness, and of a mirror."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from tests.unit.ledger.disk_model import ModelDisk, PowerLoss
from tests.unit.ledger.kit import LOG, ORIGIN, ports, ports_at, reader, signer, static_log
from tests.unit.ledger.test_witness import GET, W1, add, checkpoint, grow

from passerby.ledger import merkle
from passerby.ledger.checkpoint import unverified
from passerby.ledger.errors import Misuse, Unsafe
from passerby.ledger.log import Log
from passerby.ledger.mirror import Mirror
from passerby.ledger.succession import continue_entry, freeze_entry, verify_succession
from passerby.ledger.verify import Checkpoint, Trust, verify_log
from passerby.ledger.witness import Witness
from passerby.store.ledger.folder import Folder, OneFile

NEXT = signer("example.org/next")
FREEZE = freeze_entry([NEXT.key])
TRUST = Trust([LOG.key])
SEEDS = range(3)
NEW, OLD = Path("/d/next"), Path("/d/log")


def opened(disk: ModelDisk, by, origin: str, where: Path) -> Log:  # type: ignore[no-untyped-def]
    """The log, begun where it is not there."""
    try:
        return Log([by], ports_at(disk, where, where))
    except Unsafe as error:
        if "state is missing" not in str(error):
            raise
    Log.create([by], origin, ports_at(disk, where, where))
    return Log([by], ports_at(disk, where, where))


def close_and_follow(disk: ModelDisk, closed: list[int]) -> tuple[Checkpoint, Checkpoint]:
    """Append, freeze, begin the successor; each step again where it was cut. `closed`: told once it is promised."""
    disk.make_folder(NEW)
    old = opened(disk, LOG, ORIGIN, OLD)
    try:
        old.append_many([(b"a", b"a"), (b"b", b"b")])
        assert not closed, "a closed log took more"
        closed += old.append_many([(FREEZE, b"freeze")], last=True)
    except Misuse as error:
        assert "the log is frozen" in str(error)
    assert old.find(b"freeze") == 2
    with pytest.raises(Misuse, match=r"the log is frozen"):
        old.append(b"one more")
    old.close()
    new = opened(disk, NEXT, NEXT.name, NEW)
    assert new.append(continue_entry([LOG.key], old.published), b"first") == 0
    new.close()
    return old.published, new.published


def begun() -> ModelDisk:
    disk = ModelDisk()
    disk.folders.add(NEW)
    disk.safe_folders.add(NEW)
    return disk


@pytest.mark.parametrize("seed", SEEDS)
def test_a_freeze_and_its_successor(seed: int) -> None:
    whole = begun()
    close_and_follow(whole, [])
    for at in range(1, whole.operations + 1):
        disk, closed = begun(), list[int]()
        disk.fail_at = at
        with pytest.raises(PowerLoss):
            close_and_follow(disk, closed)
        after = disk.after_power_loss(seed)
        final, follows = close_and_follow(after, closed)
        entries: list[bytes] = []
        files = {str(p.relative_to(OLD)): bytes(n.now) for p, n in after.names.items() if OLD in p.parents}
        verify_log(reader(files), TRUST, lambda _, entry, entries=entries: entries.append(entry))
        assert entries == [b"a", b"b", FREEZE]
        first = continue_entry([LOG.key], final)
        told = verify_succession((final, [LOG.key], FREEZE), (follows, [NEXT.key], first))
        assert told[0].endswith("was closed after 3 entries")


def witness_at(disk: ModelDisk) -> Witness:
    return Witness((W1,), {ORIGIN: [LOG.key]}, lambda _: OneFile(Path("/d/witness"), disk), lambda: 1)


def remembered(disk: ModelDisk) -> int:
    return unverified(raw).size if (raw := OneFile(Path("/d/witness"), disk).load()) else 0


@pytest.mark.parametrize("killed", [False, True], ids=["power", "killed, then power"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_witness_never_forgets_what_it_answered(seed: int, killed: bool) -> None:
    sizes = [0, 1, 7, 40]
    for at in range(1, 4 * len(sizes)):
        disk, answered = ModelDisk(fail_at=at), 0
        with pytest.raises(PowerLoss):
            for old, new in pairwise(sizes):
                assert grow(witness_at(disk), old, new).status == 200
                answered = new
            raise PowerLoss  # all was answered
        if killed:
            disk.fail_at = 0
            seen = remembered(disk)
            answer = grow(witness_at(disk), seen, 40)
            answered = 40 if answer.status == 200 else answered
        after = disk.after_power_loss(seed)
        kept = remembered(after)
        assert kept >= answered, "what was cosigned is forgotten"
        for old in sizes if kept else []:
            fork = checkpoint(40, bytes(32), (LOG,))
            status = add(witness_at(after), old, fork, merkle.consistency(old, 40, GET)).status
            assert status in (409, 422), "a second history was cosigned"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mirror_shows_only_what_it_holds(seed: int) -> None:
    entries = [b"entry %d" % number for number in range(600)]
    stages = [static_log(entries[:size]) for size in (300, 600)]

    def run(disk: ModelDisk) -> None:
        for stage in stages:
            if (held := files(disk).get("checkpoint")) is None or unverified(held).size <= unverified(
                stage["checkpoint"]
            ).size:
                Mirror(stage.get, Folder(OLD, disk), TRUST).update()

    def files(disk: ModelDisk) -> dict[str, bytes]:
        return {str(p.relative_to(OLD)): bytes(n.now) for p, n in disk.names.items() if OLD in p.parents}

    whole = ModelDisk()
    run(whole)
    for at in range(1, whole.operations + 1):
        disk = ModelDisk(fail_at=at)
        with pytest.raises(PowerLoss):
            run(disk)
        before = files(disk).get("checkpoint")
        after = disk.after_power_loss(seed)
        if "checkpoint" in files(after):
            verify_log(files(after).get, TRUST)
        else:
            assert before is None or disk.safe_names.get(OLD / "checkpoint") is None
        run(after)
        found: list[bytes] = []
        verify_log(files(after).get, TRUST, lambda _, entry, found=found: found.append(entry))
        assert found == entries


def test_the_matrix_reaches_a_frozen_log_that_was_not_yet_shown() -> None:
    """The log is frozen as soon as its last entry is acknowledged, published or not."""
    disk = begun()
    log = opened(disk, LOG, ORIGIN, OLD)
    log.append_many([(FREEZE, b"freeze")], last=True)
    log.abandon()
    again = Log([LOG], ports(disk.after_power_loss(0)))
    with pytest.raises(Misuse, match=r"the log is frozen"):
        again.append(b"one more")
    again.abandon()
