"""Sealed originals: how many left a darkroom as ciphertext."""

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add it."""
    op.add_column("health", Column("sealed", BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("health", "sealed")
