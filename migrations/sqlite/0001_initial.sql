-- Keys and what rows are found by are columns; the rest of a record is JSON text in `body`.
-- Times are milliseconds since the epoch (UTC), days are days since the epoch.

CREATE TABLE incidents (
    id           TEXT    NOT NULL PRIMARY KEY,
    digest       TEXT    UNIQUE,
    window_start INTEGER NOT NULL,
    body         TEXT    NOT NULL
) STRICT;

CREATE TABLE series (
    id        INTEGER PRIMARY KEY,
    incident  TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    series_id TEXT    NOT NULL,
    body      TEXT    NOT NULL,
    UNIQUE (incident, series_id)
) STRICT;

-- The samples of one series on one UTC day. `points`, `low`, `high` and `mean` sum the day up,
-- `half_hours` (where the day has many samples) its half hours, `data` holds the samples.
CREATE TABLE chunks (
    series     INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    day        INTEGER NOT NULL,
    points     INTEGER NOT NULL,
    low        REAL    NOT NULL,
    high       REAL    NOT NULL,
    mean       REAL    NOT NULL,
    half_hours BLOB,
    data       BLOB    NOT NULL,
    PRIMARY KEY (series, day)
) STRICT;

CREATE TABLE events (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, id)
) STRICT;

-- `digest` is the SHA-256 of `body`: equal edges are kept once, in the order of their coming.
CREATE TABLE edges (
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    digest   TEXT    NOT NULL,
    position INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, digest)
) STRICT;

CREATE TABLE provenance (
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    digest   TEXT    NOT NULL,
    position INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, digest)
) STRICT;

CREATE TABLE files (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    path     TEXT NOT NULL,
    body     TEXT NOT NULL,
    content  BLOB NOT NULL,
    PRIMARY KEY (incident, path)
) STRICT;

CREATE TABLE annotations (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, id)
) STRICT;

CREATE TABLE analyses (
    incident TEXT    NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    made_at  INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;

CREATE TABLE reports (
    incident TEXT    NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    made_at  INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;

-- The token of a link is never stored, only its SHA-256.
CREATE TABLE shares (
    id         TEXT    NOT NULL PRIMARY KEY,
    incident   TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    token_hash TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE INDEX shares_incident ON shares (incident);

CREATE TABLE jobs (
    id         TEXT    NOT NULL PRIMARY KEY,
    incident   TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    state      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT;

CREATE INDEX jobs_incident ON jobs (incident);
CREATE INDEX jobs_waiting ON jobs (created_at, id) WHERE state IN ('queued', 'running');
