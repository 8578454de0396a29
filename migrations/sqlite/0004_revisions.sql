-- How often each part of an incident has changed, so that what was made of it can be kept until it does.
-- No foreign key: the count outlives its incident, so that one that is imported again under the same id
-- is not taken for the one before.
CREATE TABLE revisions (
    incident TEXT    NOT NULL,
    part     TEXT    NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (incident, part)
) STRICT, WITHOUT ROWID;
