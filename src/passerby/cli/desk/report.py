"""``passerby report``: the public report, computed from the ledger, and checked against it; what it must be told."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.output import NewFile
from passerby.charter.report.items import name_of
from passerby.charter.report.page import PROVISIONAL, WITHOUT_KEYS, facts, page, warnings
from passerby.charter.report.report import LONGEST, Report, compute, parse, refute
from passerby.cli.desk import given
from passerby.cli.ledger.common import PolicyFile, Vkeys, ends_well, reader, trust
from passerby.ledger.errors import Misuse, Refuted, Unreadable
from passerby.ledger.verify import Trust
from passerby.press.reports import report_pdf

MOST_TOLD = 20
app = typer.Typer(name="report", invoke_without_command=True, add_completion=False, rich_markup_mode=None)
app.command("spend")(given.spend)
app.command("share")(given.share)


Ledger = Annotated[Path, typer.Option("--ledger", metavar="DIR", help="The ledger's folder, or a mirror's.")]


@app.callback()
@ends_well
def report(
    context: typer.Context,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="DIR", help="The ledger's folder, or a mirror's.")
    ] = None,
    from_: Annotated[str, typer.Option("--from", metavar="DAY", help="2026-01-01 (UTC), or a time with offset.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="DAY", help="The first day that is not in it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As canonical JSON.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="As one HTML file.")] = False,
    as_pdf: Annotated[bool, typer.Option("--pdf", help="As a PDF.")] = False,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Where to (default: output).")] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="REPORT", help="Compare with this one: JSON, HTML or PDF.")
    ] = None,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave out births and deaths of keys: reads no hour's list.")
    ] = False,
    provisional: Annotated[bool, typer.Option("--provisional", help="Of a period that is not over yet.")] = False,
    vkey: Vkeys = None,
    policy: PolicyFile = None,
) -> None:
    """The report of a period, computed from a verified ledger alone. The same bytes for everybody who has it.

    --check REPORT computes it again and names each line that is not the ledger's: exit code 0 the same, 1 refuted.
    """
    if context.invoked_subcommand is not None:
        return
    if ledger is None:
        raise Misuse("name the ledger's folder, or a mirror's, with --ledger")
    believed = believing(ledger, vkey, policy)
    if check is not None:
        _check(check, ledger, believed, from_, to, keys=not without_keys, provisional=provisional)
        return
    if as_json + as_html + as_pdf > 1:
        raise Misuse("name one of --json, --html and --pdf")
    begins, ends = _moment(from_, "--from"), _moment(to, "--to")
    found = compute(reader(ledger), believed, begins, ends, keys=not without_keys, provisional=provisional)
    if as_json or as_html or as_pdf:
        _give(found.encode() if as_json else page(found) if as_html else report_pdf(found), out)
    else:
        _give("".join(f"{line}\n" for line in _text(found)).encode(), out)


def believing(ledger: Path, vkeys: Sequence[str] | None, policy: Path | None) -> Trust:
    """What is believed: keys and policy that were named; else the key in the folder, worth no more than the folder.

    Raises:
        Misuse: There is none of these.
    """
    own = ledger / "log.vkey"
    if not vkeys and policy is None and own.is_file():
        typer.echo(f"passerby: believing {own}; name the key that you know with --vkey", err=True)
        vkeys = [str(own)]
    return trust(vkeys, policy)


def _moment(text: str, option: str) -> int:
    try:
        when = datetime.fromisoformat(text)
        return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        raise Misuse(f"{option} {text[:40]!r} is no day: write 2026-01-01") from error


def _check(path: Path, ledger: Path, believed: Trust, from_: str, to: str, *, keys: bool, provisional: bool) -> None:
    with path.open("rb") as file:
        raw = file.read(LONGEST + 1)
    if len(raw) > LONGEST:
        raise Unreadable(f"{path} is larger than any report")
    if raw.startswith(b"{"):
        claimed = parse(raw)
        most = None if claimed.over else claimed.size
        true = compute(
            reader(ledger), believed, claimed.begins, claimed.ends,
            keys=claimed.keys, provisional=not claimed.over, most=most,
        )  # fmt: skip
        if wrong := refute(claimed, true):
            more = f"; and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
            raise Refuted(f"{path} is not this ledger's: {'; '.join(wrong[:MOST_TOLD])}{more}")
    else:
        if not (from_ and to):
            raise Misuse("a page or a PDF is checked with its --from and --to")
        begins, ends = _moment(from_, "--from"), _moment(to, "--to")
        # A page says in its first lines what it leaves out; of a PDF the options have to tell.
        keys, provisional = keys and WITHOUT_KEYS.encode() not in raw, provisional or PROVISIONAL.encode() in raw
        true = compute(reader(ledger), believed, begins, ends, keys=keys, provisional=provisional)
        _same(path, raw, report_pdf(true) if raw.startswith(b"%PDF") else page(true))
    typer.echo(f"proven: {path} is what the ledger says; its {len(true.lines)} lines rest on {true.size} entries")


def _same(path: Path, raw: bytes, true: bytes) -> None:
    if raw == true:
        return
    if raw.startswith(b"%PDF"):
        raise Refuted(f"{path} is not the PDF that this ledger gives: check its JSON to see which line differs")
    ours, theirs = true.split(b"\n"), raw.split(b"\n")
    at = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    said = [lines[at].decode("utf-8", "replace")[:200] if at < len(lines) else "nothing" for lines in (theirs, ours)]
    raise Refuted(f"{path}, line {at + 1}, says {said[0]!r}; the ledger says {said[1]!r}")


def _text(found: Report) -> list[str]:
    head = [f"{name}: {value}" for name, value in facts(found)]
    some = [f"{value:>12}  {name}  ({name_of(name)})" for name, value in found.lines.items() if value]
    zeroes = sum(not value for value in found.lines.values())
    return [*head, *warnings(found), *some, f"and {zeroes} lines with 0"]


def _give(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
        return
    with NewFile(out) as new:
        new.file.write(content)
