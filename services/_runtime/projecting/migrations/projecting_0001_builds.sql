-- Which build of each read model is read, and how far each build is. The tables of rows, read_model.<name>, are the services' own.
select migrating.open_schema('projecting');
select migrating.open_schema('read_model');

create table projecting.model (
    name         text primary key,
    active_build smallint not null
);

create table projecting.build (
    name     text     not null references projecting.model,
    build    smallint not null,
    version  integer  not null,
    position bigint   not null check (position >= 0),
    changed  bigint   not null check (changed <= position),
    stopped  text,
    primary key (name, build)
);

select migrating.grant_table('projecting.model', 'select, insert, update');
select migrating.grant_table('projecting.build', 'select, insert, update, delete');
