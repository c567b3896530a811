"""The access folder, open: its database, the key that wraps second factors, clock and randomness.

    DATA/access/access.db     accounts, sessions, keys, what happened to them (tables `access_…`)
    DATA/access/secret.key    32 bytes; without it a copy of the database gives no second factor away

Both are for the server's user alone. They are in no backup of the archive: `docs/access.md` says how to keep them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passerby.access.passwords import STRONG, Cost
from passerby.base.errors import AccessError
from passerby.store.database import Store
from passerby.store.marks import get_mark, set_mark
from passerby.store.migrate import open_durable, open_store

FOLDER, DATABASE, SECRET = "access", "access.db", "secret.key"
SECRET_BYTES, NONCE_BYTES = 32, 12
HERE = "access.here"
Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Room:
    """What every part of signing in works on. Safe to share between threads.

    Args:
        store: Open for writing; each change is on the disk before it is told of.
        secret: Wraps second factors.
        clock: Seconds since 1970.
        randomness: Gives so many random bytes.
        cost: What a guess at a password costs.
        here: Pseudonym of whoever is at this machine's terminal.
    """

    store: Store
    secret: bytes
    clock: Callable[[], float]
    randomness: Randomness
    cost: Cost
    here: str

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return int(self.clock())

    def wrapped(self, plain: bytes, of: str) -> bytes:
        """Encrypted for the database, bound to whose it is."""
        nonce = self.randomness(NONCE_BYTES)
        return nonce + AESGCM(self.secret).encrypt(nonce, plain, of.encode())

    def unwrapped(self, sealed: bytes, of: str) -> bytes:
        """What `wrapped` was given.

        Raises:
            AccessError: It is another account's, altered, or of another key.
        """
        try:
            return AESGCM(self.secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], of.encode())
        except (InvalidTag, ValueError) as error:
            raise AccessError(
                "a second factor in the access database is not of this folder", "recover the account"
            ) from error

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.store.close()


def pseudonym(randomness: Randomness) -> str:
    """A new one: as the ledger and the office's staff have them."""
    return f"p-{randomness(16).hex()}"


def open_room(
    data: Path,
    clock: Callable[[], float] = time.time,
    randomness: Randomness = os.urandom,
    cost: Cost = STRONG,
) -> Room:
    """Open the access folder of a data folder; made where it is missing.

    Raises:
        AccessError: The folder or its key can't be used.
        StoreError: The database can't be opened.
    """
    folder = data / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            raise AccessError(f"{folder} is open to others on this machine", f"chmod 700 {folder}")
        secret = _secret(folder / SECRET, randomness)
    except OSError as error:
        raise AccessError(f"{folder} can't be used ({error.strerror})", "check its owner and rights") from error
    path = folder / DATABASE
    # Made and brought up to date in the usual way, then used so that no power cut brings an ended session back.
    open_store(path, clock, keep=True).close()
    store = open_durable(path)
    here = get_mark(store, HERE)
    if here is None:
        here = pseudonym(randomness)
        set_mark(store, HERE, here)
    return Room(store, secret, clock, randomness, cost, here)


def _secret(path: Path, randomness: Randomness) -> bytes:
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        secret = randomness(SECRET_BYTES)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.unlink(missing_ok=True)
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(fd)
        try:
            # Two that open the folder for the first time agree on one key: only a name that is free is taken.
            os.link(new, path)
        except FileExistsError:
            secret = path.read_bytes()
        finally:
            new.unlink()
    if len(secret) != SECRET_BYTES:
        raise AccessError(f"{path} is damaged", "restore it, or remove it and recover the accounts with a password")
    return secret
