-- Erasure: what destroyed keys sealed is deleted, and nothing that they seal is stored any more. Nothing else is ever deleted.
-- AN006: a key was destroyed.

create table store.erased_key (
    key_id uuid primary key,
    erased_at timestamptz not null default clock_timestamp()
);
comment on table store.erased_key is 'Keys that were destroyed: what they sealed is gone, and what they seal is refused.';
create trigger unalterable before update or delete or truncate on store.erased_key
    for each statement execute function store.refuse_change();
alter table store.erased_key enable always trigger unalterable;

create index sealed_by_key on store.sealed (key_id);

-- A writer may have got its key before the key was destroyed, and come here after.
create function store.refuse_erased_key() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from added a join store.erased_key e on e.key_id = a.key_id) then
        raise exception using errcode = 'AN006', message = 'the key was destroyed: the personal data were erased';
    end if;
    return null;
end $$;
create trigger erased after insert on store.sealed referencing new table as added
    for each statement execute function store.refuse_erased_key();
alter table store.sealed enable always trigger erased;

create function store.refuse_deletion() returns trigger language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (select from store.erased_key e where e.key_id = old.key_id) then
        raise exception using errcode = 'AN020', message = 'DELETE of store.sealed is refused: only what a destroyed key sealed is deleted';
    end if;
    return old;
end $$;
create trigger kept before delete on store.sealed for each row execute function store.refuse_deletion();
alter table store.sealed enable always trigger kept;
create trigger unalterable before truncate on store.sealed for each statement execute function store.refuse_change();
alter table store.sealed enable always trigger unalterable;

-- Delete what these keys sealed. Writers that are under way are waited for, so that what they leave is deleted too; later ones are refused.
create function store.erase(keys uuid[]) returns void language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    lock table store.sealed in share row exclusive mode;
    insert into store.erased_key (key_id) select unnest(keys) on conflict do nothing;
    delete from store.sealed s where s.key_id = any (keys);
end $$;

revoke execute on function store.refuse_erased_key(), store.refuse_deletion() from public;
select migrating.grant_table('store.erased_key', 'select');
select migrating.grant_function('store.erase(uuid[])');
