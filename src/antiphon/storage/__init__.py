"""The database: SQLite by default, PostgreSQL by URL, with its schema's history."""
