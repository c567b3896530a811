"""Where the bytes lie that a playlist names. Names come from the index alone, so no address reaches another file."""

from __future__ import annotations

from passerby.archive.epoch import SUFFIX, SUFFIXES, Epoch
from passerby.archive.folder import Layout
from passerby.archive.live import Window
from passerby.archive.reading import Place
from passerby.store.database import Store
from passerby.store.epochs import REDACTED, epoch_of_file, epoch_with


def place_of_init(layout: Layout, store: Store, camera_id: str, stem: str, number: int) -> Place | None:
    """An init section, or None where there is none such.

    Args:
        layout: Of the data folder.
        store: The index.
        camera_id: Whose.
        stem: Of the file's name: no two files of a camera share one.
        number: In that file.

    Raises:
        StoreError: The index can't be read.
    """
    rows = [epoch_of_file(store, camera_id, stem + suffix) for suffix in SUFFIXES]
    row = next((row for row in rows if row is not None), None)
    if row is None or row.leaving or row.kind != REDACTED:
        return None
    inits = Epoch.of(row).inits
    if not 0 <= number < len(inits):
        return None
    init = inits[number]
    start = number if row.file.endswith(SUFFIX) else None
    return Place(layout.camera(camera_id) / row.file, camera_id, init.offset, init.length, init=True, start_us=start)


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
    path = layout.camera(camera_id) / row.file
    return Place(path, camera_id, segment.offset, segment.length, start_us=segment.start_us)


def place_of_part(layout: Layout, window: Window, camera_id: str, number: int, part: int) -> Place | None:
    """A part of the live window, or None where it is not there yet, or no longer."""
    segment = window.find(number)
    if segment is None or not 0 <= part < len(segment.parts):
        return None
    found = segment.parts[part]
    start = segment.start_us + sum(p.duration_us for p in segment.parts[:part])
    return Place(layout.camera(camera_id) / segment.file, camera_id, found.offset, found.length, start_us=start)
