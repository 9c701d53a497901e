-- The transfers: of each person the latest. The runner writes, queries read; nobody is named in it.
CREATE TABLE read_model.transfers (
    build smallint NOT NULL,
    "beneficiary_id" uuid NOT NULL,
    "transfer_id" uuid NOT NULL,
    "organisation" text COLLATE "C" NOT NULL,
    "receiver" text COLLATE "C" NOT NULL,
    "territory" text COLLATE "C" NOT NULL,
    "status" text COLLATE "C" NOT NULL,
    "requested_on" date NOT NULL,
    "lapses_on" date NOT NULL,
    "answered_on" date,
    "version" bigint NOT NULL,
    PRIMARY KEY (build, "beneficiary_id")
);

CREATE INDEX transfers_by_organisation ON read_model.transfers (build, organisation, beneficiary_id);
CREATE INDEX transfers_by_receiver ON read_model.transfers (build, receiver, beneficiary_id);

select migrating.grant_table('read_model.transfers', 'select, insert, update, delete');

-- Whoever asked and whoever was asked see that there is a transfer. It opens nothing else: the person's record is reached by the
-- organisation that is responsible, and an answer is decided on the record itself.
select migrating.fence('read_model.transfers', $$
    (organisation = (select fence.told('organisation')) or receiver = (select fence.told('organisation')))
        and (select fence.told('role') is distinct from 'municipality')
$$);
