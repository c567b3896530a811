"""A camera's papers as messages: how a station puts them and how a darkroom gathers them again.

`Task` begins them, `Permit` ends them. What comes between belongs to them; a checkpoint or a revocation that comes at
another time is news about those that are in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from passerby.base.errors import OutletError
from passerby.charter.document import Unsound
from passerby.charter.facts import Evidence
from passerby.charter.proofs import Logged
from passerby.charter.ruling import Papers
from passerby.charter.site_permit import REVOCATION, parse_word
from passerby.outlet.messages import (
    Checkpoint,
    Justification,
    Message,
    Officer,
    Permit,
    Proof,
    Proves,
    Revoke,
    Scene,
    SiteRoot,
    Task,
    bits,
    names,
)

# More roots than a site has in a lifetime, and more revocations than one permit can have.
MOST_ROOTS, MOST_REVOCATIONS = 256, 64
MOST_OFFICERS = 64
_NAME_BYTES = 64
_BESIDE = {Proves.PERMIT: "permit", Proves.REGISTER: "register", Proves.EARLIER: "earlier"}


@dataclass(frozen=True, slots=True)
class Case:
    """What a darkroom is asked to do, and the papers for it.

    Args:
        camera: The camera's id.
        source: Hash of its name and address (32 bytes; `charter.permit.camera_source`).
        analyses: What is asked for.
        papers: As they came.
        retention_s: How long recordings would be kept.
        scene: The scene to count in, as canonical JSON; empty where there is none.
        seal_s: How long sealed originals would be kept.
    """

    camera: str
    source: bytes
    analyses: frozenset[str]
    papers: Papers
    retention_s: int = 0
    scene: bytes = b""
    seal_s: int = 0


def messages_of(case: Case) -> Iterator[Message]:
    """A case as messages, in order."""
    papers, evidence = case.papers, case.papers.evidence
    camera = case.camera.encode().ljust(_NAME_BYTES, b"\0")
    yield Task(camera, case.source, bits(case.analyses), case.retention_s, case.seal_s)
    if case.scene:
        yield Scene(1, case.scene)
    for number, (note, logged) in enumerate(zip_longest(papers.roots, papers.rooted)):
        if note is not None:
            yield SiteRoot(number, note)
        if logged is not None:
            yield _proof(Proves.ROOT, number, logged)
    for of, name in _BESIDE.items():
        if (found := getattr(evidence, name)) is not None:
            yield _proof(of, 0, found)
    yield from news_of(evidence)
    for number, note in enumerate(evidence.officers[:MOST_OFFICERS]):
        yield Officer(number, note)
    if evidence.justification is not None:
        yield Justification(0, evidence.justification)
    yield Permit(0, papers.permit)


def news_of(evidence: Evidence) -> Iterator[Message]:
    """What may change while a camera runs: revocations first, then the newest checkpoint."""
    for note in evidence.revocations:
        yield Revoke(_named(note), note)
    if evidence.checkpoint:
        yield Checkpoint(0.0, evidence.checkpoint)


def _named(note: bytes) -> bytes:
    """The permit that a revocation names; zeros where it can't be read: then it ends whatever it is shown to."""
    try:
        return bytes.fromhex(parse_word(note, REVOCATION)[0])
    except Unsound:
        return bytes(32)


def with_news(papers: Papers, message: Message) -> Papers:
    """Papers in force, with a checkpoint or a revocation that came later."""
    evidence = papers.evidence
    if isinstance(message, Checkpoint):
        return replace(papers, evidence=replace(evidence, checkpoint=message.tail))
    assert isinstance(message, Revoke)
    if message.tail in evidence.revocations:
        return papers
    if len(evidence.revocations) >= MOST_REVOCATIONS:
        raise OutletError("more revocations came than a permit can have")
    return replace(papers, evidence=replace(evidence, revocations=(*evidence.revocations, message.tail)))


@dataclass(slots=True)
class Gathering:
    """Papers on their way, from their `Task` on."""

    task: Task
    papers: Papers = field(default_factory=Papers)
    scene: bytes = b""

    def add(self, message: Message) -> None:
        """One more.

        Raises:
            OutletError: It stands where it can't.
        """
        match message:
            case SiteRoot():
                if message.version != len(self.papers.roots) or message.version >= MOST_ROOTS:
                    raise OutletError("a site's roots came in another order than theirs")
                self.papers = replace(
                    self.papers, roots=(*self.papers.roots, message.tail), rooted=(*self.papers.rooted, None)
                )
            case Proof():
                self._prove(message)
            case Checkpoint() | Revoke():
                self.papers = with_news(self.papers, message)
            case Scene():
                self.scene = message.tail
            case Officer():
                evidence = self.papers.evidence
                if message.number != len(evidence.officers) or message.number >= MOST_OFFICERS:
                    raise OutletError("officers' notes came in another order than theirs")
                self.papers = replace(
                    self.papers, evidence=replace(evidence, officers=(*evidence.officers, message.tail))
                )
            case Justification():
                evidence = replace(self.papers.evidence, justification=message.tail)
                self.papers = replace(self.papers, evidence=evidence)
            case _:
                raise OutletError(f"{type(message).__name__} came among a camera's papers")

    def case(self, permit: Permit) -> Case:
        """Complete, with the permit that ends them.

        Raises:
            OutletError: The camera's name is none.
        """
        try:
            camera = self.task.camera.rstrip(b"\0").decode("ascii")
        except UnicodeDecodeError as error:
            raise OutletError("a task names no camera") from error
        papers, task = replace(self.papers, permit=permit.tail), self.task
        return Case(camera, task.source, names(task.analyses), papers, task.retention_s, self.scene, task.seal_s)

    def _prove(self, message: Proof) -> None:
        logged = Logged(message.tail[: message.entry_bytes], message.tail[message.entry_bytes :])
        if message.of != Proves.ROOT:
            beside: dict[str, Any] = {_BESIDE[Proves(message.of)]: logged}
            self.papers = replace(self.papers, evidence=replace(self.papers.evidence, **beside))
            return
        rooted = list(self.papers.rooted)
        if message.version >= len(rooted):
            raise OutletError("a proof came before its root")
        rooted[message.version] = logged
        self.papers = replace(self.papers, rooted=tuple(rooted))


def _proof(of: Proves, version: int, logged: Logged) -> Proof:
    return Proof(of, version, len(logged.entry), logged.entry + logged.proof)
