-- As unlogged, fenced and forgotten as the name on the document, and built anew with it: by id, given names and family name.
alter table private.person add column other_names jsonb not null default '{}';
