-- The effects of the toy handlers, in the order of their commits.
CREATE TABLE effect (
    n        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    key      text NOT NULL,
    reason   text NOT NULL
);
CREATE TABLE known (key text PRIMARY KEY);
