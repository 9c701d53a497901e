-- append: everything one command stores, in one round trip and one transaction. Runs as the owner, so that the application's
-- role can write events in no other way. Errors: AN001 request repeated, AN002 delivery handled before, AN003 a stream is
-- not at the expected version, AN004 recorded_at, clock or chaining breaks its rules.

-- Arrays of rows: one argument for all events costs half of what an argument for each column does.
create type store.new_event as (
    event_id uuid,
    type text,
    schema_version integer,
    stream_id text,
    stream_version bigint,
    programme text,
    actor text,
    actor_organisation text,
    responsible_organisation text,
    territory text,
    municipality text,
    purpose text,
    correlation uuid,
    causation uuid,
    occurred_on date,
    precision text,
    recorded_at timestamptz,
    clock text,
    partition_key text,
    previous_digest bytea,
    data bytea,
    commitments bytea,
    commitment bytea,
    digest bytea
);
create type store.new_sealed as (event_id uuid, key_id uuid, ciphertext bytea);
create type store.new_timer as (timer_id uuid, kind text, stream_id text, due_at timestamptz, clock text);

create function store.append(
    -- Streams in the order of their ids, so that two appends over the same streams never wait for each other crosswise;
    -- `events` in that order, `expected` and `up_to` saying how many belong to each.
    streams text[],
    expected bigint[],
    up_to bigint[],
    events store.new_event[],
    sealed store.new_sealed[],
    request_client text,
    request_key text,
    request_body bytea,
    inbox_consumer text,
    inbox_event uuid,
    inbox_refused text,
    timers store.new_timer[],
    settled uuid[]
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    moment timestamptz := clock_timestamp();
    head record;
    event store.new_event;
    next integer := 1;
    stored bigint;
begin
    if request_key is not null then
        insert into store.request (client, key, body_hmac, streams, after, up_to)
        values (request_client, request_key, request_body, append.streams, append.expected, append.up_to)
        on conflict do nothing;
        if not found then
            raise exception using errcode = 'AN001', message = 'the idempotency key was used before';
        end if;
    end if;

    if inbox_consumer is not null then
        insert into store.inbox (consumer, event_id, refused) values (inbox_consumer, inbox_event, inbox_refused)
        on conflict do nothing;
        if not found then
            raise exception using errcode = 'AN002', message = 'this consumer handled this event before';
        end if;
    end if;

    for i in 1 .. cardinality(streams) loop
        select e.stream_version, e.recorded_at, e.digest into head
        from store.events e where e.stream_id = append.streams[i] order by e.stream_version desc limit 1;
        -- Uniqueness alone would accept version 8 after 4.
        if coalesce(head.stream_version, 0) <> expected[i] then
            raise exception using errcode = 'AN003', message = 'a stream is not at the expected version';
        end if;

        while next <= cardinality(events) and (events[next]).stream_id = streams[i] loop
            event := events[next];
            if event.clock = 'demonstration' then
                if not (select p.demonstration from store.policy p) then
                    raise exception using errcode = 'AN004', message = 'the demonstration clock is not allowed here';
                end if;
            elsif event.recorded_at not between moment - interval '5 s' and moment + interval '5 s' then
                raise exception using errcode = 'AN004', message = 'recorded_at differs from the database''s clock by more than 5 s';
            end if;
            -- What follows within the append was checked by the caller; what it follows on is known only here.
            if event.stream_version = expected[i] + 1 then
                if event.recorded_at <= head.recorded_at then
                    raise exception using errcode = 'AN004', message = 'recorded_at is not later than the stream''s last';
                end if;
                if event.previous_digest <> coalesce(head.digest, decode(repeat('00', 32), 'hex')) then
                    raise exception using errcode = 'AN004', message = 'the first new event is not chained to the stream''s last';
                end if;
            end if;
            insert into store.events (
                event_id, type, schema_version, stream_id, stream_version, programme, actor, actor_organisation,
                responsible_organisation, territory, municipality, purpose, correlation, causation, occurred_on,
                precision, recorded_at, clock, partition_key, previous_digest, data, commitments, commitment, digest
            ) values (
                event.event_id, event.type, event.schema_version, event.stream_id, event.stream_version,
                event.programme, event.actor, event.actor_organisation, event.responsible_organisation,
                event.territory, event.municipality, event.purpose, event.correlation, event.causation,
                event.occurred_on, event.precision, event.recorded_at, event.clock, event.partition_key,
                event.previous_digest, event.data, event.commitments, event.commitment, event.digest
            ) returning position into stored;
            insert into store.outbox (position) values (stored);
            next := next + 1;
        end loop;
    end loop;

    if cardinality(sealed) > 0 then
        insert into store.sealed (event_id, key_id, ciphertext) select * from unnest(append.sealed);
    end if;
    if cardinality(timers) > 0 then
        insert into store.timer (timer_id, kind, stream_id, due_at, clock) select * from unnest(append.timers)
        on conflict do nothing;
    end if;
    if cardinality(settled) > 0 then
        update store.timer t set settled_at = moment where t.timer_id = any (settled) and t.settled_at is null;
    end if;
end $$;

select migrating.grant_function(p.oid::regprocedure) from pg_proc p
where p.pronamespace = 'store'::regnamespace and p.proname = 'append';
