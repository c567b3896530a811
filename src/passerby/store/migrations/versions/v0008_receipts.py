"""Receipts: by what somebody shows that a complaint or a request is theirs, also once its words are forgotten."""

from alembic import op
from sqlalchemy import Column, String

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "receipts",
        Column("matter_id", String(64), primary_key=True),
        Column("mark", String(64), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("receipts")
