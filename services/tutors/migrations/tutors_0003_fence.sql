-- A list is its organisation's.
select migrating.fence('read_model.tutors', $$
    organisation = (select fence.told('organisation'))
$$);
select migrating.fence('read_model.tutor_requests', $$
    organisation = (select fence.told('organisation'))
$$);
select migrating.fence('read_model.assignments', $$
    organisation = (select fence.told('organisation'))
$$);
