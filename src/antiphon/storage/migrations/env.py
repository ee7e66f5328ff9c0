"""How alembic runs a migration: on the connection, and in the transaction, that `storage.migrate` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite cannot alter most of a table: batch mode copies it.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
