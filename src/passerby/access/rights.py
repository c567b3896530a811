"""What somebody may do at the interface. A closed list: each route names one of these, or is public."""

from __future__ import annotations

from enum import Enum


class Right(Enum):
    """One thing that needs a role. The value is its name in settings, keys and answers."""

    SEE_NUMBERS = "see-numbers"
    LOOK = "look"
    EXPORT = "export"
    EDIT_SCENE = "edit-scene"
    EDIT_REGISTER = "edit-register"
    ACKNOWLEDGE = "acknowledge"
    FILE_PAPERS = "file-papers"
    DECIDE = "decide"
    BRAKE = "brake"
    DRAW_REVIEW = "draw-review"
    READ_ACTS = "read-acts"
    WORK_DESK = "work-desk"
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_KEYS = "manage-keys"
    READ_HEALTH = "read-health"


MEANING: dict[Right, str] = {
    Right.SEE_NUMBERS: "see live counts, alerts and places",
    Right.LOOK: "open live and kept video, each time under an act",
    Right.EXPORT: "take video out of the archive, under a case",
    Right.EDIT_SCENE: "draw a camera's zones, lines and forbidden places",
    Right.EDIT_REGISTER: "enter and change cameras in the register",
    Right.ACKNOWLEDGE: "say that an alert was seen",
    Right.FILE_PAPERS: "file assessments, plans and other papers, and ask for permits",
    Right.DECIDE: "decide on papers and permits",
    Right.BRAKE: "stop a camera at once",
    Right.DRAW_REVIEW: "draw looks for review, and judge them",
    Right.READ_ACTS: "read what was done, by whom (pseudonyms), and what happened to accounts",
    Right.WORK_DESK: "work on cases, requests, complaints and incidents",
    Right.MANAGE_ACCOUNTS: "make and end accounts, give and take roles",
    Right.MANAGE_KEYS: "make machine keys that do no more than oneself may; an admin ends anybody's",
    Right.READ_HEALTH: "see how machines and darkrooms are doing",
}
# What opens pictures of people, hidden as they are.
FOOTAGE = frozenset({Right.LOOK, Right.EXPORT})
# What a program may be given: nothing that decides, and nothing that makes others able to.
FOR_KEYS = frozenset(
    {
        Right.SEE_NUMBERS,
        Right.LOOK,
        Right.EDIT_SCENE,
        Right.EDIT_REGISTER,
        Right.ACKNOWLEDGE,
        Right.READ_ACTS,
        Right.READ_HEALTH,
    }
)
