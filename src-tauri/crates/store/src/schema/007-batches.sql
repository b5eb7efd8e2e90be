-- Work handed to a provider's queue: one row each. Its lines and results are files beside the database.
CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    -- What is shown.
    job TEXT NOT NULL,
    -- What is needed to go on with it.
    held TEXT NOT NULL
) STRICT;
