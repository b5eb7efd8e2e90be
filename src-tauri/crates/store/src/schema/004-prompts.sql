-- The file that mirrors a comparison, and its text when both said the same.
CREATE TABLE prompt_files (
    comparison TEXT PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL
) STRICT;
