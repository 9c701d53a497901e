-- By which keys records are found that may be one person's. Keys are HMACs under a secret that is in no database; still the tables are
-- unlogged, as the names in clear are: no backup and no standby holds them, and whoever finds no progress builds them anew from the store.
create unlogged table private.likeness_progress (
    only_row boolean primary key default true check (only_row),
    rule integer not null,
    position bigint not null
);

-- A part of what is known of a person: the identity, or the codice fiscale; and the event in which it is sealed.
create unlogged table private.likeness (
    beneficiary_id uuid not null,
    identity boolean not null,
    organisation text collate "C" not null,
    event_id uuid not null,
    primary key (beneficiary_id, identity)
);

create unlogged table private.likeness_key (
    key bytea not null,
    beneficiary_id uuid not null,
    identity boolean not null,
    primary key (key, beneficiary_id, identity),
    foreign key (beneficiary_id, identity) references private.likeness on delete cascade
);
create index likeness_key_by_person on private.likeness_key (beneficiary_id, identity);

-- Pairs of which somebody decided that they are two persons, each from both sides.
create unlogged table private.two_persons (
    one uuid not null,
    other uuid not null,
    primary key (one, other)
);

-- Take a person's keys out: to be called after what is sealed of them was deleted. Whoever writes keys holds the row of progress, and reads
-- what is sealed after taking it: so none comes back. Returns whether there were some.
create function private.forget_likeness(person uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    perform from private.likeness_progress for update;
    delete from private.likeness l where l.beneficiary_id = person;
    return found;
end $$;

select migrating.grant_table('private.likeness_progress', 'select, insert, update, delete');
select migrating.grant_table('private.likeness', 'select, insert, update, delete');
select migrating.grant_table('private.likeness_key', 'select, insert, delete');
select migrating.grant_table('private.two_persons', 'select, insert, delete');
select migrating.grant_function('private.forget_likeness(uuid)');

-- Answers reach none of it: who is looked for across organisations is looked for by the machinery, which says what may be told.
select migrating.fence('private.likeness_progress');
select migrating.fence('private.likeness');
select migrating.fence('private.likeness_key');
select migrating.fence('private.two_persons');
