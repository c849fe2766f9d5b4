"""no write is carried out twice

Revision: 3c1f0a7d5e21
After: 542488bad5ed
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "3c1f0a7d5e21"
down_revision = "542488bad5ed"
branch_labels = None
depends_on = None

DOCUMENTS = ("companies", "target_accounts", "target_personas", "campaigns")


def upgrade() -> None:
    for table in DOCUMENTS:
        op.add_column(
            table,
            sa.Column(
                "tickets",
                postgresql.ARRAY(sa.BigInteger()),
                server_default=sa.text("'{}'"),
                nullable=False,
            ),
        )


def downgrade() -> None:
    for table in DOCUMENTS:
        op.drop_column(table, "tickets")
