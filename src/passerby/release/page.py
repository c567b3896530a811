"""The dataset's page: what is published, what it protects and what not, charts with tables, files, budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from passerby.release.budget import Charge, Kept, Record
from passerby.release.charts import Bars, bars
from passerby.release.day import HOUR_BINS
from passerby.release.document import PRESENT
from passerby.release.plan import Plan
from passerby.release.protection import certainty, epsilon
from passerby.release.rows import COLUMNS
from passerby.release.style import STYLE
from passerby.release.words import PAGES, WORDS

LAST_DAYS = 31
FILES = (("CSV", "csv"), ("JSON", "json"), ("Parquet", "parquet"), ("NGSI-LD", "ngsi.jsonld"))
TIMES = (1, 2, 5, 10)
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A line or an area through time.

    Args:
        id: ``camera/line``, or the area's id.
        days: Day to the series in and out of that day, and what was observed; the newest last.
        present: Day to the people inside, where they are known.
    """

    id: str
    days: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], Sequence[int]]]
    present: Mapping[str, Mapping[str, Any]]

    @property
    def newest(self) -> str:
        """The newest day of which anything was observed; the newest at all where there is none."""
        return max((day for day, (_, _, covered) in self.days.items() if any(covered)), default=max(self.days))


def pages(plan: Plan, documents: Sequence[Document], records: Sequence[Record]) -> Iterator[tuple[str, bytes]]:
    """The pages, one for each language, and their style."""
    places = list(_places(documents))
    months = sorted({d["day"][:7] for d in documents}, reverse=True)
    for language, path in PAGES.items():
        yield path, _Page(plan, language).whole(places, months, records).encode()
    yield "style.css", STYLE.encode()


def _places(documents: Sequence[Document]) -> Iterator[Place]:
    found: dict[tuple[bool, str], dict[str, Any]] = {}
    present = {(d["place"], d["day"]): d["series"][PRESENT] for d in documents if PRESENT in d["series"]}
    for document in documents:
        is_area = document["kind"] == "area"
        names = [""] if is_area else sorted({name.rpartition("/")[0] for name in document["series"]})
        for name in names:
            place = document["place"] if is_area else f"{document['place']}/{name}"
            ways = [document["series"][way if is_area else f"{name}/{way}"] for way in ("in", "out")]
            found.setdefault((not is_area, place), {})[document["day"]] = (*ways, document["covered"])
    for (_, place), days in sorted(found.items()):
        inside = {day: present[place, day] for day in days if (place, day) in present}
        yield Place(place, dict(sorted(days.items())[-LAST_DAYS:]), inside)


