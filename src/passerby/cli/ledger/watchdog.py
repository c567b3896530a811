"""``passerby watchdog``: watch somebody's log, and tell everybody."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from passerby.charter.watched.account import Chronicle
from passerby.charter.watched.sections import sections
from passerby.cli.ledger.check import checker_page
from passerby.cli.ledger.common import MaxAge, PolicyFile, Vkeys, Where, clock, ends_well, source, trust
from passerby.ledger.errors import Misuse, Refuted, Unreadable, Unsafe
from passerby.ledger.note import format_vkey
from passerby.ledger.verify import COSIGN_ED25519, COSIGN_MLDSA44, Key, Trust
from passerby.ledger.watch import Cosigning, Watchdog
from passerby.ledger.watch_page import Counted
from passerby.ledger.watch_words import NAMES
from passerby.ledger.witness import Witness
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import Folder, OneFile
from passerby.store.ledger.home import FileLock, create_signers, read_signers
from passerby.store.ledger.web import Web

_KINDS = (COSIGN_ED25519, COSIGN_MLDSA44)


@ends_well
def watchdog(
    where: Where,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where everything is kept; made if not there.")],
    vkey: Vkeys = None,
    policy: PolicyFile = None,
    max_age: MaxAge = None,
    cosign_as: Annotated[
        str, typer.Option("--cosign-as", metavar="NAME", help="Cosign too, as NAME, such as example.org/watchdog.")
    ] = "",
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", min=1, help="How often to look.")] = 300,
    quiet: Annotated[
        float, typer.Option("--quiet-after", metavar="HOURS", min=0.01, help="Stale when nothing is new for so long.")
    ] = 24,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
) -> None:
    """Mirror a log, verify it, keep what proves a breach, and write a page about it: DIR/public for any web server."""
    web = Web()
    believed, read = trust(vkey, policy, max_age), source(where, web)
    public, disk = data / "public", LocalDisk()
    for folder in (data, public, public / "log", public / "evidence"):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / "watchdog.lock")
    lock.acquire()
    files, held = Folder(public, disk), Folder(public / "log", disk)
    _check_same_log(held, believed, data)
    files.put([("checker.html", checker_page())])
    own = _cosigning(data, cosign_as, believed, disk) if cosign_as else None
    memory = OneFile(data / "watchdog.state", disk)
    quiet_s = int(quiet * 3600)
    dog = Watchdog(read, held, files, memory, believed, clock, where, quiet_s, own, _counting(held))
    # Said by name: a service manager sends SIGTERM, and a shell's background jobs are born deaf to SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    typer.echo(f"watching {where}; the page is {public / 'index.html'}")
    said = ""
    try:
        while True:
            status, error = dog.look()
            line = f"{status.state}: {status.why or f'{status.size} entries'}"
            if line != said:
                typer.echo(line)
            said = line
            if isinstance(error, Unsafe) or (once and error):
                raise error
            if once:
                return
            time.sleep(every)
    except KeyboardInterrupt:
        typer.echo("stopped; what was seen is kept")
    finally:
        web.close()
        lock.release()


def _counting(held: Folder) -> Callable[[int, int], Counted]:
    """Counts the copy's acts. A log may hold something else than acts: then the page says that, and no more."""
    chronicle = Chronicle(held.get)

    def count(size: int, now: int) -> Counted:
        try:
            account = chronicle.account(size, now)
        except Unreadable as error:
            return Counted(why=str(error))
        return Counted(account.entries, now, {language: sections(account, language) for language in NAMES})

    return count


def _check_same_log(held: Folder, believed: Trust, data: Path) -> None:
    """The copy in the folder is of the log that is asked for: else an honest log would be called false."""
    try:
        if note := held.get("checkpoint"):
            Trust(believed.keys or believed.policy.logs).check(note)
    except Refuted as error:
        raise Misuse(f"{data} holds the copy of another log ({error}): name another --data") from error


def _cosigning(data: Path, name: str, believed: Trust, disk: LocalDisk) -> Cosigning:
    """The watchdog's own keys, made where there are none, and its memory of what it cosigned."""
    path = data / "watchdog.key"
    if not path.exists():
        create_signers(path, name, _KINDS, os.urandom, disk)
    signers = read_signers(path)
    if {signer.name for signer in signers} != {name}:
        raise Misuse(f"the key in {path} is of {signers[0].name}, not of {name}")
    vkeys = "".join(f"{format_vkey(signer.key)}\n" for signer in signers)
    Folder(data / "public", disk).put([("watchdog.vkey", vkeys.encode())])
    typer.echo(f"cosigning as {name}; its verifier keys are in {data / 'public' / 'watchdog.vkey'}")
    logs: dict[str, list[Key]] = {}
    for key in believed.keys or believed.policy.logs:
        logs.setdefault(key.name, []).append(key)
    witness = Witness(signers, logs, lambda hashed: OneFile(data / f"{hashed}.state", disk), clock)
    return Cosigning(witness, [signer.key for signer in signers])
