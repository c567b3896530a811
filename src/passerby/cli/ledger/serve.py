"""``passerby ledger serve``, ``witness`` and ``cosign``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from passerby.cli.ledger.common import Folder, KeyFile, Listen, Vkeys, clock, ends_well, read_keys, reader
from passerby.ledger.errors import Misuse
from passerby.ledger.note import format_vkey
from passerby.ledger.policy import to_ask
from passerby.ledger.verify import COSIGN_ED25519, COSIGN_MLDSA44, Key, Trust, parse_policy
from passerby.ledger.witness import Witness
from passerby.ledger.witness_client import ask_all
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import FileLock, Home, create_signers, open_log, read_signers
from passerby.store.ledger.web import Handle, Server, Web, static

_KINDS = {"ed25519": [COSIGN_ED25519], "ml-dsa-44": [COSIGN_MLDSA44], "both": [COSIGN_ED25519, COSIGN_MLDSA44]}


@ends_well
def serve(folder: Folder, listen: Listen = "127.0.0.1:8721") -> None:
    """Serve a log's files. Any web server can do the same: they are static."""
    _run(static(reader(folder)), listen, f"serving {folder}")


@ends_well
def witness(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The witness's private folder; made if not there.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="The witness's name, such as example.org/witness.")],
    vkey: Vkeys = None,
    kind: Annotated[str, typer.Option("--kind", help="Of a new key: ed25519, ml-dsa-44 or both.")] = "both",
    listen: Listen = "127.0.0.1:8722",
    show: Annotated[bool, typer.Option("--show", help="Print the witness's keys, and end.")] = False,
) -> None:
    """Run a witness: it cosigns the checkpoints of the logs whose keys are given with --vkey, if they continue."""
    if kind not in _KINDS:
        raise Misuse(f"--kind is one of {', '.join(_KINDS)}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = folder / "witness.key"
    if not key.exists():
        create_signers(key, name, _KINDS[kind], os.urandom, LocalDisk())
    signers = read_signers(key)
    if {signer.name for signer in signers} != {name}:
        raise Misuse(f"the key in {key} is of {signers[0].name}, not of {name}")
    for signer in signers:
        typer.echo(format_vkey(signer.key))
    if show:
        return
    logs: dict[str, list[Key]] = {}
    for log in read_keys(vkey):
        logs.setdefault(log.name, []).append(log)
    if not logs:
        raise Misuse("name the logs to watch: --vkey KEY")
    lock = FileLock(folder / "witness.lock")
    lock.acquire()
    disk = LocalDisk()
    serving = Witness(signers, logs, lambda hashed: OneFile(folder / f"{hashed}.state", disk), clock)
    _run(serving.handle, listen, f"watching {', '.join(logs)}")


@ends_well
def cosign(
    folder: Folder,
    policy: Annotated[Path, typer.Option("--policy", metavar="FILE", help="Whom to ask, and who is enough.")],
    key: KeyFile = None,
) -> None:
    """Ask the policy's witnesses to cosign the last checkpoint, and show it with their signatures."""
    rules = parse_policy(policy.read_bytes())
    with open_log(Home.at(folder, key), LocalDisk(), clock) as log:
        read = reader(folder, key)
        asked = ask_all(log.note, read, to_ask(rules, ()), Web().post)
        note = log.add_cosignatures(asked.lines)
    for witness_key, why in asked.failed.items():
        typer.echo(f"passerby: {witness_key.name}: {why}", err=True)
    _, told = Trust(policy=rules, now=clock()).check(note)
    typer.echo("\n".join(told))


def _run(handle: Handle, listen: str, what: str) -> None:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise Misuse("--listen is HOST:PORT, such as 127.0.0.1:8722")
    server = Server(handle, host, int(port))
    typer.echo(f"{what} at {server.url}")
    try:
        server.run()
    finally:
        server.close()
