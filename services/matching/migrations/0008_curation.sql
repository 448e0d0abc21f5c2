-- Who may mend the directory, and everything that they did to it. No person's name is here: who it was is an opaque id,
-- and a note names nobody.

-- Link workers and curators, as a programme's file lists them; `until` is a link worker's last day.
CREATE TABLE staff (
    role      text NOT NULL CHECK (role IN ('link-worker', 'curator')),
    id        text NOT NULL,
    programme text NOT NULL,
    mail      text NOT NULL,
    until     date,
    active    boolean NOT NULL DEFAULT true,
    PRIMARY KEY (role, id)
);
CREATE INDEX staff_mail ON staff (mail);

-- The address that offers to an organisation are mailed to: the one that a directory's file registers for it.
CREATE TABLE registered_mail (
    organisation text PRIMARY KEY,
    mail         text NOT NULL
);
CREATE INDEX registered_mail_of ON registered_mail (mail);

-- An address by which an organisation signs in, with the opaque id under which what it does is kept.
CREATE TABLE mailbox (
    id   uuid PRIMARY KEY,
    mail text NOT NULL UNIQUE
);
CREATE INDEX service_mail ON service (lower(email)) WHERE email IS NOT NULL;

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

-- What somebody did, by the id of the form that did it, so that two clicks are one act. `said` is what they said, in
-- coded words, dates and counts.
CREATE TABLE mending_act (
    id           uuid PRIMARY KEY,
    act          text NOT NULL,
    by           text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    service      text,
    organisation text,
    said         jsonb NOT NULL DEFAULT '{}',
    note         text NOT NULL DEFAULT ''
);
CREATE INDEX mending_act_of_service ON mending_act (service, at);
