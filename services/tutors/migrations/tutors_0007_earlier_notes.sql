-- As in tutors_0006, and the ended assignment of a tutor before them whose notes were opened to one of theirs that runs.
create function store.runs_with(stream text, tutor text) returns boolean stable language sql as $$
    select exists (
        select from store.events e
        where e.stream_id = stream and e.stream_version = 1 and e.type = 'tutors.tutor_assigned'
            and convert_from(e.data, 'UTF8')::jsonb ->> 'tutor_id' = tutor
    )
    and not exists (select from store.events e where e.stream_id = stream and e.type = 'tutors.assignment_ended')
$$;
revoke execute on function store.runs_with(text, text) from public;

create or replace function store.reached_beside(stream text) returns boolean stable language sql as $$
    select coalesce(fence.told('role') = 'tutor' and (
        stream = 'tutor-' || fence.told('person')
        or stream like 'assignment-%' and (
            store.runs_with(stream, fence.told('person'))
            or exists (
                select from store.events e, convert_from(e.data, 'UTF8') told
                where e.stream_id = stream and e.type = 'tutors.earlier_notes_opened'
                    and told::jsonb ->> 'tutor_id' = fence.told('person')
                    and store.runs_with('assignment-' || (told::jsonb ->> 'opened_to'), fence.told('person'))
            )
        )
    ), false)
$$;
