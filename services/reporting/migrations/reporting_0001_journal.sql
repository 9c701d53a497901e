-- The journal is data: backed up, only ever appended to, and the source of every read model.

select migrating.open_schema('messaging');

create table messaging.journal (
    position bigint primary key check (position > 0),
    source text not null,
    generation integer not null,
    feed_position bigint not null check (feed_position > 0),
    event_id uuid not null,
    type text not null,
    key bytea not null,
    -- The record's headers as they came: each as length of name, name, length of value (-1 = absent), value; lengths are
    -- 4 bytes, big-endian.
    headers bytea not null,
    value bytea not null,
    digest bytea not null check (octet_length(digest) = 32),
    topic text not null,
    partition integer not null,
    kafka_offset bigint not null,
    constraint journal_place unique (source, generation, feed_position)
);
comment on table messaging.journal is 'Every event of every service once, contiguous per source and generation, as the record that carried it.';

create trigger unalterable before update or delete or truncate on messaging.journal
    for each statement execute function store.refuse_change();
alter table messaging.journal enable always trigger unalterable;

create table messaging.ingested (
    topic text not null,
    partition integer not null,
    topic_id text not null,
    next_offset bigint not null check (next_offset >= 0),
    primary key (topic, partition)
);
comment on table messaging.ingested is 'Up to where each partition of Kafka is in the journal, and of which topic: one created again has another id.';

select migrating.grant_table('messaging.journal', 'select, insert');
select migrating.grant_table('messaging.ingested', 'select, insert, update');
