"""What has to be there before sealed originals are opened, judged inside the darkroom: fail closed, no way around.

The order is fixed: the site's roots with their proofs, what is asked with act and proof, the files, two halves, the
decode process's permit. Only then chunks, each opened by its own file's key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from passerby.archive import hpke, seal
from passerby.archive.keeper.judge import Overseen, judge
from passerby.archive.keeper.messages import Ask, Epoch
from passerby.archive.keys.cipher import Cipher, Header, parse_header
from passerby.archive.unseal import take_halves
from passerby.base.errors import CustodyError, OutletError
from passerby.charter.asking import Asking
from passerby.charter.proofs import Logged, Site
from passerby.charter.ruling import Papers
from passerby.charter.unsealing import Unsealing, parse_unsealing
from passerby.outlet.messages import Half, Message, Opening, Permit, Proof, Proves, SealedFile, SiteRoot

MOST_ROOTS, MOST_FILES = 256, 32


@dataclass(frozen=True, slots=True)
class Opened:
    """What may be opened, and with what.

    Args:
        asking: What was asked.
        unsealing: Which part of the picture is shown.
        ciphers: One for each file, in their order.
        permit: For the decode process.
    """

    asking: Asking
    unsealing: Unsealing
    ciphers: tuple[Cipher, ...]
    permit: Permit


@dataclass(slots=True)
class Gathered:
    """Papers on their way.

    Args:
        pair: To which the officers seal: made in this process.
        first: The first root's hash (hex), known beforehand.
        least: The highest serial of a root that was seen.
    """

    pair: hpke.SealingPair
    first: str
    least: int
    roots: list[bytes] = field(default_factory=list)
    rooted: list[Logged | None] = field(default_factory=list)
    opening: Opening | None = None
    files: list[tuple[bytes, Header]] = field(default_factory=list)
    halves: dict[bytes, bytes] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """One more.

        Raises:
            OutletError: It stands where it can't.
        """
        match message:
            case SiteRoot() if message.version == len(self.roots) < MOST_ROOTS and self.opening is None:
                self.roots.append(message.tail)
                self.rooted.append(None)
            case Proof() if message.of == Proves.ROOT and message.version < len(self.rooted):
                cut = message.entry_bytes
                self.rooted[message.version] = Logged(message.tail[:cut], message.tail[cut:])
            case Opening() if self.opening is None:
                self.opening = message
            case SealedFile() if self.opening is not None and len(self.files) < MOST_FILES and not self.halves:
                header = parse_header(message.tail)
                if header is None or header.pack() != message.tail:
                    raise OutletError("a file's header is none")
                self.files.append((message.share, header))
            case Half() if self.files and len(self.halves) < 2 and message.officer not in self.halves:
                self.halves[message.officer] = message.tail
            case _:
                raise OutletError(f"{type(message).__name__} came where it can't stand")

    def opened(self, permit: Permit, now: int) -> Opened:
        """What may be opened.

        Args:
            permit: For the decode process.
            now: Seconds since 1970.

        Raises:
            PasserbyError: Nothing may: no act in the ledger covers it, or two halves don't fit.
        """
        if self.opening is None:
            raise OutletError("nothing was asked to be opened")
        asked, entry, proof, belongs = self.opening.parts
        epochs = tuple(Epoch(h.epoch.period_us, h.epoch.length_us, b"") for _, h in self.files)
        question = Ask(asked.decode("utf-8", "replace"), entry, proof, self.pair.public, epochs)
        asking, allowed = judge(question, self._overseen(), now)
        unsealing = parse_unsealing(belongs.decode("utf-8", "replace"))
        if asking.act != "unseal" or asking.detail != unsealing.hash:
            raise CustodyError("the act in the ledger is for another region, other people or other officers")
        if not self.files or [header.epoch for _, header in self.files] != allowed:
            raise CustodyError("a file is of another time, camera or class than was asked for")
        return Opened(asking, unsealing, self._ciphers(asking, unsealing), permit)

    def _overseen(self) -> Overseen:
        site = Papers(b"", tuple(self.roots), tuple(self.rooted)).site(self.first, self.least)
        if not isinstance(site, Site) or not site.proven:
            raise CustodyError("the site's roots are not proven to be in its ledger")
        return Overseen.of(site.root)

    def _ciphers(self, asking: Asking, unsealing: Unsealing) -> tuple[Cipher, ...]:
        one, other = (bytes.fromhex(officer) for officer in unsealing.officers)
        if set(self.halves) != {one, other}:
            raise CustodyError("the halves are of other officers than the act names")
        count = len(self.files)
        first, second = (take_halves(self.pair, asking, who, self.halves[who], count) for who in (one, other))
        with hpke.wiped(*first, *second):
            found = []
            for (share, header), a, b in zip(self.files, first, second, strict=True):
                key = seal.joined(share, a, b)
                with hpke.wiped(key):
                    found.append(Cipher(header, bytes(key)))
            return tuple(found)
