-- How far a batch reached that was begun with care after an unclean end. Whoever dies in it too leaves its messages to be
-- handled one by one; once the position is past it, it says nothing.
ALTER TABLE partition_owner ADD COLUMN tried bigint;
