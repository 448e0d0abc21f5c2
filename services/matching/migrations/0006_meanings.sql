-- What listings mean, as vectors in 127ths: made once for each text, by whichever replica comes to it.
CREATE TABLE listing_meaning (
    service text PRIMARY KEY REFERENCES service (id),
    digest  text NOT NULL,
    vectors bytea NOT NULL
);
