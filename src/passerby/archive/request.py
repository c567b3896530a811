"""What two officers are shown and what they hand over: a request to unseal, and a half that answers it.

A request proves itself: the act in the ledger, and the case that it is for. An officer judges all of it on a machine of
its own, and gives halves for exactly this and to one key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from passerby.archive import hpke, seal
from passerby.archive.keeper.judge import Overseen
from passerby.archive.keys.names import EpochId, Kind
from passerby.archive.keys.shares import KEY_BYTES, SALT_BYTES
from passerby.archive.unseal import SealedFile, give_halves
from passerby.base.errors import CustodyError
from passerby.charter.asking import Asking, parse_asking
from passerby.charter.document import Fault, Unsound, check, read, write
from passerby.charter.matter.case import Look, State, judge
from passerby.charter.matter.record import Kind as MatterKind
from passerby.charter.matter.record import Matter
from passerby.charter.proofs import Logged
from passerby.charter.root import PURPOSES
from passerby.charter.shapes import digest, exactly, listed, safe_id, whole, word_of
from passerby.charter.unsealing import Unsealing, parse_unsealing
from passerby.ledger.schema import is_count, parse_act
from passerby.ledger.verify import LedgerError, Trust, verify_proof

FORMAT, HALF = "passerby/unseal-request@1", "passerby/unseal-half@1"
MOST_FILES = 32
_ONE_PAIR = 4 * (2 * KEY_BYTES + 3 * hpke.OVERHEAD)


def _text(longest: int) -> Any:
    return lambda given: isinstance(given, str) and len(given) <= longest


_FILE = {"period_us": whole(), "length_us": whole(1), "salt": _text(64), "halves": _text(_ONE_PAIR)}
_CASE = {
    "id": digest, "state": word_of(s.value for s in State), "begun": whole(), "purpose": word_of(PURPOSES),
    "until": whole(), "cameras": listed(safe_id, 1), "since": whole(), "upto": whole(),
}  # fmt: skip
_SHAPES = {
    "format": exactly(FORMAT), "asking": _text(4096), "entry": _text(8192), "proof": _text(64 << 10),
    "key": _text(2 * hpke.PUBLIC), "unsealing": _text(4096),
    "files": lambda given: isinstance(given, list) and 0 < len(given) <= MOST_FILES,
    "case": lambda given: isinstance(given, dict), "case_entry": _text(8192), "case_proof": _text(64 << 10),
}  # fmt: skip
_ANSWER = {"format": exactly(HALF), "asking": digest, "officer": _text(16), "sealed": _text(32 << 10)}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to unseal.

    Args:
        asking: What is asked.
        logged: The act `unseal`, and its proof.
        key: The opening darkroom's public key, to which halves go.
        unsealing: Region, officers and recipients.
        files: Which files, each with the halves of these two officers.
        case: The case, as the office has it.
        opened: The act `case` by which it was opened, and its proof.
    """

    asking: Asking
    logged: Logged
    key: bytes
    unsealing: Unsealing
    files: tuple[SealedFile, ...]
    case: Matter
    opened: Logged

    def text(self) -> str:
        """As it is handed over."""
        case, files = self.case, []
        for file in self.files:
            epoch = {"period_us": file.epoch.period_us, "length_us": file.epoch.length_us}
            files.append(epoch | {"salt": file.salt.hex(), "halves": _base64(file.halves)})
        return write({
            "format": FORMAT, "asking": self.asking.text(), "entry": self.logged.entry.decode(),
            "proof": self.logged.proof.decode(), "key": _base64(self.key), "unsealing": self.unsealing.text(),
            "files": files,
            "case": {
                "id": case.id, "state": case.state, "begun": case.begun, "purpose": case.purpose, "until": case.until,
                "cameras": list(case.cameras), "since": case.since, "upto": case.upto,
            },
            "case_entry": self.opened.entry.decode(), "case_proof": self.opened.proof.decode(),
        })  # fmt: skip


def parse_request(raw: bytes) -> Request:
    """A request, strictly; nothing of it is believed yet.

    Raises:
        Unsound: It is none.
    """
    found = read(raw.decode("utf-8", "replace"), _SHAPES)
    check(found["case"], _CASE)
    case = found["case"]
    matter = Matter(
        case["id"], MatterKind.CASE, case["state"], "", case["begun"], purpose=case["purpose"], until=case["until"],
        cameras=tuple(case["cameras"]), since=case["since"], upto=case["upto"],
    )  # fmt: skip
    asking = parse_asking(found["asking"])
    return Request(
        asking,
        Logged(found["entry"].encode(), found["proof"].encode()),
        _bytes(found["key"]),
        parse_unsealing(found["unsealing"]),
        tuple(_file(asking.camera, one) for one in found["files"]),
        matter,
        Logged(found["case_entry"].encode(), found["case_proof"].encode()),
    )


