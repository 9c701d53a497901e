-- Keys are for the machinery, which opens what the fence let through; nobody is answered out of this database.
select migrating.fence('intake.key');
select migrating.fence('pathways.key');
select migrating.fence('tutors.key');
select migrating.fence('reporting.key');
select migrating.fence('intake.retired_kek');
select migrating.fence('pathways.retired_kek');
select migrating.fence('tutors.retired_kek');
select migrating.fence('reporting.retired_kek');
select migrating.fence('intake.erased');
select migrating.fence('pathways.erased');
select migrating.fence('tutors.erased');
select migrating.fence('reporting.erased');
select migrating.fence('intake.erased_key');
select migrating.fence('pathways.erased_key');
select migrating.fence('tutors.erased_key');
select migrating.fence('reporting.erased_key');

-- A restore asks for rows with row-level security off, which its owner may not where it is forced: what refuses looks with it on.
do $$
declare
    refusing regprocedure;
begin
    for refusing in
        select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = any (array['intake', 'pathways', 'tutors', 'reporting']) and p.prosecdef and p.prorettype = 'trigger'::regtype
    loop
        execute format('alter function %s set row_security = on', refusing);
    end loop;
end $$;
