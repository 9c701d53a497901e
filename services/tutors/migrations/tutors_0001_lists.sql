-- The rows of the service's own lists. What a column means is said in services/tutors/projections/.
select migrating.open_schema('read_model');

create table read_model.tutors (
    build smallint not null,
    tutor_id uuid not null,
    organisation text collate "C" not null,
    territory text collate "C" not null,
    kind text collate "C" not null,
    status text collate "C" not null,
    capacity bigint not null,
    taken bigint not null,
    available boolean not null,
    interviewed boolean not null,
    trainings bigint not null,
    vetting_valid_until date,
    insured_until date,
    approval_valid_until date,
    primary key (build, tutor_id)
);
create index on read_model.tutors (build, organisation, tutor_id);
select migrating.grant_table('read_model.tutors', 'select, insert, update, delete');

create table read_model.tutor_requests (
    build smallint not null,
    request_id uuid not null,
    beneficiary_id uuid not null,
    pathway_id uuid not null,
    episode bigint not null,
    organisation text collate "C" not null,
    territory text collate "C" not null,
    municipality text collate "C",
    status text collate "C" not null,
    since date not null,
    assignment_id uuid,
    tutor_id uuid,
    primary key (build, request_id)
);
create index on read_model.tutor_requests (build, organisation, status, since, request_id);
select migrating.grant_table('read_model.tutor_requests', 'select, insert, update, delete');

create table read_model.assignments (
    build smallint not null,
    assignment_id uuid not null,
    request_id uuid not null,
    tutor_id uuid not null,
    beneficiary_id uuid not null,
    pathway_id uuid not null,
    organisation text collate "C" not null,
    territory text collate "C" not null,
    municipality text collate "C",
    status text collate "C" not null,
    starts_on date not null,
    ended_on date,
    meetings jsonb not null,
    connections bigint not null,
    silent_since date,
    primary key (build, assignment_id)
);
create index on read_model.assignments (build, organisation, assignment_id);
create index on read_model.assignments (build, beneficiary_id);
create index on read_model.assignments (build, tutor_id);
select migrating.grant_table('read_model.assignments', 'select, insert, update, delete');
