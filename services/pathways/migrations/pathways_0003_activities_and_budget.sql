-- The rows of the lists of activities and of budget lines. What a column means is said in services/pathways/projections/.

create table read_model.activity_list (
    build smallint not null,
    activity_id uuid not null,
    organisation text collate "C" not null,
    territory text collate "C" not null,
    kind text collate "C" not null,
    minutes bigint not null,
    held_on date not null,
    primary key (build, activity_id)
);
create index on read_model.activity_list (build, organisation, activity_id);
select migrating.grant_table('read_model.activity_list', 'select, insert, update, delete');

create table read_model.budget_lines (
    build smallint not null,
    budget_line_id uuid not null,
    organisation text collate "C" not null,
    budget_line text collate "C" not null,
    programme text collate "C",
    ceiling_cents bigint,
    committed_cents bigint not null,
    spent_cents bigint not null,
    primary key (build, budget_line_id)
);
create index on read_model.budget_lines (build, organisation, budget_line_id);
select migrating.grant_table('read_model.budget_lines', 'select, insert, update, delete');

select migrating.fence('read_model.activity_list', $$
    organisation = (select fence.told('organisation'))
$$);
select migrating.fence('read_model.budget_lines', $$
    organisation = (select fence.told('organisation')) or (select fence.told('role')) = 'lead-partner'
$$);

-- The lead partner reads every organisation's budget lines, which name nobody.
create or replace function store.followed(stream text) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select stream like 'budget-%' and coalesce(fence.told('role') = 'lead-partner', false)
$$;
