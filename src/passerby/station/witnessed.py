"""What an archive has to know of its site: its name, and the newest time that its witnesses have cosigned at."""

from __future__ import annotations

from passerby.base.errors import CharterError
from passerby.charter.proofs import heartbeat
from passerby.office import site_folder
from passerby.station.settings import Oversight

CHECKPOINT = "checkpoint"


class Witnessed:
    """Reads it from the site's papers, anew whenever the checkpoint's file changes.

    Args:
        oversight: Where they lie; None where nobody oversees.
    """

    def __init__(self, oversight: Oversight | None) -> None:
        self._oversight = oversight
        self._seen: tuple[int, int] | None = None
        self._found = 0.0

    def __call__(self) -> float | None:
        """Seconds since 1970; 0 where no quorum's word can be read, None where there are no witnesses at all."""
        if self._oversight is None:
            return None
        path = self._oversight.folder / CHECKPOINT
        try:
            about = path.stat()
            if (now := (about.st_mtime_ns, about.st_size)) != self._seen:
                root = site_folder.site_of(self._oversight.folder, self._oversight.site_root).root
                # A word once heard stays: time does not go back.
                self._found = max(self._found, float(heartbeat(root, site_folder.read(path)) or 0))
                # Only what could be read need not be read again.
                self._seen = now
        except (OSError, CharterError):
            return self._found
        return self._found


def site_name(oversight: Oversight | None) -> str:
    """The site's own name, which is part of its cameras' names in the ledger; empty where no root can be read."""
    if oversight is None:
        return ""
    try:
        return site_folder.site_of(oversight.folder, oversight.site_root).root.site
    except CharterError:
        return ""
