-- The day comes last: with it first, a plan that was made before a day's partition was analyzed read all of that day to
-- find the few rows that it wanted. The table is locked while the key is built anew: let the services rest meanwhile.
ALTER TABLE outbox DROP CONSTRAINT outbox_pkey;
ALTER TABLE outbox ADD PRIMARY KEY (id, day);
