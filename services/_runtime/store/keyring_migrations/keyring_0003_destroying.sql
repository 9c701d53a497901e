-- The keys of somebody are destroyed for ever: their rows go, their ids stay, and no other key of theirs is ever made (AN006).

do $$
declare
    service text;
begin
    foreach service in array array['intake', 'pathways', 'tutors', 'reporting'] loop
        execute format(
            'create table %I.erased (
                number bigint generated always as identity primary key,
                subject text not null unique,
                erased_at timestamptz not null default clock_timestamp()
            )', service);
        execute format(
            'create table %1$I.erased_key (
                key_id uuid primary key,
                subject text not null references %1$I.erased (subject)
            )', service);
        execute format('create index erased_key_of on %I.erased_key (subject)', service);

        -- Whoever makes a key and whoever destroys wait for each other, so that neither misses what the other does.
        execute format(
            'create function %1$I.refuse_erased() returns trigger language plpgsql
             security definer set search_path = pg_catalog, pg_temp as $body$
             begin
                 lock table %1$I.erased in row share mode;
                 if exists (select from added a join %1$I.erased e on e.subject = a.subject) then
                     raise exception using errcode = ''AN006'', message = ''the keys of this subject were destroyed'';
                 end if;
                 return null;
             end $body$', service);
        execute format(
            'create trigger erased after insert on %1$I.key referencing new table as added
             for each statement execute function %1$I.refuse_erased()', service);
        execute format('alter table %I.key enable always trigger erased', service);

        -- One at a time, so that the numbers are in the order of the commits: who read up to one has missed none before it.
        execute format(
            'create function %1$I.destroy(who text) returns uuid[] language plpgsql
             security definer set search_path = pg_catalog, pg_temp as $body$
             begin
                 lock table %1$I.erased in exclusive mode;
                 if not exists (select from %1$I.erased e where e.subject = who) then
                     insert into %1$I.erased (subject) values (who);
                 end if;
                 with gone as (delete from %1$I.key k where k.subject = who returning k.key_id)
                 insert into %1$I.erased_key (key_id, subject) select g.key_id, who from gone g;
                 return array(select e.key_id from %1$I.erased_key e where e.subject = who order by e.key_id);
             end $body$', service);
        execute format('revoke execute on function %1$I.destroy(text), %1$I.refuse_erased() from public', service);
        execute format('grant execute on function %I.destroy(text) to %I', service, 'ancora_' || service);
        execute format('grant select on %I.erased, %I.erased_key to %I', service, service, 'ancora_' || service);
    end loop;
end $$;
