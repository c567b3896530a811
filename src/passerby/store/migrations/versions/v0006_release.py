"""Releases: the budget's records in their chain, and each camera's day as it was drawn."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "release_records",
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", String(10), nullable=False),
        Column("camera_id", String(63), nullable=False),
        Column("day", String(10), nullable=False),
        Column("fields", LargeBinary, nullable=False),
        Column("hash", String(64), nullable=False),
        Column("told", Boolean, nullable=False),
        Index("release_records_by_day", "camera_id", "day"),
    )
    op.create_table(
        "release_days",
        Column("camera_id", String(63), primary_key=True),
        Column("day", String(10), primary_key=True),
        Column("number", BigInteger, nullable=False),
        Column("noisy", LargeBinary, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
    op.create_table(
        "release_plans",
        Column("hash", String(64), primary_key=True),
        Column("note", LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("release_plans", "release_days", "release_records"):
        op.drop_table(table)
