alter table read_model.pathway_list add column goes_on_under uuid;
