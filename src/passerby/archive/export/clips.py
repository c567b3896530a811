"""What was kept of a camera, as clips: pieces that share an init section and follow each other."""

from __future__ import annotations

from collections.abc import Iterator

from passerby.archive.export.bundle import Clip
from passerby.archive.folder import Layout
from passerby.archive.places import place_of_init, place_of_segment
from passerby.archive.playlists import Piece, pieces_between
from passerby.archive.reading import Place, Reading
from passerby.base.errors import Altered
from passerby.store.database import Store


def clips_between(layout: Layout, store: Store, reading: Reading, camera: str, from_us: int, to_us: int) -> list[Clip]:
    """Everything kept that touches ``[from, to)``; a gap, or another beginning of the stream, begins another clip.

    Args:
        layout: Of the data folder.
        store: Its index.
        reading: Has the keys, and the shares of an export that was logged.
        camera: The camera's id.
        from_us: Microseconds since 1970.
        to_us: Not included.

    Raises:
        StoreError: The index can't be read.
    """
    runs: list[list[Piece]] = []
    before: Piece | None = None
    for piece in pieces_between(store, camera, from_us, to_us):
        if not piece.segment.gap:
            if before is None or not _goes_on(before, piece):
                runs.append([])
            runs[-1].append(piece)
        before = None if piece.segment.gap else piece
    return [_clip(layout, store, reading, camera, run) for run in runs]


def _goes_on(before: Piece, piece: Piece) -> bool:
    same = (before.file, before.segment.init) == (piece.file, piece.segment.init)
    return same and piece.number == before.number + 1 and not piece.segment.discontinuity


def _clip(layout: Layout, store: Store, reading: Reading, camera: str, run: list[Piece]) -> Clip:
    first = run[0]

    def stream() -> Iterator[bytes]:
        stem = first.file.rpartition(".")[0]
        yield from _read(reading, place_of_init(layout, store, camera, stem, first.segment.init))
        for piece in run:
            yield from _read(reading, place_of_segment(layout, store, camera, piece.number))

    return Clip(first.segment.start_us, run[-1].segment.end_us, stream)


def _read(reading: Reading, place: Place | None) -> Iterator[bytes]:
    """A place's bytes; one that was deleted meanwhile is no reason to give out half of it.

    Raises:
        Altered: It is gone.
    """
    found = False
    for piece in reading.stream(place) if place is not None else ():
        found = True
        yield piece
    if not found:
        raise Altered("video was deleted while it was exported", "export what is left")
