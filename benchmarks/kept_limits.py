"""Writes down each change of a caseload or of a service's places as it commits, and says how far each ever went."""

from collections.abc import Iterable
from uuid import UUID

KEEP = (
    """
    CREATE TABLE matching.kept (
        n bigserial PRIMARY KEY, kind text, whose text, weight integer, referral uuid, at timestamptz DEFAULT now()
    )
    """,
    """
    CREATE INDEX kept_of_referral ON matching.kept (referral)
    """,
    """
    CREATE FUNCTION matching.keep_caseload() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.state = 'assigned' THEN
            INSERT INTO matching.kept (kind, whose, weight, referral)
            VALUES ('caseload', OLD.link_worker, -OLD.weight, OLD.id);
        END IF;
        IF NEW.state = 'assigned' THEN
            INSERT INTO matching.kept (kind, whose, weight, referral)
            VALUES ('caseload', NEW.link_worker, NEW.weight, NEW.id);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER keep_caseload AFTER INSERT OR UPDATE OF state, link_worker, weight ON matching.referral
        FOR EACH ROW EXECUTE FUNCTION matching.keep_caseload()
    """,
    """
    CREATE FUNCTION matching.keep_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO matching.kept (kind, whose, weight, referral)
        VALUES ('places', NEW.service, (NEW.place IS NOT NULL)::integer - (OLD.place IS NOT NULL)::integer,
            NEW.referral);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER keep_place AFTER UPDATE OF place ON matching.offer
        FOR EACH ROW WHEN ((NEW.place IS NULL) <> (OLD.place IS NULL)) EXECUTE FUNCTION matching.keep_place()
    """,
)
"""Numbers are taken in the order of decisions: who decides under a lock sees every earlier commit under that lock."""

MOST = """
    SELECT kind, whose, max(held) AS most FROM (
        SELECT kind, whose, sum(weight) OVER (PARTITION BY kind, whose ORDER BY n) AS held FROM matching.kept
    ) AS history GROUP BY kind, whose
"""

TURNS = """
    SELECT referral.id, referral.practice, referral.turn_at
    FROM matching.kept JOIN matching.referral ON referral.id = kept.referral
    WHERE kept.kind = 'caseload' AND kept.weight > 0 AND referral.practice LIKE $1 ORDER BY kept.n
"""
"""Who was given to a link worker, in that order."""


def most_overtaken(turns: Iterable[tuple[UUID, str, object]]) -> int:
    """Return before how many of their practice somebody should have had their turn who had it after them."""
    gone: dict[str, list[tuple[object, UUID]]] = {}
    most = 0
    for referral, practice, turn_at in turns:
        before = gone.setdefault(practice, [])
        most = max(most, sum(turn > (turn_at, referral) for turn in before))
        before.append((turn_at, referral))
    return most
