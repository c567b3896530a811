"""Where a log's private files lie: beside its key, never inside the public folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from passerby.ledger.errors import Misuse
from passerby.ledger.log import Log
from passerby.ledger.note import Randomness, Signer, format_vkey, new_signer, parse_secret
from passerby.ledger.ports import Clock, Objects, Ports
from passerby.ledger.recovery import CHECKPOINT
from passerby.ledger.verify import COSIGN_MLDSA44, ED25519
from passerby.store.ledger.bucket import open_bucket
from passerby.store.ledger.disk import PRIVATE, Disk
from passerby.store.ledger.folder import Folder, OneFile
from passerby.store.ledger.journal import FileJournal, FileRows

VKEY = "log.vkey"
BUCKET = ".bucket"


@dataclass(frozen=True, slots=True)
class Home:
    """A log's folder and the stem of its private files: `STEM.key`, `.state`, `.journal`, `.seen`, `.lock`.

    Where there is a `STEM.bucket`, the public files are in the object store that it names, and the folder is not used.
    """

    folder: Path
    key: Path

    @classmethod
    def at(cls, folder: Path, key: Path | None = None) -> Home:
        """The home of a log in `folder`; its key is `FOLDER.key` unless another is named.

        Raises:
            Misuse: The key would lie inside the folder, which is public.
        """
        folder = folder.absolute()
        key = (key or folder.with_name(f"{folder.name}.key")).absolute()
        if folder.resolve() in key.resolve().parents:
            raise Misuse(f"{key} is inside the public folder: name a place for the key outside of it")
        return cls(folder, key)

    def beside(self, suffix: str) -> Path:
        """A private file."""
        return self.key.with_suffix(suffix) if self.key.suffix == ".key" else Path(f"{self.key}{suffix}")

    def ports(self, disk: Disk, clock: Clock, randomness: Randomness = os.urandom) -> Ports:
        """All that a writer touches."""
        return Ports(
            self.objects(disk),
            FileJournal(self.beside(".journal"), disk, randomness),
            OneFile(self.beside(".state"), disk),
            FileRows(self.beside(".seen"), disk),
            FileLock(self.beside(".lock")),
            clock,
        )

    def objects(self, disk: Disk) -> Objects:
        """The public files.

        Raises:
            Misuse: They are in a bucket that can't be used.
        """
        address = disk.read(self.beside(BUCKET))
        return Folder(self.folder, disk) if address is None else open_bucket(address.decode("utf-8", "replace").strip())

    def signers(self) -> list[Signer]:
        """The signing keys.

        Raises:
            Misuse: There are none, or others can read them.
        """
        return read_signers(self.key)


class FileLock:
    """A lock that the kernel gives back when its holder dies.

    Args:
        path: The lock's file, beside the key: who has the key has the lock, wherever the data lie.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    def acquire(self) -> None:
        """Take it.

        Raises:
            Misuse: Another writer has it.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise Misuse(f"another writer has this ledger's key in use ({self._path}): stop it first") from error
        self._held = descriptor

    def release(self) -> None:
        """Give it back."""
        if self._held is not None:
            os.close(self._held)
            self._held = None


def create_signers(path: Path, name: str, kinds: Sequence[int], randomness: Randomness, disk: Disk) -> list[Signer]:
    """New keys in a new file of mode 0600.

    Raises:
        Misuse: There is such a file already.
    """
    if path.exists():
        raise Misuse(f"{path} exists already: nothing was changed")
    signers = [new_signer(name, kind, randomness) for kind in kinds]
    OneFile(path, disk).save("".join(f"{signer.secret()}\n" for signer in signers).encode())
    return signers


def read_signers(path: Path) -> list[Signer]:
    """The keys in a file.

    Raises:
        Misuse: There is none, or others can read it.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise Misuse(f"{path} can be read by others: chmod 600 it, and consider whether the key is still secret")
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise Misuse(f"there is no key at {path}: `passerby ledger init` makes one") from error
    if not lines:
        raise Misuse(f"{path} is empty: restore the key")
    return [parse_secret(line) for line in lines]


def create(
    home: Home,
    origin: str,
    disk: Disk,
    clock: Clock,
    randomness: Randomness,
    *,
    post_quantum: bool = False,
    bucket: str = "",
) -> list[Signer]:
    """Make a log: its key, state, folder (or bucket), and in it `log.vkey` and a checkpoint of size 0.

    Raises:
        Misuse: There is one already, or the origin can't be a key's name.
    """
    if home.beside(".state").exists() or (home.folder / "checkpoint").exists():
        raise Misuse(f"there is a log at {home.folder} already: nothing was changed")
    home.key.parent.mkdir(parents=True, exist_ok=True)
    if bucket:
        if open_bucket(bucket).get(CHECKPOINT) is not None:
            raise Misuse(f"there is a log at {bucket} already: nothing was changed")
        OneFile(home.beside(BUCKET), disk).save(f"{bucket}\n".encode())
    else:
        home.folder.mkdir(parents=True, exist_ok=True)
    kinds = [ED25519, COSIGN_MLDSA44] if post_quantum else [ED25519]
    signers = create_signers(home.key, origin, kinds, randomness, disk)
    Log.create(signers, origin, home.ports(disk, clock))
    vkeys = "".join(f"{format_vkey(signer.key)}\n" for signer in signers)
    home.objects(disk).put([(VKEY, vkeys.encode())])
    return signers


def open_log(home: Home, disk: Disk, clock: Clock) -> Log:
    """The writer of the log that lives here."""
    return Log(home.signers(), home.ports(disk, clock))
