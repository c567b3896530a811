"""What assessments and suppliers' records say, for the registers of algorithms: only what both institutions accepted.

A paper that was not decided on is a draft, and no field of a public register is filled from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from passerby.charter.papers.assessment.paper import Assessment
from passerby.charter.papers.supplier import Supplier
from passerby.charter.ready import Filed
from passerby.charter.register.exports import Records

BALANCE, OVERSIGHT = "Why it is not too much", "Who decides and who can stop it"
TRAINING, RIGHTS = "What it was trained on", "Human rights"


def records_for(
    assessments: Mapping[str, Filed[Assessment]], suppliers: Sequence[Filed[Supplier]], page: str = ""
) -> Records:
    """A camera's records for the exports.

    Args:
        assessments: By analysis, the newest each; those that were not accepted are left out.
        suppliers: The newest of each; likewise.
        page: The address of the camera's page.
    """
    papers = {name: filed.paper for name, filed in sorted(assessments.items()) if filed.accepted}
    sold = [filed.paper for filed in suppliers if filed.accepted]

    def told(say: Callable[[Assessment], str]) -> str:
        return _together([(name, say(paper)) for name, paper in papers.items()])

    def of(say: Callable[[Supplier], str]) -> str:
        return _together([(one.name, say(one)) for one in sold])

    return Records(
        assessments={name: assessments[name].hash for name in papers},
        risks=told(lambda p: "; ".join(
            f"{r.what} ({r.who}): {r.left_likelihood.value} likelihood, {r.left_severity.value} severity remain"
            for r in p.risks
        )),
        measures=told(lambda p: "; ".join(risk.measures for risk in p.risks)),
        proportionality=told(lambda p: _plain(p.sections.get(BALANCE, ""))),
        alternatives=told(lambda p: "; ".join(f"{a['what']}: {a['why_not']}" for a in p.alternatives)),
        oversight=told(lambda p: _plain(p.sections.get(OVERSIGHT, ""))),
        supplier="; ".join(f"{one.name} ({one.origin}; owned by {one.owner})" for one in sold),
        supplier_number=of(lambda one: one.number),
        supplier_role=of(lambda one: one.role),
        procedure=of(lambda one: one.procedure),
        data_access=of(lambda one: one.data_access),
        model=of(lambda one: ", ".join(f"{model['name']} {model['sha256']}" for model in one.models)),
        performance=of(lambda one: "; ".join(f"{e['condition']}: {e['measure']} {e['value']}" for e in one.errors)),
        training=of(lambda one: _plain(one.sections.get(TRAINING, ""))),
        rights=of(lambda one: _plain(one.sections.get(RIGHTS, ""))),
        page=page,
    )  # fmt: skip


def _together(said: Iterable[tuple[str, str]]) -> str:
    """One text; where there are several that differ, each with whose it is."""
    found = [(whose, text) for whose, text in said if text]
    if len({text for _, text in found}) <= 1:
        return found[0][1] if found else ""
    return " | ".join(f"{whose}: {text}" for whose, text in found)


def _plain(text: str) -> str:
    return " ".join(text.split())
