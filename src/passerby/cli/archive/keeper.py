"""``passerby archive keeper`` and ``answers``."""

from __future__ import annotations

import os
import ssl
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.keeper.count import parse_answered
from passerby.archive.keeper.wire import Certificates, listen_here, listen_tls, parse_host
from passerby.base.errors import CustodyError, UsageError
from passerby.charter.document import Unsound
from passerby.charter.root import SPAN_S
from passerby.cli.ledger.common import PolicyFile, Vkeys, Where, ends_well, read_keys, say, source, trust
from passerby.cli.oversight.common import PassphraseFile, secret
from passerby.ledger.errors import LedgerError, Refuted, Unreadable
from passerby.ledger.schema import parse_act
from passerby.ledger.verify import Trust, leaf_hash, verify_log
from passerby.office.site_folder import read
from passerby.station.custody import scribe as log_looks
from passerby.station.keeper import KeeperFolder, group_id, keep, shut_in, user_id
from passerby.station.settings import read_site
from passerby.store.keys.sealed import unseal


def keeper(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The keeper's own folder; made if not there.")],
    take: Annotated[
        Path | None, typer.Option("--take", metavar="FILE", help="Take the key in this key file into DIR, and end.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    site: Annotated[Path | None, typer.Option("--site", metavar="FOLDER", help="The site's papers.")] = None,
    first: Annotated[str, typer.Option("--first", metavar="HASH", help="The first root's hash, as on the sign.")] = "",
    at: Annotated[Path | None, typer.Option("--socket", metavar="PATH", help="A local socket.")] = None,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="HOST:PORT", help="Instead: TLS, for another machine.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(metavar="PEM", help="The keeper's certificate.")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="PEM", help="Its private key.")] = None,
    authority: Annotated[
        Path | None, typer.Option(metavar="PEM", help="What certificates of those who ask are signed by.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="Whom to become, where root starts it.")
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="NAME", help="Who may ask at the local socket: the server's group.")
    ] = None,
) -> None:
    """Run the second institution's key service: it gives shares only for acts that the ledger shows.

    First `--take` the key that the site's root names as keeper's, and give DIR/keeper.note to the operator. Run it as
    a user of its own, better on a machine of its own: docs/custody.md says what each is worth.
    """
    own = KeeperFolder(folder.absolute())
    try:
        if take is not None:
            own.take(unseal(read(take), secret(f"passphrase of {take}", passphrase_file)))
            typer.echo(f"{own.note}: give it to the operator, who puts it into the site's folder")
            return
        if site is None or not first or (at is None) == (listen is None):
            raise UsageError(
                "say whose keeper this is, and where it listens", "give --site, --first and --socket or --listen"
            )
        tls = _tls(listen, certificate, tls_key, authority)
        _run(own, (site.absolute(), first), (at, listen), tls, (user, group))
    except LedgerError as error:
        raise CustodyError(f"the keeper's count: {error}", "see `passerby ledger fsck` on its answers") from error


def _tls(
    listen: str | None, certificate: Path | None, key: Path | None, authority: Path | None
) -> ssl.SSLContext | None:
    if listen is None:
        return None
    if certificate is None or key is None or authority is None:
        raise UsageError("between machines both sides show certificates", "give --certificate --tls-key --authority")
    return Certificates(certificate, key, authority).context(ssl.Purpose.CLIENT_AUTH)


def _run(
    own: KeeperFolder,
    site: tuple[Path, str],
    where: tuple[Path | None, str | None],
    tls: ssl.SSLContext | None,
    names: tuple[str | None, str | None],
) -> None:
    at, listen = where
    user, group = names
    uid = user_id(user) if user and os.geteuid() == 0 else None
    gid = group_id(group) if group else None
    listening = listen_tls(*parse_host(listen)) if listen is not None else listen_here(at or Path())
    if uid is not None:
        for path in [own.root, *own.root.rglob("*")]:
            os.chown(path, uid, uid, follow_symlinks=False)
    if at is not None:
        os.chown(at, -1 if uid is None else uid, -1 if gid is None else gid)
    with listening:
        if weaker := shut_in(own.root, [site[0]], uid):
            typer.echo(f"passerby: the keeper could write elsewhere ({weaker}), but does not", err=True)
        keep(own, *site, listening, time.time, lambda line: typer.echo(f"passerby: {line}"), tls)


def scribe(settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")]) -> None:
    """Log looks in the site's ledger, for the pages; `passerby run` starts it where there is a keeper."""
    try:
        log_looks(read_site(settings), lambda line: typer.echo(f"passerby: {line}", err=True))
    except LedgerError as error:
        raise CustodyError(f"the ledger: {error}", "see `passerby ledger fsck`") from error


@ends_well
def answers(
    answered: Annotated[str, typer.Argument(metavar="ANSWERS", help="The keeper's count: its address, or folder.")],
    log: Where,
    keeper_vkey: Annotated[str, typer.Option("--keeper-vkey", metavar="KEY", help="The keeper's verifier key.")],
    vkey: Vkeys = None,
    policy: PolicyFile = None,
) -> None:
    """Compare what a keeper answered with what the site's ledger says was looked at; needs neither's word."""
    acts: dict[str, str] = {}

    def act(_: int, entry: bytes) -> None:
        if (kind := str(parse_act(entry).get("act"))) in SPAN_S:
            acts[leaf_hash(entry).hex()] = kind

    told = verify_log(source(log), trust(vkey, policy), act)
    given: Counter[str] = Counter()
    try:
        own = verify_log(
            source(answered),
            Trust(read_keys([keeper_vkey])),
            lambda _, entry: given.update([parse_answered(entry).entry]),
        )
    except Unsound as error:
        raise Unreadable(f"this is no keeper's count ({error})") from error
    if strange := given.keys() - acts.keys():
        raise Refuted(f"{len(strange)} acts were answered that are not in this ledger, the first {min(strange)}")
    kinds = Counter(acts.values())
    lines = [f"{kinds[k]} of {k}" for k in SPAN_S if kinds[k]]
    say(
        [
            *told,
            *own,
            f"acts that open something: {', '.join(lines) or 'none'}",
            f"{sum(given.values())} answers to {len(given)} of them; {len(acts.keys() - given.keys())} never answered",
        ],
        ["that the keeper counts all that it answers", "that what it opened was only looked at, and by one person"],
    )
