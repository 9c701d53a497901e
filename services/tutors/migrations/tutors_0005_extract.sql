-- Extracts of the register speak up to one position of the feed, dense over all generations as it is for the lists. What a restored
-- store had fed beyond the end of a generation counts where it is fed again. These look for whoever answers, and tell nobody's name.
create function read_model.fed_at(place bigint)
returns table (generation integer, feed_position bigint, chain bytea, recorded_at timestamptz) stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    with lives as (
        select g.generation, g.last_position,
            coalesce(sum(g.last_position) over (order by g.generation rows between unbounded preceding and 1 preceding), 0) as before
        from store.generation g
    )
    select f.generation, f.feed_position, f.chain, e.recorded_at
    from lives l join store.feed f on f.generation = l.generation and f.feed_position = place - l.before
    join store.events e using (position)
    where place > l.before and (l.last_position is null or f.feed_position <= l.last_position)
$$;

-- The tutors of the caller's organisation with the version that each one's stream had at that position, and where they entered.
create function read_model.register_heads(place bigint)
returns table (tutor_id uuid, version bigint, entry numeric) stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    with lives as (
        select g.generation, g.last_position,
            coalesce(sum(g.last_position) over (order by g.generation rows between unbounded preceding and 1 preceding), 0) as before
        from store.generation g
    )
    select t.tutor_id, max(e.stream_version)::bigint, min(l.before + f.feed_position)
    from read_model.tutors t
    join projecting.model m on m.name = 'tutors' and m.active_build = t.build
    join store.events e on e.stream_id = 'tutor-' || t.tutor_id
    join store.feed f using (position)
    join lives l on l.generation = f.generation and (l.last_position is null or f.feed_position <= l.last_position)
    where t.organisation = fence.told('organisation') and l.before + f.feed_position <= place
    group by t.tutor_id
$$;
select migrating.grant_function('read_model.fed_at(bigint)');
select migrating.grant_function('read_model.register_heads(bigint)');
do $$ begin
    execute format(
        'grant execute on function read_model.fed_at(bigint), read_model.register_heads(bigint) to %I', current_setting('ancora.answers_role')
    );
end $$;
