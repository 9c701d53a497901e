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
