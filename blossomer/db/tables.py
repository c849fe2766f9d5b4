"""The tables, as SQLModel classes, and the row-level security that each of them must have.

What a generated document contains is not here (``entities/``), nor how rows are read and written
(``store.py``).

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
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
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


def _document(*, required: bool) -> Any:
    return Field(default=None, sa_type=JSONB, nullable=not required)


def _now(*, on_update: bool = False) -> Any:
    arguments: dict[str, Any] = {"server_default": func.now()}
    if on_update:
        arguments["onupdate"] = func.now()
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        nullable=False,
        sa_column_kwargs=arguments,
    )


class User(SQLModel, table=True):
    """A person who has signed in. The identity provider's user id is the key."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("tier IN ('free', 'paid', 'enterprise')", name="tier"),
        {"info": {"user_column": "id"}},
    )

    id: str = Field(sa_type=String, primary_key=True)
    email: str | None = Field(default=None, sa_type=String, unique=True)
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


class Company(SQLModel, table=True):
    """An analysed company; ``analysis_data`` is the document of ``entities/company.py``."""

    __tablename__ = "companies"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        UniqueConstraint("user_id", "id"),
        Index(None, "user_id", "created_at"),
        {"info": {"user_column": "user_id"}},
    )

    id: UUID = _id()
    user_id: str = Field(sa_type=String, nullable=False)
    name: str = Field(sa_type=String, nullable=False)
    url: str = Field(sa_type=String, nullable=False)
    analysis_data: dict[str, Any] | None = _document(required=False)
    created_at: datetime = _now()
    updated_at: datetime = _now(on_update=True)


class TargetAccount(SQLModel, table=True):
    """An ideal customer profile of a company."""

    __tablename__ = "target_accounts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "company_id"], ["companies.user_id", "companies.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("user_id", "id"),
        Index(None, "user_id", "company_id", "created_at"),
        {"info": {"user_column": "user_id"}},
    )

    id: UUID = _id()
    user_id: str = Field(sa_type=String, nullable=False)
    company_id: UUID = Field(sa_type=Uuid, nullable=False)
    name: str = Field(sa_type=String, nullable=False)
    account_data: dict[str, Any] = _document(required=True)
    created_at: datetime = _now()
    updated_at: datetime = _now(on_update=True)


class TargetPersona(SQLModel, table=True):
    """A buyer within a target account."""

    __tablename__ = "target_personas"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "target_account_id"],
            ["target_accounts.user_id", "target_accounts.id"],
            ondelete="CASCADE",
        ),
        # For campaigns, whose persona must be one of their account.
        UniqueConstraint("user_id", "target_account_id", "id"),
        Index(None, "user_id", "created_at"),
        {"info": {"user_column": "user_id"}},
    )

    id: UUID = _id()
    user_id: str = Field(sa_type=String, nullable=False)
    target_account_id: UUID = Field(sa_type=Uuid, nullable=False)
    name: str = Field(sa_type=String, nullable=False)
    persona_data: dict[str, Any] = _document(required=True)
    created_at: datetime = _now()
    updated_at: datetime = _now(on_update=True)


class Campaign(SQLModel, table=True):
    """Outreach to one persona of one target account."""

    __tablename__ = "campaigns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "target_account_id"],
            ["target_accounts.user_id", "target_accounts.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["user_id", "target_account_id", "target_persona_id"],
            [
                "target_personas.user_id",
                "target_personas.target_account_id",
                "target_personas.id",
            ],
            ondelete="CASCADE",
        ),
        Index(None, "user_id", "target_account_id", "target_persona_id"),
        Index(None, "user_id", "created_at"),
        {"info": {"user_column": "user_id"}},
    )

    id: UUID = _id()
    user_id: str = Field(sa_type=String, nullable=False)
    target_account_id: UUID = Field(sa_type=Uuid, nullable=False)
    target_persona_id: UUID = Field(sa_type=Uuid, nullable=False)
    name: str = Field(sa_type=String, nullable=False)
    campaign_type: str = Field(sa_type=String, nullable=False)
    campaign_data: dict[str, Any] = _document(required=True)
    created_at: datetime = _now()
    updated_at: datetime = _now(on_update=True)


def row_security(table: str, user_column: str) -> list[str]:
    """The statements that give a table its row-level security.

    ``FORCE`` binds the owner too. A connection without a user id sees nothing: the setting is then
    NULL, or the empty string on a pooled connection that had one before.

    Args:
        table: Name of the table.
        user_column: Column with the id of the user to whom a row belongs.
    """
    is_own = f"{user_column} = (SELECT nullif(current_setting('app.user_id', true), ''))"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_rows ON {table} USING ({is_own}) WITH CHECK ({is_own})",
    ]
