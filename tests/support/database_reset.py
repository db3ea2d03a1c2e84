"""A test's database made as good as new: far quicker than making another."""

from sqlalchemy import Connection, text

LARGEST = 4_000_000
"""Bytes of rows, gone ones too, above which another database is the better one."""

_OURS = "('registry'::regnamespace, 'review'::regnamespace)"

# Everything but rows that a test may have changed, with the objects' own numbers: what was made
# again is not what it was.
_SHAPE = f"""
    SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
        SELECT concat_ws('|', oid, relname, relkind, relowner, relacl, relrowsecurity,
                         relforcerowsecurity, reloptions)
        FROM pg_class WHERE relnamespace IN {_OURS}
        UNION ALL
        SELECT concat_ws('|', attrelid, attname, atttypid, attnotnull, atthasdef, attacl)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace IN {_OURS} AND relkind IN ('r', 'p', 'v')
        UNION ALL SELECT concat_ws('|', oid, nspname, nspowner, nspacl) FROM pg_namespace
        UNION ALL
        SELECT concat_ws('|', oid, proname, prosrc, proacl, proconfig, proowner)
        FROM pg_proc WHERE pronamespace IN {_OURS}
        UNION ALL SELECT concat_ws('|', oid, polname, polrelid) FROM pg_policy
        UNION ALL
        SELECT concat_ws('|', oid, tgrelid, tgname, tgenabled) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL SELECT concat_ws('|', oid, conname, convalidated) FROM pg_constraint
        UNION ALL
        SELECT concat_ws('|', setrole, setconfig)
        FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
        WHERE datname = current_database()
        UNION ALL SELECT concat_ws('|', datacl) FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT version_num FROM review.schema_version) AS whole (line)
"""
_TABLES = f"""
    SELECT oid::regclass::text AS name, pg_table_size(oid) AS size, reltuples >= 0 AS analysed
    FROM pg_class
    WHERE relnamespace IN {_OURS} AND relkind = 'r' AND relname <> 'schema_version'
"""


def shape_of(connection: Connection) -> str:
    """Return the shape of a database without its rows; it is equal for all of one template."""
    return connection.execute(text(_SHAPE)).scalar_one()


def make_as_new(connection: Connection, shape: str) -> bool:
    """Delete all rows, as the owner; return whether the database then equals its template.

    Other connections are terminated.
    """
    connection.exec_driver_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    tables = connection.exec_driver_sql(_TABLES).all()
    too_large = sum(table.size for table in tables) > LARGEST
    if too_large or any(table.analysed for table in tables) or shape_of(connection) != shape:
        return False
    # Signed rows cannot be deleted, not even by their owner.
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    held = " UNION ALL ".join(
        f"SELECT '{table.name}' WHERE EXISTS (SELECT FROM {table.name})" for table in tables
    )
    for name in connection.exec_driver_sql(held).scalars().all():
        connection.exec_driver_sql(f"DELETE FROM {name}")
    return True
