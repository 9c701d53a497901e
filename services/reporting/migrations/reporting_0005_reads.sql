create table read_model.person_reads (
    build smallint not null,
    "person_id" uuid not null,
    "recorded_at" timestamptz not null,
    "event_id" uuid not null,
    "reader" text COLLATE "C" not null,
    "organisation" text COLLATE "C" not null,
    "role" text COLLATE "C" not null,
    "purpose" text COLLATE "C" not null,
    "action" text COLLATE "C" not null,
    "classes" jsonb not null,
    "outcome" text COLLATE "C" not null,
    primary key (build, "person_id", "recorded_at", "event_id")
);

select migrating.grant_table('read_model.person_reads', 'select, insert, update, delete');

-- One person at a time, the one that the answer names: told to themselves, to officers and to auditors; not to the organisation that reads.
select migrating.fence('read_model.person_reads', $$
    person_id = (select fence.told('record')::uuid)
    and ((select fence.told('role') in ('auditor', 'data-protection-officer'))
        or person_id = (select fence.told('person')::uuid) and (select fence.told('role') = 'beneficiary'))
$$);
