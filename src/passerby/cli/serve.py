"""``passerby serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from passerby.archive.folder import Layout
from passerby.base.errors import DataFolderError, UsageError

if TYPE_CHECKING:
    from passerby.server.public.sources import Sources
    from passerby.station.settings import Site


def serve(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of a station.")],
    host: Annotated[
        str, typer.Option("--host", help="A numeric address. Other machines' only with TLS and accounts.")
    ] = "",
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="0 takes any free port. Default: 8080.")
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option("--settings", metavar="SITE.TOML", help="The station's settings: needed where there is a keeper."),
    ] = None,
    office: Annotated[
        Path | None, typer.Option("--office", metavar="FOLDER", help="The office's folder, where it is not DATA.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="PEM", help="TLS: what the server shows.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="PEM", help="TLS: the certificate's key.")] = None,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="A name that others reach it by; else the certificate's.")
    ] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy on this machine is in front and speaks TLS.")
    ] = False,
    link: Annotated[bool, typer.Option("--link/--no-link", help="Print a one-time link that opens signed in.")] = True,
) -> None:
    """Show a station's cameras on pages: on this machine, or with TLS and accounts on others, too."""
    # The web framework takes half a second to import; other commands don't need it.
    from passerby.access import accounts, links
    from passerby.access.oidc import Provider
    from passerby.access.room import open_room
    from passerby.server.app import create_app
    from passerby.server.serve import listen, shut_in
    from passerby.server.serve import serve as run
    from passerby.server.where import Where, address
    from passerby.station.custody import looks, ports_of
    from passerby.station.settings import read_site
    from passerby.store.database import read_store

    site = read_site(settings) if settings else None
    said = site.server if site else None
    where = Where(
        host or (said.host if said else "127.0.0.1"),
        tuple(name or (said.names if said else ())),
        certificate or (said.certificate if said else None),
        key or (said.key if said else None),
        behind_proxy or bool(said and said.behind_proxy),
    )
    if port is None:
        port = said.port if said else 8080
    folder = office or (said.office if said else None)
    if folder is not None:
        apart(folder, data)
    providers = [
        Provider(other.name, other.issuer, other.client, other.secret.read(), other.acr)
        for other in (said.provider if said else ())
    ]
    seen, sources = looks(site) if site else None, sources_of(site, folder)
    # One who names a wrong folder is told so before anything is made in it.
    read_store(Layout(data).database).close()
    with open_room(data) as room:
        names = where.judged(accounts=accounts.any_account(room))
        with listen(where.host, port) as server:
            shown = address(where.host, server.getsockname()[1], names)
            if link and where.here and not names.proxied:
                shown = f"{shown}enter#{links.local(room)}"
            own = [room.store.path.parent, *writable(data, folder)]
            ports = [*(ports_of(site) if site else ()), *(other.port for other in providers)]
            if weaker := shut_in(ports, own):
                typer.echo(f"passerby: the server could write in the data folder ({weaker}), but does not", err=True)
            known_as = site.alerts.site if site else "passerby"
            run(
                lambda stopping: create_app(
                    data,
                    room,
                    names=names,
                    sources=sources,
                    stopping=stopping,
                    looks=seen,
                    site=known_as,
                    providers=providers,
                ),
                server,
                lambda: typer.echo(f"passerby: {shown}"),
                where.tls(),
            )


def sources_of(site: Site | None, office: Path | None) -> Sources:
    """Where what is public lies, by the settings.

    Args:
        site: The settings, if there are any.
        office: The office's folder, if there is one.
    """
    from passerby.server.public.sources import Sources
    from passerby.store.ledger.disk import LocalDisk
    from passerby.store.ledger.home import Home

    if site is None:
        return Sources(office=office)
    shown, seen, logged = site.server.ledger, site.oversight, site.logged
    home = Home.at(shown) if shown else Home.at(logged.ledger, logged.ledger_key) if logged else None
    return Sources(
        office=office,
        ledger=home.objects(LocalDisk()).get if home else None,
        papers=seen.folder if seen else None,
        first=seen.site_root if seen else "",
        scenes={camera.name: camera.scene for camera in site.cameras if camera.scene},
        tiles=site.server.tiles,
    )


def writable(data: Path, office: Path | None) -> list[Path]:
    """Folders that the server writes in beside its own: alerts that were seen; where there is an office, its desk.

    Raises:
        DataFolderError: One can't be made.
    """
    notify = Layout(data).notify.parent
    try:
        notify.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise DataFolderError(f"{notify} can't be made ({error.strerror})", "check the data folder's rights") from error
    return [notify, *([office] if office else [])]


def apart(office: Path, data: Path) -> None:
    """The server writes in the office's folder, so that may hold nothing else.

    Raises:
        UsageError: It is the data folder, lies above it, or around what a station keeps.
    """
    inner, outer = data.resolve(), office.resolve()
    kept = {"video", "keys", "holds", "open", "access", "notify"}
    if inner.is_relative_to(outer) or (outer.parent == inner and outer.name in kept):
        raise UsageError(
            f"{office} holds what a station keeps, and the server writes in the office's folder",
            "give the office a folder of its own: DATA/office, or another",
        )
