-- Reports as they were at one moment; never changed, and gone only with their incident.
CREATE TABLE versions (
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    number   BIGINT  NOT NULL,
    made_at  BIGINT  NOT NULL,
    author   TEXT    NOT NULL,
    digest   TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    said     TEXT    NOT NULL,
    PRIMARY KEY (incident, number)
);

-- How far the review of each report is. `revision` counts its changes, so that two who change it at
-- once do not undo each other.
CREATE TABLE reviews (
    incident TEXT    NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    revision BIGINT  NOT NULL,
    body     TEXT    NOT NULL
);

CREATE TABLE threads (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, id)
);

CREATE TABLE comments (
    incident TEXT    NOT NULL,
    thread   TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    at       BIGINT  NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (incident, thread, id),
    FOREIGN KEY (incident, thread) REFERENCES threads (incident, id) ON DELETE CASCADE
);

-- Who did what, in the order in which it was written down.
CREATE TABLE activity (
    seq      BIGSERIAL PRIMARY KEY,
    incident TEXT    NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    body     TEXT    NOT NULL
);

CREATE INDEX activity_incident ON activity (incident, seq);
