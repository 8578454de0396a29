-- What people decide about suspects; `suspect` is the id of the event that began it.
CREATE TABLE judgements (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    suspect  TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, suspect)
);

-- What people set out to do.
CREATE TABLE actions (
    incident TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    id       TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (incident, id)
);

-- What each incident was like, as the version `engine` has it.
CREATE TABLE fingerprints (
    incident TEXT NOT NULL PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE,
    engine   TEXT NOT NULL,
    body     TEXT NOT NULL
);
