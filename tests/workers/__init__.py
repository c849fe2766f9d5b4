"""Several workers over one Redis and one database: what one does, the others know."""
