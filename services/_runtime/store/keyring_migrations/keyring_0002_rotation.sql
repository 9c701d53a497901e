-- Rotation. A key's sealing secret is replaced while events sealed under the one before are still there: then both lie here, and the two
-- moments say how far the rotation is. A key-encryption key that was retired wraps nothing any more: who still knows no other is refused
-- (AN040), and learns the present one.

do $$
declare
    service text;
begin
    foreach service in array array['intake', 'pathways', 'tutors', 'reporting'] loop
        execute format(
            'alter table %I.key add column wrapped_previous bytea, add column rotated_at timestamptz, add column resealed_at timestamptz,
                add constraint key_rotation check (
                    (wrapped_previous is null) = (rotated_at is null) and (resealed_at is null or rotated_at is not null)
                )', service);
        execute format('create index key_in_rotation on %I.key (key_id) where wrapped_previous is not null', service);
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
