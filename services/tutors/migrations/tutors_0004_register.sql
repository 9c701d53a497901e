-- Who follows which tutor, and who is away. What a column means is said in services/tutors/projections/.
create table read_model.supervised_tutors (
    build smallint not null,
    tutor_id uuid not null,
    organisation text collate "C" not null,
    supervisor text collate "C" not null,
    regular text collate "C" not null,
    since date not null,
    reason text collate "C" not null,
    primary key (build, tutor_id)
);
create index on read_model.supervised_tutors (build, organisation, tutor_id);
select migrating.grant_table('read_model.supervised_tutors', 'select, insert, update, delete');

create table read_model.supervisor_absences (
    build smallint not null,
    absence_id uuid not null,
    organisation text collate "C" not null,
    supervisor text collate "C" not null,
    substitute text collate "C" not null,
    absent_from date not null,
    absent_until date not null,
    primary key (build, absence_id)
);
create index on read_model.supervisor_absences (build, organisation, absent_from, absence_id);
select migrating.grant_table('read_model.supervisor_absences', 'select, insert, update, delete');

select migrating.fence('read_model.supervised_tutors', $$
    organisation = (select fence.told('organisation'))
$$);
select migrating.fence('read_model.supervisor_absences', $$
    organisation = (select fence.told('organisation'))
$$);
