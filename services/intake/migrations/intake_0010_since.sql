-- Since when care goes on: of the next version of the list, which is built beside this one.
alter table read_model.caseload add column in_care_since date;
