-- The same for SQLite and PostgreSQL. Times are seconds since 1970.
CREATE TABLE monitors (
    name  TEXT PRIMARY KEY,
    url   TEXT NOT NULL,
    every BIGINT NOT NULL
);

-- The key is what makes a check count once, however often it is performed.
CREATE TABLE checks (
    monitor TEXT NOT NULL REFERENCES monitors (name) ON DELETE CASCADE,
    due     BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    state   TEXT NOT NULL,
    detail  TEXT NOT NULL,
    took_ms BIGINT NOT NULL,
    worker  TEXT NOT NULL,
    PRIMARY KEY (monitor, due)
);
