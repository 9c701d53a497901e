-- A list is its organisation's, and a municipality's where its own persons are in it: by ISTAT code, never by province.
select migrating.fence('read_model.caseload', $$
    organisation = (select fence.told('organisation')) and (select fence.told('role') is distinct from 'municipality')
    or municipality = (select fence.told('municipality')) and (select fence.told('role') = 'municipality')
$$);
create index caseload_by_municipality on read_model.caseload (build, municipality, beneficiary_id);
