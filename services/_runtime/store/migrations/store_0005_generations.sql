-- A store that was restored from a backup takes back what the world has seen of it, and begins a new generation of its feed.
-- Both are the owner's to do, while nobody sequences: no function here is granted to the application.

alter table store.generation add column last_position bigint check (last_position >= 0);
comment on column store.generation.last_position is
    'Where this generation ended; null for the present one. What lies beyond was fed by a restored store that did not know what the '
    'world had seen there: it is fed again in the generation after it.';

create table store.adopted (
    position bigint primary key
);
comment on table store.adopted is
    'Events that came back from the journal: their bytes and digests are whole, but ciphertexts and commitments were never outside.';
create trigger unalterable before update or delete or truncate on store.adopted
    for each statement execute function store.refuse_change();
alter table store.adopted enable always trigger unalterable;

alter table store.relay add column topic_id text;
comment on column store.relay.topic_id is 'The topic that the cursor speaks of: one created again has another id, and begins anew.';

-- Give `events`, which the world has seen at feed positions first, first + 1 and so on of `life`, their places in events and feed.
-- Returns which of them the store did not hold. AN030: they do not follow on what the store holds.
create function store.adopt(life integer, first bigint, events store.new_event[], links bytea[]) returns uuid[]
language plpgsql set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    link bytea;
    event store.new_event;
    held record;
    head record;
    place bigint;
    missing uuid[] := '{}';
begin
    if life <> (select max(g.generation) from store.generation g)
        or first <> 1 + (select coalesce(max(f.feed_position), 0) from store.feed f where f.generation = life) then
        raise exception using errcode = 'AN030', message = 'the feed does not end where these events begin';
    end if;
    select f.chain into link from store.feed f where f.generation = life and f.feed_position = first - 1;
    link := coalesce(link, decode(repeat('00', 32), 'hex'));

    for i in 1 .. cardinality(events) loop
        event := events[i];
        select e.position, e.digest into held from store.events e where e.event_id = event.event_id;
        if found then
            -- The backup holds it, not yet sequenced.
            delete from store.outbox o where o.position = held.position;
            if not found or held.digest <> event.digest then
                raise exception using errcode = 'AN030', message = format('event %s is held with another place or digest', event.event_id);
            end if;
            place := held.position;
        else
            select e.stream_version, e.digest into head
            from store.events e where e.stream_id = event.stream_id order by e.stream_version desc limit 1;
            if event.stream_version <> coalesce(head.stream_version, 0) + 1
                or event.previous_digest <> coalesce(head.digest, decode(repeat('00', 32), 'hex')) then
                raise exception using errcode = 'AN030', message = format('event %s does not follow on its stream', event.event_id);
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
                event.previous_digest, event.data, '', event.commitment, event.digest
            ) returning position into place;
            insert into store.adopted (position) values (place);
            missing := missing || event.event_id;
        end if;
        link := sha256(link || int8send(life::bigint) || int8send(first + i - 1) || event.digest);
        if link <> links[i] then
            raise exception using errcode = 'AN030', message = format('feed position %s is not chained as it was seen', first + i - 1);
        end if;
        insert into store.feed (generation, feed_position, position, chain) values (life, first + i - 1, place, link);
    end loop;
    return missing;
end $$;
revoke execute on function store.adopt(integer, bigint, store.new_event[], bytea[]) from public;

-- End the present generation at `ends`, and begin the next one with what was fed beyond that; returns the next one.
create function store.open_generation(why text, ends bigint) returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    past integer := (select max(g.generation) from store.generation g);
    link bytea := decode(repeat('00', 32), 'hex');
    place bigint := 0;
    event record;
begin
    update store.generation g set last_position = ends where g.generation = past;
    insert into store.generation (generation, reason) values (past + 1, why);
    for event in
        select f.position, e.digest from store.feed f join store.events e using (position)
        where f.generation = past and f.feed_position > ends order by f.feed_position
    loop
        place := place + 1;
        link := sha256(link || int8send(past::bigint + 1) || int8send(place) || event.digest);
        insert into store.feed (generation, feed_position, position, chain) values (past + 1, place, event.position, link);
    end loop;
    return past + 1;
end $$;
revoke execute on function store.open_generation(text, bigint) from public;

select migrating.grant_table('store.adopted', 'select');
