"""What signing in says and takes. Lengths are bounded: whatever comes is read before anybody is known."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from passerby.access.accounts import Account
from passerby.access.credentials import Held
from passerby.access.events import Event
from passerby.access.keys import LONGEST_S, Key
from passerby.access.passkeys import LONGEST_ANSWER, Passkey
from passerby.access.rights import Right
from passerby.access.roles import EVERYWHERE, Grant, Role
from passerby.access.sessions import Session

Name = Annotated[str, Field(min_length=1, max_length=63)]
Scope = Annotated[str, Field(pattern=r"^(\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$", description="An id, or *.")]
Token = Annotated[str, Field(min_length=1, max_length=100)]
RoleName = Literal["operator", "supervisor", "reviewer", "auditor", "admin"]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GrantModel(BaseModel):
    """A role and where it holds."""

    id: int
    role: RoleName
    organisation: str
    area: str

    @classmethod
    def of(cls, number: int, grant: Grant) -> GrantModel:
        """From the rules."""
        return cls(id=number, role=grant.role.value, organisation=grant.organisation, area=grant.area)


class SignedInModel(BaseModel):
    """Who is signed in here.

    ``way``: ``account``; ``entering`` by an invitation or a recovery, to set up what to sign in with; ``local`` by the
    link of this machine's terminal. ``until``: when it ends at the latest. ``proven``: when they last proved it.
    """

    pseudonym: str
    name: str
    way: Literal["account", "entering", "local"]
    grants: list[GrantModel]
    rights: list[str]
    until: float
    idle_s: float
    proven: float


class SessionModel(BaseModel):
    """Whether somebody is signed in, and how they could be.

    ``first``: nobody has an account yet. ``providers``: other sign-ins that lead here.
    """

    who: SignedInModel | None
    first: bool
    providers: list[str]
    time: float


class LinkAsked(_Asked):
    """A one-time link's token: what follows the # of ``/enter#…``."""

    token: Token


class PasswordAsked(_Asked):
    """Name, password and code, all at once: no answer tells which was wrong."""

    name: Name
    password: Annotated[str, Field(max_length=400)]
    code: Annotated[str, Field(max_length=64)]


class ConfirmAsked(_Asked):
    """Password and code of whom is signed in."""

    password: Annotated[str, Field(max_length=400)]
    code: Annotated[str, Field(max_length=64)]


class ChallengeModel(BaseModel):
    """What a browser's passkeys are asked; the answer names ``number``."""

    number: str
    options: dict[str, Any]


class PasskeyAnswered(_Asked):
    """A passkey's answer, as browsers give it."""

    number: Token
    answer: dict[str, Any]
    name: Annotated[str, Field(max_length=60)] = ""

    @field_validator("answer")
    @classmethod
    def _bounded(cls, answer: dict[str, Any]) -> dict[str, Any]:
        if len(repr(answer)) > LONGEST_ANSWER:
            raise ValueError("the answer is too long")
        return answer


class NewPasswordAsked(_Asked):
    """A new password."""

    password: Annotated[str, Field(max_length=400)]


class EnrolModel(BaseModel):
    """An authenticator's secret, to scan or to type; nothing counts before its code has come back."""

    number: str
    secret: str
    uri: str
    picture: str


class EnrolledAsked(_Asked):
    """The code that the authenticator shows now."""

    number: Token
    code: Annotated[str, Field(max_length=64)]


class PaperModel(BaseModel):
    """Codes for when the authenticator is lost, each good once. They are shown this once."""

    codes: list[str]


class PasskeyModel(BaseModel):
    """A passkey."""

    id: str
    name: str
    host: str
    begun: float
    used: float

    @classmethod
    def of(cls, p: Passkey) -> PasskeyModel:
        """From the database."""
        return cls(id=p.id, name=p.name, host=p.host, begun=p.begun_s, used=p.used_s)


class OpenSessionModel(BaseModel):
    """A session of one's own."""

    id: str
    agent: str
    begun: float
    seen: float
    this: bool

    @classmethod
    def of(cls, s: Session, this: str | None) -> OpenSessionModel:
        """From the database."""
        return cls(id=s.id, agent=s.agent, begun=s.begun_s, seen=s.seen_s, this=s.id == this)


