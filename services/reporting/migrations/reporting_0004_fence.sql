-- A timeline says where its person's record lay, so that a municipality follows its own; version 2 of the model fills it.
alter table read_model.person_timeline add column municipality text collate "C";
create index person_timeline_newest on read_model.person_timeline (build, person_id, stream, recorded_at desc);

-- Tell whether the caller follows a person: who reviews the trail, the person, the organisation that is responsible for them by the
-- newest entry of their own record, the municipality in which they are by that entry. Runs as the owner, for it looks behind the fence.
create function read_model.followed(person uuid) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(fence.told('role') in ('auditor', 'data-protection-officer'), false)
        or coalesce(fence.told('role') = 'beneficiary' and person = fence.told('person')::uuid, false)
        or coalesce((
            select t.organisation = fence.told('organisation')
                or fence.told('role') = 'municipality' and t.municipality = fence.told('municipality')
            from read_model.person_timeline t
            join projecting.model m on m.name = 'person_timeline' and m.active_build = t.build
            where t.person_id = person and t.stream = 'person' order by t.recorded_at desc limit 1
        ), false)
$$;
select migrating.grant_function('read_model.followed(uuid)');
do $$ begin
    execute format('grant execute on function read_model.followed(uuid) to %I', current_setting('ancora.answers_role'));
end $$;

-- A timeline is read one person at a time: the one that the answer names.
select migrating.fence('read_model.person_timeline', $$
    person_id = (select fence.told('record')::uuid) and (select read_model.followed(fence.told('record')::uuid))
$$);
-- Counts and kinds of events, in which nobody is: they are for everybody who works with figures.
select migrating.fence('read_model.territory_progress', 'true');
select migrating.fence('read_model.activity', 'true');
select migrating.fence('read_model.latest_activity', 'true');

select migrating.fence('messaging.journal');
select migrating.fence('messaging.ingested');
select migrating.fence('messaging.ended');
