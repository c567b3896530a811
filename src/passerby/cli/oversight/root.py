"""``passerby root init``, ``change``, ``show``, ``diff`` and ``sign``."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from passerby.base.errors import CharterError, UsageError
from passerby.charter.changes import judge_first, judge_step
from passerby.charter.differences import differences, duration
from passerby.charter.root import SiteRoot, parse_root
from passerby.cli.oversight import common
from passerby.cli.oversight.plans import EXAMPLE, root_of
from passerby.ledger.verify import LedgerError, verify_note
from passerby.station.showcase.site import oversee

app = typer.Typer(help="The site root: who may sign what, and what may never be exceeded.", no_args_is_help=True)
Plan = Annotated[Path | None, typer.Argument(metavar="PLAN", help="The plan (TOML).")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where to write.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A root: a draft or a signed note.")]


def load(path: Path) -> tuple[SiteRoot, bytes | None]:
    """A root, and its note if it is signed.

    Raises:
        CharterError: It is none.
    """
    text, note = common.text_in(path)
    return parse_root(text), note


@app.command("init")
def init(
    plan: Plan = None,
    out: Out = Path("root-0.json"),
    example: Annotated[bool, typer.Option("--example", help="Print a plan to fill in, and do nothing else.")] = False,
) -> None:
    """Draft the first root from a plan, and say who has to sign it."""
    if example:
        typer.echo(EXAMPLE)
        return
    if plan is None:
        raise UsageError("there is no plan", "`passerby root init --example > plan.toml`, fill it in, then name it")
    root = root_of(common.plan(plan), None, int(time.time()))
    common.save(out, root.text().encode())
    typer.echo("\n".join(words(root)))
    typer.echo(_steps(root, out, "every operator's, reviewer's, officer's and keeper's key that is in it"))


@app.command("demo")
def demo(
    settings: Annotated[Path, typer.Argument(metavar="SITE.TOML", help="The station's settings.")],
) -> None:
    """Try it out alone: make a site for show beside the settings, with a permit for each of its cameras, and name it.

    One person then holds all keys, so it proves nothing: it is marked DEMO everywhere. Its witness speaks once: after a
    day pictures end, and numbers three days later. Run it again for a new one.
    """
    site = oversee(settings)
    typer.echo(f"DEMO site in {site.folder}, named in {settings}: root {site.root.hash}")


@app.command("change")
def change(
    old: Annotated[Path, typer.Argument(metavar="ROOT", help="The root in force (signed note).")],
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="What changes (TOML); the rest stays.")],
    out: Out = Path("root-next.json"),
) -> None:
    """Draft the root that follows another: keys enrolled, rotated, lost, compromised, handed over; limits; builds."""
    before, _ = load(old)
    root = root_of(common.plan(plan), before, int(time.time()))
    common.save(out, root.text().encode())
    typer.echo("\n".join(_told(before, root)))
    typer.echo(_steps(root, out, _signers(before, root)))


@app.command("show")
def show(file: File, as_json: common.Json = False) -> None:
    """A root in words: its hash, who is in it, its limits, and whose signatures are on it."""
    root, note = load(file)
    signed = _signed(root, note)
    fields = {"hash": root.hash, "site": root.site, "demo": root.demo, "serial": root.serial, "signed": signed}
    common.tell([*words(root), f"signed by: {', '.join(signed) or 'nobody yet'}"], fields, as_json=as_json)


@app.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The root before.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The root after.")],
    as_json: common.Json = False,
) -> None:
    """What changes from one root to the next, in words; what loosens needs operator and reviewer."""
    before, after = load(old)[0], load(new)[0]
    found = [{"words": d.words, "loosens": d.loosens} for d in differences(before, after)]
    lines = [*_told(before, after), f"to be signed with {_signers(before, after)}"]
    common.tell(lines, {"changes": found}, as_json=as_json)


@app.command("sign")
def sign(
    file: File,
    out: Out,
    after: Annotated[
        Path | None, typer.Option("--after", metavar="ROOT", help="The root before, to be told what changes.")
    ] = None,
    key: common.KeyFile = None,
    token: common.Token = None,
    name: common.Name = "",
    passphrase_file: common.PassphraseFile = None,
    given: common.Hash = None,
) -> None:
    """Sign a root, after reading it in words and comparing its hash with the others who sign."""
    root, _ = load(file)
    if root.serial and after is None:
        raise UsageError("this root changes another", "name that with --after, to be told what changes")
    typer.echo("\n".join(_told(load(after)[0], root) if after else words(root)))
    common.confirm(root.hash, given)
    common.add_signature(file, out, common.signing(key, token, name, passphrase_file))
    typer.echo(f"signed: {out}; {_whether(root, out, after)}")


def _whether(root: SiteRoot, out: Path, after: Path | None) -> str:
    """Whether the root is whole with these signatures."""
    note = common.text_in(out)[1] or b""
    try:
        if after is None:
            judge_first(note)
        else:
            judge_step(load(after)[0], note)
    except CharterError as error:
        return f"not whole yet: {error.message}"
    return f"whole: it holds once the ledger has the act site-root with content {root.hash}"


def words(root: SiteRoot) -> list[str]:
    """A root for people."""
    limits = root.limits
    mark = "DEMO, for show only: " if root.demo else ""
    return [
        f"{mark}site root number {root.serial} of {root.site}, made {moment(root.at)}",
        f"hash: {root.hash}",
        *[f"institution {n}: {name}" for n, name in sorted(root.institutions.items())],
        *[
            f"key {k.key.name}, {k.role.value} of {k.institution}, {k.state.value}, until {moment(k.ends)}: {k.id[:16]}"
            for k in sorted(root.keys.values(), key=lambda k: (k.role.value, k.key.name))
        ],
        f"may be permitted: {', '.join(root.analyses)}; for {', '.join(root.purposes)}",
        f"kept at most {duration(limits.retention_s)}; permits last at most {duration(limits.permit_s)}",
        f"a camera is public for {duration(limits.waiting_s)} before it starts",
        f"witnesses: silent for {duration(limits.heartbeat_s)}, recording stops; policy {_digest(root.policy)}",
        f"emergencies: {'allowed, to be justified within 7 days' if limits.emergency else 'not allowed'}",
        f"approved builds: {', '.join(root.builds) or 'none'}",
    ]


def moment(seconds: int) -> str:
    """A time for people."""
    return datetime.fromtimestamp(min(seconds, 253402300799), UTC).strftime("%Y-%m-%d %H:%M UTC")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _told(old: SiteRoot, new: SiteRoot) -> list[str]:
    found = differences(old, new)
    lines = [f"{'LOOSENS' if d.loosens else 'narrows'}: {d.words}" for d in found] or ["nothing changes"]
    return [f"from root number {old.serial} to number {new.serial} of {new.site}", f"hash: {new.hash}", *lines]


def _signers(old: SiteRoot, new: SiteRoot) -> str:
    if any(d.loosens for d in differences(old, new)):
        return "a key of the operator and one of the reviewer, and every new key"
    return "a key of the operator or of the reviewer"


def _signed(root: SiteRoot, note: bytes | None) -> list[str]:
    if note is None:
        return []
    try:
        return sorted(key.name for key in verify_note(note, [k.key for k in root.keys.values()])[1])
    except LedgerError as error:
        raise CharterError(
            f"a signature is not right: {error}", "take the note again from whoever signed it"
        ) from error


def _steps(root: SiteRoot, out: Path, who: str) -> str:
    after = " --after ROOT" if root.serial else ""
    return "\n".join([
        "", "What to do now:",
        f"1. Each signer reads {out} with `passerby root show {out}`, on a machine of their own.",
        f"2. All read the hash to each other, aloud: {root.hash[:16]} {root.hash[16:32]} …",
        f"3. Sign in turn, each with the note of the one before: {who}:",
        f"   passerby root sign {out}{after} --key KEY -o {out.with_suffix('.note')}",
        "4. Log it: the act site-root with this hash, as entry 0 if it is the first. Then print the hash on the sign.",
    ])  # fmt: skip
