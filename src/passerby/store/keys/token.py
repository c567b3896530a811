"""A signing key in a PKCS#11 token (smart card, HSM, SoftHSM): it signs there and never leaves it.

Source: PKCS#11 3.0, Ed25519 by CKM_EDDSA. Needs the package `python-pkcs11`, which is not installed by default
(`pip install passerby[token]`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from passerby.base.errors import CharterError
from passerby.ledger.note import signature_line
from passerby.ledger.verify import ED25519, Key, Refuted

if TYPE_CHECKING:
    from pkcs11 import Session

_CURVE = b"\x13\x0cedwards25519"  # CKA_EC_PARAMS: a PrintableString
_POINT = 32


class TokenKey:
    """A key in a token.

    Args:
        name: The key's name in notes.
        module: The token's library, such as SoftHSM's.
        token: The token's label.
        label: The key's label in the token.
        pin: The user's PIN.

    Raises:
        CharterError: There is no such library, token or key, or the PIN is wrong.
    """

    def __init__(self, name: str, module: str, token: str, label: str, pin: str) -> None:
        self._name, self._where, self._label, self._pin = name, (module, token), label, pin
        with _session(*self._where, pin) as session:
            self._key = Key(name, ED25519, _public(session, label))

    @property
    def key(self) -> Key:
        """The verifier key."""
        return self._key

    def sign(self, text: str, when: int) -> str:  # noqa: ARG002
        """The signature line of a note with this text; what the token returns is checked before it is believed.

        Raises:
            CharterError: The token failed, or gave a false signature.
        """
        from pkcs11 import KeyType, Mechanism, ObjectClass

        with _session(*self._where, self._pin) as session:
            key: Any = session.get_key(ObjectClass.PRIVATE_KEY, KeyType.EC_EDWARDS, label=self._label)
            signature = bytes(key.sign(text.encode(), mechanism=Mechanism.EDDSA))
        try:
            self._key.verify(text, signature)
        except Refuted as error:
            raise CharterError("the token gave a false signature", "examine it before you use it again") from error
        return signature_line(self._name, self._key.id, signature)


def make_key(module: str, token: str, label: str, pin: str) -> None:
    """A new Ed25519 key in a token, which it never leaves.

    Raises:
        CharterError: The token refuses, or has a key of this label.
    """
    from pkcs11 import Attribute, KeyType, Mechanism

    with _session(module, token, pin, rw=True) as session:
        if list(session.get_objects({Attribute.LABEL: label})):
            raise CharterError(f"the token has a key {label} already", "choose another label")
        made: Any = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _CURVE}, local=True)
        made.generate_keypair(mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=label)


def _public(session: Session, label: str) -> bytes:
    from pkcs11 import Attribute, KeyType, ObjectClass

    found: Any = session.get_key(ObjectClass.PUBLIC_KEY, KeyType.EC_EDWARDS, label=label)
    point = bytes(found[Attribute.EC_POINT])
    # A DER octet string by the standard; some tokens give the bare point.
    return point[2:] if point[:2] == bytes([4, _POINT]) and len(point) == _POINT + 2 else point


@contextmanager
def _session(module: str, token: str, pin: str, *, rw: bool = False) -> Iterator[Session]:
    """An open session; every fault of the token in words."""
    try:
        import pkcs11
    except ImportError as error:
        raise CharterError(
            "tokens need the package python-pkcs11", "install it: pip install passerby[token]"
        ) from error
    try:
        library = pkcs11.lib(module)
    except (RuntimeError, pkcs11.exceptions.PKCS11Error) as error:
        raise CharterError(f"there is no PKCS#11 library at {module}", "name the token's library") from error
    try:
        with library.get_token(token_label=token).open(rw=rw, user_pin=pin) as session:
            yield session
    except pkcs11.exceptions.PinIncorrect as error:
        raise CharterError("the PIN is wrong", "try again; tokens lock themselves after a few wrong ones") from error
    except pkcs11.exceptions.NoSuchToken as error:
        raise CharterError(f"there is no token {token}", "plug it in, or name another") from error
    except pkcs11.exceptions.NoSuchKey as error:
        raise CharterError("the token has no such Ed25519 key", "make one with `passerby key new --token`") from error
    except pkcs11.exceptions.PKCS11Error as error:
        raise CharterError(f"the token failed ({type(error).__name__})", "see the token's manual") from error
