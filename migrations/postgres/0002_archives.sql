-- What a live source has given so far is kept as an incident is, in a row of its own: `archive` is
-- the source's name there, and empty on incidents.
ALTER TABLE incidents ADD COLUMN archive TEXT;
CREATE UNIQUE INDEX incidents_archive ON incidents (archive);

-- From when to when an event was. Empty `from_ms`: unknown; empty `until_ms`: still going on, or
-- unknown. `reach_ms` is a length that the event does not exceed, one of a few, so that the events
-- of a window are found wherever the long ones began; it is empty where a time is. `bytes` is the
-- length of `body`. Events that were stored before have none of them: whoever looks for a window
-- reads those all.
ALTER TABLE events ADD COLUMN from_ms BIGINT;
ALTER TABLE events ADD COLUMN until_ms BIGINT;
ALTER TABLE events ADD COLUMN reach_ms BIGINT;
ALTER TABLE events ADD COLUMN bytes BIGINT;
CREATE INDEX events_times ON events (incident, reach_ms, from_ms, until_ms, bytes);

-- `origin` is where an edge starts from, `recorded_at` when it was last told; both may be empty.
ALTER TABLE edges ADD COLUMN origin TEXT;
ALTER TABLE edges ADD COLUMN recorded_at BIGINT;
CREATE INDEX edges_position ON edges (incident, position);

-- In an archive, `digest` of a provenance is the SHA-256 of its source and query.

-- What a source has to remember for its next run.
CREATE TABLE memory (
    archive TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    state   TEXT NOT NULL,
    PRIMARY KEY (archive, key)
);

CREATE TABLE leases (
    name     TEXT    NOT NULL PRIMARY KEY,
    holder   TEXT    NOT NULL,
    until_ms BIGINT NOT NULL
);

CREATE TABLE source_states (
    name TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);
