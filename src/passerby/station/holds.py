"""The legal holds of a data folder: `holds/NAME.note`, and beside it its act in the ledger and the proof.

A file that can't be read or doesn't count holds nothing, and is told of: a hold that nobody can prove may not keep what
a permit says is over. While the site itself can not be read, nothing is destroyed, and the sweep says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from passerby.archive.keys.names import US, EpochId
from passerby.base.errors import CharterError
from passerby.charter.hold import Hold, judge_hold
from passerby.charter.proofs import Site
from passerby.office import site_folder
from passerby.station.settings import Oversight

END = ".note"


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as the archive asks it."""

    hold: Hold

    def covers(self, epoch: EpochId, now_us: int) -> bool:
        """As `passerby.archive.sweep.Hold`."""
        return self.hold.holds(epoch.camera, epoch.period_us // US, -(-epoch.end_us // US), now_us // US)


def read_holds(folder: Path, site: Site) -> dict[str, Hold | str]:
    """Every hold in a folder by its file's name; a sentence for one that does not count.

    Raises:
        CharterError: The folder can't be read.
    """
    found: dict[str, Hold | str] = {}
    for path in site_folder.listed(folder, END):
        note, logged = site_folder.read(path), site_folder.logged(path.with_suffix(""))
        found[path.name.removesuffix(END)] = judge_hold(note, logged, site.roots)
    return found


class Holds:
    """The holds of a station, read at each sweep.

    Args:
        folder: Where they lie.
        oversight: The site's papers; None where nobody oversees: then nothing is held.
        say: Tells people, a line each.
    """

    def __init__(self, folder: Path, oversight: Oversight | None, say: Callable[[str], None]) -> None:
        self._folder, self._oversight, self._say = folder, oversight, say
        self._said: set[str] = set()

    def __call__(self) -> list[Held]:
        """Those that count now."""
        if self._oversight is None:
            return []
        try:
            if not site_folder.listed(self._folder, END):
                return []
            site = site_folder.site_of(self._oversight.folder, self._oversight.site_root)
            found = read_holds(self._folder, site)
        except CharterError as error:
            # Better late than gone: what can't be judged now is judged at the next sweep.
            self._tell(f"legal holds can't be read: {error}")
            raise
        for name, why in found.items():
            if isinstance(why, str):
                self._tell(f"the legal hold {name} does not count: {why}")
        return [Held(hold) for hold in found.values() if isinstance(hold, Hold)]

    def _tell(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)
