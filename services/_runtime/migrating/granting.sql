-- What revisions use to give the application's role exactly what it needs. The role's name is a setting of the migrating
-- session, because one revision serves the databases of several services. Run again, everything here changes nothing.

create schema if not exists migrating;

-- Create a schema if it is not there and let the application's role look into it.
create or replace function migrating.open_schema(name text) returns void language plpgsql as $$
begin
    execute format('create schema if not exists %I', name);
    execute format('grant usage on schema %I to %I', name, current_setting('ancora.application_role'));
end $$;

-- select migrating.grant_table('messaging.parked', 'select, insert, delete');
create or replace function migrating.grant_table(relation regclass, privileges text) returns void language plpgsql as $$
begin
    execute format('grant %s on table %s to %I', privileges, relation, current_setting('ancora.application_role'));
end $$;

-- select migrating.grant_function('store.sequence(bigint, integer)');
create or replace function migrating.grant_function(called regprocedure) returns void language plpgsql as $$
begin
    execute format('revoke execute on function %s from public', called);
    execute format('grant execute on function %s to %I', called, current_setting('ancora.application_role'));
end $$;
