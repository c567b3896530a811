"""The pictures of signs, drawn here: plain shapes on a 48 × 48 field, in one colour, readable from some metres away."""

from __future__ import annotations

_STRUCK = '<path d="M6 3l39 39-3 3L3 6z" stroke="{paper}" stroke-width="2"/>'
_FRAME = "M8 9h32a4 4 0 0 1 4 4v{h}a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V13a4 4 0 0 1 4-4zm0 4v{h}h32V13z"
_CAMERA = (
    '<rect x="4" y="13" width="28" height="17" rx="3"/><path d="M34 18l10-5v17l-10-5z"/>'
    '<path d="M14 30h6l4 10h-6z"/><rect x="10" y="39" width="22" height="4" rx="2"/>'
    '<circle cx="12" cy="21.5" r="4.5" fill="{paper}"/>'
)
_COUNT = (
    '<circle cx="9" cy="9" r="4.5"/><path d="M1.5 29v-7a7.5 7.5 0 0 1 15 0v7z"/>'
    '<circle cx="39" cy="9" r="4.5"/><path d="M31.5 29v-7a7.5 7.5 0 0 1 15 0v7z"/>'
    '<circle cx="24" cy="9" r="4.5"/><path d="M16.5 29v-7a7.5 7.5 0 0 1 15 0v7z" stroke="{paper}" stroke-width="1.6"/>'
    '<g fill="none" stroke="{ink}" stroke-width="2.6" stroke-linecap="round">'
    '<path d="M9 34v10M15 34v10M21 34v10M27 34v10M5 42.5L31 35.5M39 34v10"/></g>'
)
_HIDDEN = (
    '<rect x="17" y="4" width="7" height="7" opacity=".55"/><rect x="24" y="4" width="7" height="7"/>'
    '<rect x="17" y="11" width="7" height="7"/><rect x="24" y="11" width="7" height="7" opacity=".7"/>'
    '<rect x="10" y="20" width="7" height="8" opacity=".6"/><rect x="17" y="20" width="7" height="8"/>'
    '<rect x="24" y="20" width="7" height="8" opacity=".55"/><rect x="31" y="20" width="7" height="8" opacity=".85"/>'
    '<rect x="10" y="28" width="7" height="8"/><rect x="17" y="28" width="7" height="8" opacity=".6"/>'
    '<rect x="24" y="28" width="7" height="8"/><rect x="31" y="28" width="7" height="8" opacity=".6"/>'
    '<rect x="17" y="36" width="7" height="8" opacity=".8"/><rect x="24" y="36" width="7" height="8" opacity=".6"/>'
)
_NOBODY = (
    '<path d="M24 5c-8 0-13 6-13 14 0 9 6 17 13 17s13-8 13-17c0-8-5-14-13-14z"/>'
    '<circle cx="19" cy="18" r="2.2" fill="{paper}"/><circle cx="29" cy="18" r="2.2" fill="{paper}"/>'
    '<path d="M18 26c3 4 9 4 12 0" fill="none" stroke="{paper}" stroke-width="2.2" stroke-linecap="round"/>'
) + _STRUCK
_NO_PICTURE = (
    f'<path fill-rule="evenodd" d="{_FRAME.replace("{h}", "22")}"/>'
    '<circle cx="16" cy="20" r="3.4"/><path d="M9 34l10-9 6 5 7-9 8 13z"/>'
) + _STRUCK
_LIVE = (
    f'<path fill-rule="evenodd" d="{_FRAME.replace("{h}", "20")}"/>'
    '<rect x="16" y="40" width="16" height="4" rx="2"/><path d="M19 16l13 7-13 7z"/>'
)
_KEPT = (
    '<path fill-rule="evenodd" d="M24 4a20 20 0 1 1 0 40 20 20 0 0 1 0-40z'
    'm0 4.5a15.5 15.5 0 1 0 0 31 15.5 15.5 0 0 0 0-31z"/>'
    '<path d="M22 12h4v12l8 5-2 3.4-10-6.2z"/>'
)
_SHAPES = {
    "camera": _CAMERA, "count": _COUNT, "hidden": _HIDDEN, "nobody": _NOBODY, "no-picture": _NO_PICTURE,
    "live": _LIVE, "kept": _KEPT,
}  # fmt: skip
NAMES = tuple(_SHAPES)


def icon(name: str, ink: str, paper: str) -> str:
    """A picture as SVG.

    Args:
        name: Which; one of `NAMES`.
        ink: Its colour, as #rrggbb.
        paper: The colour behind it.
    """
    shapes = _SHAPES[name].replace("{paper}", paper).replace("{ink}", ink)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><g fill="{ink}">{shapes}</g></svg>'
