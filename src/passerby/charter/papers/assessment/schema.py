"""The sections of an assessment, and which item of which law each one answers. One file for all of them.

Sources: GDPR art. 35 and 36; Regulation (EU) 2024/1689 (AI Act) art. 27(1); Seattle Municipal Code 14.18 (the report's
sections); Hong Kong's Personal Data (Privacy) Ordinance, schedule 1 (six principles), and the Privacy Commissioner's
guidance on CCTV (October 2025); the United Kingdom's Surveillance Camera Code (twelve principles). What is quoted here
is what each asks for, not its wording, and not legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT = "passerby/assessment@1"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the text.

    Args:
        heading: Its heading in the file.
        ask: What to write, as the empty form says.
        least: Fewer words than this can't say it.
        answers: Items of laws.
    """

    heading: str
    ask: str
    least: int
    answers: tuple[str, ...]


LAWS: dict[str, dict[str, str]] = {
    "GDPR": {
        "35(2)": "the data protection officer's advice",
        "35(7)(a)": "a systematic description, and the purposes",
        "35(7)(b)": "necessity and proportionality",
        "35(7)(c)": "risks to the people concerned",
        "35(7)(d)": "measures, safeguards and how compliance is shown",
        "35(9)": "the views of the people concerned",
        "35(11)": "review when the risk changes",
        "36": "consultation of the authority if a high risk remains",
    },
    "AI Act": {
        "27(1)(a)": "the process in which it is used",
        "27(1)(b)": "how long and how often",
        "27(1)(c)": "people and groups likely to be affected",
        "27(1)(d)": "specific risks of harm to them",
        "27(1)(e)": "human oversight",
        "27(1)(f)": "what happens when a risk comes true: governance, complaints",
    },
    "Seattle": {
        "1": "abstract",
        "2": "project overview",
        "3": "use governance",
        "4": "data collection and use",
        "5": "storage, retention and deletion",
        "6": "sharing and accuracy",
        "7": "legal obligations, risks and compliance",
        "8": "monitoring and enforcement",
        "9": "money",
        "10": "references and experts",
        "11": "racial equity",
        "12": "civil liberties",
        "13": "glossary",
        "14": "comments and letters",
    },
    "PDPO": {
        "DPP1": "purpose and manner of collection",
        "DPP2": "accuracy and retention",
        "DPP3": "use",
        "DPP4": "security",
        "DPP5": "openness",
        "DPP6": "access and correction",
    },
    "PCPD": {
        "need": "a pressing need, and whether a camera meets it",
        "alternatives": "less intrusive means",
        "placing": "where it looks, and where it must not",
        "notice": "visible notice; no covert use without strong reason",
        "retention": "no longer than needed",
        "security": "transfer, access and handling",
        "review": "regular checks",
    },
    "UK": {
        "1": "specified purpose, legitimate aim, pressing need",
        "2": "effect on people and their privacy, regularly reviewed",
        "3": "transparency, a published contact",
        "4": "responsibility and accountability",
        "5": "rules before use, made known",
        "6": "no more stored, and no longer, than needed",
        "7": "restricted access, rules for disclosure",
        "8": "operational, technical and competency standards",
        "9": "security",
        "10": "review and audit, published",
        "11": "effective for its aim",
        "12": "reference data accurate and current",
    },
}