class _Page:
    """One language's page."""

    def __init__(self, plan: Plan, language: str) -> None:
        self._plan, self._language, self._words = plan, language, WORDS[language]

    def _say(self, word: str, **values: object) -> str:
        return escape(self._words[word].format(**values))

    def whole(self, places: Sequence[Place], months: Sequence[str], records: Sequence[Record]) -> str:
        """The page."""
        title = self._say("title", site=self._plan.site)
        other = next(language for language in PAGES if language != self._language)
        link = f'<a class="language" href="{PAGES[other]}" lang="{other}" hreflang="{other}">{self._say("other")}</a>'
        demo = f'<p class="demo">{self._say("demo")}</p>' if self._plan.site.startswith("demo.") else ""
        body = "".join(
            [
                f"<header>{link}<h1>{title}</h1>{demo}<p class=\"lead\">{self._say('lead')}</p></header><main>",
                "".join(self._place(place) for place in places) or f"<p>{self._say('nothing')}</p>",
                self._protects(), self._data(months), self._dictionary(), self._budget(records), self._check(),
                self._about(records), "</main>",
            ]
        )  # fmt: skip
        head = (
            f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<link rel="icon" href="data:,"><link rel="stylesheet" href="style.css"></head><body>'
        )
        return f"{head}{body}</body></html>\n"

    def _place(self, place: Place) -> str:
        name = self._name(place.id)
        day = place.newest
        into, out_of, covered = place.days[day]
        newest = self._say("newest", day=day)
        parts = [f"<section><h2>{escape(name)}</h2><h3>{newest}</h3>", self._legend()]
        parts += [self._day_chart(name, day, into, out_of, covered), self._day_table(into, out_of, covered)]
        if day in place.present:
            parts.append(self._present_chart(name, day, place.present[day], covered))
        if len(place.days) > 1:
            parts += [f"<h3>{self._say('daily')}</h3>", self._days_chart(name, place), self._days_table(place)]
        return "".join([*parts, "</section>"])

    def _name(self, place: str) -> str:
        if place in self._plan.names or "/" not in place:
            return self._plan.name(place, self._language)
        camera, _, line = place.partition("/")
        return f"{self._plan.name(camera, self._language)}, {line}"

    def _legend(self) -> str:
        words = [("in", self._say("legend_in")), ("out", self._say("legend_out"))]
        words += [("hidden", self._say("legend_none", n=self._plan.threshold)), ("away", self._say("legend_unseen"))]
        return f'<p class="legend">{"".join(f"<span><i class={name!r}></i>{word}</span>" for name, word in words)}</p>'

    def _day_chart(
        self, name: str, day: str, into: Mapping[str, Any], out_of: Mapping[str, Any], covered: Sequence[int]
    ) -> str:
        ticks = [(float(at), f"{at // HOUR_BINS:02d}") for at in range(0, len(covered), 3 * HOUR_BINS)]
        label = self._words["chart"].format(place=name, day=day)
        errors = into["bins_error90"], out_of["bins_error90"]
        seen = [minutes > 0 for minutes in covered]
        drawn = bars(Bars(label, into["bins"], out_of["bins"], seen, ticks, errors))
        return self._figure(drawn, label, max(errors[0]))

    def _present_chart(self, name: str, day: str, present: Mapping[str, Any], covered: Sequence[int]) -> str:
        ticks = [(float(at), f"{at // HOUR_BINS:02d}") for at in range(0, len(covered), 3 * HOUR_BINS)]
        label = self._words["chart_present"].format(place=name, day=day)
        errors = present["bins_error90"]
        seen = [all(covered[: at + 1]) for at in range(len(covered))]
        drawn = bars(Bars(label, present["bins"], (), seen, ticks, (errors, errors)))
        rows = []
        for at in range(HOUR_BINS - 1, len(covered), HOUR_BINS):
            cell = self._number(present["bins"][at], errors[at], seen[at])
            rows.append(f'<tr><th scope="row">{(at + 1) // HOUR_BINS:02d}:00</th>{cell}</tr>')
        table = self._table([self._say("time"), self._say("present")], rows)
        return self._figure(drawn, label, max(errors)) + table

    def _figure(self, drawn: str, label: str, error: int) -> str:
        said = self._say("with_error", label=label, n=error)
        return f'<figure><div class="wide">{drawn}</div><figcaption>{said}</figcaption></figure>'

    def _days_chart(self, name: str, place: Place) -> str:
        label = self._words["chart_days"].format(place=name)
        days, shown = list(place.days), list(place.days.values())
        every = max(1, len(days) // 8)
        ticks = [(at + 0.5, day[5:]) for at, day in enumerate(days) if at % every == 0]
        errors = [into["day_error90"] for into, _, _ in shown], [out["day_error90"] for _, out, _ in shown]
        seen = [any(covered) for _, _, covered in shown]
        up, down = [into["day"] for into, _, _ in shown], [out["day"] for _, out, _ in shown]
        drawn = bars(Bars(label, up, down, seen, ticks, errors))
        return self._figure(drawn, label, max(errors[0]))

    def _day_table(self, into: Mapping[str, Any], out_of: Mapping[str, Any], covered: Sequence[int]) -> str:
        rows = []
        for at, (came, left) in enumerate(zip(into["hours"], out_of["hours"], strict=True)):
            seen = any(covered[at * HOUR_BINS : (at + 1) * HOUR_BINS])
            errors = into["hours_error90"][at], out_of["hours_error90"][at]
            cells = self._number(came, errors[0], seen) + self._number(left, errors[1], seen)
            rows.append(f'<tr><th scope="row">{at:02d}:00</th>{cells}</tr>')
        return self._table([self._say("time"), self._say("in"), self._say("out")], rows)

    def _days_table(self, place: Place) -> str:
        rows = []
        for day, (into, out_of, covered) in sorted(place.days.items(), reverse=True):
            cells = self._number(into["day"], into["day_error90"], any(covered))
            cells += self._number(out_of["day"], out_of["day_error90"], any(covered))
            rows.append(f'<tr><th scope="row">{day}</th>{cells}</tr>')
        return self._table([self._say("date"), self._say("in"), self._say("out")], rows)

    def _number(self, value: int | None, error: int, seen: bool) -> str:
        if value is not None:
            return f"<td>{value:,} <small>± {error}</small></td>"
        word = self._say("none", n=self._plan.threshold) if seen else self._say("unseen")
        return f'<td class="none">{word}</td>'

    def _table(self, heads: Sequence[str], rows: Sequence[str]) -> str:
        top = "".join(f'<th scope="col">{head}</th>' for head in heads)
        table = f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
        return f"<details><summary>{self._say('table')}</summary>{table}</details>"

    def _protects(self) -> str:
        shape = self._plan.shape
        rows = []
        for times in TIMES:
            found = epsilon(shape.mechanism, shape.cost, times)
            sure = _percent(certainty(found))
            rows.append(
                f'<tr><th scope="row">{self._say("times_n", n=times)}</th><td>{found:g}</td><td>{sure}</td></tr>'
            )
        heads = "".join(f'<th scope="col">{self._say(word)}</th>' for word in ("times", "epsilon", "sure"))
        one = f"{epsilon(shape.mechanism, shape.cost):.3g}"
        return (
            f"<section><h2>{self._say('protects')}</h2><p>{self._say('protects_1', epsilon=one)}</p>"
            f"<p>{self._say('protects_2')}</p>"
            f'<table class="narrow"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
            f"<p>{self._say('protects_3')}</p></section>"
        )

    def _data(self, months: Sequence[str]) -> str:
        rows = []
        for month in months:
            links = " · ".join(f'<a href="data/flows-{month}.{end}">{name}</a>' for name, end in FILES)
            rows.append(f'<tr><th scope="row">{month}</th><td class="text">{links}</td></tr>')
        heads = f'<th scope="col">{self._say("month")}</th><th scope="col" class="text">{self._say("download")}</th>'
        return (
            f'<section><h2>{self._say("data")}</h2><table class="narrow"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></section>"
        )

    def _dictionary(self) -> str:
        rows = [
            f'<tr><th scope="row"><code>{name}</code></th><td class="text">{self._say(f"m_{name}")}</td></tr>'
            for name in COLUMNS
        ]
        heads = f'<th scope="col">{self._say("column")}</th><th scope="col" class="text">{self._say("meaning")}</th>'
        return (
            f"<section><h2>{self._say('dictionary')}</h2><table><thead><tr>{heads}</tr></thead>"
            f'<tbody>{"".join(rows)}</tbody></table><p><a href="datapackage.json">datapackage.json</a></p></section>'
        )

    def _budget(self, records: Sequence[Record]) -> str:
        links = {name: f'<a href="budget.{name}">budget.{name}</a>' for name in ("json", "csv")}
        said = escape(self._words["budget_1"]).format(**links)
        kept = {r.charge for r in records if isinstance(r, Kept)}
        rows = []
        for camera in sorted({r.camera for r in records}):
            mine = [r for r in records if isinstance(r, Charge) and r.camera == camera]
            done = sum(r.number in kept for r in mine)
            by_day: dict[str, int] = {}
            for r in mine:
                by_day[r.day] = by_day.get(r.day, 0) + r.cost
            cells = [done, f"{max(by_day.values()) / 1000:g}", f"{max(r.cap for r in mine) / 1000:g}", len(mine) - done]
            name = escape(self._plan.name(camera, self._language))
            rows.append(f'<tr><th scope="row">{name}</th>{"".join(f"<td>{c}</td>" for c in cells)}</tr>')
        measure = {"epsilon": "ε", "rho": "ρ"}[self._plan.shape.mechanism.measure]
        words = [self._say("camera"), self._say("days"), self._say("spent", measure=measure), self._say("cap")]
        heads = "".join(f'<th scope="col">{word}</th>' for word in [*words, self._say("lost")])
        return (
            f'<section><h2>{self._say("budget")}</h2><p>{said}</p><div class="wide"><table>'
            f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></section>"
        )

    def _check(self) -> str:
        return (
            f"<section><h2>{self._say('check')}</h2><p>{self._say('check_1')}</p>"
            "<pre>passerby release check .</pre></section>"
        )

    def _about(self, records: Sequence[Record]) -> str:
        plan = self._plan
        noise = sorted({r.noise for r in records if isinstance(r, Kept)})
        licence = f'<a href="https://spdx.org/licenses/{escape(plan.licence)}.html">{escape(plan.licence)}</a>'
        note = f'<a href="plans/{plan.hash}.note"><code>{plan.hash[:16]}</code></a>, {self._say("plan_1")}'
        rows = [
            ("publisher", escape(plan.publisher)), ("contact", escape(plan.contact)), ("licence", licence),
            ("plan", note), ("mechanism", escape(plan.shape.mechanism.value)),
            ("noise", escape(", ".join(noise))),
        ]  # fmt: skip
        listed = "".join(f"<dt>{self._say(word)}</dt><dd>{text}</dd>" for word, text in rows)
        return f"<section><h2>{self._say('about')}</h2><dl>{listed}</dl></section>"


def _percent(share: float) -> str:
    """Rounded down, so that nothing short of certain reads 100 %."""
    return f"{int(share * 10000) / 100:g} %"
