"""The register: cameras, owners, areas, papers, comments, and acts on their way."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Text

revision = "0004"
down_revision = "0003"
Serial = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "register_about",
        Column("name", String(40), primary_key=True),
        Column("value", Text, nullable=False),
    )
    op.create_table(
        "organisations",
        Column("id", String(63), primary_key=True),
        Column("name", String(200), nullable=False),
        Column("body", Text, nullable=False),
    )
    op.create_table(
        "areas",
        Column("id", String(63), primary_key=True),
        Column("name", String(200), nullable=False),
    )
    op.create_table(
        "register",
        Column("id", String(63), primary_key=True),
        Column("name", String(200), nullable=False),
        Column("owner", String(63), nullable=False),
        Column("area", String(63), nullable=False),
        Column("phase", String(20), nullable=False),
        Column("purposes", String(500), nullable=False),
        Column("quad", BigInteger, nullable=True),
        Column("search", String(300), nullable=False),
        Column("capture", String(64), nullable=False),
        Column("version", Integer, nullable=False),
        Column("since_us", BigInteger, nullable=False),
        Column("changed_us", BigInteger, nullable=False),
    )
    op.create_index("register_by_name", "register", ["name", "id", "search"])
    op.create_index("register_by_owner", "register", ["owner", "area", "phase"])
    op.create_index("register_by_area", "register", ["area", "phase"])
    op.create_index("register_by_phase", "register", ["phase", "name", "id"])
    op.create_index("register_by_place", "register", ["quad", "phase", "id"])
    op.create_table(
        "register_history",
        Column("camera_id", String(63), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("at_us", BigInteger, nullable=False),
        Column("step", String(20), nullable=False),
        Column("phase", String(20), nullable=False),
        Column("content", String(64), nullable=False),
        Column("body", Text, nullable=False),
    )
    op.create_table(
        "papers",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("kind", String(20), nullable=False),
        Column("subject", String(140), nullable=False),
        Column("version", Integer, nullable=False),
        Column("hash", String(64), nullable=False),
        Column("at_us", BigInteger, nullable=False),
        Column("answer", String(20), nullable=False),
        Column("until_us", BigInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("decision", LargeBinary, nullable=False),
        Column("facts", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("papers_by_subject", "papers", ["kind", "subject", "version"], unique=True)
    op.create_index("papers_by_hash", "papers", ["hash"])
    op.create_table(
        "paper_shingles",
        Column("value", BigInteger, primary_key=True),
        Column("paper_id", BigInteger, primary_key=True),
    )
    op.create_table(
        "comments",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("subject", String(140), nullable=False),
        Column("at_us", BigInteger, nullable=False),
        Column("source", String(40), nullable=False),
        Column("commitment", String(64), nullable=False),
        Column("salt", LargeBinary, nullable=False),
        Column("text", Text, nullable=False),
        Column("answer", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("comments_by_subject", "comments", ["subject"])
    op.create_index("comments_by_commitment", "comments", ["commitment"], unique=True)
    op.create_table(
        "outbox",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("key", LargeBinary, nullable=False),
        Column("act", Text, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take them away."""
    for table in (
        "outbox",
        "comments",
        "paper_shingles",
        "papers",
        "register_history",
        "register",
        "areas",
        "organisations",
        "register_about",
    ):
        op.drop_table(table)
