# SPDX-License-Identifier: Apache-2.0
"""The first schema: agencies, keys, threads, carrying and the ledger.

A revision stands still once it is released: it repeats the tables of its day, and beside it
(``triggers_0001``) the triggers, instead of importing today's.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

from comity.storage.migrations.triggers_0001 import triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for make in _TABLES:
        make()
    for statement in triggers(op.get_context().dialect.name):
        op.execute(statement)


def _agencies() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("vouched_by", sa.Text(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("admitted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agencies"),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("have", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("blob", name="pk_blobs"),
    )


def _copies() -> None:
    op.create_table(
        "copies",
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.Text(), nullable=False),
        sa.Column("docket", sa.Text(), nullable=False),
        sa.Column("release", sa.LargeBinary(), nullable=False),
        sa.Column("log", sa.BigInteger(), nullable=False),
        sa.Column("leaf", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("copy", name="pk_copies"),
    )
    op.create_index("ix_copies_act", "copies", ["act"])
    op.create_index("ix_copies_thread", "copies", ["thread"])


def _copy_blobs() -> None:
    op.create_table(
        "copy_blobs",
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("copy", "blob", name="pk_copy_blobs"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_copy_blobs_blob", "copy_blobs", ["blob"])


def _cosignatures() -> None:
    op.create_table(
        "cosignatures",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", "key", name="pk_cosignatures"),
    )


def _desk_keys() -> None:
    op.create_table(
        "desk_keys",
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("desk", "epoch", "member", name="pk_desk_keys"),
    )
    op.create_index("ix_desk_keys_member", "desk_keys", ["member"])


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "hash", "first", name="pk_entries"),
    )
    op.create_index("ix_entries_hash", "entries", ["hash"])
    op.create_index("ix_entries_subject", "entries", ["subject"])


def _envelopes() -> None:
    op.create_table(
        "envelopes",
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("envelope", name="pk_envelopes"),
    )


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_subject", "evidence", ["subject"])


def _housed() -> None:
    op.create_table(
        "housed",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("room", "name", name="pk_housed"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_housed_owner", "housed", ["room", "owner"])


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("officer", name="pk_identities"),
    )
    op.create_index("ix_identities_agency", "identities", ["agency"])


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _logs() -> None:
    op.create_table(
        "logs",
        sa.Column("log", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log", name="pk_logs"),
        sa.UniqueConstraint("origin", name="uq_logs_origin"),
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _nonces() -> None:
    op.create_table(
        "nonces",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name="pk_nonces"),
    )
    op.create_index("ix_nonces_at", "nonces", ["at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _SERIAL, nullable=False, autoincrement=True),
        sa.Column("to_node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("ref", "kind", "to_node", name="uq_outbox_ref"),
    )
    op.create_index("ix_outbox_due", "outbox", ["to_node", "next_at"])


def _peers() -> None:
    op.create_table(
        "peers",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_peers"),
    )


def _proven() -> None:
    op.create_table(
        "proven",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", name="pk_proven"),
    )


def _readers() -> None:
    op.create_table(
        "readers",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader", "at", "copy", name="pk_readers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_readers_copy", "readers", ["copy"])


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("copy", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("receipt", name="pk_receipts"),
    )
    op.create_index("ix_receipts_copy", "receipts", ["copy"])


def _roots() -> None:
    op.create_table(
        "roots",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "number", name="pk_roots"),
    )


def _rosters() -> None:
    op.create_table(
        "rosters",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "number", name="pk_rosters"),
    )


def _secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "agency", "version", name="pk_secrets"),
    )


def _threads() -> None:
    op.create_table(
        "threads",
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("own", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("due_ack", sa.BigInteger(), nullable=False),
        sa.Column("due_answer", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "own", name="pk_threads"),
        sqlite_with_rowid=False,
    )


def _witnessed() -> None:
    op.create_table(
        "witnessed",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_witnessed"),
    )


def _shown() -> None:
    op.create_table(
        "shown",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", name="pk_shown"),
    )


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("log", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "size", name="pk_checkpoints"),
        sa.ForeignKeyConstraint(["log"], ["logs.log"], name="fk_checkpoints_log"),
        sqlite_with_rowid=False,
    )


def _leaves() -> None:
    op.create_table(
        "leaves",
        sa.Column("log", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("log", "idx", name="pk_leaves"),
        sa.ForeignKeyConstraint(["log"], ["logs.log"], name="fk_leaves_log"),
    )


def _tiles() -> None:
    op.create_table(
        "tiles",
        sa.Column("log", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "idx", name="pk_tiles"),
        sa.ForeignKeyConstraint(["log"], ["logs.log"], name="fk_tiles_log"),
    )


_TABLES: Final = (
    _agencies,
    _blobs,
    _copies,
    _copy_blobs,
    _cosignatures,
    _desk_keys,
    _entries,
    _envelopes,
    _evidence,
    _housed,
    _identities,
    _leases,
    _logs,
    _meta,
    _nonces,
    _outbox,
    _peers,
    _proven,
    _readers,
    _receipts,
    _roots,
    _rosters,
    _secrets,
    _threads,
    _witnessed,
    _shown,
    _checkpoints,
    _leaves,
    _tiles,
)
