# SPDX-License-Identifier: Apache-2.0
"""Mailboxes: what is kept here for others, and what of ours was left at others'.

Revision ID: 0002
Revises: 0001
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SERIAL: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "deposits",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("deposit", sa.Text(), nullable=False),
        sa.Column("depositor", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deposits"),
        sa.UniqueConstraint("deposit", name="uq_deposits_deposit"),
    )
    op.create_index("ix_deposits_recipient", "deposits", ["recipient", "id"])
    op.create_table(
        "left_at_mailboxes",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("to_node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("again_at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "to_node", "kind", "ref", name="pk_left_at_mailboxes"),
        sqlite_with_rowid=False,
    )
