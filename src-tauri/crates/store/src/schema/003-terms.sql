-- Newest first is upwards in the index, which is the way it reads fastest: `rowid` in `words` is `-place`. Two parts of
-- it that are alike in size are merged, so that a term is looked up in few.
DROP TRIGGER calls_leave_words;
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5 (
    marks, prompt, answer, reasoning, tools, error, headers, about, note,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
INSERT INTO words (words, rank) VALUES ('automerge', 0);
INSERT INTO words (words, rank) VALUES ('usermerge', 2);
CREATE TRIGGER calls_leave_words AFTER DELETE ON calls WHEN old.in_words = 1 BEGIN
    DELETE FROM words WHERE rowid = -old.place;
END;

-- Terms that are looked for by their beginning, and marks of figures that are looked for by their range.
CREATE TABLE terms (term TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- Those of calls that were removed. A term that no other call has leaves `terms`.
CREATE TABLE loose_terms (term TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- The texts are read in again in the background, as those of calls that were made without an index.
UPDATE calls SET in_words = 0 WHERE in_words = 1;
