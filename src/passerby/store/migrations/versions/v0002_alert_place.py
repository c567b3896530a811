"""An alert's place in words."""

from alembic import op
from sqlalchemy import Column, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it."""
    op.add_column("alerts", Column("place", String(40), nullable=False, server_default=""))
