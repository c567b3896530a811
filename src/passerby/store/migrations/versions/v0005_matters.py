"""Cases, requests, complaints, incidents, what people wrote in them, and the staff."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String

revision = "0005"
down_revision = "0004"
Serial = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "matters",
        Column("id", String(64), primary_key=True),
        Column("kind", String(20), nullable=False),
        Column("state", String(20), nullable=False),
        Column("by", String(40), nullable=False),
        Column("begun_s", BigInteger, nullable=False),
        Column("due_s", BigInteger, nullable=False),
        Column("purpose", String(30), nullable=False),
        Column("reason", String(30), nullable=False),
        Column("until_s", BigInteger, nullable=False),
        Column("cameras", String(40_000), nullable=False),
        Column("since_s", BigInteger, nullable=False),
        Column("upto_s", BigInteger, nullable=False),
        Column("extended", Boolean, nullable=False),
        Column("over_s", BigInteger, nullable=False),
    )
    op.create_index("matters_open", "matters", ["kind", "over_s", "due_s"])
    op.create_table(
        "matter_events",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("matter_id", String(64), nullable=False),
        Column("at_s", BigInteger, nullable=False),
        Column("event", String(20), nullable=False),
        Column("by", String(40), nullable=False),
        Column("note", String(200), nullable=False),
        Column("salt", LargeBinary, nullable=True),
        Column("words", LargeBinary, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("matter_events_by_matter", "matter_events", ["matter_id", "id"])
    op.create_table(
        "staff",
        Column("pseudonym", String(40), primary_key=True),
        Column("trained_s", BigInteger, nullable=False),
        Column("trained_until_s", BigInteger, nullable=False),
        Column("roles", String(1000), nullable=False),
        Column("salt", LargeBinary, nullable=True),
        Column("words", LargeBinary, nullable=True),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("staff", "matter_events", "matters"):
        op.drop_table(table)
