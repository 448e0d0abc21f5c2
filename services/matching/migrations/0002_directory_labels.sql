-- What a directory files a listing under in its own words, what else of it is searched, and under which terms it may be
-- shown.
ALTER TABLE organisation ADD COLUMN description text NOT NULL DEFAULT '';

ALTER TABLE service
    ADD COLUMN alternate_name          text NOT NULL DEFAULT '',
    ADD COLUMN keywords                text NOT NULL DEFAULT '',
    ADD COLUMN interpretation_services text NOT NULL DEFAULT '',
    ADD COLUMN labels                  jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN needs_by_label          text[] NOT NULL DEFAULT '{}',
    ADD COLUMN licence                 text,
    ADD COLUMN attribution             text,
    ADD COLUMN source_url              text;
