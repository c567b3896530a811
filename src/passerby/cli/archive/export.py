"""``passerby archive export``."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive import hpke
from passerby.archive.export.bundle import Papers, export, recipients_text
from passerby.archive.export.clips import clips_between
from passerby.archive.folder import Layout
from passerby.archive.keeper.looks import OneSession
from passerby.archive.keeper.scribe import BASES, RECIPIENTS, Given, have_logged
from passerby.archive.keeper.wire import ask_here
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.names import US
from passerby.archive.output import refuse_unwritable
from passerby.archive.reading import Reading
from passerby.base.build import build_hash
from passerby.base.errors import SettingsError, UsageError
from passerby.charter.asking import SESSION_S, Asking, sensible
from passerby.cli.oversight.common import PassphraseFile, signing
from passerby.office import site_folder
from passerby.station.custody import SOCKET, keeper_of
from passerby.station.settings import read_site
from passerby.store.database import read_store
from passerby.store.keys.signing import signed_with


def _word(known: list[str]) -> Callable[[str], str]:
    def parse(word: str) -> str:
        if word not in known:
            raise UsageError(f"{word[:40]} is none of the ledger's words for this", f"one of: {', '.join(known)}")
        return word

    return parse


Recipient = Annotated[
    str,
    typer.Option(
        "--recipient", metavar="WORD", parser=_word(RECIPIENTS), help=f"To what sort: {', '.join(RECIPIENTS)}."
    ),
]
Basis = Annotated[
    str, typer.Option("--basis", metavar="WORD", parser=_word(BASES), help=f"On which basis: {', '.join(BASES)}.")
]


def export_(
    settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")],
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="Whose recording.")],
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="2026-11-27T18:00:00Z, or seconds since 1970.")],
    upto: Annotated[str, typer.Option("--to", metavar="TIME", help="Not included; at most 6 hours later.")],
    case: Annotated[str, typer.Option("--case", metavar="HEX", help="The case's commitment.")],
    purpose: Annotated[str, typer.Option("--purpose", metavar="WORD", help="The case's purpose.")],
    recipients: Annotated[
        list[str], typer.Option("--for", metavar="NAME=age1…", help="Who may read it; may be repeated.")
    ],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="An operator's key file: signs the manifest.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The bundle to make.")],
    recipient: Recipient,
    basis: Basis,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Give a redacted recording out, to named people, once the ledger says so.

    The bundle is encrypted with age and proves itself: docs/custody.md.
    """
    site = read_site(settings)
    if site.keeper is None or site.oversight is None:
        raise SettingsError("exports are logged first, and this site has nobody to log them", "give [keeper]")
    named = named_in(recipients)
    signer = signing(key, None, "", passphrase_file)
    refuse_unwritable(out)
    trusted = site_folder.site_of(site.oversight.folder, site.oversight.site_root)
    if signer.key not in [held.key for held in trusted.root.keys.values() if held.role.value == "operator"]:
        raise UsageError(f"{signer.key.name} is no operator's key of {trusted.root.site}", "name another with --key")
    pair, now = hpke.SealingPair.fresh(os.urandom), int(time.time())
    asking = Asking(
        act="export", site=trusted.root.site, camera=camera, kind="redacted", begins=moment(since), ends=moment(upto),
        until=now + SESSION_S, purpose=purpose, case=case, detail=sha256(recipients_text(named)).hexdigest(),
        key=sha256(pair.public).hexdigest(), salt=os.urandom(32).hex(),
    )  # fmt: skip
    sensible(asking)
    with read_store(Layout(site.data).database) as store:
        layout = Layout(site.data)
        if not clips_between(layout, store, Reading(KeyReader(layout.keys)), camera, *_span(asking)):
            raise UsageError("nothing was kept in this time", "ask for another")
        actor = "p-" + sha256(f"{site.oversight.site_root}\n{signer.key.name}".encode()).hexdigest()[:32]
        logged = have_logged(asking, actor, ask_here(site.data / SOCKET), Given(recipient, basis))
        opener = OneSession(asking, logged, pair, keeper_of(site.keeper))
        clips = clips_between(layout, store, Reading(KeyReader(layout.keys), opener), camera, *_span(asking))
        roots = [site_folder.read(path) for path in site_folder.root_notes(site.oversight.folder)]
        papers = Papers(asking, logged, roots, build_hash().hex(), now, trusted.root.demo)
        found = export(out, clips, papers, named, lambda text: signed_with(text, None, signer))
    typer.echo(f"{out}: {len(clips)} clips for {', '.join(named)}; manifest {found[:16]}; the ledger says so")
    typer.echo("they unpack it with: age -d FILE | tar x, and check it with: python check.py --root HASH")


def moment(text: str) -> int:
    """A time as people write it, in seconds since 1970.

    Raises:
        UsageError: It is none, or names no time zone.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text} is no time", "write 2026-11-27T18:00:00Z, or seconds since 1970") from error
    if found.tzinfo is None:
        raise UsageError(f"{text} names no time zone", "write Z for UTC, or +08:00")
    return int(found.astimezone(UTC).timestamp())


def named_in(recipients: list[str]) -> dict[str, str]:
    """Name to age recipient, from NAME=KEY as people write it.

    Raises:
        UsageError: One names nobody, or somebody a second time.
    """
    found: dict[str, str] = {}
    for one in recipients:
        name, equals, key = one.rpartition("=")
        if not equals or not name.strip() or name in found:
            raise UsageError(f"{one[:80]} names nobody", "write --for 'NAME=age1…', each name once")
        found[name.strip()] = key
    return found


def _span(asking: Asking) -> tuple[int, int]:
    return asking.begins * US, asking.ends * US
