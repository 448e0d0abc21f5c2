-- The key database: one data key a person, wrapped by a key that no database holds.
-- It is backed up apart from the data and for at most 30 days: without it a backup of the data opens nothing.

CREATE TABLE person_key (
    person uuid PRIMARY KEY,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The second copy of the erasure log; the first is with the data. Each is applied again after the other was restored.
CREATE TABLE erasure (
    person uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);
