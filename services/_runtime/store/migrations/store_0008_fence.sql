-- The second fence. Answers reach the store one stream at a time: the one that they name, if its record is the caller's. Everything else
-- of the store is the machinery's.

select migrating.open_schema('fence');
select migrating.open_schema('store');

-- What else than responsibility lets this caller reach a stream: nothing, unless a service's own revision says what.
create function store.reached_beside(stream text) returns boolean stable language sql return false;

-- Tell whether the caller reaches the stream: the organisation that is responsible for it now, which its last event says. Runs as the
-- owner, for a record is reached as a whole: what another organisation once wrote of it, too.
create function store.reached(stream text) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce((
        select e.responsible_organisation = fence.told('organisation')
        from store.events e where e.stream_id = stream order by e.stream_version desc limit 1
    ), false) or store.reached_beside(stream)
$$;
revoke execute on function store.reached_beside(text) from public;

-- Tell whether the caller follows the stream without opening it: its events in clear, which name nobody, and nothing sealed. Nobody does,
-- unless a service's own revision says who.
create function store.followed(stream text) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$ select false $$;
select migrating.grant_function('store.reached(text)');
select migrating.grant_function('store.followed(text)');
do $$ begin
    execute format('grant execute on function store.reached(text), store.followed(text) to %I', current_setting('ancora.answers_role'));
end $$;

-- The conditions are asked once for a statement, not for each row.
select migrating.fence('store.events', $$
    stream_id = (select fence.told('record')) and (select store.reached(fence.told('record')) or store.followed(fence.told('record')))
$$);
select migrating.fence('store.sealed', $$
    (select store.reached(fence.told('record'))) and exists (select from store.events e where e.event_id = sealed.event_id)
$$);
select migrating.fence('store.outbox');
select migrating.fence('store.generation');
select migrating.fence('store.feed');
select migrating.fence('store.request');
select migrating.fence('store.inbox');
select migrating.fence('store.timer');
select migrating.fence('store.relay');
select migrating.fence('store.policy');
select migrating.fence('store.leader');
select migrating.fence('store.adopted');
select migrating.fence('store.reservation');
select migrating.fence('store.erased_key');

-- A restore asks for rows with row-level security off, which its owner may not where it is forced: what refuses looks with it on.
do $$
declare
    refusing regprocedure;
begin
    for refusing in
        select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = any (array['store']) and p.prosecdef and p.prorettype = 'trigger'::regtype
    loop
        execute format('alter function %s set row_security = on', refusing);
    end loop;
end $$;
