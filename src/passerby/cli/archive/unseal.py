"""``passerby archive unseal`` and ``passerby archive half``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive import hpke
from passerby.archive.export.bundle import recipients_text
from passerby.archive.keeper.judge import Overseen
from passerby.archive.output import refuse_unwritable
from passerby.archive.request import agree, answer_text, parse_request
from passerby.base.errors import UsageError
from passerby.charter.unsealing import PARTS, Rectangle
from passerby.cli.archive.export import Basis, Recipient, moment, named_in
from passerby.cli.oversight.common import PassphraseFile, confirm, save, secret, signing
from passerby.ledger.note import Signer
from passerby.office import site_folder
from passerby.station.keeper import vouch
from passerby.station.settings import read_site
from passerby.station.unsealing import Wanted, unseal_
from passerby.store.keys.sealed import unseal as key_in

half = typer.Typer(help="An officer's half of sealed originals: publish its key, look at a request, give a half.")
RequestFile = Annotated[Path, typer.Argument(metavar="REQUEST", help="A request that `archive unseal` wrote.")]
OfficersKey = Annotated[Path, typer.Option("--key", metavar="FILE", help="The officer's key file.")]


def unseal(
    settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")],
    camera: Annotated[str, typer.Argument(metavar="CAMERA", help="Whose originals.")],
    since: Annotated[str, typer.Option("--from", metavar="TIME", help="2026-11-27T18:00:00Z, or seconds since 1970.")],
    upto: Annotated[str, typer.Option("--to", metavar="TIME", help="Not included; as far as the permit allows.")],
    case: Annotated[str, typer.Option("--case", metavar="ID", help="An open case, by the first 8 signs of its id.")],
    region: Annotated[
        list[str],
        typer.Option(
            "--region",
            metavar="L,T,R,B",
            help="What is shown: left, top, right, bottom in thousandths; may be repeated. All else is hidden.",
        ),
    ],
    officers: Annotated[
        list[str], typer.Option("--officer", metavar="NAME", help="Two officers' keys, by name; of two institutions.")
    ],
    recipients: Annotated[
        list[str], typer.Option("--for", metavar="NAME=age1…", help="Who may read it; may be repeated.")
    ],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="An operator's key file: signs the manifest.")],
    request: Annotated[Path, typer.Option("--request", metavar="FILE", help="Where to write what officers are shown.")],
    halves: Annotated[Path, typer.Option("--halves", metavar="DIR", help="Where their answers will appear.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The bundle to make.")],
    recipient: Recipient,
    basis: Basis,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Open a region of sealed originals, with two officers of two institutions, once the ledger says so.

    Writes REQUEST and waits, for 15 minutes at most, until both officers' answers lie in DIR. What comes out is shown
    to the named recipients only, and never lies on the disk in clear: docs/custody.md.
    """
    site = read_site(settings)
    signer = signing(key, None, "", passphrase_file)
    if not halves.is_dir():
        raise UsageError(f"{halves} is no folder", "make one, into which the officers' answers are put")
    for path in (request, out):
        refuse_unwritable(path)
    named = named_in(recipients)
    recipients_text(named)
    wanted = Wanted(
        camera, moment(since), moment(upto), case, tuple(rectangle(one) for one in region), tuple(officers), named,
        recipient, basis,
    )  # fmt: skip
    made = unseal_(site, wanted, signer, (request, halves, out), lambda line: typer.echo(line, err=True))
    typer.echo(f"{out}: {made.clips} clips for {', '.join(named)}; manifest {made.manifest[:16]}; the ledger says so")


@half.command("publish")
def publish(
    key: OfficersKey,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The note to make.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Vouch for the key to which halves are sealed. The note goes into the site's folder, as officers/NAME.note."""
    save(out, vouch(_signer(key, passphrase_file)))
    typer.echo(f"{out}: give it to the operator, who puts it into the site's folder, under officers/")


@half.command("show")
def show(request: RequestFile) -> None:
    """What a request asks for, in words; nothing of it is proven until `give` has judged it."""
    for line in _words(request):
        typer.echo(line)


@half.command("give")
def give(
    request: RequestFile,
    key: OfficersKey,
    folder: Annotated[Path, typer.Option("--site", metavar="FOLDER", help="The site's papers.")],
    first: Annotated[str, typer.Option("--first", metavar="HASH", help="The first root's hash, as on the sign.")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The half to hand over.")],
    passphrase_file: PassphraseFile = None,
    given: Annotated[
        str | None, typer.Option("--hash", metavar="HEX", help="The request's hash (default: ask for its start).")
    ] = None,
) -> None:
    """Give one's half for exactly what a request asks, after judging act, proof, case and region.

    What is handed over opens for the darkroom that asked, and for nobody else.
    """
    asked = parse_request(site_folder.read(request))
    for line in _words(request):
        typer.echo(line)
    confirm(asked.asking.hash, given)
    signer = _signer(key, passphrase_file)
    site = Overseen.of(site_folder.site_of(folder, first).root)
    pair, now = hpke.SealingPair.of(signer.seed), int(time.time())
    save(out, answer_text(asked.asking, pair.id, agree(asked, pair, site, now)).encode())
    typer.echo(f"{out}: put it into the folder that the operator named")


def _signer(key: Path, passphrase_file: Path | None) -> Signer:
    return key_in(site_folder.read(key), secret(f"passphrase of {key}", passphrase_file))


def _words(request: Path) -> list[str]:
    asked = parse_request(site_folder.read(request))
    asking, belongs = asked.asking, asked.unsealing
    lasts = asking.ends - asking.begins
    regions = [f"{left}–{right} ‰ across, {top}–{bottom} ‰ down" for left, top, right, bottom in belongs.region]
    return [
        f"request {asking.hash}",
        f"site {asking.site}, camera {asking.camera}: originals of {_time(asking.begins)}, {lasts} s",
        f"shown: {'; '.join(regions)}; everything else is hidden",
        f"for {asking.purpose}, case {asking.case}",
        f"given to recipients with the hash {belongs.recipients[:16]}, by {_time(asking.until)} at the latest",
        f"asks for the halves of {' and '.join(belongs.officers)} of {len(asked.files)} files",
    ]


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def rectangle(text: str) -> Rectangle:
    """A rectangle in thousandths, as people write it.

    Raises:
        UsageError: It is none.
    """
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isdecimal() for part in parts):
        raise UsageError(f"{text[:40]} is no region", "write --region 250,100,500,900: left, top, right, bottom in ‰")
    left, top, right, bottom = (int(part) for part in parts)
    if not (left < right <= PARTS and top < bottom <= PARTS):
        raise UsageError(
            f"{text[:40]} shows nothing, or reaches beyond the picture", "0 to 1000, left < right, top < bottom"
        )
    return left, top, right, bottom
