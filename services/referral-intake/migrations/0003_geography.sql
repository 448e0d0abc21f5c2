-- What the directories of postcodes say beside the point and the council; all of it is public data.
ALTER TABLE postcode
    ADD COLUMN ward                  text,
    ADD COLUMN health_board          text,
    ADD COLUMN integration_authority text,
    ADD COLUMN urban_rural           smallint CHECK (urban_rural BETWEEN 1 AND 8),
    -- Never published: a data zone is some 800 people.
    ADD COLUMN data_zone_2011        text,
    ADD COLUMN data_zone_2022        text,
    ADD COLUMN introduced_on         date,
    -- A retired postcode still says where people lived who write it down.
    ADD COLUMN retired_on            date,
    -- Split between areas, or with a point that its directory only reckons.
    ADD COLUMN approximate           boolean NOT NULL DEFAULT false;

-- Deprivation is stored for reports and told as a quintile; nothing ranks by it.
CREATE TABLE data_zone (
    code                  text PRIMARY KEY,
    council               text,
    health_board          text,
    integration_authority text,
    urban_rural           smallint CHECK (urban_rural BETWEEN 1 AND 8),
    -- The zone of 2011 that one of 2022 fits best: the index of 2020 knows only those of 2011.
    zone_2011             text,
    simd_edition          text,
    simd_rank             integer CHECK (simd_rank > 0),
    simd_quintile         smallint CHECK (simd_quintile BETWEEN 1 AND 5)
);
