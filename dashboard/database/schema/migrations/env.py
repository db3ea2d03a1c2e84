"""The script that Alembic runs to apply the migrations of schema ``review``."""

from alembic import context

from dashboard.database.schema import review

connection = context.config.attributes["connection"]
connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS review")
# The wait is limited, because all later queries on the locked table wait too.
lock_timeout = context.config.attributes["lock_timeout"]
connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{lock_timeout}'")
context.configure(
    connection=connection,
    target_metadata=review.metadata,
    version_table="schema_version",
    version_table_schema="review",
    include_schemas=True,
    include_name=lambda name, kind, parents: kind != "schema" or name == "review",
    compare_server_default=False,
)
context.run_migrations()
