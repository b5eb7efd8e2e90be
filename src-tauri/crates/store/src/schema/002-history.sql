-- Finding past calls. `calls` is what lists and filters read of a cell, small enough to be scanned; `words` is where its
-- texts are looked up. Neither holds a text: those stay where they are, once.

CREATE TABLE names (
    id   INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (kind, name)
) STRICT;

-- `place` is the order of the history: the minute in which the run began, or the next one that is free, so that newest
-- first is a walk from the end in this table and in the lists of `words` alike. `started_at` is the run's.
-- `in_words` is 0 while a call is live, and for one of an earlier version until its texts were read in; 2 when they could
-- not be.
CREATE TABLE calls (
    place      INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    in_words   INTEGER NOT NULL DEFAULT 0,
    deleted    INTEGER NOT NULL DEFAULT 0,
    starred    INTEGER NOT NULL DEFAULT 0,
    noted      INTEGER NOT NULL DEFAULT 0,
    has        INTEGER NOT NULL DEFAULT 0,
    model      INTEGER NOT NULL,
    connection INTEGER NOT NULL,
    endpoint   TEXT NOT NULL,
    state      TEXT NOT NULL,
    status     INTEGER,
    first_text REAL,
    cost       REAL,
    currency   TEXT,
    visible    INTEGER,
    output     INTEGER,
    tokens     INTEGER NOT NULL DEFAULT 0,
    bytes      INTEGER NOT NULL DEFAULT 0,
    cell       TEXT NOT NULL UNIQUE REFERENCES cells (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX calls_started ON calls (started_at, deleted);
CREATE INDEX calls_without_words ON calls (place) WHERE in_words <> 1;

-- The terms come folded and parted by spaces; `marks` holds the beginnings of words and the facts that filters ask for.
CREATE VIRTUAL TABLE words USING fts5 (
    marks, prompt, answer, reasoning, tools, error, headers, about, note,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
-- Merging is done after a commit and not within: see `writer.rs`.
INSERT INTO words (words, rank) VALUES ('automerge', 0);
CREATE TRIGGER calls_leave_words AFTER DELETE ON calls WHEN old.in_words = 1 BEGIN
    DELETE FROM words WHERE rowid = old.place;
END;

-- `drift` is how far a call's place may be ahead of its minute. Every place between `first` and `last` was taken when a
-- run was added last: one that begins there has no need to look for a free place among them.
CREATE TABLE history (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    drift INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 0,
    last  INTEGER NOT NULL DEFAULT -1
) STRICT;

-- What the person did to a run. Most runs have no row.
CREATE TABLE run_marks (
    run        TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    starred    INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER,
    note       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX run_marks_deleted ON run_marks (deleted_at) WHERE deleted_at IS NOT NULL;

-- Calls that are there already can be listed and filtered by time and model at once.
INSERT INTO names (kind, name) SELECT DISTINCT 'model', model FROM cells;
INSERT OR IGNORE INTO names (kind, name) SELECT DISTINCT 'connection',
    coalesce(CASE WHEN json_valid(document) THEN json_extract(document, '$.connectionName') END, '') FROM cells;
INSERT INTO calls (place, started_at, model, connection, endpoint, state, cell)
SELECT number + max(minute - number) OVER (ORDER BY number ROWS UNBOUNDED PRECEDING), started_at,
    (SELECT id FROM names WHERE kind = 'model' AND name = found.model),
    (SELECT id FROM names WHERE kind = 'connection' AND name = found.connection),
    endpoint, state, cell
FROM (
    SELECT row_number() OVER (ORDER BY runs.started_at, runs.id, lane_index DESC, repeat DESC) AS number,
        runs.started_at / 60000 AS minute, runs.started_at AS started_at, cells.id AS cell, state, model,
        coalesce(CASE WHEN json_valid(document) THEN json_extract(document, '$.connectionName') END, '') AS connection,
        coalesce(CASE WHEN json_valid(document) THEN json_extract(document, '$.endpoint') END, 'chat') AS endpoint
    FROM cells JOIN runs ON runs.id = cells.run
) AS found;
INSERT INTO history (id, drift) SELECT 1, coalesce(max(place - started_at / 60000), 0) FROM calls;

-- Earlier calls of one kind: the same model on the same connection.
CREATE INDEX cells_of_kind ON cells (connection, model, started_at);
