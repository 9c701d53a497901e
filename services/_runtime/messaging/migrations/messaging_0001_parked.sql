-- Records that wait for a person. One with a `waiting_key` holds back the later events of that key, which are parked behind it;
-- one without is nobody's event, and holds back nothing.

select migrating.open_schema('messaging');

create table messaging.parked (
    parked_id bigint generated always as identity primary key,
    consumer text not null,
    waiting_key text,
    reason text not null,
    event_id uuid,
    type text,
    source text,
    generation integer,
    feed_position bigint,
    topic text not null,
    partition integer not null,
    kafka_offset bigint not null,
    key bytea,
    -- Each header as length of name, name, length of value (-1 = absent), value; lengths are 4 bytes, big-endian.
    headers bytea not null,
    value bytea,
    -- SHA-256 of key, headers and value: with it, a delivery that is repeated is parked once, and another record that comes to
    -- lie at the same offset, in a topic created again, is not taken for it.
    content bytea not null check (octet_length(content) = 32),
    parked_at timestamptz not null default clock_timestamp(),
    constraint parked_event_once unique (consumer, event_id),
    constraint parked_record_once unique (consumer, topic, partition, kafka_offset, content),
    check ((waiting_key is null) = (event_id is null))
);
comment on table messaging.parked is 'Records that could not be handled, as they came, with the reason. Never a personal value in the reason.';
create index parked_waiting on messaging.parked (consumer, waiting_key, parked_id) where waiting_key is not null;

select migrating.grant_table('messaging.parked', 'select, insert, update, delete');
