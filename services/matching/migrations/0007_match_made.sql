-- What was asked of the directory for a referral, and what it was told: kept for a while, so that an answer can be
-- explained and made again, and other weights tried on what was really asked. Nothing here names a person, how deprived
-- a place is, is not among it, and all of it goes when the person is erased.
--
-- `asked` is needs, age, place, preferences and the day; `taken` the places that offers held at the candidates;
-- `configuration` digests of what else decided; `told` the proposals, what was not found and what was ruled out.
CREATE TABLE match_made (
    n                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    referral          uuid NOT NULL,
    programme         text NOT NULL,
    made_at           timestamptz NOT NULL,
    directory_version bigint NOT NULL,
    asked             jsonb NOT NULL,
    taken             jsonb NOT NULL,
    configuration     jsonb NOT NULL,
    told              jsonb NOT NULL
);
CREATE INDEX match_made_for ON match_made (referral, n);
CREATE INDEX match_made_at ON match_made (made_at);
