"""The SQL of publishing into Postgres. Names of schemas and tables are our own; values are quoted."""

from collections.abc import Mapping

from naruki.home import quoted

# Schema, table and comment of everything in published.duckdb.
PUBLISHED_TABLES = """
    select schema_name, table_name, comment from duckdb_tables()
    where database_name = current_database() order by schema_name, table_name
"""
CURRENT_VIEWS = """
    select view_name from duckdb_views()
    where database_name = current_database() and not internal and view_name like '%\\_current' escape '\\' order by view_name
"""


def current_view(schema: str, view: str) -> str:
    """The newest day of a table, as in published.duckdb."""
    table = f'{schema}."{view.removesuffix("_current")}"'
    return f'create view {schema}."{view}" as select * from {table} where as_of_date = (select max(as_of_date) from {table})'


def publication(schema: str, facts: Mapping[str, str]) -> str:
    """A table of one row: which version this is."""
    values = ", ".join(f"'{quoted(value)}'::text as {name}" for name, value in facts.items() if name != "as_of_date")
    return f"create table {schema}.publication as select {values}, '{quoted(facts['as_of_date'])}'::date as as_of_date"


def past(schema: str, version: str) -> str:
    """The name under which a version that is no longer the current one stays readable."""
    return f"{schema}_{''.join(letter if letter.isalnum() else '_' for letter in version.lower())}"


def past_versions(schema: str) -> str:
    """Names of past versions, the newest first: versions begin with their time."""
    pattern = f"^{schema}_[0-9]{{8}}t[0-9]{{6}}z_"
    return f"select nspname::text from pg_namespace where nspname ~ '{pattern}' order by nspname desc"


def grants(old: str, new: str) -> str:
    """Statements that grant on schema, tables, views and columns of `new` what is granted on those of `old`."""
    grantee = "case acl.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end"
    option = "case when acl.is_grantable then ' with grant option' else '' end"
    return f"""
        with old_tables as (
            select c.oid, c.relname, c.relacl, c.relowner from pg_class c
            where c.relnamespace = '{old}'::regnamespace and c.relkind in ('r', 'v', 'p', 'm')
                and to_regclass(format('{new}.%I', c.relname)) is not null
        )
        select format('grant %s on schema {new} to %s%s', acl.privilege_type, {grantee}, {option})
        from pg_namespace n, aclexplode(n.nspacl) acl
        where n.nspname = '{old}' and acl.grantee <> n.nspowner
        union all
        select format('grant %s on {new}.%I to %s%s', acl.privilege_type, t.relname, {grantee}, {option})
        from old_tables t, aclexplode(t.relacl) acl
        where acl.grantee <> t.relowner
        union all
        select format('grant %s (%I) on {new}.%I to %s%s', acl.privilege_type, a.attname, t.relname, {grantee}, {option})
        from old_tables t
        join pg_attribute a on a.attrelid = t.oid and a.attacl is not null and not a.attisdropped
        join pg_attribute b on b.attrelid = to_regclass(format('{new}.%I', t.relname)) and b.attname = a.attname
        cross join aclexplode(a.attacl) acl
    """


def default_grants(old: str, new: str) -> str:
    """Statements that carry over ALTER DEFAULT PRIVILEGES of tables: they belong to a schema, not to its name."""
    return f"""
        select format('alter default privileges for role %I in schema {new} grant %s on tables to %s%s',
            pg_get_userbyid(d.defaclrole), acl.privilege_type,
            case acl.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(acl.grantee)) end,
            case when acl.is_grantable then ' with grant option' else '' end)
        from pg_default_acl d, aclexplode(d.defaclacl) acl
        where d.defaclnamespace = to_regnamespace('{old}') and d.defaclobjtype = 'r' and acl.grantee <> d.defaclrole
    """


def removal(schema: str) -> str:
    """Statements that drop our own views and tables of a past version, and fail where somebody else's view stands on one."""
    return f"""
        select format('drop %s %s', kind, string_agg(format('{schema}.%I', relname), ', '))
        from (
            select relname, case relkind when 'v' then 'view' else 'table' end as kind
            from pg_class where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'v')
                and relowner = current_user::regrole
        ) as ours
        group by kind order by kind desc
    """
