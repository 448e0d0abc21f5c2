-- Signposting: how often which need was asked for where, and lists of services that practices keep. Nothing here says
-- who asked, or in which words.

-- `need` is the need of the vocabulary that came nearest, empty where none did; `outward` is empty where none was told.
CREATE TABLE signposting_count (
    day        date NOT NULL,
    outward    text NOT NULL,
    need       text NOT NULL,
    asked      integer NOT NULL CHECK (asked > 0),
    unanswered integer NOT NULL CHECK (unanswered BETWEEN 0 AND asked),
    PRIMARY KEY (day, outward, need)
);

-- A list is read by its address and changed by whoever has its key, of which only the digest is kept.
CREATE TABLE shortlist (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    key_digest bytea NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX shortlist_made ON shortlist (made_at);

CREATE TABLE shortlist_entry (
    shortlist text NOT NULL REFERENCES shortlist (id) ON DELETE CASCADE,
    service   text NOT NULL REFERENCES service (id),
    rank      integer NOT NULL,
    PRIMARY KEY (shortlist, service)
);
