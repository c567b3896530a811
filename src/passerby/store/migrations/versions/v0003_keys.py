"""Epochs with keys: which a file needs, how far its deletion has come, its tree's root; what the ledger was told."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, false, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them. What was recorded before stays as it is: plain, until its time is over."""
    nothing = "x''" if op.get_bind().dialect.name == "sqlite" else "''::bytea"
    op.add_column("epochs", Column("period_us", BigInteger, nullable=False, server_default="0"))
    op.add_column("epochs", Column("length_us", BigInteger, nullable=False, server_default="0"))
    op.add_column("epochs", Column("kind", String(10), nullable=False, server_default="redacted"))
    op.add_column("epochs", Column("state", Integer, nullable=False, server_default="0"))
    op.add_column("epochs", Column("root", LargeBinary, nullable=False, server_default=text(nothing)))
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


def downgrade() -> None:
    """Take them away. A file with a key stays, and can't be read by the version before."""
    op.drop_table("marks")
    op.drop_table("key_hours")
    op.drop_index("epochs_by_use", "epochs")
    op.drop_index("epochs_by_key", "epochs")
    op.add_column("epochs", Column("leaving", Boolean, nullable=False, server_default=false()))
    op.execute("UPDATE epochs SET leaving = (state <> 0)")
    for column in ("root", "state", "kind", "length_us", "period_us"):
        op.drop_column("epochs", column)
