-- What is remembered before anybody has asked is no request yet, and in no list.
alter table read_model.tutor_requests add column goes_on_under uuid, add column asked boolean not null default true;
