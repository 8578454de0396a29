-- Keys and what rows are found by are columns; the rest of a record is JSON text in `body`.
-- Times are milliseconds since the epoch (UTC), days are days since the epoch.

CREATE TABLE incidents (
    id           TEXT    NOT NULL PRIMARY KEY,
    digest       TEXT    UNIQUE,
    window_start BIGINT NOT NULL,
    body         TEXT    NOT NULL
);

CREATE TABLE series (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident  TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    series_id TEXT    NOT NULL,
    body      TEXT    NOT NULL,
    UNIQUE (incident, series_id)
);

-- The samples of one series on one UTC day. `points`, `low`, `high` and `mean` sum the day up,
-- `half_hours` (where the day has many samples) its half hours, `data` holds the samples.
CREATE TABLE chunks (
    series     BIGINT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    day        BIGINT NOT NULL,
    points     BIGINT NOT NULL,
    low        DOUBLE PRECISION NOT NULL,
    high       DOUBLE PRECISION NOT NULL,
    mean       DOUBLE PRECISION NOT NULL,
    half_hours BYTEA,
    data       BYTEA    NOT NULL,
    PRIMARY KEY (series, day)
);

-- Chunks are compressed already: kept out of line as they are, without a try at compressing.
ALTER TABLE chunks
    ALTER COLUMN data SET STORAGE EXTERNAL,
    ALTER COLUMN half_hours SET STORAGE EXTERNAL;

CREATE TABLE events (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, id)
);

-- `digest` is the SHA-256 of `body`: equal edges are kept once, in the order of their coming.
CREATE TABLE edges (
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    digest   TEXT    NOT NULL,
    position BIGINT NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, digest)
);

CREATE TABLE provenance (
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    digest   TEXT    NOT NULL,
    position BIGINT NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, digest)
);

CREATE TABLE files (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    path     TEXT NOT NULL,
    body     TEXT NOT NULL,
    content  BYTEA NOT NULL,
    PRIMARY KEY (incident, path)
);

CREATE TABLE annotations (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, id)
);

CREATE TABLE analyses (
    incident TEXT    NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    made_at  BIGINT NOT NULL,
    body     TEXT    NOT NULL
);

CREATE TABLE reports (
    incident TEXT    NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    made_at  BIGINT NOT NULL,
    body     TEXT    NOT NULL
);

-- The token of a link is never stored, only its SHA-256.
CREATE TABLE shares (
    id         TEXT    NOT NULL PRIMARY KEY,
    incident   TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    token_hash TEXT    NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);

CREATE INDEX shares_incident ON shares (incident);

CREATE TABLE jobs (
    id         TEXT    NOT NULL PRIMARY KEY,
    incident   TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    state      TEXT    NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    body       TEXT    NOT NULL
);

CREATE INDEX jobs_incident ON jobs (incident);
CREATE INDEX jobs_waiting ON jobs (created_at, id) WHERE state IN ('queued', 'running');
