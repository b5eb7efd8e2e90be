-- The endpoint of the first lane, which says in which section a document and its runs are shown.
ALTER TABLE comparisons ADD COLUMN endpoint TEXT NOT NULL DEFAULT 'chat';
UPDATE comparisons SET endpoint = coalesce(document ->> '$.lanes[0].endpoint', 'chat');
DROP INDEX comparisons_newest;
CREATE INDEX comparisons_newest ON comparisons (revision DESC, id, updated_at, lanes, endpoint, name);
ALTER TABLE runs ADD COLUMN endpoint TEXT NOT NULL DEFAULT 'chat';
UPDATE runs SET endpoint = coalesce(snapshot ->> '$.lanes[0].endpoint', 'chat');
