-- What a matrix has sent stays known when its runs are deleted: a cell without its row would be sent again. `run` names a
-- run that may be gone.
ALTER TABLE matrix_runs RENAME TO former_runs;
CREATE TABLE matrix_runs (
    matrix     TEXT NOT NULL REFERENCES matrices (id) ON DELETE CASCADE,
    row        INTEGER NOT NULL,
    -- The one to which the next cell of the row is added, unless it was deleted.
    run        TEXT NOT NULL,
    -- All of the row, as a JSON list.
    row_values TEXT NOT NULL,
    -- The same in small letters.
    search     TEXT NOT NULL,
    PRIMARY KEY (matrix, row)
) STRICT, WITHOUT ROWID;
INSERT INTO matrix_runs SELECT matrix, row, run, row_values, search FROM former_runs;

-- Runs whose calls a matrix pays for: those of its rows, those too that others took the place of, and those of its judges.
CREATE TABLE matrix_spending (
    run      TEXT PRIMARY KEY,
    matrix   TEXT NOT NULL REFERENCES matrices (id) ON DELETE CASCADE,
    -- What the calls of a run that is gone had cost. While it is there its cells say it.
    amount   REAL,
    currency TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX matrix_spending_of_matrix ON matrix_spending (matrix);
INSERT INTO matrix_spending (run, matrix) SELECT run, matrix FROM former_runs;
DROP TABLE former_runs;

ALTER TABLE matrix_cells RENAME TO former_cells;
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
    run          TEXT NOT NULL,
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
INSERT INTO matrix_cells (matrix, row, variant, repeat, state, passed, tokens, first_token, milliseconds, cost, currency,
                          run, cell, checks, answer, search)
    SELECT matrix, row, variant, repeat, state, passed, tokens, first_token, milliseconds, cost, currency,
           run, cell, checks, answer, search
    FROM former_cells;
DROP TABLE former_cells;
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
-- Answers about which a judge is still to be asked.
CREATE INDEX matrix_cells_unjudged ON matrix_cells (matrix, row, variant, repeat)
    WHERE state = 'finished' AND instr(checks, 'n') > 0;
