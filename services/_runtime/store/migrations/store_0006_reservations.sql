-- Reservations: a value that one stream alone may hold, such as a codice fiscale, kept as an HMAC whose key lies outside the database.
-- append takes it with the events that record it, in the same transaction: of two that want it at once, one is stored. Further error:
-- AN005 another stream holds the value; the detail is its kind.

create table store.reservation (
    kind text not null,
    value bytea not null check (octet_length(value) = 32),
    stream_id text not null,
    primary key (kind, value),
    constraint reservation_once unique (kind, stream_id)
);
comment on table store.reservation is 'Values that are unique in the service, as HMACs, and the stream that holds each: at most one of a kind.';

create type store.new_reservation as (kind text, value bytea, stream_id text);

drop function store.append(text[], bigint[], store.new_event[], store.new_sealed[], store.new_request[], store.new_delivery[],
                           store.new_timer[], uuid[]);

create function store.append(
    -- Everything in the order of its key, so that two appends over the same rows never wait for each other crosswise; `events` in
    -- the order of their streams and versions. Null where there is none of a kind.
    streams text[],
    expected bigint[],
    events store.new_event[],
    sealed store.new_sealed[],
    requests store.new_request[],
    deliveries store.new_delivery[],
    timers store.new_timer[],
    settled uuid[],
    -- What a stream holds of a kind from now on, instead of what it held; a null value gives it back.
    reservations store.new_reservation[]
) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    moment timestamptz := clock_timestamp();
    added integer;
    found_events bigint;
    stale boolean;
    demonstration boolean;
    skewed boolean;
    earlier boolean;
    unchained boolean;
    wanted integer;
    taken text;
begin
    if requests is not null then
        insert into store.request (client, key, body_hmac, streams, after, up_to)
        select r.client, r.key, r.body_hmac, r.streams, r.after, r.up_to from unnest(append.requests) r
        on conflict do nothing;
        get diagnostics added = row_count;
        if added < cardinality(requests) then
            raise exception using errcode = 'AN001', message = 'the idempotency key was used before';
        end if;
    end if;

    if deliveries is not null then
        insert into store.inbox (consumer, event_id, refused)
        select d.consumer, d.event_id, d.refused from unnest(append.deliveries) d
        on conflict do nothing;
        get diagnostics added = row_count;
        if added < cardinality(deliveries) then
            raise exception using errcode = 'AN002', message = 'this consumer handled this event before';
        end if;
    end if;

    -- What follows within an append was checked by the caller; what it follows on is known only here. Uniqueness alone would accept
    -- version 8 after 4.
    select count(e.event_id),
        bool_or(s.expected <> coalesce(head.stream_version, 0)),
        bool_or(e.clock = 'demonstration'),
        bool_or(e.clock <> 'demonstration' and e.recorded_at not between moment - interval '5 s' and moment + interval '5 s'),
        bool_or(e.stream_version = s.expected + 1 and e.recorded_at <= head.recorded_at),
        bool_or(e.stream_version = s.expected + 1 and e.previous_digest <> coalesce(head.digest, decode(repeat('00', 32), 'hex')))
    into found_events, stale, demonstration, skewed, earlier, unchained
    from unnest(append.streams, append.expected) s (stream_id, expected)
    left join lateral (
        select h.stream_version, h.recorded_at, h.digest
        from store.events h where h.stream_id = s.stream_id order by h.stream_version desc limit 1
    ) head on true
    left join unnest(append.events) e on e.stream_id = s.stream_id;

    if stale then
        raise exception using errcode = 'AN003', message = 'a stream is not at the expected version';
    elsif demonstration and not (select p.demonstration from store.policy p) then
        raise exception using errcode = 'AN004', message = 'the demonstration clock is not allowed here';
    elsif skewed then
        raise exception using errcode = 'AN004', message = 'recorded_at differs from the database''s clock by more than 5 s';
    elsif earlier then
        raise exception using errcode = 'AN004', message = 'recorded_at is not later than the stream''s last';
    elsif unchained then
        raise exception using errcode = 'AN004', message = 'the first new event is not chained to the stream''s last';
    elsif found_events <> coalesce(cardinality(events), 0) then
        raise exception using errcode = 'AN004', message = 'an event is of none of the streams';
    end if;

    if events is not null then
        with stored as (
            insert into store.events (
                event_id, type, schema_version, stream_id, stream_version, programme, actor, actor_organisation,
                responsible_organisation, territory, municipality, purpose, correlation, causation, occurred_on,
                precision, recorded_at, clock, partition_key, previous_digest, data, commitments, commitment, digest
            )
            select
                e.event_id, e.type, e.schema_version, e.stream_id, e.stream_version, e.programme, e.actor, e.actor_organisation,
                e.responsible_organisation, e.territory, e.municipality, e.purpose, e.correlation, e.causation, e.occurred_on,
                e.precision, e.recorded_at, e.clock, e.partition_key, e.previous_digest, e.data, e.commitments, e.commitment, e.digest
            from unnest(append.events) with ordinality e
            -- The order of positions within a stream is that of its versions.
            order by e.ordinality
            returning position
        )
        insert into store.outbox (position) select s.position from stored s;
    end if;

    if reservations is not null then
        delete from store.reservation r using unnest(append.reservations) c where r.kind = c.kind and r.stream_id = c.stream_id;
        insert into store.reservation (kind, value, stream_id)
        select c.kind, c.value, c.stream_id from unnest(append.reservations) c where c.value is not null order by c.kind, c.value
        on conflict do nothing;
        get diagnostics added = row_count;
        select count(*) filter (where c.value is not null), min(c.kind) filter (where r.stream_id <> c.stream_id) into wanted, taken
        from unnest(append.reservations) c left join store.reservation r on r.kind = c.kind and r.value = c.value;
        if added < wanted then
            raise exception using errcode = 'AN005', message = 'another stream holds the value', detail = coalesce(taken, '');
        end if;
    end if;

    if sealed is not null then
        insert into store.sealed (event_id, key_id, ciphertext) select p.event_id, p.key_id, p.ciphertext from unnest(append.sealed) p;
    end if;
    if timers is not null then
        insert into store.timer (timer_id, kind, stream_id, due_at, clock)
        select t.timer_id, t.kind, t.stream_id, t.due_at, t.clock from unnest(append.timers) t
        on conflict do nothing;
    end if;
    if settled is not null then
        update store.timer t set settled_at = moment where t.timer_id = any (settled) and t.settled_at is null;
    end if;
end $$;

select migrating.grant_function(p.oid::regprocedure) from pg_proc p
where p.pronamespace = 'store'::regnamespace and p.proname = 'append';

-- Give back everything that a stream holds, without an event: for whoever makes its person unreadable. Returns how many values.
create function store.release_reservations(stream text) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    with released as (delete from store.reservation r where r.stream_id = stream returning 1) select count(*) from released;
$$;

select migrating.grant_table('store.reservation', 'select');
select migrating.grant_function('store.release_reservations(text)');
