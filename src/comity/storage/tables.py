# SPDX-License-Identifier: Apache-2.0
"""The tables: what a node keeps, in clear only who, to whom, how large and when (design §6 end).

Every ``LargeBinary`` column holds bytes that are sealed, signed for peers, or locked by the vault
before they reach this floor. Times are integer milliseconds; an absent time is 0, an absent text
is empty; only an erased leaf holds NULL. Every constraint has a name, so that a migrated schema
and ``metadata.create_all`` are the same. Append-only tables are kept so by ``triggers``.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_SERIAL: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only under the exact word INTEGER."""


def _of(kind: type[TypeEngine[Any]], names: str) -> list[Column[Any]]:
    return [Column(name, kind, nullable=False) for name in names.split()]


def _text(names: str) -> list[Column[Any]]:
    return _of(Text, names)


def _count(names: str) -> list[Column[Any]]:
    """Return columns of sizes, numbers or milliseconds."""
    return _of(BigInteger, names)


def _bytes(names: str) -> list[Column[Any]]:
    return _of(LargeBinary, names)


def _flag(names: str) -> list[Column[Any]]:
    return _of(Boolean, names)


def _key(table: str, *names: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint(*names, name=f"pk_{table}")


meta: Final = Table(
    "meta",
    metadata,
    *_text("name"),
    *_bytes("value"),
    _key("meta", "name"),
)

# Agencies, their roots, rosters and certificates.

agencies: Final = Table(
    "agencies",
    metadata,
    *_text("id country type"),
    *_flag("own"),
    *_text("node vouched_by"),
    *_flag("suspended"),
    *_count("checked_at admitted_at"),
    _key("agencies", "id"),
)

roots: Final = Table(
    "roots",
    metadata,
    *_text("agency"),
    *_count("number"),
    *_bytes("body"),
    *_count("at"),
    _key("roots", "agency", "number"),
)

rosters: Final = Table(
    "rosters",
    metadata,
    *_text("agency"),
    *_count("number"),
    *_text("head"),
    *_bytes("body"),
    *_count("at"),
    _key("rosters", "agency", "number"),
)

entries: Final = Table(
    "entries",
    metadata,
    *_text("agency hash subject type audience"),
    *_count("first last"),
    *_bytes("body"),
    _key("entries", "agency", "hash", "first"),
    Index("ix_entries_hash", "hash"),
    Index("ix_entries_subject", "subject"),
)

# Keys, all locked.

secrets: Final = Table(
    "secrets",
    metadata,
    *_text("name agency"),
    *_count("version"),
    *_bytes("body"),
    *_count("at"),
    _key("secrets", "name", "agency", "version"),
)

identities: Final = Table(
    "identities",
    metadata,
    *_text("officer agency"),
    *_bytes("body"),
    *_count("at"),
    _key("identities", "officer"),
    Index("ix_identities_agency", "agency"),
)

desk_keys: Final = Table(
    "desk_keys",
    metadata,
    *_text("desk"),
    *_count("epoch"),
    *_text("member"),
    *_bytes("sealed"),
    _key("desk_keys", "desk", "epoch", "member"),
    Index("ix_desk_keys_member", "member"),
)

# Threads and what they are made of.

threads: Final = Table(
    "threads",
    metadata,
    *_text("thread own peer clock stage"),
    *_count("opened_at acknowledged_at answered_at due_ack due_answer last_at"),
    _key("threads", "thread", "own"),
    Index(
        "ix_threads_open",
        "due_answer",
        sqlite_where=text("answered_at = 0"),
        postgresql_where=text("answered_at = 0"),
    ),
    sqlite_with_rowid=False,
)

EXPIRING: Final = text("expires > ''")
"""Which copies may not be used for ever; a query that says so word for word finds the index."""

copies: Final = Table(
    "copies",
    metadata,
    *_text("copy act thread agency to node envelope"),
    *_count("size"),
    *_text("stage clock state"),
    *_count("at stored_at"),
    *_text("expires docket"),
    *_bytes("release"),
    *_count("log leaf"),
    _key("copies", "copy"),
    Index("ix_copies_thread", "thread"),
    Index("ix_copies_act", "act"),
    # Of what expires alone: most copies never do, and their states change all day.
    Index(
        "ix_copies_expires",
        "state",
        "expires",
        sqlite_where=EXPIRING,
        postgresql_where=EXPIRING,
    ),
)

readers: Final = Table(
    "readers",
    metadata,
    *_text("reader"),
    *_count("at"),
    *_text("copy kind"),
    *_count("epoch"),
    _key("readers", "reader", "at", "copy"),
    Index("ix_readers_copy", "copy"),
    sqlite_with_rowid=False,
)

removed: Final = Table(
    "removed",
    metadata,
    *_text("agency act to copy thread envelope docket node why answer ground"),
    *_count("at log leaf"),
    _key("removed", "agency", "act", "to", "copy"),
    Index("ix_removed_act", "act"),
    Index("ix_removed_thread", "thread"),
    Index("ix_removed_copy", "copy"),
    sqlite_with_rowid=False,
)

envelopes: Final = Table(
    "envelopes",
    metadata,
    *_text("envelope"),
    *_count("size"),
    *_bytes("sealed"),
    _key("envelopes", "envelope"),
)

wraps: Final = Table(
    "wraps",
    metadata,
    *_text("envelope reader"),
    *_bytes("stanza"),
    *_count("at"),
    _key("wraps", "envelope", "reader"),
    Index("ix_wraps_reader", "reader"),
)

blobs: Final = Table(
    "blobs",
    metadata,
    *_text("blob"),
    *_count("size have completed_at at"),
    _key("blobs", "blob"),
)

copy_blobs: Final = Table(
    "copy_blobs",
    metadata,
    *_text("copy blob"),
    _key("copy_blobs", "copy", "blob"),
    Index("ix_copy_blobs_blob", "blob"),
    sqlite_with_rowid=False,
)

# Carrying.

outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", _SERIAL, nullable=False, autoincrement=True),
    *_text("to_node kind ref"),
    *_count("not_before next_at attempts"),
    *_text("owner"),
    *_count("leased_until"),
    _key("outbox", "id"),
    UniqueConstraint("ref", "kind", "to_node", name="uq_outbox_ref"),
    Index("ix_outbox_due", "to_node", "next_at"),
)

