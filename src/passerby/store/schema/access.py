"""Who may sign in, with what, as what, and what happened to accounts. Times are seconds since 1970, 0 for never.

Only the access folder's own database has rows here. Tokens, keys and codes are kept as hashes; a session's or key's id
is the hash of what opens it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from passerby.store.schema.base import Serial, metadata

accounts = Table(
    "access_accounts",
    metadata,
    Column("pseudonym", String(40), primary_key=True),
    Column("name", String(63), nullable=False),
    Column("state", String(10), nullable=False),
    Column("password", String(200), nullable=False),
    Column("totp", LargeBinary, nullable=True),
    Column("totp_step", BigInteger, nullable=False),
    Column("begun_s", BigInteger, nullable=False),
    Column("ended_s", BigInteger, nullable=False),
    Index("access_accounts_by_name", "name", unique=True),
)

grants = Table(
    "access_grants",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("pseudonym", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("organisation", String(63), nullable=False),
    Column("area", String(63), nullable=False),
    Column("by", String(40), nullable=False),
    Column("at_s", BigInteger, nullable=False),
    Index("access_grants_once", "pseudonym", "role", "organisation", "area", unique=True),
    sqlite_autoincrement=True,
)

passkeys = Table(
    "access_passkeys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("pseudonym", String(40), nullable=False),
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("host", String(253), nullable=False),
    Column("name", String(60), nullable=False),
    Column("begun_s", BigInteger, nullable=False),
    Column("used_s", BigInteger, nullable=False),
    Index("access_passkeys_of", "pseudonym"),
)

codes = Table(
    "access_codes",
    metadata,
    Column("pseudonym", String(40), primary_key=True),
    Column("hash", String(64), primary_key=True),
)

subjects = Table(
    "access_subjects",
    metadata,
    Column("issuer", String(300), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("pseudonym", String(40), nullable=False),
    Index("access_subjects_of", "pseudonym"),
)

sessions = Table(
    "access_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("pseudonym", String(40), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("begun_s", BigInteger, nullable=False),
    Column("seen_s", BigInteger, nullable=False),
    Column("proven_s", BigInteger, nullable=False),
    Column("agent", String(60), nullable=False),
    Index("access_sessions_of", "pseudonym"),
)

links = Table(
    "access_links",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("until_s", BigInteger, nullable=False),
    Column("again", Boolean, nullable=False),
)

machine_keys = Table(
    "access_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("by", String(40), nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("rights", String(300), nullable=False),
    Column("organisation", String(63), nullable=False),
    Column("area", String(63), nullable=False),
    Column("begun_s", BigInteger, nullable=False),
    Column("until_s", BigInteger, nullable=False),
    Column("used_s", BigInteger, nullable=False),
)

# How often something was guessed wrongly; the subject is a hash of what was guessed at.
trials = Table(
    "access_trials",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_s", BigInteger, nullable=False),
)

events = Table(
    "access_events",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("at_s", BigInteger, nullable=False),
    Column("what", String(20), nullable=False),
    Column("who", String(40), nullable=False),
    Column("by", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("organisation", String(63), nullable=False),
    Column("area", String(63), nullable=False),
    sqlite_autoincrement=True,
)