class OwnModel(BaseModel):
    """One's own account: what it is signed in with, and where."""

    pseudonym: str
    name: str
    grants: list[GrantModel]
    password: bool
    totp: bool
    paper: int
    passkeys: list[PasskeyModel]
    providers: list[str]
    sessions: list[OpenSessionModel]

    @classmethod
    def of(
        cls, account: Account, held: Held, passkeys: list[Passkey], open_now: list[Session], this: str | None
    ) -> OwnModel:
        """From the database."""
        return cls(
            pseudonym=account.pseudonym,
            name=account.name,
            grants=[GrantModel.of(*grant) for grant in account.grants],
            password=held.password,
            totp=held.totp,
            paper=held.paper,
            passkeys=[PasskeyModel.of(p) for p in passkeys],
            providers=list(held.providers),
            sessions=[OpenSessionModel.of(s, this) for s in open_now],
        )


class GrantAsked(_Asked):
    """A role to be given."""

    role: RoleName
    organisation: Scope = EVERYWHERE
    area: Scope = EVERYWHERE

    @property
    def grant(self) -> Grant:
        """For the rules."""
        return Grant(Role(self.role), self.organisation, self.area)


class AccountAsked(_Asked):
    """A new account."""

    name: Name
    grants: Annotated[list[GrantAsked], Field(min_length=1, max_length=20)]


class FirstAsked(_Asked):
    """The first account: it gives out the others."""

    name: Name


class AccountModel(BaseModel):
    """An account. ``invited``: nothing to sign in with yet."""

    pseudonym: str
    name: str
    state: Literal["invited", "active", "ended"]
    grants: list[GrantModel]
    begun: float
    own: bool

    @classmethod
    def of(cls, a: Account, own: str) -> AccountModel:
        """From the database."""
        grants = [GrantModel.of(*grant) for grant in a.grants]
        return cls(
            pseudonym=a.pseudonym, name=a.name, state=a.state.value, grants=grants, begun=a.begun_s,
            own=a.pseudonym == own,
        )  # fmt: skip


class AccountsModel(BaseModel):
    """Accounts, by name."""

    items: list[AccountModel]
    next: str | None
    total: int | None


class LinkModel(BaseModel):
    """A one-time link, shown this once: give it to whom it is for, on a way that is theirs alone."""

    account: AccountModel
    path: str
    until: float


class KeyAsked(_Asked):
    """A machine key to be made."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    rights: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=20)]
    days: Annotated[int, Field(ge=1, le=LONGEST_S // 86400)] = 90
    organisation: Scope = EVERYWHERE
    area: Scope = EVERYWHERE

    @field_validator("rights")
    @classmethod
    def _known(cls, rights: list[str]) -> list[str]:
        if odd := set(rights) - {right.value for right in Right}:
            raise ValueError(f"no right is called {min(odd)}")
        return rights


class KeyModel(BaseModel):
    """A machine key, without what opens anything."""

    id: str
    name: str
    by: str
    pseudonym: str
    rights: list[str]
    organisation: str
    area: str
    begun: float
    until: float
    used: float

    @classmethod
    def of(cls, k: Key) -> KeyModel:
        """From the database."""
        return cls(
            id=k.id, name=k.name, by=k.by, pseudonym=k.pseudonym, rights=sorted(right.value for right in k.rights),
            organisation=k.organisation, area=k.area, begun=k.begun_s, until=k.until_s, used=k.used_s,
        )  # fmt: skip


class KeysModel(BaseModel):
    """Machine keys that are good, newest first."""

    items: list[KeyModel]
    next: str | None
    total: int | None


class NewKeyModel(BaseModel):
    """A new machine key. ``token`` is shown this once."""

    key: KeyModel
    token: str


class HappenedModel(BaseModel):
    """Something that happened to an account or a key."""

    id: int
    time: float
    what: str
    who: str
    by: str
    role: str
    organisation: str
    area: str

    @classmethod
    def of(cls, e: Event) -> HappenedModel:
        """From the database."""
        return cls(
            id=e.id, time=e.at_s, what=e.what, who=e.who, by=e.by, role=e.role, organisation=e.organisation, area=e.area
        )


class HappenedPageModel(BaseModel):
    """What happened to accounts, newest first."""

    items: list[HappenedModel]
    next: str | None
    total: int | None
