"""A site for show: two institutions, a witness and a ledger, all on one machine, marked "demo" wherever named.

Everything in it is real but the people: keys, signatures, the ledger with the root as entry 0, cosignatures, proofs.
One person holds all the keys, and that is the one thing that a real site must not do. Demo and tests run under it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785

from passerby.base.build import build_hash
from passerby.base.errors import CharterError
from passerby.charter.keys import Role, SiteKey
from passerby.charter.permit import camera_source
from passerby.charter.root import ANALYSES, DAY, PURPOSES, SPAN_S, Limits, SiteRoot, sensible
from passerby.charter.site_permit import SitePermit, revocation
from passerby.darkroom.launch import listed_hashes
from passerby.ledger.note import Signer, sign_note
from passerby.ledger.policy import Witness as Named
from passerby.ledger.policy import compose
from passerby.ledger.schema import FIRST
from passerby.ledger.verify import COSIGN_ED25519, ED25519
from passerby.ledger.witness import Witness
from passerby.ledger.witness_client import ask
from passerby.office.site_folder import OFFICERS
from passerby.station.keeper import NOTE, KeeperFolder, vouch
from passerby.station.settings import CameraSettings, read_site
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, create, create_signers, read_signers
from passerby.store.ledger.proven import Cosign, log_acts

SITE, MARK = "demo.passerby", "DEMO"
INSTITUTIONS = {"city": "Demo city", "privacy": "Demo privacy office", "paper": "Demo newspaper"}
WHO = {
    "operator": ("city", Role.OPERATOR, ED25519),
    "reviewer": ("privacy", Role.REVIEWER, ED25519),
    "keeper": ("privacy", Role.KEEPER, ED25519),
    "officer-city": ("city", Role.OFFICER, ED25519),
    "officer-privacy": ("privacy", Role.OFFICER, ED25519),
    "witness": ("paper", Role.WITNESS, COSIGN_ED25519),
}
FOUNDERS = ("operator", "reviewer", "keeper", "officer-city", "officer-privacy")
ACTOR = "p-" + sha256(b"demo").hexdigest()[:32]
CASE = sha256(b"a demo's standing case").hexdigest()
LIMITS = Limits(
    retention_s=366 * DAY, permit_s=7 * DAY, heartbeat_s=DAY, waiting_s=0, seat_new_s=DAY, seat_renewal_s=DAY,
    review_s=7 * DAY, review_grace_s=DAY, emergency=False,
)  # fmt: skip
_NAMED = re.compile(r"^\[oversight\]\nfolder = .*\nsite_root = .*\n", re.MULTILINE)
READ_ME = "A site for show, made by Passerby: whoever has this folder has every key. Nothing in it proves anything.\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """An act in the demo's ledger."""

    index: int
    content: bytes


