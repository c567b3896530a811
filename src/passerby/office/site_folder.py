"""A site's papers in a folder: its roots, each with the proof that it is in the ledger, a checkpoint, revocations.

roots/0.note, 1.note …           the roots, from the first on (signed notes)
roots/0.entry, 0.tlog-proof …    the act in the ledger, and its proof
checkpoint                       the newest cosigned checkpoint
NAME.note                        a permit; beside it, where there are such:
NAME.permit.entry, .tlog-proof   its act `permit`; likewise NAME.register and NAME.earlier
NAME.justification.note          an emergency's
revocations/*.note               permits that were ended
officers/*.note                  the keys to which halves of sealed originals are sealed (`charter.sealing_key`)
"""

from __future__ import annotations

from pathlib import Path

from passerby.base.errors import CharterError
from passerby.charter.document import LONGEST
from passerby.charter.facts import Evidence
from passerby.charter.proofs import Logged, Site, open_site
from passerby.ledger.ports import Slot

MOST = 1 << 20
OFFICERS = "officers"


def read(path: Path) -> bytes:
    """A file, bounded.

    Raises:
        CharterError: It can't be read, or is larger than any such file.
    """
    try:
        with path.open("rb") as file:
            found = file.read(MOST + 1)
    except OSError as error:
        raise CharterError(f"{path} can't be read ({error.strerror})", "check its name and rights") from error
    if len(found) > MOST:
        raise CharterError(f"{path} is larger than any such file", f"it may have {LONGEST} bytes at most")
    return found


def logged(stem: Path) -> Logged | None:
    """An entry and its proof; None where one of them is missing."""
    entry, proof = (stem.with_name(f"{stem.name}{end}") for end in (".entry", ".tlog-proof"))
    return Logged(read(entry), read(proof)) if entry.is_file() and proof.is_file() else None


def listed(folder: Path, ending: str) -> list[Path]:
    """The files of a folder whose names end so, in order; none where there is no such folder.

    Raises:
        CharterError: It can't be listed: what is in it is not known, which is not the same as nothing.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(ending))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CharterError(f"{folder} can't be read ({error.strerror})", "check its rights") from error


def root_notes(folder: Path) -> list[Path]:
    """The roots' files, in order.

    Raises:
        CharterError: There is none.
    """
    found: list[Path] = []
    while (path := folder / "roots" / f"{len(found)}.note").is_file():
        found.append(path)
    if not found:
        raise CharterError(f"there is no root in {folder}", "put the first root's note at roots/0.note")
    return found


def site_of(folder: Path, first: str, least: int = 0) -> Site:
    """The site whose papers lie here.

    Args:
        folder: Where.
        first: The first root's hash, known from elsewhere.
        least: The highest serial seen before.

    Raises:
        CharterError: They are not that site's, or can't be read.
    """
    notes = root_notes(folder)
    return open_site([read(n) for n in notes], first, [logged(n.with_suffix("")) for n in notes], least)


def evidence_for(folder: Path, permit: Path) -> Evidence:
    """What lies here for a permit. What is missing is missing: the gate says so.

    Raises:
        CharterError: Something can't be read.
    """
    stem = permit.with_suffix("")
    beside = {name: logged(stem.with_name(f"{stem.name}.{name}")) for name in ("permit", "register", "earlier")}
    reasons = stem.with_name(f"{stem.name}.justification.note")
    checkpoint = folder / "checkpoint"
    return Evidence(
        checkpoint=read(checkpoint) if checkpoint.is_file() else b"",
        justification=read(reasons) if reasons.is_file() else None,
        revocations=tuple(read(path) for path in listed(folder / "revocations", ".note")),
        officers=tuple(read(path) for path in listed(folder / OFFICERS, ".note")),
        **beside,
    )


def seen_serial(memory: Slot, first: str) -> int:
    """The highest serial seen of this site; a memory that can't be read is of no site."""
    words = (memory.load() or b"").decode("ascii", "replace").split()
    return int(words[1]) if len(words) == 2 and words[0] == first and words[1].isdecimal() else 0


def seen_line(first: str, serial: int) -> bytes:
    """What `seen_serial` reads.

    Args:
        first: The first root's hash.
        serial: The highest seen.
    """
    return f"{first} {serial}\n".encode()
