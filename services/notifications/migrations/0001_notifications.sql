-- Who can be told, by programme; loaded whole from a programme file and a directory file.
CREATE TABLE recipient (
    programme        text NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('link-worker', 'practice', 'duty-contact', 'organisation')),
    id               text NOT NULL,
    name             text NOT NULL,
    mail             text,
    channels         text[] NOT NULL,
    -- Where webhooks go, and the name of the setting that holds the secret they are signed with.
    endpoint         text,
    secret_from      text,
    -- When the endpoint answered 410; nothing is posted to it until another one is applied.
    endpoint_gone_at timestamptz,
    PRIMARY KEY (programme, kind, id),
    CHECK (mail IS NOT NULL OR NOT 'mail' = ANY (channels)),
    CHECK ((endpoint IS NOT NULL AND secret_from IS NOT NULL) OR NOT 'webhook' = ANY (channels))
);

-- What messages say about a referral, gathered from three topics in any order.
CREATE TABLE referral (
    id          uuid PRIMARY KEY,
    programme   text NOT NULL,
    practice    text,
    link_worker text,
    urgency     text,
    needs       text[],
    unmet       text[] NOT NULL DEFAULT '{}',
    alerted     boolean NOT NULL DEFAULT false,
    withdrawn   boolean NOT NULL DEFAULT false
);

-- Offers, for as long as an organisation may be expecting the person.
CREATE TABLE offer (
    id           uuid PRIMARY KEY,
    referral     uuid NOT NULL REFERENCES referral (id),
    organisation text NOT NULL,
    service      text NOT NULL,
    service_name text NOT NULL,
    need         text NOT NULL,
    respond_by   timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('open', 'accepted', 'over'))
);
CREATE INDEX offer_referral ON offer (referral) WHERE state <> 'over';

-- One message to one recipient by one channel. The id is the Message-ID's and the webhook-id's stem at every attempt.
CREATE TABLE delivery (
    id             uuid PRIMARY KEY,
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    referral       uuid NOT NULL,
    programme      text NOT NULL,
    template       text NOT NULL,
    channel        text NOT NULL CHECK (channel IN ('mail', 'webhook', 'partner-topic')),
    recipient_kind text NOT NULL,
    recipient      text NOT NULL,
    urgent         boolean NOT NULL,
    facts          jsonb NOT NULL,
    -- The request that began it all, for the events of its attempts.
    correlation    text NOT NULL,
    -- The first message about this referral to this recipient, which later ones answer to.
    thread         uuid,
    status         text NOT NULL CHECK (status IN
        ('created', 'sending', 'delivered', 'permanent-failure', 'temporary-failure', 'technical-failure')),
    reason         text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    due_at         timestamptz NOT NULL DEFAULT now(),
    attempts       integer NOT NULL DEFAULT 0,
    unknowns       integer NOT NULL DEFAULT 0,
    -- While an attempt is under way. Past this time its worker is lost, and what became of the message unknown.
    claimed_until  timestamptz,
    -- When no more attempts were to be made: it was taken over, or it was given up.
    settled_at     timestamptz,
    -- When a person took up what could not be delivered, and what they did.
    taken_up_at    timestamptz,
    taken_up_by    text,
    taken_up       text,
    CHECK (claimed_until IS NULL OR (status = 'sending' AND settled_at IS NULL)),
    CHECK (status NOT IN ('delivered', 'permanent-failure') OR settled_at IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX delivery_due ON delivery (channel, urgent DESC, due_at, seq) WHERE settled_at IS NULL;
CREATE INDEX delivery_claimed ON delivery (channel, recipient) WHERE claimed_until IS NOT NULL;
CREATE INDEX delivery_referral ON delivery (referral, seq);

-- Each attempt, from its start; one without an end lost its worker.
CREATE TABLE attempt (
    delivery   uuid NOT NULL REFERENCES delivery (id),
    number     integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    result     text,
    reason     text,
    code       integer,
    PRIMARY KEY (delivery, number)
);