deposits: Final = Table(
    "deposits",
    metadata,
    Column("id", _SERIAL, nullable=False, autoincrement=True),
    *_text("deposit depositor recipient"),
    *_count("size at"),
    *_bytes("sealed"),
    _key("deposits", "id"),
    UniqueConstraint("deposit", name="uq_deposits_deposit"),
    Index("ix_deposits_recipient", "recipient", "id"),
)

left: Final = Table(
    "left_at_mailboxes",
    metadata,
    *_text("mailbox to_node kind ref"),
    *_count("again_at times"),
    _key("left_at_mailboxes", "mailbox", "to_node", "kind", "ref"),
    sqlite_with_rowid=False,
)

peers: Final = Table(
    "peers",
    metadata,
    *_text("node address"),
    *_count("attempts next_at last_seen"),
    _key("peers", "node"),
)

receipts: Final = Table(
    "receipts",
    metadata,
    *_text("receipt copy stage agency"),
    *_count("at stored_at"),
    *_text("origin"),
    *_count("size"),
    *_bytes("body proof"),
    _key("receipts", "receipt"),
    Index("ix_receipts_copy", "copy"),
    Index(
        "ix_receipts_delivered",
        "stored_at",
        "receipt",
        sqlite_where=text("stage = 'delivered'"),
        postgresql_where=text("stage = 'delivered'"),
    ),
)

reminders: Final = Table(
    "reminders",
    metadata,
    *_text("thread own what"),
    *_count("at"),
    _key("reminders", "thread", "own", "what"),
    sqlite_with_rowid=False,
)

proven: Final = Table(
    "proven",
    metadata,
    *_text("origin"),
    *_count("size at"),
    *_bytes("body"),
    _key("proven", "origin", "size"),
)

evidence: Final = Table(
    "evidence",
    metadata,
    Column("id", _SERIAL, nullable=False, autoincrement=True),
    *_text("kind subject"),
    *_count("at"),
    *_bytes("body"),
    _key("evidence", "id"),
    Index("ix_evidence_subject", "subject"),
)

nonces: Final = Table(
    "nonces",
    metadata,
    *_text("nonce"),
    *_count("at"),
    _key("nonces", "nonce"),
    Index("ix_nonces_at", "at"),
)

leases: Final = Table(
    "leases",
    metadata,
    *_text("name owner"),
    *_count("until"),
    _key("leases", "name"),
)

housed: Final = Table(
    "housed",
    metadata,
    *_text("room name owner"),
    *_bytes("body"),
    *_count("at"),
    _key("housed", "room", "name"),
    Index("ix_housed_owner", "room", "owner"),
    sqlite_with_rowid=False,
)

# The ledger.

logs: Final = Table(
    "logs",
    metadata,
    Column("log", _SERIAL, nullable=False, autoincrement=True),
    *_text("origin"),
    *_count("size opened_at closed_at"),
    _key("logs", "log"),
    UniqueConstraint("origin", name="uq_logs_origin"),
)

leaves: Final = Table(
    "leaves",
    metadata,
    *_count("log idx type"),
    Column("salt", LargeBinary),
    Column("entry", LargeBinary),
    _key("leaves", "log", "idx"),
    ForeignKeyConstraint(["log"], ["logs.log"], name="fk_leaves_log"),
)

tiles: Final = Table(
    "tiles",
    metadata,
    *_count("log level idx"),
    *_bytes("hashes"),
    _key("tiles", "log", "level", "idx"),
    ForeignKeyConstraint(["log"], ["logs.log"], name="fk_tiles_log"),
)

checkpoints: Final = Table(
    "checkpoints",
    metadata,
    *_count("log size"),
    *_bytes("root note"),
    _key("checkpoints", "log", "size"),
    ForeignKeyConstraint(["log"], ["logs.log"], name="fk_checkpoints_log"),
    sqlite_with_rowid=False,
)

witnessed: Final = Table(
    "witnessed",
    metadata,
    *_text("origin"),
    *_count("size"),
    *_bytes("root note"),
    *_count("at"),
    _key("witnessed", "origin"),
)

shown: Final = Table(
    "shown",
    metadata,
    *_text("origin"),
    *_count("size"),
    *_bytes("note"),
    *_count("at"),
    _key("shown", "origin", "size"),
)

cosignatures: Final = Table(
    "cosignatures",
    metadata,
    *_text("origin"),
    *_count("size"),
    *_text("key"),
    *_bytes("line"),
    *_count("at"),
    _key("cosignatures", "origin", "size", "key"),
)
