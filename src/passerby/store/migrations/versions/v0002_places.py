"""Places: an alert's in words, what was counted in zones and over lines; the site root that a camera runs under."""

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, String

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add them."""
    op.add_column("alerts", Column("place", String(40), nullable=False, server_default=""))
    op.add_column("health", Column("site_root", String(64), nullable=False, server_default=""))
    op.create_table(
        "zone_minutes",
        Column("camera_id", String(63), primary_key=True),
        Column("zone", String(40), primary_key=True),
        Column("minute_us", BigInteger, primary_key=True),
        Column("samples", Integer, nullable=False),
        Column("people_sum", Float, nullable=False),
        Column("low_sum", Float, nullable=False),
        Column("high_sum", Float, nullable=False),
        Column("people_max", Float, nullable=False),
        Column("area_m2", Float, nullable=True),
        Column("speed_samples", Integer, nullable=False),
        Column("speed_sum", Float, nullable=False),
    )
    op.create_table(
        "line_minutes",
        Column("camera_id", String(63), primary_key=True),
        Column("line", String(40), primary_key=True),
        Column("minute_us", BigInteger, primary_key=True),
        Column("into", Integer, nullable=False),
        Column("out_of", Integer, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("line_minutes")
    op.drop_table("zone_minutes")
    op.drop_column("health", "site_root")
    op.drop_column("alerts", "place")
