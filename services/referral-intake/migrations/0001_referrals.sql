-- Referral-intake's own tables. Whatever names a person, and every free text, is sealed under that person's key.

CREATE TABLE programme (
    id         text PRIMARY KEY,
    name       text NOT NULL,
    settings   jsonb NOT NULL,
    digest     text NOT NULL,
    -- How often it was changed: names the event, so that a file applied again after another is told again.
    version    integer NOT NULL DEFAULT 1,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE practice (
    programme text NOT NULL REFERENCES programme,
    id        text NOT NULL,
    name      text NOT NULL,
    -- As a FHIR sender names itself.
    ods_code  text,
    -- A practice that left the programme keeps its referrals and can send no more.
    current   boolean NOT NULL DEFAULT true,
    PRIMARY KEY (programme, id)
);
CREATE INDEX practice_ods_code ON practice (ods_code) WHERE ods_code IS NOT NULL;

CREATE TABLE api_key (
    -- SHA-256 of the key; the key itself is shown once, when it is issued.
    hash       bytea PRIMARY KEY,
    programme  text NOT NULL,
    practice   text NOT NULL,
    issued_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    FOREIGN KEY (programme, practice) REFERENCES practice
);

CREATE TABLE person (
    id         uuid PRIMARY KEY,
    programme  text NOT NULL REFERENCES programme,
    first_seen timestamptz NOT NULL DEFAULT now()
);

-- How a person is found again: keyed hashes of a checked number, or of name, birth date and postcode.
CREATE TABLE person_match (
    fingerprint bytea PRIMARY KEY,
    person      uuid NOT NULL REFERENCES person
);
CREATE INDEX person_match_person ON person_match (person);

-- The erasure log that lies with the data; the key database has the other copy.
CREATE TABLE erasure (
    person    uuid PRIMARY KEY REFERENCES person,
    erased_at timestamptz NOT NULL DEFAULT now(),
    erased_by text NOT NULL,
    reason    text NOT NULL
);

CREATE TABLE referral (
    id               uuid PRIMARY KEY,
    programme        text NOT NULL,
    practice         text NOT NULL,
    person           uuid NOT NULL REFERENCES person,
    door             text NOT NULL,
    received_at      timestamptz NOT NULL,
    -- An open referral of the same person shortly before; a person decides whether they are one.
    same_person_as   uuid REFERENCES referral,
    state            text NOT NULL CHECK (state IN
        ('needs-information', 'return-proposed', 'accepted', 'returned', 'withdrawn', 'closed')),
    -- When the practice answers, or a named person decides; with the version of the rule that says so.
    due_at           timestamptz,
    due_rule         text,
    reason           text,
    missing          text[] NOT NULL DEFAULT '{}',
    risk_kinds       text[] NOT NULL DEFAULT '{}',
    stated_needs     text[] NOT NULL,
    preferences      jsonb NOT NULL,
    agreement        jsonb NOT NULL,
    urgency          text,
    -- Keyed hash of the sender's own name for the referral, by which it cancels.
    sender_reference bytea,
    FOREIGN KEY (programme, practice) REFERENCES practice,
    CONSTRAINT open_has_a_deadline CHECK
        ((due_at IS NOT NULL AND due_rule IS NOT NULL) = (state IN ('needs-information', 'return-proposed')))
);
CREATE INDEX referral_of_practice ON referral (programme, practice, received_at);
CREATE INDEX referral_of_person ON referral (person, received_at);
CREATE INDEX referral_due ON referral (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX referral_sender_reference ON referral (sender_reference) WHERE sender_reference IS NOT NULL;

-- What a practice sent under a request id, and what it was answered: the same again is the same referral.
CREATE TABLE request (
    programme text NOT NULL,
    practice  text NOT NULL,
    key       text NOT NULL,
    -- Keyed: an unkeyed hash could be guessed back into a person.
    body_hash bytea NOT NULL,
    referral  uuid NOT NULL REFERENCES referral DEFERRABLE INITIALLY DEFERRED,
    answered  text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (programme, practice, key)
);

CREATE TABLE sealed_part (
    referral uuid NOT NULL REFERENCES referral,
    part     text NOT NULL,
    sealed   bytea NOT NULL,
    PRIMARY KEY (referral, part)
);

CREATE TABLE note (
    id         uuid PRIMARY KEY,
    referral   uuid NOT NULL REFERENCES referral,
    kind       text NOT NULL CHECK (kind IN ('note', 'goal', 'words')),
    sealed     bytea NOT NULL,
    written_by text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX note_of_referral ON note (referral, written_at);

-- Who was given which fields of whom, when and for what; never a value.
CREATE TABLE release (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    referral    uuid NOT NULL REFERENCES referral,
    service     text NOT NULL,
    asked_by    text,
    purpose     text NOT NULL,
    fields      text[] NOT NULL,
    released_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX release_of_referral ON release (referral, released_at);

-- What the practice can read of the way of its referral: coded facts.
CREATE TABLE timeline (
    id       uuid PRIMARY KEY,
    n        bigint GENERATED ALWAYS AS IDENTITY,
    referral uuid NOT NULL REFERENCES referral,
    at       timestamptz NOT NULL,
    what     text NOT NULL,
    facts    jsonb NOT NULL
);
CREATE INDEX timeline_of_referral ON timeline (referral, n);

-- Public data, loaded by a command where an operator has it; without it places are told by their outward code.
CREATE TABLE postcode (
    postcode  text PRIMARY KEY,
    latitude  double precision NOT NULL,
    longitude double precision NOT NULL,
    council   text
);

-- Which named person decided about a referral that a machine may not decide about.
CREATE TABLE decision (
    id         uuid PRIMARY KEY,
    referral   uuid NOT NULL REFERENCES referral,
    what       text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now()
);
