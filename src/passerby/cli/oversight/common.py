"""What the commands of oversight share: plans, keys, signing with open eyes."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from passerby.archive.output import NewFile
from passerby.base.errors import CharterError, UsageError
from passerby.charter.document import text_of
from passerby.office.site_folder import read
from passerby.store.keys.sealed import unseal
from passerby.store.keys.signing import Signing, signed_with
from passerby.store.keys.token import TokenKey

SHORT = 8
NOBODY = "\n\N{EM DASH} nobody AAAAAAA=\n"  # no key made this line: it lets a draft be read as notes are
KeyFile = Annotated[Path | None, typer.Option("--key", metavar="FILE", help="A key file made by `passerby key new`.")]
Token = Annotated[
    str | None,
    typer.Option("--token", metavar="LIBRARY:TOKEN:LABEL", help="A key in a PKCS#11 token, instead of a file."),
]
Name = Annotated[str, typer.Option("--name", metavar="NAME", help="The key's name in notes: operator.example.org.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="Take passphrase or PIN from a file (default: ask)."),
]
Hash = Annotated[
    str | None,
    typer.Option("--hash", metavar="HEX", help="The whole hash of what you sign (default: ask for its start)."),
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def plan(path: Path) -> dict[str, Any]:
    """A plan in TOML.

    Raises:
        UsageError: It is none.
    """
    try:
        return tomllib.loads(read(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML ({error})", "see the example in the manual") from error


def save(path: Path, content: bytes) -> None:
    """A new file, whole or not at all."""
    with NewFile(path) as new:
        new.file.write(content)


def text_in(path: Path) -> tuple[str, bytes | None]:
    """The text of a draft or of a note, and the note if it is one.

    Raises:
        CharterError: It can't be read.
    """
    content = read(path)
    if b"\n\n" in content:
        return text_of(content), content
    try:
        return content.decode(), None
    except UnicodeDecodeError as error:
        raise CharterError(f"{path} is not text", "name a draft or a signed note") from error


def secret(prompt: str, path: Path | None, *, twice: bool = False) -> str:
    """A passphrase or PIN, asked for without showing it, or the first line of a file."""
    if path is not None:
        return read(path).decode("utf-8", "replace").split("\n", 1)[0]
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=twice))


def signing(key: Path | None, token: str | None, name: str, passphrase: Path | None) -> Signing:
    """The key to sign with.

    Raises:
        UsageError: None was named, or two.
        CharterError: It can't be used.
    """
    if (key is None) == (token is None):
        raise UsageError("say which key signs", "give --key FILE or --token LIBRARY:TOKEN:LABEL, one of them")
    if key is not None:
        return unseal(read(key), secret(f"passphrase of {key}", passphrase))
    library, label, which = token_parts(str(token))
    return TokenKey(name, library, label, which, secret(f"PIN of {label}", passphrase))


def token_parts(token: str) -> tuple[str, str, str]:
    """Library, token and label.

    Raises:
        UsageError: They are not three.
    """
    parts = token.split(":")
    if len(parts) != 3 or not all(parts):
        raise UsageError("a token is named LIBRARY:TOKEN:LABEL", "such as /usr/lib/softhsm/libsofthsm2.so:site:op")
    return parts[0], parts[1], parts[2]


def confirm(found: str, given: str | None) -> None:
    """The signer says which document this is.

    Raises:
        CharterError: It is another.
    """
    said = given if given is not None else typer.prompt(f"To sign, type the first {SHORT} signs of the hash")
    if said != (found if given is not None else found[:SHORT]):
        raise CharterError("this is not the hash of what would be signed", "compare it with the others, then try again")


def add_signature(path: Path, out: Path, by: Signing) -> None:
    """Sign a draft or a note; the result is a note."""
    text, note = text_in(path)
    content = signed_with(text, note, by)
    if out.exists():
        out.with_name(f".{out.name}.new").write_bytes(content)
        os.replace(out.with_name(f".{out.name}.new"), out)  # noqa: PTH105
    else:
        save(out, content)


def draft_or_note(path: Path) -> bytes:
    """A note, or a draft as if nobody had signed it: so that both are read in the same way.

    Raises:
        CharterError: It can't be read.
    """
    text, note = text_in(path)
    return note if note is not None else (text + NOBODY).encode()


def add_sign(app: typer.Typer, what: str, read_words: Callable[[bytes], tuple[str, list[str]]], more: str = "") -> None:
    """Give a group the command that signs a paper, after it was read in words.

    Args:
        app: The group.
        what: `a permit`.
        read_words: Of a note: the hash of what is signed, and what it says.
        more: For the help.
    """

    @app.command("sign", help=f"Sign {what}, after reading it in words.{more}")
    def sign(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="A draft or a signed note.")],
        out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write.")],
        key: KeyFile = None,
        token: Token = None,
        name: Name = "",
        passphrase_file: PassphraseFile = None,
        given: Hash = None,
    ) -> None:
        found, lines = read_words(draft_or_note(file))
        typer.echo("\n".join(lines))
        confirm(found, given)
        add_signature(file, out, signing(key, token, name, passphrase_file))
        typer.echo(f"signed: {out}")


def tell(lines: list[str], fields: dict[str, Any], *, as_json: bool) -> None:
    """Lines for people, or JSON."""
    typer.echo(json.dumps(fields, indent=1) if as_json else "\n".join(lines))