class DemoSite:
    """A site for show in a folder of its own; an earlier one there is replaced.

    Args:
        folder: Where its papers are: what ``oversight.folder`` names. Keys and ledger are in it, too.
        clock: Seconds since 1970, of this site's ledger and witness.
        limits: What no permit may exceed.

    Raises:
        CharterError: The folder holds something else.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time, limits: Limits = LIMITS) -> None:
        self.folder, self.clock, self._disk = folder, clock, LocalDisk()
        _clear(folder)
        for part in ("roots", "revocations", "keys", OFFICERS):
            (folder / part).mkdir(parents=True)
        (folder / MARK).write_text(READ_ME, "utf-8")
        self.keys = {name: self._key(name, kind) for name, (_, _, kind) in WHO.items()}
        self._home = demo_home(folder)
        self.keys["log"] = create(self._home, f"{SITE}/ledger", self._disk, self._now, os.urandom)[0]
        self.root = self._root(limits)
        (folder / "roots" / "0.note").write_bytes(self.signed(self.root.text(), *FOUNDERS))
        for name in FOUNDERS[3:]:
            (folder / OFFICERS / f"{name}.note").write_bytes(vouch(self.keys[name]))
        self.keeper = KeeperFolder(folder / "keeper")
        self.keeper.take(self.keys["keeper"])
        (folder / NOTE).write_bytes(self.keeper.note.read_bytes())
        self.log([({"act": "site-root", "content": self.root.hash}, folder / "roots" / "0")])

    def settings(self) -> str:
        """What a ``site.toml`` says to run under this site."""
        return f'\n[oversight]\nfolder = {json.dumps(str(self.folder))}\nsite_root = "{self.root.hash}"\n'

    def keeping(self) -> str:
        """What a ``site.toml`` says further to have its video opened by this site's keeper; logs the case for it."""
        self.log([({"act": "case", "case": CASE, "purpose": "crowd-safety"}, None)])
        paths = {"socket": self.keeper.root / "keeper.socket"}
        paths |= {"ledger": self._home.folder, "ledger_key": self._home.key}
        lines = [f"{name} = {json.dumps(str(path))}" for name, path in paths.items()]
        return "\n".join(["", "[keeper]", *lines, f'case = "{CASE}"', ""])

    def keeper_command(self) -> list[str]:
        """What runs this site's keeper, after the interpreter."""
        words = ["passerby.cli", "archive", "keeper", str(self.keeper.root), "--site", str(self.folder)]
        return [*words, "--first", self.root.hash, "--socket", str(self.keeper.root / "keeper.socket")]

    def permit(self, cameras: Iterable[CameraSettings], *signers: str, **values: Any) -> list[SitePermit]:
        """A permit for each camera, for exactly what its settings ask for; signed, logged and proven.

        Args:
            cameras: Their settings.
            signers: Who signs (default: operator and reviewer).
            values: What the permits say otherwise.
        """
        permits = [self.draft(camera, **values) for camera in cameras]
        acts: list[tuple[dict[str, object], Path | None]] = []
        for permit in permits:
            stem, named = self.folder / permit.camera, {"camera": permit.act_camera()}
            note = self.signed(permit.text(), *(signers or ("operator", "reviewer")))
            _replace(stem.with_name(f"{stem.name}.note"), note)
            acts += [
                ({"act": "register", "content": permit.capture, **named}, stem.with_name(f"{stem.name}.register")),
                (
                    {"act": "permit", "permit": permit.hash, "purpose": permit.purpose, **named},
                    stem.with_name(f"{stem.name}.permit"),
                ),
            ]
        self.log(acts)
        return permits

    def draft(self, camera: CameraSettings, **values: Any) -> SitePermit:
        """A permit for what a camera's settings ask for, not signed."""
        now, scene = self._now(), camera.read_scene()
        terms: dict[str, Any] = {
            "site": self.root.site, "root": self.root.hash, "camera": camera.name,
            "source": camera_source(camera.name, camera.source).hex(), "analyses": tuple(sorted(camera.analyses)),
            "purpose": "crowd-safety", "retention_s": max(camera.retention_s, camera.seal_s),
            "period_s": int(camera.count_every_s),
            "longest_stay_s": max(1, int(camera.longest_stay_s or 6 * 3600)), "models": listed_hashes(),
            "scene": sha256(scene).hexdigest() if scene else "",
            "seal_s": camera.seal_s, "unseal_s": SPAN_S["unseal"] if camera.seal else 0,
            "build": "", "issued": now, "begins": now, "ends": now + 6 * DAY, "review_by": now + 5 * DAY,
        }  # fmt: skip
        return SitePermit(**terms | values)

    def revoke(self, permit: SitePermit, *signers: str) -> None:
        """End a permit at once: a note in the folder, and its act in the ledger."""
        note = self.signed(revocation(permit.hash, self._now()), *(signers or ("reviewer",)))
        _replace(self.folder / "revocations" / f"{permit.hash[:16]}.note", note)
        self.log([({"act": "revoke", "camera": permit.act_camera(), "permit": permit.hash}, None)])

    def beat(self) -> None:
        """A fresh cosignature on the ledger as it is."""
        self.log([])

    def log(self, acts: list[tuple[dict[str, object], Path | None]]) -> None:
        """Log acts, have the ledger cosigned, and keep each one's proof beside its stem."""
        named = [({"actor": ACTOR, **act}, b"") for act, _ in acts]
        cosign = demo_cosign(self.folder, self.clock)
        proven, note = log_acts(self._home, self._disk, self._now, named, cosign)
        for found, (_, stem) in zip(proven, acts, strict=True):
            if stem is not None:
                _replace(stem.with_name(f"{stem.name}.entry"), found.entry)
                _replace(stem.with_name(f"{stem.name}.tlog-proof"), found.proof)
        _replace(self.folder / "checkpoint", note)

    def signed(self, text: str, *signers: str) -> bytes:
        """A note with these keys' signatures."""
        return sign_note(text, [self.keys[name] for name in signers], self._now())

    def _now(self) -> int:
        return int(self.clock())

    def _key(self, name: str, kind: int) -> Signer:
        path = self.folder / "keys" / f"{name}.key"
        return create_signers(path, f"{name}.{SITE}", [kind], os.urandom, self._disk)[0]

    def _root(self, limits: Limits) -> SiteRoot:
        now = self._now()
        roles = {**WHO, "log": ("city", Role.LOG, ED25519)}
        keys = [SiteKey(self.keys[n].key, who, role, now - DAY, now + 366 * DAY) for n, (who, role, _) in roles.items()]
        policy = compose([self.keys["log"].key], [Named("paper", self.keys["witness"].key)], quorum="paper")
        root = SiteRoot(
            site=SITE, demo=True, serial=0, previous="", at=now, institutions=INSTITUTIONS,
            keys={key.id: key for key in keys}, policy=policy.decode(), limits=limits, analyses=ANALYSES,
            purposes=tuple(sorted(PURPOSES)), schema=sha256(rfc8785.dumps(FIRST)).hexdigest(),
            builds=(build_hash().hex(),),
        )  # fmt: skip
        sensible(root)
        return root


