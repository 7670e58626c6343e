"""What Alembic runs: the steps, within the transaction of the connection that it is given."""

from alembic import context

from graphcrm.ledger.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
