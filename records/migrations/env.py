"""Alembic's entry: runs on the connection that `runner` opened."""

from alembic import context

from records.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a column by copying its table
    transactional_ddl=True,  # one transaction for all, also on SQLite, because `runner` begins it itself
)
context.run_migrations()
