# SPDX-License-Identifier: Apache-2.0
"""What was recalled, expired or kept long enough, remembered; and copies by their expiry."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "removed",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("docket", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("log", sa.BigInteger(), nullable=False),
        sa.Column("leaf", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "act", "to", "copy", name="pk_removed"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_removed_act", "removed", ["act"])
    op.create_index("ix_removed_thread", "removed", ["thread"])
    op.create_index("ix_removed_copy", "removed", ["copy"])
    op.create_index("ix_copies_expires", "copies", ["state", "expires"])
