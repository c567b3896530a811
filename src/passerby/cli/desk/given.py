"""``passerby report spend`` and ``share``: what reports must tell and no program knows by itself."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.base.errors import CharterError, UsageError
from passerby.cli.desk.common import At, By, Data, pseudonym, when
from passerby.cli.ledger.common import PolicyFile, Vkeys, reader, trust
from passerby.ledger.acts import Follower
from passerby.ledger.errors import LedgerError
from passerby.ledger.schema import FIRST, Act
from passerby.ledger.verify import verify_log
from passerby.office.desk import open_desk
from passerby.store.outbox import tell

_WORDS: dict[str, list[str]] = FIRST["lists"]
_HASH = re.compile("[0-9a-f]{8,64}")
# All currencies of the ledger's first schema have hundredths.
HUNDREDTHS, LARGEST = 100, 10**15


def spend(
    data: Data,
    by: By,
    cost: Annotated[str, typer.Option("--cost", metavar="WORD", help="What for: " + ", ".join(_WORDS["cost"]))],
    amount: Annotated[str, typer.Option("--amount", metavar="N", help="How much: 12500 or 12500.50.")],
    currency: Annotated[str, typer.Option("--currency", metavar="WORD", help=", ".join(_WORDS["currency"]))],
    year: Annotated[int, typer.Option("--year", min=2000, max=2200, help="In which year's books.")],
    at: At = "",
) -> None:
    """Write down what the cameras cost, for the annual report. What was wrong is put right by an entry of its own.

    Nothing is ever taken back: a sum that was too high stays in the ledger, and the report says what it says.
    """
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "desk")
        sum_ = {"cost": _word("cost", cost), "currency": _word("currency", currency), "year": year}
        sum_["amount"] = _hundredths(amount)
        act = {"act": "spend", "actor": by, "time": when(at, desk), **sum_}
        with desk.store.writing() as connection:
            tell(connection, [act])
    typer.echo(f"{amount} {currency.upper()} for {cost} in {year} waits for the ledger")


def share(
    data: Data,
    by: By,
    export: Annotated[
        str, typer.Option("--export", metavar="HEX", help="Content of the act `export`: 8 signs or more.")
    ],
    recipient: Annotated[str, typer.Option("--recipient", metavar="WORD", help=", ".join(_WORDS["recipient"]))],
    basis: Annotated[str, typer.Option("--basis", metavar="WORD", help=", ".join(_WORDS["basis"]))],
    ledger: Annotated[Path, typer.Option("--ledger", metavar="DIR", help="The ledger's folder, or a mirror's.")],
    vkey: Vkeys = None,
    policy: PolicyFile = None,
    at: At = "",
) -> None:
    """Write down with whom else an export was shared, and on what ground. Nobody is named: that is in the case.

    An export tells its first `share` by itself; this is for whoever got it afterwards. Camera, purpose and case are
    those of the export's own act: what the ledger doesn't have was not given out by it.
    """
    with open_desk(data) as desk:
        desk.may(pseudonym(by), "exporter")
        said = {"recipient": _word("recipient", recipient), "basis": _word("basis", basis)}
        found = _export(export, ledger, vkey, policy)
        same = {name: found[name] for name in ("camera", "purpose", "case", "content")}
        act = {"act": "share", "actor": by, "time": when(at, desk), **said}
        with desk.store.writing() as connection:
            tell(connection, [{**act, **same}])
    typer.echo(f"export {found['content'][:16]} of {found['camera']}, shared with {recipient}, waits for the ledger")


def _word(kind: str, word: str) -> str:
    if word not in _WORDS[kind]:
        raise UsageError(f"there is no {kind} {word[:40]!r}", ", ".join(_WORDS[kind]))
    return word


def _hundredths(text: str) -> int:
    try:
        found = Decimal(text) * HUNDREDTHS
        if 0 < found <= LARGEST and found == found.to_integral_value():
            return int(found)
    except InvalidOperation:
        pass
    raise UsageError(f"{text[:40]!r} is no amount", "write 12500 or 12500.50, without signs and spaces")


def _export(start: str, ledger: Path, vkeys: list[str] | None, policy: Path | None) -> Act:
    """The act `export` whose content begins so.

    Raises:
        CharterError: The ledger has none, or several, or proves nothing.
    """
    if not _HASH.fullmatch(start):
        raise UsageError(f"{start[:40]!r} is no content", "give its first 8 signs or more, of 0-9 and a-f")
    own, seen, follower = ledger / "log.vkey", list[Act](), Follower()

    def take(_: int, entry: bytes) -> None:
        act: dict[str, Any] = follower.take(entry)
        if act.get("act") == "export" and act["content"].startswith(start):
            seen.append(act)

    try:
        believed = trust([str(own)] if not vkeys and policy is None and own.is_file() else vkeys, policy)
        verify_log(reader(ledger), believed, take)
    except LedgerError as error:
        raise CharterError(f"the ledger in {ledger} proves nothing ({error})", "check --ledger and --vkey") from error
    if len(seen) != 1:
        how = "several exports begin so" if seen else "the ledger has no such export"
        raise CharterError(
            f"{start[:16]}: {how}", "give the content of the export's act; it has to be in the ledger first"
        )
    return seen[0]
