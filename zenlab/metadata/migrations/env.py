"""What Alembic runs around the migrations; `zenlab.metadata.migrations.upgrade` calls it."""

from __future__ import annotations

from alembic import context

from zenlab.metadata.tables import metadata, schema_revision

# The caller has begun the transaction, so Alembic must neither begin nor commit one.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=schema_revision.name,
    render_as_batch=True,
)
context.run_migrations()
