"""The dataset page's style sheet."""

STYLE = """\
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5a6675; --line: #d5dbe3; --back: #fff; --card: #f6f8fa;
  --in: #1f6f8b; --out: #c0672b; --away: #e3e6ea; --link: #155e8a }
@media (prefers-color-scheme: dark) { :root { --ink: #e5eaf0; --soft: #a3afbd; --line: #38424f; --back: #12171d;
  --card: #1a2129; --in: #5fb3d1; --out: #e79a63; --away: #2a323c; --link: #7cc4ee } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 52rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK TC", sans-serif }
h1 { margin: .3rem 0 .6rem; font-size: 1.7rem; line-height: 1.2 }
h2 { margin: 0 0 .4rem; font-size: 1.25rem }
h3 { margin: 1.2rem 0 .2rem; font-size: 1rem; color: var(--soft); font-weight: 600 }
a { color: var(--link) }
.language { float: right; padding: .25rem 0 .25rem 1rem }
.lead { font-size: 1.08rem; max-width: 44rem }
.demo { border: 2px solid var(--out); border-radius: .4rem; padding: .4rem .8rem; font-weight: 600 }
section { margin: 1.4rem 0; padding: 1.1rem 1.2rem 1.2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem }
figure { margin: .2rem 0 .4rem }
figcaption { color: var(--soft); font-size: .85rem }
svg { display: block; width: 100%; min-width: 36rem; height: auto }
svg .grid { stroke: var(--line); stroke-width: 1 }
svg .axis { stroke: var(--soft); stroke-width: 1 }
svg .mark { fill: var(--soft); font-size: 11px }
svg .in { fill: var(--in) }
svg .out { fill: var(--out) }
svg .away { fill: var(--away) }
svg .hidden { fill: var(--soft) }
svg .error { stroke: var(--ink); stroke-width: 1; opacity: .55 }
.legend { margin: .2rem 0; color: var(--soft); font-size: .85rem }
.legend span { display: inline-block; margin-right: 1rem; white-space: nowrap }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em;
  vertical-align: -.05em; border-radius: 2px }
.legend i.in { background: var(--in) }
.legend i.out { background: var(--out) }
.legend i.away { background: var(--away); border: 1px solid var(--line) }
.legend i.hidden { width: .35em; height: .35em; border-radius: 50%; background: var(--soft); vertical-align: .15em }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
table.narrow { width: auto; min-width: 20rem; max-width: 100% }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top }
th:first-child { text-align: left; white-space: nowrap }
th[scope=row] { font-weight: 500 }
.text { text-align: left }
td.none { color: var(--soft) }
small { color: var(--soft) }
details { margin-top: .4rem }
summary { cursor: pointer; color: var(--link) }
pre { padding: .7rem .9rem; overflow-x: auto; background: var(--back); border: 1px solid var(--line);
  border-radius: .4rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0 }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
"""
