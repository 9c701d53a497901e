-- Which household somebody belongs to: of the next version of the list, which is built beside this one.
alter table read_model.caseload add column household_id uuid;
create index caseload_by_household on read_model.caseload (build, household_id) where household_id is not null;
