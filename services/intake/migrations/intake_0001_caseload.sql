-- Intake's own lists. The runner writes, queries read; nobody is named in them.
select migrating.open_schema('read_model');

CREATE TABLE read_model.caseload (
    build smallint NOT NULL,
    "beneficiary_id" uuid NOT NULL,
    "organisation" text COLLATE "C" NOT NULL,
    "status" text COLLATE "C" NOT NULL,
    "episode" bigint NOT NULL,
    "territory" text COLLATE "C",
    "municipality" text COLLATE "C",
    "programmes" jsonb NOT NULL,
    "current" jsonb NOT NULL,
    "last_occurred_on" date NOT NULL,
    "version" bigint NOT NULL,
    PRIMARY KEY (build, "beneficiary_id")
);

CREATE INDEX caseload_by_organisation ON read_model.caseload (build, organisation, beneficiary_id);

select migrating.grant_table('read_model.caseload', 'select, insert, update, delete');
