-- One schema per service; a service's role sees its own only. Keys lie here wrapped: what opens them is not in the database.

do $$
declare
    service text;
begin
    foreach service in array array['intake', 'pathways', 'tutors', 'reporting'] loop
        execute format('create schema %I', service);
        execute format(
            'create table %I.key (
                key_id uuid primary key,
                subject text not null,
                data_class text not null,
                wrapped_sealing bytea not null,
                wrapped_commitment bytea not null,
                kek_id text not null,
                created_at timestamptz not null default clock_timestamp(),
                unique (subject, data_class)
            )', service);
        execute format('grant usage on schema %I to %I', service, 'ancora_' || service);
        execute format('grant select, insert on %I.key to %I', service, 'ancora_' || service);
    end loop;
end $$;
