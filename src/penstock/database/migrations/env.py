"""What Alembic runs: the steps, on the connection that `migrate` opened."""

from alembic import context

from penstock.database.tables import metadata

# Batches: SQLite changes a table by copying it.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
