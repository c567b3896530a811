"""Logs, keys and witnesses for tests: real signatures, fixed seeds, a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.unit.ledger.disk_model import ModelDisk

from passerby.ledger import checkpoint as write
from passerby.ledger import merkle
from passerby.ledger.log import Log
from passerby.ledger.note import Signer, sign_note
from passerby.ledger.ports import Ports
from passerby.ledger.tiles import Edge
from passerby.ledger.verify import COSIGN_ED25519, COSIGN_MLDSA44, ED25519, Reader, leaf_hash
from passerby.store.ledger.disk import Disk
from passerby.store.ledger.folder import Folder, OneFile
from passerby.store.ledger.journal import FileJournal, FileRows

NOW = 1_790_000_000
ORIGIN = "example.org/log"


def seed(text: str) -> bytes:
    return sha256(text.encode()).digest()


def signer(name: str = ORIGIN, kind: int = ED25519, salt: str = "") -> Signer:
    return Signer(name, kind, seed(name + salt))


LOG = signer()
W1, W2, W3 = (signer(f"witness.example/{n}", COSIGN_ED25519) for n in (1, 2, 3))
PQ = signer("witness.example/pq", COSIGN_MLDSA44)


class OpenLock:
    """A lock that counts."""

    def __init__(self) -> None:
        self.held = 0

    def acquire(self) -> None:
        self.held += 1

    def release(self) -> None:
        self.held -= 1


def ports(disk: Disk, now: int = NOW) -> Ports:
    """A writer's world under `/d` of a model disk, or wherever a real one is."""
    return ports_at(disk, Path("/d/log"), Path("/d/log"), now)


def ports_at(disk: Disk, folder: Path, stem: Path, now: int = NOW) -> Ports:
    return Ports(
        Folder(folder, disk),
        FileJournal(stem.with_suffix(".journal"), disk, lambda count: b"s" * count),
        OneFile(stem.with_suffix(".state"), disk),
        FileRows(stem.with_suffix(".seen"), disk),
        OpenLock(),
        lambda: now,
    )


def new_log(disk: Disk | None = None, signers: Sequence[Signer] = (LOG,)) -> Log:
    disk = disk or ModelDisk()
    Log.create(signers, ORIGIN, ports(disk))
    return Log(signers, ports(disk))


def files(disk: ModelDisk) -> dict[str, bytes]:
    """The public files of the log on a model disk."""
    root = Path("/d/log")
    return {str(p.relative_to(root)): bytes(n.now) for p, n in disk.names.items() if root in p.parents}


def static_log(entries: Sequence[bytes], signers: Sequence[Signer] = (LOG,), origin: str = ORIGIN) -> dict[str, bytes]:
    """The public files of a log with these entries, made at once."""
    edge, found = Edge(), {}
    for entry in entries:
        found |= dict(edge.add(entry))
    found |= dict(edge.partial())
    return found | {"checkpoint": sign_note(write.body(origin, edge.size, edge.root()), signers, NOW)}


def reader(found: dict[str, bytes]) -> Reader:
    return found.get


def checkpoint(size: int, root: bytes, signers: Sequence[Signer] = (LOG,), origin: str = ORIGIN) -> bytes:
    return sign_note(write.body(origin, size, root), signers, NOW)


def leaves(count: int, prefix: str = "") -> list[bytes]:
    return [leaf_hash(f"{prefix}{n}".encode()) for n in range(count)]


def root_of(entries: Sequence[bytes]) -> bytes:
    return merkle.root_of_entries(entries)
