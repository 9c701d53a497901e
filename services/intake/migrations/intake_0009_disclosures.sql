-- Whether an authorisation of the caller's organisation, for the purpose that their token names, is in force on the day: asked of the person's
-- own events, which say so in clear, for a withdrawal does not wait for a list. Reached only where the answer says that it discloses.
create function store.authorised(stream text) returns boolean stable language sql as $$
    select fence.told('through') = 'disclosed' and exists (
        select from store.events a
        where a.stream_id = stream and a.type = 'intake.disclosure_authorised'
            and convert_from(a.data, 'UTF8')::jsonb ->> 'recipient' = fence.told('organisation')
            and convert_from(a.data, 'UTF8')::jsonb ->> 'purpose' = fence.told('purpose')
            and fence.told('day')::date <= (convert_from(a.data, 'UTF8')::jsonb ->> 'expires_on')::date
            and not exists (
                select from store.events w
                where w.stream_id = stream and w.type = 'intake.disclosure_withdrawn' and w.stream_version > a.stream_version
                    and convert_from(w.data, 'UTF8')::jsonb ->> 'authorisation_id' = convert_from(a.data, 'UTF8')::jsonb ->> 'authorisation_id'
            )
    )
$$;
revoke execute on function store.authorised(text) from public;

-- An officer reads each emergency access; the person's record is reached through the access that the answer names, by who opened it, for
-- as long as it lasts, and by whom an authorisation names; a referral by the organisation that entered it.
create or replace function store.reached_beside(stream text) returns boolean stable language sql as $$
    select coalesce(stream like 'emergency-%' and fence.told('role') = 'data-protection-officer', false)
        or stream like 'person-%' and exists (
            select from store.events o
            where o.stream_id = fence.told('through') and o.stream_version = 1 and o.type = 'intake.emergency_access_opened'
                and o.actor = fence.told('actor') and o.actor_organisation = fence.told('organisation')
                and 'person-' || (convert_from(o.data, 'UTF8')::jsonb ->> 'beneficiary_id') = stream
                and fence.told('moment')::timestamptz < (convert_from(o.data, 'UTF8')::jsonb ->> 'until')::timestamptz
        )
        or stream like 'referral-%' and exists (
            select from store.events o
            where o.stream_id = stream and o.stream_version = 1 and o.actor_organisation = fence.told('organisation')
        )
        or coalesce(stream like 'person-%' and store.authorised(stream), false)
$$;
