"""Passkeys (Web Authentication, level 3): bound to this host, with the user verified by their own device.

The library checks the signatures; here is what is asked for and what is kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, insert, select, update
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from passerby.access.accounts import State
from passerby.access.credentials import added, gone
from passerby.access.room import Room
from passerby.base.errors import AccessError
from passerby.store.schema import access

CHALLENGE_BYTES = 32
TIMEOUT_MS = 120_000
MOST, LONGEST_NAME = 20, 60
LONGEST_ANSWER = 20_000


@dataclass(frozen=True, slots=True)
class Address:
    """Under which a browser sees this server: a passkey works under its host alone.

    Args:
        origin: Scheme, host and port.
        host: The host.
    """

    origin: str
    host: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey, for its owner's list."""

    id: str
    name: str
    host: str
    begun_s: int
    used_s: int


def to_register(room: Room, who: str, name: str, address: Address) -> tuple[dict[str, Any], bytes]:
    """What a browser needs to make a passkey, and the challenge that it must answer."""
    challenge = room.randomness(CHALLENGE_BYTES)
    with room.store.reading() as connection:
        rows = connection.execute(
            select(access.passkeys.c.credential).where(access.passkeys.c.pseudonym == who)
        ).scalars()
        known = [PublicKeyCredentialDescriptor(id=credential) for credential in rows]
    options = generate_registration_options(
        rp_id=address.host,
        rp_name="Passerby",
        user_id=bytes.fromhex(who.removeprefix("p-")),
        user_name=name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=known,
    )
    return json.loads(options_to_json(options)), challenge


def register(room: Room, who: str, answer: dict[str, Any], challenge: bytes, address: Address, name: str) -> None:
    """Take a passkey that a browser has made.

    Raises:
        AccessError: It doesn't answer the challenge, or is of another host.
    """
    label = name.strip()[:LONGEST_NAME]
    if not label.isprintable():
        raise AccessError("a passkey's name has signs that can't be shown", "take letters and digits")
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=address.host,
            expected_origin=address.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise AccessError("the passkey was not taken", "try again, or another device") from error
    with room.store.writing() as connection:
        mine = select(access.passkeys.c.id).where(access.passkeys.c.pseudonym == who)
        if len(connection.execute(mine).all()) >= MOST:
            raise AccessError(f"nobody has more than {MOST} passkeys", "remove one first")
        name_of = _id(made.credential_id)
        if connection.execute(select(access.passkeys.c.id).where(access.passkeys.c.id == name_of)).first():
            raise AccessError("this passkey is known already", "nothing needs to be done")
        connection.execute(
            insert(access.passkeys).values(
                id=name_of, pseudonym=who, credential=made.credential_id, public_key=made.credential_public_key,
                counter=made.sign_count, host=address.host, name=label or "passkey", begun_s=room.now, used_s=0,
            )
        )  # fmt: skip
        added(connection, room, who)


def to_sign_in(room: Room, address: Address) -> tuple[dict[str, Any], bytes]:
    """What a browser needs to sign somebody in, whoever they are, and the challenge that it must answer."""
    challenge = room.randomness(CHALLENGE_BYTES)
    options = generate_authentication_options(
        rp_id=address.host,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return json.loads(options_to_json(options)), challenge


def sign_in(room: Room, answer: dict[str, Any], challenge: bytes, address: Address) -> str:
    """Whose passkey answered: their pseudonym.

    Raises:
        AccessError: None that is known, or not to this challenge, or a copy of one.
    """
    wrong = AccessError("this passkey is not known here", "try another, or ask for your account to be recovered")
    try:
        name = _id(base64url_to_bytes(str(answer["id"])))
    except (KeyError, ValueError) as error:
        raise wrong from error
    accounts, table = access.accounts, access.passkeys
    with room.store.writing() as connection:
        row = connection.execute(
            select(table, accounts.c.state)
            .join_from(table, accounts, table.c.pseudonym == accounts.c.pseudonym)
            .where(table.c.id == name)
        ).one_or_none()
        if row is None or row.state != State.ACTIVE.value:
            raise wrong
        try:
            done = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=address.host,
                expected_origin=address.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.counter,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise wrong from error
        connection.execute(update(table).where(table.c.id == name).values(counter=done.new_sign_count, used_s=room.now))
        return str(row.pseudonym)


def listed(room: Room, who: str) -> list[Passkey]:
    """Somebody's passkeys, oldest first."""
    table = access.passkeys
    query = select(table).where(table.c.pseudonym == who).order_by(table.c.begun_s, table.c.id)
    with room.store.reading() as connection:
        return [Passkey(r.id, r.name, r.host, r.begun_s, r.used_s) for r in connection.execute(query)]


def remove(room: Room, who: str, passkey_id: str) -> None:
    """Remove one of somebody's passkeys.

    Raises:
        AccessError: They have no such passkey, or nothing else to sign in with.
    """
    mine = (access.passkeys.c.id == passkey_id) & (access.passkeys.c.pseudonym == who)
    with room.store.writing() as connection:
        if connection.execute(delete(access.passkeys).where(mine)).rowcount != 1:
            raise AccessError("you have no such passkey", "look at the list again")
        gone(connection, room, who)


def _id(credential: bytes) -> str:
    return sha256(credential).hexdigest()
