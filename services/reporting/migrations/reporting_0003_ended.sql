-- A service whose store was restored ends a generation of its feed: what comes of it from beyond that is nobody's.

create table messaging.ended (
    source text not null,
    generation integer not null,
    feed_end bigint not null check (feed_end >= 0),
    primary key (source, generation)
);
comment on table messaging.ended is 'Generations that their services have ended, and the last feed position that counts. Noted by the owner.';

select migrating.grant_table('messaging.ended', 'select');
