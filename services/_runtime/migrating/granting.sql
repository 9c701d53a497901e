-- What revisions use to give the application's role exactly what it needs. The role's name is a setting of the migrating
-- session, because one revision serves the databases of several services. Run again, everything here changes nothing.

create schema if not exists migrating;

-- What a caller's answer was told about the caller (`store/fence.py`), or null: after a transaction a local setting is '', not null.
create schema if not exists fence;
create or replace function fence.told(name text) returns text stable language sql
return nullif(current_setting('ancora.' || name, true), '');

-- Create a schema if it is not there and let the application's roles look into it.
create or replace function migrating.open_schema(name text) returns void language plpgsql as $$
begin
    execute format('create schema if not exists %I', name);
    execute format('grant usage on schema %I to %I', name, current_setting('ancora.application_role'));
    execute format('grant usage on schema %I to %I', name, current_setting('ancora.answers_role'));
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

-- Put a table behind the second fence: answers reach the rows for which `reached` holds of the caller, none where it is null. The owner
-- reaches all, for what is done in its name (store.append); the machinery's role passes by. Every table needs a line of this: a test looks.
-- select migrating.fence('read_model.caseload', $$organisation = (select fence.told('organisation'))$$);
create or replace function migrating.fence(relation regclass, reached text default null) returns void language plpgsql as $$
declare
    answers text := current_setting('ancora.answers_role');
begin
    execute format('alter table %s enable row level security, force row level security', relation);
    execute format('drop policy if exists owner on %s', relation);
    execute format('create policy owner on %s to %I using (true) with check (true)', relation, current_user);
    execute format('drop policy if exists answers on %s', relation);
    if reached is not null then
        execute format('create policy answers on %s for select to %I using (%s)', relation, answers, reached);
        execute format('grant select on table %s to %I', relation, answers);
    end if;
end $$;
