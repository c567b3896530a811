"""The register in its folder: what is added, changed and stepped on is judged first, stored whole, and told.

    passerby.db     the tables
    acts.waiting    acts on their way to the ledger (`passerby ledger deliver`)

One transaction holds an entry, its history and its act, so no crash leaves one without the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import rfc8785
from sqlalchemy import Connection

from passerby.archive.folder import Layout
from passerby.base.errors import CharterError, UsageError
from passerby.charter.changes import judge_first, judge_step
from passerby.charter.ready import for_step
from passerby.charter.register.entry import Entry, Organisation, changed, missing, parse_organisation, plain, sensible
from passerby.charter.register.entry import stored_entry as read_entry
from passerby.charter.register.map import quad_of
from passerby.charter.register.phase import NoStep, Phase, Step, advance
from passerby.charter.register.table import Refused, Sheet
from passerby.charter.root import DEMANDS, SiteRoot, parse_root
from passerby.charter.site_permit import act_camera
from passerby.office.files import files
from passerby.store import outbox
from passerby.store import register as rows
from passerby.store.acts import ActQueue
from passerby.store.database import Store, is_there
from passerby.store.migrate import open_store
from passerby.store.postgres import address_file

S = 1_000_000
LONGEST_SEARCH = 300


@dataclass(frozen=True, slots=True)
class Held:
    """A registered camera.

    Args:
        entry: What is known of it.
        owner: Its owner.
        phase: How far it has come.
        version: Of the entry, from 1.
        since_us: Since when it is in this phase.
    """

    entry: Entry
    owner: Organisation
    phase: Phase
    version: int
    since_us: int

    @property
    def missing(self) -> list[str]:
        """Which required fields are empty."""
        return missing(self.entry, self.owner)


@dataclass(slots=True)
class Imported:
    """What an import did, or would do.

    Args:
        rows: How many rows the file had.
        new: Ids that were not registered before.
        changed: Ids of which something changed that is not captured.
        recaptured: Ids of which what is captured changed: they are proposed again.
        unchanged: How many are as they were.
        refused: Rows that are no camera, or none that can be taken.
        doubts: Rows that are taken, but that somebody should look at.
        stored: Whether anything was stored.
    """

    rows: int
    new: list[str]
    changed: list[str]
    recaptured: list[str]
    unchanged: int
    refused: list[Refused]
    doubts: list[tuple[int, str]]
    stored: bool = False


class Book:
    """A site's register.

    Args:
        store: Open for writing.
        acts: Where acts wait for the ledger.
        clock: Seconds since 1970.
    """

    def __init__(self, store: Store, acts: ActQueue, clock: Callable[[], float]) -> None:
        self.store, self._acts, self.clock = store, acts, clock
        self._about = rows.about(store)

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.store.close()

    @property
    def site(self) -> str:
        """The site's name."""
        return self._about["site"]

    @property
    def address(self) -> str:
        """Where the register's pages are, without a stroke at its end."""
        return self._about["address"]

    @property
    def root(self) -> str:
        """Hash of the site's first root; empty where none was named."""
        return self._about["root"]

    @property
    def site_root(self) -> SiteRoot | None:
        """The site root in force, as it was last named; None where none was."""
        text = self._about.get("site_root", "")
        return parse_root(text) if text else None

    @property
    def demands(self) -> frozenset[str]:
        """Which papers a permit needs: all of them while no root is named."""
        root = self.site_root
        return frozenset(root.demands) if root else frozenset(DEMANDS)

    def name_root(self, note: bytes) -> SiteRoot:
        """Take a site root as the one in force: the first, or the one that follows.

        Raises:
            CharterError: It is of another site, does not follow, or is not signed by whom it needs.
        """
        before = self.site_root
        root = judge_first(note) if before is None else judge_step(before, note)[0]
        if root.site != self.site:
            raise CharterError(f"this is the root of {root.site}", f"the register is of {self.site}")
        if before is None and self.root not in ("", root.hash):
            raise CharterError("this is not the first root that the register names", "compare the hashes")
        with self.store.writing() as connection:
            rows.put_about(connection, {"site_root": root.text()} | ({} if before else {"root": root.hash}))
        self._about = rows.about(self.store)
        return root

    def page_of(self, camera: str) -> str:
        """The address of a camera's page: what its sign leads to."""
        return f"{self.address}/cameras/{camera}"

    def organisations(self) -> dict[str, Organisation]:
        """Every owner by its id."""
        with self.store.reading() as connection:
            return _owners(connection)

    def areas(self) -> dict[str, str]:
        """Every area's name by its id."""
        with self.store.reading() as connection:
            return rows.area_names(connection)

    def put_organisation(self, organisation: Organisation) -> None:
        """Add an owner, or replace what is known of it."""
        with self.store.writing() as connection:
            _put_owner(connection, organisation)

    def put_area(self, area: str, name: str) -> None:
        """Add an area, or rename it."""
        with self.store.writing() as connection:
            rows.put_area(connection, area, name)

    def camera(self, camera: str) -> Held:
        """A camera.

        Raises:
            CharterError: It is not registered.
        """
        with self.store.reading() as connection:
            return _held(connection, camera)

    def cameras(self, wanted: rows.Wanted = rows.ALL) -> Iterator[Held]:
        """Cameras by name."""
        owners = self.organisations()
        for row in rows.every(self.store, wanted):
            yield _from(row, owners)

    def add(self, entry: Entry) -> None:
        """Register a camera: it is proposed.

        Raises:
            CharterError: Its id is taken, or nobody knows its owner or area.
        """
        with self.store.writing() as connection:
            if rows.held(connection, [entry.id]):
                raise CharterError(f"{entry.id} is registered", "change it, or choose another id")
            self._known(connection, entry)
            self._put(connection, [(entry, None, Phase.PROPOSED, "add")])
        self.deliver()

    def change(self, camera: str, values: Mapping[str, Any]) -> Held:
        """Change fields of an entry. If what is captured changes, the camera is proposed again.

        Raises:
            CharterError: It is not registered, was removed, or a value can't be.
        """
        with self.store.writing() as connection:
            before = _held(connection, camera)
            entry = changed(before.entry, values)
            if entry != before.entry:
                self._known(connection, entry)
                self._put(connection, [_changed(before, entry)])
        self.deliver()
        return self.camera(camera)

    def read_sheet(self, sheet: Sheet, *, dry: bool, partly: bool = False) -> Imported:
        """Take the cameras of a file, all or none.

        Args:
            sheet: The file.
            dry: Only say what would happen.
            partly: Take the good rows although there are refused ones.
        """
        report = Imported(sheet.rows, [], [], [], 0, list(sheet.refused), sheet.doubts)
        with self.store.writing() as connection:
            known = rows.held(connection, [row.entry.id for row in sheet.taken])
            owners = {**sheet.owners, **_owners(connection)}
            steps: list[_Put] = []
            for taken in sheet.taken:
                row = known.get(taken.entry.id)
                if row is None:
                    report.new.append(taken.entry.id)
                    steps.append((taken.entry, None, Phase.PROPOSED, "import"))
                    continue
                before = _from(row, owners)
                try:
                    step = _changed(before, _merged(before.entry, taken.entry, taken.given))
                except CharterError as error:
                    report.refused.append(Refused(taken.line, str(error), (taken.entry.id,)))
                    continue
                if step[0] == before.entry:
                    report.unchanged += 1
                    continue
                (report.recaptured if step[0].capture != before.entry.capture else report.changed).append(
                    before.entry.id
                )
                steps.append(step)
            report.refused.sort(key=lambda refused: refused.line)
            if not dry and steps and (partly or not report.refused):
                self._take(connection, sheet, steps)
                report.stored = True
        self.deliver()
        return report

    def step(self, camera: str, step: Step) -> Held:
        """Lead a camera on.

        Raises:
            CharterError: It can't go there now, or a paper is missing; says what.
        """
        with self.store.writing() as connection:
            before = _held(connection, camera)
            after = _advanced(before, step)
            if against := self._obstacles(connection, before, step):
                raise CharterError(f"{camera} can't {step.value}: {'; '.join(against)}", "")
            self._put(connection, [(before.entry, before, after, step.value)])
        self.deliver()
        return self.camera(camera)

    def deliver(self) -> int:
        """Hand acts to the queue for the ledger; those of a crash before now, too."""
        return outbox.hand_over(self.store, self._acts)

    def tell(self, connection: Connection, acts: Iterable[Mapping[str, object]]) -> None:
        """Add acts to a transaction: of this office, at this time."""
        actor = "p-" + sha256(f"{self.site}\nregister".encode()).hexdigest()[:32]
        now = {"actor": actor, "time": int(self.clock())}
        outbox.tell(connection, ({**now, **act} for act in acts))

    def _obstacles(self, connection: Connection, held: Held, step: Step) -> tuple[str, ...]:
        on_file = files(connection, held.entry)
        return for_step(step, held.entry, held.owner, on_file, self.demands, int(self.clock()))

    def _known(self, connection: Connection, entry: Entry) -> None:
        if entry.owner not in rows.owners(connection):
            raise CharterError(f"nobody knows the owner {entry.owner}", "add it first: passerby camera owner")
        if entry.area not in rows.area_names(connection):
            raise CharterError(f"nobody knows the area {entry.area}", "add it first: passerby camera area")

    def _take(self, connection: Connection, sheet: Sheet, steps: Sequence[_Put]) -> None:
        owners, areas = rows.owners(connection), rows.area_names(connection)
        for organisation in sheet.owners.values():
            if organisation.id not in owners:
                _put_owner(connection, organisation)
        for area, name in sheet.areas.items():
            if area not in areas:
                rows.put_area(connection, area, name)
        self._put(connection, steps)

    def _put(self, connection: Connection, steps: Sequence[_Put]) -> None:
        now_us = int(self.clock() * S)
        made = [_row(step, now_us) for step in steps]
        rows.put_cameras(connection, [row for row, _ in made], [version for _, version in made])
        self.tell(connection, (self._act(row, version) for row, version in made))

    def _act(self, row: rows.CameraRow, version: rows.Version) -> dict[str, object]:
        return {
            "act": "phase",
            "camera": act_camera(self.site, row.id),
            "owner": act_id(self.site, "org", row.owner),
            "area": act_id(self.site, "area", row.area),
            "phase": row.phase,
            "content": version.content,
        }


