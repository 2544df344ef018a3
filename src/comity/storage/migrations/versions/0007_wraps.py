# SPDX-License-Identifier: Apache-2.0
"""File keys wrapped again for who has opened an envelope: they lie beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wraps",
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("stanza", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("envelope", "reader", name="pk_wraps"),
    )
    op.create_index("ix_wraps_reader", "wraps", ["reader"])
