# SPDX-License-Identifier: Apache-2.0
"""Alembic's entry: runs revisions on the connection that ``schema.migrate`` hands over."""

from alembic import context

from comity.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
