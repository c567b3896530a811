"""Makes a bundle: a tar archive, encrypted to named recipients with age, that is never on the disk in clear.

In it: the redacted clips, a manifest that the operator signs, the act and its proof, the site's roots, the two programs
that check it all, a plain page. Clips are read twice: to be hashed, and to be given out.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyrage
import rfc8785

from passerby.archive.export.page import page, read_me
from passerby.archive.output import NewFile
from passerby.base.errors import Altered, OutputError, PasserbyError, UsageError
from passerby.charter.asking import Asking
from passerby.charter.document import write
from passerby.charter.proofs import Logged
from passerby.ledger import verify

FORMAT = "passerby/export@1"
MOST_RECIPIENTS = 32
_CHECK = Path(__file__).with_name("check.py")
Sign = Callable[[str], bytes]  # a text; the note of it


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of redacted video that plays by itself: MP4 in fragments.

    Args:
        begins_us: Microseconds since 1970.
        ends_us: Not included.
        stream: Its bytes, from the beginning each time it is called.
    """

    begins_us: int
    ends_us: int
    stream: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Papers:
    """What proves that it was given out lawfully.

    Args:
        asking: What was asked for; its `detail` is the hash of `recipients_text`, or of `unsealing`, which has that.
        logged: The act in the ledger, and its proof.
        roots: The notes of the site's roots, from the first on.
        build: Hash of the running build (hex).
        made: When; seconds since 1970.
        demo: Whether the site is one for show.
        unsealing: Of an unsealing, the document that the asking's `detail` is the hash of; else empty.
    """

    asking: Asking
    logged: Logged
    roots: Sequence[bytes]
    build: str
    made: int
    demo: bool
    unsealing: str = ""


def recipients_text(recipients: Mapping[str, str]) -> bytes:
    """To whom it is given, by name and age recipient: what the act's asking binds.

    Raises:
        UsageError: There are none, too many, or one is no age recipient.
    """
    _recipients(recipients)
    return rfc8785.dumps(dict(recipients))


def export(out: Path, clips: Sequence[Clip], papers: Papers, recipients: Mapping[str, str], sign: Sign) -> str:
    """Write the bundle, whole or not at all.

    Args:
        out: The file to make.
        clips: In order.
        papers: What proves it.
        recipients: Name to age recipient (`age1…` or `ssh-ed25519 …`).
        sign: Signs as the operator.

    Returns:
        The manifest's hash.

    Raises:
        UsageError: No video, or no recipient.
        OutputError: It can't be written.
        ArchiveError: Video can't be read, or was deleted meanwhile; nothing is written.
    """
    if not clips:
        raise UsageError("nothing was kept in this time", "ask for another")
    keys = _recipients(recipients)
    files = {f"clip-{n:03d}.mp4": clip for n, clip in enumerate(clips, 1)}
    sums = {name: _sum(clip) for name, clip in files.items()}
    words = _words(papers, files)
    given_to = sha256(recipients_text(recipients)).hexdigest()
    text = _manifest(papers, files, sums | {n: (sha256(w).hexdigest(), len(w)) for n, w in words.items()}, given_to)
    small = words | _proofs(papers, sign(text), recipients)
    members = [(name, len(content), iter([content])) for name, content in small.items()]
    members += [(name, sums[name][1], _unchanged(clip, sums[name])) for name, clip in files.items()]
    with NewFile(out) as new:
        reader = _Reader(_tar(members, papers.made))
        try:
            pyrage.encrypt_io(io.BufferedReader(reader, 1 << 20), new.file, keys)
        except pyrage.EncryptError as error:
            raise reader.failed or OutputError(f"{out} can't be written ({error})", "check the disk") from error
    return sha256(text.encode()).hexdigest()


