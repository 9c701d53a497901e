-- A list is its organisation's.
select migrating.fence('read_model.pathway_list', $$
    organisation = (select fence.told('organisation'))
$$);
