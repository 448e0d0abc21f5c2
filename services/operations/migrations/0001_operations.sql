-- What operations keeps: the archive of all events, the ledger, and who may sign in. Nothing here names a person.

-- The archive. Its key is the event's id: partitions are by month of recording, so that one exists for every event
-- whatever its own time says, and a look through them all keeps an id to one row. `seq` is the order of arrival, which
-- tells apart what one transaction published.
CREATE TABLE event (
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    id             uuid NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    topic          text NOT NULL,
    key            text NOT NULL,
    type           text NOT NULL,
    source         text NOT NULL,
    time           timestamptz NOT NULL,
    correlation_id text NOT NULL,
    causation_id   text NOT NULL,
    traceparent    text,
    data           jsonb NOT NULL,
    PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX event_of_key ON event (key, topic);
CREATE INDEX event_recorded ON event USING brin (recorded_at) WITH (pages_per_range = 16);

-- Makes the partitions of this and the coming months and drops those past their time; 0 months kept: none is dropped.
-- Runs as the schema's owner, because the service's role may not create tables.
CREATE FUNCTION maintain_archive(months_ahead integer, months_kept integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    this    timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
    month   timestamp;
    child   record;
    dropped integer := 0;
BEGIN
    FOR ahead IN 0 .. months_ahead LOOP
        month := this + ahead * interval '1 month';
        EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF event FOR VALUES FROM (%L) TO (%L)',
            to_char(month, '"event_"YYYYMM'), month AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
    END LOOP;
    FOR child IN
        SELECT inhrelid::regclass AS name, to_timestamp(right(relname, 6), 'YYYYMM')::timestamp AS month
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'event'::regclass
    LOOP
        CONTINUE WHEN months_kept = 0 OR child.month >= this - months_kept * interval '1 month';
        EXECUTE format('DROP TABLE %s', child.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
SELECT maintain_archive(3, 0);

-- What each service told the last time it was asked, so that every replica of operations shows the same.
CREATE TABLE peer (
    service        text PRIMARY KEY,
    asked_at       timestamptz NOT NULL,
    answered_at    timestamptz,
    counts         jsonb,
    lag            jsonb,
    compared_until timestamptz
);

-- The referrals that each service said it has seen, by window of first sight; compared by count and digest.
CREATE TABLE seen (
    service  text NOT NULL,
    since    timestamptz NOT NULL,
    referral uuid NOT NULL,
    PRIMARY KEY (service, since, referral)
);

-- Where each referral is. `settled`: nothing is on its way, so it is looked at when something is heard of it, and in
-- turn. `confirmed` are its events that every consumer is known to have claimed; kept until it settles.
CREATE TABLE account (
    referral     uuid PRIMARY KEY,
    state        text NOT NULL CHECK (state IN ('unaccounted', 'parked', 'in-outbox', 'in-flight', 'unchecked', 'open',
                                                'closed', 'no-referral')),
    acknowledged boolean NOT NULL DEFAULT false,
    service      text NOT NULL DEFAULT '',
    stage        text,
    owner        text,
    deadline     timestamptz,
    reason       text,
    since        timestamptz NOT NULL DEFAULT now(),
    checked_at   timestamptz,
    settled      boolean NOT NULL DEFAULT false,
    confirmed    uuid[] NOT NULL DEFAULT '{}',
    CHECK (state <> 'open' OR (owner IS NOT NULL AND deadline IS NOT NULL)),
    CHECK (state <> 'unaccounted' OR reason IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX account_unsettled ON account (referral) WHERE NOT settled;
CREATE INDEX account_turn ON account (state, checked_at) WHERE settled;
CREATE INDEX account_deadline ON account (deadline) WHERE state = 'open';

-- How many referrals are in each state; moved with the accounts, so that counting does not grow with what is closed.
CREATE TABLE tally (
    acknowledged boolean NOT NULL,
    state        text NOT NULL,
    service      text NOT NULL,
    stage        text NOT NULL,
    referrals    bigint NOT NULL,
    PRIMARY KEY (acknowledged, state, service, stage)
) WITH (fillfactor = 50);

CREATE FUNCTION move_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally (acknowledged, state, service, stage, referrals)
    SELECT acknowledged, state, service, coalesce(stage, ''), sum(n)
    FROM (
        SELECT acknowledged, state, service, stage, 1 AS n FROM after
        UNION ALL
        SELECT acknowledged, state, service, stage, -1 FROM before
    ) AS moved
    GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (acknowledged, state, service, stage) DO UPDATE SET referrals = tally.referrals + excluded.referrals;
    RETURN NULL;
END $$;

CREATE FUNCTION begin_tally() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally (acknowledged, state, service, stage, referrals)
    SELECT acknowledged, state, service, coalesce(stage, ''), count(*) FROM after
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (acknowledged, state, service, stage) DO UPDATE SET referrals = tally.referrals + excluded.referrals;
    RETURN NULL;
END $$;

CREATE TRIGGER account_moved AFTER UPDATE ON account
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION move_tally();
CREATE TRIGGER account_begun AFTER INSERT ON account
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION begin_tally();

-- One row a round: the history of the counts.
CREATE TABLE round (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began_at    timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    looked_at   integer NOT NULL,
    silent      text[] NOT NULL,
    unaccounted bigint NOT NULL,
    states      jsonb NOT NULL
);
CREATE INDEX round_ended ON round (ended_at);

-- Who did what about a parked message; what they wrote down of the message itself lies with its consumer.
CREATE TABLE act (
    form_id  uuid PRIMARY KEY,
    operator text NOT NULL,
    act      text NOT NULL,
    service  text NOT NULL,
    parked   uuid NOT NULL,
    reason   text,
    at       timestamptz NOT NULL DEFAULT now()
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
