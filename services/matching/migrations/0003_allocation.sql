-- How a programme gives referrals to its link workers, when those are there and what they can take, and how many offers
-- an organisation or a service wants in a week.

ALTER TABLE programme
    ADD COLUMN allocation text NOT NULL DEFAULT 'continuity',
    ADD COLUMN requires   text[] NOT NULL DEFAULT '{}',
    ADD COLUMN weights    jsonb NOT NULL DEFAULT '{}';

-- `leave` is pairs of first and last days; `weekdays` has 1 for Monday, and none is every working day.
ALTER TABLE post
    ADD COLUMN weekdays             smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN leave                jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN conversations_a_week integer CHECK (conversations_a_week >= 0),
    ADD COLUMN languages            text[] NOT NULL DEFAULT '{}',
    ADD COLUMN skills               text[] NOT NULL DEFAULT '{}',
    ADD COLUMN ends_on              date;

-- Councils and wards whose people a post takes, whichever practice refers them.
CREATE TABLE post_area (
    programme   text NOT NULL,
    link_worker text NOT NULL,
    area        text NOT NULL,
    PRIMARY KEY (programme, area, link_worker),
    FOREIGN KEY (programme, link_worker) REFERENCES post (programme, link_worker)
);
CREATE INDEX post_area_of_post ON post_area (programme, link_worker);
CREATE INDEX post_practice_of_post ON post_practice (programme, link_worker);

-- `weight` is what a referral takes of a caseload, and does not change while somebody has it; `required` are the words
-- that its link worker must meet. `handed_over`: taken over from somebody who left.
ALTER TABLE referral
    ADD COLUMN urgency     text NOT NULL DEFAULT 'soon',
    ADD COLUMN at_risk     boolean NOT NULL DEFAULT false,
    ADD COLUMN weight      integer NOT NULL DEFAULT 1 CHECK (weight > 0),
    ADD COLUMN required    text[] NOT NULL DEFAULT '{}',
    ADD COLUMN handed_over boolean NOT NULL DEFAULT false;
CREATE INDEX referral_queue_of_council ON referral (programme, (place->>'council'), turn_at, id)
    WHERE state = 'waiting' AND place->>'council' IS NOT NULL;
CREATE INDEX referral_queue_of_ward ON referral (programme, (place->>'ward'), turn_at, id)
    WHERE state = 'waiting' AND place->>'ward' IS NOT NULL;
CREATE INDEX referral_begun ON referral (programme, link_worker, assigned_at) WHERE link_worker IS NOT NULL;

-- How many offers a week an organisation wants, over all its services or for one of them; no row is no limit. Whoever
-- makes an offer locks its rows and then counts the offers.
CREATE TABLE intake_limit (
    organisation  text NOT NULL,
    service       text NOT NULL DEFAULT '',
    offers_a_week integer NOT NULL CHECK (offers_a_week >= 0),
    set_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organisation, service)
);
CREATE INDEX offer_made_by_service ON offer (service, made_at) WHERE made_at IS NOT NULL;
CREATE INDEX offer_made_by_organisation ON offer (organisation, made_at) WHERE made_at IS NOT NULL;
