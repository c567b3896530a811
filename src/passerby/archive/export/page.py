"""The plain page of an export, and what to do with it in a few lines. No script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from passerby.archive.keys.names import US
from passerby.charter.asking import Asking

_DEMO = "DEMO: this site is for show. One person holds all of its keys, and nothing here proves anything."
_READ_ME = """\
{demo}{what}, given out by name.

To watch:   open index.html in a browser.
To check:   python check.py --root HASH
            HASH is printed on the sign beside the camera. Needs Python 3.11 or newer and the package cryptography,
            no network, and nothing else of Passerby. check.py and verify.py are short: read them first, or take
            verify.py from somewhere you trust.

{who} Keep it as the case demands, then destroy it.
"""
_REDACTED = "Nobody in it can be made out, at a measured rate of leaks: it is still personal data."
_UNSEALED = "In one region it shows people as they are, everywhere else a coarse mosaic. It is personal data."

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; media-src 'self' file:; style-src 'unsafe-inline'">
<title>Recording of {camera}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 2rem 1rem 4rem; }}
h1 {{ font-size: 1.5rem; margin: 0 0 .25rem; }}
h2 {{ font-size: 1.1rem; margin: 2rem 0 .5rem; }}
video {{ background: #000; border-radius: .4rem; display: block; width: 100%; }}
figure {{ margin: 1.25rem 0; }}
figcaption {{ font-variant-numeric: tabular-nums; margin-top: .35rem; opacity: .8; }}
dl {{ display: grid; gap: .3rem 1.25rem; grid-template-columns: max-content 1fr; margin: 1rem 0; }}
dt {{ opacity: .7; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
code {{ background: color-mix(in srgb, currentColor 10%, transparent); border-radius: .25rem; padding: .1em .35em; }}
.demo {{ border: 2px solid #c60; border-radius: .4rem; padding: .6rem .9rem; }}
@media (max-width: 30rem) {{ dl {{ grid-template-columns: 1fr; }} dd {{ margin-bottom: .6rem; }} }}
</style>
</head>
<body>
{demo}<h1>Recording of {camera}</h1>
<p>{who} Keep it only as long as the case demands.</p>
<dl>
<dt>Site</dt><dd>{site}</dd>
<dt>From</dt><dd>{begins}</dd>
<dt>To</dt><dd>{ends}</dd>
<dt>Purpose</dt><dd>{purpose}</dd>
<dt>Case</dt><dd><code>{case}</code></dd>
</dl>
{clips}
<h2>Is it genuine?</h2>
<p>Run <code>python check.py --root HASH</code> in this folder. The hash is printed on the sign beside the camera.
It needs Python 3.11 or newer and the package <code>cryptography</code>, no network, and nothing else of Passerby. It
shows that the site's operator gave out exactly these files, to the people named in <code>recipients.json</code>, and
that this was in the site's public ledger, before witnesses, beforehand. What it can't show, it says.</p>
</body>
</html>
"""


def read_me(*, demo: bool, unsealed: bool = False) -> str:
    """The bundle's README.

    Args:
        demo: Whether the site is one for show.
        unsealed: Whether it shows a region of an original.
    """
    what = "A region of a sealed original" if unsealed else "A redacted recording"
    return _READ_ME.format(demo=f"{_DEMO}\n\n" if demo else "", what=what, who=_UNSEALED if unsealed else _REDACTED)


def page(asking: Asking, clips: Mapping[str, tuple[int, int]], *, demo: bool) -> str:
    """The page.

    Args:
        asking: What was asked for.
        clips: Name to beginning and end, in microseconds since 1970.
        demo: Whether the site is one for show.
    """
    figures = [
        f'<figure><video controls preload="metadata" src="{escape(name)}"></video>'
        f"<figcaption>{_moment(begins)} to {_moment(ends)}</figcaption></figure>"
        for name, (begins, ends) in clips.items()
    ]
    words = {name: escape(getattr(asking, name)) for name in ("camera", "site", "purpose", "case")}
    return _PAGE.format(
        demo=f'<p class="demo">{_DEMO}</p>\n' if demo else "",
        begins=_moment(asking.begins * US),
        ends=_moment(asking.ends * US),
        clips="\n".join(figures),
        who=_UNSEALED if asking.act == "unseal" else _REDACTED,
        **words,
    )


def _moment(us: int) -> str:
    return datetime.fromtimestamp(us / US, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
