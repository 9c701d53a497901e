-- Rows of the read models, each beside the number of its build; see services/reporting/projections.
select migrating.open_schema('read_model');

create table read_model.territory_progress (
    build smallint not null,
    "programme" text COLLATE "C" not null,
    "territory" text COLLATE "C" not null,
    "admitted" bigint not null,
    "counted" bigint not null,
    "left" bigint not null,
    primary key (build, "programme", "territory")
);

select migrating.grant_table('read_model.territory_progress', 'select, insert, update, delete');

create table read_model.person_timeline (
    build smallint not null,
    "person_id" uuid not null,
    "recorded_at" timestamptz not null,
    "event_id" uuid not null,
    "type" text COLLATE "C" not null,
    "occurred_on" date not null,
    "precision" text COLLATE "C" not null,
    "stream" text COLLATE "C" not null,
    "territory" text COLLATE "C",
    "organisation" text COLLATE "C",
    "actor" text COLLATE "C" not null,
    "causation" uuid,
    "digest" bytea not null,
    primary key (build, "person_id", "recorded_at", "event_id")
);

select migrating.grant_table('read_model.person_timeline', 'select, insert, update, delete');

create table read_model.activity (
    build smallint not null,
    "day" date not null,
    "type" text COLLATE "C" not null,
    "territory" text COLLATE "C" not null,
    "events" bigint not null,
    primary key (build, "day", "type", "territory")
);

select migrating.grant_table('read_model.activity', 'select, insert, update, delete');

create table read_model.latest_activity (
    build smallint not null,
    "territory" text COLLATE "C" not null,
    "latest" jsonb not null,
    primary key (build, "territory")
);

select migrating.grant_table('read_model.latest_activity', 'select, insert, update, delete');
