-- Where listings come from: sources and their fetches, each source's own record beside the listing that is made of them,
-- which records are one service, and what people here added, corrected, confirmed and reported. Who did it is an opaque
-- name; nothing here names a person whom somebody spoke to.

-- A directory that listings come from. `trouble` is why the last try came to nothing.
CREATE TABLE source (
    name         text PRIMARY KEY,
    priority     integer NOT NULL DEFAULT 0,
    snapshots    integer NOT NULL DEFAULT 0,
    due_at       timestamptz,
    tried_at     timestamptz,
    completed_at timestamptz,
    trouble      text
);

-- A fetch keeps its pages as they arrive, so that one that was cut goes on where it was.
CREATE TABLE source_fetch (
    id         uuid PRIMARY KEY,
    source     text NOT NULL,
    pass       smallint NOT NULL DEFAULT 1,
    state      text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'applied', 'short', 'abandoned')),
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX fetch_one_running ON source_fetch (source) WHERE state = 'running';

CREATE TABLE fetch_page (
    fetch_id uuid NOT NULL REFERENCES source_fetch (id) ON DELETE CASCADE,
    pass     smallint NOT NULL,
    number   integer NOT NULL CHECK (number >= 1),
    body     bytea NOT NULL,
    PRIMARY KEY (fetch_id, pass, number)
);

-- The full record of one service, where the pages hold short ones; an empty body is one that the source does not have.
CREATE TABLE fetch_service (
    fetch_id  uuid NOT NULL REFERENCES source_fetch (id) ON DELETE CASCADE,
    source_id text NOT NULL,
    body      bytea NOT NULL,
    PRIMARY KEY (fetch_id, source_id)
);

-- What one source says of a service. `record` is the source's id as a slug, `own` the id of the listing that it makes
-- alone, `service` the one that it is part of. `traits` are what the same service is known by elsewhere; `missed` counts complete snapshots without it.
CREATE TABLE source_record (
    source        text NOT NULL,
    record        text NOT NULL,
    own           text NOT NULL UNIQUE,
    service       text NOT NULL,
    digest        text NOT NULL,
    read          jsonb NOT NULL,
    traits        jsonb NOT NULL,
    first_seen    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now(),
    last_seen     timestamptz NOT NULL DEFAULT now(),
    missed        integer NOT NULL DEFAULT 0,
    missing_since timestamptz,
    PRIMARY KEY (source, record),
    CHECK ((missed = 0) = (missing_since IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX source_record_service ON source_record (service);
CREATE INDEX source_record_words ON source_record USING gin ((traits -> 'name'));

-- Which organisation of ours a source means by an id of its own; two sources may use one id for two organisations.
CREATE TABLE source_organisation (
    source       text NOT NULL,
    record       text NOT NULL,
    organisation text NOT NULL,
    PRIMARY KEY (source, record)
);
CREATE INDEX source_organisation_of ON source_organisation (organisation);

-- Two records that may be one service: found in doubt, or settled by a person.
CREATE TABLE pairing (
    one     text NOT NULL REFERENCES source_record (own),
    other   text NOT NULL REFERENCES source_record (own),
    state   text NOT NULL CHECK (state IN ('doubt', 'joined', 'apart')),
    score   double precision,
    reasons text[] NOT NULL DEFAULT '{}',
    by      text,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (one, other),
    CHECK (one < other),
    CHECK ((state = 'doubt') = (by IS NULL))
);
CREATE INDEX pairing_state ON pairing (state, at);

-- Why a listing is not shown although its status says nothing of an end: its sources have not had it for three complete
-- snapshots, or it is one with another listing, `joined_into`.
ALTER TABLE service
    ADD COLUMN unlisted    text CHECK (unlisted IN ('missing', 'joined')),
    ADD COLUMN joined_into text,
    ADD CHECK ((unlisted IS NOT DISTINCT FROM 'joined') = (joined_into IS NOT NULL));

-- What a person here knows better than the sources; laid over the listing until a source says the same.
CREATE TABLE correction (
    service       text NOT NULL,
    field         text NOT NULL,
    value         jsonb NOT NULL,
    by            text NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    note          text NOT NULL DEFAULT '',
    taken_over_at timestamptz,
    PRIMARY KEY (service, field)
);
CREATE INDEX correction_at ON correction (at);

-- Availability beside the places: what an organisation said, when, and until when that holds.
ALTER TABLE service_capacity
    ADD COLUMN state         text NOT NULL DEFAULT 'unknown'
        CHECK (state IN ('open', 'waiting', 'full', 'paused', 'unknown')),
    ADD COLUMN waiting_weeks integer CHECK (waiting_weeks >= 0),
    ADD COLUMN stated_at     timestamptz,
    ADD COLUMN valid_until   timestamptz;
CREATE INDEX service_capacity_lapses ON service_capacity (valid_until) WHERE valid_until IS NOT NULL;

-- How far a listing can be trusted, as it was judged last, and when time alone changes that.
CREATE TABLE service_accuracy (
    service      text PRIMARY KEY REFERENCES service (id),
    level        text NOT NULL CHECK (level IN ('checked', 'unchecked', 'doubtful', 'wrong')),
    reasons      text[] NOT NULL DEFAULT '{}',
    confirmed_on date,
    lowered      boolean NOT NULL DEFAULT false,
    due_at       timestamptz
);
CREATE INDEX service_accuracy_due ON service_accuracy (due_at) WHERE due_at IS NOT NULL;

-- What speaks against a listing. `asked_at` is when its organisation was asked about it, `settled` how it ended.
CREATE TABLE finding (
    id         uuid PRIMARY KEY,
    service    text NOT NULL REFERENCES service (id),
    kind       text NOT NULL CHECK (kind IN
        ('mail-bounced', 'details-wrong', 'reported-closed', 'age-not-verified', 'funding-ended')),
    by         text NOT NULL,
    found_at   timestamptz NOT NULL DEFAULT now(),
    note       text NOT NULL DEFAULT '',
    asked_at   timestamptz,
    settled    text CHECK (settled IN ('confirmed', 'corrected', 'withdrawn')),
    settled_at timestamptz,
    CHECK ((settled IS NULL) = (settled_at IS NULL))
);
CREATE UNIQUE INDEX finding_open ON finding (service, kind) WHERE settled IS NULL;
CREATE INDEX finding_to_ask ON finding (found_at) WHERE settled IS NULL AND asked_at IS NULL;

-- When a service's funding ends, and whom nobody has to ask again because it was dealt with.
CREATE TABLE funding (
    service  text PRIMARY KEY REFERENCES service (id),
    ends_on  date NOT NULL,
    by       text NOT NULL,
    set_at   timestamptz NOT NULL DEFAULT now(),
    done_at  timestamptz
);
CREATE INDEX funding_ends ON funding (ends_on) WHERE done_at IS NULL;

-- A visit to an organisation or a word with it; with whom one spoke is not kept.
CREATE TABLE organisation_contact (
    id           uuid PRIMARY KEY,
    organisation text NOT NULL,
    service      text,
    kind         text NOT NULL CHECK (kind IN ('phone', 'visit', 'meeting', 'message')),
    held_on      date NOT NULL,
    by           text NOT NULL,
    told_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX organisation_contact_of ON organisation_contact (organisation, held_on);
