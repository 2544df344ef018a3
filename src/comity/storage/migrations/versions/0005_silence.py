# SPDX-License-Identifier: Apache-2.0
"""Silence: what was raised of each thread, and indexes of what nothing was heard of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("own", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "own", "what", name="pk_reminders"),
        sqlite_with_rowid=False,
    )
    unanswered = sa.text("answered_at = 0")
    op.create_index(
        "ix_threads_open",
        "threads",
        ["due_answer"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )
    delivered = sa.text("stage = 'delivered'")
    op.create_index(
        "ix_receipts_delivered",
        "receipts",
        ["stored_at", "receipt"],
        sqlite_where=delivered,
        postgresql_where=delivered,
    )
