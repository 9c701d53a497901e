-- Referrals and how far each is. The runner writes, queries read; nobody is named in it.
CREATE TABLE read_model.referrals (
    build smallint NOT NULL,
    "referral_id" uuid NOT NULL,
    "beneficiary_id" uuid NOT NULL,
    "by" text COLLATE "C" NOT NULL,
    "sender" text COLLATE "C" NOT NULL,
    "organisation" text COLLATE "C" NOT NULL,
    "territory" text COLLATE "C" NOT NULL,
    "received_on" date NOT NULL,
    "status" text COLLATE "C" NOT NULL,
    "answered_on" date,
    "reason" text COLLATE "C",
    "version" bigint NOT NULL,
    PRIMARY KEY (build, "referral_id")
);
CREATE INDEX referrals_by_organisation ON read_model.referrals (build, organisation, referral_id);
CREATE INDEX referrals_by_sender ON read_model.referrals (build, sender, referral_id);
select migrating.grant_table('read_model.referrals', 'select, insert, update, delete');

-- A referral is its sender's and its receiver's; a municipality takes nobody into care, and has only sent.
select migrating.fence('read_model.referrals', $$
    sender = (select fence.told('organisation'))
    or organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'municipality')
$$);

-- An officer reads each emergency access; the person's record is reached through the access that the answer names, by who opened it, for
-- as long as it lasts; and a referral by the organisation that entered it.
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
$$;
