"""Where pages may fetch from: the server itself and, where the site names map tiles, those alone."""

from __future__ import annotations

import pytest

from passerby.server.guard import elsewhere


@pytest.mark.parametrize(
    ("tiles", "added"),
    [
        ("", ""),
        ("/open/tiles/{z}/{x}/{y}.png", ""),
        ("https://tiles.example.org/{z}/{x}/{y}.png?key=1", " https://tiles.example.org"),
        ("https://Maps.Example.org:8443/city.pmtiles", " https://maps.example.org:8443"),
        ("https://a.example; script-src *//{z}", ""),
        ("https://user@tiles.example.org/{z}", " https://tiles.example.org"),
        ("javascript:alert(1)", ""),
        ("https://[::1/x", ""),
        ("https://a.example:99999/x", ""),
    ],
)
def test_only_the_tiles_origin_is_added(tiles: str, added: str) -> None:
    assert elsewhere(tiles) == added
