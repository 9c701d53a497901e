-- The rows of the service's own list. What a column means is said in services/pathways/projections/.
select migrating.open_schema('read_model');

create table read_model.pathway_list (
    build smallint not null,
    pathway_id uuid not null,
    beneficiary_id uuid not null,
    episode bigint not null,
    organisation text collate "C" not null,
    territory text collate "C" not null,
    municipality text collate "C",
    opened_on date not null,
    status text collate "C" not null,
    plan text collate "C" not null,
    review_due date,
    review_overdue boolean not null,
    milestones bigint not null,
    tutors bigint not null,
    contact_lost boolean not null,
    primary key (build, pathway_id)
);
create index on read_model.pathway_list (build, organisation, pathway_id);
create index on read_model.pathway_list (build, beneficiary_id, pathway_id);
select migrating.grant_table('read_model.pathway_list', 'select, insert, update, delete');
