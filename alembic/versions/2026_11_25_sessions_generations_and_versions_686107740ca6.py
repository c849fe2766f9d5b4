"""Sessions, generations and the history of documents; e-mail addresses need not be unique.

Revision: 686107740ca6
After: 6dba1d4a14f2
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "686107740ca6"
down_revision = "6dba1d4a14f2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "generations",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("only", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "inputs",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("status", sa.String(), server_default=sa.text("'running'"), nullable=False),
        sa.Column(
            "error",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("writer", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("provider", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("model", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("prompt_version", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("input_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("output_tokens", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cost_usd", sa.Numeric(precision=12, scale=6, asdecimal=False), nullable=True),
        sa.Column(
            "duration_seconds", sa.Numeric(precision=10, scale=3, asdecimal=False), nullable=True
        ),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "alive_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'completed', 'failed', 'cancelled', 'interrupted')",
            name=op.f("ck_generations_status"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_generations_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
        info={"user_column": "user_id"},
    )
    op.execute("ALTER TABLE generations ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE generations FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON generations USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.create_index(
        op.f("ix_generations_user_id_entity_started_at"),
        "generations",
        ["user_id", "entity", "started_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_generations_user_id_started_at"),
        "generations",
        ["user_id", "started_at"],
        unique=False,
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("refresh_token", sa.String(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("verified_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sessions_secret_hash")),
        info={"user_column": "user_id"},
    )
    op.execute("ALTER TABLE sessions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE sessions FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON sessions USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.execute(
        "CREATE POLICY by_secret ON sessions FOR SELECT USING (secret_hash = (SELECT nullif(current_setting('app.session_hash', true), '')))"
    )
    op.create_index(
        op.f("ix_sessions_user_id_created_at"), "sessions", ["user_id", "created_at"], unique=False
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_versions_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        info={"user_column": "user_id"},
    )
    op.execute("ALTER TABLE versions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE versions FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON versions USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.create_index(
        op.f("ix_versions_user_id_entity_entity_id_id"),
        "versions",
        ["user_id", "entity", "entity_id", "id"],
        unique=False,
    )
    op.add_column(
        "campaigns",
        sa.Column("status", sa.String(), server_default=sa.text("'saved'"), nullable=False),
    )
    op.add_column(
        "campaigns",
        sa.Column(
            "inputs",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "campaigns", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column(
        "companies",
        sa.Column("status", sa.String(), server_default=sa.text("'saved'"), nullable=False),
    )
    op.add_column(
        "companies",
        sa.Column(
            "inputs",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "companies", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column(
        "target_accounts",
        sa.Column("status", sa.String(), server_default=sa.text("'saved'"), nullable=False),
    )
    op.add_column(
        "target_accounts",
        sa.Column(
            "inputs",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "target_accounts",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column(
        "target_personas",
        sa.Column("status", sa.String(), server_default=sa.text("'saved'"), nullable=False),
    )
    op.add_column(
        "target_personas",
        sa.Column(
            "inputs",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "target_personas",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.drop_constraint(op.f("uq_users_email"), "users", type_="unique")


def downgrade() -> None:
    # The older schema holds an address once. Row-level security hides the rows from their owner too,
    # unless it is not forced for the moment.
    op.execute("ALTER TABLE users NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE users SET email = NULL WHERE EXISTS (SELECT FROM users AS other"
        " WHERE other.email = users.email AND other.id < users.id)"
    )
    op.execute("ALTER TABLE users FORCE ROW LEVEL SECURITY")
    op.create_unique_constraint(
        op.f("uq_users_email"), "users", ["email"], postgresql_nulls_not_distinct=False
    )
    op.drop_column("target_personas", "version")
    op.drop_column("target_personas", "inputs")
    op.drop_column("target_personas", "status")
    op.drop_column("target_accounts", "version")
    op.drop_column("target_accounts", "inputs")
    op.drop_column("target_accounts", "status")
    op.drop_column("companies", "version")
    op.drop_column("companies", "inputs")
    op.drop_column("companies", "status")
    op.drop_column("campaigns", "version")
    op.drop_column("campaigns", "inputs")
    op.drop_column("campaigns", "status")
    op.drop_index(op.f("ix_versions_user_id_entity_entity_id_id"), table_name="versions")
    op.drop_table("versions")
    op.drop_index(op.f("ix_sessions_user_id_created_at"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_generations_user_id_started_at"), table_name="generations")
    op.drop_index(op.f("ix_generations_user_id_entity_started_at"), table_name="generations")
    op.drop_table("generations")
