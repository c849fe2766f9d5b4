"""Documents are deleted so that it can be undone, and searched, sorted and filtered in lists.

Revision: 963fbe1890d2
After: 686107740ca6
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "963fbe1890d2"
down_revision = "686107740ca6"
branch_labels = None
depends_on = None

DOCUMENTS = {
    "companies": ("company", "analysis_data"),
    "target_accounts": ("account", "account_data"),
    "target_personas": ("persona", "persona_data"),
    "campaigns": ("campaign", "campaign_data"),
}
KEPT_ALONG = ("versions", "document_words")

# How names and words are compared: without accents, capitals and ligatures.
# Most text is ASCII, for which the rest would only take time.
FOLDED = r"""
CREATE FUNCTION folded(value varchar) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(value) = char_length(value) THEN lower(value) ELSE
    replace(replace(replace(replace(
        translate(
            lower(regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g')),
            'øłđıς', 'oldiσ'
        ),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
END
"""

# Of a longer word only the beginning counts: text search takes none of more than 2,046 bytes.
SEARCH_WORDS = """
CREATE FUNCTION search_words(value varchar) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT left(word, 100) COLLATE "C"
    FROM string_to_table(regexp_replace(folded(value), '[^[:alnum:]]+', ' ', 'g'), ' ') AS word
    WHERE word <> ''
)
"""

# What is kept about a text, and not said by it, is not searched.
WORDS_OF_DOCUMENT = """
CREATE FUNCTION words_of_document(name varchar, data jsonb) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(search_words(concat_ws(' ', name, (
    SELECT string_agg(said #>> '{}', ' ')
    FROM jsonb_path_query(
        CASE WHEN jsonb_typeof(data) = 'object' THEN
            data - ARRAY['evidence', 'confidence', 'provenance', 'basis', 'proposals']
        END,
        'strict $.** ? (@.type() == "string")'
    ) AS said
))))
"""

KEEP_WORDS = """
CREATE FUNCTION keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    data jsonb;
BEGIN
    EXECUTE format('SELECT ($1).%I', TG_ARGV[1]) INTO data USING NEW;
    INSERT INTO document_words (user_id, entity, entity_id, words)
    VALUES (NEW.user_id, TG_ARGV[0], NEW.id, words_of_document(NEW.name, data))
    ON CONFLICT (user_id, entity, entity_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END
$$
"""

# The middle one of the levels, the lower of two middles; as entities/listing.py has it.
OVERALL_CONFIDENCE = """
CREATE FUNCTION overall_confidence(data jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce((
    SELECT (ARRAY['low', 'medium', 'high'])[percentile_disc(0.5) WITHIN GROUP (ORDER BY rank)]
    FROM (
        SELECT array_position(ARRAY['low', 'medium', 'high'], level) AS rank
        FROM jsonb_each_text(
            CASE WHEN jsonb_typeof(data -> 'confidence') = 'object' THEN data -> 'confidence' END
        ) AS of_field(field, level)
    ) AS ranks
    WHERE rank IS NOT NULL
), '')
"""

# Of the tables of all entities, also of those that come later: they are those with the trigger that
# keeps words, whose first argument is the entity. History and words go before any document does:
# what a foreign key removes along with a document has none left then. A few at a time.
PURGE_DELETED = r"""
CREATE FUNCTION purge_deleted() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    documents record;
    along text;
    affected integer;
    removed integer := 0;
BEGIN
    PERFORM set_config('app.purge', 'on', true);  -- for the policies of that name
    FOR documents IN
        SELECT tgrelid::regclass AS place, split_part(encode(tgargs, 'escape'), '\000', 1) AS entity
        FROM pg_trigger WHERE tgfoid = 'keep_words'::regproc
    LOOP
        FOREACH along IN ARRAY ARRAY['versions', 'document_words'] LOOP
            EXECUTE format(
                'DELETE FROM %1$I WHERE ctid IN ('
                '  SELECT along.ctid FROM %2$s AS document JOIN %1$I AS along'
                '    ON along.user_id = document.user_id AND along.entity = %3$L'
                '    AND along.entity_id = document.id'
                '  WHERE document.deleted_at < now() - interval ''30 days'' LIMIT 1000)',
                along, documents.place, documents.entity);
            GET DIAGNOSTICS affected = ROW_COUNT;
            removed := removed + affected;
        END LOOP;
    END LOOP;
    IF removed = 0 THEN
        FOR documents IN
            SELECT tgrelid::regclass AS place FROM pg_trigger WHERE tgfoid = 'keep_words'::regproc
        LOOP
            EXECUTE format(
                'DELETE FROM %1$s WHERE id IN ('
                '  SELECT id FROM %1$s WHERE deleted_at < now() - interval ''30 days'' LIMIT 1000)',
                documents.place);
            GET DIAGNOSTICS affected = ROW_COUNT;
            removed := removed + affected;
        END LOOP;
    END IF;
    PERFORM set_config('app.purge', '', true);
    RETURN removed;
END
$$
"""


def purge_policy(table: str, condition: str) -> str:
    return (
        f"CREATE POLICY purge ON {table} TO CURRENT_USER"
        f" USING ((SELECT current_setting('app.purge', true)) = 'on' AND {condition})"
        " WITH CHECK (false)"
    )


def upgrade() -> None:
    for function in (FOLDED, SEARCH_WORDS, WORDS_OF_DOCUMENT, OVERALL_CONFIDENCE):
        op.execute(function)
    op.create_table(
        "document_words",
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_document_words_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "entity", "entity_id", name=op.f("pk_document_words")),
        info={"user_column": "user_id", "is_derived": True},
    )
    op.execute("ALTER TABLE document_words ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE document_words FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_rows ON document_words USING (user_id = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK (user_id = (SELECT nullif(current_setting('app.user_id', true), '')))"
    )
    # A search reads the words of thousands of documents: neither packed nor in another place.
    op.execute("ALTER TABLE document_words ALTER COLUMN words SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE document_words SET (toast_tuple_target = 8160)")
    op.execute(KEEP_WORDS)
    op.execute(PURGE_DELETED)
    op.add_column("campaigns", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "campaigns",
        sa.Column(
            "sort_name", sa.Text(), sa.Computed("folded(name)", persisted=True), nullable=True
        ),
    )
    op.add_column(
        "campaigns",
        sa.Column(
            "confidence",
            sa.Text(),
            sa.Computed("overall_confidence(campaign_data)", persisted=True),
            nullable=True,
        ),
    )
    op.create_unique_constraint(op.f("uq_campaigns_user_id_id"), "campaigns", ["user_id", "id"])
    op.add_column("companies", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "companies",
        sa.Column(
            "sort_name", sa.Text(), sa.Computed("folded(name)", persisted=True), nullable=True
        ),
    )
    op.add_column(
        "companies",
        sa.Column(
            "confidence",
            sa.Text(),
            sa.Computed("overall_confidence(analysis_data)", persisted=True),
            nullable=True,
        ),
    )
    op.add_column(
        "target_accounts", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "target_accounts",
        sa.Column(
            "sort_name", sa.Text(), sa.Computed("folded(name)", persisted=True), nullable=True
        ),
    )
    op.add_column(
        "target_accounts",
        sa.Column(
            "confidence",
            sa.Text(),
            sa.Computed("overall_confidence(account_data)", persisted=True),
            nullable=True,
        ),
    )
    op.drop_index(
        op.f("ix_target_accounts_user_id_company_id_created_at"), table_name="target_accounts"
    )
    op.create_index(
        op.f("ix_target_accounts_user_id_company_id"),
        "target_accounts",
        ["user_id", "company_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_target_accounts_user_id_created_at"),
        "target_accounts",
        ["user_id", "created_at"],
        unique=False,
    )
    op.add_column(
        "target_personas", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "target_personas",
        sa.Column(
            "sort_name", sa.Text(), sa.Computed("folded(name)", persisted=True), nullable=True
        ),
    )
    op.add_column(
        "target_personas",
        sa.Column(
            "confidence",
            sa.Text(),
            sa.Computed("overall_confidence(persona_data)", persisted=True),
            nullable=True,
        ),
    )
    op.create_unique_constraint(
        op.f("uq_target_personas_user_id_id"), "target_personas", ["user_id", "id"]
    )
    for table in DOCUMENTS:
        op.execute(purge_policy(table, "deleted_at < now() - interval '30 days'"))
    for table in KEPT_ALONG:
        op.execute(purge_policy(table, "true"))
    # Row-level security hides rows from their owner too, unless it is not forced for the moment.
    for table in ("document_words", *DOCUMENTS):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for table, (entity, data) in DOCUMENTS.items():
        op.execute(
            f"CREATE TRIGGER words AFTER INSERT OR UPDATE OF name, {data} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION keep_words('{entity}', '{data}')"
        )
        op.execute(
            "INSERT INTO document_words (user_id, entity, entity_id, words)"  # noqa: S608
            f" SELECT user_id, '{entity}', id, words_of_document(name, {data}) FROM {table}"
        )
    for table in ("document_words", *DOCUMENTS):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    for table in DOCUMENTS:
        op.execute(f"DROP TRIGGER words ON {table}")
    op.drop_table("document_words")
    # The older schema knows no deleted rows: they would be back. Row-level security hides rows from
    # their owner too, unless it is not forced for the moment.
    for table in ("versions", *DOCUMENTS):
        op.execute(f"DROP POLICY purge ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for table, (entity, _) in DOCUMENTS.items():
        op.execute(
            f"DELETE FROM versions USING {table} AS document WHERE deleted_at IS NOT NULL"  # noqa: S608
            f" AND versions.user_id = document.user_id AND versions.entity = '{entity}'"
            " AND versions.entity_id = document.id"
        )
    for table in DOCUMENTS:
        op.execute(f"DELETE FROM {table} WHERE deleted_at IS NOT NULL")  # noqa: S608
    for table in ("versions", *DOCUMENTS):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f("uq_target_personas_user_id_id"), "target_personas", type_="unique")
    op.drop_column("target_personas", "confidence")
    op.drop_column("target_personas", "sort_name")
    op.drop_column("target_personas", "deleted_at")
    op.drop_index(op.f("ix_target_accounts_user_id_created_at"), table_name="target_accounts")
    op.drop_index(op.f("ix_target_accounts_user_id_company_id"), table_name="target_accounts")
    op.create_index(
        op.f("ix_target_accounts_user_id_company_id_created_at"),
        "target_accounts",
        ["user_id", "company_id", "created_at"],
        unique=False,
    )
    op.drop_column("target_accounts", "confidence")
    op.drop_column("target_accounts", "sort_name")
    op.drop_column("target_accounts", "deleted_at")
    op.drop_column("companies", "confidence")
    op.drop_column("companies", "sort_name")
    op.drop_column("companies", "deleted_at")
    op.drop_constraint(op.f("uq_campaigns_user_id_id"), "campaigns", type_="unique")
    op.drop_column("campaigns", "confidence")
    op.drop_column("campaigns", "sort_name")
    op.drop_column("campaigns", "deleted_at")
    for function in (
        "purge_deleted()",
        "overall_confidence(jsonb)",
        "keep_words()",
        "words_of_document(varchar, jsonb)",
        "search_words(varchar)",
        "folded(varchar)",
    ):
        op.execute(f"DROP FUNCTION {function}")
