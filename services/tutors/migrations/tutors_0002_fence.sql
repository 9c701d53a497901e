-- A list is its organisation's.
select migrating.fence('read_model.tutors', $$
    organisation = (select fence.told('organisation'))
$$);
select migrating.fence('read_model.tutor_requests', $$
    organisation = (select fence.told('organisation'))
$$);
select migrating.fence('read_model.assignments', $$
    organisation = (select fence.told('organisation'))
$$);

-- A tutor's erasure is followed by officers and by auditors, once it was asked for.
create or replace function store.followed(stream text) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select stream like 'tutor-%' and coalesce(fence.told('role') in ('data-protection-officer', 'auditor'), false)
        and exists (select from store.events e where e.stream_id = stream and e.type = 'tutors.erasure_requested')
$$;
