-- Set while a server on this machine is asked for the result of a call of this answer.
ALTER TABLE cells ADD COLUMN asking INTEGER NOT NULL DEFAULT 0;
CREATE INDEX cells_asking ON cells (id) WHERE asking = 1;
