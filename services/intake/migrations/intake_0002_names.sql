-- Names in clear, for search: the only place of this database where they are. Unlogged: neither the write-ahead log, nor a standby, nor a
-- physical backup holds them, and after a crash the tables are empty; logical backups leave them out (docs/how-to/restore-a-backup.md).
-- Whoever finds no progress here builds everything anew from the store, as far as the keys go.
select migrating.open_schema('private');

create unlogged table private.progress (
    only_row boolean primary key default true check (only_row),
    rule integer not null,
    position bigint not null
);

create unlogged table private.person (
    beneficiary_id uuid primary key,
    organisation text collate "C" not null,
    given_names text,
    family_name text
);

create unlogged table private.name_word (
    organisation text collate "C" not null,
    word text collate "C" not null,
    beneficiary_id uuid not null references private.person on delete cascade,
    primary key (organisation, word, beneficiary_id)
);
create index name_word_by_person on private.name_word (beneficiary_id);

-- Take a person's name out: to be called after what is sealed of them was deleted, at best in the same transaction. Whoever writes names
-- holds the row of progress, and reads what is sealed after taking it: so no name comes back. Returns whether there was one.
create function private.forget(person uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    perform from private.progress for update;
    delete from private.person p where p.beneficiary_id = person;
    return found;
end $$;

select migrating.grant_table('private.progress', 'select, insert, update, delete');
select migrating.grant_table('private.person', 'select, insert, update, delete');
select migrating.grant_table('private.name_word', 'select, insert, update, delete');
select migrating.grant_function('private.forget(uuid)');
