"""The tables that are the same whatever entities there are, and row-level security for every table.

The tables of entities are made from their configuration (``entity_tables.py``). How rows are read
and written is not here (``store.py``).

Every table of user data has ``user_id``, and its foreign keys contain it, so that a child can only
belong to a parent of the same account: the database refuses anything else, whatever the code does.
Unique constraints and foreign keys are checked without regard to row-level security; those here
start with ``user_id``, so they tell nothing about other accounts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    String,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import Field, SQLModel

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = CONSTRAINT_NAMES


def _id() -> Any:
    return Field(
        default_factory=uuid4,
        sa_type=Uuid,
        primary_key=True,
        sa_column_kwargs={"server_default": text("gen_random_uuid()")},
    )


def _now() -> Any:
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        nullable=False,
        sa_column_kwargs={"server_default": func.now()},
    )


def _text(default: str | None = None) -> Any:
    """A required text; with a default when one is given."""
    arguments = {} if default is None else {"server_default": text(f"'{default}'")}
    return Field(
        default=... if default is None else default,
        sa_type=String,
        nullable=False,
        sa_column_kwargs=arguments,
    )


def _object() -> Any:
    """A JSON object that is empty by default."""
    return Field(
        default_factory=dict,
        sa_type=JSONB,
        nullable=False,
        sa_column_kwargs={"server_default": text("'{}'")},
    )


def _number(kind: Any = Integer, default: int = 0) -> Any:
    return Field(
        default=default,
        sa_type=kind,
        nullable=False,
        sa_column_kwargs={"server_default": text(str(default))},
    )


def _moment() -> Any:
    """A moment that may not have come yet."""
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=True)


class User(SQLModel, table=True):
    """A person who has signed in. The identity provider's user id is the key."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("tier IN ('free', 'paid', 'enterprise')", name="tier"),
        {"info": {"user_column": "id"}},
    )

    id: str = Field(sa_type=String, primary_key=True)
    # Not unique: the provider's user id is the identity; two of them may have one address.
    email: str | None = Field(default=None, sa_type=String)
    name: str | None = Field(default=None, sa_type=String)
    tier: str = Field(
        default="free",
        sa_type=String,
        nullable=False,
        sa_column_kwargs={"server_default": text("'free'")},
    )
    created_at: datetime = _now()
    last_login: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )


