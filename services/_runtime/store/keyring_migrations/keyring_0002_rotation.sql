-- Rotation. A key's sealing secret is replaced while events sealed under the one before are still there, and are read by processes that
-- remember keys for a while: then another secret lies here besides, and the stage says how far the rotation is. It is offered to
-- readers; used by writers, what it replaces being the other one; nothing is sealed under the other one any more, and it is forgotten. A
-- key-encryption key that was retired wraps nothing any more: who still knows no other is refused
-- (AN040), and learns the present one.

do $$
declare
    service text;
begin
    foreach service in array array['intake', 'pathways', 'tutors', 'reporting'] loop
        execute format(
            'alter table %I.key add column wrapped_other bytea, add column stage text, add column staged_at timestamptz,
                add constraint key_stage check (stage in (''offered'', ''used'', ''resealed'')),
                add constraint key_rotation check (num_nulls(wrapped_other, stage, staged_at) in (0, 3))', service);
        execute format('create index key_in_rotation on %I.key (key_id) where stage is not null', service);
        execute format(
            'create table %I.retired_kek (kek_id text primary key, retired_at timestamptz not null default clock_timestamp())', service);
        execute format(
            'create function %1$I.refuse_retired() returns trigger language plpgsql security definer
                set search_path = pg_catalog, pg_temp as $f$
            begin
                if exists (select from %1$I.retired_kek r where r.kek_id = new.kek_id) then
                    raise exception using errcode = ''AN040'', message = ''this key-encryption key was retired'';
                end if;
                return new;
            end $f$', service);
        execute format(
            'create trigger present_kek before insert or update on %1$I.key for each row execute function %1$I.refuse_retired()', service);
        execute format('revoke execute on function %I.refuse_retired() from public', service);
    end loop;
end $$;
