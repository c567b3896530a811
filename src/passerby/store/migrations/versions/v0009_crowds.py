"""Zones by the minute: which ways people moved, pressure, density by cell, queues; lines: width, kinds of vehicles."""

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, String

revision = "0009"
down_revision = "0008"
WAYS = 8


def upgrade() -> None:
    """Add them."""
    for number in range(WAYS):
        op.add_column("zone_minutes", Column(f"way_{number}", Integer, nullable=False, server_default="0"))
    op.add_column("zone_minutes", Column("profile", String(20), nullable=False, server_default="walkway"))
    op.add_column("zone_minutes", Column("pressure_max", Float, nullable=True))
    op.add_column("zone_minutes", Column("densest_max", Float, nullable=True))
    op.add_column("zone_minutes", Column("queue_samples", Integer, nullable=False, server_default="0"))
    op.add_column("zone_minutes", Column("queue_sum", Float, nullable=False, server_default="0"))
    op.add_column("zone_minutes", Column("queue_m_sum", Float, nullable=False, server_default="0"))
    op.add_column("line_minutes", Column("width_m", Float, nullable=True))
    op.add_column("line_minutes", Column("occupied_samples", Integer, nullable=False, server_default="0"))
    op.add_column("line_minutes", Column("occupied_sum", Float, nullable=False, server_default="0"))
    op.create_table(
        "vehicle_minutes",
        Column("camera_id", String(63), primary_key=True),
        Column("line", String(40), primary_key=True),
        Column("minute_us", BigInteger, primary_key=True),
        Column("vehicle", String(20), primary_key=True),
        Column("into", Integer, nullable=False),
        Column("out_of", Integer, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("vehicle_minutes")
    for name in ("width_m", "occupied_samples", "occupied_sum"):
        op.drop_column("line_minutes", name)
    for name in ("profile", "pressure_max", "densest_max", "queue_samples", "queue_sum", "queue_m_sum"):
        op.drop_column("zone_minutes", name)
    for number in range(WAYS):
        op.drop_column("zone_minutes", f"way_{number}")
