"""Alerts on their way to others, and who took one on."""

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, String, Text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "deliveries",
        Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
        Column("channel", String(63), nullable=False),
        Column("alert_id", BigInteger, nullable=False),
        Column("camera_id", String(63), nullable=False),
        Column("what", Integer, nullable=False),
        Column("place", String(40), nullable=False),
        Column("severity", Integer, nullable=False),
        Column("time_us", BigInteger, nullable=False),
        Column("next_us", BigInteger, nullable=False),
        Column("waits", Integer, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("state", String(10), nullable=False),
        Column("why", String(200), nullable=False),
        Column("body", Text, nullable=False),
        Index("deliveries_due", "channel", "state", "next_us"),
        Index("deliveries_of_alert", "alert_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "acknowledgements",
        Column("alert_id", BigInteger, primary_key=True, autoincrement=False),
        Column("by", String(63), nullable=False),
        Column("at_us", BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("acknowledgements", "deliveries"):
        op.drop_table(table)
