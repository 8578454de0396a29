-- Reports as they were at one moment; never changed, and gone only with their incident.
CREATE TABLE versions (
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    made_at  INTEGER NOT NULL,
    author   TEXT    NOT NULL,
    digest   TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    said     TEXT    NOT NULL,
    PRIMARY KEY (incident, number)
) STRICT;

-- How far the review of each report is. `revision` counts its changes, so that two who change it at
-- once do not undo each other.
CREATE TABLE reviews (
    incident TEXT    NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;

CREATE TABLE threads (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, id)
) STRICT;

CREATE TABLE comments (
    incident TEXT    NOT NULL,
    thread   TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, thread, id),
    FOREIGN KEY (incident, thread) REFERENCES threads (incident, id) ON DELETE CASCADE
) STRICT;

-- Who did what, in the order in which it was written down.
CREATE TABLE activity (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    body     TEXT    NOT NULL
) STRICT;

CREATE INDEX activity_incident ON activity (incident, seq);