def demo_home(folder: Path) -> Home:
    """Where a demo site's ledger lives."""
    return Home.at(folder / "ledger", folder / "keys" / "log.key")


def demo_cosign(folder: Path, clock: Callable[[], float] = time.time) -> Cosign:
    """Asks a demo site's witness. It is here: asked without a network, and as particular as ever.

    Args:
        folder: The demo site's.
        clock: Seconds since 1970.
    """
    disk, keys = LocalDisk(), folder / "keys"
    (signer,), log = read_signers(keys / "witness.key"), read_signers(keys / "log.key")
    logs = {f"{SITE}/ledger": [k.key for k in log]}
    witness = Witness([signer], logs, lambda h: OneFile(keys / f"{h[:16]}.state", disk), lambda: int(clock()))

    def post(url: str, body: bytes) -> tuple[int, str, bytes]:
        answer = witness.handle("POST", url.rsplit("/", 1)[-1], body)
        return answer.status, answer.kind, answer.body

    return lambda note, read: [ask(note, read, signer.key, "", post)]


def oversee(settings: Path, clock: Callable[[], float] = time.time) -> DemoSite:
    """Make a demo site beside a settings file, permit its cameras, and name it there instead of an earlier one.

    Args:
        settings: A ``site.toml``.
        clock: Seconds since 1970, of the site's ledger and witness.
    """
    site = DemoSite(settings.resolve().parent / "site", clock)
    site.permit(read_site(settings).cameras)
    text = settings.read_text("utf-8")
    settings.write_text(_NAMED.sub("", text).rstrip("\n") + "\n" + site.settings(), "utf-8")
    return site


def _clear(folder: Path) -> None:
    """Make room for a new demo, where there is nothing or an older demo."""
    try:
        if (folder / MARK).is_file():
            shutil.rmtree(folder)
        elif folder.exists() and any(folder.iterdir()):
            raise CharterError(f"{folder} holds something else than a demo", "name another folder")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CharterError(f"{folder} can't be made ({error.strerror})", "check its rights") from error


def _replace(path: Path, content: bytes) -> None:
    """A file, whole or not at all: somebody may be reading it."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(content)
    new.replace(path)
