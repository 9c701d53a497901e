-- The comparisons with other organisations' records: of each person the latest. The runner writes, queries read; nobody is named in it.
CREATE TABLE read_model.comparisons (
    build smallint NOT NULL,
    "beneficiary_id" uuid NOT NULL,
    "reference" uuid NOT NULL,
    "organisation" text COLLATE "C" NOT NULL,
    "other_organisation" text COLLATE "C" NOT NULL,
    "asked_by" text COLLATE "C" NOT NULL,
    "declined" boolean NOT NULL,
    "requested_on" date NOT NULL,
    "lapses_on" date NOT NULL,
    "shown_until" date,
    PRIMARY KEY (build, "beneficiary_id")
);

CREATE INDEX comparisons_by_organisation ON read_model.comparisons (build, organisation, beneficiary_id);

select migrating.grant_table('read_model.comparisons', 'select, insert, update, delete');
select migrating.fence('read_model.comparisons', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'municipality')
$$);

-- Whether both organisations agreed to compare the person with one of the caller's, and the last day has not passed: asked of the person's
-- own events, which say so in clear. Reached only where the answer says that it compares.
create function store.compared(stream text) returns boolean stable language sql as $$
    select fence.told('through') = 'compared' and fence.told('role') in ('case-worker', 'team-coordinator') and exists (
        select from store.events a
        where a.stream_id = stream and a.type = 'intake.duplicate_comparison_agreed'
            and convert_from(a.data, 'UTF8')::jsonb ->> 'organisation' = fence.told('organisation')
            and fence.told('day')::date <= (convert_from(a.data, 'UTF8')::jsonb ->> 'shown_until')::date
    )
$$;
revoke execute on function store.compared(text) from public;

-- As before, and by whoever agreed to compare.
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
        or coalesce(stream like 'person-%' and store.compared(stream), false)
$$;
