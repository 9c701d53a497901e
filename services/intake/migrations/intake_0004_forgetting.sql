-- A deleted row's bytes stay in its table's file for as long as nobody needs the room. A name in clear must not: where there is one to
-- forget, the files are exchanged for empty ones, and whoever writes names next builds them anew from the store, as after a crash.
create or replace function private.forget(person uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform from private.progress for update;
    if not exists (select from private.person p where p.beneficiary_id = person) then
        return false;
    end if;
    truncate private.person, private.name_word;
    delete from private.progress;
    return true;
end $$;
