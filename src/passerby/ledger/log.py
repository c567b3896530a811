"""The log's writer: entries in order, durable in groups, and a checkpoint only over what is durable.

An entry is *acknowledged* when the journal holds it on disk: its index is then fixed. It is *published* when tiles and
a signed checkpoint hold it. The order of a publication is the whole of its safety:

1. tiles and bundles, durable: nothing refers to them yet;
2. the rows of the callers' keys, durable;
3. the signature, saved beside the key, durable: from here on this size has this root, whatever happens to the folder;
4. the checkpoint, to be seen by all.

Loss of power between any two leaves entries in the journal, from which the same tiles are made again, bit for bit.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self

from passerby.ledger import checkpoint as write
from passerby.ledger.errors import Misuse, Unsafe
from passerby.ledger.note import Signer, add_signatures, sign_note
from passerby.ledger.ports import Ports, Record
from passerby.ledger.recovery import CHECKPOINT, recover
from passerby.ledger.seen import key_hash
from passerby.ledger.succession import is_freeze
from passerby.ledger.tiles import Edge, File, check_length, partials_of, read_entry
from passerby.ledger.verify import WIDTH, Checkpoint, read_tile, split_bundle

MOST_WAITING = 1 << 16  # unpublished entries in memory; more are published by whoever appends
LONG_JOURNAL = 1 << 23  # bytes; a longer one is begun anew


class Log:
    """The one writer of a log. Safe to share between threads; `close` it.

    Args:
        signers: The log's keys, the first of which names it.
        ports: Storage, journal, state, lock and clock.

    Raises:
        Misuse: Another writer holds the lock.
        Unsafe: The folder is not what was signed; going on could sign a second history.
    """

    def __init__(self, signers: Sequence[Signer], ports: Ports) -> None:
        self._signers, self._ports = signers, ports
        self._mutex = threading.Lock()  # guards all below
        self._turn = threading.Condition(self._mutex)
        self._publishing = threading.Lock()  # held around a publication; taken before the mutex
        self._writing = False
        self._broken = ""
        ports.lock.acquire()
        with ExitStack() as on_failure:
            on_failure.callback(ports.lock.release)
            found = recover(signers, ports)
            on_failure.pop_all()
        self._note, self._edge, self._base = found.note, found.edge, found.edge.size
        self._tail = list(found.tail)  # acknowledged or on their way, not published: from entry `_base` on
        self._durable = self._base + len(self._tail)
        self._seen, self._frozen = found.seen, found.frozen

    @classmethod
    def create(cls, signers: Sequence[Signer], origin: str, ports: Ports) -> None:
        """Begin a log: sign the empty tree.

        Raises:
            Misuse: There is one already.
        """
        ports.lock.acquire()
        try:
            if ports.state.load() is not None or ports.objects.get(CHECKPOINT) is not None:
                raise Misuse("there is a log already: nothing was changed")
            note = sign_note(write.body(origin, 0, Edge().root()), signers, ports.clock())
            ports.state.save(note)
            ports.objects.put([(CHECKPOINT, note)])
        finally:
            ports.lock.release()

    @property
    def published(self) -> Checkpoint:
        """The last signed checkpoint."""
        return write.unverified(self.note)

    @property
    def note(self) -> bytes:
        """The last signed checkpoint as a note, without cosignatures."""
        with self._mutex:
            return self._note

    @property
    def size(self) -> int:
        """How many entries are acknowledged or on their way."""
        with self._mutex:
            return self._next

    def entry(self, index: int) -> bytes:
        """An entry, published or not."""
        with self._mutex:
            return self._entry(index)

    def entries(self, first: int) -> Iterator[bytes]:
        """All entries from one on."""
        with self._mutex:
            base, tail = self._base, [record.entry for record in self._tail]
        for number in range(first // WIDTH, -(-base // WIDTH)):
            width = min(WIDTH, base - number * WIDTH)
            raw = read_tile(self._ports.objects.get, "entries", number, width)
            yield from split_bundle(raw, width)[max(0, first - number * WIDTH) :]
        yield from tail[max(0, first - base) :]

    def append(self, entry: bytes, key: bytes = b"") -> int:
        """Append an entry; returns its index once it is durable.

        Args:
            entry: At most 65,535 bytes.
            key: The caller's name for this call. A second call with the same key gets the first one's index.

        Raises:
            Misuse: The entry is too long, the key was used for another entry, or the log is frozen.
            Unsafe: The disk failed. The entry may or may not be there: open the log anew and repeat with the same key.
        """
        return self.append_many([(entry, key)])[0]

    def append_many(self, items: Sequence[tuple[bytes, bytes]], *, last: bool = False) -> list[int]:
        """Append entries, each with its caller's key or none, as `append` does. `last`: freeze the log after them."""
        indices = self.enqueue(items, last=last)
        self.wait(max(indices, default=-1) + 1)
        return indices

    def enqueue(self, items: Sequence[tuple[bytes, bytes]], *, last: bool = False) -> list[int]:
        """Fix the places of entries; they are acknowledged only once `wait` returns. Raises as `append` does."""
        for entry, _ in items:
            check_length(entry)
            if not last and is_freeze(entry):
                raise Misuse("this entry would close the log: `freeze` does that")
        with self._mutex:
            self._check()
            if self._frozen:
                raise Misuse("the log is frozen: append to its successor")
            indices = [self._take(entry, key) for entry, key in items]
            self._frozen = last
            return indices

    def wait(self, end: int) -> None:
        """Return once all entries before `end` are durable.

        Raises:
            Unsafe: The disk failed.
        """
        with self._mutex:
            self._flush(end)
            full = len(self._tail) > MOST_WAITING
        if full:
            self.publish()

    def find(self, key: bytes) -> int | None:
        """The index that an earlier call with this key got."""
        with self._mutex:
            return self._seen.find(key_hash(key))

    def _take(self, entry: bytes, key: bytes) -> int:
        row = key_hash(key)
        if (index := self._seen.find(row)) is not None:
            if self._entry(index) != entry:
                raise Misuse(f"this key was used for another entry, number {index}: use a new key for a new act")
            return index
        self._tail.append(Record(row, entry))
        self._seen.add(row)
        return self._next - 1

    def _flush(self, end: int) -> None:
        """Return once all entries before `end` are durable. The first who waits writes for all (the mutex is held)."""
        while self._durable < end:
            self._check()
            if self._writing:
                self._turn.wait()
                continue
            batch = self._tail[self._durable - self._base :]
            self._writing = True
            self._mutex.release()
            try:
                failed = self._write(batch)
            finally:
                self._mutex.acquire()
                self._writing = False
                self._turn.notify_all()
            self._broken = self._broken or failed
            if not failed:
                self._durable += len(batch)

    def _write(self, batch: Sequence[Record]) -> str:
        try:
            self._ports.journal.append(batch)
        except OSError as error:  # never tried again: after a failed sync the page cache lies
            return f"the journal can't be written ({error}): mend the disk and open the ledger anew"
        return ""

    def publish(self) -> bytes:
        """Publish all that is acknowledged; returns the signed checkpoint.

        Raises:
            Unsafe: The disk failed. Nothing inconsistent was signed; open the log anew.
        """
        with self._publishing:
            with self._mutex:
                self._check()
                batch = self._tail[: self._durable - self._base]
                if not batch:
                    return self._note
            try:
                note, full = self._store(batch)
            except OSError as error:
                self._stop(f"the ledger can't be written ({error}): mend the disk and open it anew")
                raise Unsafe(self._broken) from error
            with self._mutex:
                self._note, self._base = note, self._base + len(batch)
                self._tail = self._tail[len(batch) :]
                self._shorten()
            self._ports.objects.remove([partials_of(path) for path in full])
            return note

    def _store(self, batch: Sequence[Record]) -> tuple[bytes, list[str]]:
        ports, edge, full = self._ports, self._edge, list[str]()
        first = edge.size

        def files() -> Iterator[File]:
            for record in batch:
                for path, content in edge.add(record.entry):
                    full.append(path)
                    yield path, content
            yield from edge.partial()

        ports.objects.put(files())
        ports.rows.write(first, b"".join(record.key for record in batch))
        origin = write.unverified(self._note).origin
        note = sign_note(write.body(origin, edge.size, edge.root()), self._signers, ports.clock())
        ports.state.save(note)
        ports.objects.put([(CHECKPOINT, note)])
        return note, full

    def _shorten(self) -> None:
        while self._writing:
            self._turn.wait()
        if self._ports.journal.length > LONG_JOURNAL:
            try:
                self._ports.journal.restart(self._base, self._tail[: self._durable - self._base])
            except OSError as error:
                self._broken = f"the journal can't be begun anew ({error}): mend the disk and open the ledger anew"

    def add_cosignatures(self, lines: Sequence[str]) -> bytes:
        """Add witnesses' signature lines to the public checkpoint, if it is still the one they signed."""
        with self._publishing:
            shown = self._ports.objects.get(CHECKPOINT) or self._note
            note = add_signatures(shown, lines)
            self._ports.objects.put([(CHECKPOINT, note)])
            return note

    def close(self) -> None:
        """Publish what is acknowledged, and let go."""
        try:
            if not self._broken:
                self.publish()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go without publishing: the journal has all that was acknowledged."""
        self._stop("the ledger is closed")
        self._ports.lock.release()

    def __enter__(self) -> Self:
        """Nothing to do: it is open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    # --- inside (the mutex is held, or nobody else is there yet) ---

    @property
    def _next(self) -> int:
        return self._base + len(self._tail)

    def _entry(self, index: int) -> bytes:
        if index >= self._base:
            return self._tail[index - self._base].entry
        return read_entry(self._ports.objects.get, index, self._base)

    def _check(self) -> None:
        if self._broken:
            raise Unsafe(self._broken)

    def _stop(self, why: str) -> None:
        with self._turn:
            self._broken = self._broken or why
            self._turn.notify_all()
