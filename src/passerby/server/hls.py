"""/hls: live video with low latency, and the bytes of everything that a playlist names."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from passerby.access.caller import Caller
from passerby.access.rights import Right
from passerby.archive.folder import Layout
from passerby.archive.keeper.looks import Looks
from passerby.archive.live import Window
from passerby.archive.places import place_of_init, place_of_part, place_of_segment
from passerby.archive.playlists import Names, following, live
from passerby.archive.reading import Place, Reading
from passerby.server.hub import Hub
from passerby.server.opening import Opening
from passerby.server.problems import Problem
from passerby.server.rights import Places, needs
from passerby.store.database import Store
from passerby.store.epochs import get_live

PLAYLIST, VIDEO = "application/vnd.apple.mpegurl", "video/mp4"
LONGEST_WAIT_S, LONGEST_PART_WAIT_S = 12.0, 4.0
FURTHEST_AHEAD = 2
# FastAPI finds a dependency that an annotation names only where the module has it: not in a function around the route.
Watches = Annotated[Caller, needs(Right.LOOK)]
CameraId = Annotated[str, Path(pattern="^[a-z0-9-]{1,63}$")]
Number = Annotated[int, Path(ge=0, le=2**53)]
Asked = Annotated[int | None, Query(ge=0, le=2**53)]


def names(camera_id: str) -> Names:
    """Addresses of a camera's video."""
    base = f"/hls/{camera_id}"
    return Names(
        lambda file, number: f"{base}/init/{file.rpartition('.')[0]}/{number}.mp4",
        lambda number: f"{base}/segment/{number}.m4s",
        lambda number, part: f"{base}/part/{number}/{part}.m4s",
        f"{base}/gap.m4s",
    )


def routes(layout: Layout, store: Store, hub: Hub, reading: Reading, looks: Looks, places: Places) -> APIRouter:
    """The video's routes.

    Args:
        layout: Of the data folder.
        store: Open for reading.
        hub: Tells when something was written.
        reading: Has the keys.
        looks: Has it logged that somebody looks, before there is anything to see.
        places: Whose cameras are where.
    """

    def looking(camera_id: CameraId, caller: Watches) -> None:
        places.check(caller, Right.LOOK, camera_id)

    router = APIRouter(prefix="/hls/{camera_id}", include_in_schema=False, dependencies=[Depends(looking)])
    begins, reads = Opening(), Opening()

    def opened(caller: Caller, place: Place | None) -> bytes | None:
        """The bytes of a place that a look of this caller covers."""
        if place is None:
            return None
        looks.require(place.camera, None if place.init else place.start_us, caller.pseudonym)
        return reading.read(place)

    async def given(caller: Caller, place: Place | None) -> Response:
        data = await reads(opened, caller, place)
        if data is None:
            raise Problem(404, "there is no such video", "it may have been deleted: its time was over")
        return Response(data, media_type=VIDEO)

    async def window(camera_id: str) -> Window:
        blob = await asyncio.to_thread(get_live, store, camera_id)
        found = Window.unpack(blob) if blob else Window()
        if not found.segments:
            raise Problem(404, "nothing is live", "the camera gives no video, or is away")
        return found

    @router.get("/live.m3u8")
    async def playlist(
        camera_id: CameraId,
        caller: Watches,
        msn: Annotated[Asked, Query(alias="_HLS_msn")] = None,
        part: Annotated[Asked, Query(alias="_HLS_part")] = None,
    ) -> Response:
        now = await window(camera_id)
        if msn is not None:
            if msn > following(now)[0] + FURTHEST_AHEAD:
                raise Problem(400, "that segment is too far ahead", "ask for the next one")
            wanted = (msn + 1, 0) if part is None else (msn, part + 1)
            until = time.monotonic() + LONGEST_WAIT_S
            while following(now) < wanted and not hub.stopping and (left := until - time.monotonic()) > 0:
                await hub.change(left)
                now = await window(camera_id)
        last = now.segments[-1]
        ends_us = last.start_us + last.duration_us
        await begins(looks.begin, camera_id, now.segments[0].start_us, ends_us, caller.pseudonym)
        return Response(live(now, names(camera_id)), media_type=PLAYLIST)

    @router.get("/part/{number}/{index}.m4s")
    async def part(camera_id: CameraId, caller: Watches, number: Number, index: Number) -> Response:
        until = time.monotonic() + LONGEST_PART_WAIT_S
        now = await window(camera_id)
        place = place_of_part(layout, now, camera_id, number, index)
        # Only the very next part is worth waiting for; it is what the playlist hints at.
        while place is None and following(now) == (number, index) and (left := until - time.monotonic()) > 0:
            if hub.stopping:
                break
            await hub.change(left)
            now = await window(camera_id)
            place = place_of_part(layout, now, camera_id, number, index)
        return await given(caller, place)

    @router.get("/segment/{number}.m4s")
    async def segment(camera_id: CameraId, caller: Watches, number: Number) -> Response:
        return await given(caller, await asyncio.to_thread(place_of_segment, layout, store, camera_id, number))

    @router.get("/init/{stem}/{number}.mp4")
    async def init(
        camera_id: CameraId,
        caller: Watches,
        stem: Annotated[str, Path(pattern="^[0-9TZ-]{1,30}$")],
        number: Number,
    ) -> Response:
        return await given(caller, await asyncio.to_thread(place_of_init, layout, store, camera_id, stem, number))

    return router