class Session(SQLModel, table=True):
    """A browser in which somebody is signed in.

    The browser holds a random secret; here is its hash only. Before the secret has been looked up
    nobody knows whose session it is, so a second policy shows the one row whose hash the
    transaction names (``app.session_hash``): to name it one must have the secret.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        UniqueConstraint("secret_hash"),
        Index(None, "user_id", "created_at"),
        {"info": {"user_column": "user_id"}},
    )

    id: UUID = _id()
    user_id: str = _text()
    secret_hash: str = _text()
    refresh_token: str = _text()
    """Encrypted; see ``services/identity/sessions.py``."""
    created_at: datetime = _now()
    seen_at: datetime = _now()
    verified_until: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    """When the identity provider must be asked again."""


class Generation(SQLModel, table=True):
    """One generation of a signed-in user: what became of it, and what it cost.

    ``status`` is running, completed, failed, cancelled or interrupted. A running one whose
    ``alive_at`` is old was interrupted, whatever its status says. ``seen_at`` is set when the
    person has been told of a failure or an interruption.
    """

    __tablename__ = "generations"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        CheckConstraint(
            "status IN ('running', 'completed', 'failed', 'cancelled', 'interrupted')",
            name="status",
        ),
        Index(None, "user_id", "entity", "started_at"),
        Index(None, "user_id", "started_at"),
        {"info": {"user_column": "user_id"}},
    )

    id: UUID = _id()
    user_id: str = _text()
    entity: str = _text()
    entity_id: UUID | None = Field(default=None, sa_type=Uuid, nullable=True)
    only: str = _text("")
    inputs: dict[str, Any] = _object()
    parents: dict[str, Any] = _object()
    """Ids of what the document is directly below, by entity."""
    status: str = _text("running")
    error: dict[str, Any] = _object()
    writer: str = _text("")
    provider: str = _text("")
    model: str = _text("")
    prompt_version: str = _text("")
    input_tokens: int = _number()
    output_tokens: int = _number()
    cost_usd: float | None = Field(
        default=None, sa_type=Numeric(12, 6, asdecimal=False), nullable=True
    )
    duration_seconds: float | None = Field(
        default=None, sa_type=Numeric(10, 3, asdecimal=False), nullable=True
    )
    started_at: datetime = _now()
    alive_at: datetime = _now()
    finished_at: datetime | None = _moment()
    seen_at: datetime | None = _moment()


class Version(SQLModel, table=True):
    """What one write changed in a document, as a patch; the first one of a document is all of it.

    Together they are the history from which any earlier text of a field can be taken.
    """

    __tablename__ = "versions"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        Index(None, "user_id", "entity", "entity_id", "id"),
        {"info": {"user_column": "user_id"}},
    )

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    user_id: str = _text()
    entity: str = _text()
    entity_id: UUID = Field(sa_type=Uuid, nullable=False)
    origin: str = _text()
    """generated, edited, rewritten, restored, undone or imported."""
    changes: list[dict[str, Any]] = Field(sa_type=JSONB, nullable=False)
    created_at: datetime = _now()


class GivenAnswer(SQLModel, table=True):
    """What was answered to a request that named itself with a key, so that it is done only once.

    While it is being carried out there is no ``status``; ``claim`` says by which request, and
    ``alive_at`` when that last said that it is still at it. After a day the row means nothing.
    """

    __tablename__ = "given_answers"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        Index(None, "user_id", "created_at"),
        {"info": {"user_column": "user_id", "is_derived": True}},
    )

    user_id: str = Field(sa_type=String, primary_key=True)
    key: str = Field(sa_type=String, primary_key=True)
    fingerprint: str = _text()
    """Digest of what was asked for."""
    claim: UUID = Field(sa_type=Uuid, nullable=False)
    status: int | None = Field(default=None, sa_type=Integer, nullable=True)
    headers: dict[str, Any] = _object()
    body: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    """Compressed."""
    created_at: datetime = _now()
    alive_at: datetime = _now()


class DocumentWords(SQLModel, table=True):
    """The words of a document, by which it is searched; written by a trigger of its table.

    A table of its own, so that a search reads words only, side by side. Row-level security keeps
    the operators of text search from using an index, so it reads those of all documents of the
    user and the entity.
    """

    __tablename__ = "document_words"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        {"info": {"user_column": "user_id", "is_derived": True}},
    )

    user_id: str = Field(sa_type=String, primary_key=True)
    entity: str = Field(sa_type=String, primary_key=True)
    entity_id: UUID = Field(sa_type=Uuid, primary_key=True)
    words: str = Field(sa_type=TSVECTOR, nullable=False)


def words_trigger(table: str, entity: str, data_column: str) -> str:
    """The statement that keeps the words of a table's documents.

    Args:
        table: Name of the table.
        entity: Key of its entity.
        data_column: Column with the documents' data.
    """
    return (
        f"CREATE TRIGGER words AFTER INSERT OR UPDATE OF name, {data_column} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION keep_words('{entity}', '{data_column}')"
    )


def row_security(table: str, user_column: str, *, is_purged: bool = False) -> list[str]:
    """The statements that give a table its row-level security.

    ``FORCE`` binds the owner too. A connection without a user id sees nothing: the setting is then
    NULL, or the empty string on a pooled connection that had one before.

    Args:
        table: Name of the table.
        user_column: Column with the id of the user to whom a row belongs.
        is_purged: Whether rows are deleted in two steps: marked first, and removed 30 days later by
            the owner, in the function ``purge_deleted``, for which the second policy is.
    """
    is_own = f"{user_column} = (SELECT nullif(current_setting('app.user_id', true), ''))"
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_rows ON {table} USING ({is_own}) WITH CHECK ({is_own})",
    ]
    if is_purged:
        statements.append(purge_policy(table, "deleted_at < now() - interval '30 days'"))
    return statements


def purge_policy(table: str, condition: str) -> str:
    """The statement that lets the table's owner see what is due, while it removes it.

    Args:
        table: Name of the table.
        condition: What is due.
    """
    is_purging = "(SELECT current_setting('app.purge', true)) = 'on'"
    return (
        f"CREATE POLICY purge ON {table} TO CURRENT_USER USING ({is_purging} AND {condition})"
        " WITH CHECK (false)"
    )
