CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what TEXT NOT NULL UNIQUE,
    -- When a worker took it, in seconds since 1970; 0 if nobody has it.
    taken BIGINT NOT NULL DEFAULT 0
);
