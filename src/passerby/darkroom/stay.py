"""How long somebody may sit still and must stay hidden, where nobody says otherwise."""

from __future__ import annotations

STAY_SHARE = 0.5
"""Of a file: this share of the clip, or of what has been seen of it."""

CAMERA_STAY_S = 6 * 3600.0
"""Of a camera, in seconds."""
