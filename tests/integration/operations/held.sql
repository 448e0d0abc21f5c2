-- Who holds a referral, as one of the services in small keeps it.
CREATE TABLE held (
    key          text PRIMARY KEY,
    state        text NOT NULL,
    stage        text NOT NULL,
    owner        text,
    deadline     timestamptz,
    next_service text,
    deliveries   integer
);
