CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    what TEXT NOT NULL UNIQUE,
    -- When a worker took it, in seconds since 1970; 0 if nobody has it.
    taken INTEGER NOT NULL DEFAULT 0
);
