-- Teams, and the second fence around the service's own lists.

create table read_model.team_memberships (
    build smallint not null,
    team_id uuid not null,
    member text collate "C" not null,
    since date not null,
    organisation text collate "C" not null,
    until date,
    primary key (build, team_id, member, since)
);
create index on read_model.team_memberships (build, member, organisation);
select migrating.grant_table('read_model.team_memberships', 'select, insert, update, delete');

alter table read_model.pathway_list add column team_id uuid;
create index on read_model.pathway_list (build, team_id, pathway_id) where team_id is not null;

-- A member reaches the team's pathways from the first day of the membership until the day on which it ends, and no others.
create function read_model.joined() returns setof uuid stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select t.team_id from read_model.team_memberships t
    join projecting.model m on m.name = 'team_memberships' and m.active_build = t.build
    where t.member = fence.told('actor') and t.organisation = fence.told('organisation')
        and t.since <= fence.told('day')::date and (t.until is null or fence.told('day')::date < t.until)
$$;
select migrating.grant_function('read_model.joined()');
do $$ begin
    execute format('grant execute on function read_model.joined() to %I', current_setting('ancora.answers_role'));
end $$;

create or replace function store.reached_beside(stream text) returns boolean stable language sql as $$
    select exists (
        select from read_model.pathway_list p join projecting.model m on m.name = 'pathway_list' and m.active_build = p.build
        where p.pathway_id = case when stream ~ '^pathway-[0-9a-f-]{36}$' then substr(stream, 9)::uuid end
            and p.team_id in (select read_model.joined())
    )
$$;

select migrating.fence('read_model.team_memberships', $$
    member = (select fence.told('actor')) and organisation = (select fence.told('organisation'))
$$);
select migrating.fence('read_model.pathway_list', $$
    organisation = (select fence.told('organisation')) or team_id = any (array(select read_model.joined()))
$$);
