-- The emergency accesses and where their review stands. The runner writes, queries read; nobody is named in it.
CREATE TABLE read_model.emergencies (
    build smallint NOT NULL,
    "emergency_id" uuid NOT NULL,
    "beneficiary_id" uuid NOT NULL,
    "organisation" text COLLATE "C" NOT NULL,
    "opened_by" text COLLATE "C" NOT NULL,
    "ground" text COLLATE "C" NOT NULL,
    "opened_at" timestamptz NOT NULL,
    "until" timestamptz NOT NULL,
    "review_due" timestamptz NOT NULL,
    "review" text COLLATE "C" NOT NULL,
    "outcome" text COLLATE "C",
    "version" bigint NOT NULL,
    PRIMARY KEY (build, "emergency_id")
);

CREATE INDEX emergencies_by_review ON read_model.emergencies (build, review, emergency_id);

select migrating.grant_table('read_model.emergencies', 'select, insert, update, delete');
