-- Who is signed in to the page. Unlogged, and in no backup, as all of `private`: a restore revives no session that had ended, and after a
-- crash everybody signs in again. Only digests of secrets are kept: who reads this table can be nobody.
select migrating.open_schema('private');

create unlogged table private.session (
    digest bytea primary key check (octet_length(digest) = 32),
    replaced bytea unique check (octet_length(replaced) = 32),
    sub text not null,
    organisation text not null,
    role text not null,
    purpose text not null,
    person uuid,
    authenticated_at timestamptz,
    began timestamptz not null,
    renewed timestamptz not null,
    seen timestamptz not null,
    issuer_session text
);
create index session_by_sub on private.session (sub);
create index session_by_issuer_session on private.session (issuer_session);

select migrating.grant_table('private.session', 'select, insert, update, delete');
select migrating.fence('private.session');
