-- The lead partner follows every organisation's budget lines, which name nobody; and, in clear alone, a pathway whose plan awaits a
-- confirmation that its team could not give: asked of the pathway's own stream, and over once the plan is agreed or declined.
create or replace function store.followed(stream text) returns boolean stable language sql
security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(fence.told('role') = 'lead-partner', false) and (
        stream like 'budget-%'
        or stream like 'pathway-%' and coalesce((
            select e.type = 'pathways.plan_accepted' from store.events e
            where e.stream_id = stream and e.type = any (array[
                'pathways.plan_accepted', 'pathways.plan_agreed', 'pathways.plan_declined', 'pathways.pathway_closed'
            ])
            order by e.stream_version desc limit 1
        ), false)
    )
$$;
