-- The machinery's own tables, the same in every service's schema.
-- Days are UTC days of the transaction's time; partitions are made ahead and dropped whole.

-- One row for each key (mostly a referral) that this service has seen. Whoever publishes under a key locks its row
-- first. The counts are a second book: they must agree with the rows of outbox and parked, and the ledger compares.
CREATE TABLE subject (
    key         text PRIMARY KEY,
    first_seen  timestamptz NOT NULL DEFAULT now(),
    published   bigint NOT NULL DEFAULT 0,
    parked      integer NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX subject_first_seen ON subject (first_seen);

CREATE TABLE outbox (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    day         date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    event_id    uuid NOT NULL,
    topic       text NOT NULL,
    key         text NOT NULL,
    type        text NOT NULL,
    headers     text NOT NULL,
    value       bytea NOT NULL CHECK (length(value) <= 262144),
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz,
    "partition" integer,
    "offset"    bigint,
    refused     text,
    PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_refused ON outbox (topic, key) WHERE refused IS NOT NULL;
CREATE INDEX outbox_key ON outbox (key);

CREATE TABLE inbox (
    consumer    text NOT NULL,
    event_id    uuid NOT NULL,
    day         date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    PRIMARY KEY (event_id, consumer, day)
) PARTITION BY RANGE (day);

CREATE TABLE position (
    consumer    text NOT NULL,
    topic       text NOT NULL,
    "partition" integer NOT NULL,
    next_offset bigint NOT NULL,
    moved_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, "partition")
) WITH (fillfactor = 50);

-- Who reads a partition, and whether the last one to do so ended cleanly.
CREATE TABLE partition_owner (
    consumer    text NOT NULL,
    topic       text NOT NULL,
    "partition" integer NOT NULL,
    owner       uuid NOT NULL,
    clean       boolean NOT NULL,
    taken_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, topic, "partition")
);

-- Messages that are being handled one by one; a row that outlives its worker counts a death.
CREATE TABLE started (
    consumer    text NOT NULL,
    topic       text NOT NULL,
    "partition" integer NOT NULL,
    "offset"    bigint NOT NULL,
    times       integer NOT NULL DEFAULT 1,
    PRIMARY KEY (consumer, topic, "partition", "offset")
);

CREATE TABLE parked (
    seq             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id              uuid NOT NULL UNIQUE,
    consumer        text NOT NULL,
    cluster         text NOT NULL,
    topic           text NOT NULL,
    "partition"     integer NOT NULL,
    "offset"        bigint NOT NULL,
    key             text,
    type            text,
    event_id        uuid,
    kind            text NOT NULL,
    detail          text NOT NULL,
    blocks          boolean NOT NULL,
    state           text NOT NULL CHECK (state IN ('waiting', 'held', 'redriven', 'discarded')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    sealed          bytea NOT NULL,
    digest          text NOT NULL,
    parked_at       timestamptz NOT NULL DEFAULT now(),
    settled_at      timestamptz,
    settled_by      text,
    reason          text,
    UNIQUE (consumer, cluster, topic, "partition", "offset"),
    CHECK ((settled_at IS NULL) = (state IN ('waiting', 'held')))
);
CREATE INDEX parked_behind ON parked (consumer, key, seq) WHERE settled_at IS NULL;
CREATE INDEX parked_due ON parked (next_attempt_at) WHERE state = 'waiting';

-- Who looked into a parked message.
CREATE TABLE parked_view (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parked    uuid NOT NULL REFERENCES parked (id),
    viewed_by text NOT NULL,
    purpose   text NOT NULL,
    viewed_at timestamptz NOT NULL DEFAULT now()
);

-- The Kafka cluster that the positions belong to.
CREATE TABLE cluster (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    cluster_id text NOT NULL
);

-- Makes the partitions of the coming days and drops those past their time. Runs as the schema's owner, because the
-- service's role may not create tables. An outbox day is kept while it holds an unsent row.
CREATE FUNCTION maintain_partitions(days_ahead integer, days_kept integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    today   date := (now() AT TIME ZONE 'UTC')::date;
    parent  text;
    child   record;
    unsent  boolean;
    dropped integer := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['outbox', 'inbox'] LOOP
        FOR day IN 0 .. days_ahead LOOP
            EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                parent || to_char(today + day, '_YYYYMMDD'), parent, today + day, today + day + 1);
        END LOOP;
        FOR child IN
            SELECT inhrelid::regclass AS name, to_date(right(relname, 8), 'YYYYMMDD') AS day
            FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = parent::regclass
        LOOP
            CONTINUE WHEN child.day >= today - days_kept;
            IF parent = 'outbox' THEN
                EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE sent_at IS NULL)', child.name) INTO unsent;
                CONTINUE WHEN unsent;
                EXECUTE format('UPDATE subject SET published = published - gone.n
                    FROM (SELECT key, count(*) AS n FROM %s GROUP BY key) AS gone WHERE subject.key = gone.key', child.name);
            END IF;
            EXECUTE format('DROP TABLE %s', child.name);
            dropped := dropped + 1;
        END LOOP;
    END LOOP;
    RETURN dropped;
END $$;

SELECT maintain_partitions(14, 35);
