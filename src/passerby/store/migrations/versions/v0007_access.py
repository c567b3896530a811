"""Accounts, roles, credentials, sessions, machine keys, and what happened to them."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String

revision = "0007"
down_revision = "0006"
Serial = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "access_accounts",
        Column("pseudonym", String(40), primary_key=True),
        Column("name", String(63), nullable=False),
        Column("state", String(10), nullable=False),
        Column("password", String(200), nullable=False),
        Column("totp", LargeBinary, nullable=True),
        Column("totp_step", BigInteger, nullable=False),
        Column("begun_s", BigInteger, nullable=False),
        Column("ended_s", BigInteger, nullable=False),
    )
    op.create_index("access_accounts_by_name", "access_accounts", ["name"], unique=True)
    op.create_table(
        "access_grants",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("pseudonym", String(40), nullable=False),
        Column("role", String(20), nullable=False),
        Column("organisation", String(63), nullable=False),
        Column("area", String(63), nullable=False),
        Column("by", String(40), nullable=False),
        Column("at_s", BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("access_grants_once", "access_grants", ["pseudonym", "role", "organisation", "area"], unique=True)
    op.create_table(
        "access_passkeys",
        Column("id", String(64), primary_key=True),
        Column("pseudonym", String(40), nullable=False),
        Column("credential", LargeBinary, nullable=False),
        Column("public_key", LargeBinary, nullable=False),
        Column("counter", BigInteger, nullable=False),
        Column("host", String(253), nullable=False),
        Column("name", String(60), nullable=False),
        Column("begun_s", BigInteger, nullable=False),
        Column("used_s", BigInteger, nullable=False),
    )
    op.create_index("access_passkeys_of", "access_passkeys", ["pseudonym"])
    op.create_table(
        "access_codes",
        Column("pseudonym", String(40), primary_key=True),
        Column("hash", String(64), primary_key=True),
    )
    op.create_table(
        "access_subjects",
        Column("issuer", String(300), primary_key=True),
        Column("subject", String(255), primary_key=True),
        Column("pseudonym", String(40), nullable=False),
    )
    op.create_index("access_subjects_of", "access_subjects", ["pseudonym"])
    op.create_table(
        "access_sessions",
        Column("id", String(64), primary_key=True),
        Column("pseudonym", String(40), nullable=False),
        Column("kind", String(10), nullable=False),
        Column("begun_s", BigInteger, nullable=False),
        Column("seen_s", BigInteger, nullable=False),
        Column("proven_s", BigInteger, nullable=False),
        Column("agent", String(60), nullable=False),
    )
    op.create_index("access_sessions_of", "access_sessions", ["pseudonym"])
    op.create_table(
        "access_links",
        Column("hash", String(64), primary_key=True),
        Column("kind", String(10), nullable=False),
        Column("pseudonym", String(40), nullable=False),
        Column("until_s", BigInteger, nullable=False),
        Column("again", Boolean, nullable=False),
    )
    op.create_table(
        "access_keys",
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
    op.create_table(
        "access_trials",
        Column("subject", String(64), primary_key=True),
        Column("failures", Integer, nullable=False),
        Column("last_s", BigInteger, nullable=False),
    )
    op.create_table(
        "access_events",
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


def downgrade() -> None:
    """Take them away."""
    for table in (
        "access_events",
        "access_trials",
        "access_keys",
        "access_links",
        "access_sessions",
        "access_subjects",
        "access_codes",
        "access_passkeys",
        "access_grants",
        "access_accounts",
    ):
        op.drop_table(table)
