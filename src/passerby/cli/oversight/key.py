"""``passerby key new`` and ``passerby key show``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import UsageError
from passerby.cli.oversight.common import PassphraseFile, Token, save, secret, token_parts
from passerby.ledger.note import format_vkey, new_signer
from passerby.ledger.verify import ED25519
from passerby.office.site_folder import read
from passerby.store.keys.sealed import seal, vkey_of
from passerby.store.keys.token import TokenKey, make_key

app = typer.Typer(help="Signing keys: in a file under a passphrase, or in a token.", no_args_is_help=True)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The key's name in notes: operator.example.org.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="The key file to make.")] = None,
    token: Token = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a signing key. Prints its verifier key, which goes into the plan of the site root."""
    if (out is None) == (token is None):
        raise UsageError("say where the key shall be", "give --out FILE or --token LIBRARY:TOKEN:LABEL, one of them")
    if out is not None:
        signer = new_signer(name, ED25519, os.urandom)
        save(out, seal(signer, secret("a new passphrase", passphrase_file, twice=True), os.urandom))
        out.chmod(0o600)
        typer.echo(format_vkey(signer.key))
        return
    library, label, which = token_parts(str(token))
    pin = secret(f"PIN of {label}", passphrase_file)
    make_key(library, label, which, pin)
    typer.echo(format_vkey(TokenKey(name, library, label, which, pin).key))


@app.command("show")
def show(file: Annotated[Path, typer.Argument(metavar="FILE", help="A key file.")]) -> None:
    """The verifier key that a key file claims to be of; needs no passphrase."""
    typer.echo(vkey_of(read(file)))
