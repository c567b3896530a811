"""The memory file of the ring: made by the supervisor, who never maps it."""

from __future__ import annotations

import os

SLOTS = 4
ALIGN = 64
MAX_PIXELS = 64 * 1024 * 1024
MAX_SIDE = 16384
# Padding to `ALIGN` adds at most 63 rows and columns; 4:2:0 needs half again for chroma.
SLOT_BYTES = (MAX_PIXELS + (MAX_SIDE * 2 + ALIGN) * ALIGN) * 3 // 2
RING_BYTES = SLOTS * SLOT_BYTES


def create_ring() -> tuple[int, int]:
    """A new ring: a descriptor to write and one that can only read. Pages are taken when first written."""
    writable = os.memfd_create("passerby-ring", os.MFD_CLOEXEC)
    os.ftruncate(writable, RING_BYTES)
    return writable, os.open(f"/proc/self/fd/{writable}", os.O_RDONLY | os.O_CLOEXEC)
