"""Changes are applied by a function of the database.

Revision: b7d1c02f6a94
After: 8d20c4b7e9f3
"""

from alembic import op

revision = "b7d1c02f6a94"
down_revision = "8d20c4b7e9f3"
branch_labels = None
depends_on = None

# What blossomer/entities/merge.py does to a dictionary. One statement of one shape for all changes:
# an expression for each is built, sent and planned anew every time.
APPLIED = """
CREATE FUNCTION applied(document jsonb, changes jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    change jsonb;
    path text[];
BEGIN
    IF jsonb_typeof(document) IS DISTINCT FROM 'object' THEN
        document := '{}';
    END IF;
    FOR change IN SELECT value FROM jsonb_array_elements(changes) LOOP
        path := ARRAY(SELECT jsonb_array_elements_text(change -> 'path'));
        FOR depth IN 1 .. cardinality(path) - 1 LOOP
            IF jsonb_typeof(document #> path[1:depth]) IS DISTINCT FROM 'object' THEN
                document := jsonb_set(document, path[1:depth], '{}');
            END IF;
        END LOOP;
        document := jsonb_set(document, path, change -> 'value');
    END LOOP;
    RETURN document;
END
$$
"""


def upgrade() -> None:
    op.execute(APPLIED)


def downgrade() -> None:
    op.execute("DROP FUNCTION applied(jsonb, jsonb)")
