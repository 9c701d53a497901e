-- The sequencer gives committed events their feed positions, and who leads it is an epoch that is checked in that very
-- transaction. AN010: another leads.

create table store.leader (
    kind text primary key,
    epoch bigint not null,
    holder text not null,
    backend_pid integer,
    backend_start timestamptz,
    heartbeat_at timestamptz not null
);
comment on table store.leader is 'Who leads each kind of work: the highest epoch. An older epoch''s transactions are refused.';

-- Try to lead; returns the new epoch, or null where another leads and is alive. Runs as the caller, who may end its own
-- role's backends. A leader whose backend is gone is no leader: nothing it could still do passes the check of its epoch.
create function store.lead(work text, who text, silence interval) returns bigint language plpgsql as $$
declare
    held store.leader%rowtype;
    alive boolean;
    won bigint;
begin
    insert into store.leader (kind, epoch, holder, heartbeat_at) values (work, 0, '', '-infinity') on conflict do nothing;
    select * into held from store.leader where kind = work;
    alive := exists (
        select from pg_stat_activity a where a.pid = held.backend_pid and a.backend_start = held.backend_start
    ) and held.backend_pid <> pg_backend_pid();
    if alive and held.heartbeat_at > clock_timestamp() - silence then
        return null;
    end if;
    if alive then
        -- It may hang inside a transaction that holds the row; ended first, it can neither commit nor block us.
        perform pg_terminate_backend(held.backend_pid, 5000);
    end if;
    update store.leader set epoch = epoch + 1, holder = who, backend_pid = pg_backend_pid(), heartbeat_at = clock_timestamp(),
        backend_start = (select a.backend_start from pg_stat_activity a where a.pid = pg_backend_pid())
    where kind = work and epoch = held.epoch
    returning epoch into won;
    return won;
end $$;

-- Refuse unless this epoch leads; until the transaction ends no successor can take over.
create function store.check_leader(work text, mine bigint) returns void language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform 1 from store.leader where kind = work and epoch = mine for share;
    if not found then
        raise exception using errcode = 'AN010', message = format('epoch %s no longer leads %s', mine, work);
    end if;
end $$;

-- Move up to `at_most` events from the outbox into the feed, in the order of their positions; returns how many.
create function store.sequence(mine bigint, at_most integer) returns integer language plpgsql
security definer set search_path = pg_catalog, pg_temp as $$
declare
    present integer;
    head bigint;
    link bytea;
    event record;
    positions bigint[] := '{}';
    links bytea[] := '{}';
begin
    perform store.check_leader('sequence', mine);
    select max(g.generation) into present from store.generation g;
    select f.feed_position, f.chain into head, link
    from store.feed f where f.generation = present order by f.feed_position desc limit 1;
    head := coalesce(head, 0);
    link := coalesce(link, decode(repeat('00', 32), 'hex'));

    for event in
        with taken as (
            delete from store.outbox where position in (select position from store.outbox order by position limit at_most)
            returning position
        )
        select e.position, e.digest from taken join store.events e using (position) order by e.position
    loop
        positions := positions || event.position;
        link := sha256(link || int8send(present::bigint) || int8send(head + cardinality(positions)) || event.digest);
        links := links || link;
    end loop;

    insert into store.feed (generation, feed_position, position, chain)
    select present, head + linked.n, linked.position, linked.chain
    from unnest(positions, links) with ordinality as linked (position, chain, n);
    return cardinality(positions);
end $$;

select migrating.grant_table('store.leader', 'select, insert, update');
select migrating.grant_function('store.lead(text, text, interval)');
select migrating.grant_function('store.check_leader(text, bigint)');
select migrating.grant_function('store.sequence(bigint, integer)');
