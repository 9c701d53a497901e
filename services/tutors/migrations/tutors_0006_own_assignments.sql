-- A tutor acts for the organisation that keeps the register, and reaches of it what is their own: not what is everybody's who coordinates.
select migrating.fence('read_model.tutors', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'tutor')
$$);
select migrating.fence('read_model.tutor_requests', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'tutor')
$$);
select migrating.fence('read_model.supervised_tutors', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'tutor')
$$);
select migrating.fence('read_model.supervisor_absences', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'tutor')
$$);
select migrating.fence('read_model.assignments', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'tutor')
    or tutor_id::text = (select fence.told('person')) and status = 'running' and (select fence.told('role') = 'tutor')
$$);

-- Their own record, and an assignment for as long as it runs: asked of its own events, not of a list that may lag behind.
create or replace function store.reached_beside(stream text) returns boolean stable language sql as $$
    select coalesce(fence.told('role') = 'tutor' and (
        stream = 'tutor-' || fence.told('person')
        or stream like 'assignment-%'
            and exists (
                select from store.events e
                where e.stream_id = stream and e.stream_version = 1 and e.type = 'tutors.tutor_assigned'
                    and convert_from(e.data, 'UTF8')::jsonb ->> 'tutor_id' = fence.told('person')
            )
            and not exists (select from store.events e where e.stream_id = stream and e.type = 'tutors.assignment_ended')
    ), false)
$$;

-- As in store_0008, but that a tutor reaches nothing by the organisation for which they act.
create or replace function store.reached(stream text) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select fence.told('role') is distinct from 'tutor' and coalesce((
        select e.responsible_organisation = fence.told('organisation')
        from store.events e where e.stream_id = stream order by e.stream_version desc limit 1
    ), false) or store.reached_beside(stream)
$$;
