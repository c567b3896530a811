"""How a supervisor starts the two processes of a darkroom. It never maps the ring itself."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace

from passerby.darkroom.pace import SHARE
from passerby.darkroom.ring_file import create_ring
from passerby.darkroom.weights import listed_hashes
from passerby.lock.child import Settings
from passerby.lock.spawn import spawn


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a darkroom is to do.

    Args:
        analyses: Out of ``redact``, ``count``, ``explain``, ``calibrate``.
        pictures: Items are pictures rather than one video.
        size: Width and height in display orientation, if known: networks are compiled for it.
        duration_s: Length of the video as far as known; 0 where it isn't.
        per_frame: One count for each frame.
        dense: Expect packed crowds: look at a large input every few seconds.
        longest_stay_s: How long somebody may sit still.
        live: Learn as a camera does, in one pass.
        threads: Threads for each kind of work.
        weaker: Run without Landlock where the kernel has none.
        site_root: Of a camera, the hash (hex) of its site's first root: the darkroom believes no other site.
        site_serial: The highest serial of a root that was seen: the darkroom takes no older chain.
        scene: Canonical ``scene.json`` to count in; empty for none.
        backend: ``opencv`` to run the networks with OpenCV even where OpenVINO is installed.
        camera: Items are a camera's connections: the plate is learnt while it runs and outlives them.
        count_every_s: Seconds between two counts of a camera.
        search_share: Of a camera's time, the most that searching may take.
        keyframes: A camera's packets are keyframes alone.
    """

    analyses: frozenset[str]
    pictures: bool = False
    size: tuple[int, int] | None = None
    duration_s: float = 0.0
    per_frame: bool = False
    dense: bool = False
    longest_stay_s: float | None = None
    live: bool = False
    threads: int = 2
    weaker: bool = False
    backend: str = ""
    camera: bool = False
    count_every_s: float = 1.0
    search_share: float = SHARE
    keyframes: bool = False
    scene: bytes = b""
    site_root: str = ""
    site_serial: int = 0

    def settings(self, fds: Mapping[str, int]) -> Settings:
        """The same for a child process."""
        words = {
            "analyses": ",".join(sorted(self.analyses)),
            "source": "pictures" if self.pictures else "camera" if self.camera else "video",
            "count_every_s": repr(float(self.count_every_s)),
            "search_share": repr(float(self.search_share)),
            "duration_s": repr(float(self.duration_s)),
            "per_frame": "yes" if self.per_frame else "no",
            "dense": "yes" if self.dense else "no",
            "live": "yes" if self.live or self.camera else "no",
            "keyframes": "yes" if self.keyframes else "no",
        }
        if self.size:
            words["size"] = f"{self.size[0]}x{self.size[1]}"
        if self.longest_stay_s is not None:
            words["longest_stay_s"] = repr(float(self.longest_stay_s))
        if self.scene:
            words["scene"] = hashlib.sha256(self.scene).hexdigest()
        if self.camera:
            words |= {"site_root": self.site_root, "site_serial": str(self.site_serial)}
        if self.backend:
            words["PASSERBY_BACKEND"] = self.backend
        return Settings(os.getpid(), dict(fds), self.threads, weaker=self.weaker, words=words)


class Darkroom:
    """The decode and the hide process, and the descriptors between them.

    Args:
        wanted: What to do.
        packets_in: Where the decode process reads packets.
        log: Where both write fixed codes.
    """

    def __init__(self, wanted: Wanted, *, packets_in: int, log: int) -> None:
        self._wanted = wanted
        self._log = log
        self._ring_write, self._ring_read = create_ring()
        self._bell = os.pipe()
        self._slots = os.pipe()
        self.decode = spawn(
            "passerby.darkroom.decode_main",
            wanted.settings({"ring": self._ring_write, "slots": self._slots[0]}),
            stdin=packets_in,
            stdout=self._bell[1],
            log=log,
        )
        for fd in (self._ring_write, self._slots[0], self._bell[1]):
            os.close(fd)

    def start_hide(
        self, size: tuple[int, int] | None, duration_s: float, *, control: int, outlet: int
    ) -> subprocess.Popen[bytes]:
        """Start the hide process, once the size is known or known to be unknown.

        Args:
            size: Width and height in display orientation.
            duration_s: Length of the video as far as known.
            control: Where it reads permits.
            outlet: Where it writes messages.
        """
        wanted = replace(self._wanted, size=size, duration_s=duration_s)
        fds = {"ring": self._ring_read, "slots": self._slots[1], "control": control}
        hide = spawn(
            "passerby.darkroom.hide_main", wanted.settings(fds), stdin=self._bell[0], stdout=outlet, log=self._log
        )
        self.close()
        return hide

    def start_opening(self, *, control: int, packets: int, outlet: int) -> subprocess.Popen[bytes]:
        """Start the process that opens sealed originals, in place of the hide process.

        Args:
            control: Where it reads papers, halves and ciphertext.
            packets: Where it writes packets for the decode process.
            outlet: Where it writes messages.
        """
        fds = {"ring": self._ring_read, "slots": self._slots[1], "control": control, "packets": packets}
        settings = self._wanted.settings(fds)
        site = {"site_root": self._wanted.site_root, "site_serial": str(self._wanted.site_serial)}
        opening = spawn(
            "passerby.darkroom.opening_main",
            replace(settings, words=dict(settings.words) | site),
            stdin=self._bell[0],
            stdout=outlet,
            log=self._log,
        )
        self.close()
        return opening

    def close(self) -> None:
        """Forget descriptors that only children need."""
        for fd in (self._ring_read, self._slots[1], self._bell[0]):
            if fd >= 0:
                os.close(fd)
        self._ring_read, self._slots, self._bell = -1, (-1, -1), (-1, -1)


__all__ = ["Darkroom", "Wanted", "listed_hashes"]
