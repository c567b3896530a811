"""``passerby reconcile``: settings, network and register beside each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from passerby.archive.folder import Layout
from passerby.base.errors import EXIT_FAILED, SettingsError, UsageError
from passerby.base.ids import SAFE
from passerby.charter.document import Unsound, parse_json
from passerby.charter.reconcile import Finding
from passerby.cli.desk.common import pseudonym
from passerby.cli.discover import plain
from passerby.cli.ledger.common import clock, ends_well
from passerby.intake.discovery import discover
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.lists import list_path, write_lines
from passerby.office.site_folder import site_of
from passerby.station import reconcile as station
from passerby.station.settings import Site, read_site
from passerby.store.database import read_store
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, open_log
from passerby.store.register import every

LONGEST = 16 << 20


@ends_well
def reconcile(
    settings: Annotated[list[Path], typer.Argument(metavar="SITE.TOML…", help="The settings of each station.")],
    register: Annotated[
        Path | None, typer.Option("--register", metavar="FOLDER", help="The register's folder.")
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--list", metavar="FILE", help='Instead of it: JSON, {"camera": "phase", …}.')
    ] = None,
    seconds: Annotated[
        float, typer.Option("--for", metavar="SECONDS", min=0, help="How long to listen for cameras; 0: not at all.")
    ] = 3.0,
    try_defaults: Annotated[
        list[str] | None,
        typer.Option("--try-defaults", metavar="CAMERA", help="Try four factory passwords on this camera of yours."),
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="DIR", help="Make the findings public: in this ledger.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="PSEUDONYM", help="Who says so, in the ledger.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Cameras as configured, as the network shows them, as the register has them. 0: they agree; 1: findings.

    Each configured camera is asked, as a stranger would, whether it gives its picture away.
    """
    if (register is None) == (listed is None):
        raise UsageError("say what is registered", "give --register FOLDER or --list FILE, one of them")
    if log is not None:
        pseudonym(by)
    sites = [read_site(path) for path in settings]
    registered = from_list(listed) if listed is not None else from_register(register or Path())
    seen = discover(seconds) if seconds else None
    found = station.reconcile(sites, _name(sites), registered, seen, try_defaults or ())
    if log is not None:
        publish(log, found, sum(len(site.cameras) for site in sites), by)
    tell(found, as_json=as_json)
    if found:
        raise typer.Exit(EXIT_FAILED)


def tell(found: list[Finding], *, as_json: bool) -> None:
    """Findings for the operator, with addresses."""
    if as_json:
        rows = [{"id": f.id, "finding": f.kind.value, "camera": f.camera, "words": f.words} for f in found]
        typer.echo(json.dumps(rows, indent=1))
        return
    for finding in found:
        typer.echo(f"{finding.id}  {finding.kind.value:<16}  {finding.camera or '?'}: {plain(finding.words)}")
    typer.echo(f"{len(found)} findings" if found else "settings, network and register agree")


def publish(folder: Path, found: list[Finding], cameras: int, by: str) -> None:
    """The act `reconcile` and its list: kinds and ids, no addresses."""
    home, disk = Home.at(folder), LocalDisk()
    root, content = write_lines([finding.public() for finding in found])
    with open_log(home, disk, clock) as log:
        home.objects(disk).put([(list_path(root), content)])
        writer = ActWriter(log, OneFile(home.beside(".acts"), disk), clock)
        act = {"act": "reconcile", "actor": by, "cameras": cameras, "findings": len(found), "list": root}
        writer.append(act)
        writer.close()


def from_register(folder: Path) -> dict[str, str]:
    """Each registered camera's phase, from the register's folder.

    Raises:
        StoreError: It can't be read.
    """
    with read_store(Layout(folder).database) as store:
        return {row.id: row.phase for row in every(store)}


def from_list(path: Path) -> dict[str, str]:
    """Each registered camera's phase, from a JSON file.

    Raises:
        SettingsError: It is none.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
        found = parse_json(raw.decode()) if len(raw) <= LONGEST else None
    except (Unsound, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path} can't be read as JSON ({error})", 'write {"north-gate": "active"}') from error
    if not isinstance(found, dict) or not all(
        SAFE.fullmatch(camera) and isinstance(phase, str) and phase.isascii() for camera, phase in found.items()
    ):
        raise SettingsError(f"{path} is no list of cameras", 'write {"north-gate": "active"}')
    return found


def _name(sites: list[Site]) -> str:
    """The site's name, from its root: the ledger names cameras by it.

    Raises:
        SettingsError: Stations of two sites, or of none.
    """
    seen = {site.oversight.site_root: site.oversight.folder for site in sites if site.oversight is not None}
    if len(seen) != 1 or any(site.oversight is None for site in sites):
        raise SettingsError("these stations are not of one site", "name settings that have the same site_root")
    ((first, folder),) = seen.items()
    return site_of(folder, first).root.site
