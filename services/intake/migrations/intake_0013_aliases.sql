-- A person is found, and compared, by each of their names: the one on the document and others beside it. What lies here is built from the
-- store, so that it is emptied, and built anew in this form, as after a crash.
truncate private.person, private.name_word, private.likeness, private.likeness_key, private.two_persons;
delete from private.progress;
delete from private.likeness_progress;

-- Of which of their names a word is: the person's own id for the name on the document, the other name's id for that one.
alter table private.name_word drop constraint name_word_pkey, add column name_id uuid not null,
    add primary key (organisation, word, beneficiary_id, name_id);
drop index private.name_word_by_person;
create index name_word_by_person on private.name_word (beneficiary_id, name_id);

-- A part of what is known of a person: 'identity', 'tax-code', or the id of another name; and the event in which it is sealed.
alter table private.likeness_key drop column identity;
alter table private.likeness drop column identity, add column part text collate "C" not null, add primary key (beneficiary_id, part);
alter table private.likeness_key add column part text collate "C" not null, add primary key (key, beneficiary_id, part),
    add foreign key (beneficiary_id, part) references private.likeness on delete cascade;
create index likeness_key_by_person on private.likeness_key (beneficiary_id, part);