def _recipients(named: Mapping[str, str]) -> list[object]:
    if not 0 < len(named) <= MOST_RECIPIENTS:
        raise UsageError("an export is for named people", f"name 1 to {MOST_RECIPIENTS}: --for NAME=age1…")
    found: list[object] = []
    for name, text in named.items():
        kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
        try:
            found.append(kind.Recipient.from_str(text))
        except pyrage.RecipientError as error:
            raise UsageError(f"{name} has no age recipient ({error})", "take it from `age-keygen -y`: age1…") from error
    return found


def _sum(clip: Clip) -> tuple[str, int]:
    total, length = sha256(), 0
    for piece in clip.stream():
        total.update(piece)
        length += len(piece)
    return total.hexdigest(), length


def _unchanged(clip: Clip, known: tuple[str, int]) -> Iterator[bytes]:
    """The clip's bytes once more.

    Raises:
        Altered: They are no longer those that the manifest names.
    """
    total, length = sha256(), 0
    for piece in clip.stream():
        total.update(piece)
        length += len(piece)
        yield piece
    if (total.hexdigest(), length) != known:
        raise Altered("video changed, or was deleted, while it was exported", "export it anew")


def _words(papers: Papers, clips: Mapping[str, Clip]) -> dict[str, bytes]:
    """What people read."""
    times = {name: (clip.begins_us, clip.ends_us) for name, clip in clips.items()}
    return {
        "README.txt": read_me(demo=papers.demo, unsealed=bool(papers.unsealing)).encode(),
        "index.html": page(papers.asking, times, demo=papers.demo).encode(),
    }


def _manifest(papers: Papers, clips: Mapping[str, Clip], sums: Mapping[str, tuple[str, int]], recipients: str) -> str:
    asking = papers.asking
    times = {name: {"from_us": clip.begins_us, "to_us": clip.ends_us} for name, clip in clips.items()}
    return write({
        "format": FORMAT, "site": asking.site, "camera": asking.camera, "from": asking.begins, "to": asking.ends,
        "purpose": asking.purpose, "case": asking.case, "asking": asking.hash, "made": papers.made,
        "build": papers.build, "recipients": recipients,
        "files": {name: {"sha256": h, "bytes": size, **times.get(name, {})} for name, (h, size) in sums.items()},
    })  # fmt: skip


def _proofs(papers: Papers, note: bytes, recipients: Mapping[str, str]) -> dict[str, bytes]:
    """What programs read. `recipients.json` has the names: only those who are named can read it."""
    found = {"check.py": _CHECK.read_bytes(), "verify.py": Path(verify.__file__).read_bytes(), "manifest.note": note}
    found |= {"recipients.json": recipients_text(recipients), "asking.json": papers.asking.text().encode()}
    found |= {"act.entry": papers.logged.entry, "act.tlog-proof": papers.logged.proof}
    found |= {"unsealing.json": papers.unsealing.encode()} if papers.unsealing else {}
    return found | {f"roots/{number}.note": root for number, root in enumerate(papers.roots)}


def _tar(members: Iterable[tuple[str, int, Iterator[bytes]]], when: int) -> Iterator[bytes]:
    """A tar archive (POSIX ustar), piece by piece, with nobody's name in it."""
    total = 0
    for name, size, content in members:
        head = tarfile.TarInfo(name)
        head.size, head.mtime, head.mode = size, when, 0o644
        pieces = [head.tobuf(tarfile.USTAR_FORMAT)]
        yield pieces[0]
        yield from content
        padding = bytes(-size % tarfile.BLOCKSIZE)
        yield padding
        total += len(pieces[0]) + size + len(padding)
    yield bytes(2 * tarfile.BLOCKSIZE)
    yield bytes(-(total + 2 * tarfile.BLOCKSIZE) % tarfile.RECORDSIZE)


class _Reader(io.RawIOBase):
    """Pieces as something to read from.

    Args:
        pieces: What it holds, in order.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")
        # What went wrong inside: age says only that something did.
        self.failed: Exception | None = None

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        """Some of what is left; 0 at the end."""
        try:
            while not self._rest:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return 0
        except (OSError, PasserbyError) as error:
            self.failed = error
            raise
        count = min(len(into), len(self._rest))
        into[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
