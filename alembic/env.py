"""How Alembic connects and what it compares. The migrations themselves are in ``versions/``.

The address is given by the caller (``blossomer/db/migrate.py``) or, on the command line, read from
the settings: DATABASE_OWNER_URL, or else the embedded database of DATA_DIR, which is started.
"""

from __future__ import annotations

from alembic import context
from alembic.autogenerate import rewriter
from alembic.operations import ops
from sqlalchemy import create_engine, pool, text

from blossomer.db import tables
from blossomer.db.embedded import start_embedded
from blossomer.db.engine import sqlalchemy_url
from blossomer.db.entity_tables import metadata
from blossomer.db.roles import prepare_database
from blossomer.settings import load_settings

# Any constant; two servers that start at once must not migrate at once.
MIGRATION_LOCK = 7_061_512

writer = rewriter.Rewriter()


@writer.rewrites(ops.CreateTableOp)
def add_row_security(_context, _revision, operation):
    """A new table is born with its row-level security, so that nobody has to remember it; and that
    of an entity with what lets its documents be searched.
    """
    column = operation.info.get("user_column")
    if column is None:
        raise ValueError(
            f"The table {operation.table_name} has no user_column in its info: "
            "every table of user data must say to whom a row belongs."
        )
    statements = tables.row_security(
        operation.table_name, column, is_purged=operation.info.get("is_purged", False)
    )
    if "words" in operation.info:
        statements.append(tables.words_trigger(operation.table_name, *operation.info["words"]))
    return [operation, *(ops.ExecuteSQLOp(statement) for statement in statements)]


def migrate(url: str) -> None:
    """Run what was asked for on one connection, in one transaction."""
    engine = create_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_server_default=True,
            process_revision_directives=writer,
        )
        with context.begin_transaction():
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            context.run_migrations()
    engine.dispose()


def run() -> None:
    """Find the database and migrate it."""
    url = context.config.attributes.get("url")
    if url is not None:
        migrate(url)
        return
    settings = load_settings()
    if settings.database_owner_url is not None:
        migrate(settings.database_owner_url.get_secret_value())
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    server = start_embedded(settings.data_dir, settings.postgres_bin)
    try:
        migrate(prepare_database(server).owner)
    finally:
        if not server.adopted:
            server.stop()


run()
