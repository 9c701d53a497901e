-- The event store's tables. Events and the feed only ever grow: the database itself refuses to change them, whoever asks.

select migrating.open_schema('store');

create table store.events (
    -- cache 1: within a stream, the order of positions is the order of versions.
    position bigint generated always as identity (cache 1) primary key,
    event_id uuid not null constraint events_id unique,
    type text not null,
    schema_version integer not null,
    stream_id text not null,
    stream_version bigint not null check (stream_version > 0),
    programme text,
    actor text not null,
    actor_organisation text not null,
    responsible_organisation text,
    territory text,
    municipality text,
    purpose text not null,
    correlation uuid not null,
    causation uuid,
    occurred_on date not null,
    precision text not null,
    recorded_at timestamptz not null,
    clock text not null check (clock in ('system', 'demonstration')),
    partition_key text not null,
    previous_digest bytea not null check (octet_length(previous_digest) = 32),
    data bytea not null,
    -- Key id and commitment of each sealed part, joined; `commitment` is their hash, which the digest covers.
    commitments bytea not null,
    commitment bytea not null,
    digest bytea not null check (octet_length(digest) = 32),
    constraint events_stream_version unique (stream_id, stream_version)
);
comment on table store.events is 'Everything that happened, in the bytes that were written. Only appended to, by store.append.';

-- The demonstration's present is its latest event; production holds none, so the index is empty there.
create index events_demonstration on store.events (recorded_at) where clock = 'demonstration';

create table store.sealed (
    event_id uuid not null,
    key_id uuid not null,
    ciphertext bytea not null,
    primary key (event_id, key_id)
);
comment on table store.sealed is 'Personal values of events, encrypted. Outside every digest: rotation replaces, erasure deletes.';

create table store.outbox (
    position bigint primary key
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
comment on table store.outbox is 'Events that the sequencer has not seen yet.';

create table store.generation (
    generation integer primary key check (generation > 0),
    opened_at timestamptz not null default clock_timestamp(),
    reason text not null
);
comment on table store.generation is 'Lives of the feed: a restore that may have lost events opens a new one.';
insert into store.generation (generation, reason) values (1, 'created');

create table store.feed (
    generation integer not null,
    feed_position bigint not null check (feed_position > 0),
    position bigint not null,
    chain bytea not null check (octet_length(chain) = 32),
    primary key (generation, feed_position),
    constraint feed_position_once unique (generation, position)
);
comment on table store.feed is 'Events in the one order that everybody reads: dense within a generation, chained. Written by store.sequence.';

create table store.request (
    client text not null,
    key text not null,
    body_hmac bytea not null,
    streams text[] not null,
    after bigint[] not null,
    up_to bigint[] not null,
    made_at timestamptz not null default clock_timestamp(),
    primary key (client, key)
);
comment on table store.request is 'Idempotency keys of clients and the stream versions they led to, from which the answer is rebuilt.';

create table store.inbox (
    consumer text not null,
    event_id uuid not null,
    refused text,
    handled_at timestamptz not null default clock_timestamp(),
    primary key (consumer, event_id)
);
comment on table store.inbox is 'Deliveries that were handled, and the refusal''s code where the decider refused.';

create table store.timer (
    timer_id uuid primary key,
    kind text not null,
    stream_id text not null,
    due_at timestamptz not null,
    clock text not null check (clock in ('system', 'demonstration')),
    settled_at timestamptz
);
create index timer_due on store.timer (clock, due_at) where settled_at is null;

create table store.relay (
    only_row boolean primary key default true check (only_row),
    generation integer not null,
    cursor bigint not null
);
comment on table store.relay is 'The last feed position whose record every broker acknowledged.';
insert into store.relay (generation, cursor) values (1, 0);

create table store.policy (
    only_row boolean primary key default true check (only_row),
    demonstration boolean not null
);
comment on table store.policy is 'Whether events on the demonstration clock are accepted. The owner decides, at provisioning.';
insert into store.policy (demonstration) values (false);

create function store.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'AN020', message = format('%s of %I.%I is refused: history is only ever appended to',
                                                              tg_op, tg_table_schema, tg_table_name);
end $$;

create trigger unalterable before update or delete or truncate on store.events
    for each statement execute function store.refuse_change();
create trigger unalterable before update or delete or truncate on store.feed
    for each statement execute function store.refuse_change();
-- "always": not even a session that plays a replica gets past them.
alter table store.events enable always trigger unalterable;
alter table store.feed enable always trigger unalterable;

select migrating.grant_table('store.events', 'select');
select migrating.grant_table('store.sealed', 'select');
select migrating.grant_table('store.outbox', 'select');
select migrating.grant_table('store.generation', 'select');
select migrating.grant_table('store.feed', 'select');
select migrating.grant_table('store.request', 'select');
select migrating.grant_table('store.inbox', 'select, insert');
select migrating.grant_table('store.timer', 'select, update');
select migrating.grant_table('store.relay', 'select, update');
select migrating.grant_table('store.policy', 'select');