SECTIONS = (
    Section(
        "What is done",
        "What this camera and this analysis do here, in a few sentences that a passer-by understands.",
        40, ("GDPR 35(7)(a)", "Seattle 1", "Seattle 2"),
    ),
    Section(
        "How it is used",
        "Who uses the numbers or pictures, in which work, at what hours, how often, until when; the rules of use.",
        40, ("AI Act 27(1)(a)", "AI Act 27(1)(b)", "Seattle 3", "UK 5"),
    ),
    Section(
        "Why it is needed",
        "The problem at this place, with what is known of it: dates, numbers, events. Why a camera helps.",
        40, ("GDPR 35(7)(b)", "PDPO DPP1", "PCPD need", "UK 1", "UK 11"),
    ),
    Section(
        "Why it is not too much",
        "What is gained against what it costs the people who pass here; what was left out to keep it small.",
        40, ("GDPR 35(7)(b)", "PDPO DPP1", "UK 2"),
    ),
    Section(
        "What else was considered",
        "The alternatives in the table above, in words: what was tried, and why it was not enough.",
        25, ("PCPD alternatives",),
    ),
    Section(
        "Where it looks",
        "What is in the picture, and what must never be seen; how the forbidden zones were drawn and checked.",
        25, ("PCPD placing",),
    ),
    Section(
        "What is collected",
        "Which data arise, how good they are (measured error, under which conditions), and what is never collected.",
        30, ("Seattle 4", "PDPO DPP2", "UK 12"),
    ),
    Section(
        "How long it is kept",
        "Why this long and no shorter. More than 72 hours needs an argument of its own.",
        20, ("PDPO DPP2", "PCPD retention", "Seattle 5", "UK 6"),
    ),
    Section(
        "Who gets it",
        "Who sees what inside, who outside gets anything, on what ground; for no other purpose than the ones above.",
        25, ("PDPO DPP3", "Seattle 6", "UK 7"),
    ),
    Section(
        "How it is kept safe",
        "Measures against loss, misuse and curiosity here: locks, keys, networks, people.",
        25, ("PDPO DPP4", "PCPD security", "UK 9", "GDPR 35(7)(d)"),
    ),
    Section(
        "How people are told",
        "Signs (where, before what point), the page, languages, people who can't read a sign.",
        25, ("PDPO DPP5", "PCPD notice", "UK 3"),
    ),
    Section(
        "Rights and complaints",
        "How somebody asks for their data, objects, complains; what they get, when, and who answers.",
        25, ("PDPO DPP6", "AI Act 27(1)(f)", "UK 3"),
    ),
    Section(
        "Who is affected",
        "The groups in the table above in words: who passes here, who can't avoid it, who fears a camera and why.",
        40, ("AI Act 27(1)(c)", "Seattle 11"),
    ),
    Section(
        "What could go wrong",
        "The risks in the table above in words, for these people at this place, and what is done about each.",
        50, ("GDPR 35(7)(c)", "GDPR 35(7)(d)", "AI Act 27(1)(d)", "Seattle 7", "Seattle 12"),
    ),
    Section(
        "Who decides and who can stop it",
        "Which people act on the numbers, how they know when these are wrong, who may stop the camera and how.",
        30, ("AI Act 27(1)(e)", "Seattle 8", "UK 4", "UK 8"),
    ),
    Section(
        "When something happens",
        "What is done, by whom and how fast, when a risk comes true.",
        25, ("AI Act 27(1)(f)", "Seattle 8"),
    ),
    Section(
        "Who was asked",
        "What people said who pass, live or work here; the privacy officer's advice; answers.",
        30, ("GDPR 35(9)", "GDPR 35(2)", "Seattle 14"),
    ),
    Section(
        "What remains, and when it is looked at again",
        "The risk that remains; whether the authority was consulted; what would reopen this paper early.",
        25, ("GDPR 36", "GDPR 35(11)", "PCPD review", "UK 2", "UK 10"),
    ),
    Section(
        "What it costs",
        "Bought and yearly cost, and who pays.",
        8, ("Seattle 9",),
    ),
    Section(
        "References",
        "Papers, experts, words that need explaining.",
        5, ("Seattle 10", "Seattle 13"),
    ),
)  # fmt: skip
# What may outlive a destroyed key where something is kept (docs/archive.md): to be answered for the machine it is on.
REMAINS = {
    "ssd": "the drive: SSDs and copy-on-write file systems leave old blocks; where do the keys lie, who destroys it?",
    "snapshots": "snapshots of the machine and backups of its whole disk: are the keys left out of all of them?",
    "swap": "swap and hibernation: off, or encrypted under a key that is lost when the machine is turned off?",
}
HEADINGS = tuple(section.heading for section in SECTIONS)


def unanswered() -> list[str]:
    """Items of laws that no section answers; the tests hold this to none."""
    answered = {answer for section in SECTIONS for answer in section.answers}
    return sorted(f"{law} {item}" for law, items in LAWS.items() for item in items if f"{law} {item}" not in answered)
