-- As before, unless one of both organisations took its agreement back: a later fact of the same reference says so, in clear.
create or replace function store.compared(stream text) returns boolean stable language sql as $$
    select fence.told('through') = 'compared' and fence.told('role') in ('case-worker', 'team-coordinator') and exists (
        select from store.events a
        where a.stream_id = stream and a.type = 'intake.duplicate_comparison_agreed'
            and convert_from(a.data, 'UTF8')::jsonb ->> 'organisation' = fence.told('organisation')
            and fence.told('day')::date <= (convert_from(a.data, 'UTF8')::jsonb ->> 'shown_until')::date
            and not exists (
                select from store.events d
                where d.stream_id = stream and d.type = 'intake.duplicate_comparison_declined' and d.stream_version > a.stream_version
                    and convert_from(d.data, 'UTF8')::jsonb ->> 'reference' = convert_from(a.data, 'UTF8')::jsonb ->> 'reference'
            )
    )
$$;
