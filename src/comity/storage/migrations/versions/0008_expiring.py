# SPDX-License-Identifier: Apache-2.0
"""The index of what expires holds what does: most copies never do, and all change their state."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_copies_expires", "copies")
    expiring = sa.text("expires > ''")
    op.create_index(
        "ix_copies_expires",
        "copies",
        ["state", "expires"],
        sqlite_where=expiring,
        postgresql_where=expiring,
    )
