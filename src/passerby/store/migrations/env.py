"""Run by Alembic, with the connection that `passerby.store.migrate` gave it."""

from alembic import context

from passerby.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
