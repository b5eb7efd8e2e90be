-- Wire types stand as JSON documents wherever nobody searches inside them; what a list sorts or filters by has a column
-- of its own. Small columns come first, because SQLite reads a row from its start and stops when it has enough.

-- `position` keeps the order in which connections were made.
CREATE TABLE connections (
    position INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL
) STRICT;

-- `revision` grows with every save. Lists sort by it and not by the clock, which may be set back.
CREATE TABLE comparisons (
    id         TEXT PRIMARY KEY,
    revision   INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    lanes      INTEGER NOT NULL,
    name       TEXT NOT NULL,
    document   TEXT NOT NULL
) STRICT;
-- Holds all that a summary shows, so that a list never touches the documents.
CREATE INDEX comparisons_newest ON comparisons (revision DESC, id, updated_at, lanes, name);

CREATE TABLE settings (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    document TEXT NOT NULL
) STRICT;

-- `finished` and `unfinished` count cells that are over; they change in the transaction that changes the cell.
CREATE TABLE runs (
    id         TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    comparison TEXT NOT NULL,
    lanes      INTEGER NOT NULL,
    cells      INTEGER NOT NULL,
    finished   INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    name       TEXT NOT NULL,
    snapshot   TEXT NOT NULL
) STRICT;
CREATE INDEX runs_newest ON runs (started_at DESC, id DESC);

-- `document` is the cell without its request, response head and outcome, so that each text stands in one place.
-- `request` is the request without its body; `request_body` is that body only while no exchange holds the same bytes.
-- `unfolded` marks a cell whose outcome has to be computed again from its recorded body.
CREATE TABLE cells (
    id           TEXT PRIMARY KEY,
    run          TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    lane_index   INTEGER NOT NULL,
    repeat       INTEGER NOT NULL,
    state        TEXT NOT NULL,
    unfolded     INTEGER NOT NULL DEFAULT 0,
    started_at   INTEGER,
    connection   TEXT NOT NULL,
    model        TEXT NOT NULL,
    document     TEXT NOT NULL,
    request      TEXT,
    request_body TEXT,
    head         TEXT,
    outcome      TEXT NOT NULL
) STRICT;
CREATE INDEX cells_of_run ON cells (run, lane_index, repeat);
CREATE INDEX cells_running ON cells (state) WHERE state IN ('queued', 'waiting', 'streaming', 'retrying');
CREATE INDEX cells_unfolded ON cells (id) WHERE unfolded = 1;

-- What was sent, to the byte; the answer is in files. A row is written once an attempt and never while the answer
-- arrives, because a request with images is large. `attempts` counts how often the cell was sent; all else belongs to
-- the newest attempt. The secrets in `request_head` are masked.
CREATE TABLE exchanges (
    cell         TEXT PRIMARY KEY REFERENCES cells (id) ON DELETE CASCADE,
    attempts     INTEGER NOT NULL,
    request_head BLOB NOT NULL,
    request_body BLOB NOT NULL
) STRICT;
