"""Create the five tables of the product, each with its row-level security.

Revision: 6dba1d4a14f2
After: nothing, it is the first
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "6dba1d4a14f2"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("tier", sa.String(), server_default=sa.text("'free'"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("last_login", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tier IN ('free', 'paid', 'enterprise')", name=op.f("ck_users_tier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        info={"user_column": "id"},
    )
    op.execute("ALTER TABLE users ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE users FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON users USING (id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.create_table(
        "companies",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("analysis_data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_companies_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("user_id", "id", name=op.f("uq_companies_user_id_id")),
        info={"user_column": "user_id"},
    )
    op.execute("ALTER TABLE companies ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE companies FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON companies USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.create_index(
        op.f("ix_companies_user_id_created_at"),
        "companies",
        ["user_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "target_accounts",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("account_data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "company_id"],
            ["companies.user_id", "companies.id"],
            name=op.f("fk_target_accounts_companies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_accounts")),
        sa.UniqueConstraint("user_id", "id", name=op.f("uq_target_accounts_user_id_id")),
        info={"user_column": "user_id"},
    )
    op.execute("ALTER TABLE target_accounts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE target_accounts FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON target_accounts USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.create_index(
        op.f("ix_target_accounts_user_id_company_id_created_at"),
        "target_accounts",
        ["user_id", "company_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "target_personas",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("target_account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("persona_data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "target_account_id"],
            ["target_accounts.user_id", "target_accounts.id"],
            name=op.f("fk_target_personas_target_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_personas")),
        sa.UniqueConstraint(
            "user_id",
            "target_account_id",
            "id",
            name=op.f("uq_target_personas_user_id_target_account_id_id"),
        ),
        info={"user_column": "user_id"},
    )
    op.execute("ALTER TABLE target_personas ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE target_personas FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON target_personas USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.create_index(
        op.f("ix_target_personas_user_id_created_at"),
        "target_personas",
        ["user_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("target_account_id", sa.Uuid(), nullable=False),
        sa.Column("target_persona_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("campaign_type", sa.String(), nullable=False),
        sa.Column("campaign_data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "target_account_id", "target_persona_id"],
            ["target_personas.user_id", "target_personas.target_account_id", "target_personas.id"],
            name=op.f("fk_campaigns_target_personas"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "target_account_id"],
            ["target_accounts.user_id", "target_accounts.id"],
            name=op.f("fk_campaigns_target_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        info={"user_column": "user_id"},
    )
    op.execute("ALTER TABLE campaigns ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE campaigns FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON campaigns USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.create_index(
        op.f("ix_campaigns_user_id_created_at"),
        "campaigns",
        ["user_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_campaigns_user_id_target_account_id_target_persona_id"),
        "campaigns",
        ["user_id", "target_account_id", "target_persona_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_campaigns_user_id_target_account_id_target_persona_id"), table_name="campaigns"
    )
    op.drop_index(op.f("ix_campaigns_user_id_created_at"), table_name="campaigns")
    op.drop_table("campaigns")
    op.drop_index(op.f("ix_target_personas_user_id_created_at"), table_name="target_personas")
    op.drop_table("target_personas")
    op.drop_index(
        op.f("ix_target_accounts_user_id_company_id_created_at"), table_name="target_accounts"
    )
    op.drop_table("target_accounts")
    op.drop_index(op.f("ix_companies_user_id_created_at"), table_name="companies")
    op.drop_table("companies")
    op.drop_table("users")
