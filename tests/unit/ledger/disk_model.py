"""A disk that can lose power at every single operation, and then keeps only what a real one must keep.

What is synced survives. Of what is not, an adversary chooses: contents may be there, cut, zeros or gone; names and
renames may be there or not, each folder's in order. Real file systems promise no more.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path


class PowerLoss(Exception):
    """The machine is gone; nothing may catch this but the test."""


@dataclass
class Node:
    """A file: what processes see, and what is surely on the platter."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytes = b""


class ModelDisk:
    """`passerby.store.ledger.disk.Disk` in memory.

    Args:
        fail_at: The number of the operation at which power is lost, counted from 1; 0: never.
        error: Raise `OSError` there instead, and go on.
    """

    def __init__(self, fail_at: int = 0, error: bool = False) -> None:
        self.fail_at, self.error = fail_at, error
        self.operations = 0
        self.names: dict[Path, Node] = {}  # as processes see them
        self.safe_names: dict[Path, Node] = {}
        self.folders: set[Path] = {Path("/d"), Path("/d/log")}
        self.safe_folders: set[Path] = set(self.folders)
        self.done: list[str] = []

    def _step(self, what: str) -> bool:
        """Count an operation; true where it is the one that fails (after doing half of it)."""
        self.operations += 1
        self.done.append(what)
        return self.operations == self.fail_at

    def _fail(self) -> None:
        if self.error:
            raise OSError(5, "Input/output error")
        raise PowerLoss

    def read(self, path: Path) -> bytes | None:
        node = self.names.get(path)
        return bytes(node.now) if node else None

    def write(self, path: Path, content: bytes, mode: int) -> None:
        failing = self._step(f"write {path}")
        assert path.parent in self.folders, path
        node = self.names[path] = Node()
        node.now[:] = content[: len(content) // 2] if failing else content
        if failing:
            self._fail()

    def patch(self, path: Path, at: int, content: bytes, mode: int) -> None:
        failing = self._step(f"patch {path}")
        node = self.names.setdefault(path, Node())
        part = content[: len(content) // 2] if failing else content
        node.now.extend(bytes(max(0, at - len(node.now))))
        node.now[at : at + len(part)] = part
        if failing:
            self._fail()

    def sync(self, path: Path) -> None:
        if self._step(f"sync {path}"):
            self._fail()
        self.names[path].safe = bytes(self.names[path].now)

    def rename(self, old: Path, new: Path) -> None:
        if self._step(f"rename {new}"):
            self._fail()
        self.names[new] = self.names.pop(old)

    def sync_folder(self, folder: Path) -> None:
        if self._step(f"sync folder {folder}"):
            self._fail()
        self._settle(lambda p: p.parent == folder)

    def sync_all(self, folder: Path) -> None:
        if self._step("sync all"):
            self._fail()
        for node in self.names.values():
            node.safe = bytes(node.now)
        self._settle(lambda p: True)

    def _settle(self, within) -> None:  # type: ignore[no-untyped-def]
        for path in [p for p in self.safe_names if within(p)]:
            del self.safe_names[path]
        self.safe_names |= {p: n for p, n in self.names.items() if within(p)}
        self.safe_folders |= {f for f in self.folders if within(f)}

    def make_folder(self, folder: Path) -> bool:
        if folder in self.folders:
            return False
        if self._step(f"make folder {folder}"):
            self._fail()
        assert folder.parent in self.folders
        self.folders.add(folder)
        return True

    def remove_folder(self, folder: Path) -> None:
        if self._step(f"remove folder {folder}"):
            self._fail()
        for path in [p for p in self.names if folder in p.parents]:
            del self.names[path]
        self.folders = {f for f in self.folders if f != folder and folder not in f.parents}

    def after_power_loss(self, seed: int) -> ModelDisk:
        """The disk that the next boot finds. Seed 0: everything unsynced is lost; 1: all is kept; else at random."""
        chance = random.Random(seed)
        keep = (lambda: False) if seed == 0 else (lambda: True) if seed == 1 else (lambda: chance.random() < 0.5)
        found = ModelDisk()
        found.folders = set(self.safe_folders) | {f for f in self.folders if keep()}
        names = dict(self.safe_names)
        for path, node in self.names.items():
            if self.safe_names.get(path) is not node and keep():
                names[path] = node
        for path in [p for p in names if p not in self.names and keep()]:
            del names[path]  # a removal or a rename away that reached the platter
        for path, node in names.items():
            content = node.safe if bytes(node.now) == node.safe else self._torn(node, chance, seed)
            found.names[path] = found.safe_names[path] = Node(bytearray(content), content)
            found.folders.update(p for p in path.parents if p != Path("/"))
        found.safe_folders = set(found.folders)
        return found

    @staticmethod
    def _torn(node: Node, chance: random.Random, seed: int) -> bytes:
        """A file that was written to since it was synced: any mixture of old, new, cut and zeros."""
        new = bytes(node.now)
        if seed <= 1:
            return node.safe if seed == 0 else new
        cut = new[: chance.randrange(len(new) + 1)]
        mixed = bytearray(node.safe.ljust(len(cut), b"\0")[: max(len(cut), len(node.safe))])
        for at in range(0, len(cut), 64):
            if chance.random() < 0.6:
                part = cut[at : at + 64]
                mixed[at : at + len(part)] = part
        appended = new.startswith(node.safe)  # what was synced before stays, where it was only added to
        return node.safe + bytes(mixed[len(node.safe) :]) if appended else bytes(mixed)
