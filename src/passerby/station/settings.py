"""``site.toml``: the cameras of one machine. Every wrong entry is named in one line."""

from __future__ import annotations

import math
import tomllib
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, quote, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator

from passerby.base.errors import SceneError, SettingsError
from passerby.base.ids import SAFE
from passerby.crowd import scene_file
from passerby.station.alert_settings import AlertsSettings
from passerby.station.provider_settings import ProviderSettings
from passerby.station.strict import Secret, Strict

RTSP_PORT = 554


class Mode(Enum):
    """What a camera's darkroom may hand out."""

    COUNTS_ONLY = "counts-only"
    LIVE = "live"
    RECORD = "record"


class CameraSettings(Strict):
    """One camera.

    Args:
        name: Small letters, digits and hyphens: it is part of addresses and folders.
        source: ``rtsp://host[:port]/path`` without credentials, or the path of a clip that plays again and again.
        transport: How RTSP's pictures travel.
        user: Where its user's name is.
        password: Where its password is.
        mode: What leaves the darkroom; pictures only if asked for by name.
        retention_h: Hours that recordings are kept.
        frames: ``keyframes`` decodes only those, for counts at little cost.
        count_every_s: Seconds between two counts.
        count: What is counted: ``crowd``, ``traffic`` or both.
        longest_stay_s: How long somebody may stay in one place here before the place counts as empty; never less than
            the permit says.
        learn_from: A clip of the same view that is learnt from before the first picture is shown.
        push: ``rtsp://`` or ``rtsps://host[:port]/path`` of a server that is given the live redacted video, too.
        push_user: Where that server's user is.
        push_password: Where that user's password is.
        scene: A ``scene.json``: zones and lines to count in. The permit names its hash.
        seal: Keep the originals, encrypted so that only two officers of two institutions together open them, in time.
        seal_h: Hours that they are kept.
    """

    name: str
    source: str
    transport: Literal["tcp", "udp"] = "tcp"
    user: Secret | None = None
    password: Secret | None = None
    mode: Mode = Mode.COUNTS_ONLY
    retention_h: Annotated[float, Field(gt=0, le=24 * 366)] = 24.0
    frames: Literal["all", "keyframes"] = "all"
    count_every_s: Annotated[float, Field(ge=1, le=60)] = 5.0
    count: Annotated[tuple[Literal["crowd", "traffic"], ...], Field(min_length=1)] = ("crowd",)
    longest_stay_s: Annotated[float, Field(gt=0)] | None = None
    learn_from: Path | None = None
    scene: Path | None = None
    push: str | None = None
    push_user: Secret | None = None
    push_password: Secret | None = None
    seal: bool = False
    seal_h: Annotated[float, Field(gt=0, le=24 * 366)] = 24.0

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not SAFE.fullmatch(name):
            raise ValueError("use small letters, digits and hyphens, with no hyphen at either end")
        return name

    @field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        if "://" in source:
            _check_rtsp(source, ("rtsp",), "use rtsp://host/path or the path of a file")
        return source

    @field_validator("push")
    @classmethod
    def _pushable(cls, push: str | None) -> str | None:
        if push is not None:
            _check_rtsp(push, ("rtsp", "rtsps"), "use rtsp://host/path or rtsps://host/path")
        return push

    @model_validator(mode="after")
    def _has_video(self) -> CameraSettings:
        if self.push is not None and self.mode is Mode.COUNTS_ONLY:
            raise ValueError("a camera that only counts has no video to push: ask for live or record by name")
        return self

    @property
    def address(self) -> SplitResult | None:
        """The RTSP address, or None for a file."""
        return urlsplit(self.source) if "://" in self.source else None

    @property
    def port(self) -> int | None:
        """The TCP port of an RTSP camera."""
        return None if self.address is None else self.address.port or RTSP_PORT

    @property
    def analyses(self) -> frozenset[str]:
        """What it asks its permit for."""
        video = {Mode.COUNTS_ONLY: set[str](), Mode.LIVE: {"live"}, Mode.RECORD: {"live", "record"}}
        return frozenset({*self.count, *video[self.mode], *({"seal"} if self.seal else ())})

    @property
    def retention_s(self) -> int:
        """How long recordings are kept, in seconds; 0 where there are none."""
        return math.ceil(self.retention_h * 3600) if self.mode is Mode.RECORD else 0

    @property
    def seal_s(self) -> int:
        """How long sealed originals are kept, in seconds; 0 where there are none."""
        return math.ceil(self.seal_h * 3600) if self.seal else 0

    def read_scene(self) -> bytes:
        """The scene as canonical JSON, checked; empty where there is none.

        Raises:
            SettingsError: It can't be read.
            SceneError: It is none; the fault has a name.
        """
        if self.scene is None:
            return b""
        try:
            data = self.scene.read_bytes()
        except OSError as error:
            advice = "check its name and rights"
            raise SettingsError(f"camera {self.name}: {self.scene} can't be read ({error.strerror})", advice) from error
        try:
            scene_file.parse(data)
            return scene_file.canonical(data)
        except SceneError as error:
            raise SceneError.of(error.fault, f"camera {self.name}: {error.message}", error.advice) from error

    def url(self, ip: str) -> str:
        """What to open, with a numeric address and credentials. Never print it."""
        assert self.address is not None
        return _with_credentials(self.address, ip, self.port, self.user, self.password)

    def push_url(self) -> str:
        """Where video is pushed to, with credentials. Never print it.

        Raises:
            SettingsError: A secret can't be read.
        """
        parts = urlsplit(self.push or "")
        return _with_credentials(parts, parts.hostname or "", parts.port, self.push_user, self.push_password)