def case_logged(matter: Matter, opened: Logged, site: Overseen, now: int) -> int:
    """When a case came into the site's ledger.

    Raises:
        CustodyError: It is not proven to be there.
    """
    try:
        verify_proof(opened.proof, opened.entry, Trust(site.logs, site.policy, now))
        act = parse_act(opened.entry)
    except LedgerError as error:
        raise CustodyError(f"the case is not proven to be in the ledger ({error})", "deliver its act first") from error
    logged = act.get("logged")
    if (act.get("act"), act.get("case"), act.get("purpose")) != ("case", matter.id, matter.purpose):
        raise CustodyError("the ledger's act is of another case", "ask with the case that was opened for this")
    if not is_count(logged):
        raise CustodyError("the ledger's act says not when the case was logged", "ask who keeps the ledger")
    assert isinstance(logged, int)
    return logged


def agree(request: Request, officer: hpke.SealingPair, site: Overseen, now: int) -> bytes:
    """An officer's answer: its halves, for exactly what is asked and to whoever asked.

    Args:
        request: The request.
        officer: The officer's pair.
        site: What the site's root says now.
        now: Seconds since 1970.

    Raises:
        CustodyError: Case, terms or region don't cover what is asked.
        KeeperRefused: No act covers it: by which rule.
    """
    asking, officers = request.asking, request.unsealing.officers
    if request.unsealing.hash != asking.detail:
        raise CustodyError("the act in the ledger is for another region, other people or other officers")
    if officer.id.hex() not in officers:
        raise CustodyError("this asks for the halves of two other officers", "name this one with --officers")
    _covered_by_case(request, site, now)
    _covered_by_permits(request)
    (other,) = (bytes.fromhex(one) for one in officers if one != officer.id.hex())
    return give_halves(officer, other, (asking, request.logged, request.key), request.files, site, now)


def answer_text(asking: Asking, officer: bytes, sealed: bytes) -> str:
    """What an officer hands over."""
    return write({"format": HALF, "asking": asking.hash, "officer": officer.hex(), "sealed": _base64(sealed)})


def parse_half(raw: bytes, asking: Asking) -> tuple[str, bytes]:
    """Whose half it is, and the half.

    Raises:
        Unsound: It is none, or answers another request.
    """
    found = read(raw.decode("utf-8", "replace"), _ANSWER)
    if found["asking"] != asking.hash:
        raise Unsound(Fault.SENSE, "it answers another request")
    return found["officer"], _bytes(found["sealed"])


def for_two(file: SealedFile, officers: Sequence[str]) -> SealedFile:
    """A file with the halves of these two alone: nobody is shown more.

    Raises:
        CustodyError: The two are no pair of this file.
    """
    halves, terms = seal.unpack(file.halves)
    found = [one for one in halves if {officer.hex() for officer in one.officers} == set(officers)]
    if len(found) != 1:
        raise CustodyError("these two officers are no pair of this file", "name two of two institutions")
    return replace(file, halves=seal.pack(found, terms))


def _covered_by_case(request: Request, site: Overseen, now: int) -> None:
    asking = request.asking
    if request.case.id != asking.case:
        raise CustodyError("the case is another than the act in the ledger names")
    logged = case_logged(request.case, request.opened, site, now)
    at = parse_act(request.logged.entry).get("time")
    begun = at if isinstance(at, int) else now
    look = Look(asking.camera, asking.purpose, asking.begins, asking.ends, begun, asking.until - begun)
    if (why := judge(request.case, look, logged)) is not None:
        raise CustodyError(f"the case does not cover this: {why.value}")


def _covered_by_permits(request: Request) -> None:
    """Each file says how much of it may be opened at once; a file that says otherwise than its permit has no halves."""
    lasts_s = request.asking.ends - request.asking.begins
    for file in request.files:
        terms = seal.unpack(file.halves)[1]
        if lasts_s > terms.unseal_s:
            raise CustodyError(
                f"the permit lets one unsealing open {terms.unseal_s} s, and {lasts_s} are asked",
                "ask for a shorter stretch",
            )


def _file(camera: str, given: object) -> SealedFile:
    check(given, _FILE)
    assert isinstance(given, dict)
    try:
        salt = bytes.fromhex(given["salt"])
    except ValueError as error:
        raise Unsound(Fault.VALUES, "salt") from error
    if len(salt) != SALT_BYTES:
        raise Unsound(Fault.VALUES, "salt")
    epoch = EpochId(camera, given["period_us"], given["length_us"], Kind.SEALED.value)
    return SealedFile(epoch, salt, _bytes(given["halves"]))


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unsound(Fault.VALUES, "base64") from error
