-- Casework's own tables. No names and no free text: those are sealed in referral-intake, and `note` is only an id there.

CREATE TABLE cases (
    referral       uuid PRIMARY KEY,
    programme      text NOT NULL,
    practice       text NOT NULL,
    person         uuid,
    state          text NOT NULL DEFAULT 'awaiting'
                   CHECK (state IN ('awaiting', 'open', 'closed', 'withdrawn', 'erased')),
    version        integer NOT NULL DEFAULT 0,
    received_at    timestamptz,
    accepted_at    timestamptz,
    same_person_as uuid,
    urgency        text NOT NULL DEFAULT 'routine',
    nothing_read   boolean NOT NULL DEFAULT false,
    age            smallint,
    council        text,
    outward        text,
    interests      text[] NOT NULL DEFAULT '{}',
    access         text[] NOT NULL DEFAULT '{}',
    language       text,
    company        text,
    sharing        text,
    risk           text[] NOT NULL DEFAULT '{}',
    risk_at        timestamptz,
    link_worker    text,
    opened_at      timestamptz,
    review_at      timestamptz,
    review_rule    text,
    review_told_at timestamptz,
    exhausted      text[] NOT NULL DEFAULT '{}',
    exhausted_at   timestamptz,
    ended_at       timestamptz,
    ended_reason   text,
    CONSTRAINT open_has_owner_and_deadline CHECK (
        state <> 'open' OR (link_worker IS NOT NULL AND review_at IS NOT NULL AND accepted_at IS NOT NULL)
    ),
    CONSTRAINT ended_has_time CHECK ((state IN ('closed', 'withdrawn', 'erased')) = (ended_at IS NOT NULL))
);
CREATE INDEX cases_of_link_worker ON cases (link_worker, state);
CREATE INDEX cases_review ON cases (review_at) WHERE state = 'open';

CREATE TABLE needs (
    referral uuid NOT NULL REFERENCES cases,
    position smallint NOT NULL,
    code     text NOT NULL,
    source   text NOT NULL,
    PRIMARY KEY (referral, code)
);

-- The last word of matching about a referral, as it was published: what fits, and what was missing. Both may be said
-- of one search; `search` is the id of what led to it, so that what belongs together is told from what is over.
CREATE TABLE matches (
    referral   uuid PRIMARY KEY REFERENCES cases,
    search     text NOT NULL,
    proposals  jsonb NOT NULL,
    unmet      text[] NOT NULL,
    nearest    jsonb NOT NULL,
    matched_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE contacts (
    id          uuid PRIMARY KEY,
    referral    uuid NOT NULL REFERENCES cases,
    link_worker text NOT NULL,
    kind        text NOT NULL,
    reached     boolean NOT NULL,
    note        uuid,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contacts_of_referral ON contacts (referral, at);

-- What the person chose, round by round; the round is the case's version when they chose.
CREATE TABLE choices (
    referral          uuid NOT NULL REFERENCES cases,
    round             integer NOT NULL,
    rank              smallint NOT NULL,
    service           text NOT NULL,
    service_name      text NOT NULL,
    organisation      text NOT NULL,
    organisation_name text NOT NULL,
    need              text NOT NULL,
    share             text[] NOT NULL,
    chosen_at         timestamptz NOT NULL DEFAULT now(),
    revoked_at        timestamptz,
    PRIMARY KEY (referral, round, rank)
);

CREATE TABLE offers (
    id                uuid PRIMARY KEY,
    referral          uuid NOT NULL REFERENCES cases,
    service           text NOT NULL,
    service_name      text NOT NULL,
    organisation      text NOT NULL,
    organisation_name text NOT NULL,
    need              text NOT NULL,
    share             text[] NOT NULL,
    choice            smallint NOT NULL,
    respond_by        timestamptz NOT NULL,
    made_at           timestamptz NOT NULL DEFAULT now(),
    expired_at        timestamptz,
    revoked_at        timestamptz
);
CREATE INDEX offers_of_referral ON offers (referral, made_at);

-- One answer an offer. `late`: the offer had expired, or expired while the answer was on its way.
CREATE TABLE answers (
    offer  uuid PRIMARY KEY REFERENCES offers,
    answer text NOT NULL CHECK (answer IN ('accepted', 'declined')),
    reason text,
    late   boolean NOT NULL DEFAULT false,
    at     timestamptz NOT NULL DEFAULT now()
);

-- Choices that matching could not even ask: no place, not agreed, or the listing ended.
CREATE TABLE refusals (
    offer        uuid PRIMARY KEY,
    referral     uuid NOT NULL REFERENCES cases,
    service      text NOT NULL,
    organisation text NOT NULL,
    reason       text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE attendances (
    id       uuid PRIMARY KEY,
    offer    uuid NOT NULL REFERENCES offers,
    attended boolean NOT NULL,
    told_by  text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX attendances_of_offer ON attendances (offer, at);

CREATE TABLE outcomes (
    id       uuid PRIMARY KEY,
    referral uuid NOT NULL REFERENCES cases,
    offer    uuid REFERENCES offers,
    code     text NOT NULL,
    amount   double precision,
    told_by  text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outcomes_of_referral ON outcomes (referral, at);

-- What people did here: its id is the form's, so that a second click is the same act.
CREATE TABLE acts (
    form_id  uuid PRIMARY KEY,
    referral uuid NOT NULL REFERENCES cases,
    actor    text NOT NULL,
    act      text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX acts_of_referral ON acts (referral, at);

-- Who may sign in: link workers from programme files, organisations from the directory's registered addresses.
CREATE TABLE staff (
    id        text PRIMARY KEY,
    programme text NOT NULL,
    name      text NOT NULL,
    mail      text NOT NULL UNIQUE,
    active    boolean NOT NULL DEFAULT true
);

CREATE TABLE organisations (
    id   text PRIMARY KEY,
    name text NOT NULL,
    mail text NOT NULL
);

-- What casework needs of a programme file: when an open case is looked at again, and the version of that rule.
CREATE TABLE programmes (
    id           text PRIMARY KEY,
    name         text NOT NULL,
    practices    jsonb NOT NULL,
    review_after text NOT NULL,
    rules        text NOT NULL
);

-- A request to sign in, its mail, and the session it becomes (shared/web/sign_in). The link is not in it.
CREATE TABLE sign_in (
    id              uuid PRIMARY KEY,
    kind            text NOT NULL,
    subject         text NOT NULL,
    next_path       text NOT NULL,
    requested_at    timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    try_at          timestamptz NOT NULL,
    sent_at         timestamptz,
    used_at         timestamptz,
    used_by         uuid,
    session_ends_at timestamptz,
    ended_at        timestamptz
);
CREATE INDEX sign_in_unsent ON sign_in (try_at) WHERE sent_at IS NULL;
CREATE INDEX sign_in_of_subject ON sign_in (kind, subject, requested_at);