def _check_rtsp(address: str, schemes: tuple[str, ...], advice: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in schemes:
        raise ValueError(advice)
    if parts.username is not None or parts.password is not None:
        raise ValueError("leave user and password out of the address: name them as user and password")
    if not parts.hostname:
        raise ValueError("the address names no host")
    _ = parts.port  # raises ValueError where it is none


def _with_credentials(
    parts: SplitResult, host: str, port: int | None, user: Secret | None, password: Secret | None
) -> str:
    who = ""
    if user is not None:
        who = quote(user.read(), safe="")
        if password is not None:
            who += ":" + quote(password.read(), safe="")
        who += "@"
    where = f"[{host}]" if ":" in host else host
    where += f":{port}" if port is not None else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{who}{where}{parts.path}{query}"


class Oversight(Strict):
    """Who oversees the cameras: without this entry none runs.

    Args:
        folder: The site's papers: roots, permits, proofs, the newest checkpoint, revocations (``docs/gate.md``).
        site_root: Hash of the site's first root, as on the sign.
    """

    folder: Path
    site_root: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class LooksSettings(Strict):
    """Where looks are logged before anybody sees anything; a part of ``[keeper]`` where there is one.

    Args:
        ledger: The site's ledger on this machine.
        ledger_key: Its key; ``LEDGER.key`` where it is left out.
        purpose: What the pages are looked at for.
        case: Commitment of the standing case for that.
    """

    ledger: Path
    ledger_key: Path | None = None
    purpose: Annotated[str, Field(pattern="^[a-z-]{1,24}$")] = "crowd-safety"
    case: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class KeeperSettings(LooksSettings):
    """The second institution's key service: with this entry, video opens only for acts that the ledger shows.

    Args:
        socket: Where it listens on this machine.
        address: Instead, ``HOST:PORT`` of another machine's.
        certificate: There: what this side shows (PEM).
        tls_key: Its private key (PEM).
        authority: What the keeper's certificate must be signed by (PEM).
    """

    socket: Path | None = None
    address: Annotated[str, Field(pattern=r"^.+:\d{1,5}$")] | None = None
    certificate: Path | None = None
    tls_key: Path | None = None
    authority: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> KeeperSettings:
        if (self.socket is None) == (self.address is None):
            raise ValueError("give one of socket and address")
        if self.address is not None and None in (self.certificate, self.tls_key, self.authority):
            raise ValueError("an address needs certificate, tls_key and authority")
        return self


class ArchiveSettings(Strict):
    """What recordings may take, and what happens when that is used up.

    Args:
        quota_gb: All cameras' recordings together; 0: as much as the disk has.
        when_full: Steps in their order: ``shorten`` gives up the oldest before their time, ``stop`` keeps nothing new.
        least_h: Younger than this nothing is given up.
    """

    quota_gb: Annotated[float, Field(ge=0)] = 0.0
    when_full: Annotated[tuple[Literal["shorten", "stop"], ...], Field(min_length=1)] = ("stop",)
    least_h: Annotated[float, Field(ge=1)] = 24.0


class ServerSettings(Strict):
    """Where the pages are.

    Args:
        enabled: Whether ``passerby run`` serves them.
        host: A numeric address; one that other machines reach needs a certificate, and somebody with an account.
        port: A TCP port; 0 for any that is free.
        names: What others call this machine, where its certificate does not say so.
        certificate: What it shows (PEM).
        key: The certificate's key (PEM).
        behind_proxy: A proxy on this machine is in front and speaks TLS.
        provider: Other sign-ins.
        office: The folder of the register and the desk, where it is not the data folder.
        ledger: The ledger's folder, or a mirror's, to show; where it is left out, that in which looks are logged.
        tiles: Address of map tiles with ``{z}/{x}/{y}``, or of a PMTiles file; empty: outlines that come along.
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8480
    names: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: bool = False
    provider: tuple[ProviderSettings, ...] = ()
    office: Path | None = None
    ledger: Path | None = None
    tiles: Annotated[str, Field(max_length=500)] = ""


class Site(Strict):
    """One machine's settings.

    Args:
        data: The folder for everything that is kept.
        keys: Where the keys of recordings are kept, if not in the data folder: another disk, in no backup.
        cameras: At least one.
        oversight: Whose permits count.
        keeper: Who holds the second half of the keys; without, the site runs in the weaker form.
        looks: Where looks are logged although there is no keeper.
        archive: What recordings may take.
        server: Its pages.
        alerts: Who else is told of alerts.
        weaker_lock: Run without Landlock where the kernel has none; the register shows it.
    """

    data: Path
    keys: Path | None = None
    cameras: Annotated[list[CameraSettings], Field(min_length=1, alias="camera")]
    oversight: Oversight | None = None
    keeper: KeeperSettings | None = None
    looks: LooksSettings | None = None
    archive: ArchiveSettings = ArchiveSettings()
    server: ServerSettings = ServerSettings()
    alerts: AlertsSettings = AlertsSettings()
    weaker_lock: bool = False

    @model_validator(mode="after")
    def _names_differ(self) -> Site:
        names = [camera.name for camera in self.cameras]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two cameras are named {min(twice)}")
        if self.logged is not None and self.oversight is None:
            raise ValueError("a keeper, and looks that are logged, need a site: give [oversight], too")
        if self.keeper is not None and self.looks is not None:
            raise ValueError("[keeper] says where looks are logged: take [looks] away")
        return self

    @property
    def logged(self) -> LooksSettings | None:
        """Where looks are logged; None where they are not."""
        return self.keeper or self.looks


def read_site(path: Path) -> Site:
    """The settings in a file; paths in it are taken from its folder.

    Raises:
        SettingsError: It can't be read, or an entry is wrong: which, and why.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} can't be read ({error.strerror})", "name a settings file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no TOML ({error})") from error
    try:
        site = Site.model_validate(content)
    except ValidationError as error:
        raise SettingsError(f"{path}: {_first_of(error, content)}") from error
    return _from(path.parent, site)


def _from(folder: Path, site: Site) -> Site:
    cameras = [
        camera.model_copy(
            update={
                "source": camera.source if camera.address else str(folder / camera.source),
                "learn_from": camera.learn_from and folder / camera.learn_from,
                "scene": camera.scene and folder / camera.scene,
            }
        )
        for camera in site.cameras
    ]
    seen = site.oversight
    if seen is not None:
        seen = seen.model_copy(update={"folder": folder / seen.folder})
    keeper = site.keeper
    if keeper is not None:
        paths = ("socket", "certificate", "tls_key", "authority", "ledger", "ledger_key")
        keeper = keeper.model_copy(update={n: folder / p for n in paths if (p := getattr(keeper, n)) is not None})
    looks = site.looks
    if looks is not None:
        files = ("ledger", "ledger_key")
        looks = looks.model_copy(update={n: folder / p for n in files if (p := getattr(looks, n)) is not None})
    said, named = site.server, ("certificate", "key", "office", "ledger")
    said = said.model_copy(update={n: folder / p for n in named if (p := getattr(said, n)) is not None})
    return site.model_copy(
        update={
            "server": said,
            "looks": looks,
            "data": folder / site.data,
            "keys": site.keys and folder / site.keys,
            "cameras": cameras,
            "oversight": seen,
            "keeper": keeper,
            "alerts": site.alerts.within(folder),
        }
    )


def _first_of(error: ValidationError, content: dict[str, Any]) -> str:
    """The first fault in words: where it is, by camera's name, and what is wrong; never the value, it may be secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = [str(part) for part in first["loc"]]
    if len(where) > 1 and where[0] == "camera":
        entry = content["camera"][int(where[1])]
        name = entry.get("name") if isinstance(entry, dict) else None
        where[:2] = [f"camera {name or int(where[1]) + 1}"]
    return f"{': '.join([*where, str(first['msg'])])}"