def act_id(site: str, kind: str, name: str) -> str:
    """An owner's or area's name in acts: without its own name, and the same for everybody who knows that."""
    return f"{kind}-" + sha256(f"{site}\n{kind}\n{name}".encode()).hexdigest()[:32]


def open_book(folder: Path, clock: Callable[[], float]) -> Book:
    """The register in a folder.

    Raises:
        CharterError: There is none.
        StoreError: It can't be opened.
    """
    layout = Layout(folder)
    if not is_there(layout.database):
        raise CharterError(f"there is no register in {folder}", "make one: passerby camera init FOLDER --site NAME")
    store = open_store(layout.database, clock, keep=True)
    if "site" not in rows.about(store):
        store.close()
        raise CharterError(f"{folder} is not a register's folder", "name another, or make one: passerby camera init")
    return Book(store, ActQueue(layout.acts), clock)


def new_book(folder: Path, clock: Callable[[], float], site: str, address: str, root: str) -> Book:
    """A new register.

    Args:
        folder: Where; made where it is missing.
        clock: Seconds since 1970.
        site: The site's name, as in its root.
        address: Where the register's pages will be.
        root: Hash of the site's first root; empty where there is none yet.

    Raises:
        UsageError: There is something in the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(found != address_file(Layout(folder).database) for found in folder.iterdir()):
            raise UsageError(f"{folder} is not empty", "name a new folder")
    except OSError as error:
        raise UsageError(f"{folder} can't be used ({error.strerror})", "check its name and rights") from error
    layout = Layout(folder)
    store = open_store(layout.database, clock, keep=True)
    with store.writing() as connection:
        rows.put_about(connection, {"site": site, "address": address.rstrip("/"), "root": root})
    return Book(store, ActQueue(layout.acts), clock)


_Put = tuple[Entry, Held | None, Phase, str]


def _merged(before: Entry, after: Entry, given: frozenset[str]) -> Entry:
    """An entry with those fields of another that its row has."""
    known = {(zone.id, zone.why): zone for zone in before.forbidden}
    # A table has no outlines: a zone that it names as it was keeps its own.
    zones = tuple(known.get((zone.id, zone.why), zone) for zone in after.forbidden)
    after = replace(after, forbidden=zones)
    found = replace(before, **{name: getattr(after, name) for name in given if name != "id"})
    sensible(found, before.id)
    return found


def _changed(before: Held, entry: Entry) -> _Put:
    if before.phase is Phase.REMOVED:
        raise CharterError(f"{entry.id} was removed", "register a new camera under a new id")
    if entry.capture == before.entry.capture:
        return entry, before, before.phase, "edit"
    return entry, before, _advanced(before, Step.CHANGE), Step.CHANGE.value


def _advanced(before: Held, step: Step) -> Phase:
    found = advance(before.phase, step)
    if isinstance(found, NoStep):
        raise CharterError(f"{before.entry.id}: {found.why}", "")
    return found


def _row(step: _Put, now_us: int) -> tuple[rows.CameraRow, rows.Version]:
    entry, before, phase, what = step
    placed = entry.latitude_e6 is not None and entry.longitude_e6 is not None
    body, version = entry.text(), before.version + 1 if before else 1
    row = rows.CameraRow(
        id=entry.id, name=entry.name, owner=entry.owner, area=entry.area, phase=phase.value,
        purposes=f"|{'|'.join(entry.purposes)}|",
        quad=quad_of(entry.latitude_e6 or 0, entry.longitude_e6 or 0) if placed else None,
        search=_searched(entry), capture=entry.capture, version=version,
        since_us=before.since_us if before and before.phase is phase else now_us, changed_us=now_us, body=body,
    )  # fmt: skip
    content = sha256(body.encode()).hexdigest()
    return row, rows.Version(entry.id, version, now_us, what, phase.value, content, body)


def _searched(entry: Entry) -> str:
    """What a search looks through, as much as an index holds."""
    said = [entry.id, entry.reference, entry.name, entry.place]
    for texts in entry.texts.values():
        said += [texts.get("name", ""), texts.get("place", "")]
    return " ".join(said).lower()[:LONGEST_SEARCH]


def _held(connection: Connection, camera: str) -> Held:
    row = rows.held(connection, [camera]).get(camera)
    if row is None:
        raise CharterError(f"{camera} is not registered", "see `passerby camera list`")
    return _from(row, _owners(connection))


def _from(row: rows.CameraRow, owners: Mapping[str, Organisation]) -> Held:
    entry = read_entry(row.body)
    return Held(entry, owners[entry.owner], Phase(row.phase), row.version, row.since_us)


def _owners(connection: Connection) -> dict[str, Organisation]:
    return {name: parse_organisation(json.loads(body)) for name, body in rows.owners(connection).items()}


def _put_owner(connection: Connection, organisation: Organisation) -> None:
    body = rfc8785.dumps(plain(organisation)).decode()
    rows.put_owner(connection, organisation.id, organisation.name, body)
