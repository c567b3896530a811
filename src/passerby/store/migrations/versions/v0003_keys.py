"""Epochs with keys: which a file needs, how far its deletion has come, its tree's root; what the ledger was told."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them. What was recorded before stays as it is: plain, until its time is over."""
    op.add_column("epochs", Column("period_us", BigInteger, nullable=False, server_default="0"))
    op.add_column("epochs", Column("length_us", BigInteger, nullable=False, server_default="0"))
    op.add_column("epochs", Column("kind", String(10), nullable=False, server_default="redacted"))
    op.add_column("epochs", Column("state", Integer, nullable=False, server_default="0"))
    op.add_column("epochs", Column("root", LargeBinary, nullable=False, server_default=text("x''")))
    op.execute("UPDATE epochs SET state = 1 WHERE leaving")
    op.drop_column("epochs", "leaving")
    # These hold all that is asked for, so that nobody reads past a row's blobs.
    op.create_index("epochs_by_key", "epochs", ["camera_id", "period_us", "length_us", "kind", "file", "state", "root"])
    op.create_index("epochs_by_use", "epochs", ["state", "camera_id", "size", "start_us", "end_us"])
    op.create_table(
        "key_hours",
        Column("camera_id", String(63), primary_key=True),
        Column("kind", String(10), primary_key=True),
        Column("hour", BigInteger, primary_key=True),
        Column("keep_h", BigInteger, nullable=False),
        Column("rooted", Boolean, nullable=False),
    )
    op.create_table(
        "marks",
        Column("name", String(40), primary_key=True),
        Column("value", String(200), nullable=False),
    )
