-- A list is its organisation's, and a municipality's where its own persons are in it: by ISTAT code, never by province.
select migrating.fence('read_model.caseload', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'municipality')
    or municipality = (select fence.told('municipality')) and (select fence.told('role') = 'municipality')
$$);
create index caseload_by_municipality on read_model.caseload (build, municipality, beneficiary_id);

-- Names in clear: only the organisation's own.
select migrating.open_schema('private');
select migrating.fence('private.person', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'municipality')
$$);
select migrating.fence('private.name_word', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'municipality')
$$);
select migrating.fence('private.progress');

-- Emergency accesses are reviewed by officers and auditors, whichever organisation they are of.
select migrating.fence('read_model.emergencies', $$
    (select fence.told('role') in ('data-protection-officer', 'auditor'))
$$);

-- An officer reads each emergency access; and the person's record is reached through the access that the answer names, by who opened it,
-- for as long as it lasts: asked of the access's own first event, for an emergency does not wait for a list.
create or replace function store.reached_beside(stream text) returns boolean stable language sql as $$
    select coalesce(stream like 'emergency-%' and fence.told('role') = 'data-protection-officer', false)
        or stream like 'person-%' and exists (
            select from store.events o
            where o.stream_id = fence.told('through') and o.stream_version = 1 and o.type = 'intake.emergency_access_opened'
                and o.actor = fence.told('actor') and o.actor_organisation = fence.told('organisation')
                and 'person-' || (convert_from(o.data, 'UTF8')::jsonb ->> 'beneficiary_id') = stream
                and fence.told('moment')::timestamptz < (convert_from(o.data, 'UTF8')::jsonb ->> 'until')::timestamptz
        )
$$;

-- An erasure is followed by the person themselves, by officers and by auditors, once it was asked for.
create or replace function store.followed(stream text) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select stream like 'person-%'
        and (coalesce(fence.told('role') in ('data-protection-officer', 'auditor'), false)
            or coalesce(fence.told('role') = 'beneficiary' and stream = 'person-' || fence.told('person'), false))
        and exists (select from store.events e where e.stream_id = stream and e.type = 'intake.erasure_requested')
$$;
