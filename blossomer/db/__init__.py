"""The database: an embedded server or any PostgreSQL, its tables, migrations and connections."""
