-- What the toy handler, and the bare loop that it is compared with, write of each event.
CREATE TABLE effect (
    event_id uuid NOT NULL,
    key      text NOT NULL,
    reason   text NOT NULL
);
