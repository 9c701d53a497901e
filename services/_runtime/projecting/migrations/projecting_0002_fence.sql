-- Builds and their positions are nobody's: whoever reads a list reads them.
select migrating.open_schema('projecting');
select migrating.open_schema('read_model');
select migrating.fence('projecting.model', 'true');
select migrating.fence('projecting.build', 'true');
