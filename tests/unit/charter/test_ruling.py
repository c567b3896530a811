"""What a darkroom is told about each analysis: one by one, from papers as they came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.unit.charter.world import ASKED, DAY, LIMITS, NOW, ROOT, Ledger, World, permit, sha, signed

from passerby.charter.changes import changed
from passerby.charter.gate import Caution, Denied, judge
from passerby.charter.proofs import Site
from passerby.charter.ruling import REASONS, Papers, Ruling, denied_of, reason_codes, rule, sentence
from passerby.charter.standing import Reason, Root
from passerby.outlet.messages import ANALYSES

W = World()


def papers_of(world: World) -> Papers:
    _, note, _, evidence, _ = world.parts()
    ledger = Ledger()
    rooted = tuple(ledger.add({"act": "site-root", "content": r.hash}, r.at) for r in world.roots)
    return Papers(note, tuple(world.notes), rooted, evidence)


def ruled(world: World, papers: Papers | None = None, first: str = ROOT.hash, least: int = 0) -> Ruling:
    asked, _, _, _, time = world.parts()
    found = papers or papers_of(world)
    return rule(asked, found, found.site(first, least), time)


def reasons(ruling: Ruling) -> dict[str, Reason]:
    return {name: answer.reason for name, answer in ruling.denied.items()}


def test_all_is_lawful() -> None:
    ruling = ruled(W)
    assert ruling == Ruling(ASKED.analyses, {}) and ruling.sentence == ""


def test_each_analysis_by_itself() -> None:
    """What the permit does not name is denied, and takes nothing else along."""
    narrow = replace(W, permit=permit(analyses=("crowd",), retention_s=0))
    ruling = ruled(narrow)
    assert ruling.lawful == {"crowd"}
    assert reasons(ruling) == {"live": Reason.OTHER_ANALYSIS, "record": Reason.OTHER_ANALYSIS}
    assert ruling.sentence.startswith("live, record: denied by OTHER_ANALYSIS: the permit does not allow")
    none = ruled(replace(narrow, asked=replace(ASKED, analyses=frozenset({"live"}))))
    assert reasons(none) == {"live": Reason.OTHER_ANALYSIS} and none.sentence.startswith("denied by OTHER_ANALYSIS")


def test_fading_keeps_the_numbers() -> None:
    ruling = ruled(replace(W, beat=NOW - 2 * DAY))
    assert ruling.lawful == {"crowd"} and ruling.cautions == (Caution.FADING,)
    assert set(reasons(ruling).values()) == {Reason.FADING}
    assert set(reasons(ruled(replace(W, beat=NOW - 5 * DAY))).values()) == {Reason.DEAD}


def test_without_papers_nothing_runs() -> None:
    for papers, reason in (
        (Papers(), Reason.NO_PERMIT),
        (replace(papers_of(W), permit=b""), Reason.NO_PERMIT),
        (replace(papers_of(W), roots=()), Reason.BROKEN_ROOT),
        (replace(papers_of(W), roots=(b"junk",)), Reason.BROKEN_ROOT),
        (replace(papers_of(W), rooted=()), Reason.ROOT_UNPROVEN),
    ):
        ruling = ruled(W, papers)
        assert not ruling.lawful and set(reasons(ruling).values()) == {reason}
    assert set(reasons(ruled(W, first=sha("x"))).values()) == {Reason.BROKEN_ROOT}


def test_an_older_chain_than_one_seen_is_a_replay() -> None:
    later = W.then(changed(ROOT, ROOT.at + DAY, limits=replace(LIMITS, retention_s=2 * DAY)), "rev1")
    assert isinstance(papers_of(later).site(ROOT.hash, 1), Site)
    assert papers_of(W).site(ROOT.hash, 1) is Root.ROLLED_BACK
    assert set(reasons(ruled(W, least=1)).values()) == {Reason.ROLLED_BACK}
    assert ruled(later, least=1).lawful == ASKED.analyses


def test_every_byte_of_every_paper() -> None:
    """Whatever byte of a permit, a root, an entry, a proof or the checkpoint is changed, nothing opens."""
    asked, _, _, _, time = W.parts()
    whole = papers_of(W)
    site, logged = whole.site(ROOT.hash), whole.evidence.permit
    assert logged is not None
    contents = {"permit": whole.permit, "checkpoint": whole.evidence.checkpoint, "entry": logged.entry}
    for name, content in [*contents.items(), ("proof", logged.proof)]:
        for spoilt in _spoilt(content):
            assert not rule(asked, _with(whole, name, spoilt), site, time).lawful, name
    for spoilt in _spoilt(whole.roots[0]):
        assert _with(whole, "root", spoilt).site(ROOT.hash) is Root.BROKEN


def _spoilt(content: bytes) -> Iterator[bytes]:
    for at in range(len(content)):
        spoilt = bytearray(content)
        spoilt[at] ^= 0x01
        yield bytes(spoilt)


def _with(papers: Papers, name: str, content: bytes) -> Papers:
    evidence = papers.evidence
    assert evidence.permit is not None
    match name:
        case "permit":
            return replace(papers, permit=content)
        case "root":
            return replace(papers, roots=(content,))
        case "checkpoint":
            return replace(papers, evidence=replace(evidence, checkpoint=content))
        case "entry":
            return replace(papers, evidence=replace(evidence, permit=replace(evidence.permit, entry=content)))
        case _:
            return replace(papers, evidence=replace(evidence, permit=replace(evidence.permit, proof=content)))


def test_reasons_cross_the_wall_as_numbers() -> None:
    for reason in Reason:
        denied = {"live": Denied(reason)}
        assert denied_of(reason_codes(denied, ANALYSES), ANALYSES) == denied
    assert denied_of(bytes(5), ANALYSES) == {}
    assert denied_of(bytes([255, 0, 0, 0, 0]), ANALYSES) == {"crowd": Denied(Reason.UNKNOWN)}
    assert len(REASONS) < 255


def test_one_sentence_for_each_rule() -> None:
    two = sentence(
        {"live": Denied(Reason.FADING), "record": Denied(Reason.FADING), "seal": Denied(Reason.OTHER_ROOT)}, {"crowd"}
    )
    assert two.count("; to run, ") == 2 and two.startswith("live, record: denied by FADING: ")
    assert "; seal: denied by OTHER_ROOT: " in two
    assert (
        sentence({"crowd": Denied(Reason.EXPIRED)})
        == "denied by EXPIRED: the permit has expired; to run, have it renewed"
    )
    assert sentence({}) == ""


def test_a_broken_detail_is_told() -> None:
    note = signed(W.permit.text().replace('"period_s":5', '"period_s":61'), "op1", "rev1")
    ruling = ruled(W, replace(papers_of(W), permit=note))
    assert "(period_s)" in ruling.sentence


def test_nothing_asked_for_is_denied_and_a_detail_is_told() -> None:
    asked, note, site, evidence, time = W.parts()
    assert judge(replace(asked, analyses=frozenset()), note, site, evidence, time) == Denied(Reason.OTHER_ANALYSIS)
    odd = judge(replace(asked, analyses=frozenset({"faces"})), note, site, evidence, time)
    assert isinstance(odd, Denied) and odd.reason is Reason.OTHER_ANALYSIS
    spoilt = signed(W.permit.text().replace('"period_s":5', '"period_s":61'), "op1", "rev1")
    assert judge(asked, spoilt, site, evidence, time) == Denied(Reason.MALFORMED, "period_s")
