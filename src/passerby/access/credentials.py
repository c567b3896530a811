"""What somebody signs in with when they have no passkey: a password, always with a second factor; and paper codes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from passerby.access import codes, guessing, passwords
from passerby.access.accounts import State, activate
from passerby.access.events import What, note
from passerby.access.room import Room
from passerby.base.errors import AccessError
from passerby.store.schema import access


@dataclass(frozen=True, slots=True)
class Held:
    """What an account can sign in with.

    Args:
        password: Whether it has one.
        totp: Whether an authenticator gives it codes.
        paper: Paper codes that are left.
        passkeys: How many it has.
        providers: Issuers of other sign-ins that lead to it.
    """

    password: bool
    totp: bool
    paper: int
    passkeys: int
    providers: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """Whether somebody can sign in with it."""
        return bool(self.passkeys or (self.password and self.totp) or self.providers)


def _wrong() -> AccessError:
    return AccessError("name, password or code is wrong", "try again; who gives out accounts can recover yours")


def held(room: Room, who: str) -> Held:
    """What an account can sign in with."""
    with room.store.reading() as connection:
        return held_in(connection, who)


def held_in(connection: Connection, who: str) -> Held:
    """The same, within a transaction."""
    row = connection.execute(select(access.accounts).where(access.accounts.c.pseudonym == who)).one_or_none()

    def count(table: Table) -> int:
        query = select(func.count()).select_from(table).where(table.c.pseudonym == who)
        return int(connection.execute(query).scalar_one())

    issuers = connection.execute(select(access.subjects.c.issuer).where(access.subjects.c.pseudonym == who)).scalars()
    return Held(
        bool(row and row.password), bool(row and row.totp), count(access.codes), count(access.passkeys), tuple(issuers)
    )


def sign_in(room: Room, name: str, password: str, code: str, address: str) -> str:
    """Whose name, password and code these are: their pseudonym.

    Every failure says the same and takes as long, so that it tells nothing of which names there are.

    Args:
        room: The access folder.
        name: As typed.
        password: As typed.
        code: Of their authenticator, or one of their paper codes.
        address: From where.

    Raises:
        TooSoon: There were too many wrong ones.
        AccessError: One of them is wrong.
    """
    guessing.attempt(room, name, address)
    with room.store.reading() as connection:
        query = select(access.accounts).where(access.accounts.c.name == name)
        row = connection.execute(query).one_or_none()
    usable = row is not None and row.state == State.ACTIVE.value and row.password and row.totp
    kept = row.password if row is not None and usable else _nobodys(room)
    if not passwords.matches(kept, password) or row is None or not usable:
        raise _wrong()
    if not _second(room, row.pseudonym, code):
        raise _wrong()
    guessing.right(room, name, address)
    return str(row.pseudonym)


def confirm(room: Room, who: str, password: str, code: str, address: str) -> None:
    """That it is still them.

    Raises:
        TooSoon: There were too many wrong ones.
        AccessError: One of them is wrong.
    """
    with room.store.reading() as connection:
        query = select(access.accounts.c.name).where(access.accounts.c.pseudonym == who)
        name = connection.execute(query).scalar_one_or_none()
    if sign_in(room, name or "", password, code, address) != who:
        raise _wrong()


def set_password(room: Room, who: str, name: str, password: str) -> None:
    """Give an account a password. It counts once there is a second factor.

    Raises:
        AccessError: It is one that others would guess.
    """
    passwords.check(password, name)
    kept = passwords.hashed(password, room.cost, room.randomness)
    with room.store.writing() as connection:
        connection.execute(update(access.accounts).where(access.accounts.c.pseudonym == who).values(password=kept))
        _changed(connection, room, who)


def set_totp(room: Room, who: str, secret: bytes, code: str) -> list[str]:
    """Take an authenticator that has just shown a right code; new paper codes, shown once.

    Raises:
        AccessError: The code is wrong.
    """
    step = codes.step_of(secret, code, room.clock(), -1)
    if step is None:
        raise AccessError(
            "this is not the code that is shown now", "check the clock of the device, and try again", "wrong-code"
        )
    sealed = room.wrapped(secret, who)
    with room.store.writing() as connection:
        connection.execute(
            update(access.accounts).where(access.accounts.c.pseudonym == who).values(totp=sealed, totp_step=step)
        )
        _changed(connection, room, who)
        return _new_paper(connection, room, who)


def new_paper(room: Room, who: str) -> list[str]:
    """Ten new paper codes, shown once; those before are no longer good."""
    with room.store.writing() as connection:
        _changed(connection, room, who)
        return _new_paper(connection, room, who)


def drop_password(room: Room, who: str) -> None:
    """Sign in without a password from now on.

    Raises:
        AccessError: Nothing else would be left.
    """
    with room.store.writing() as connection:
        connection.execute(
            update(access.accounts).where(access.accounts.c.pseudonym == who).values(password="", totp=None)
        )
        connection.execute(delete(access.codes).where(access.codes.c.pseudonym == who))
        gone(connection, room, who)


def gone(connection: Connection, room: Room, who: str) -> None:
    """Something was removed that somebody signed in with.

    Raises:
        AccessError: Nothing is left.
    """
    if not held_in(connection, who).enough:
        raise AccessError("you could not sign in any more", "add a passkey or a password first", "nothing-left")
    note(connection, room.now, What.CREDENTIAL_GONE, who, who)


def added(connection: Connection, room: Room, who: str) -> None:
    """Something was added that somebody can sign in with: with enough of it the account is theirs."""
    _changed(connection, room, who)


def _changed(connection: Connection, room: Room, who: str) -> None:
    note(connection, room.now, What.CREDENTIAL, who, who)
    if held_in(connection, who).enough:
        activate(connection, who)


def _second(room: Room, who: str, code: str) -> bool:
    """Whether a second factor is right; used up in the same step, so that two at once don't both pass."""
    accounts = access.accounts
    with room.store.writing() as connection:
        row = connection.execute(select(accounts).where(accounts.c.pseudonym == who)).one_or_none()
        if row is None or row.totp is None:
            return False
        step = codes.step_of(room.unwrapped(row.totp, who), code, room.clock(), row.totp_step)
        if step is not None:
            connection.execute(update(accounts).where(accounts.c.pseudonym == who).values(totp_step=step))
            return True
        mine = (access.codes.c.pseudonym == who) & (access.codes.c.hash == codes.paper_digest(code, who))
        if connection.execute(delete(access.codes).where(mine)).rowcount != 1:
            return False
        note(connection, room.now, What.CODE_USED, who, who)
        return True


def _new_paper(connection: Connection, room: Room, who: str) -> list[str]:
    made = codes.paper_codes(room.randomness)
    connection.execute(delete(access.codes).where(access.codes.c.pseudonym == who))
    rows = [{"pseudonym": who, "hash": codes.paper_digest(code, who)} for code in made]
    connection.execute(insert(access.codes), rows)
    return made


def _nobodys(room: Room) -> str:
    """A password that nobody has, so that an unknown name takes as long as a known one."""
    kept = _DUMMIES.get(room.cost)
    if kept is None:
        kept = _DUMMIES[room.cost] = passwords.hashed(room.secret.hex(), room.cost, room.randomness)
    return kept


_DUMMIES: dict[passwords.Cost, str] = {}
