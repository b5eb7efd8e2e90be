-- What models said about an answer as judges, call by call. `rule` is a digest of all that was asked beside the answer, so
-- that a changed rule is asked anew.
CREATE TABLE judgements (
    cell     TEXT NOT NULL REFERENCES cells (id) ON DELETE CASCADE,
    rule     TEXT NOT NULL,
    verdicts TEXT NOT NULL,
    PRIMARY KEY (cell, rule)
) STRICT, WITHOUT ROWID;
