-- Work that is done from here: one row each, with what it takes to go on after a restart.
CREATE TABLE matrices (
    id       TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

-- Each row of a matrix's table is a run. It is there once the first of its cells is about to be sent.
CREATE TABLE matrix_runs (
    matrix     TEXT NOT NULL REFERENCES matrices (id) ON DELETE CASCADE,
    row        INTEGER NOT NULL,
    run        TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    -- All of the row, as a JSON list.
    row_values TEXT NOT NULL,
    -- The same in small letters.
    search     TEXT NOT NULL,
    PRIMARY KEY (matrix, row)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX matrix_runs_of_run ON matrix_runs (run);

-- What lists, figures and the runner ask of cells. A row is there from the moment in which its cell is about to be sent;
-- all but its place is of the cell when that is over. A cell without a row is missing, and is sent.
CREATE TABLE matrix_cells (
    matrix       TEXT NOT NULL REFERENCES matrices (id) ON DELETE CASCADE,
    row          INTEGER NOT NULL,
    variant      INTEGER NOT NULL,
    repeat       INTEGER NOT NULL,
    -- inFlight, finished or failed.
    state        TEXT NOT NULL,
    passed       INTEGER,
    tokens       INTEGER,
    first_token  REAL,
    milliseconds REAL,
    cost         REAL,
    currency     TEXT,
    run          TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    -- The last step of its dialogue.
    cell         TEXT NOT NULL,
    -- A letter for each check: passed, failed, not judged, cannot tell.
    checks       TEXT NOT NULL,
    -- The beginning of the answer.
    answer       TEXT NOT NULL,
    -- The answer in small letters.
    search       TEXT NOT NULL,
    -- By which lists are sorted.
    failed_checks INTEGER AS (CASE WHEN checks <> '' THEN length(checks) - length(replace(checks, 'f', '')) END),
    sorted_by     TEXT AS (nullif(lower(substr(answer, 1, 64)), '')),
    PRIMARY KEY (matrix, row, variant, repeat)
) STRICT;
CREATE INDEX matrix_cells_of_run ON matrix_cells (run);
-- One for each order of a list. Each holds all that is filtered by, so that a page far down is found in the index alone.
CREATE INDEX matrix_cells_row ON matrix_cells (matrix, row, variant, repeat, state, passed);
CREATE INDEX matrix_cells_variant ON matrix_cells (matrix, variant, row, repeat, state, passed);
CREATE INDEX matrix_cells_repeat ON matrix_cells (matrix, repeat, row, variant, state, passed);
CREATE INDEX matrix_cells_state ON matrix_cells (matrix, state, row, variant, repeat, passed);
CREATE INDEX matrix_cells_checks ON matrix_cells (matrix, failed_checks, row, variant, repeat, state, passed);
CREATE INDEX matrix_cells_answer ON matrix_cells (matrix, sorted_by, row, variant, repeat, state, passed);
CREATE INDEX matrix_cells_tokens ON matrix_cells (matrix, tokens, row, variant, repeat, state, passed);
CREATE INDEX matrix_cells_milliseconds ON matrix_cells (matrix, milliseconds, row, variant, repeat, state, passed);
CREATE INDEX matrix_cells_cost ON matrix_cells (matrix, cost, row, variant, repeat, state, passed);
