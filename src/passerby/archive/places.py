"""Where the bytes lie that a playlist names. Names come from the index alone, so no address reaches another file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from passerby.archive.boxes import TAG_SIZE
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout
from passerby.archive.live import Window
from passerby.base.errors import ArchiveError, DiskFault
from passerby.store.database import Store
from passerby.store.epochs import epoch_of_file, epoch_with


@dataclass(frozen=True, slots=True)
class Place:
    """A range of bytes in a file."""

    path: Path
    offset: int
    length: int

    def read(self) -> bytes | None:
        """The bytes, or None where they have been deleted since.

        Raises:
            ArchiveError: The disk reports a fault.
        """
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault(error) from error
        try:
            data = os.pread(fd, self.length, self.offset)
        except OSError as error:
            raise self._fault(error) from error
        finally:
            os.close(fd)
        return data if len(data) == self.length else None

    def _fault(self, error: OSError) -> ArchiveError:
        return DiskFault(f"{self.path.name} can't be read ({error.strerror})", "look at the disk")


def place_of_init(layout: Layout, store: Store, camera_id: str, file: str, number: int) -> Place | None:
    """An init section, or None where there is none such.

    Raises:
        StoreError: The index can't be read.
    """
    row = epoch_of_file(store, camera_id, file)
    if row is None or row.leaving:
        return None
    inits = Epoch.of(row).inits
    if not 0 <= number < len(inits):
        return None
    init = inits[number]
    return Place(layout.camera(camera_id) / row.file, init.offset + TAG_SIZE, init.length - TAG_SIZE)


def place_of_segment(layout: Layout, store: Store, camera_id: str, number: int) -> Place | None:
    """A finished segment, or None where there is none such any more.

    Raises:
        StoreError: The index can't be read.
    """
    row = epoch_with(store, camera_id, number)
    if row is None:
        return None
    epoch = Epoch.of(row)
    if not epoch.first_number <= number < epoch.next_number:
        return None
    segment = epoch.video[number - epoch.first_number]
    return Place(layout.camera(camera_id) / row.file, segment.offset, segment.length)


def place_of_part(layout: Layout, window: Window, camera_id: str, number: int, part: int) -> Place | None:
    """A part of the live window, or None where it is not there yet, or no longer."""
    segment = window.find(number)
    if segment is None or not 0 <= part < len(segment.parts):
        return None
    found = segment.parts[part]
    return Place(layout.camera(camera_id) / segment.file, found.offset, found.length)
