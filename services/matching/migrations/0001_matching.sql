-- What matching keeps: programmes' posts, referrals with their link worker or their place in the queue, the directory
-- with its capacity, and offers. Nothing here names a person.

CREATE TABLE programme (
    id         text PRIMARY KEY,
    mode       text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- A link worker's post. One that a programme no longer has stays, because referrals refer to it, but takes nothing new.
CREATE TABLE post (
    programme      text NOT NULL REFERENCES programme (id),
    link_worker    text NOT NULL,
    caseload_limit integer NOT NULL CHECK (caseload_limit >= 0),
    active         boolean NOT NULL,
    PRIMARY KEY (programme, link_worker)
);

CREATE TABLE post_practice (
    programme   text NOT NULL,
    link_worker text NOT NULL,
    practice    text NOT NULL,
    PRIMARY KEY (programme, practice, link_worker),
    FOREIGN KEY (programme, link_worker) REFERENCES post (programme, link_worker)
);

-- A referral, from acceptance to the end of its case. *announced* is one of which only a refusal or a revocation has
-- arrived; what stops a referral never waits for what began it. The queue's order is `turn_at`: the time of acceptance
-- less a head start for urgency, so that the urgent come first and nobody waits for ever.
CREATE TABLE referral (
    id            uuid PRIMARY KEY,
    programme     text NOT NULL,
    state         text NOT NULL CHECK (state IN ('announced', 'waiting', 'assigned', 'ended')),
    practice      text,
    person        uuid,
    needs         text[],
    age           smallint,
    place         jsonb,
    preferences   jsonb,
    sharing       text NOT NULL DEFAULT 'ask',
    refused       text[] NOT NULL DEFAULT '{}',
    accepted_at   timestamptz,
    turn_at       timestamptz,
    try_again_at  timestamptz,
    try_rule      text,
    attempts      integer NOT NULL DEFAULT 0,
    link_worker   text,
    assigned_at   timestamptz,
    ended_at      timestamptz,
    end_reason    text,
    withdrawn     boolean NOT NULL DEFAULT false,
    CHECK (state <> 'assigned' OR (link_worker IS NOT NULL AND assigned_at IS NOT NULL)),
    CHECK (state <> 'waiting' OR (practice IS NOT NULL AND turn_at IS NOT NULL AND link_worker IS NULL)),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX referral_caseload ON referral (programme, link_worker) WHERE state = 'assigned';
CREATE INDEX referral_queue ON referral (programme, practice, turn_at, id) WHERE state = 'waiting';
CREATE INDEX referral_due ON referral (try_again_at) WHERE state = 'waiting';
CREATE INDEX referral_of_person ON referral (programme, person, assigned_at) WHERE link_worker IS NOT NULL;

-- One row: the directory's version, moved only by a change.
CREATE TABLE directory (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    version    bigint NOT NULL,
    changed_at timestamptz NOT NULL
);
INSERT INTO directory (version, changed_at) VALUES (0, now());

CREATE TABLE organisation (
    id   text PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE service (
    id                text PRIMARY KEY,
    organisation      text NOT NULL REFERENCES organisation (id),
    name              text NOT NULL,
    status            text NOT NULL
        CHECK (status IN ('active', 'temporarily-closed', 'inactive', 'defunct', 'unknown')),
    description       text NOT NULL,
    url               text,
    email             text,
    phone             text,
    fees              text,
    costs             text,
    alert             text,
    eligibility       text,
    minimum_age       smallint,
    maximum_age       smallint,
    needs             text[] NOT NULL,
    formats           text[] NOT NULL,
    access            text[] NOT NULL,
    languages         text[] NOT NULL,
    checked_on        date,
    source            text NOT NULL,
    changed_version   bigint NOT NULL
);
CREATE INDEX service_changed ON service (changed_version);
CREATE INDEX service_organisation ON service (organisation);

CREATE TABLE service_area (
    service   text NOT NULL REFERENCES service (id),
    n         integer NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('gss', 'outward', 'circle', 'words')),
    code      text,
    latitude  double precision,
    longitude double precision,
    radius_km double precision,
    name      text NOT NULL,
    PRIMARY KEY (service, n)
);

CREATE TABLE site (
    service   text NOT NULL REFERENCES service (id),
    n         integer NOT NULL,
    name      text NOT NULL,
    postcode  text,
    latitude  double precision,
    longitude double precision,
    PRIMARY KEY (service, n)
);

CREATE TABLE schedule (
    service     text NOT NULL REFERENCES service (id),
    n           integer NOT NULL,
    days        text,
    opens_at    text,
    closes_at   text,
    description text NOT NULL,
    PRIMARY KEY (service, n)
);

-- Places that an organisation said are free, and when it counted. Whoever takes a place locks this row and then counts
-- the offers that hold or use one, so there is no counter that could drift.
CREATE TABLE service_capacity (
    service    text PRIMARY KEY REFERENCES service (id),
    places     integer CHECK (places >= 0),
    counted_at timestamptz
);

-- A record of a source that could not be loaded, and why; its text is not kept.
CREATE TABLE quarantine (
    source   text NOT NULL,
    record   text NOT NULL,
    reason   text NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, record)
);

-- A choice of the person's, and the offer that it becomes when it is its turn.
CREATE TABLE offer (
    id           uuid PRIMARY KEY,
    referral     uuid NOT NULL REFERENCES referral (id),
    programme    text NOT NULL,
    need         text NOT NULL,
    ranking      integer NOT NULL,
    rank         integer NOT NULL CHECK (rank >= 1),
    service      text NOT NULL,
    organisation text NOT NULL,
    share        text[] NOT NULL,
    state        text NOT NULL CHECK (state IN
        ('chosen', 'passed-over', 'refused', 'open', 'accepted', 'declined', 'expired', 'ended')),
    place        text CHECK (place IN ('held', 'used')),
    chosen_at    timestamptz NOT NULL DEFAULT now(),
    made_at      timestamptz,
    respond_by   timestamptz,
    respond_rule text,
    settled_at   timestamptz,
    reason       text,
    CHECK ((state = 'open') = (place IS NOT DISTINCT FROM 'held')),
    CHECK (place IS DISTINCT FROM 'used' OR state = 'accepted'),
    CHECK (state <> 'open' OR (made_at IS NOT NULL AND respond_by IS NOT NULL AND respond_rule IS NOT NULL)),
    UNIQUE (referral, ranking, need, rank)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX offer_one_open ON offer (referral, need) WHERE state = 'open';
CREATE INDEX offer_places ON offer (service) WHERE place IS NOT NULL;
CREATE INDEX offer_due ON offer (respond_by) WHERE state = 'open';
