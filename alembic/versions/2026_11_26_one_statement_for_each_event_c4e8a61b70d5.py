"""A write of a document is one statement, and so is the question who is there.

Revision: c4e8a61b70d5
After: b7d1c02f6a94
"""

from alembic import op

revision = "c4e8a61b70d5"
down_revision = "b7d1c02f6a94"
branch_labels = None
depends_on = None

# Whose it is, the change of the row and the line in its history: three statements, in a transaction
# that is begun and ended, are five answers to wait for. Row security is asked within the functions
# as anywhere else: they run as whoever calls them.
WRITTEN = """
CREATE FUNCTION written(
    place text, owner text, document uuid, texts jsonb, parts jsonb, given bigint[], most integer,
    kind text, reason text, noted jsonb
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    assignments text;
    result integer;
BEGIN
    PERFORM set_config('app.user_id', owner, true);
    SELECT string_agg(assignment, '') INTO assignments FROM (
        SELECT format('%I = $1 ->> %L, ', key, key) FROM jsonb_object_keys(texts) key
        UNION ALL
        SELECT format('%I = applied(%I, $2 -> %L), ', key, key, key)
        FROM jsonb_object_keys(parts) key
    ) all_of_them (assignment);
    EXECUTE format(
        'UPDATE %I SET %s version = version + 1, updated_at = clock_timestamp(),'
        ' tickets = ($3 || tickets)[1:$6]'
        ' WHERE user_id = $4 AND id = $5 AND deleted_at IS NULL AND NOT tickets && $3'
        ' AND ($7 IS NULL OR tickets[$6] IS NULL OR tickets[$6] < $7) RETURNING version',
        place, assignments
    ) INTO result USING
        texts, parts, given, owner, document, most, (SELECT min(ticket) FROM unnest(given) ticket);
    IF result IS NOT NULL AND jsonb_array_length(noted) > 0 THEN
        INSERT INTO versions (user_id, entity, entity_id, origin, changes)
        VALUES (owner, kind, document, reason, noted);
    END IF;
    RETURN result;
END
$$
"""

# One policy shows the one session whose hash the transaction names, and all others what belongs to
# its user.
SESSION_OF = """
CREATE FUNCTION session_of(
    hash text, OUT id uuid, OUT user_id text, OUT refresh_token text, OUT created_at timestamptz,
    OUT seen_at timestamptz, OUT verified_until timestamptz, OUT email text, OUT name text,
    OUT tier text
) RETURNS SETOF record LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
    PERFORM set_config('app.session_hash', hash, true);
    SELECT s.id, s.user_id, s.refresh_token, s.created_at, s.seen_at, s.verified_until
    INTO id, user_id, refresh_token, created_at, seen_at, verified_until
    FROM sessions s WHERE s.secret_hash = hash;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM set_config('app.user_id', user_id, true);
    SELECT u.email, u.name, u.tier INTO email, name, tier FROM users u WHERE u.id = user_id;
    IF FOUND THEN
        RETURN NEXT;
    END IF;
END
$$
"""


def upgrade() -> None:
    op.execute(WRITTEN)
    op.execute(SESSION_OF)


def downgrade() -> None:
    op.execute("DROP FUNCTION session_of(text)")
    op.execute(
        "DROP FUNCTION written(text, text, uuid, jsonb, jsonb, bigint[], integer, text, text, jsonb)"
    )
