"""The parts of a database that its preparation could change, to compare before and after."""

from sqlalchemy import Connection

QUERIES = {
    "schemas": (
        "SELECT nspname, nspacl::text FROM pg_namespace"
        " WHERE nspname IN ('registry', 'review', 'public') ORDER BY 1"
    ),
    "relations": (
        "SELECT n.nspname, c.relname, c.relkind::text, c.relacl::text, c.relrowsecurity,"
        " c.relforcerowsecurity, c.relowner FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('registry', 'review', 'public') ORDER BY 1, 2"
    ),
    "columns": (
        "SELECT n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull, a.attacl::text"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('registry', 'review', 'public') AND NOT a.attisdropped"
        " ORDER BY 1, 2, 3"
    ),
    "policies": (
        "SELECT schemaname, tablename, policyname, permissive, roles::text, cmd, qual, with_check"
        " FROM pg_policies ORDER BY 1, 2, 3"
    ),
    "constraints": (
        "SELECT n.nspname, c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)"
        " FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace"
        " WHERE n.nspname IN ('registry', 'review', 'public') ORDER BY 1, 2, 3"
    ),
    "indexes": "SELECT schemaname, indexname, indexdef FROM pg_indexes"
    " WHERE schemaname IN ('registry', 'review', 'public') ORDER BY 1, 2",
    "functions": (
        "SELECT n.nspname, p.oid::regprocedure::text, pg_get_functiondef(p.oid), p.proacl::text"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname IN ('registry', 'review', 'public') ORDER BY 1, 2"
    ),
    "triggers": (
        "SELECT t.tgrelid::regclass::text, t.tgname, t.tgtype, t.tgenabled::text FROM pg_trigger t"
        " WHERE NOT t.tgisinternal ORDER BY 1, 2"
    ),
    "roles": (
        "SELECT rolname, rolpassword, rolsuper, rolinherit, rolcanlogin, rolbypassrls"
        " FROM pg_authid ORDER BY 1"
    ),
    "limits": "SELECT setrole::regrole::text, setconfig::text FROM pg_db_role_setting ORDER BY 1",
}


def catalogue(connection: Connection) -> dict[str, list[tuple]]:
    """Schemas, relations, columns, policies, rights, functions, triggers and roles."""
    return {
        name: [tuple(row) for row in connection.exec_driver_sql(query)]
        for name, query in QUERIES.items()
    }
