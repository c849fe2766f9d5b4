"""What was answered to a request with a key is kept for a day.

Revision: 8d20c4b7e9f3
After: 3c1f0a7d5e21
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8d20c4b7e9f3"
down_revision = "3c1f0a7d5e21"
branch_labels = None
depends_on = None

# Of whoever never comes back: others remove their own when they next name a request. A few at a
# time, since no statement may take long.
PURGE_ANSWERS = """
CREATE FUNCTION purge_answers() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    removed integer;
BEGIN
    PERFORM set_config('app.purge', 'on', true);  -- for the policy of that name
    DELETE FROM given_answers WHERE ctid IN (
        SELECT ctid FROM given_answers WHERE created_at < now() - interval '24 hours' LIMIT 1000);
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('app.purge', '', true);
    RETURN removed;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "given_answers",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column(
            "headers",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "alive_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_given_answers_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_given_answers")),
        info={"user_column": "user_id", "is_derived": True},
    )
    op.create_index(
        op.f("ix_given_answers_user_id_created_at"), "given_answers", ["user_id", "created_at"]
    )
    op.execute("ALTER TABLE given_answers ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE given_answers FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON given_answers USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    op.execute(
        "CREATE POLICY purge ON given_answers TO CURRENT_USER"
        " USING ((SELECT current_setting('app.purge', true)) = 'on'"
        " AND created_at < now() - interval '24 hours') WITH CHECK (false)"
    )
    op.execute(PURGE_ANSWERS)


def downgrade() -> None:
    op.execute("DROP FUNCTION purge_answers()")
    op.drop_table("given_answers")
